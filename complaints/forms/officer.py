"""What the officer's buttons along a complaint ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from complaints.models import Complaint, Contact, MaliceFlag, Mediation, MediationAssignment, Party
from complaints.workload import Workload
from core.case_admin import CaseForm, ReasonForm
from core.models import Membership, Region, Role, User
from core.models.people import OFFICERS
from prepaid.forms.console import YuanField

LONG = {"rows": 4}
DAY = forms.DateInput(attrs={"type": "date"})


def officers_over(region: Region, *roles: str) -> list[tuple[str, str]]:
    """The people who hold one of ``roles`` over a place today, as choices, with their post; the nearest ones last."""
    above = [region.path[: n + 1] for n, letter in enumerate(region.path) if letter == "/"]
    rows = Membership.objects.in_force(timezone.localdate()).filter(
        role__in=roles or OFFICERS, region__path__in=above, user__is_active=True
    )
    people: dict[int, str] = {}
    for row in rows.select_related("user", "region").order_by("region__path", "user_id"):
        people[row.user_id] = f"{row.user.name} · {row.region.name} {row.get_role_display()}"
    return [(str(pk), label) for pk, label in people.items()]


def mediators() -> list[tuple[str, str]]:
    """The people's mediators."""
    rows = Membership.objects.in_force(timezone.localdate()).filter(role=Role.MEDIATOR, user__is_active=True)
    people: dict[int, User] = {row.user_id: row.user for row in rows.select_related("user")}
    return [(str(pk), user.name or str(user)) for pk, user in people.items()]


def _words(label: str, help_text: str = "", *, required: bool = True, longest: int = 1000) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=longest,
        widget=forms.Textarea(attrs=LONG),
        error_messages={"required": f"写明{label}"},
    )


def _choice(label: str, choices: Any = (), **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, widget=forms.RadioSelect, error_messages={"required": f"选{label}"}, **more
    )


class RefusalForm(ReasonForm):
    """Which of the seven grounds, and why."""

    field_order = ("ground", "reason")
    ground = _choice("不予受理的情形（第16条）", Complaint.Refusal.choices)


class TerminationForm(ReasonForm):
    """Which of the eight grounds, and why."""

    field_order = ("ground", "reason")
    ground = _choice("终止调解的情形（第23条）", Complaint.Termination.choices)


class ContactForm(CaseForm):
    """Three fields, written while one talks."""

    side = _choice("和谁联系", Contact.Side.choices, initial=Contact.Side.COMPLAINANT)
    reached = forms.BooleanField(label="接通了", required=False, initial=True)
    note = _words("谈了什么", longest=500)


class HandlerForm(CaseForm):
    """Who handles it, with how much each has open, and a leader's reason to go beyond the cap."""

    handler = forms.ChoiceField(label="承办人", error_messages={"required": "选承办人"})
    override = forms.CharField(
        label="超上限的理由", help_text="承办人已到在办上限时，由包案领导填写", required=False, max_length=100
    )

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        choice: Any = self.fields["handler"]
        choice.choices = [("", "请选择"), *(_with_loads(case) if case else [])]


def _with_loads(case: Any) -> list[tuple[str, str]]:
    """The officers over the place, each with what they have open of the most they should have."""
    load = Workload.of([case])
    return [
        (pk, f"{text} · {load.load(int(pk), case)}" if int(pk) in load.candidates else text)
        for pk, text in officers_over(case.region)
    ]


class IdForm(CaseForm):
    """The number that was shown."""

    id_number = forms.CharField(
        label="身份证号", help_text="只保存核对用的摘要", max_length=20, error_messages={"required": "填身份证号"}
    )


class ConsentForm(CaseForm):
    """Who said yes, and how."""

    party = _choice("哪一方同意", Party.choices)
    note = forms.CharField(label="怎么表示的", help_text="如「电话同意」", max_length=200, required=False)


