"""Consumer warnings with the merchant's right of reply, and typical cases told without the people in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from complaints.actions.reports import said
from complaints.models import (
    TYPICAL_CASE_LIFECYCLE,
    WARNING_LIFECYCLE,
    Complaint,
    ConsumerWarning,
    TypicalCase,
    ViolationReport,
)
from core import messages
from core.actors import Actor
from core.audit import record
from core.errors import Invalid, WrongState
from core.identifiers import masked_name
from core.lifecycle import Lifecycle
from core.models import Industry, Region
from core.permissions import require
from merchants.models import Merchant

Publication = ConsumerWarning | TypicalCase
# A mobile number, or an identity number, however it came into a text that everybody will read.
NUMBERS = re.compile(r"(?<!\d)(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\d{17}[\dXx])(?!\d)")
REPLIABLE = ("APPROVED", "PUBLISHED")


@transaction.atomic
def draft_warning(data: Mapping[str, Any], *, by: Actor) -> ConsumerWarning:
    """Draft a warning about one merchant, or about an industry in a region (第38条).

    ``data``: title, text, advice; merchant_id, or region and industry. Raises Invalid.
    """
    merchant = Merchant.objects.filter(pk=data.get("merchant_id") or 0).select_related("region", "industry").first()
    region = merchant.region if merchant else Region.objects.filter(pk=str(data.get("region") or "")).first()
    industry = merchant.industry if merchant else Industry.objects.filter(pk=data.get("industry") or 0).first()
    wrong = _wrong(data)
    if len(str(data.get("advice") or "").strip()) < 5:
        wrong["advice"] = "告诉消费者该怎么做，至少 5 个字"
    if region is None or industry is None:
        wrong["industry"] = "选商家，或者选地区和行业"
    if wrong:
        raise Invalid(fields=wrong)
    assert region is not None and by.user is not None
    row = ConsumerWarning(
        region=region, industry=industry, merchant=merchant, title=str(data["title"]).strip()[:80],
        text=without_numbers(str(data["text"]).strip())[:4000], advice=str(data["advice"]).strip()[:500],
        drafted_by=by.user,
    )  # fmt: skip
    require(by, "complaints.draft_publication", row)
    row.save()
    record("warning.draft", row, by=by, topic=row.title)
    return row


@transaction.atomic
def draft_typical_case(
    data: Mapping[str, Any],
    *,
    by: Actor,
    complaint_id: int | None = None,
    report_id: int | None = None,
) -> TypicalCase:
    """Draft a case to learn from; the names and numbers of its people are masked before it is kept. Raises Invalid."""
    complaint = Complaint.objects.locked(complaint_id) if complaint_id else None
    report = ViolationReport.objects.locked(report_id) if report_id else None
    source = complaint or report
    if complaint is not None:
        require(by, "complaints.handle_complaint", complaint)
    if report is not None:
        require(by, "complaints.handle_report", report)
    region = source.region if source else Region.objects.filter(pk=str(data.get("region") or "")).first()
    wrong = _wrong(data)
    if region is None:
        wrong["region"] = "选地区"
    if wrong:
        raise Invalid(fields=wrong)
    assert region is not None and by.user is not None
    people = list(_people(complaint, report))
    row = TypicalCase(
        region=region, industry=source.industry if source else None, complaint=complaint, report=report,
        title=masked(str(data["title"]).strip(), people)[:80], text=masked(str(data["text"]).strip(), people)[:4000],
        drafted_by=by.user,
    )  # fmt: skip
    require(by, "complaints.draft_publication", row)
    row.save()
    record("typical_case.draft", row, by=by)
    return row


@transaction.atomic
def approve_publication(row: Publication, *, by: Actor, at: datetime | None = None) -> Publication:
    """A head, not who drafted it, approves; the shop that a warning names reads it now and may reply."""
    row, life = _locked(row)
    require(by, "complaints.approve_publication", row)
    life.move("approve", row)
    row.approved_by, row.approved_at = by.user, at or timezone.now()
    row.save()
    record(f"{_word(row)}.approve", row, by=by)
    if isinstance(row, ConsumerWarning) and row.merchant is not None:
        messages.text_user(
            row.merchant.registered_by,
            f"{row.merchant.brand_name}：市场监管部门拟发布涉及您店的消费警示，请登录商家后台查看，您的回应会一并公布。",
            key=f"warning:{row.pk}:approve:{row.approved_at.isoformat()}",
        )
    return row


@transaction.atomic
def return_publication(row: Publication, reason: str, *, by: Actor) -> Publication:
    """Back to the drafter."""
    row, life = _locked(row)
    require(by, "complaints.approve_publication", row)
    life.move("return", row)
    row.reason, row.approved_by, row.approved_at = said(reason)[:300], None, None
    row.save()
    record(f"{_word(row)}.return", row, by=by, reason=row.reason)
    return row


@transaction.atomic
def revise_publication(row: Publication, data: Mapping[str, Any], *, by: Actor) -> Publication:
    """Change a draft. Raises WrongState once it is approved."""
    row, _ = _locked(row)
    require(by, "complaints.draft_publication", row)
    if row.status != row.Status.DRAFT:
        raise WrongState("已审批的不能再改，请先退回修改")
    wrong = _wrong(data)
    if wrong:
        raise Invalid(fields=wrong)
    people = list(_people(row.complaint, row.report)) if isinstance(row, TypicalCase) else []
    row.title = masked(str(data["title"]).strip(), people)[:80]
    row.text = masked(str(data["text"]).strip(), people)[:4000]
    if isinstance(row, ConsumerWarning) and data.get("advice"):
        row.advice = str(data["advice"]).strip()[:500]
    row.save()
    record(f"{_word(row)}.revise", row, by=by)
    return row


@transaction.atomic
def publish_publication(row: Publication, *, by: Actor, at: datetime | None = None) -> Publication:
    """Show it to everybody."""
    row, life = _locked(row)
    require(by, "complaints.publish_publication", row)
    life.move("publish", row)
    row.published_at = at or timezone.now()
    row.save()
    record(f"{_word(row)}.publish", row, by=by)
    return row


@transaction.atomic
def withdraw_publication(row: Publication, reason: str, *, by: Actor, at: datetime | None = None) -> Publication:
    """Take it off public view, with the reason."""
    row, life = _locked(row)
    require(by, "complaints.approve_publication", row)
    life.move("withdraw", row)
    row.reason, row.withdrawn_at = said(reason)[:300], at or timezone.now()
    row.save()
    record(f"{_word(row)}.withdraw", row, by=by, reason=row.reason)
    return row


@transaction.atomic
def reply_to_warning(warning_id: int, text: str, *, by: Actor, at: datetime | None = None) -> ConsumerWarning:
    """The shop's own words, shown beside the warning; it may change them as long as the warning stands."""
    row = ConsumerWarning.objects.locked(warning_id)
    require(by, "complaints.reply_warning", row)
    if row.status not in REPLIABLE:
        raise WrongState("现在不能回应这份警示")
    row.reply, row.replied_at = without_numbers(said(text, "text")), at or timezone.now()
    row.save()
    record("warning.reply", row, by=by)
    return row


