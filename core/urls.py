"""Addresses for signing in."""

from django.urls import path

from core import pack_views, views

app_name = "core"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/phone/", views.sign_in_by_phone, name="sign_in_phone"),
    path("sign-in/code/", views.sign_in_code, name="sign_in_code"),
    path("rules/", pack_views.rules_in_force, name="rules"),
    path("sign-out/", views.sign_out, name="sign_out"),
]
