"""Forms about cards sold before joining."""

from __future__ import annotations

from typing import Any

from django import forms

from prepaid.card_import import MAX_BYTES, MOST_TIMES, Entry, entry_of
from prepaid.forms.console import YuanField
from prepaid.forms.filings import DAY
from prepaid.models import LegacyCard, Plan

TIMES = {"min_value": "填 1 次以上", "max_value": "次数太多", "invalid": "填次数，如 4"}


def times_field(**more: Any) -> forms.IntegerField:
    """How often a count card can still be used."""
    return forms.IntegerField(
        label="剩余次数", required=False, min_value=1, max_value=MOST_TIMES, error_messages=TIMES, **more
    )


class LegacyCardForm(forms.Form):
    """One card, with the fields of the list."""

    phone = forms.CharField(
        label="顾客手机号", max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel"}),
        error_messages={"required": "填顾客的手机号"},
    )  # fmt: skip
    name = forms.CharField(label="顾客姓名", max_length=40, required=False, help_text="可以不填")
    kind = forms.ChoiceField(
        label="类型", choices=LegacyCard.KINDS, widget=forms.RadioSelect, initial=Plan.Kind.STORED_VALUE
    )
    card = forms.CharField(label="卡名", max_length=40, required=False, help_text="如「充三千送六百」")
    balance = forms.CharField(
        label="余额（元）", max_length=20, help_text="次卡填剩下的次数一共值多少钱",
        widget=forms.TextInput(attrs={"data-affix": "¥", "inputmode": "decimal"}),
        error_messages={"required": "填余额，如 1280.00"},
    )  # fmt: skip
    times = times_field(help_text="次卡才填")
    bought_on = forms.DateField(
        label="办卡日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "填办卡日期", **DAY},
    )

    def entry(self, today: Any) -> Entry:
        """The card, checked as a row of a list is. Raises Invalid."""
        given = {name: str(value or "").strip() for name, value in self.cleaned_data.items()}
        return entry_of(given | {"kind": str(Plan.Kind(given["kind"]).label)}, today)


class CardFileForm(forms.Form):
    """A list of cards."""

    file = forms.FileField(
        label="老卡清单",
        help_text="XLSX 或 CSV（UTF-8、GBK 都行），10 MB 以内，最多 5 万行",
        error_messages={"required": "选一份清单", "empty": "文件是空的"},
    )

    def clean_file(self) -> Any:
        """Not too large."""
        sent = self.cleaned_data["file"]
        if sent.size > MAX_BYTES:
            raise forms.ValidationError("文件超过 10 MB，请分成几份")
        return sent


class RestForm(forms.Form):
    """What is left in the eyes of whoever fills it in."""

    fen = YuanField(label="您记得还剩多少（元）", error_messages={"required": "填余额，如 1280.00"})
    times = times_field()
    remark = forms.CharField(
        label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="有收据、聊天记录的，写明在哪里能看到",
    )  # fmt: skip

    def __init__(self, card: LegacyCard, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["times"].required = True
        self.fields["times"].error_messages["required"] = "填还剩几次"
        if card.kind != Plan.Kind.COUNT:
            del self.fields["times"]


class UseForm(forms.Form):
    """One visit on an old card."""

    item = forms.CharField(label="做了什么", max_length=24, error_messages={"required": "填做了什么"})
    amount = YuanField(label="扣多少（元）", required=False)
    times = times_field()

    def __init__(self, card: LegacyCard, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["amount" if card.kind == Plan.Kind.COUNT else "times"]
        name = "times" if card.kind == Plan.Kind.COUNT else "amount"
        self.fields[name].label = "扣几次" if name == "times" else "扣多少（元）"
        self.fields[name].required = True
        self.fields[name].error_messages["required"] = "填扣多少"


class MoveForm(forms.Form):
    """Under the terms of which plan the rest goes into the bank."""

    plan = forms.ChoiceField(
        label="按哪个套餐的条款", widget=forms.RadioSelect, error_messages={"required": "选一个套餐"}
    )

    def __init__(self, card: LegacyCard, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plans = Plan.objects.filter(
            merchant=card.merchant_id, kind=card.kind, status=Plan.Status.ON_SALE, payment_kind="PREPAID"
        ).order_by("price_fen")
        field = self.fields["plan"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(plan.pk), plan.name) for plan in plans]
