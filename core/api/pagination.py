"""Lists come in pages by cursor: no counts, no offsets, no page that slips while it is read."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Invalid


class CursorPaging(CursorPagination):
    """``{"next", "previous", "results"}``; ``page_size`` up to 100; newest first unless the view says."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        """The view's order, which must be the same for every page."""
        return tuple(view.paged_by)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """One page. Raises Invalid for a cursor that somebody made up."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, OverflowError, ValidationError) as error:
            raise Invalid(fields={"cursor": "游标无效，请从第一页重新取"}) from error

    def get_paginated_response(self, data: Any) -> Response:
        """The page with links to its neighbours."""
        return Response({"next": self.get_next_link(), "previous": self.get_previous_link(), "results": data})
