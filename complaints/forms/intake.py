"""Forms of the wizard: one thing per page, each field says what to do when it is wrong."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from complaints.actions.intake_checks import MAX_FILES
from complaints.models import Cause
from core.calendar import business_date
from core.errors import Invalid
from core.identifiers import clean_phone, clean_public_code
from core.models import Region
from merchants.models import Merchant
from prepaid.forms.console import YuanField

COUNTY, EARLIEST = 3, date(1990, 1, 1)
FILE_HINT = "JPG、PNG、WebP 图片或 PDF，每个 10 MB 以内，照片里的位置信息会自动删除"
PICKER = {"accept": "image/jpeg,image/png,image/webp,application/pdf"}
TEL = {"inputmode": "tel", "autocomplete": "off"}
WANTS = (
    ("COMPLAINT", "投诉：我和商家有纠纷，想退款、赔偿或者改正"),
    ("REPORT", "举报：商家违法，请监管部门查处"),
    ("COMPLAINT,REPORT", "两样都要"),
)
FOR_WHOM = (("SELF", "我自己"), ("AGENT", "替家人或别人（要有授权委托书）"), ("JOINT", "几个人一起"))


def districts() -> list[tuple[str, str]]:
    """The districts of the cities in which the portal knows shops."""
    cities = {code[:4] for code in Merchant.objects.public().values_list("region", flat=True).distinct()}
    near = Q(pk__in=[])
    for city in cities:
        near |= Q(pk__startswith=city)
    return list(Region.objects.filter(near, level=COUNTY).values_list("pk", "name"))


def _phone(typed: str) -> str:
    try:
        return clean_phone(typed)
    except Invalid as error:
        raise forms.ValidationError("请填 11 位手机号") from error


class WhatForm(forms.Form):
    """Complaint, report, or both."""

    kinds = forms.ChoiceField(
        label="您要办哪一样",
        choices=WANTS,
        widget=forms.RadioSelect,
        error_messages={"required": "选一样", "invalid_choice": "选一样"},
    )


class ShopForm(forms.Form):
    """A shop the portal does not know: name, address, district."""

    respondent_name = forms.CharField(
        label="店名或者公司名", max_length=100, error_messages={"required": "填店名或者公司名"}
    )
    respondent_address = forms.CharField(
        label="地址",
        help_text="写到路和门牌；网店写网址或者平台名",
        max_length=200,
        error_messages={"required": "填店的地址，写到路和门牌；网店写网址"},
    )
    region_code = forms.ChoiceField(
        label="在哪个区县", error_messages={"required": "选店在哪个区县", "invalid_choice": "选店在哪个区县"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["region_code"]
        choice.choices = [("", "请选择"), *districts()]


class PickForm(forms.Form):
    """A shop the portal knows, from the list below the search."""

    merchant = forms.CharField(max_length=24, widget=forms.HiddenInput)

    def clean_merchant(self) -> int:
        """The key of the shop with this public code."""
        typed = clean_public_code(self.cleaned_data["merchant"])
        found = Merchant.objects.public().filter(public_code=typed).values_list("pk", flat=True).first()
        if found is None:
            raise forms.ValidationError("没有找到这家店，请重新查")
        return int(found)


class FactsForm(forms.Form):
    """What happened."""

    text = forms.CharField(
        label="发生了什么",
        help_text="什么时候、在哪里、买的什么、哪里不对、您和店里怎么说的。写事实就好，最多 3500 字",
        min_length=5,
        max_length=3500,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={
            "required": "写清什么时候、发生了什么", "min_length": "再写清楚一点：什么时候、发生了什么",
            "max_length": "最多 3500 字，更多的可以放在材料里",
        },
    )  # fmt: skip
    happened_on = forms.DateField(
        label="哪一天",
        help_text="记不清就不填",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "日期写成 2026-08-01 这样"},
    )
    cause = forms.ChoiceField(label="属于哪一类", choices=Cause.choices, initial=Cause.OTHER)

    def clean_happened_on(self) -> Any:
        """A day that has come."""
        day = self.cleaned_data["happened_on"]
        if day and not EARLIEST <= day <= business_date():
            raise forms.ValidationError("日期不能晚于今天，也不能太早")
        return day


class ReportForm(forms.Form):
    """What the bureau should look into, apart from the dispute (第9、28条)."""

    report_text = forms.CharField(
        label="商家哪里违法",
        help_text="例如：价目没有公示、过期食品、虚假宣传。不填就按前一页写的查",
        required=False,
        max_length=3500,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": "最多 3500 字"},
    )
    happened_at = forms.CharField(
        label="在哪里看到的",
        help_text="不填就是店里",
        required=False,
        max_length=200,
        error_messages={"max_length": "最多 200 字"},
    )


class ClaimForm(forms.Form):
    """What the shop should do."""

    claim = forms.CharField(
        label="您要商家做什么",
        help_text="例如：退还卡里余额；把多扣的 100 元退回来",
        min_length=2,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "写明您要商家做什么",
            "min_length": "写明您要商家做什么",
            "max_length": "最多 500 字",
        },
    )
    claim_fen = YuanField(label="涉及多少钱", help_text="说不准可以不填", required=False)


class WhoForm(forms.Form):
    """Who complains: true name and address (第10条); a report may be without a name."""

    name = forms.CharField(
        label="您的姓名",
        help_text="要真实姓名。商家和其他人看不到全名",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "填真实姓名"},
    )
    address = forms.CharField(
        label="您的联系地址",
        help_text="寄送决定书用，商家看不到",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        error_messages={"required": "填您的联系地址"},
    )
    for_whom = forms.ChoiceField(
        label="为谁投诉", choices=FOR_WHOM, initial="SELF", widget=forms.RadioSelect,
        error_messages={"required": "选为谁投诉", "invalid_choice": "选为谁投诉"},
    )  # fmt: skip
    anonymous = forms.BooleanField(label="匿名举报：不留姓名和电话，结果只能凭查询码看", required=False)

    def __init__(self, kinds: set[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "COMPLAINT" in kinds:
            del self.fields["anonymous"]
        else:
            del self.fields["for_whom"], self.fields["address"]
            self.fields["name"].required = False
            self.fields["name"].help_text = "实名举报填真实姓名，匿名举报不填。商家看不到是谁举报的"

    def clean(self) -> dict[str, Any]:
        """A name, unless it is a report without one."""
        data = super().clean() or {}
        if "name" in data and not data["name"].strip() and not data.get("anonymous"):
            self.add_error("name", "填真实姓名，或者选匿名举报")
        return data


class AgentForm(forms.Form):
    """Whom one speaks for, and the power of attorney (第11条)."""

    represented_name = forms.CharField(
        label="本人的姓名", max_length=40, error_messages={"required": "填您代表的人的姓名"}
    )
    represented_phone = forms.CharField(
        label="本人的手机号", max_length=20, widget=forms.TextInput(attrs=TEL),
        error_messages={"required": "填本人的手机号"},
    )  # fmt: skip
    proof = forms.FileField(
        label="授权委托书",
        help_text=f"本人签字的委托书，写明代办什么事。{FILE_HINT}",
        required=False,
        widget=forms.FileInput(attrs=PICKER),
        error_messages={"empty": "文件是空的，请重新选择"},
    )

    def clean_represented_phone(self) -> str:
        """A mainland mobile number."""
        return _phone(self.cleaned_data["represented_phone"])


class JointForm(forms.Form):
    """Who complains together with the one who files (第12条)."""

    people = forms.CharField(
        label="其他人的姓名和手机号",
        help_text="一行一个人，例如：王芳 13800001111。要另选一名代表人的，在那一行末尾写「代表」",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "至少写一个人", "max_length": "人太多，请拨 12315 由监管部门统一登记"},
    )
    agreed = forms.BooleanField(
        label="他们都同意共同投诉，由我（和另一名代表人）出面", error_messages={"required": "要大家都同意才能共同投诉"}
    )

    def clean_people(self) -> list[dict[str, Any]]:
        """Names and numbers."""
        found = []
        for line in filter(str.strip, self.cleaned_data["people"].splitlines()):
            words = line.replace("，", " ").replace(",", " ").replace("　", " ").split()
            speaks = len(words) == 3 and words[2] == "代表"
            if len(words) != 2 + speaks:
                raise forms.ValidationError(f"「{line.strip()[:20]}」要写成：姓名 手机号")
            found.append({"name": words[0][:40], "phone": _phone(words[1]), "speaks": speaks})
        return found


class EvidenceForm(forms.Form):
    """One more file."""

    file = forms.FileField(
        label="照片或文件",
        help_text=f"合同、付款截图、聊天记录、现场照片。{FILE_HINT}，最多 {MAX_FILES} 个",
        widget=forms.FileInput(attrs=PICKER),
        error_messages={"required": "先选一个文件；没有就直接按「下一步」", "empty": "文件是空的，请重新选择"},
    )


class OdrForm(forms.Form):
    """The shop first, or the bureau at once."""

    wants_odr = forms.BooleanField(label="先由商家和我协商，10 个工作日谈不成再由监管部门办", required=False)


class QuestionForm(forms.Form):
    """A question that is neither complaint nor report (第44条)."""

    text = forms.CharField(
        label="您想问什么", min_length=5, max_length=2000, widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "写下您的问题", "min_length": "再写清楚一点", "max_length": "最多 2000 字"},
    )  # fmt: skip
    region_code = forms.ChoiceField(
        label="哪个区县的事", error_messages={"required": "选一个区县", "invalid_choice": "选一个区县"}
    )
    petition = forms.BooleanField(label="这是对工作人员或者办理结果的意见（信访）", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["region_code"]
        choice.choices = [("", "请选择"), *districts()]


class TrackForm(forms.Form):
    """The code, and the phone it was filed under."""

    code = forms.CharField(
        label="查询码", help_text="16 位，短信里和提交后的页面上都有", max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": "填 16 位查询码"},
    )  # fmt: skip
    phone = forms.CharField(
        label="手机号", help_text="登记时留的号码，会收到验证码。匿名举报不用填", max_length=20, required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )  # fmt: skip


class RateForm(forms.Form):
    """What the consumer says at the call-back."""

    rating = forms.ChoiceField(
        label="您满意吗",
        choices=(("3", "满意"), ("2", "基本满意"), ("1", "不满意")),
        widget=forms.RadioSelect,
        error_messages={"required": "选一个", "invalid_choice": "选一个"},
    )
    text = forms.CharField(label="想说的话", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class IdentityForm(forms.Form):
    """The identity number; only a hash of it is kept."""

    id_number = forms.CharField(
        label="身份证号",
        help_text="只用来核对，不保存号码",
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "填 18 位身份证号"},
    )


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label="说明", help_text="监管部门会看到", min_length=5, max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "写明原因", "min_length": "写明原因，至少 5 个字", "max_length": "最多 300 字"},
    )  # fmt: skip
