"""经营数据 over the API, for the shop's own system and the officers of its region."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import Resource
from core.api.shapes import Output
from core.calendar import business_date
from core.errors import Invalid
from merchants.models import Merchant
from prepaid.offer_figures import Figures, figures_of

LONGEST = 366
DAYS = OpenApiParameter(
    "days",
    {"type": "integer", "minimum": 1, "maximum": LONGEST, "default": 30},
    description="到今天为止的天数",
)


class ShopDayOut(Output):
    """One day of a shop, as its own clock says."""

    on = serializers.DateField()
    views = serializers.IntegerField(help_text="浏览套餐")
    sold = serializers.IntegerField(help_text="新办卡")
    paid_in_fen = serializers.IntegerField(help_text="收到预付")
    released_fen = serializers.IntegerField(help_text="消费后付给商家，已扣当天的更正")
    refunded_fen = serializers.IntegerField()


class ShopSumsOut(Output):
    """The sums of the span."""

    views = serializers.IntegerField()
    sold = serializers.IntegerField()
    paid_in_fen = serializers.IntegerField()
    released_fen = serializers.IntegerField()
    refunded_fen = serializers.IntegerField()


class ConversionOut(Output):
    """How many of those who looked bought, between two days."""

    first = serializers.DateField()
    last = serializers.DateField()
    views = serializers.IntegerField()
    sold = serializers.IntegerField()
    percent = serializers.CharField(help_text="如 25.0%；没有人看过是「—」")


class ShopFiguresOut(Output):
    """What joining is worth to a shop."""

    badge_on = serializers.DateField(allow_null=True, help_text="存管标识从哪天起")
    before_badge = ConversionOut(source="before", allow_null=True)
    after_badge = ConversionOut(source="after")
    early_release = serializers.CharField(source="early", help_text="本地规则对提前支取怎么规定")
    total = ShopSumsOut()
    days = ShopDayOut(many=True, help_text="最近的在前")


class ShopFigures(Resource):
    """经营数据：money by date, and offer views against contracts before and after the badge."""

    model, shape = Merchant, ShopFiguresOut
    lookup_field = "public_code"

    @extend_schema(parameters=[DAYS], responses=ShopFiguresOut)
    def retrieve(self, request: Request, **_: Any) -> Response:
        """The last ``days`` days of one shop. Raises Invalid for a span that is none."""
        asked = request.query_params.get("days", "30")
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 4 and 1 <= int(asked) <= LONGEST):
            raise Invalid(fields={"days": f"填 1 到 {LONGEST} 天"})
        today = business_date()
        found: Figures = figures_of(self.get_object(), today - timedelta(days=int(asked) - 1), today)
        return Response(ShopFiguresOut(found).data)
