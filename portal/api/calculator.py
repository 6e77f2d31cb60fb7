"""The refund calculator for programs: the same engine as real refunds, nothing stored."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import Public
from core.api.shapes import Output
from core.calendar import business_date
from core.errors import Invalid
from core.models import Region
from core.money import MAX_FEN
from portal.calculator import CONTRADICTION, MOST_DAYS, MOST_TIMES, interest_facts
from prepaid.refunds import Cause, Facts, Kind, LotFacts, compute


def _fen(text: str, **options: Any) -> Any:
    return serializers.IntegerField(min_value=0, max_value=MAX_FEN, help_text=text, **options)


def _count(text: str, most: int = MOST_TIMES) -> Any:
    return serializers.IntegerField(min_value=0, max_value=most, required=False, help_text=text)


class CalculatorQuery(serializers.Serializer[Any]):
    """A payment and how it was used; each kind reads only its own figures."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    cause = serializers.ChoiceField(
        choices=[cause.value for cause in Cause], help_text="MERCHANT 是所有不属于消费者的原因"
    )
    paid_fen = _fen("实付")
    bonus_fen = _fen("赠送", required=False)
    used_face_fen = _fen("储值：已用面值", required=False)
    list_price_fen = _fen("优惠前单价", required=False)
    discount = serializers.DecimalField(
        max_digits=5, decimal_places=4, min_value=0, max_value=1, required=False, help_text="0.8 是八折"
    )
    times_paid = _count("次卡：购买次数")
    times_bonus = _count("次卡：赠送次数")
    times_used = _count("已用次数")
    used_value_fen = _fen("双方确认的已用价值", required=False)
    total_days = _count("期限卡：总天数", MOST_DAYS)
    left_days = _count("期限卡：剩余天数", MOST_DAYS)
    unserved_fen = _fen("按期：未服务各期合计", required=False)
    contract_on = serializers.DateField(required=False, help_text="签约日，利率按这天")
    ended_on = serializers.DateField(required=False, help_text="解除日，利息从这天起")
    agreed_ppm = serializers.IntegerField(
        min_value=0, max_value=360_000, required=False, help_text="约定年利率，百万分之一"
    )
    locked = serializers.BooleanField(required=False, default=True, help_text="钱是否锁定在存管账户")


class CalculatorLine(Output):
    """One step of the sum with its article."""

    label = serializers.CharField()  # type: ignore[assignment]
    formula = serializers.CharField()
    article = serializers.CharField()
    amount_fen = serializers.IntegerField()
    open_point = serializers.CharField(help_text="法律没有写明之处")


class CalculatorOut(Output):
    """What the law gives back."""

    kind = serializers.CharField()
    cause = serializers.CharField()
    on = serializers.DateField()
    total_fen = serializers.IntegerField(help_text="应退，向上取整到分，不低于 0")
    lines = CalculatorLine(many=True)
    open_points = serializers.ListField(child=serializers.CharField(), help_text="法律没有写明之处，各说一次")


INTEREST = ("contract_on", "ended_on", "agreed_ppm", "locked")


class Calculator(Public):
    """退款计算：for anybody, without signing in."""

    model, shape = Region, CalculatorOut

    @extend_schema(parameters=[CalculatorQuery], responses=CalculatorOut)
    def retrieve(self, request: Request) -> Response:
        """The refund of one payment, line by line with the article. Nothing is stored."""
        query = CalculatorQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        data, today = dict(query.validated_data), business_date()
        kind, cause = Kind(data.pop("kind")), Cause(data.pop("cause"))
        about = {name: data.pop(name) for name in INTEREST if name in data}
        ended_on = about.pop("ended_on", None)
        if ended_on and not ended_on <= today:
            raise Invalid(fields={"ended_on": "解除的日期不能晚于今天"})
        try:
            if "discount" in data:
                data["discount"] = Fraction(data["discount"])
            interest = interest_facts(cause, data["paid_fen"], today=today, ended_on=ended_on, **about)
            statement = compute(Facts(kind, cause, (LotFacts(**data),), interest))
        except ValueError:
            raise Invalid(CONTRADICTION) from None
        answer = {"kind": kind, "cause": cause, "on": today, **vars(statement), "open_points": statement.open_points}
        return Response(CalculatorOut(answer).data)
