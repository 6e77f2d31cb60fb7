"""A card that changes hands: 「转给别人用」, and the same person under a new number."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.crypto import blind_index
from core.errors import Invalid, NotFound, WrongState
from core.identifiers import clean_phone
from core.models import User
from core.permissions import require
from core.rule_packs import rule
from prepaid.actions.contracts import label
from prepaid.actions.signatures import put_signature
from prepaid.models import (
    Assignment,
    Contract,
    ContractUser,
    Guardianship,
    PaymentOrder,
    Plan,
    Refund,
    ShownCode,
    Signature,
    Visit,
)
from prepaid.models.assignments import ASSIGNMENT_LIFECYCLE

LIVE = (Contract.Status.ACTIVE, Contract.Status.PAUSED)
Status = Assignment.Status


@transaction.atomic
def assign(contract_id: int, phone: str, *, by: Actor, on: date | None = None) -> Assignment:
    """The holder wants to hand the card to the person with this phone; nobody pays a fee (法释〔2025〕4号第11条).

    Nothing moves before that person agrees. Raises Invalid, WrongState.
    """
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.assign_contract", contract)
    _must_be_movable(contract)
    _must_not_be_passed_round(contract, on or business_date())
    e164 = clean_phone(phone)
    if blind_index("phone", e164) == contract.holder.phone_idx:
        raise Invalid(fields={"phone": "这是您自己的手机号，填接手人的"})
    row = _open(contract, Assignment.Kind.TRANSFER, User.objects.enrol(e164), by=by)
    messages.text_user(
        row.to_user,
        f"有人要把{contract.merchant.brand_name}的卡「{contract.plan.name}」转给您，不收费。"
        f"请登录{settings.PORTAL_NAME}，在“我的预付”里看清再决定。",
        key=f"assignment:{row.pk}:ask",
    )
    return row


@transaction.atomic
def accept_assignment(
    assignment_id: int, *, by: Actor, terms_hash: str, method: str = Signature.Method.API
) -> Assignment:
    """The new holder agrees to the old terms; the notice reaches the shop's desk and binds it from that moment.

    Money, lots, terms and price list stay on the contract; only its holder changes. Raises WrongState.
    """
    row, contract = _locked(assignment_id)
    require(by, "prepaid.accept_assignment", row)
    if row.status == Status.EFFECTIVE:
        return row
    if terms_hash != contract.terms_hash:
        raise WrongState("合同内容和您看到的不一致，请重新打开再确认")
    ASSIGNMENT_LIFECYCLE.check("accept", row)
    _must_be_movable(contract)
    put_signature(contract, Signature.Party.NEW_HOLDER, method, by=by)
    return _take_effect(row, contract, "accept", by=by)


@transaction.atomic
def decline_assignment(assignment_id: int, *, by: Actor) -> Assignment:
    """The person named does not want the card: it stays where it was."""
    return _end(assignment_id, "decline", "prepaid.accept_assignment", by=by)


@transaction.atomic
def withdraw_assignment(assignment_id: int, *, by: Actor) -> Assignment:
    """The holder changes their mind before the other agreed, or says 「不是我换的」 while a new number waits."""
    seen = Assignment.objects.visible_to(by).filter(pk=assignment_id).first()
    if seen is None:
        raise NotFound
    step = "object" if seen.status == Status.WAITING else "withdraw"
    return _end(assignment_id, step, "prepaid.withdraw_assignment", by=by)


def _end(assignment_id: int, step: str, permission: str, *, by: Actor) -> Assignment:
    row, _ = _locked(assignment_id)
    require(by, permission, row)
    ASSIGNMENT_LIFECYCLE.move(step, row)
    row.ended_at = timezone.now()
    row.save()
    record(f"assignment.{step}", row, by=by, contract=row.contract_id)
    return row


@transaction.atomic
def rebind_number(contract_id: int, phone: str, name_on_id: str, *, by: Actor, on: date | None = None) -> Assignment:
    """At the counter or at the station, by identity card: the same person gets the card under a new number.

    The old number is told at once and can stop it; the change takes effect after the days of the rule pack
    (``rebind.wait_days``). Raises Invalid when the name is not the holder's, WrongState.
    """
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.rebind_number", contract)
    if contract.status not in LIVE:
        raise WrongState("这张卡现在不能换绑")
    if not contract.holder.name or "".join(name_on_id.split()) != contract.holder.name:
        raise Invalid(fields={"name": "和办卡时登记的姓名不一致，不能在这里换绑；请本人到市场监管所核实"})
    e164 = clean_phone(phone)
    if blind_index("phone", e164) == contract.holder.phone_idx:
        raise Invalid(fields={"phone": "这就是原来的手机号"})
    person = User.objects.enrol(e164, contract.holder.name)
    if person.name != contract.holder.name:
        raise Invalid(fields={"phone": "这个号码登记的是别人，请核对"})
    row = _open(contract, Assignment.Kind.NEW_NUMBER, person, by=by)
    wait = int(rule("rebind.wait_days", contract.merchant.region_id, on or business_date()).value)
    row.due_at = row.asked_at + timedelta(days=wait)
    row.save(update_fields=["due_at"])
    messages.text_user(
        contract.holder,
        f"有人凭身份证申请把{label(contract)}换到新手机号，{wait}天后生效。"
        f"不是您本人办的，请登录{settings.PORTAL_NAME}点“不是我换的”，或拨12315。",
        key=f"assignment:{row.pk}:old_number",
    )
    return row


@transaction.atomic
def end_wait(assignment_id: int, *, by: Actor) -> Assignment:
    """The waiting days are over and the old number said nothing: the new number holds the card."""
    row, contract = _locked(assignment_id)
    require(by, "prepaid.end_assignment", row)
    if row.due_at is None or row.due_at > timezone.now():
        raise WrongState("等待期还没有过")
    return _take_effect(row, contract, "take_effect", by=by)


def _open(contract: Contract, kind: str, to: User, *, by: Actor) -> Assignment:
    if Assignment.objects.running().filter(contract=contract).exists():
        raise WrongState("这张卡已经有一次转让或者换绑在办，请先撤回")
    assert by.user is not None
    row = Assignment.objects.create(
        contract=contract, kind=kind, from_user=contract.holder, to_user=to, asked_by=by.user,
        status=Status.PROPOSED if kind == Assignment.Kind.TRANSFER else Status.WAITING,
    )  # fmt: skip
    record("assignment.ask", row, by=by, contract=contract.pk, kind=kind, to=to.pk)
    return row


def _locked(assignment_id: int) -> tuple[Assignment, Contract]:
    seen = Assignment.objects.filter(pk=assignment_id).first()
    if seen is None:
        raise NotFound
    contract = Contract.objects.locked(seen.contract_id)
    return Assignment.objects.locked(assignment_id), contract


def _must_be_movable(contract: Contract) -> None:
    """Raise WrongState while something about the card waits for its present holder."""
    if contract.status not in LIVE:
        raise WrongState("只有使用中或者停卡中的卡可以转让")
    open_refund = (Refund.Status.PAID, Refund.Status.WITHDRAWN)
    if Refund.objects.filter(contract=contract).exclude(status__in=open_refund).exists():
        raise WrongState("退款正在办理，先撤回退款才能转让")
    if PaymentOrder.objects.filter(contract=contract, status=PaymentOrder.Status.PENDING).exists():
        raise WrongState("还有一笔付款没有完成，付清或取消后才能转让")
    if Visit.objects.filter(contract=contract, status=Visit.Status.REQUESTED).exists():
        raise WrongState("还有消费等您确认；先确认，或者说明“不对，我没消费”，再转让")


def _must_not_be_passed_round(contract: Contract, on: date) -> None:
    """An unlimited card may be given away, not lent out day by day: the law excepts the abuse (第11条)."""
    if contract.kind != Plan.Kind.UNLIMITED_TERM:
        return
    rest = rule("assignment.unlimited.rest_days", contract.merchant.region_id, on)
    since = timezone.now() - timedelta(days=int(rest.value))
    lately = Assignment.objects.filter(
        contract=contract, kind=Assignment.Kind.TRANSFER, status=Status.EFFECTIVE, ended_at__gt=since
    )
    if lately.exists():
        raise WrongState(f"期限卡 {rest.value} 天内只能转让一次（{rest.basis}）；有特殊情况请拨 12315")


def _take_effect(row: Assignment, contract: Contract, step: str, *, by: Actor) -> Assignment:
    """Change the holder: the old one's codes and family end, money and terms stay with the card."""
    now = timezone.now()
    ASSIGNMENT_LIFECYCLE.move(step, row)
    # 民法典第137条: a message has arrived when it enters the system the other side uses; the desk is that system.
    row.notice_received_at = row.ended_at = now
    row.save()
    return _go_over(row, contract, step, by=by)


