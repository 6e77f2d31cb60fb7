"""Reports of violations: routed, sent back, verified, found to be the same or joined, passed on, answered."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from complaints.actions import clocks
from complaints.actions.numbers import text_reporter
from complaints.actions.receipts import answered
from complaints.models import CASE_LIFECYCLE, Clock, Complaint, EnforcementCase, Reporter, ViolationReport
from complaints.models.reports import REPORT_LIFECYCLE
from complaints.rules import DISPATCHERS
from complaints.sealing import keep_identity_out
from core import actions as core
from core.actors import Actor
from core.audit import record
from core.errors import Invalid, NotAllowed, NotFound, WrongState
from core.models import Region, User
from core.models.people import OFFICERS
from core.permissions import require

Status = ViolationReport.Status
Code = Clock.Code
# Where the law names no duty to tell the result, the officer names the law that does (第36条).
TELLABLE = (
    Status.FILED, Status.NOT_FILED, Status.INVESTIGATING, Status.DECIDED, Status.PUBLISHED, Status.CLOSED,
    Status.TRANSFERRED,
)  # fmt: skip
# A report that is further than this has facts of its own; another one with the same facts joins it no more.
JOINABLE = (Status.REGISTERED, Status.ROUTED, Status.VERIFYING, Status.FILED, Status.INVESTIGATING)


@transaction.atomic
def open_clue_from_complaint(
    complaint_id: int, facts: str, *, cause: str = "", by: Actor, at: datetime | None = None
) -> ViolationReport:
    """诉转案: an officer found a violation while handling a complaint; it is verified within 15 working days (第27条).

    The clue is the bureau's own: it has no reporter, and the complaint goes on. Raises Invalid for too few words.
    """
    complaint = Complaint.objects.locked(complaint_id)
    require(by, "complaints.handle_complaint", complaint)
    now = at or timezone.now()
    report = ViolationReport.objects.create(
        channel=complaint.channel,
        received_at=now,
        merchant=complaint.merchant,
        store=complaint.store,
        respondent_name=complaint.respondent_name,
        respondent_address=complaint.respondent_address,
        region=complaint.region,
        industry=complaint.industry,
        cause=cause or complaint.cause,
        facts=said(facts, "facts"),
        handler=by.user,
        wants_result=False,
        found_in=complaint,
    )
    EnforcementCase.objects.create(report=report)
    clocks.start(report, Code.VERIFY, at=now)
    report.save(update_fields=["next_due_at"])
    record("report.found", report, by=by, complaint=complaint.code)
    record("complaint.clue_found", complaint, by=by, report=report.code)
    return report


@transaction.atomic
def route_report(
    report_id: int, region_code: str, *, by: Actor, handler_id: int | None = None, at: datetime | None = None
) -> ViolationReport:
    """Give it to a unit of the bureau below, or to a person of it (第41条).

    A unit to which it was routed passes it to its own stations and people only. Raises Invalid, NotAllowed.
    """
    report, now = ViolationReport.objects.locked(report_id), at or timezone.now()
    require(by, "complaints.assign_report", report)
    target = Region.objects.filter(pk=region_code).first()
    if target is None:
        raise Invalid(fields={"region": "选承办单位所在的地区"})
    inside = target.path.startswith(report.region.path)
    if report.routed_from and not inside and not _answers(by, report.routed_from):
        raise NotAllowed("分送来的举报无权处理的只能退回分送单位，不得自行转送（第41条）")
    handler = _officer(handler_id, target)
    REPORT_LIFECYCLE.move("route", report)
    if target.pk != report.region_id:
        report.routed_from = report.routed_from or report.region
    report.region, report.handler = target, handler
    Clock.objects.of(report).running().update(region=target)
    clocks.stop(report, Code.ASSIGN, at=now)
    report.save()
    record("report.route", report, by=by, region=target.name, handler=handler.pk if handler else None)
    return report


@transaction.atomic
def send_report_back(report_id: int, reason: str, *, by: Actor, at: datetime | None = None) -> ViolationReport:
    """The unit has no power over it: back to where it came from, and nowhere else (第41条)."""
    report = ViolationReport.objects.locked(report_id)
    require(by, "complaints.handle_report", report)
    REPORT_LIFECYCLE.move("send_back", report)
    report.reason = keep_identity_out(report, "reason", said(reason))
    if report.routed_from is not None:
        Clock.objects.of(report).running().update(region=report.routed_from)
        report.region = report.routed_from
    report.handler = report.routed_from = None
    report.save()
    record("report.send_back", report, by=by, reason=report.reason, region=report.region.name)
    return report


@transaction.atomic
def verify_report(report_id: int, *, by: Actor, at: datetime | None = None) -> ViolationReport:
    """Begin to look into it; the 15 working days run since it was received (第27条). Who begins handles it."""
    report, now = ViolationReport.objects.locked(report_id), at or timezone.now()
    require(by, "complaints.handle_report", report)
    REPORT_LIFECYCLE.move("verify", report)
    report.handler = report.handler or by.user
    case, _ = EnforcementCase.objects.get_or_create(report=report)
    CASE_LIFECYCLE.move("verify", case)
    case.save(update_fields=["status"])
    if not Clock.objects.of(report).filter(code=Code.VERIFY).exists():
        clocks.start(report, Code.VERIFY, at=report.received_at)
    clocks.stop(report, Code.ASSIGN, at=now)
    report.save()
    record("report.verify", report, by=by)
    return report


@transaction.atomic
def mark_duplicate(
    report_id: int, first_id: int, reason: str, *, by: Actor, at: datetime | None = None
) -> ViolationReport:
    """The same person told the same fact about the same respondent before: not handled again, and told so (第35条).

    Whether the fact is the same the officer says. Raises Invalid where person or respondent differ.
    """
    report, first, now = *_pair(report_id, first_id, by=by), at or timezone.now()
    if not same_person(report.reporter, first.reporter):
        raise Invalid(fields={"first": "不是同一举报人的举报；有新事实的可以并件"})
    report.reason = keep_identity_out(report, "reason", said(reason))
    REPORT_LIFECYCLE.move("mark_duplicate", report)
    _end_in(report, first, now)
    answered(report, at=now)
    record("report.mark_duplicate", report, by=by, first=first.code, reason=report.reason)
    text_reporter(
        report,
        f"您举报的事项（编号 {report.code_grouped}）与先前的举报（编号 {first.code_grouped}）是同一事实，不再重复处理；"
        "有新的事实可以再告诉我们。",
        "duplicate",
    )
    return report


@transaction.atomic
def merge_report(
    report_id: int, into_id: int, reason: str, *, by: Actor, at: datetime | None = None
) -> ViolationReport:
    """New facts about the same respondent join the report that is being verified (第35条).

    Its limit for verifying begins anew with the last report. Raises Invalid, WrongState.
    """
    report, into, now = *_pair(report_id, into_id, by=by), at or timezone.now()
    if into.status not in JOINABLE:
        raise WrongState("先前的举报已经处理完毕，新事实单独办理")
    report.reason = keep_identity_out(report, "reason", said(reason))
    keep_identity_out(into, "reason", report.reason)
    REPORT_LIFECYCLE.move("merge", report)
    _drop_case(report)
    _end_in(report, into, now)
    last = max(report.received_at, into.received_at)
    if into.status in (Status.REGISTERED, Status.ROUTED, Status.VERIFYING):
        clocks.stop(into, Code.VERIFY, at=now, dropped=True)
        clocks.start(into, Code.VERIFY, at=last)
        into.save(update_fields=["next_due_at"])
    answered(report, at=now)
    record("report.merge", report, by=by, into=into.code, reason=report.reason)
    record("report.take_in", into, by=by, other=report.code, reason=report.reason)
    text_reporter(
        report,
        f"您举报的事项（编号 {report.code_grouped}）已与编号 {into.code_grouped} 的举报合并办理。",
        "merged",
    )
    return report


@transaction.atomic
def transfer_report(
    report_id: int, to: str, reason: str, *, by: Actor, to_police: bool = False, at: datetime | None = None
) -> ViolationReport:
    """A head passes it to whoever has the power (第34条), or to the police (第42条); a named reporter is told."""
    report, now = ViolationReport.objects.locked(report_id), at or timezone.now()
    require(by, "complaints.file_report", report)
    if len(to.strip()) < 2:
        raise Invalid(fields={"to": "写明移送到哪个机关"})
    report.reason = keep_identity_out(report, "reason", said(reason))
    REPORT_LIFECYCLE.move("transfer", report)
    _drop_case(report)
    report.transferred_to, report.to_police, report.closed_at = to.strip()[:100], to_police, now
    clocks.stop(report, at=now, dropped=True)
    report.save()
    record("report.transfer", report, by=by, to=report.transferred_to, police=to_police, reason=report.reason)
    if not to_police:
        answered(report, at=now)
        text_reporter(
            report, f"您举报的事项（编号 {report.code_grouped}）由{report.transferred_to}处理，已移送。", "transferred"
        )
    return report


@transaction.atomic
def tell_result(report_id: int, text: str, *, law: str = "", by: Actor, at: datetime | None = None) -> ViolationReport:
    """Tell a named reporter what came of it, only where the law says so.

    For reports received under 令20号 that is within 5 working days of the filing decision (第31条); 令121号 knows no
    such duty, so the officer names the law that does (第36条). Raises Invalid, WrongState.
    """
    report, now = ViolationReport.objects.locked(report_id), at or timezone.now()
    require(by, "complaints.handle_report", report)
    if report.status not in TELLABLE:
        raise WrongState("还没有处理结果，不能告知")
    if not report.is_named:
        raise WrongState("匿名举报或者办案中发现的线索，没有可以告知的人")
    owed = Clock.objects.of(report).filter(code=Code.FILING_NOTICE).exclude(state=Clock.State.DROPPED).first()
    basis = law.strip() or (owed.basis if owed else "")
    if not basis:
        raise Invalid(fields={"law": "令121号不要求告知处理结果；其他法律、法规要求告知的，写明是哪部第几条"})
    report.reply = keep_identity_out(report, "text", said(text, "text"))[:2000]
    report.told_at, report.told_basis = now, keep_identity_out(report, "law", basis)[:200]
    clocks.stop(report, Code.FILING_NOTICE, at=now)
    report.save()
    answered(report, at=now)
    record("report.tell", report, by=by, basis=report.told_basis)
    text_reporter(report, f"您举报的事项（编号 {report.code_grouped}）：{report.reply}", f"told:{now.isoformat()}")
    return report


@transaction.atomic
def unseal_reporter(report_id: int, purpose: str, *, by: Actor) -> dict[str, str]:
    """Who reported, for a head with a purpose; the purpose goes into the audit, the name does not (第37条).

    Raises NotFound where nobody gave a name, Invalid, TooMany.
    """
    report = ViolationReport.objects.locked(report_id)
    require(by, "complaints.view_reporter_identity", report)
    if report.reporter is None:
        raise NotFound("匿名举报，没有举报人信息")
    purpose = keep_identity_out(report, "purpose", core.purpose_of_unmask(purpose, by=by))
    record("reporter.unmask", report, by=by, purpose=purpose)
    person = report.reporter
    return {"name": person.name, "phone": person.phone.removeprefix("+86"), "address": person.address}


def same_person(one: Reporter | None, other: Reporter | None) -> bool:
    """Whether both reports are of one person; of two nameless ones nobody knows."""
    if one is None or other is None:
        return False
    same = one.user_id is not None and one.user_id == other.user_id
    return same or bool(one.phone_idx and one.phone_idx == other.phone_idx)


def same_respondent(one: ViolationReport, other: ViolationReport) -> bool:
    """Whether both are about the same shop."""
    if one.merchant_id or other.merchant_id:
        return one.merchant_id == other.merchant_id
    return one.respondent_name == other.respondent_name


def said(text: str, field: str = "reason") -> str:
    """Words of an officer, five characters or more. Raises Invalid."""
    if len(text.strip()) < 5:
        raise Invalid(fields={field: "写明情况，至少 5 个字"})
    return text.strip()[: 4000 if field == "facts" else 1000]


def _pair(report_id: int, other_id: int, *, by: Actor) -> tuple[ViolationReport, ViolationReport]:
    """Both reports, locked by key; ``by`` handles both. Raises NotFound, Invalid."""
    found = {row.pk: row for row in ViolationReport.objects.locked_all([report_id, other_id])}
    if report_id not in found or other_id not in found or report_id == other_id:
        raise NotFound("没有找到另一件举报，请核对编号")
    report, other = found[report_id], found[other_id]
    require(by, "complaints.handle_report", report)
    require(by, "complaints.handle_report", other)
    if not same_respondent(report, other):
        raise Invalid(fields={"first": "被举报人不同，不能并在一起"})
    if other.merged_into_id is not None:
        raise Invalid(fields={"first": "那一件已经并到别的举报，请选最早的一件"})
    return report, other


def _end_in(report: ViolationReport, other: ViolationReport, now: datetime) -> None:
    """The report is at an end; what follows is told of the other one."""
    report.merged_into, report.closed_at = other, now
    clocks.stop(report, at=now, dropped=True)
    report.save()


def _drop_case(report: ViolationReport) -> None:
    case = EnforcementCase.objects.filter(report=report).exclude(status=EnforcementCase.Status.DROPPED).first()
    if case is not None:
        CASE_LIFECYCLE.move("drop", case)
        case.save(update_fields=["status"])


def _answers(by: Actor, region: Region) -> bool:
    return bool(by.user and by.user.access.covers(region.path, *DISPATCHERS))


def _officer(handler_id: int | None, region: Region) -> User | None:
    """Somebody who may handle matters there. Raises Invalid."""
    if handler_id is None:
        return None
    officer = User.objects.filter(pk=handler_id, is_active=True).first()
    if officer is None or not officer.access.covers(region.path, *OFFICERS):
        raise Invalid(fields={"handler": "选承办单位的监管人员"})
    return officer
