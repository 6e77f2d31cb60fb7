"""What the shop fills in about findings and removals."""

from __future__ import annotations

from django import forms

from trust_units.forms.fields import FilesField


def said(label: str, most: int, help_text: str = "") -> forms.CharField:
    """A text of at least five letters."""
    return forms.CharField(
        label=label, max_length=most, min_length=5, help_text=help_text, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": f"写明{label}", "min_length": "至少写 5 个字"},
    )  # fmt: skip


class EvidenceForm(forms.Form):
    """What was put right, with pictures."""

    text = said("整改情况", 1000, "写明改了什么、什么时候改好的")
    photos = FilesField(label="整改照片", help_text="1 到 6 张，JPG、PNG、WebP，每张 10 MB 以内")


class StatementForm(forms.Form):
    """The shop's case before the decision."""

    text = said("您的意见", 1000, "写明事实和理由，监管部门决定前会看")


class AppealForm(forms.Form):
    """Why the removal was wrong."""

    text = said("申诉理由", 1000, "写明哪里不对，例如执照没有注销、名单已经移出")
    file = forms.FileField(label="证明材料", required=False, help_text="JPG、PNG、WebP 图片或 PDF，10 MB 以内")
