"""Searching trust units from programs: hand-written SQL and JSON, the framework for addresses, limits and the schema.

Nothing about the caller is asked or kept, so that caches on the way may share an answer for fifteen seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.views import APIView

from core.api.permissions import Anyone
from core.api.shapes import Output
from core.errors import Invalid
from core.throttle import count
from trust_units.search import finder, shape
from trust_units.search.asking import query_text, question_of
from trust_units.search.places import gazetteer
from trust_units.search.version import etag, units_version

FRESH = "public, max-age=15"
VARY = "Accept, Accept-Encoding"


class UnitMatch(Output):
    """How a unit fits the words asked for."""

    tier = serializers.ChoiceField(choices=shape.TIERS, help_text="从最准到最像")
    marks = serializers.DictField(help_text="sign_name、name、address 里命中的字：[起, 止) 的列表")


class NamedRegion(Output):
    """A region."""

    code = serializers.CharField(help_text="行政区划代码")
    name = serializers.CharField()


class NamedTrade(Output):
    """An industry."""

    code = serializers.IntegerField()
    name = serializers.CharField()


class FoundUnit(Output):
    """One trust unit found."""

    code = serializers.CharField()
    name = serializers.CharField()
    sign_name = serializers.CharField()
    address = serializers.CharField()
    region = NamedRegion()
    industry = NamedTrade()
    unit_type = serializers.CharField()
    status = serializers.CharField()
    stars = serializers.IntegerField()
    no_reason = serializers.BooleanField(help_text="线下无理由退货")
    custody = serializers.BooleanField(help_text="预付款锁定在银行")
    mall = serializers.BooleanField()
    position = serializers.ListField(child=serializers.FloatField(), allow_null=True, help_text="[经度, 纬度]，WGS84")
    distance_m = serializers.IntegerField(allow_null=True)
    branches = serializers.IntegerField(help_text="group=1 时，同一连锁找到几家")
    chain = serializers.IntegerField(allow_null=True, help_text="同一连锁的编号，可作参数 chain")
    match = UnitMatch(allow_null=True)


class UnitTotal(Output):
    """How many; ``gte``: at least."""

    value = serializers.IntegerField()
    relation = serializers.ChoiceField(choices=["eq", "gte"])


class UnitPage(Output):
    """One page of units."""

    items = FoundUnit(many=True)
    next = serializers.CharField(allow_null=True, help_text="下一页的 cursor")
    total = UnitTotal(allow_null=True)
    did_you_mean = serializers.CharField(allow_null=True, help_text="没有字面相同的，您是不是要找")
    facets = serializers.DictField(allow_null=True)


class UnitSuggestion(Output):
    """One name that begins like that."""

    code = serializers.CharField()
    text = serializers.CharField()
    address = serializers.CharField()
    region = NamedRegion()


class UnitSuggestions(Output):
    """At most eight."""

    items = UnitSuggestion(many=True)


def _parameter(name: str, text: str, kind: Any = str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=text, **more)


class PublicRead(APIView):
    """A read that is the same for everybody."""

    authentication_classes = []
    permission_classes = [Anyone]
    http_method_names = ["get", "head", "options"]

    def dispatch(self, request: Any, *given: Any, **named: Any) -> Any:
        """Reads go past the framework, which costs as much as the search itself; errors are the middleware's."""
        if request.method in ("GET", "HEAD"):
            return self.get(request)  # type: ignore[attr-defined]
        return super().dispatch(request, *given, **named)


def answered(request: HttpRequest, kind: str, make: Callable[[Any], bytes]) -> HttpResponse:
    """304 while nothing public has changed since; else ``make(cursor)``, which alone counts against the limit."""
    tag = etag(units_version(), f"{kind} {request.get_full_path()}")
    known = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    if "*" in known or tag in known:
        response: HttpResponse = HttpResponseNotModified()
    else:
        count(f"anon:{request.META.get('REMOTE_ADDR')}", settings.API_RATES["anon"])
        with connection.cursor() as cursor:
            response = HttpResponse(make(cursor), content_type=kind)
    response["ETag"] = tag
    response["Cache-Control"] = FRESH
    response["Vary"] = VARY
    return response


class UnitSearch(PublicRead):
    """放心消费单位."""

    @extend_schema(
        operation_id="units_list",
        responses=UnitPage,
        parameters=[
            _parameter("q", "店名、店招、地址、拼音、首字母、繁体、写错一两个字都行，最多 64 字"),
            _parameter("region", "行政区划代码，含下级；多个用逗号隔开"),
            _parameter("industry", "行业代码；多个用逗号隔开"),
            _parameter("stars_min", "至少几星", int),
            _parameter("no_reason", "1：线下无理由退货", int),
            _parameter("custody", "1：预付款锁定在银行", int),
            _parameter("mall", "1：商场、街区", int),
            _parameter("chain", "同一连锁", int),
            _parameter("near", "经度,纬度"),
            _parameter("datum", "near 的坐标系", enum=["wgs84", "gcj02", "bd09"]),
            _parameter("radius", "多少米以内；不写则从 1 公里逐步放大", int),
            _parameter("sort", "排序", enum=["relevance", "distance", "stars"]),
            _parameter("group", "1：同一连锁合成一行", int),
            _parameter("limit", "一页几家，最多 50", int),
            _parameter("cursor", "上一页给出的 next"),
            _parameter("format", "geojson 与 Accept: application/geo+json 相同", enum=["json", "geojson"]),
        ],
    )
    def get(self, request: HttpRequest) -> HttpResponse:
        """Search, filter or browse units that may call themselves trusted; at most 300 are looked at for words."""
        given = request.GET
        question = question_of(given.lists())
        is_map = given.get("format") == "geojson" or (
            "format" not in given and shape.GEOJSON in request.META.get("HTTP_ACCEPT", "")
        )
        write = shape.as_geojson if is_map else shape.as_json
        return answered(
            request,
            shape.GEOJSON if is_map else shape.JSON,
            lambda cursor: write(finder.answer(question, cursor), gazetteer()),
        )


class UnitSuggest(PublicRead):
    """放心消费单位."""

    @extend_schema(
        operation_id="units_suggest",
        responses=UnitSuggestions,
        parameters=[_parameter("q", "名称或拼音首字母的开头，最多 64 字", required=True)],
    )
    def get(self, request: HttpRequest) -> HttpResponse:
        """Up to eight names that begin like ``q``, by characters or by initials."""
        text = suggestion_text(request.GET.lists())
        return answered(
            request, shape.JSON, lambda cursor: shape.suggested(finder.suggestions(text, cursor), gazetteer())
        )


def suggestion_text(given: Any) -> str:
    """The one parameter of a suggestion. Raises Invalid."""
    parameters = dict(given)
    wrong = {name[:40]: "没有这个参数" for name in parameters if name != "q"}
    try:
        text = query_text(parameters.get("q", [""])[-1])
    except ValueError as error:
        wrong["q"] = str(error)
    if wrong:
        raise Invalid(fields=wrong)
    return text
