"""The mould of the API: a resource reads what the caller may see, and each verb is one action."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from core.actors import Actor
from core.api.once import answer_once
from core.api.permissions import Anyone, SignedIn
from core.api.shapes import Input, Nothing, Output
from core.api.throttles import AnonymousThrottle
from core.errors import NotFound

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    required=True,
    description="同一笔业务重试时用同一个值：只办理一次，再次返回同样的结果",
)
NUMBER = "[0-9]{1,18}"
Work = Callable[[Any, Any, dict[str, Any], Actor], Model]


class Resource(GenericViewSet[Any]):
    """Rows of one kind, as far as the caller may see them. Subclasses name ``model``, ``shape`` and ``rows``."""

    permission_classes = [SignedIn]
    throttle_classes = [AnonymousThrottle]
    lookup_field = "code"
    lookup_value_regex = "[0-9A-Z]{16}"
    filterset_class: Any = None
    paged_by: tuple[str, ...] = ("-id",)
    model: Any
    shape: type[Output]
    row: type[Output] | None = None

    def rows(self) -> QuerySet[Any]:
        """What the caller may read."""
        return self.model._default_manager.visible_to(self.by)

    @cached_property
    def by(self) -> Actor:
        """The caller."""
        return Actor.of(self.request)

    def get_queryset(self) -> QuerySet[Any]:
        """The rows; none while the schema is drawn, when nobody calls."""
        return self.model._default_manager.none() if self._drawn else self.rows()

    def get_serializer_class(self) -> Any:
        """Short rows in lists, everything in details."""
        return self.row or self.shape if self.action == "list" else self.shape

    def get_serializer_context(self) -> dict[str, Any]:
        """With the caller, for ``allowed``."""
        return {**super().get_serializer_context(), "by": None if self._drawn else self.by}

    @property
    def _drawn(self) -> bool:
        return bool(getattr(self, "swagger_fake_view", False))

    def get_object(self) -> Any:
        """The object of the address. Raises NotFound for what does not exist and for what the caller may not see."""
        return self.find(self.get_queryset(), **{self.lookup_field: self.kwargs[self.lookup_field]})

    def find(self, rows: QuerySet[Any], **wanted: Any) -> Any:
        """The one row of ``rows``. Raises NotFound."""
        found = rows.filter(**wanted).first()
        if found is None:
            raise NotFound
        return found

    def checked(self, takes: type[Input]) -> dict[str, Any]:
        """The body, checked by its shape."""
        body = takes(data=self.request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def body_of(self, pk: Any) -> Any:
        """The object with this key, freshly read, as the detail shows it."""
        return self.shape(self.find(self.get_queryset(), pk=pk), context=self.get_serializer_context()).data

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Answers made for one caller are not kept by anybody on the way."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response


class Listed(ListModelMixin, RetrieveModelMixin, Resource):
    """A resource with a list and details."""


@method_decorator(conditional_page, name="dispatch")
class Public(Resource):
    """Public information: nobody signs in, and ``If-None-Match`` saves sending it again."""

    permission_classes = [Anyone]
    authentication_classes = []

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """May be kept, but is asked after each time."""
        patch_cache_control(response, public=True, no_cache=True)
        return super().finalize_response(request, response, *args, **kwargs)


def _key_of(row: Model) -> int | str:
    """The key as JSON can hold it."""
    return row.pk if isinstance(row.pk, int) else str(row.pk)


def verb(
    gives: type[Output],
    takes: type[Input] = Nothing,
    *,
    scope: str = "write",
    status: int = 200,
    on: str = "one",
    path: str = "",
    read: Callable[[Any, Any], Any] | None = None,
) -> Callable[[Work], Any]:
    """Make ``work(self, obj, data, by) -> row`` a POST that needs an Idempotency-Key.

    ``on`` is ``one`` (the object of the address) or ``all`` (``obj`` is None). The answer is the row read afresh
    by ``read(self, pk)``, or the resource's own detail. ``scope`` is what an API client's token must carry.
    """

    def make(work: Work) -> Any:
        name = work.__name__

        def view(self: Resource, request: Request, **_: Any) -> Response:
            obj = self.get_object() if self.lookup_field in self.kwargs else None
            data = self.checked(takes)
            return answer_once(
                request,
                lambda by: _key_of(work(self, obj, data, by)),
                lambda pk: read(self, pk) if read else self.body_of(pk),
                status=status,
            )

        view.__name__, view.__doc__ = name, work.__doc__
        view.scope = scope  # type: ignore[attr-defined]
        if name != "create":
            view = action(detail=on == "one", methods=["post"], url_path=path or name.replace("_", "-"))(view)
        return extend_schema(
            request=None if takes is Nothing else takes,
            responses={status: gives},
            parameters=[IDEMPOTENCY_KEY],
            description=work.__doc__,
        )(view)

    return make
