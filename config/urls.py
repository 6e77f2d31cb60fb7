"""Every address of the portal."""

from django.contrib import admin
from django.urls import include, path

api = [
    path("", include("portal.api.urls")),
    path("", include("merchants.api.urls")),
    path("", include("prepaid.api.urls")),
]

urlpatterns = [
    path("", include("portal.urls")),
    path("", include("core.urls")),
    path("", include("merchants.urls")),
    path("", include("prepaid.urls")),
    path("api/v1/", include((api, "api"))),
    path("admin/", admin.site.urls),
]
