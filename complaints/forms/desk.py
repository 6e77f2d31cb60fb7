"""The telephone desk: three fields while one talks, then what becomes of the call."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from complaints.actions.calls import CallKind
from complaints.actions.intake_checks import ONCE_PUBLIC
from complaints.models import CallDraft, Cause, ReplyTemplate
from complaints.models.calls import SHOP_LENGTH, STORY_LENGTH
from core.case_admin import CaseForm
from merchants.models import Merchant
from prepaid.forms.console import YuanField

FOUND, FEWEST = 6, 2
KINDS = [
    (CallKind.COMPLAINT.value, "投诉：和商家有纠纷"),
    (CallKind.REPORT.value, "举报：商家违法，要求查处"),
    (CallKind.BOTH.value, "投诉和举报都要"),
    (CallKind.QUESTION.value, "咨询：问政策、问怎么办"),
    (CallKind.PETITION.value, "信访：不由市场监管部门办理"),
]
NUMBER = {"inputmode": "tel", "autocomplete": "off"}
LONG = {"rows": 3}


def shops_like(text: str) -> list[tuple[str, str]]:
    """The shops whose name holds what was said, as choices."""
    said = text.strip()
    if len(said) < FEWEST:
        return []
    named = Merchant.objects.filter(
        Q(brand_name__icontains=said) | Q(legal_name__icontains=said), status__in=ONCE_PUBLIC
    )
    rows = named.select_related("region").order_by("brand_name", "pk")[:FOUND]
    return [(str(row.pk), f"{row.brand_name} · {row.legal_name} · {row.region.name}") for row in rows]


class CallForm(forms.Form):
    """Which number calls."""

    phone = forms.CharField(
        label="来电号码", required=False, max_length=20, widget=forms.TextInput(attrs=NUMBER),
        help_text="手机号或固定电话；没有来电显示的不填，以后问到再补",
    )  # fmt: skip


class TalkForm(forms.Form):
    """Who, which shop, what: kept while it is typed."""

    phone = forms.CharField(label="来电号码", required=False, max_length=20, widget=forms.TextInput(attrs=NUMBER))
    name = forms.CharField(
        label="谁：姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="投诉要真实姓名；匿名举报不填",
    )  # fmt: skip
    shop = forms.CharField(
        label="哪家店", required=False, max_length=SHOP_LENGTH, help_text="店招或公司名，登记时从名录里选",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    story = forms.CharField(
        label="什么事", required=False, max_length=STORY_LENGTH, widget=forms.Textarea(attrs={"rows": 9}),
        help_text="什么时候、发生了什么、想怎么解决",
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class FilingForm(CaseForm):
    """What the call is, which shop, where; a question may be answered at once."""

    kind = forms.ChoiceField(
        label="登记成", choices=KINDS, widget=forms.RadioSelect, error_messages={"required": "选一类"}
    )
    merchant = forms.ChoiceField(label="名录里的商家", required=False, widget=forms.RadioSelect)
    region = forms.ChoiceField(
        label="店在哪里", required=False, help_text="名录里没有这家店时选；咨询、信访选来电人问的地方"
    )
    respondent_address = forms.CharField(label="店的地址", required=False, max_length=200)
    cause = forms.ChoiceField(label="事由", choices=Cause.choices, initial=Cause.OTHER)
    claim = forms.CharField(label="诉求", required=False, max_length=500, help_text="如「退余款」")
    claim_fen = YuanField(label="涉及金额", required=False)
    template = forms.ModelChoiceField(
        label="答复模板", queryset=ReplyTemplate.objects.filter(is_active=True), required=False, empty_label="不用模板",
        help_text="只用于咨询和信访：电话里已经答复的，选模板或写明，登记时一并办结",
    )  # fmt: skip
    reply = forms.CharField(label="答复", required=False, max_length=2000, widget=forms.Textarea(attrs=LONG))
    abuse = forms.CharField(
        label="辱骂、威胁的情况", required=False, max_length=300, min_length=5,
        help_text="没有就不填。只有监管人员能看到，下次来电提示两人接听或换人",
        error_messages={"min_length": "写明对方说了什么，至少 5 个字"},
    )  # fmt: skip

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        draft: CallDraft | None = case
        found = shops_like(draft.shop) if draft else []
        choice: Any = self.fields["merchant"]
        choice.choices = [*found, ("", "都不是，按来电人说的名称登记")]
        choice.initial = found[0][0] if len(found) == 1 else ""

    def clean(self) -> dict[str, Any]:
        """The whole answer; only questions and petitions have one."""
        data = super().clean() or {}
        start = data["template"].text if data.get("template") else ""
        data["text"] = "\n".join(part for part in (start, data.get("reply", "").strip()) if part)
        if data["text"] and data.get("kind") not in (CallKind.QUESTION, CallKind.PETITION):
            self.add_error("reply", "投诉、举报不能当场答复，请清空答复和模板")
        if len(data["text"]) > 2000:
            self.add_error("reply", "连模板一起最多 2000 个字")
        return data


class JoinForm(CaseForm):
    """Which matter the call was about."""

    code = forms.CharField(
        label="查询码", max_length=24, help_text="来电人的投诉、举报或咨询的查询码，可带横线",
        error_messages={"required": "填查询码"},
    )  # fmt: skip
    abuse = forms.CharField(
        label="辱骂、威胁的情况", required=False, max_length=300, min_length=5,
        help_text="没有就不填。只有监管人员能看到", error_messages={"min_length": "写明对方说了什么，至少 5 个字"},
    )  # fmt: skip


class DiscardForm(CaseForm):
    """Why nothing comes of it."""

    reason = forms.CharField(
        label="理由", max_length=300, min_length=5, widget=forms.Textarea(attrs=LONG),
        help_text="如「打错电话」；有辱骂、威胁的写明说了什么",
        error_messages={"required": "写明理由，至少 5 个字", "min_length": "理由至少写 5 个字"},
    )  # fmt: skip
    abusive = forms.BooleanField(label="有辱骂或威胁", required=False)


class AbuseForm(CaseForm):
    """Which contact it was, and what was said."""

    contact = forms.ChoiceField(label="哪一次联系", error_messages={"required": "选哪一次联系"})
    verdict = forms.ChoiceField(
        label="标记", choices=[("mark", "有辱骂或威胁"), ("clear", "没有，取消标记")], widget=forms.RadioSelect,
        initial="mark", error_messages={"required": "选标记还是取消"},
    )  # fmt: skip
    reason = forms.CharField(
        label="理由", max_length=300, min_length=5, widget=forms.Textarea(attrs=LONG),
        help_text="写明对方说了什么，或为什么取消。只有监管人员能看到",
        error_messages={"required": "写明理由，至少 5 个字", "min_length": "理由至少写 5 个字"},
    )  # fmt: skip

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        rows = case.contacts.filter(side="COMPLAINANT").select_related("officer") if case is not None else ()
        choice: Any = self.fields["contact"]
        choice.choices = [(str(row.pk), f"{row} {row.officer.name}：{row.note[:30]}") for row in rows]