class MeetingForm(CaseForm):
    """When, where, with whom."""

    when = forms.DateTimeField(
        label="调解时间",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        error_messages={"required": "选调解时间", "invalid": "写成 2026-10-12 09:30 这样"},
    )
    place = forms.CharField(
        label="地点，远程的写明方式", max_length=200, error_messages={"required": "写明地点，远程的写明方式"}
    )
    remote = forms.BooleanField(label="远程调解", required=False)
    mediator = forms.ChoiceField(label="调解人员", required=False, help_text="不选就是您自己")

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        choice: Any = self.fields["mediator"]
        choice.choices = [("", "我自己"), *(officers_over(case.region) if case else [])]


class RecordForm(CaseForm):
    """What was said at the last meeting."""

    record = _words("调解经过")


class SuspensionForm(CaseForm):
    """Why the clock stands still."""

    pause = _choice("中止原因", Mediation.Pause.choices)
    note = _words("检测机构和费用，或谁回避", longest=300)


class SettlementForm(CaseForm):
    """The agreement and its money."""

    terms = _words("协议内容", "写进调解书，双方都看", longest=2000)
    amount_fen = YuanField(label="协议金额", help_text="给投诉人的全部金额，没有钱的写 0")
    direct_fen = YuanField(label="其中商家直接付", help_text="超出锁定的部分，或者不从锁定资金退的", required=False)
    at_once = forms.BooleanField(label="即时履行", required=False)
    perform_by = forms.DateField(label="履行期限", required=False, widget=DAY)
    waived = forms.BooleanField(label="双方同意不制作调解书", required=False)

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        agreed = case and case.mediation_assignments.filter(status=MediationAssignment.Status.AGREED).first()
        if agreed:
            self.fields["terms"].initial, self.fields["amount_fen"].initial = agreed.outcome, agreed.agreed_fen


class ProofForm(CaseForm):
    """The proof that the shop has paid."""

    file = forms.FileField(
        label="付款凭证", help_text="图片或 PDF，10 MB 以内", error_messages={"required": "选付款凭证"}
    )


class NotifyForm(CaseForm):
    """The reply, if it is to say more than the outcome."""

    reply = _words("答复", "不写就用办理结果；各来源的回执都用这一份", required=False, longest=2000)

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.fields["reply"].initial = case.reply if case else ""


class CallBackForm(CaseForm):
    """What the complainant says."""

    rating = _choice("回访结果", Complaint.Rating.choices)
    text = _words("投诉人怎么说", required=False, longest=500)


class DelegationForm(CaseForm):
    """To which committee and mediator."""

    committee = forms.CharField(label="调解组织", max_length=100, error_messages={"required": "写明调解组织"})
    mediator = forms.ChoiceField(label="人民调解员", error_messages={"required": "选一位人民调解员"})

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        choice: Any = self.fields["mediator"]
        choice.choices = [("", "请选择"), *mediators()]


class DelegationConsentForm(CaseForm):
    """Whose answer."""

    party = _choice("哪一方", Party.choices)
    agrees = _choice("答复", [("yes", "同意委托"), ("no", "不同意")])


class JudicialForm(CaseForm):
    """The court's number and day."""

    number = forms.CharField(label="司法确认裁定书文号", max_length=60, error_messages={"required": "写明文号"})
    on = forms.DateField(label="裁定日期", widget=DAY, error_messages={"required": "填裁定日期"})


class MaliceJudgementForm(CaseForm):
    """Malicious or not, and why."""

    verdict = _choice(
        "认定", [("uphold", MaliceFlag.Status.UPHELD.label), ("reject", MaliceFlag.Status.REJECTED.label)]
    )
    finding = _words("认定的理由", "只有监管人员和提出的商家能看到", longest=500)


class DisclosureForm(ReasonForm):
    """Public or not, and why."""

    field_order = ("verdict", "reason")
    verdict = _choice("处理", [("keep", "异议不成立，公示"), ("withdraw", "不公示")])
