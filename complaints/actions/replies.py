"""The reply is written once on the case and goes back to each source in its own form, under its own number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from complaints.actions.receipts import SOURCES
from complaints.actions.steps import now
from complaints.models import Channel, Complaint, Consultation, Receipt, ViolationReport
from core.actors import Actor
from core.audit import record_many
from core.csv_export import plain_yuan
from core.errors import Invalid, NotAllowed
from core.models.people import in_regions
from core.permissions import may

MOST = 5_000
_HEADS_12345 = ("工单编号", "办理单位", "是否联系诉求人", "首次联系时间", "办理结果", "答复内容", "办结时间")
_HEADS_12315 = ("登记编号", "处理结果", "反馈内容", "争议金额（元）", "挽回经济损失（元）", "办结时间")
_HEADS_OTHER = ("来源编号", "收到时间", "办理结果", "答复", "办结时间")
_12315 = (Channel.PLATFORM_12315, Channel.HOTLINE_12315)
_ENDED = Q(complaint__reply__gt="", complaint__status__in=["NOT_ACCEPTED", "CALLBACK", "CLOSED"])
# What the shop settled itself, what was taken back, and what another department answers from now on.
_OVER = Q(complaint__status__in=["CLOSED", "WITHDRAWN", "ROUTED"], complaint__closed_at__isnull=False)
_ANSWERED = Q(consultation__status__in=["ANSWERED", "ROUTED"])
_REPORTED = Q(report__told_at__isnull=False) | Q(report__closed_at__isnull=False)
_OF_REPORTS = {
    "TRANSFERRED": ("已移送", "已移送有权机关处理。"),
    "DUPLICATE": ("重复举报", "与先前的举报是同一事实，不再重复处理。"),
    "MERGED": ("并件", "已与先前的举报合并办理。"),
}


def heads_of(channel: str) -> Sequence[str]:
    """The columns of the form of a source."""
    if channel == Channel.HOTLINE_12345:
        return _HEADS_12345
    return _HEADS_12315 if channel in _12315 else _HEADS_OTHER


def _of_officer(channel: str, by: Actor) -> QuerySet[Receipt]:
    """Receipts of complaints, reports and questions of the officer's places, none of a matter of their own."""
    if not may(by, "complaints.export_replies") or by.user is None:
        raise NotAllowed
    if channel not in SOURCES:
        raise Invalid("没有这个来源")
    paths = by.user.access.region_paths(*_desk())
    own = Q(complaint__complainant__user=by.user) | Q(consultation__person__user=by.user)
    own |= Q(report__reporter__user=by.user)
    mine = Q(pk__in=[])
    for matter in ("complaint", "report", "consultation"):
        mine |= in_regions(f"{matter}__region__path", paths)
    return Receipt.objects.filter(mine, intake__channel=channel).exclude(intake__source_no="").exclude(own)


def _desk() -> Sequence[str]:
    from complaints.desk_rules import DESK  # rules import models, actions come before them

    return DESK


def waiting(channel: str, *, by: Actor) -> QuerySet[Receipt]:
    """Receipts of a source whose reply is written and has not gone back yet."""
    ready = _ENDED | _OVER | _ANSWERED | _REPORTED
    return _of_officer(channel, by).filter(ready, replied_at=None).order_by("reply_due_at", "pk")


def batches(channel: str, *, by: Actor, limit: int = 10) -> list[tuple[datetime, int]]:
    """When replies went back to a source, and how many; each can be downloaded again."""
    rows = _of_officer(channel, by).filter(replied_at__isnull=False).order_by().values("replied_at")
    found = rows.annotate(n=Count("pk")).order_by("-replied_at")[:limit]
    return [(row["replied_at"], row["n"]) for row in found if row["replied_at"] is not None]


@transaction.atomic
def send_replies(channel: str, *, by: Actor, at: datetime | None = None) -> tuple[datetime, int]:
    """Mark the written replies of a source as sent; the moment names the batch. Raises Invalid when none waits."""
    moment = now(at)
    wanted = list(waiting(channel, by=by).values_list("pk", flat=True)[:MOST])
    rows = [row for row in Receipt.objects.locked_all(wanted) if row.replied_at is None]
    if not rows:
        raise Invalid("这个来源没有写好还没回填的答复")
    Receipt.objects.filter(pk__in=[row.pk for row in rows]).update(replied_at=moment)
    if complaints := sorted({row.complaint_id for row in rows if row.complaint_id}):
        record_many("complaint.reply_to_source", Complaint, complaints, by=by, channel=channel)
    if questions := sorted({row.consultation_id for row in rows if row.consultation_id}):
        record_many("consultation.reply_to_source", Consultation, questions, by=by, channel=channel)
    if reports := sorted({row.report_id for row in rows if row.report_id}):
        record_many("report.reply_to_source", ViolationReport, reports, by=by, channel=channel)
    return moment, len(rows)


def reply_rows(channel: str, moment: datetime, *, by: Actor) -> Iterator[Sequence[Any]]:
    """The rows of one batch in the form of its source: its number, our result and words, no names."""
    found = _of_officer(channel, by).filter(replied_at=moment).order_by("pk")
    rows = found.select_related("intake", "complaint__region", "consultation__region", "report__region")
    return (_row(channel, row) for row in rows.iterator(chunk_size=500))


def said_of(matter: Any) -> tuple[str, str]:
    """The result and the words for the sources. How a report ends is in it only where it was told by law (第36条)."""
    if isinstance(matter, Complaint):
        return _result(matter), matter.reply or _without_reply(matter)
    if isinstance(matter, ViolationReport):
        result, words = _OF_REPORTS.get(matter.status, ("已办结", "已按规定核查处理。"))
        return result, matter.reply or words
    return str(matter.get_status_display()), str(matter.reply)


def _without_reply(complaint: Complaint) -> str:
    if complaint.status == Complaint.Status.WITHDRAWN:
        return "投诉人已撤回投诉。"
    if complaint.status == Complaint.Status.ROUTED:
        return f"已分送{complaint.routed_to}处理，由该部门答复。"
    return f"商家与投诉人协商解决：{complaint.merchant_reply}"[:2000]


def _row(channel: str, row: Receipt) -> Sequence[Any]:
    matter: Any = row.matter
    number, (result, words) = row.intake.source_no, said_of(matter)
    if channel == Channel.HOTLINE_12345:
        called = "是" if matter.first_contact_at else "否"
        return number, matter.region.name, called, matter.first_contact_at, result, words, matter.closed_at
    if channel in _12315:
        claim = plain_yuan(row.complaint.claim_fen) if row.complaint else None
        back = plain_yuan(row.complaint.recovered_fen) if row.complaint else None
        return number, result, words, claim, back, matter.closed_at
    return number, row.intake.received_at, result, words, matter.closed_at


def _result(complaint: Complaint) -> str:
    if complaint.status in (Complaint.Status.WITHDRAWN, Complaint.Status.ROUTED):
        return complaint.get_status_display()
    if complaint.refusal is not None:
        return "不予受理"
    if complaint.termination is not None:
        return "终止调解"
    return "双方达成一致"
