"""A shop whose people are gone: two officers freeze it, claims are counted, two sign the plan, money goes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Mod
from django.utils import timezone

from core import outbox
from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, PortalError, WrongState
from core.locking import lock_in_order
from core.permissions import require
from core.transactions import durably
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid.actions.closings import FEWEST_LETTERS, promise_telling
from prepaid.actions.dead_shops import stop_service
from prepaid.actions.freezes import freeze_by_two
from prepaid.actions.settlings import refund_by_law
from prepaid.claims import LIVE, claim_of
from prepaid.models import ClosingNotice, Contract, HolderNotice, Refund, RunOff, RunOffClaim
from prepaid.models.closings import CLOSING_LIFECYCLE
from prepaid.models.contracts import ContractQuerySet
from prepaid.models.run_offs import RUN_OFF_LIFECYCLE
from prepaid.run_off import Claim, digest_of, waterfall
from prepaid.unlocked import unlocked_claims

COMPUTE_CHUNK, PAY_SHARD = 200, 5_000


@transaction.atomic
def propose_run_off(merchant_id: int, reason: str, served_until: date, *, by: Actor, on: date | None = None) -> RunOff:
    """Ask that a merchant whose people are gone is frozen and wound up; a second officer decides.

    ``served_until`` is the last day on which it is known to have served anybody: from then on time is not used up
    (法释〔2025〕4号第22条). Raises WrongState while one is open, Invalid.
    """
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.propose_run_off", merchant)
    faults = {}
    if len(reason.strip()) < FEWEST_LETTERS:
        faults["reason"] = "写明怎么查实失联，至少 5 个字"
    if served_until > (on or business_date()):
        faults["served_until"] = "最后提供服务日不能晚于今天"
    if faults:
        raise Invalid(fields=faults)
    if merchant.status not in ("ACTIVE", "RESTRICTED", "EXITING"):
        raise WrongState("这家商家现在不能转入应急处置")
    if RunOff.objects.filter(merchant=merchant).exclude(status__in=["REJECTED", "DONE"]).exists():
        raise WrongState("已经有一份失联处置在办理")
    assert by.user is not None
    run_off = RunOff.objects.create(
        merchant=merchant, reason=reason.strip()[:300], served_until=served_until, proposed_by=by.user
    )
    record("run_off.propose", run_off, by=by, merchant=merchant.pk, reason=run_off.reason)
    return run_off


@transaction.atomic
def approve_run_off(run_off_id: int, *, by: Actor) -> RunOff:
    """The second officer signs: the merchant is frozen at once, holders are told, their claims are counted."""
    run_off = _locked(run_off_id)
    require(by, "prepaid.approve_run_off", run_off)
    RUN_OFF_LIFECYCLE.move("approve", run_off)
    assert by.user is not None
    run_off.approved_by, run_off.approved_at = by.user, timezone.now()
    merchants.leave_by_steps(run_off.merchant_id, "enter_emergency", by=by)
    freeze_by_two(run_off.merchant, run_off.reason, first=run_off.proposed_by, second=by.user, by=by)
    run_off.closing = _to_emergency(run_off, by=by)
    run_off.save()
    stop_service(Contract.objects.filter(merchant=run_off.merchant), run_off.served_until, by=by)
    record("run_off.approve", run_off, by=by)
    promise_telling(run_off.closing)
    _promise_counting(run_off)
    return run_off


def _to_emergency(run_off: RunOff, *, by: Actor) -> ClosingNotice:
    """Every open notice of the merchant becomes an emergency; without one for the whole merchant it gets one."""
    whole = None
    for notice in ClosingNotice.objects.open().filter(merchant=run_off.merchant_id).order_by("pk"):
        if notice.status != ClosingNotice.Status.EMERGENCY:
            CLOSING_LIFECYCLE.move("emergency", notice)
            notice.closes_on = min(notice.closes_on, run_off.served_until)
            notice.published_at = notice.published_at or timezone.now()
            notice.save(update_fields=["status", "closes_on", "published_at"])
            record("closing.emergency", notice, by=by)
        whole = notice if notice.store_id is None else whole
    if whole is None:
        whole = ClosingNotice.objects.create(
            merchant_id=run_off.merchant_id, status=ClosingNotice.Status.EMERGENCY, closes_on=run_off.served_until,
            reason=ClosingNotice.Reason.ABSCONDED, declared_by=run_off.proposed_by, published_at=timezone.now(),
        )  # fmt: skip
        record("closing.emergency", whole, by=by)
    return whole


@transaction.atomic
def reject_run_off(run_off_id: int, reason: str, *, by: Actor) -> RunOff:
    """The second officer does not sign, and says why."""
    run_off = _locked(run_off_id)
    require(by, "prepaid.approve_run_off", run_off)
    RUN_OFF_LIFECYCLE.move("reject", run_off)
    run_off.save(update_fields=["status"])
    record("run_off.reject", run_off, by=by, reason=_given(reason))
    return run_off


def _promise_counting(run_off: RunOff) -> None:
    key = f"{run_off.pk}:{timezone.now().isoformat()}"
    outbox.enqueue("prepaid.count_claims", key, {"run_off": run_off.pk})


def recount_unlocked(merchant_id: int) -> None:
    """What is owed beside locked money has changed: a run-off still being counted counts that part anew.

    Called before the change, under whose transaction it stands; a plan that was handed in stays as it was signed.
    """
    for run_off in RunOff.objects.filter(merchant=merchant_id, status=RunOff.Status.OPEN).select_for_update(
        no_key=True, of=("self",)
    ):
        run_off.claims.filter(contract=None).delete()
        _promise_counting(run_off)


@outbox.handler("prepaid.count_claims", queue="bulk", own_transaction=True)
def count_from_outbox(payload: dict[str, int]) -> None:
    """Count the claims of a run-off."""
    count_claims(payload["run_off"])


def count_claims(run_off_id: int) -> int:
    """Count each live contract's statutory claim that was not counted yet, two hundred to a transaction; how many."""
    counted = 0
    while count := durably(lambda: _count_chunk(run_off_id)):
        counted += count
    return counted


