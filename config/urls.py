"""Every address of the portal."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView

from core.api.clients import ClientTokenView
from core.api.schema import Documentation

api = [
    # First, since the search is asked most and an address is looked for from the top.
    path("", include("trust_units.api.urls")),
    path("", include("portal.api.urls")),
    path("", include("merchants.api.urls")),
    path("", include("prepaid.api.urls")),
    path("", include("complaints.api.urls")),
]

urlpatterns = [
    path("api/v1/", include((api, "api"))),
    path("", include("portal.urls")),
    path("", include("core.urls")),
    path("", include("merchants.urls")),
    path("", include("prepaid.urls")),
    path("", include("complaints.urls")),
    path("", include("trust_units.urls")),
    path("api/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("api/docs/", Documentation.as_view(), name="api_docs"),
    path("oauth/token/", ClientTokenView.as_view(), name="oauth_token"),
    path("admin/", admin.site.urls),
]

handler400 = "core.api.problems.bad_request"
handler403 = "core.api.problems.forbidden"
handler404 = "core.api.problems.page_not_found"
handler500 = "core.api.problems.server_error"
