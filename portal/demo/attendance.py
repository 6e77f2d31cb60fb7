"""People who came to the shop on a term card: what keeps period payments running (the dead-shop switch asks for it)."""

from __future__ import annotations

from collections.abc import Iterable

from core.actors import Actor
from core.calendar import add_working_days
from portal.demo.batch import Line, record_all
from portal.demo.names import at
from portal.demo.scenes import ago
from portal.demo.shops import Builder
from prepaid.actions.visits import AUTO_CONFIRM_WORKING_DAYS
from prepaid.models import Contract, Visit
from prepaid.settlements import pay_day

LATEST_DAYS, EARLIEST_DAYS = 2, 20


def attend(build: Builder, contracts: Iterable[Contract]) -> list[Visit]:
    """One visit in the last weeks, asked for and confirmed, by the holder of one card of each shop; no money moves."""
    cards = {contract.store_id: contract for contract in contracts}
    visits = Visit.objects.bulk_create(_visit(build, contract) for contract in cards.values())
    record_all(line for visit in visits for line in _lines(visit))
    return visits


def _visit(build: Builder, contract: Contract) -> Visit:
    day = ago(build.today, build.random.randint(LATEST_DAYS, EARLIEST_DAYS))
    deadline = add_working_days(day, AUTO_CONFIRM_WORKING_DAYS)
    return Visit(
        contract=contract,
        merchant_id=contract.merchant_id,
        store_id=contract.store_id,
        status=Visit.Status.CONFIRMED,
        started_by=Visit.StartedBy.CONSUMER,
        item="到店",
        requested_at=at(day, 18, 30),
        confirm_due_on=deadline.due,
        confirm_clock=deadline.explain()[:300],
        settled_on=day,
        pay_expected_on=pay_day(day),
        staff_id=contract.holder_id,
    )


def _lines(visit: Visit) -> tuple[Line, Line]:
    holder = Actor.of_user(visit.contract.holder)
    asked = {"contract": visit.contract_id, "face_fen": 0, "times": 0, "hold_fen": 0}
    return (
        Line("visit.request", visit, holder, asked),
        Line("visit.confirm", visit, holder, {"amount_fen": 0, "transfer": None}),
    )