def _count_chunk(run_off_id: int) -> int:
    run_off = RunOff.objects.locked(run_off_id)
    if run_off.status != RunOff.Status.OPEN:
        return 0
    claims: list[Claim] = [
        claim_of(contract, business_date()) for contract in uncounted(run_off).with_money()[:COMPUTE_CHUNK]
    ]
    if not claims:
        claims = _unlocked_uncounted(run_off)
    RunOffClaim.objects.bulk_create(
        [
            RunOffClaim(
                run_off=run_off, contract_id=share.claim.contract_id, holder_id=share.claim.holder_id,
                source=share.claim.source, lines=list(share.claim.lines), entitled_fen=share.claim.entitled_fen,
                pays_fen=share.pays_fen, waits_fen=share.waits_fen, shortfall_fen=share.shortfall_fen,
            )
            for share in waterfall(claims)
        ]
    )  # fmt: skip
    return len(claims)


def uncounted(run_off: RunOff) -> ContractQuerySet:
    """The live contracts that have no claim in a run-off yet."""
    counted = RunOffClaim.objects.filter(run_off=run_off, contract=OuterRef("pk"))
    rows: ContractQuerySet = Contract.objects.filter(~Exists(counted), merchant=run_off.merchant_id, status__in=LIVE)
    return rows.order_by("pk")


def _unlocked_uncounted(run_off: RunOff) -> list[Claim]:
    known = set(run_off.claims.filter(contract=None).values_list("source", flat=True))
    return [claim for claim in unlocked_claims(run_off.merchant, business_date()) if claim.source not in known]


