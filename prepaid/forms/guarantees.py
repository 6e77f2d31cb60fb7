"""The form by which a shop hands in insurance or a bank's guarantee."""

from __future__ import annotations

from django import forms

from prepaid.forms.console import YuanField
from prepaid.forms.malls import past_day, photo_field
from prepaid.models import Guarantee


class GuaranteeForm(forms.Form):
    """Who stands in, for how much, from when to when, with the paper."""

    kind = forms.ChoiceField(
        label="类型",
        choices=Guarantee.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "选保险或保函"},
    )
    issuer = forms.CharField(
        label="出具机构", max_length=60, help_text="保险公司或银行的全称", error_messages={"required": "填出具机构"}
    )
    number = forms.CharField(label="保单或保函号", max_length=60, error_messages={"required": "填保单或保函号"})
    amount = YuanField(label="保额（元）")
    valid_from = past_day("有效期起", required=True)
    valid_to = past_day("有效期止", required=True)
    file = photo_field("保单或保函", "扫描件或照片，10 MB 以内的图片或 PDF；核实时要看原件")
