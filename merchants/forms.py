"""Forms of registration and of the shop's own data."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from stdnum.cn import uscc as uscc_rule

from core.errors import Invalid
from core.identifiers import clean_phone, clean_uscc
from core.models import Industry
from merchants.models import Merchant

FORBIDDEN = "IOSVZ"


def uscc_problem(text: str) -> str:
    """Which rule of GB 32100-2015 a code breaks and at which digit; empty when it breaks none."""
    code = "".join(text.split()).upper()
    if not code:
        return "填营业执照上的统一社会信用代码"
    for place, char in enumerate(code, 1):
        if char in FORBIDDEN:
            return f"第 {place} 位是「{char}」：代码里不用 I、O、S、V、Z，多半是数字 1、0、5 或 2"
        if not (char.isascii() and char.isalnum()):
            return f"第 {place} 位是「{char}」：只能是数字和大写字母"
        if 3 <= place <= 8 and not char.isdigit():
            return f"第 {place} 位是「{char}」：第 3 到 8 位是登记机关的行政区划代码，只能是数字"
        if place <= 2 and not char.isdigit():
            return f"第 {place} 位是「{char}」：商家的代码以 91、92 或 93 开头"
    if len(code) != 18:
        amend = "补上" if len(code) < 18 else "删去"
        return f"现在是 {len(code)} 位，应为 18 位，请对照营业执照{amend} {abs(18 - len(code))} 位"
    if code[-1] != uscc_rule.calc_check_digit(code[:-1]):
        return "第 18 位（校验位）和前 17 位对不上，多半是中间有一位抄错了，请对照营业执照逐位核对"
    return ""


def day_input() -> forms.DateInput:
    """A date control that every browser draws its own way."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class UsccField(forms.CharField):
    """A unified social credit code, refused with the digit that is wrong."""

    def clean(self, value: Any) -> Any:
        problem = uscc_problem(str(value or ""))
        if problem:
            raise forms.ValidationError(problem)
        try:
            return clean_uscc(value)
        except Invalid as error:
            raise forms.ValidationError(error.fields["uscc"]) from error


class LookUpForm(forms.Form):
    """Step one, first half: which licence."""

    uscc = UsccField(
        label="统一社会信用代码",
        help_text="营业执照上的 18 位代码，填完马上核对",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class LicenceForm(forms.Form):
    """Step one: what the licence says."""

    legal_name = forms.CharField(
        label="营业执照上的名称", max_length=100, error_messages={"required": "填营业执照上的名称"}
    )
    brand_name = forms.CharField(
        label="店招上的名字",
        help_text="顾客看到和搜索的名字",
        max_length=60,
        error_messages={"required": "填店招上的名字"},
    )
    kind = forms.ChoiceField(
        label="主体类型",
        choices=Merchant.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "选企业还是个体工商户"},
    )
    industry = forms.ModelChoiceField(
        Industry.objects.all(), label="行业", empty_label="请选择", error_messages={"required": "选一个行业"}
    )
    licensed_on = forms.DateField(
        label="执照成立日期",
        widget=day_input(),
        error_messages={"required": "填执照上的成立日期", "invalid": "日期写成 2020-05-20 这样"},
    )

    def clean_licensed_on(self) -> date:
        """A licence is not from the future."""
        day: date = self.cleaned_data["licensed_on"]
        if day > date.today():
            raise forms.ValidationError("成立日期不能晚于今天")
        return day

    def data_for_action(self) -> dict[str, Any]:
        """What ``merchants.actions`` takes."""
        given = self.cleaned_data
        return {name: given[name] for name in ("legal_name", "brand_name", "kind", "licensed_on")} | {
            "industry_id": given["industry"].pk
        }


class PersonForm(forms.Form):
    """Step two: who answers for the shop."""

    legal_rep = forms.CharField(
        label="法定代表人或经营者姓名",
        help_text="和营业执照一致；加密保存，页面上只显示姓",
        max_length=40,
        error_messages={"required": "填法定代表人或经营者姓名"},
    )
    id_number = forms.CharField(
        label="身份证号",
        required=False,
        help_text="只用来和失信名单比对：算成核对码保存，不保存号码",
        max_length=18,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    contact_phone = forms.CharField(
        label="负责人手机号",
        help_text="最后一步向这个号码发验证码，以后的通知也发到这里",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"required": "填能收验证码的手机号"},
    )

    def clean_contact_phone(self) -> str:
        """A mainland mobile number."""
        try:
            return clean_phone(self.cleaned_data["contact_phone"])
        except Invalid as error:
            raise forms.ValidationError(error.fields["phone"]) from error


class StoreForm(forms.Form):
    """One place of business; its street was chosen before."""

    name = forms.CharField(label="门店名称", max_length=60, error_messages={"required": "填门店名称"})
    address = forms.CharField(
        label="详细地址",
        help_text="路名、门牌、楼层、铺位",
        max_length=200,
        error_messages={"required": "填门店的详细地址"},
    )
    lease_end = forms.DateField(
        label="租约到期日",
        help_text="自有房产填产权到期日。到期前 90 天会提醒，顾客也看得到",
        widget=day_input(),
        error_messages={"required": "填租约到期日", "invalid": "日期写成 2028-05-20 这样"},
    )
    actual_operator = forms.CharField(
        label="实际经营者", help_text="和营业执照上的不一样才填", max_length=100, required=False
    )
    is_open = forms.BooleanField(label="正在营业", required=False, initial=True)


class PhotoForm(forms.Form):
    """Step four: the licence itself."""

    file = forms.FileField(
        label="营业执照照片",
        help_text="JPG、PNG、WebP 图片或 PDF，10 MB 以内。四角拍全，字要看得清；照片里的位置信息会自动删除",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
        error_messages={"required": "选一张营业执照照片", "empty": "文件是空的，请重新选择"},
    )


class SubmitForm(forms.Form):
    """Step five: the code that came to the contact phone."""

    code = forms.CharField(
        label="6 位验证码",
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": "填短信里的 6 位验证码"},
    )


class StaffForm(forms.Form):
    """A new member of staff."""

    name = forms.CharField(label="姓名", max_length=40, error_messages={"required": "填店员姓名"})
    phone = forms.CharField(
        label="手机号",
        help_text="店员用这个号码和验证码登录",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": "填店员手机号"},
    )
    pin = forms.CharField(
        label="收银口令",
        help_text="4 到 6 位数字，在收银台「换人」时用；各人不要相同",
        max_length=6,
        required=False,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"}),
    )


class PinForm(forms.Form):
    """A new PIN for one person."""

    pin = forms.CharField(
        label="新的收银口令",
        help_text="4 到 6 位数字，各人不要相同",
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"}),
        error_messages={"required": "填 4 到 6 位数字"},
    )