@transaction.atomic
def plan_run_off(run_off_id: int, *, by: Actor) -> RunOff:
    """Hand the counted claims in as the plan; its hash is what the second officer will sign.

    Raises WrongState while claims are being counted.
    """
    run_off = _locked(run_off_id)
    require(by, "prepaid.plan_run_off", run_off)
    if uncounted(run_off).exists() or _unlocked_uncounted(run_off):
        raise WrongState("还在核算每个人的应退金额，请过一会儿再提方案")
    RUN_OFF_LIFECYCLE.move("plan", run_off)
    run_off.planned_by, run_off.planned_at = by.user, timezone.now()
    run_off.plan_hash = plan_hash_of(run_off)
    run_off.save()
    record("run_off.plan", run_off, by=by, plan=run_off.plan_hash)
    return run_off


def plan_hash_of(run_off: RunOff) -> str:
    """The hash of the plan as its rows stand now."""
    heading = {"run_off": run_off.code, "merchant": run_off.merchant_id, "served_until": run_off.served_until}
    fields = ("source", "contract_id", "holder_id", "lines", "entitled_fen", "pays_fen", "waits_fen", "shortfall_fen")
    rows: Iterable[dict[str, object]] = run_off.claims.order_by("source").values(*fields).iterator(chunk_size=2000)
    return digest_of(heading, rows)


@transaction.atomic
def approve_run_off_plan(run_off_id: int, plan_hash: str, *, by: Actor) -> RunOff:
    """The second officer signs the plan with this hash; from now on it is paid out.

    Raises WrongState when the plan is not the one that was handed in: somebody changed it, or it was counted anew.
    """
    run_off = _locked(run_off_id)
    require(by, "prepaid.approve_run_off_plan", run_off)
    RUN_OFF_LIFECYCLE.move("approve_plan", run_off)
    if not plan_hash or plan_hash != run_off.plan_hash or plan_hash_of(run_off) != plan_hash:
        raise WrongState("方案内容和送审时不一致，不能复核；请退回重新核算", code="plan_changed")
    run_off.plan_approved_by, run_off.plan_approved_at = by.user, timezone.now()
    run_off.save()
    record("run_off.approve_plan", run_off, by=by, plan=plan_hash)
    promise_paying(run_off)
    return run_off


@transaction.atomic
def reject_run_off_plan(run_off_id: int, reason: str, *, by: Actor) -> RunOff:
    """The second officer sends the plan back; every claim is counted anew."""
    run_off = _locked(run_off_id)
    require(by, "prepaid.approve_run_off_plan", run_off)
    RUN_OFF_LIFECYCLE.move("reject_plan", run_off)
    run_off.plan_hash, run_off.planned_by, run_off.planned_at = "", None, None
    run_off.save()
    run_off.claims.all().delete()
    record("run_off.reject_plan", run_off, by=by, reason=_given(reason))
    _promise_counting(run_off)
    return run_off


def promise_paying(run_off: RunOff) -> None:
    """Promise that the plan is paid, in shards; safe to repeat."""
    shards = 1 + run_off.claims.count() // PAY_SHARD
    for shard in range(shards):
        payload = {"run_off": run_off.pk, "shard": shard, "shards": shards}
        outbox.enqueue("prepaid.pay_run_off", f"{run_off.pk}:{business_date()}:{shard}", payload)


@outbox.handler("prepaid.pay_run_off", queue="bulk", own_transaction=True)
def pay_from_outbox(payload: dict[str, int]) -> None:
    """Pay one shard of a plan."""
    pay_run_off(payload["run_off"], shard=payload["shard"], shards=payload["shards"])


