"""The API's pages for engineers: Swagger UI under our own strict policy."""

from typing import ClassVar

from drf_spectacular.views import SpectacularSwaggerSplitView


class Documentation(SpectacularSwaggerSplitView):
    """``/api/docs/``: the page and its start-up script are two answers, so that no script stands inline."""

    template_name = "portal/api_docs.html"
    authentication_classes: ClassVar[list[type]] = []
