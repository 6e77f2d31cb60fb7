"""Periods: the daily release of due instalments, and the consumer's stop."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Mod
from django.utils import timezone

from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import business_date
from core.errors import WrongState
from core.permissions import require
from core.transactions import durably
from prepaid import ledger
from prepaid.models import Contract, Instalment, Pause, Plan, Refund
from prepaid.models.contracts import CONTRACT_LIFECYCLE

CHUNK = 1000
LATER_PASSES, PASS_PAUSE_S = 20, 0.25


def release_due(on: date, shard: int, shards: int) -> dict[str, Any]:
    """Pay every instalment due by ``on``, a thousand to a transaction; killed at any point, it just goes on.

    Cards that somebody else holds are skipped; the run comes back to them until none is left (five seconds at most).
    """
    count = amount = aside = 0
    left = Instalment.objects.due(on).annotate(part=Mod("account_id", shards)).filter(part=shard)
    for _ in range(LATER_PASSES):
        while True:
            chunk = durably(lambda: ledger.release_due(on, CHUNK, shard=shard, shards=shards, by=SYSTEM, on=on))
            if chunk.nothing_left:
                break
            count, amount, aside = count + chunk.released, amount + chunk.amount_fen, aside + chunk.set_aside
        if not left.exists():
            break
        time.sleep(PASS_PAUSE_S)
    return {"released": count, "amount_fen": amount, "set_aside": aside, "completed": complete_ended(by=SYSTEM, on=on)}


def complete_ended(*, by: Actor, on: date) -> int:
    """Close the term cards whose last instalment is paid and whose term is over; how many."""
    unpaid = Instalment.objects.filter(account=OuterRef("account_id")).exclude(state=Instalment.State.RELEASED)
    ended = Contract.objects.filter(
        ~Exists(unpaid),
        kind__in=[Plan.Kind.UNLIMITED_TERM, Plan.Kind.PER_PERIOD],
        status=Contract.Status.ACTIVE,
        ends_on__lte=on,
    )
    pks = list(ended.values_list("pk", flat=True))
    for pk in pks:
        durably(lambda pk=pk: complete(pk, by=by))  # type: ignore[misc]
    return len(pks)


@transaction.atomic
def complete(contract_id: int, *, by: Actor) -> Contract:
    """Mark a contract as performed in full."""
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.complete_contract", contract)
    if contract.status == Contract.Status.ACTIVE:
        CONTRACT_LIFECYCLE.move("complete", contract)
        contract.closed_at = timezone.now()
        contract.save(update_fields=["status", "closed_at"])
        record("contract.complete", contract, by=by)
    return contract


@transaction.atomic
def stop_instalments(contract_id: int, *, by: Actor, on: date | None = None) -> ledger.Instalments:
    """「停止自动付款」: nothing more goes to the merchant, not even what is due today and has not run."""
    contract = _periodic(contract_id, by=by)
    assert contract.account_id is not None
    stopped = ledger.cancel_instalments(contract.account_id, on or business_date())
    contract.auto_release = False
    contract.save(update_fields=["auto_release"])
    record("contract.stop_instalments", contract, by=by, count=stopped.instalments, amount_fen=stopped.amount_fen)
    return stopped


@transaction.atomic
def restart_instalments(contract_id: int, *, by: Actor, on: date | None = None) -> ledger.Instalments:
    """Let the periods still to come be paid again. Raises WrongState while a refund waits for its answer."""
    contract = _periodic(contract_id, by=by)
    if _unanswered(contract) is not None:
        raise WrongState("退款正在办理，不能恢复自动付款；不退了请先撤回退款")
    contract.auto_release = True
    restarted = back_in_line(contract, on or business_date())
    contract.save(update_fields=["auto_release"])
    record(
        "contract.restart_instalments",
        contract,
        by=by,
        count=restarted.instalments,
        amount_fen=restarted.amount_fen,
    )
    return restarted


def _periodic(contract_id: int, *, by: Actor) -> Contract:
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.stop_instalments", contract)
    if not contract.is_periodic or contract.status != Contract.Status.ACTIVE or contract.starts_on is None:
        raise WrongState("这张卡现在没有自动付款")
    return contract


def back_in_line(contract: Contract, since: date) -> ledger.Instalments:
    """Let the instalments due since a day be paid again, except those that something else stops."""
    if contract.account_id is None:
        return ledger.Instalments(0, 0)
    back = ledger.resume_instalments(contract.account_id, since)
    hold_back(contract, since)
    return back


def hold_back(contract: Contract, since: date) -> None:
    """Stop, of the instalments due since a day, those that a stop, a pause or a waiting refund keeps from the merchant.

    Whoever puts instalments in line calls this after it: ending one reason must not undo the others.
    """
    stops = [] if contract.auto_release else [since]
    rest = Pause.objects.filter(contract=contract, ended_on=None).first()
    stops += [rest.starts_on + timedelta(days=1)] if rest else []
    refund = _unanswered(contract)
    stops += [refund.requested_on] if refund else []
    if stops and contract.account_id is not None:
        ledger.cancel_instalments(contract.account_id, max(min(stops), since))


def _unanswered(contract: Contract) -> Refund | None:
    """The refund whose money has not left the card yet."""
    waiting = (Refund.Status.REQUESTED, Refund.Status.DISPUTED)
    return Refund.objects.filter(contract=contract, status__in=waiting).first()


def keep_ledger() -> dict[str, int]:
    """Make the ledger's months a year ahead and fold the hot accounts."""
    partitions = durably(lambda: ledger.ensure_partitions(13))
    folded = durably(ledger.fold)
    return {"partitions": partitions, "folded": folded}