def without_numbers(text: str) -> str:
    """Phones and identity numbers blacked out."""
    return NUMBERS.sub("＊＊＊", text)


def masked(text: str, people: Iterable[str]) -> str:
    """Names as 王**, phones and identity numbers blacked out."""
    for name in sorted({name for name in people if len(name) > 1}, key=len, reverse=True):
        text = text.replace(name, masked_name(name))
    return without_numbers(text)


def _people(complaint: Complaint | None, report: ViolationReport | None) -> Iterable[str]:
    """The names that stand in a case."""
    if complaint is not None:
        yield from (complaint.complainant.name, complaint.complainant.agent_name)
        yield from (row.complainant.name for row in complaint.joint_complainants.select_related("complainant"))
    if report is not None and report.reporter is not None:
        yield from (report.reporter.name, report.reporter.address)
    source = complaint or report
    if source is not None and source.merchant is not None:
        yield from (source.merchant.legal_rep, source.merchant.registered_by.name)


def _wrong(data: Mapping[str, Any]) -> dict[str, str]:
    wrong = {}
    if len(str(data.get("title") or "").strip()) < 5:
        wrong["title"] = "写标题，至少 5 个字"
    if len(str(data.get("text") or "").strip()) < 10:
        wrong["text"] = "写明事实，至少 10 个字"
    return wrong


def _locked(row: Publication) -> tuple[Any, Lifecycle]:
    if isinstance(row, ConsumerWarning):
        return ConsumerWarning.objects.locked(row.pk), WARNING_LIFECYCLE
    return TypicalCase.objects.locked(row.pk), TYPICAL_CASE_LIFECYCLE


def _word(row: Publication) -> str:
    return "warning" if isinstance(row, ConsumerWarning) else "typical_case"
