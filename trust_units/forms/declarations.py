"""What the shop fills in: which kind for which store, one answer a criterion, the promise; what the public objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from merchants.models import Store
from trust_units.models import Answer, UnitType

UNDER_A_SHOP = [choice for choice in UnitType.choices if choice[0] != UnitType.DISTRICT]


class StartForm(forms.Form):
    """One store and one kind."""

    store = forms.ChoiceField(label="门店", error_messages={"required": "选门店", "invalid_choice": "选您自己的门店"})
    unit_type = forms.ChoiceField(
        label="申报什么",
        choices=UNDER_A_SHOP,
        error_messages={"required": "选申报的类型", "invalid_choice": "选申报的类型"},
    )

    def __init__(self, *args: Any, stores: Sequence[Store], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["store"]
        field.choices = [(str(store.pk), store.name) for store in stores]


class AnswerForm(forms.Form):
    """One criterion."""

    met = forms.TypedChoiceField(
        label="做到了吗", choices=[("yes", "做到了"), ("no", "还没有做到")], widget=forms.RadioSelect,
        coerce=lambda said: said == "yes", error_messages={"required": "选做到了没有"},
    )  # fmt: skip
    statement = forms.CharField(label="说明", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    evidence = forms.FileField(label="证据", required=False, help_text="照片或 PDF，10 MB 以内")

    def __init__(self, *args: Any, answer: Answer, **kwargs: Any) -> None:
        first = {} if answer.met is None else {"met": "yes" if answer.met else "no", "statement": answer.statement}
        super().__init__(*args, **{"initial": first, "prefix": answer.criterion, **kwargs})
        self.answer = answer
        if answer.needs_evidence:
            self.fields["evidence"].help_text = "这一条要有照片或 PDF，10 MB 以内" + (
                "；已传，重新选会替换" if answer.evidence_id else ""
            )


class PromiseForm(forms.Form):
    """The public promise."""

    promise = forms.CharField(
        label="您的公开承诺", min_length=10, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="顾客在查询页和标识页都能看到",
        error_messages={"required": "写明您对顾客的承诺，至少 10 个字", "min_length": "承诺至少写 10 个字"},
    )  # fmt: skip


class ObjectionForm(forms.Form):
    """What somebody knows against a unit in publicity."""

    text = forms.CharField(
        label="您的意见", min_length=5, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写时间、地点、事情。商家不会知道是谁写的",
        error_messages={"required": "写明您的意见，至少 5 个字", "min_length": "至少写 5 个字"},
    )  # fmt: skip
    evidence = forms.FileField(label="材料", required=False, help_text="照片或 PDF，10 MB 以内")
