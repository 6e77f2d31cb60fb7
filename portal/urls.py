"""Addresses of the public pages."""

from django.conf import settings
from django.urls import path

from portal import calculator, merchant_views, patterns, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("shops/", views.shops, name="shops"),
    path("shops/<str:code>/", views.shop, name="shop"),
    path("shops/<str:code>/qr.svg", views.shop_qr, name="shop_qr"),
    path("after-sign-in/", views.after_sign_in, name="after_sign_in"),
    path("console/", merchant_views.console, name="console"),
    path("console/todo/", merchant_views.merchant_todo, name="merchant_todo"),
    path("calculator/", calculator.refund_calculator, name="refund_calculator"),
    path("theme/", views.theme, name="theme"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("demo/messages/", views.demo_messages, name="demo_messages"),
]
if not settings.IS_PROD:
    urlpatterns.append(path("patterns/", patterns.patterns, name="patterns"))
