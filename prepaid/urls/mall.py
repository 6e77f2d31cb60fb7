"""Addresses of the mall's own pages."""

from django.urls import URLPattern, path

from prepaid.views import malls

urlpatterns: list[URLPattern] = [
    path("mall/", malls.home, name="mall"),
    path("mall/tenants/<int:pk>/", malls.tenant, name="mall_tenant"),
    path("mall/tenants/<int:pk>/lock-out/", malls.lock_out, name="mall_lock_out"),
    path("mall/tenants/<int:pk>/closing/", malls.declare, name="mall_declare"),
    path("mall/tenants/<int:pk>/<str:step>/", malls.tenant_step, name="mall_tenant_step"),
    path("mall/closings/<str:code>/<str:step>/", malls.closing_step, name="mall_closing"),
    path("mall/measures/", malls.measures, name="mall_measures"),
    path("mall/measures/<str:code>/", malls.measure, name="mall_measure"),
]
