"""Forms about whose card it is: a guardian, a new holder, a new number."""

from __future__ import annotations

from django import forms

from core.calendar import business_date
from prepaid.actions import Child
from prepaid.models import Guardianship


class ChildForm(forms.Form):
    """The minor a card is for. Lies folded up beside an ordinary sale, so the browser must not insist on it."""

    use_required_attribute = False

    child_name = forms.CharField(
        label="孩子的姓名",
        help_text="加密保存，页面和单据上只显示拼音首字母",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "填孩子的姓名"},
    )
    born_on = forms.DateField(
        label="出生日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "填孩子的出生日期", "invalid": "日期写成 2016-05-01 这样"},
    )
    relation = forms.ChoiceField(
        label="监护人和孩子的关系",
        choices=Guardianship.Relation.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "选与孩子的关系"},
    )

    @property
    def child(self) -> Child:
        """What the action takes."""
        data = self.cleaned_data
        return Child(data["child_name"], data["born_on"], data["relation"])

    def clean_born_on(self) -> object:
        """A day that has come."""
        born = self.cleaned_data["born_on"]
        if born > business_date():
            raise forms.ValidationError("出生日期不能晚于今天")
        return born


class GuardianForm(ChildForm):
    """A minor names who signs instead."""

    guardian_phone = forms.CharField(
        label="监护人的手机号",
        help_text="由监护人在自己的手机上看条款、签约、付款",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": "填监护人的手机号"},
    )
    field_order = ("guardian_phone", "relation", "child_name", "born_on")


class AssignForm(forms.Form):
    """To whom a card goes."""

    phone = forms.CharField(
        label="接手人的手机号",
        help_text="对方在自己的手机上同意以后才生效，之前可以撤回",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": "填接手人的手机号"},
    )


class RebindForm(forms.Form):
    """The same person under a new number, checked by identity card."""

    name = forms.CharField(
        label="身份证上的姓名",
        help_text="要和办卡时登记的一致；请当面核对身份证原件",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "填身份证上的姓名"},
    )
    phone = forms.CharField(
        label="新手机号",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": "填新手机号"},
    )


class ClauseForm(forms.Form):
    """Words of a contract to be looked through."""

    text = forms.CharField(
        label="合同或者店堂告示里的话",
        help_text="最多 5000 字。不保存",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "把要检查的话贴在这里"},
    )
