"""Lists come in pages by cursor: no counts, no offsets, no page that slips while it is read."""

from typing import Any

from rest_framework.pagination import CursorPagination
from rest_framework.response import Response


class CursorPaging(CursorPagination):
    """``{"next", "previous", "results"}``; ``page_size`` up to 100; newest first unless the view says."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 100
    invalid_cursor_message = "游标无效，请从第一页重新取"

    def get_paginated_response(self, data: Any) -> Response:
        """The page with links to its neighbours."""
        return Response({"next": self.get_next_link(), "previous": self.get_previous_link(), "results": data})