def hand_on(contract: Contract, to: User, kind: str, *, by: Actor) -> Assignment:
    """A card goes over by law, nobody is asked; what was on its way to somebody else ends. The contract is locked.

    Called inside the action that decided it.
    """
    now = timezone.now()
    Assignment.objects.running().filter(contract=contract).update(status=Status.WITHDRAWN, ended_at=now)
    assert by.user is not None
    row = Assignment.objects.create(
        contract=contract, kind=kind, from_user=contract.holder, to_user=to, asked_by=by.user, status=Status.EFFECTIVE,
        notice_received_at=now, ended_at=now,
    )  # fmt: skip
    return _go_over(row, contract, "hand_on", by=by)


def _go_over(row: Assignment, contract: Contract, step: str, *, by: Actor) -> Assignment:
    now = timezone.now()
    contract.holder = row.to_user
    contract.lost_at = None
    # The rights go over whole: the old payer has no more say in a refund.
    contract.payer = row.to_user
    contract.save(update_fields=["holder", "payer", "lost_at"])
    ShownCode.objects.filter(contract=contract, used_at=None).update(expires_at=now)
    if row.kind != Assignment.Kind.NEW_NUMBER:
        ContractUser.objects.filter(contract=contract).delete()
        Guardianship.objects.filter(contract=contract, ended_at=None).update(ended_at=now)
    record(f"assignment.{step}", row, by=by, contract=contract.pk, locked_fen=contract.locked_fen)
    record("contract.new_holder", contract, by=by, assignment=row.code, kind=row.kind)
    if row.kind == Assignment.Kind.TRANSFER:
        messages.text_user(
            row.from_user,
            f"{label(contract)}已转给尾号{row.to_user.phone_last4}，商家已收到通知。",
            key=f"assignment:{row.pk}:done",
        )
    messages.text_user(
        contract.merchant.registered_by,
        f"转让通知已到达：{label(contract)}的持卡人换成尾号{row.to_user.phone_last4}，余额和条款不变，请照常服务。",
        key=f"assignment:{row.pk}:shop",
    )
    return row
