"""Forms of the shop's filing and of its what-if."""

from __future__ import annotations

from typing import Any

from django import forms

from core.models import Region
from merchants.models import Merchant
from prepaid.filing_need import SECTOR_WORDS
from prepaid.forms.console import YuanField
from prepaid.models import FilingDocument, IssuerClass

DAY = {"invalid": "日期写成 2026-10-01"}


def day_field(label: str, **kwargs: Any) -> forms.DateField:
    """A day, picked or typed."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), error_messages=DAY, **kwargs)


class SumField(YuanField):
    """An amount in yuan that may be nought."""

    def clean(self, value: Any) -> Any:
        """Whole fen; empty is None."""
        typed = str(value or "").strip()
        return 0 if typed and not typed.strip("0.") else super().clean(value)


class FilingForm(forms.Form):
    """What an issuer declares; what a class does not need may stay empty."""

    issuer_class = forms.ChoiceField(
        label="发卡企业类别",
        widget=forms.RadioSelect,
        help_text="集团、品牌报省级，规模企业报设区的市，其他报区县",
        error_messages={"required": "选一个类别"},
    )
    started_on = day_field("开始卖卡的日期", required=False)
    statement = forms.CharField(
        label="发卡业务说明",
        help_text="卖哪些卡、在哪些门店用、怎样退款",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    group_name = forms.CharField(
        label="集团或品牌名称", help_text="集团、品牌发卡企业填", max_length=60, required=False
    )
    revenue_fen = SumField(label="上年度主营业务收入", help_text="规模、集团、品牌发卡企业填", required=False)
    capital_fen = SumField(label="注册资本", help_text="规模、集团、品牌发卡企业填", required=False)
    custody_bank = forms.CharField(
        label="资金存管银行", help_text="规模、集团、品牌发卡企业填", max_length=60, required=False
    )

    def __init__(self, merchant: Merchant, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = merchant.kind == Merchant.Kind.INDIVIDUAL
        choices = [one for one in IssuerClass.choices if (one[0] == IssuerClass.INDIVIDUAL) == own]
        field = self.fields["issuer_class"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        if own:
            field.initial = IssuerClass.INDIVIDUAL


class DocumentForm(forms.Form):
    """One piece of evidence."""

    kind = forms.ChoiceField(
        label="材料", choices=FilingDocument.Kind.choices, error_messages={"required": "选材料种类"}
    )
    file = forms.FileField(
        label="文件",
        help_text="JPG、PNG、WebP 图片或 PDF，10 MB 以内",
        error_messages={"required": "选一个文件", "empty": "文件是空的"},
    )


class ReportForm(forms.Form):
    """What the shop says to the figures of a quarter."""

    remark = forms.CharField(
        label="说明",
        help_text="数据取自账本；和您自己的账不一样时写明，没有可以不填",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class CancelForm(forms.Form):
    """Why a filing ends."""

    reason = forms.CharField(
        label="注销的理由",
        min_length=5,
        max_length=300,
        error_messages={"required": "写明理由，至少 5 个字", "min_length": "理由至少写 5 个字"},
    )


class WhatIfForm(forms.Form):
    """Other numbers to try; nothing is written."""

    region = forms.ChoiceField(label="地区")
    sector = forms.ChoiceField(label="行业", choices=[(code or "-", word) for code, word in SECTOR_WORDS.items()])
    entity = forms.ChoiceField(label="主体", choices=Merchant.Kind.choices)
    first_sale_on = day_field("第一次卖卡", required=False)
    balance_fen = SumField(label="没消费完的预付款", required=False)
    receipts_fen = SumField(label="一共收过的预付款", required=False)
    cards = forms.IntegerField(
        label="卖过的卡", min_value=0, max_value=10_000_000, required=False,
        error_messages={"min_value": "填张数，不能小于 0", "max_value": "张数太大"},
    )  # fmt: skip
    unlocked_fen = SumField(label="其中没有存管的", required=False)

    def __init__(self, own: Region, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = {"CN": "全国（没有地方规定的地区）", own.pk: f"{own.name}（本店）"}
        for code, name in (("3301", "杭州市"), ("33", "浙江省其他地区"), ("11", "北京市"), ("31", "上海市")):
            places.setdefault(code, name)
        field = self.fields["region"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(places.items())