def pay_run_off(run_off_id: int, *, shard: int = 0, shards: int = 1) -> dict[str, int]:
    """Order each claim of a shard that was not ordered yet, each in a transaction of its own; what came of it.

    A plan whose rows are not those that were signed pays nothing at all. Raises WrongState.
    """
    run_off = RunOff.objects.get(pk=run_off_id)
    if run_off.status != RunOff.Status.PAYING:
        return {"ordered": 0, "refused": 0}
    if plan_hash_of(run_off) != run_off.plan_hash:
        raise WrongState("方案在复核后被改动，一笔也不付；请退回重新核算", code="plan_changed")
    waiting = run_off.claims.filter(refund=None, contract__isnull=False, entitled_fen__gt=0)
    waiting = waiting.annotate(part=Mod("id", shards)).filter(part=shard)
    ordered = refused = 0
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        try:
            durably(lambda pk=pk: _pay_claim(pk))  # type: ignore[misc]
            ordered += 1
        except PortalError as error:
            RunOffClaim.objects.filter(pk=pk, refund=None).update(trouble=error.message[:200])
            refused += 1
    durably(lambda: _finish(run_off_id))
    return {"ordered": ordered, "refused": refused}


def pay_run_off_again(run_off_id: int) -> None:
    """Promise another pass: the nightly check takes up what was refused, and sees what has arrived."""
    promise_paying(RunOff.objects.get(pk=run_off_id))


def _pay_claim(claim_id: int) -> None:
    """Exactly what was signed, or nothing. The contract is locked, so nothing changes between count and payment."""
    seen = RunOffClaim.objects.select_related("run_off__closing").get(pk=claim_id)
    contract = Contract.objects.locked(seen.contract_id)
    claim = RunOffClaim.objects.select_for_update(of=("self",), no_key=True).get(pk=claim_id)
    if claim.refund_id is not None:
        return
    if contract.status in LIVE:
        HolderNotice.objects.get_or_create(notice=seen.run_off.closing, contract=contract)
        by = Actor.of_user(contract.holder, acting_role="by_law")
        refund = refund_by_law(contract, "商家失联，按法律退款", by=by)
        if (refund.total_fen, refund.amount_fen) != (claim.entitled_fen, claim.pays_fen):
            raise WrongState("应退金额和复核的方案不同（卡上有新的变动），请重新核算")
    else:
        # The holder was quicker: a refund for the shop's cause needs nobody's consent in an emergency.
        found = Refund.objects.filter(contract=contract, part_of=None).exclude(status="WITHDRAWN")
        own = found.order_by("pk").last()
        if own is None:
            raise WrongState(f"这张卡现在是「{contract.get_status_display()}」，没有退款可付；请核对这笔债权")
        refund = own
    claim.refund, claim.trouble = refund, ""
    claim.save(update_fields=["refund", "trouble"])
    HolderNotice.objects.filter(notice=seen.run_off.closing, contract=contract).update(
        refund=refund, settled_at=timezone.now(), choice="REFUND", trouble=""
    )


def _finish(run_off_id: int) -> None:
    """The run-off is done when every claim on locked money is ordered and has arrived."""
    run_off = RunOff.objects.locked(run_off_id)
    if run_off.status != RunOff.Status.PAYING:
        return
    payable = run_off.claims.filter(contract__isnull=False, entitled_fen__gt=0)
    if not payable.filter(Q(refund=None) | ~Q(refund__status=Refund.Status.PAID)).exists():
        RUN_OFF_LIFECYCLE.move("finish", run_off)
        run_off.finished_at = timezone.now()
        run_off.save(update_fields=["status", "finished_at"])
        record("run_off.finish", run_off, by=SYSTEM)


def _given(reason: str) -> str:
    if len(reason.strip()) < FEWEST_LETTERS:
        raise Invalid(fields={"reason": "写明理由，至少 5 个字"})
    return reason.strip()[:300]


def _locked(run_off_id: int) -> RunOff:
    """The run-off, its merchant locked first."""
    seen = RunOff.objects.filter(pk=run_off_id).first()
    if seen is None:
        raise NotFound
    run_off: RunOff = lock_in_order((Merchant, seen.merchant_id), (RunOff, run_off_id))[1]
    return run_off
