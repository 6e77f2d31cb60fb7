"""The public refund calculator: anybody enters figures and gets the lines of a real refund. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.views.decorators.http import require_GET

from core.calendar import business_date
from core.errors import Invalid
from core.interest import parse_percent, rate_on
from core.money import parse_yuan
from prepaid.refunds import (
    Cause,
    Facts,
    Interest,
    Kind,
    LotFacts,
    RateBase,
    Statement,
    base_without_agreement,
    compute,
)

MOST_TIMES, MOST_DAYS = 10_000, 36_500
CAUSES = (
    (Cause.MERCHANT, "商家的原因，或者都没错", "搬迁、关店、换老师、质量不对"),
    (Cause.CONSUMER, "我自己不想用了", "已用的按打折前的价格算"),
    (Cause.COOLING_OFF, "付款不到 7 天", "没用过退全部本金"),
    (Cause.EXPIRED, "到期没有用完", "浙江：剩下的可以退，也可以延期"),
)
INTEREST = ("ended_on", "contract_on", "agreed", "unlocked")
OPPOSITE = {Cause.MERCHANT: Cause.CONSUMER, Cause.CONSUMER: Cause.MERCHANT}


def interest_facts(
    cause: Cause,
    paid_fen: int,
    *,
    today: date,
    ended_on: date | None,
    contract_on: date | None = None,
    locked: bool = True,
    agreed_ppm: int | None = None,
) -> Interest:
    """Interest since the contract ended (法释〔2025〕4号第16、17条), by the rate table; 0 days where it ends today."""
    days = max(0, (today - ended_on).days) if ended_on else 0
    rest = rate_on(base_without_agreement(cause), contract_on or ended_on or today)
    return Interest(days, paid_fen if locked else 0, rate_on(RateBase.CUSTODY, today), rest, agreed_ppm)


class AmountField(forms.CharField):
    """An amount in yuan, cleaned to fen; 0 and empty are 0 where nothing is required."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"data-affix": "¥", "inputmode": "decimal"})
        super().__init__(max_length=20, widget=widget, **options)

    def clean(self, value: Any) -> Any:
        """The fen."""
        text = str(super().clean(value) or "").strip()
        if not self.required and not text.strip("0.．０"):
            return 0
        try:
            return parse_yuan(text)
        except Invalid as error:
            raise forms.ValidationError(error.fields["amount"]) from error


def _times(label: str, *, required: bool = True, least: int = 0, most: int = MOST_TIMES, hint: str = "") -> Any:
    said = f"填 {least} 到 {most} 的整数"
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, required=required, help_text=hint,
        error_messages={"required": said, "invalid": said, "min_value": said, "max_value": said},
    )  # fmt: skip


