"""Addresses of complaints, by audience."""

from complaints.urls.console import urlpatterns as console_patterns
from complaints.urls.consumer import urlpatterns as consumer_patterns
from complaints.urls.public import urlpatterns as public_patterns

app_name = "complaints"
urlpatterns = [*consumer_patterns, *console_patterns, *public_patterns]
