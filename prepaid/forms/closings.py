"""Forms of a closing: the shop's declaration and the holder's word."""

from __future__ import annotations

from typing import Any

from django import forms

from core.identifiers import clean_public_code
from merchants.models import Merchant, Store
from prepaid.models import ClosingNotice, HolderNotice

WHOLE = "all"


class DeclareForm(forms.Form):
    """What closes, when, why, and who would take the cards over."""

    store = forms.ChoiceField(
        label="哪里停业", error_messages={"required": "选哪里停业", "invalid_choice": "选哪里停业"}
    )
    closes_on = forms.DateField(
        label="停业日",
        help_text="最后营业的一天。普通店要提前 30 天公告，商场里的店要提前 90 天；来不及的也要公告，会记为违规",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "选停业日", "invalid": "日期写成 2026-03-01 这样"},
    )
    reason = forms.ChoiceField(
        label="为什么停业",
        choices=ClosingNotice.DECLARED_REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": "选一个停业原因", "invalid_choice": "选一个停业原因"},
    )
    note = forms.CharField(
        label="对顾客说明（可不填）", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    in_mall = forms.BooleanField(label="这家店在商场里", required=False)
    successor = forms.CharField(
        label="接手的店的公示编号（没有就不填）",
        required=False,
        max_length=24,
        help_text="对方同意后，愿意的顾客可以把卡转过去，钱还锁在银行",
    )

    def __init__(self, *args: Any, stores: tuple[Store, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["store"]
        choice.choices = [(WHOLE, "整个商家")] + [(str(store.pk), store.name) for store in stores if len(stores) > 1]

    def clean_store(self) -> int | None:
        """The store's key, None for all."""
        chosen = self.cleaned_data["store"]
        return None if chosen == WHOLE else int(chosen)

    def clean_successor(self) -> int | None:
        """The key of the shop with this public code."""
        typed = self.cleaned_data["successor"]
        if not typed:
            return None
        found = Merchant.objects.public().filter(public_code=clean_public_code(typed)).first()
        if found is None:
            raise forms.ValidationError("没有这个公示编号，请和对方核对")
        return found.pk


class ChoiceForm(forms.Form):
    """One of the three ways; the page explains each with its figures."""

    choice = forms.ChoiceField(
        choices=HolderNotice.Choice.choices,
        widget=forms.HiddenInput,
        error_messages={"required": "选一个办法", "invalid_choice": "选一个办法"},
    )
