"""What a merchant owes its consumers by law, claim by claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

from merchants.models import Merchant
from prepaid.facts import lot_sums, payable_fen
from prepaid.models import Contract, Refund
from prepaid.run_off import Claim
from prepaid.unlocked import unlocked_claims

LIVE = (Contract.Status.ACTIVE, Contract.Status.PAUSED)


def claims_of(merchant: Merchant, on: date) -> Iterator[Claim]:
    """Every claim against a merchant on a day: its live contracts, then what was never locked."""
    live = Contract.objects.filter(merchant=merchant, status__in=LIVE).with_money().order_by("pk")
    for contract in live.iterator(chunk_size=500):
        yield claim_of(contract, on)
    yield from unlocked_claims(merchant, on)


def claim_of(contract: Contract, on: date) -> Claim:
    """The statutory claim of one live contract when the shop is the cause (法释〔2025〕4号第13、15、18、22条)."""
    sums = lot_sums(contract, Refund.Cause.MERCHANT, on)
    lines = tuple({"lot": part.lot.no, **asdict(line)} for part in sums for line in part.lines)
    pays = payable_fen(contract, sums)
    return Claim(
        source=f"contract:{contract.pk}",
        entitled_fen=sum(part.total_fen for part in sums),
        free_fen=pays,
        held_fen=contract.locked_fen - pays,
        lines=lines,
        contract_id=contract.pk,
        holder_id=contract.holder_id,
    )
