"""Figures over the API: the KPIs for officers, the bureaus' lateness and a shop's public record for everybody."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from complaints import figures_reports as reports
from complaints.models import Clock, ComplaintRollup, LatenessRollup
from complaints.public_record import public_ones, record_of
from core.api.permissions import Regulator
from core.api.resources import Public, Resource
from core.api.shapes import Output
from core.errors import NotFound
from merchants.api.serializers import MerchantBrief
from merchants.models import LISTED, Merchant

RECORDS = 20


class KpiOut(Output):
    """One figure with what it is made of."""

    code = serializers.CharField(source="now.kpi.code")
    title = serializers.CharField(source="now.kpi.label")
    unit = serializers.CharField(source="now.kpi.unit", help_text="rate 比率，count 件数，fen 分")
    numerator = serializers.IntegerField(source="now.num")
    denominator = serializers.IntegerField(source="now.den", help_text="件数和金额没有分母，是 0")
    basis_points = serializers.IntegerField(
        source="now.bp", allow_null=True, help_text="万分之几，不进位；没有到期的是空"
    )
    text = serializers.CharField(source="now.text")
    formula = serializers.CharField(source="now.kpi.formula")
    average = serializers.CharField(source="average.text", help_text="当年月均")
    change = serializers.IntegerField(allow_null=True, help_text="同比：比率是万分点，其他是万分之几")
    streak = serializers.IntegerField(help_text="连续满分的月数")


class IndicatorPointsOut(Output):
    """The points of one indicator of the efficacy score."""

    code = serializers.CharField(source="weight.kpi")
    points = serializers.IntegerField(source="weight.points", help_text="分值")
    got = serializers.CharField(source="text", help_text="得分")
    lost = serializers.CharField(source="lost_text", help_text="失分")
    why = serializers.CharField()
    basis = serializers.CharField(source="weight.basis")
    tag = serializers.CharField(source="weight.tag", help_text="T 已核原文，其余待核")
    pack = serializers.CharField(source="weight.pack_id", help_text="规则版本")


class KpisOut(Output):
    """One month of an area."""

    month = serializers.DateField(source="month.month")
    period = serializers.CharField()
    area = serializers.CharField()
    rule_version = serializers.CharField()
    closed_on = serializers.DateField(source="month.closed_on", allow_null=True, help_text="月结日；空是还会变动")
    counts = KpiOut(many=True)
    kpis = KpiOut(many=True, source="lines")
    score = serializers.CharField(help_text="效能评价，当年累计")
    full = serializers.IntegerField(help_text="满分")
    marks = IndicatorPointsOut(many=True)


class Kpis(Resource):
    """12315 指标：each with numerator, denominator, period and rule version, of one's own area."""

    model, shape = ComplaintRollup, KpisOut
    permission_classes = [Regulator]

    @extend_schema(
        responses=forced_singular_serializer(KpisOut),
        parameters=[
            OpenApiParameter("month", str, description="月份，例如 2026-10；不填是最近一个月"),
            OpenApiParameter("county", str, description="区县代码；不填是全部辖区"),
        ],
    )
    def list(self, request: Request) -> Response:
        """The figures of one month, for the area one answers for."""
        month = reports.month_of(request.query_params.get("month", ""), reports.months())
        county = request.query_params.get("county", "")
        if month is None or (county and county not in dict(reports.county_names(self.by))):
            raise NotFound
        return Response(KpisOut(reports.board(self.by, month, county=county, parts=False)).data)


class LatenessOut(Output):
    """How often one bureau was late with one limit in one month."""

    month = serializers.DateField(source="month_id")
    counted_until = serializers.DateTimeField(source="month.counted_until")
    county = serializers.CharField(source="county_id")
    county_name = serializers.CharField(source="county.name")
    limit = serializers.ChoiceField(source="code", choices=Clock.Code.choices)
    limit_text = serializers.CharField(source="get_code_display")
    due = serializers.IntegerField(help_text="到期件数")
    on_time = serializers.IntegerField(help_text="按时")
    late = serializers.IntegerField(help_text="逾期完成")
    unanswered = serializers.IntegerField(help_text="逾期还没有完成")
    late_days = serializers.IntegerField(help_text="逾期天数合计")
    worst_days = serializers.IntegerField(help_text="最长逾期天数")


class LatenessFilter(django_filters.FilterSet):
    """By month (its first day), county and limit."""

    month = django_filters.DateFilter(field_name="month_id")
    county = django_filters.CharFilter(field_name="county_id", max_length=12)
    limit = django_filters.ChoiceFilter(field_name="code", choices=Clock.Code.choices)


class LatenessList(ListModelMixin, Public):
    """监管部门自己的逾期：by county, limit and month, from the clocks."""

    model, shape = LatenessRollup, LatenessOut
    filterset_class = LatenessFilter

    def rows(self) -> QuerySet[Any]:
        """All of them: the bureau's lateness is public."""
        return LatenessRollup.objects.select_related("month", "county")


class RecordOut(Output):
    """One complaint on public view, with the shop's own words beside it."""

    text = serializers.CharField()
    merchant_reply = serializers.CharField()
    published_on = serializers.DateField()


class ComplaintRecordOut(Output):
    """The public complaints of a shop in twelve months, beside its redemptions."""

    merchant = MerchantBrief()
    first = serializers.DateField()
    last = serializers.DateField()
    complaints = serializers.IntegerField(source="frequency.count", help_text="公示的投诉，不含认定恶意和正在认定的")
    redemptions = serializers.IntegerField(source="frequency.of", help_text="核销次数")
    is_small = serializers.BooleanField(help_text="核销不到 100 次：太少，不算比例")
    per_thousand = serializers.SerializerMethodField(help_text="每千次核销的件数；太少时为空")
    low = serializers.SerializerMethodField(help_text="95% 威尔逊区间的下限，每千次")
    high = serializers.SerializerMethodField(help_text="95% 威尔逊区间的上限，每千次")
    text = serializers.CharField(source="says")
    records = serializers.SerializerMethodField()

    def get_per_thousand(self, found: Any) -> str | None:
        """Nothing where it would mislead."""
        return None if found.is_small else found.frequency.per_thousand

    def get_low(self, found: Any) -> str | None:
        """Nothing where it would mislead."""
        return None if found.is_small else found.frequency.bounds[0]

    def get_high(self, found: Any) -> str | None:
        """Nothing where it would mislead."""
        return None if found.is_small else found.frequency.bounds[1]

    @extend_schema_field(RecordOut(many=True))
    def get_records(self, found: Any) -> list[Any]:
        """The newest of them."""
        rows = public_ones(found.merchant).order_by("-published_on", "-pk")[:RECORDS]
        return list(RecordOut(rows, many=True).data)


class ComplaintRecords(RetrieveModelMixin, Public):
    """商家的投诉公示：complaints per thousand redemptions with its interval."""

    model, shape = Merchant, ComplaintRecordOut
    lookup_field = "public_code"

    def rows(self) -> QuerySet[Any]:
        """Shops on public view, and those that left."""
        return Merchant.objects.filter(status__in=[*LISTED, Merchant.Status.EXITED])

    def get_object(self) -> Any:
        """The record of the shop of the address."""
        return record_of(super().get_object())
