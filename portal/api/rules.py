"""The rules in force over the API, for everybody."""

from __future__ import annotations

from datetime import date
from typing import Any

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import Public
from core.api.shapes import Output
from core.calendar import business_date
from core.errors import Invalid
from core.models import Region, RulePack
from core.pack_schema import label_of, say
from core.rule_packs import NATION, rules


class RuleOut(Output):
    """One figure of law, the article it stands in, and how sure it is (T: read in the primary text)."""

    key = serializers.CharField()
    title = serializers.CharField(help_text="规则项的名称")
    value = serializers.JSONField(help_text="金额是分，比例是小数文本")
    text = serializers.CharField(help_text="值的文字写法")
    unit = serializers.CharField()
    base = serializers.CharField(help_text="比例的基数")
    basis = serializers.CharField(help_text="依据的条文")
    tag = serializers.CharField(help_text="T 已核原文，其余待核")
    pack = serializers.CharField(help_text="规则版本")
    conditions = serializers.DictField()


class RulesOut(Output):
    """Everything that holds in a region on a day."""

    region = serializers.CharField()
    on = serializers.DateField()
    rules = RuleOut(many=True)


class Rules(Public):
    """规则：what holds in a region on a day."""

    model, shape = RulePack, RulesOut

    @extend_schema(
        responses=forced_singular_serializer(RulesOut),
        parameters=[
            OpenApiParameter("region", str, description="行政区划代码；不填是全国"),
            OpenApiParameter("on", date, description="哪一天；不填是今天"),
        ],
    )
    def list(self, request: Request) -> Response:
        """Each figure once, from the nearest pack that has it."""
        code = request.query_params.get("region") or NATION
        if code != NATION and not (len(code) <= 12 and code.isascii() and code.isdigit()):
            raise Invalid(fields={"region": "填行政区划代码，例如 330108"})
        if code != NATION and not Region.objects.filter(pk=code).exists():
            raise Invalid(fields={"region": "没有这个行政区划代码"})
        day = _day(request.query_params.get("on"))
        found = [_row(key, value) for key, value in sorted(rules(code, day).items())]
        return Response(RulesOut({"region": code, "on": day, "rules": found}).data)


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else business_date()
    except ValueError:
        raise Invalid(fields={"on": "日期写成 2026-10-01"}) from None


def _row(key: str, rule: Any) -> dict[str, Any]:
    return {
        "key": key, "title": label_of(key), "value": rule.value, "text": say(key, rule.value, rule.unit),
        "unit": rule.unit, "base": rule.base, "basis": rule.basis, "tag": rule.tag, "pack": rule.pack_id,
        "conditions": rule.conditions,
    }  # fmt: skip
