"""Forms of the mall console and of locked doors."""

from __future__ import annotations

from django import forms

from core.case_admin import CaseForm
from prepaid.models import ClosingNotice


def photo_field(label: str, help_text: str) -> forms.FileField:
    """A picture or PDF that may be left out."""
    return forms.FileField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
        error_messages={"empty": "文件是空的，请重新选择"},
    )


def past_day(label: str, help_text: str = "", *, required: bool = False) -> forms.DateField:
    """A day."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": f"选{label}", "invalid": "日期写成 2026-08-01 这样"},
    )


class LockOutForm(forms.Form):
    """Since when, what one saw, a photo of the door."""

    seen_on = past_day("哪天发现的", "不填就是今天")
    text = forms.CharField(
        label="情况",
        required=False,
        max_length=300,
        help_text="例如：门锁着，贴了转让，电话没人接",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    photo = photo_field("门口照片", "可以不传。10 MB 以内的图片或 PDF，照片里的位置信息会自动删除")


class TenantClosingForm(forms.Form):
    """When and why a tenant leaves."""

    closes_on = past_day(
        "停业日", "最后营业的一天。商场里的店要提前 90 天公告；来不及的也要公告，会记为违规", required=True
    )
    reason = forms.ChoiceField(
        label="为什么停业",
        choices=ClosingNotice.DECLARED_REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": "选一个停业原因", "invalid_choice": "选一个停业原因"},
    )
    note = forms.CharField(label="对顾客说明", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class EvidenceForm(forms.Form):
    """What was done for a measure, with a paper that shows it."""

    evidence = forms.CharField(
        label="做了什么",
        min_length=5,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "写明做了什么，至少 5 个字", "min_length": "至少写 5 个字"},
    )
    file = photo_field("证据材料", "清单、照片或扫描件，10 MB 以内的图片或 PDF")


class MallForm(CaseForm):
    """A new mall: where it is and who runs it."""

    name = forms.CharField(label="商场名称", max_length=60, error_messages={"required": "填商场名称"})
    region_id = forms.CharField(
        label="所在街道代码", max_length=12, help_text="9 位行政区划代码，在「行政区划」里查",
        error_messages={"required": "填街道代码"},
    )  # fmt: skip
    address = forms.CharField(label="地址", max_length=200, error_messages={"required": "填地址"})
    operator = forms.CharField(
        label="运营商家的公示编号", required=False, max_length=24, help_text="运营公司已经入驻的填这里，它可以发商场卡"
    )
    company_name = forms.CharField(label="运营公司名称", required=False, max_length=100, help_text="没有入驻的填这里")
    company_uscc = forms.CharField(label="运营公司信用代码", required=False, max_length=18)


class ManagerForm(CaseForm):
    """Who manages a mall."""

    name = forms.CharField(label="姓名", max_length=40, error_messages={"required": "填管理员姓名"})
    phone = forms.CharField(
        label="手机号", max_length=20, help_text="用这个号码和验证码登录", error_messages={"required": "填手机号"}
    )
