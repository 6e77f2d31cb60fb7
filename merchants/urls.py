"""Addresses of merchant registration and the console of the shop itself."""

from django.urls import URLPattern

app_name = "merchants"
urlpatterns: list[URLPattern] = []
