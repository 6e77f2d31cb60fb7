"""Addresses of trust units, by audience."""

from trust_units.urls.console import urlpatterns as console_patterns
from trust_units.urls.public import urlpatterns as public_patterns

app_name = "trust_units"
urlpatterns = [*console_patterns, *public_patterns]
