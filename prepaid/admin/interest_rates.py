"""The table of interest rates: dated, with source and certainty; officers enter and correct."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.safestring import SafeString

from core import interest
from core.actors import Actor
from core.admin import ReferenceAdmin
from core.case_admin import Act, CaseForm
from core.case_lists import column
from core.case_panels import Panel, facts
from core.errors import Invalid
from core.models import InterestRate
from core.pack_admin import UNSURE, tag_state

TAG_CHOICES = (("T", "已核原文"), *UNSURE.items())


class RateForm(CaseForm):
    """A rate with its source."""

    percent = forms.CharField(
        label="年利率（%）", help_text="如 3.45", max_length=8, error_messages={"required": "填年利率，如 3.45"}
    )
    source = forms.CharField(
        label="来源", help_text="公告的名称和日期", max_length=200, error_messages={"required": "写明来源"}
    )
    tag = forms.ChoiceField(label="确定程度", choices=TAG_CHOICES, error_messages={"required": "选确定程度"})

    def clean_percent(self) -> int:
        """In millionths."""
        try:
            return interest.parse_percent(self.cleaned_data["percent"])
        except Invalid as error:
            raise forms.ValidationError(error.fields["percent"]) from error


class NewRateForm(RateForm):
    """A later rate of the same kind."""

    effective_from = forms.DateField(
        label="从哪天起", widget=forms.DateInput(attrs={"type": "date"}), error_messages={"required": "填从哪天起"}
    )
    field_order = ("effective_from", "percent", "source", "tag")


class CorrectionForm(RateForm):
    """Why it is put right."""

    reason = forms.CharField(
        label="为什么更正", max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "写明为什么更正"},
    )  # fmt: skip


def _add(pk: int, data: dict[str, Any], by: Actor) -> InterestRate:
    base = InterestRate.objects.get(pk=pk).base
    return interest.add_rate(base, data["effective_from"], data["percent"], data["source"], data["tag"], by=by)


def _correct(pk: int, data: dict[str, Any], by: Actor) -> InterestRate:
    return interest.correct_rate(pk, data["percent"], data["source"], data["tag"], data["reason"], by=by)


def percent(ppm: int | None) -> str:
    """``3.45%``, or that it is not known yet."""
    return "还没有登记" if ppm is None else f"{ppm / 10_000:g}%"


@admin.register(InterestRate)
class InterestRateAdmin(ReferenceAdmin):
    """What refunds bear in interest, by day."""

    list_help = "退款利息按这张表算（法释〔2025〕4号第16条）：存管部分用账户实际利率，其余看是谁的原因。"
    list_display = ("base_", "effective_from", "rate", "source", "sure")
    list_filter = ("base",)
    search_fields = ("source__icontains",)
    ordering = ("base", "-effective_from")
    acts = {
        "add": Act(
            _add,
            lambda case: f"登记一条新的{case.get_base_display()}。从那天起成立的合同退款时按它计息，已算好的退款不变。",
            form=NewRateForm, label="登记新利率", permission="core.set_interestrate", icon="plus", done="已登记",
        ),
        "correct": Act(
            _correct,
            lambda case: f"现在是 {percent(case.ppm)}。更正后算的退款按新数字计息，已算好的退款不变。",
            form=CorrectionForm, label="更正这一条", permission="core.set_interestrate", icon="edit", caution=True,
            done="已更正",
        ),
    }  # fmt: skip

    @column("利率", order="base")
    def base_(self, row: InterestRate) -> str:
        """Which."""
        return row.get_base_display()

    @column("年利率", order="ppm", num=True)
    def rate(self, row: InterestRate) -> str:
        """In percent."""
        return percent(row.ppm)

    @column("确定程度")
    def sure(self, row: InterestRate) -> SafeString:
        """Icon and word."""
        return tag_state(row.tag)

    def lead(self, case: InterestRate) -> str:
        """Since when and how much."""
        return f"从 {case.effective_from} 起 · {percent(case.ppm)}"

    def panels(self, case: InterestRate, by: Actor) -> list[Panel]:
        """The row in full."""
        pairs = [
            ("年利率", percent(case.ppm)),
            ("从哪天起", case.effective_from),
            ("来源", case.source),
            ("确定程度", tag_state(case.tag)),
        ]
        return [facts("利率", pairs)]
