"""What the shop fills in: what it put right, its report, its reply to a warning."""

from __future__ import annotations

from typing import Any

from django import forms


def _said(label: str, most: int, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        min_length=5,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": f"写明{label}", "min_length": "至少写 5 个字"},
    )


class FixForm(forms.Form):
    """One item and what was done about it."""

    item = forms.ChoiceField(label="整改事项", error_messages={"required": "选一项整改事项"})
    note = _said("整改情况", 500)
    proof = forms.FileField(label="照片或材料", required=False, help_text="JPG、PNG、WebP 图片或 PDF，10 MB 以内")

    def __init__(self, *args: Any, items: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["item"]
        field.choices = [(str(pk), text) for pk, text in items]


class AnswerForm(forms.Form):
    """The report."""

    text = _said("整改报告", 1000, "写明改了什么、什么时候改好的")


class ReplyForm(forms.Form):
    """The reply."""

    text = _said("您的回应", 1000, "和警示一起公开，任何人都能看到；不要写顾客的姓名、电话")
