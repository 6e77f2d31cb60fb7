"""What the pages of incidents, claims and proactive tasks ask for."""

from __future__ import annotations

from typing import Any

from django import forms

from complaints.claim_list import CARD_LENGTH, HEADERS, LIMITS, NOTE_LENGTH
from complaints.forms.officer import officers_over
from complaints.models import IncidentClaim, RepresentativeConsent
from core.case_admin import CaseForm, ReasonForm
from core.models.people import OFFICERS
from prepaid.admin.custody import day_field
from prepaid.forms.console import YuanField

LONG = {"rows": 3}
FILE_HINT = "照片或 PDF，10 MB 以内：办卡收据、转账记录、卡的照片"
FILES = {"accept": "image/jpeg,image/png,image/webp,application/pdf"}
LARGEST_MB = 5


def _words(label: str, *, longest: int = 500, required: bool = True, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=longest, required=required, help_text=help_text, widget=forms.Textarea(attrs=LONG),
        error_messages={"required": f"写明{label}"},
    )  # fmt: skip


def _amount(label: str, **more: Any) -> YuanField:
    return YuanField(label=label, error_messages={"required": f"填{label}，如 1280.00"}, **more)


class LeaderForm(CaseForm):
    """Who leads; the choices are the officers of the place."""

    leader = forms.ChoiceField(label="包案负责人", error_messages={"required": "选包案负责人"})

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["leader"]
        field.choices = officers_over(case.region, *OFFICERS) if case is not None else []


class OpenForm(LeaderForm):
    """What happened, who leads, what comes next."""

    summary = _words("情况", help_text="公开页面会显示，不写任何人的姓名和电话")
    next_step = _words("下一步", longest=200, required=False)
    next_on = day_field("下一步日期", required=False)


class RaiseForm(LeaderForm):
    """Who leads, and what happened."""

    summary = _words("情况", help_text="公开页面会显示，不写任何人的姓名和电话")


class ChangeLeaderForm(LeaderForm, ReasonForm):
    """Who leads from now on, and why."""

    field_order = ("leader", "reason")


class EntryForm(CaseForm):
    """What was done, and what comes next."""

    text = _words("进展", help_text="不写任何人的姓名、电话、证件号")
    public = forms.BooleanField(label="放到公开页面", required=False, initial=True)
    tell = forms.BooleanField(label="短信告知全部投诉人和债权人", required=False)
    next_step = _words("下一步", longest=200, required=False)
    next_on = day_field("下一步日期", required=False)


class OutcomeForm(CaseForm):
    """How it ended."""

    outcome = _words("办结情况", longest=1000, help_text="公开页面会显示，不写任何人的姓名和电话")


class ClaimForm(CaseForm):
    """A claim written down for somebody."""

    name = forms.CharField(label="姓名", max_length=40, error_messages={"required": "填姓名"})
    phone = forms.CharField(label="手机号", max_length=20, error_messages={"required": "填 11 位手机号"})
    card = forms.CharField(label="卡名或卡号", max_length=CARD_LENGTH, required=False)
    code = forms.CharField(
        label="平台合同编号", max_length=24, required=False, help_text="本平台的卡或老卡才填，要在这个手机号名下"
    )
    amount_fen = _amount("申报金额")
    note = _words("说明", longest=NOTE_LENGTH, required=False)
    evidence = forms.FileField(
        label="凭证", required=False, help_text=FILE_HINT, widget=forms.ClearableFileInput(attrs=FILES)
    )


class CheckForm(CaseForm):
    """What is owed, and what shows it."""

    allowed_fen = _amount("核定金额", help_text="不超过申报金额")
    reason = _words("核定的根据", longest=300, help_text="如「收据原件和转账记录一致」，债权人能看到")

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        if case is not None:
            self.fields["allowed_fen"].initial = case.claimed_fen


class RepaidForm(CaseForm):
    """What came back other than out of locked money."""

    amount_fen = _amount("退还金额")
    proof = _words("凭什么确认", longest=200)


class NameForm(CaseForm):
    """Whether the person agreed to speak for the others."""

    willing = forms.BooleanField(label="本人已同意担任代表人", required=False)


class RepresentativeForm(CaseForm):
    """Which of those who were named."""

    representative = forms.ChoiceField(label="代表人", error_messages={"required": "选代表人"})

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["representative"]
        if case is not None:
            rows = _incident_of(case).representatives.exclude(status="ENDED").select_related("claim__claimant")
            field.choices = [(str(row.pk), f"{row}（{row.get_status_display()}）") for row in rows]


def _incident_of(case: Any) -> Any:
    return case.incident if isinstance(case, IncidentClaim) else case


class EndForm(RepresentativeForm, ReasonForm):
    """Who speaks for the others no more, and why."""

    field_order = ("representative", "reason")


class SupportForm(RepresentativeForm):
    """Whom the claimant chose, and how it is known."""

    how = forms.ChoiceField(
        label="怎样同意的", choices=RepresentativeConsent.How.choices[1:], widget=forms.RadioSelect,
        error_messages={"required": "选怎样同意的"},
    )  # fmt: skip


class ListForm(forms.Form):
    """A list of claims as it was written down at the door."""

    file = forms.FileField(
        label="债权清单",
        help_text=f"CSV（UTF-8 或 GBK）或 .xlsx，最大 {LARGEST_MB} MB、{LIMITS.rows:,} 行；第一行："
        + "、".join(names[0] for names in HEADERS.values()),
        error_messages={"required": "选一个文件", "empty": "文件是空的"},
    )

    def clean_file(self) -> Any:
        """Not more than we read."""
        sent = self.cleaned_data["file"]
        if sent.size > LARGEST_MB << 20:
            raise forms.ValidationError(f"文件超过 {LARGEST_MB} MB，请分成几份")
        return sent


class DoneForm(CaseForm):
    """What was done."""

    text = _words("办理情况", longest=1000)


class OwnClaimForm(forms.Form):
    """A consumer's own claim: one of the cards the portal knows, or one from outside."""

    card_code = forms.ChoiceField(
        label="哪张卡", widget=forms.RadioSelect, required=False, error_messages={"invalid_choice": "选一张卡"}
    )
    card_name = forms.CharField(
        label="卡名或卡号", max_length=CARD_LENGTH, required=False, help_text="平台外的卡才填，照收据或会员卡上写"
    )
    amount_fen = _amount("店家还欠您多少", help_text="卡里没用完的钱，不知道准数就写大概，附上凭证由监管人员核对")
    note = _words("说明", longest=NOTE_LENGTH, required=False, help_text="什么时候、在哪里办的，怎么付的")
    evidence = forms.FileField(
        label="凭证", required=False, help_text=FILE_HINT, widget=forms.ClearableFileInput(attrs=FILES)
    )

    def __init__(self, *args: Any, cards: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["card_code"]
        field.choices = [*cards, ("", "不在上面：平台外的卡")]

    def clean(self) -> dict[str, Any]:
        """An outside card has a name."""
        data = super().clean() or {}
        if not data.get("card_code") and not data.get("card_name", "").strip():
            self.add_error("card_name", "填卡名或卡号，照收据或会员卡上写")
        return data
