"""From a verified clue to a published penalty: extensions by two, filing, investigation, decision, publication."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from complaints.actions import clocks
from complaints.actions.numbers import next_number
from complaints.actions.reports import said
from complaints.deadlines import start_day
from complaints.models import (
    CASE_LIFECYCLE,
    EXTENSION_LIFECYCLE,
    REPORT_LIFECYCLE,
    Clock,
    DocumentCounter,
    EnforcementCase,
    ExtensionRequest,
    ViolationReport,
)
from complaints.sealing import keep_identity_out
from complaints.signals import record_published
from core.actors import Actor
from core.audit import record
from core.errors import Invalid, NotFound, WrongState
from core.money import MAX_FEN
from core.permissions import require
from core.rule_packs import rule, rules

Code = Clock.Code
Penalty = EnforcementCase.Penalty
# Kinds of penalty that are taken off public view early (总局45号: 警告、通报批评 and small fines).
LIGHT = (Penalty.WARNING, Penalty.CRITICISM)


@transaction.atomic
def ask_extension(report_id: int, reason: str, *, by: Actor, at: datetime | None = None) -> ExtensionRequest:
    """The officer asks for the longer limit before the first one is over: 15 more working days to verify (第27条),
    30 more days for the case. Raises WrongState when it was given already or the limit is over.
    """
    report, now = ViolationReport.objects.locked(report_id), at or timezone.now()
    require(by, "complaints.handle_report", report)
    clock = _extendable(report, now)
    if ExtensionRequest.objects.filter(report=report, status=ExtensionRequest.Status.ASKED).exists():
        raise WrongState("已经申请延期，等负责人批准")
    assert by.user is not None
    asked = ExtensionRequest.objects.create(
        report=report,
        code=clock.code,
        reason=keep_identity_out(report, "reason", said(reason))[:300],
        asked_by=by.user,
        asked_at=now,
    )
    record("report.ask_extension", report, by=by, reason=asked.reason)
    return asked


@transaction.atomic
def approve_extension(report_id: int, *, by: Actor, at: datetime | None = None) -> ExtensionRequest:
    """A head of the bureau, not who asked, approves it; the same count goes on. Raises WrongState, NotAllowed."""
    report, asked, now = *_asked(report_id), at or timezone.now()
    require(by, "complaints.approve_extension", asked)
    EXTENSION_LIFECYCLE.move("approve", asked)
    _extendable(report, now)
    clocks.extend(report, asked.code)
    asked.decided_by, asked.decided_at = by.user, now
    asked.save()
    report.save(update_fields=["next_due_at"])
    record("report.extend", report, by=by, reason=asked.reason)
    return asked


@transaction.atomic
def refuse_extension(report_id: int, opinion: str, *, by: Actor, at: datetime | None = None) -> ExtensionRequest:
    """The head does not approve it: the first limit stands."""
    report, asked = _asked(report_id)
    require(by, "complaints.approve_extension", asked)
    EXTENSION_LIFECYCLE.move("refuse", asked)
    asked.opinion = keep_identity_out(report, "reason", said(opinion))[:300]
    asked.decided_by, asked.decided_at = by.user, at or timezone.now()
    asked.save()
    record("report.refuse_extension", report, by=by, reason=asked.opinion)
    return asked


@transaction.atomic
def file_report(report_id: int, reason: str, *, by: Actor, at: datetime | None = None) -> ViolationReport:
    """立案: a head signs what the officer verified; 90 days run for the case, and its number is given."""
    report, case, now = _with_case(report_id, at)
    require(by, "complaints.file_report", report)
    REPORT_LIFECYCLE.move("file", report)
    CASE_LIFECYCLE.move("file", case)
    bureau, n = next_number(report.region, start_day(now).year, DocumentCounter.Series.CASE)
    case.case_no = f"{bureau.name}市监罚立〔{start_day(now).year}〕第{n}号"
    case.filed_by, case.filed_on = by.user, start_day(now)
    case.save()
    report.reason = keep_identity_out(report, "reason", said(reason))
    _verified(report, now)
    clocks.start(report, Code.CASE, at=now)
    report.save()
    record("report.file", report, by=by, reason=report.reason, case_no=case.case_no)
    return report


@transaction.atomic
def not_file_report(report_id: int, reason: str, *, by: Actor, at: datetime | None = None) -> ViolationReport:
    """不予立案: a head signs, with the reason."""
    report, case, now = _with_case(report_id, at)
    require(by, "complaints.file_report", report)
    REPORT_LIFECYCLE.move("not_file", report)
    CASE_LIFECYCLE.move("not_file", case)
    case.filed_by = by.user
    case.save()
    report.reason = keep_identity_out(report, "reason", said(reason))
    _verified(report, now)
    report.save()
    record("report.not_file", report, by=by, reason=report.reason)
    return report


@transaction.atomic
def investigate_report(report_id: int, *, by: Actor) -> ViolationReport:
    """The officers go out."""
    report = ViolationReport.objects.locked(report_id)
    require(by, "complaints.handle_report", report)
    REPORT_LIFECYCLE.move("investigate", report)
    report.save()
    record("report.investigate", report, by=by)
    return report


@transaction.atomic
def decide_report(report_id: int, data: Mapping[str, Any], *, by: Actor, at: datetime | None = None) -> ViolationReport:
    """A head signs the decision. ``data``: penalty, fine_fen, confiscated_fen, law, decision_no, decision.

    A penalty is to be published within 20 working days (总局45号). Raises Invalid where kind and sums do not fit.
    """
    report, case, now = _with_case(report_id, at)
    require(by, "complaints.file_report", report)
    given = _penalty(report, data)
    REPORT_LIFECYCLE.move("decide", report)
    CASE_LIFECYCLE.move("decide", case)
    for name, value in given.items():
        setattr(case, name, value)
    case.decided_by, case.decided_on = by.user, start_day(now)
    case.save()
    clocks.stop(report, Code.CASE, at=now)
    if case.penalty != Penalty.NONE:
        clocks.start(report, Code.PUBLISH, at=now)
    report.save()
    record(
        "report.decide", report, by=by, penalty=case.get_penalty_display(), fine_fen=case.fine_fen,
        confiscated_fen=case.confiscated_fen, decision_no=case.decision_no,
    )  # fmt: skip
    return report


@transaction.atomic
def publish_penalty(report_id: int, *, by: Actor, at: datetime | None = None) -> ViolationReport:
    """Put the penalty on public view, for as long as the rules say. Raises WrongState where there is none."""
    report, case, now = _with_case(report_id, at)
    require(by, "complaints.handle_report", report)
    if case.penalty == Penalty.NONE:
        raise WrongState("不予处罚的没有可公示的处罚，请直接办结")
    REPORT_LIFECYCLE.move("publish", report)
    CASE_LIFECYCLE.move("publish", case)
    case.published_on = start_day(now)
    weight = "light" if case.penalty in LIGHT else "full"
    months = int(rule(f"case_publicity.{weight}", report.region.code, case.published_on).value)
    case.public_until = months_after(case.published_on, months)
    case.save()
    clocks.stop(report, Code.PUBLISH, at=now)
    report.save()
    record("report.publish", report, by=by, until=case.public_until)
    if report.merchant_id is not None:
        record_published.send(ViolationReport, merchant_id=report.merchant_id, by=by)
    return report


@transaction.atomic
def close_report(report_id: int, reply: str = "", *, by: Actor, at: datetime | None = None) -> ViolationReport:
    """Everything is done. Raises WrongState while somebody is still to be told or a penalty to be published."""
    report, now = ViolationReport.objects.locked(report_id), at or timezone.now()
    require(by, "complaints.handle_report", report)
    owed = Clock.objects.of(report).running().first()
    if owed is not None:
        raise WrongState(f"「{owed.get_code_display()}」还没有办，不能办结")
    REPORT_LIFECYCLE.move("close", report)
    report.closed_at = now
    clocks.stop(report, at=now)
    report.save()
    record("report.close", report, by=by)
    return report


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), first_of_next - timedelta(days=1))


def _with_case(report_id: int, at: datetime | None) -> tuple[ViolationReport, EnforcementCase, datetime]:
    report = ViolationReport.objects.locked(report_id)
    case = EnforcementCase.objects.select_for_update(no_key=True, of=("self",)).filter(report=report).first()
    if case is None:
        raise WrongState("还没有开始核查")
    return report, case, at or timezone.now()


def _asked(report_id: int) -> tuple[ViolationReport, ExtensionRequest]:
    report = ViolationReport.objects.locked(report_id)
    rows = ExtensionRequest.objects.select_for_update(no_key=True, of=("self",))
    asked = rows.filter(report=report, status=ExtensionRequest.Status.ASKED).first()
    if asked is None:
        raise NotFound("没有等批准的延期申请")
    return report, asked


def _extendable(report: ViolationReport, now: datetime) -> Clock:
    """The limit that runs and can be made longer. Raises WrongState."""
    clock = Clock.objects.of(report).running().filter(code__in=ExtensionRequest.Code.values).first()
    if clock is None:
        raise WrongState("现在没有可以延长的期限")
    if clock.extended or not clock.extension:
        raise WrongState("这个期限已经延长过，不能再延")
    if clock.due_at < now:
        raise WrongState("期限已过，不能再延长")
    return clock


def _verified(report: ViolationReport, now: datetime) -> None:
    """The clue is verified; who must be told of it has a limit for that."""
    clocks.stop(report, Code.VERIFY, at=now)
    ExtensionRequest.objects.filter(report=report, status=ExtensionRequest.Status.ASKED).update(
        status=ExtensionRequest.Status.REFUSED, opinion="核查已经结束"
    )
    told_of = rules(report.region.code, start_day(report.received_at))
    if report.is_named and clocks.RULE_KEYS[Code.FILING_NOTICE] in told_of:
        clocks.start(report, Code.FILING_NOTICE, at=now)


def _penalty(report: ViolationReport, data: Mapping[str, Any]) -> dict[str, Any]:
    """What was decided, checked. Raises Invalid."""
    wrong: dict[str, str] = {}
    penalty = str(data.get("penalty") or "")
    fine, confiscated = int(data.get("fine_fen") or 0), int(data.get("confiscated_fen") or 0)
    texts = {name: str(data.get(name) or "").strip() for name in ("law", "decision_no", "decision")}
    if penalty not in Penalty.values:
        wrong["penalty"] = "选处理结果"
    if not (0 <= fine <= MAX_FEN and 0 <= confiscated <= MAX_FEN):
        wrong["fine_fen"] = "金额不能小于 0"
    if (penalty in (Penalty.FINE, Penalty.FINE_AND_CONFISCATION)) != (fine > 0):
        wrong["fine_fen"] = "罚款的写明金额；没有罚款的填 0"
    if penalty == Penalty.NONE and confiscated:
        wrong["confiscated_fen"] = "不予处罚的没有没收金额"
    if len(texts["decision"]) < 5:
        wrong["decision"] = "写明决定内容，至少 5 个字"
    if penalty != Penalty.NONE:
        wrong |= {name: "处罚要写明" for name in ("law", "decision_no") if not texts[name]}
    if wrong:
        raise Invalid(fields=wrong)
    for name, text in texts.items():
        keep_identity_out(report, name, text)
    return {
        "penalty": penalty, "fine_fen": fine, "confiscated_fen": confiscated, "law": texts["law"][:200],
        "decision_no": texts["decision_no"][:60], "decision": texts["decision"][:1000],
    }  # fmt: skip
