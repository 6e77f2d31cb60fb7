"""24-hour mall tickets: from a customer or a complaint, answered by the mall, escalated when its day is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from complaints.actions.clock_sweep import Late, Owners
from complaints.actions.intake_data import Kind, NewIntake
from complaints.actions.intakes import file_intake
from complaints.actions.parties import Party
from complaints.actions.steps import given, now
from complaints.deadlines import start_day
from complaints.models import Channel, Complaint, MallTicket, Receipt
from complaints.models.complaints import OPEN
from complaints.models.mall_tickets import MALL_TICKET_LIFECYCLE
from core import messages, outbox
from core.actors import SYSTEM, Actor
from core.audit import record
from core.clocks import local
from core.errors import Invalid, NotFound, WrongState
from core.models import Membership, Role, User
from core.permissions import require
from core.rule_packs import rule
from merchants.models import Mall, Store

TOPIC = "complaints.escalate_ticket"
MOST_OPEN = 5


@transaction.atomic
def open_mall_ticket(
    mall_id: int, text: str, *, by: Actor, store_id: int | None = None, at: datetime | None = None
) -> MallTicket:
    """A customer tells a mall what is wrong; it answers within 24 hours. Raises NotFound, Invalid, WrongState."""
    require(by, "complaints.open_mall_ticket")
    assert by.user is not None
    mall = Mall.objects.filter(pk=mall_id).select_related("region").first()
    if mall is None:
        raise NotFound
    store = Store.objects.filter(pk=store_id, mall=mall).first() if store_id else None
    if store_id and store is None:
        raise Invalid(fields={"store": "这家店不在这个商场"})
    User.objects.select_for_update(no_key=True).get(pk=by.user.pk)
    if MallTicket.objects.unanswered().filter(consumer=by.user, mall=mall).count() >= MOST_OPEN:
        raise WrongState(f"您在这个商场有 {MOST_OPEN} 件还没有答复，等答复后再提；着急的可以直接投诉")
    return _opened(MallTicket(mall=mall, store=store, consumer=by.user, text=text), by=by, at=now(at))


@transaction.atomic
def send_mall_ticket(complaint_id: int, text: str, *, by: Actor, at: datetime | None = None) -> MallTicket:
    """The officer asks the mall about a complaint against one of its tenants; the bureau's own limits run on.

    Raises WrongState where the store stands in no mall, or the mall is asked already.
    """
    complaint = Complaint.objects.locked(complaint_id)
    require(by, "complaints.send_mall_ticket", complaint)
    mall = complaint.store.mall if complaint.store else None
    if mall is None or complaint.store is None or complaint.store.tenant_since is None:
        raise WrongState("被投诉的门店不在已登记的商场里，不能转商场")
    if complaint.closed_at is not None or complaint.status not in OPEN:
        raise WrongState("这件投诉已经结束")
    if MallTicket.objects.filter(complaint=complaint, status__in=["OPEN", "RESPONDED"]).exists():
        raise WrongState("已经转给商场，等它答复或了结")
    row = MallTicket(mall=mall, store=complaint.store, complaint=complaint, text=text)
    made = _opened(row, by=by, at=now(at))
    record("complaint.mall_ticket", complaint, by=by, place=mall.name)
    return made


def _opened(row: MallTicket, *, by: Actor, at: datetime) -> MallTicket:
    assert by.user is not None
    row.text, row.opened_by, row.opened_at = given(row.text, "text", "写明什么事、要商场做什么"), by.user, at
    _wind_up(row, at)
    row.save()
    record("mall_ticket.open", row, by=by, place=row.mall.name)
    _tell_mall(row, f"请在{_said(row.due_at)}前答复：{row.text[:60]}", "open")
    return row


def _wind_up(row: MallTicket, at: datetime) -> None:
    """Start the hours, and promise to look again when they are over."""
    hours = rule("mall.response_hours", row.mall.region_id, start_day(at))
    row.due_at = at + timedelta(hours=int(hours.value))
    row.basis, row.pack_id = hours.basis, hours.pack_id
    delay = max(row.due_at - now(None), timedelta())
    outbox.enqueue(TOPIC, f"{row.code}:{row.reopened}", {"code": row.code, "n": row.reopened}, delay=delay)


@transaction.atomic
def respond_mall_ticket(ticket_id: int, response: str, *, by: Actor, at: datetime | None = None) -> MallTicket:
    """The mall says what it did; late is late, but it may still answer. Raises Invalid."""
    row = _taken(ticket_id, "respond", by)
    row.response, row.responded_by = given(response, "response", "写明怎么处理的，顾客会看到"), by.user
    row.responded_at = now(at)
    _keep(row, "respond", by=by)
    text = f"{row.mall.name}答复您：{row.response[:80]}。没有解决的，登录点「没有解决」或转为投诉。"
    if row.consumer is not None:
        messages.text_user(row.consumer, text, key=f"ticket:{row.pk}:respond:{row.reopened}")
    elif row.complaint and row.complaint.handler:
        said = f"投诉 {row.complaint.code_grouped}：{row.mall.name}已答复商场客诉。"
        messages.text_user(row.complaint.handler, said, key=f"ticket:{row.pk}:respond:{row.reopened}")
    return row


@transaction.atomic
def solve_mall_ticket(ticket_id: int, *, by: Actor, at: datetime | None = None) -> MallTicket:
    """The customer, or the officer for them, says that it is solved."""
    row = _taken(ticket_id, "solve", by)
    row.ended_at = now(at)
    return _keep(row, "solve", by=by)


@transaction.atomic
def reopen_mall_ticket(ticket_id: int, reason: str, *, by: Actor, at: datetime | None = None) -> MallTicket:
    """It is not solved: back to the mall, with another 24 hours. Raises Invalid without a reason."""
    row = _taken(ticket_id, "reopen", by)
    row.reason = given(reason, "reason", "写明哪里没有解决", 300)
    row.reopened, row.responded_at, row.responded_by = row.reopened + 1, None, None
    row.escalated_at, row.escalated_to = None, None
    _wind_up(row, now(at))
    _keep(row, "reopen", by=by, reason=row.reason)
    _tell_mall(row, f"顾客说没有解决，请在{_said(row.due_at)}前再答复：{row.reason[:60]}", f"reopen:{row.reopened}")
    return row


@transaction.atomic
def complain_of_ticket(ticket_id: int, *, by: Actor, at: datetime | None = None) -> MallTicket:
    """What the mall did not solve becomes a complaint with the bureau. Raises WrongState where it is one already."""
    row = _taken(ticket_id, "complain", by)
    if row.complaint_id is not None or row.consumer is None:
        raise WrongState("这件本来就是投诉转来的，由承办人员继续办")
    intake = file_intake(
        NewIntake(
            channel=Channel.MALL, kinds=frozenset({Kind.COMPLAINT}), text=row.text, claim="请市场监管部门处理",
            party=Party(name=row.consumer.name, phone=row.consumer.phone), region_code=row.mall.region_id,
            store_id=row.store_id, respondent_name="" if row.store_id else row.mall.name,
            respondent_address=row.mall.address, source_no=row.code, received_at=now(at),
        ),
        by=SYSTEM,
    )  # fmt: skip
    row.complaint = Receipt.objects.get(intake=intake, complaint__isnull=False).complaint
    row.ended_at = now(at)
    return _keep(row, "complain", by=by)


@transaction.atomic
def escalate_mall_ticket(ticket_id: int, *, by: Actor, at: datetime | None = None) -> MallTicket:
    """Its day is over without an answer: an officer by name looks after it; mall and officer are told once."""
    row, moment = MallTicket.objects.locked(ticket_id), now(at)
    require(by, "complaints.escalate_mall_ticket", row)
    if row.status != MallTicket.Status.OPEN or row.due_at > moment or row.escalated_at is not None:
        return row
    row.escalated_at, row.escalated_to = moment, _officer_for(row)
    _keep(row, "escalate", by=by)
    _tell_mall(row, "期限已过还没有答复，已报市场监管部门督办。", f"late:{row.reopened}")
    if row.escalated_to is not None:
        text = f"商场客诉 {row.code_grouped}（{row.mall.name}）逾期没有答复，请督办。"
        messages.text_user(row.escalated_to, text, key=f"ticket:{row.pk}:escalate:{row.reopened}")
    return row


def _officer_for(row: MallTicket) -> User | None:
    """The officer of the complaint, else whoever of the nearest station owns least."""
    if row.complaint is not None and row.complaint.handler is not None:
        return row.complaint.handler
    merchant = row.store.merchant_id if row.store else None
    late = Late(0, "", "ticket", row.pk, row.mall.region.path, 1, None, merchant, row.consumer_id)
    found = Owners().of(late)
    return User.objects.get(pk=found[1]) if found else None


@outbox.handler(TOPIC)
def escalate_when_late(payload: dict[str, Any]) -> None:
    """When the hours of a ticket are over; nothing if it was answered, or got another day since."""
    row = MallTicket.objects.filter(code=payload["code"], reopened=payload["n"]).first()
    if row is not None:
        escalate_mall_ticket(row.pk, by=SYSTEM)


def _said(due: datetime) -> str:
    """``11月22日 15:20``."""
    at = local(due)
    return f"{at.month}月{at.day}日 {at:%H:%M}"


def _taken(ticket_id: int, step: str, by: Actor) -> MallTicket:
    row = MallTicket.objects.locked(ticket_id)
    require(by, MALL_TICKET_LIFECYCLE.steps[step].permission, row)
    MALL_TICKET_LIFECYCLE.move(step, row)
    return row


def _keep(row: MallTicket, verb: str, *, by: Actor, **facts: Any) -> MallTicket:
    row.save()
    record(f"mall_ticket.{verb}", row, by=by, **facts)
    return row


def _tell_mall(row: MallTicket, text: str, what: str) -> None:
    """One message to each manager of the mall."""
    held = Membership.objects.in_force(now(None).date()).filter(role=Role.MALL_MANAGER, mall_id=row.mall_id)
    for user in User.objects.filter(pk__in=held.values("user"), is_active=True):
        messages.text_user(
            user, f"{row.mall.name} 客诉 {row.code_grouped}：{text}", key=f"ticket:{row.pk}:{what}:{user.pk}"
        )
