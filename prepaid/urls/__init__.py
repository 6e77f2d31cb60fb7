"""Addresses of prepaid pages, by audience."""

from prepaid.urls.console import urlpatterns as console_patterns
from prepaid.urls.consumer import urlpatterns as consumer_patterns
from prepaid.urls.custodian import urlpatterns as custodian_patterns
from prepaid.urls.mall import urlpatterns as mall_patterns
from prepaid.urls.public import urlpatterns as public_patterns

app_name = "prepaid"
urlpatterns = [*consumer_patterns, *console_patterns, *custodian_patterns, *mall_patterns, *public_patterns]