class CalculatorForm(forms.Form):
    """What every kind of card is asked: paid, why, and what interest needs."""

    kind: ClassVar[Kind]
    paid = AmountField(label="您付了多少", error_messages={"required": "填您付了多少"})
    cause = forms.ChoiceField(
        label="为什么退",
        choices=[(value, format_html("{}<small>{}</small>", text, hint)) for value, text, hint in CAUSES],
        widget=forms.RadioSelect,
        initial=Cause.MERCHANT,
        error_messages={"required": "选一个退款原因", "invalid_choice": "选一个退款原因"},
    )
    ended_on = forms.DateField(
        label="合同哪天解除的",
        help_text="从这天起算利息；今天解除就不填",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "日期写成 2026-03-01 这样"},
    )
    contract_on = forms.DateField(
        label="合同哪天签的",
        help_text="利率按签约那天的算",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "日期写成 2026-03-01 这样"},
    )
    agreed = forms.CharField(
        label="合同约定的年利率",
        help_text="百分之几；没有约定就不填",
        required=False,
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    unlocked = forms.BooleanField(label="钱没有锁定在存管账户里", required=False)

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """The payment and the cause."""
        return [field for field in self if field.name not in INTEREST]

    @property
    def interest_fields(self) -> list[forms.BoundField]:
        """What only interest needs."""
        return [field for field in self if field.name in INTEREST]

    @property
    def asks_interest(self) -> bool:
        """Whether somebody filled them."""
        return any(self.data.get(name) for name in INTEREST)

    def clean_agreed(self) -> int | None:
        """In millionths."""
        text = self.cleaned_data["agreed"]
        try:
            return parse_percent(text, field="agreed") if text else None
        except Invalid as error:
            raise forms.ValidationError(error.fields["agreed"]) from error

    def clean_ended_on(self) -> date | None:
        """Not in the future."""
        day: date | None = self.cleaned_data["ended_on"]
        if day and not date(2000, 1, 1) <= day <= business_date():
            raise forms.ValidationError("解除的日期不能晚于今天")
        return day

    def lot(self, data: Mapping[str, Any]) -> LotFacts:
        """The payment as the engine wants it."""
        raise NotImplementedError

    def facts(self, cause: str) -> Facts:
        """What was entered, for a cause. Raises ValueError for figures that contradict each other."""
        data, reason = self.cleaned_data, Cause(cause)
        lot = self.lot(data)
        interest = interest_facts(
            reason, lot.paid_fen, today=business_date(), ended_on=data["ended_on"],
            contract_on=data["contract_on"], locked=not data["unlocked"], agreed_ppm=data["agreed"],
        )  # fmt: skip
        return Facts(self.kind, reason, (lot,), interest)


class GiftForm(CalculatorForm):
    """So much paid, so much given on top, used at face."""

    kind = Kind.STORED_VALUE
    gift = AmountField(label="另外送了多少", required=False)
    used = AmountField(label="已经用了多少", help_text="按价目表上的金额，有异议的先不算", required=False)
    field_order = ("paid", "gift", "used")

    def lot(self, data: Mapping[str, Any]) -> LotFacts:
        """At face."""
        return LotFacts(data["paid"], bonus_fen=data["gift"], used_face_fen=data["used"])


class DiscountForm(CalculatorForm):
    """Money spent at a discount."""

    kind = Kind.STORED_VALUE
    price = AmountField(label="打折前每次多少", error_messages={"required": "填打折前每次多少"})
    tenths = forms.DecimalField(
        label="打几折",
        help_text="八折填 8，八五折填 8.5",
        max_digits=4,
        decimal_places=2,
        error_messages={"required": "填打几折，如 8 或 8.5", "invalid": "填打几折，如 8 或 8.5"},
    )
    times = _times("已经用了几次")
    field_order = ("paid", "price", "tenths", "times")

    def clean_tenths(self) -> Fraction:
        """As a part of one."""
        discount = Fraction(self.cleaned_data["tenths"]) / 10
        if not 0 < discount <= 1:
            raise forms.ValidationError("折扣在 0 到 10 之间，八折填 8")
        return discount

    def lot(self, data: Mapping[str, Any]) -> LotFacts:
        """By the list price."""
        return LotFacts(data["paid"], list_price_fen=data["price"], discount=data["tenths"], times_used=data["times"])


class CountForm(CalculatorForm):
    """So many times, some of them given."""

    kind = Kind.COUNT
    times_paid = _times("买了几次", least=1)
    times_bonus = _times("另外送了几次", required=False)
    times = _times("已经用了几次")
    price = AmountField(label="单独买一次多少", help_text="自己不想用时按它算；不知道就不填", required=False)
    field_order = ("paid", "times_paid", "times_bonus", "times", "price")

    def lot(self, data: Mapping[str, Any]) -> LotFacts:
        """By times."""
        return LotFacts(
            data["paid"], times_paid=data["times_paid"], times_bonus=data["times_bonus"] or 0,
            times_used=data["times"], list_price_fen=data["price"] or None,
        )  # fmt: skip


class TermForm(CalculatorForm):
    """Unlimited use for a time."""

    kind = Kind.UNLIMITED_TERM
    total_days = _times("一共多少天", least=1, most=MOST_DAYS, hint="年卡填 365，停卡的天数不算")
    left_days = _times("还剩多少天", most=MOST_DAYS, hint="从解除，或者商家停止服务那天算，取早的")
    visited = forms.BooleanField(label="已经去过", required=False)
    field_order = ("paid", "total_days", "left_days", "visited")

    def lot(self, data: Mapping[str, Any]) -> LotFacts:
        """By days."""
        return LotFacts(
            data["paid"], total_days=data["total_days"], left_days=data["left_days"], times_used=int(data["visited"])
        )


class PeriodForm(CalculatorForm):
    """Services paid by the period."""

    kind = Kind.PER_PERIOD
    unserved = AmountField(label="还没有服务的各期一共多少", required=False)
    field_order = ("paid", "unserved")

    def lot(self, data: Mapping[str, Any]) -> LotFacts:
        """By what was not served."""
        return LotFacts(data["paid"], unserved_fen=data["unserved"])


CARDS: dict[str, tuple[str, type[CalculatorForm]]] = {
    "gift": ("充值送钱的卡", GiftForm),
    "discount": ("打折的卡", DiscountForm),
    "count": ("次卡", CountForm),
    "term": ("不限次的期限卡", TermForm),
    "period": ("按期服务", PeriodForm),
}
CONTRADICTION = "这些数字互相矛盾，例如剩下的比一共的还多，请核对"


@login_not_required
@require_GET
def refund_calculator(request: HttpRequest) -> HttpResponse:
    """Choose the card, enter the figures, read the sum line by line; the address alone holds what was entered."""
    chosen = request.GET.get("card", "")
    card = chosen if chosen in CARDS else "gift"
    form_class = CARDS[card][1]
    asked = "paid" in request.GET
    form = form_class(request.GET if asked else None)
    context: dict[str, Any] = {
        "cards": [(value, text) for value, (text, _) in CARDS.items()],
        "card": card,
        "form": form,
        "shared": request.get_full_path() if asked else "",
    }
    status = 200
    if asked and form.is_valid():
        try:
            context |= _answer(form)
        except ValueError:
            form.add_error(None, CONTRADICTION)
    if asked and form.errors:
        status = 400
    return render(request, "portal/calculator.html", context, status=status)


def _answer(form: CalculatorForm) -> dict[str, Any]:
    cause = Cause(form.cleaned_data["cause"])
    statement = compute(form.facts(cause))
    other = OPPOSITE.get(cause)
    return {
        "statement": statement,
        "cause_text": {value: text for value, text, _ in CAUSES}[cause],
        "other": _other(form, other, statement) if other else None,
        "other_cause": other,
    }


def _other(form: CalculatorForm, cause: Cause, statement: Statement) -> Statement | None:
    """The sum for the other side's cause, where it differs."""
    found = compute(form.facts(cause))
    return found if found.total_fen != statement.total_fen else None
