"""Where the custodian bank calls back."""

from django.urls import path

from prepaid.views import custodian

urlpatterns = [path("custodian/callback/", custodian.callback, name="custodian_callback")]
