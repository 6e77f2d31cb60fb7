"""The message that says something was received: code and next date, never a link, never what it is about."""

from __future__ import annotations

from django.conf import settings

from complaints.actions.intake_checks import Facts
from complaints.models import Complaint, Consultation, ViolationReport
from core.clocks import local
from core.identifiers import masked_name


def receipt_text(
    facts: Facts, complaint: Complaint | None, report: ViolationReport | None, consultation: Consultation | None
) -> str:
    """What is sent to the person; nothing for a report without a name, whose code stands on the page alone."""
    parts = []
    if complaint is not None:
        to_shop = complaint.status == Complaint.Status.ODR_PENDING
        who = "先由商家和您协商" if to_shop else "是否受理会按期告诉您"
        parts.append(f"您对{facts.respondent[:20]}的投诉，查询码{complaint.code_grouped}，{who}")
    if report is not None and report.reporter is not None:
        parts.append(f"您的举报，查询码{report.code_grouped}，身份严格保密")
    if consultation is not None:
        parts.append(f"您的咨询，查询码{consultation.code_grouped}")
    if not parts:
        return ""
    day = local(facts.received_at)
    return f"【{settings.PORTAL_NAME}】{day.month}月{day.day}日收到" + "；".join(parts) + "。问进度请打12315报查询码。"


def named_texts(facts: Facts, complaint: Complaint | None) -> list[tuple[str, str]]:
    """To those in whose name somebody else files (第11、12条): phone and words, so that nobody is named unasked."""
    if complaint is None or not (facts.agent or facts.others):
        return []
    who = masked_name(facts.agent.name if facts.agent else facts.party.name)
    how = "代您" if facts.agent else "和您一起"
    text = (
        f"【{settings.PORTAL_NAME}】{who}{how}投诉了{facts.respondent[:20]}，查询码{complaint.code_grouped}。"
        "不是您的意思，请打12315说明。"
    )
    people = [facts.party] if facts.agent else facts.others
    return [(one.phone, text) for one in people if one.phone.startswith("+")]
