"""Supervision notices, answered and verified by somebody else; interviews of two officers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from complaints.actions.numbers import next_number
from complaints.actions.reports import said
from complaints.deadlines import start_day
from complaints.models import (
    INTERVIEW_LIFECYCLE,
    NOTICE_LIFECYCLE,
    DocumentCounter,
    RectificationItem,
    RegulatoryInterview,
    SupervisionNotice,
)
from complaints.supervision_rules import ISSUERS
from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.locking import lock_in_order
from core.models import Region, StoredFile, User
from core.models.people import OFFICERS
from core.permissions import require
from merchants.models import Merchant

MOST_ITEMS = 20
Status = SupervisionNotice.Status


@transaction.atomic
def issue_notice(
    data: Mapping[str, Any],
    items: Sequence[str],
    *,
    by: Actor,
    evidence: StoredFile | None = None,
    at: datetime | None = None,
) -> SupervisionNotice:
    """Tell a merchant or a department what to put right by when; numbered by bureau and year.

    ``data``: merchant_id, or region and department; facts, basis, due_on. Raises Invalid, naming each field.
    """
    now = at or timezone.now()
    merchant = Merchant.objects.filter(pk=data.get("merchant_id") or 0).select_related("region").first()
    department = "" if merchant else str(data.get("department") or "").strip()[:20]
    region = merchant.region if merchant else Region.objects.filter(pk=str(data.get("region") or "")).first()
    texts = [text.strip()[:300] for text in items if text.strip()]
    due: date | None = data.get("due_on")
    wrong = {}
    if merchant is None and not department:
        wrong["department"] = "选商家，或者写明哪个部门"
    if region is None:
        wrong["region"] = "选部门所在的地区"
    if len(str(data.get("facts") or "").strip()) < 5:
        wrong["facts"] = "写明事实，至少 5 个字"
    if not str(data.get("basis") or "").strip():
        wrong["basis"] = "写明依据"
    if due is None or due <= start_day(now):
        wrong["due_on"] = "期限要晚于今天"
    if not 1 <= len(texts) <= MOST_ITEMS:
        wrong["items"] = f"写明要整改什么，一行一项，最多 {MOST_ITEMS} 项"
    if wrong:
        raise Invalid(fields=wrong)
    assert region is not None and due is not None and by.user is not None
    notice = SupervisionNotice(
        region=region, merchant=merchant, department=department, facts=str(data["facts"]).strip()[:2000],
        basis=str(data["basis"]).strip()[:200], due_on=due, evidence=evidence, issued_by=by.user, issued_at=now,
    )  # fmt: skip
    require(by, "complaints.issue_notice", notice)
    year = start_day(now).year
    bureau, number = next_number(region, year, DocumentCounter.Series.NOTICE)
    notice.title = f"{bureau.name}市监提示〔{year}〕第{number}号"
    notice.save()
    RectificationItem.objects.bulk_create([RectificationItem(notice=notice, text=text) for text in texts])
    record("notice.issue", notice, by=by, title=notice.title, target=notice.target, items=len(texts))
    if merchant is not None:
        messages.text_user(
            merchant.registered_by,
            f"{merchant.brand_name}：收到监督提示单 {notice.title}，请在 {due} 前整改并报告。登录商家后台办理。",
            key=f"notice:{notice.pk}:issue",
        )
    return notice


@transaction.atomic
def acknowledge_notice(notice_id: int, *, by: Actor, at: datetime | None = None) -> SupervisionNotice:
    """The target has read it."""
    notice = _locked(notice_id)
    require(by, "complaints.answer_notice", notice)
    NOTICE_LIFECYCLE.move("acknowledge", notice)
    notice.acknowledged_at = at or timezone.now()
    notice.save()
    record("notice.acknowledge", notice, by=by)
    return notice


@transaction.atomic
def fix_item(
    item_id: int, note: str, *, by: Actor, proof: StoredFile | None = None, at: datetime | None = None
) -> RectificationItem:
    """The target says what it did about one item, with proof; the first one begins the rectification."""
    seen = RectificationItem.objects.filter(pk=item_id).first()
    if seen is None:
        raise NotFound
    notice = _locked(seen.notice_id)
    require(by, "complaints.answer_notice", notice)
    now = at or timezone.now()
    if notice.status == Status.ISSUED:
        NOTICE_LIFECYCLE.move("acknowledge", notice)
        notice.acknowledged_at = now
    if notice.status == Status.ACKNOWLEDGED:
        NOTICE_LIFECYCLE.move("rectify", notice)
    if notice.status not in (Status.RECTIFYING, Status.OVERDUE, Status.ESCALATED):
        raise WrongState(f"现在是「{notice.get_status_display()}」，不能再改整改情况")
    notice.acknowledged_at = notice.acknowledged_at or now
    notice.save()
    item = RectificationItem.objects.locked(item_id)
    item.note, item.fixed_by, item.fixed_at = said(note, "note")[:500], by.user, now
    item.proof = proof or item.proof
    item.save()
    record("notice.fix", notice, by=by, item=item.pk)
    return item


@transaction.atomic
def report_rectified(notice_id: int, text: str, *, by: Actor, at: datetime | None = None) -> SupervisionNotice:
    """The target reports; every item must have been put right. Raises WrongState, naming how many have not."""
    notice = _locked(notice_id)
    require(by, "complaints.answer_notice", notice)
    if notice.items_open:
        raise WrongState(f"还有 {notice.items_open} 项没有写整改情况")
    NOTICE_LIFECYCLE.move("report", notice)
    notice.report_text, notice.reported_by = said(text, "text"), by.user
    notice.reported_at = at or timezone.now()
    notice.save()
    record("notice.report", notice, by=by)
    return notice


@transaction.atomic
def return_notice(notice_id: int, opinion: str, items: Sequence[int] = (), *, by: Actor) -> SupervisionNotice:
    """It is not put right yet: the named items, or all of them, are open again."""
    notice = _locked(notice_id)
    require(by, "complaints.verify_notice", notice)
    NOTICE_LIFECYCLE.move("return", notice)
    notice.opinion = said(opinion)[:300]
    reopened = notice.items.filter(pk__in=items) if items else notice.items.all()
    reopened.update(fixed_at=None)
    notice.save()
    record("notice.return", notice, by=by, reason=notice.opinion)
    if notice.merchant is not None:
        messages.text_user(
            notice.merchant.registered_by,
            f"{notice.merchant.brand_name}：监督提示单 {notice.title} 的整改没有通过核验，请继续整改后再报。",
            key=f"notice:{notice.pk}:return:{timezone.now().isoformat()}",
        )
    return notice


@transaction.atomic
def verify_notice(notice_id: int, opinion: str, *, by: Actor, at: datetime | None = None) -> SupervisionNotice:
    """Somebody who had no part in putting it right has looked. Raises NotAllowed for who reported or put it right."""
    notice = _locked(notice_id)
    require(by, "complaints.verify_notice", notice)
    NOTICE_LIFECYCLE.move("verify", notice)
    notice.opinion, notice.verified_by, notice.verified_at = said(opinion)[:300], by.user, at or timezone.now()
    notice.save()
    record("notice.verify", notice, by=by, reason=notice.opinion)
    return notice


@transaction.atomic
def close_notice(notice_id: int, *, by: Actor) -> SupervisionNotice:
    """Who issues notices takes it off the list (销号)."""
    notice = _locked(notice_id)
    require(by, "complaints.issue_notice", notice)
    NOTICE_LIFECYCLE.move("close", notice)
    notice.save()
    record("notice.close", notice, by=by)
    return notice


@transaction.atomic
def lapse_notice(notice_id: int, *, by: Actor, on: date | None = None) -> SupervisionNotice:
    """The limit passed without a report. Safe to repeat: a notice that was answered meanwhile stays as it is."""
    notice, today = _locked(notice_id), on or business_date()
    require(by, "complaints.sweep_notices", notice)
    if notice.due_on >= today or notice.status not in (Status.ISSUED, Status.ACKNOWLEDGED, Status.RECTIFYING):
        return notice
    NOTICE_LIFECYCLE.move("lapse", notice)
    notice.save()
    record("notice.lapse", notice, by=by)
    return notice


@transaction.atomic
def escalate_notice(notice_id: int, owner_id: int, reason: str, *, by: Actor) -> SupervisionNotice:
    """Nobody answered: a named leader takes it over. Raises Invalid for somebody who does not answer for the place."""
    notice = _locked(notice_id)
    require(by, "complaints.issue_notice", notice)
    owner = User.objects.filter(pk=owner_id, is_active=True).first()
    if owner is None or not owner.access.covers(notice.region.path, *ISSUERS):
        raise Invalid(fields={"owner": "选这个地区的负责人"})
    NOTICE_LIFECYCLE.move("escalate", notice)
    notice.escalated_to, notice.opinion = owner, said(reason)[:300]
    notice.save()
    record("notice.escalate", notice, by=by, reason=notice.opinion, owner=owner.pk)
    messages.text_user(
        owner, f"监督提示单 {notice.title} 逾期未报，已提级由您督办。", key=f"notice:{notice.pk}:escalate"
    )
    return notice


@transaction.atomic
def call_interview(merchant_id: int, data: Mapping[str, Any], *, by: Actor) -> RegulatoryInterview:
    """约谈: tell a merchant when, where and about what two officers will talk to it.

    ``data``: topics, meets_at, place, second_officer (a person's id). Raises Invalid.
    """
    merchant = Merchant.objects.locked(merchant_id)
    second = User.objects.filter(pk=data.get("second_officer") or 0, is_active=True).first()
    wrong = {}
    if second is None or second == by.user or not second.access.covers(merchant.region.path, *OFFICERS):
        wrong["second_officer"] = "选另一名本辖区的监管人员：约谈由两人进行"
    if len(str(data.get("topics") or "").strip()) < 5:
        wrong["topics"] = "写明约谈事项，至少 5 个字"
    if not data.get("meets_at") or not str(data.get("place") or "").strip():
        wrong["meets_at"] = "写明时间和地点"
    if wrong:
        raise Invalid(fields=wrong)
    assert by.user is not None and second is not None
    row = RegulatoryInterview(
        merchant=merchant, topics=str(data["topics"]).strip()[:1000], meets_at=data["meets_at"],
        place=str(data["place"]).strip()[:100], officer=by.user, second_officer=second,
    )  # fmt: skip
    require(by, "complaints.hold_interview", row)
    row.save()
    record("interview.call", row, by=by, topic=row.topics[:100])
    messages.text_user(
        merchant.registered_by,
        f"{merchant.brand_name}：市场监管部门通知您单位负责人到{row.place}约谈，时间和事项请登录商家后台查看。",
        key=f"interview:{row.pk}:call",
    )
    return row


@transaction.atomic
def hold_interview(interview_id: int, minutes: str, *, by: Actor, at: datetime | None = None) -> RegulatoryInterview:
    """It was held; the minutes."""
    row = _interview(interview_id, "hold", by=by)
    row.minutes, row.held_at = said(minutes, "minutes")[:4000], at or timezone.now()
    return _kept(row, "interview.hold", by)


@transaction.atomic
def commit_interview(interview_id: int, commitments: str, due_on: date, *, by: Actor) -> RegulatoryInterview:
    """What the merchant promised, and by when."""
    row = _interview(interview_id, "commit", by=by)
    row.commitments, row.due_on = said(commitments, "commitments"), due_on
    return _kept(row, "interview.commit", by)


@transaction.atomic
def check_interview(interview_id: int, finding: str, kept: bool, *, by: Actor) -> RegulatoryInterview:
    """Whether the promise was kept."""
    row = _interview(interview_id, "check", by=by)
    row.finding, row.kept, row.checked_by = said(finding, "finding"), kept, by.user
    return _kept(row, "interview.check", by)


def _kept(row: RegulatoryInterview, verb: str, by: Actor) -> RegulatoryInterview:
    row.save()
    record(verb, row, by=by)
    return row


def _interview(interview_id: int, step: str, *, by: Actor) -> RegulatoryInterview:
    seen = RegulatoryInterview.objects.filter(pk=interview_id).first()
    if seen is None:
        raise NotFound
    row: RegulatoryInterview = lock_in_order((Merchant, seen.merchant_id), (RegulatoryInterview, interview_id))[1]
    require(by, "complaints.hold_interview", row)
    INTERVIEW_LIFECYCLE.move(step, row)
    return row


def _locked(notice_id: int) -> SupervisionNotice:
    """The notice, locked. Raises NotFound."""
    return SupervisionNotice.objects.locked(notice_id)
