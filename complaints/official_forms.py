"""The ten official forms (2026 文书式样): which fit a case as it stands, and what the case fills in.

A reporter's identity is on none of them (总局令第121号第37条); what the case does not know stays a blank.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from complaints.deadlines import start_day
from complaints.models import Clock, Complaint, IssuedDocument, MediationMeeting, Settlement, ViolationReport
from complaints.sealing import without_identity
from core.rule_packs import rules

Kind = IssuedDocument.Kind
To = IssuedDocument.Addressee
Subject = Complaint | ViolationReport
SEALED_REPORTER = "依法保密，另行封存"
# What an officer may write in by hand, in the words of the form.
EXTRA: dict[int, dict[str, str]] = {
    Kind.ROUTING: {"to_unit": "承办单位", "answer_by": "报告处理结果的日期", "pages": "材料页数"},
    Kind.ID_PROOF: {"proofs": "需要的材料", "phone": "联系电话", "address": "通信地址"},
    Kind.ACCEPTANCE: {"phone": "联系电话"},
    Kind.MEDIATION: {
        "meets": "调解时间", "place": "调解地点", "bring": "携带的材料", "recusal_days": "申请回避的天数",
        "mediator": "调解人员", "phone": "联系电话",
    },
    Kind.AGREEMENT: {"terms": "协议内容", "mediator": "调解人员", "respondent_agent": "被投诉人的委托代理人"},
    Kind.REPORT_RESULT: {"law": "依据的法律", "article": "第几条"},
}  # fmt: skip


@dataclass(frozen=True)
class Law:
    """The rule under which a case was received, and where it says what the forms quote."""

    order: int
    title: str
    identity: str
    refusal: str
    termination: str
    mediation_limit: str


LAWS = {
    20: Law(20, "市场监督管理投诉举报处理暂行办法", "第九条", "第十五条", "第二十一条", "四十五个工作日"),
    121: Law(121, "市场监督管理投诉举报处理办法", "第十条第三款", "第十六条", "第二十三条第一款", "六十日"),
}


def law_of(subject: Subject) -> Law:
    """令20号 for what came in before 2026-04-15, 令121号 since."""
    return LAWS[int(rules(subject.region.code, start_day(subject.received_at))["complaint.order"].value)]


def kinds_for(subject: Subject) -> list[IssuedDocument.Kind]:
    """The forms that are true of the case now; a form that would claim what did not happen is not offered."""
    if isinstance(subject, ViolationReport):
        fits = {
            Kind.REPORT_SHEET: True,
            Kind.ROUTING: subject.status == "ROUTED",
            Kind.REPORT_RESULT: subject.told_at is not None,
        }
    else:
        accepted = subject.decided_at is not None and subject.refusal is None
        fits = {
            Kind.COMPLAINT_SHEET: True,
            Kind.ROUTING: subject.status in ("ROUTED", "ASSIGNED"),
            Kind.ID_PROOF: subject.status == "ID_PROOF_REQUESTED",
            Kind.ACCEPTANCE: accepted,
            Kind.REFUSAL: subject.refusal is not None,
            Kind.MEDIATION: subject.status in ("ACCEPTED", "MEDIATING"),
            Kind.TERMINATION: subject.termination is not None,
            Kind.AGREEMENT: Settlement.objects.filter(complaint=subject).exists(),
        }
    return [kind for kind, fit in fits.items() if fit]


def addressees(kind: int) -> tuple[IssuedDocument.Addressee, ...]:
    """To whom a form goes; two notices go to either side."""
    if kind in (Kind.COMPLAINT_SHEET, Kind.REPORT_SHEET):
        return (To.FILE,)
    if kind in (Kind.MEDIATION, Kind.TERMINATION):
        return (To.COMPLAINANT, To.RESPONDENT)
    if kind == Kind.AGREEMENT:
        return (To.BOTH,)
    return {Kind.ROUTING: (To.UNIT,), Kind.REPORT_RESULT: (To.REPORTER,)}.get(Kind(kind), (To.COMPLAINANT,))


def template_of(kind: int) -> str:
    """The text of a form."""
    return f"complaints/documents/form_{kind}.html"


def fields_of(kind: int, subject: Subject, addressee: str, extra: Mapping[str, str]) -> dict[str, Any]:
    """Everything the form's text asks for. ``extra`` is what the officer wrote in; the case fills the rest."""
    own = {name: str(extra.get(name) or "").strip()[:2000] for name in EXTRA.get(kind, {})}
    found: dict[str, Any] = {
        "law": law_of(subject),
        "received": subject.received_at,
        "topic": f"{subject.respondent}{subject.get_cause_display()}",
        "handler": subject.handler.name if subject.handler else "",
        "attachments": subject.attachments.count(),
        **_respondent(subject),
    }
    if isinstance(subject, ViolationReport):
        found |= {
            "person": SEALED_REPORTER if subject.reporter else "匿名",
            "facts": without_identity(subject, subject.facts),
            "result": without_identity(subject, subject.reply),
        }
        own.setdefault("law", "")
        own["basis"] = own.pop("law") or subject.told_basis
        own["article"] = without_identity(subject, own.get("article", ""))
    else:
        found |= _complaint(kind, subject, addressee)
    return found | {name: text for name, text in own.items() if text or name not in found}


def _respondent(subject: Subject) -> dict[str, Any]:
    merchant, store = subject.merchant, subject.store
    return {
        "respondent": merchant.legal_name if merchant else subject.respondent_name,
        "respondent_address": store.address if store else subject.respondent_address,
        "respondent_person": merchant.legal_rep if merchant else "",
        "respondent_phone": merchant.contact_phone.removeprefix("+86") if merchant else "",
    }


def _complaint(kind: int, complaint: Complaint, addressee: str) -> dict[str, Any]:
    person = complaint.complainant
    found: dict[str, Any] = {
        "person": person.name,
        "phone_of_person": person.phone.removeprefix("+86"),
        "address_of_person": person.address,
        "id_checked": person.id_checked_at,
        "agent": person.agent_name,
        "agent_phone": person.agent_phone.removeprefix("+86"),
        "facts": complaint.facts,
        "claim": complaint.claim,
        "refusal": complaint.refusal,
        "termination": complaint.termination,
        "to": person.name,
    }
    if addressee == To.RESPONDENT:
        found["to"] = _respondent(complaint)["respondent"]
    if kind == Kind.ID_PROOF:
        clock = Clock.objects.of(complaint).filter(code=Clock.Code.ID_PROOF).order_by("-id").first()
        found["due"] = clock.due_on if clock else None
    if kind == Kind.MEDIATION:
        meeting = MediationMeeting.objects.filter(complaint=complaint).select_related("mediator").last()
        found |= {
            "meeting": meeting,
            "place": meeting.place if meeting else "",
            "mediator": meeting.mediator.name if meeting else found.get("handler", ""),
        }
    if kind == Kind.AGREEMENT:
        settlement = Settlement.objects.filter(complaint=complaint).select_related("made_by").first()
        found |= {
            "terms": settlement.terms if settlement else complaint.reply,
            "mediator": settlement.made_by.name if settlement else "",
        }
    return found
