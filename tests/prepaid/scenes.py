"""What the tests of the actions share: actors, refusals, the books of a contract, and many tills at once."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, models

from core.actors import Actor
from core.calendar import business_date
from core.errors import NotAllowed, NotFound, PortalError
from core.models import AuditEvent, User
from core.transactions import durably
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import ledger
from prepaid.models import AccountKind, Contract, Plan, RefType, Refund, Transfer, Visit
from tests.cast import fresh, make_plan, open_contract, pay
from tests.prepaid import oracle

HUGE = 2**63


def who(user: User) -> Actor:
    """The actor behind a user, whose roles are read anew."""
    return Actor.of_user(User.objects.get(pk=user.pk))


def days(n: int) -> date:
    """Today and ``n`` days."""
    return business_date() + timedelta(days=n)


def count_card(merchant: Merchant, holder: User, **terms: object) -> Contract:
    """A paid card of ten times and three gifts for 1,000."""
    return open_contract(make_plan(merchant, Plan.Kind.COUNT, **terms), holder)


def term_card(merchant: Merchant, holder: User, kind: str = Plan.Kind.PER_PERIOD, **terms: object) -> Contract:
    """A paid card of twelve periods of 198.00, by the week unless told otherwise."""
    given: dict[str, object] = {"every": Plan.Every.WEEK}
    return open_contract(make_plan(merchant, kind, **(given | terms)), holder)


def top_up(contract: Contract, plan: Plan, *, on: date | None = None) -> Contract:
    """A paid top-up by a plan."""
    pay(prepaid.order_top_up(contract.pk, plan.pk, by=who(contract.holder)), on=on)
    return fresh(contract)


def ask(contract: Contract, fen: int = 0, times: int = 0, item: str = "洗剪吹") -> Visit:
    """A visit the shop asks the consumer to confirm."""
    by = who(contract.merchant.registered_by)
    return prepaid.request_visit(contract.pk, contract.store_id, item, face_fen=fen, times=times, by=by)


def consume(contract: Contract, fen: int = 0, times: int = 0) -> Visit:
    """A visit that was asked for and confirmed."""
    return prepaid.confirm_visit(ask(contract, fen, times).pk, by=who(contract.holder))


def payable(merchant: Merchant) -> int:
    """What the merchant is owed, in fen."""
    return ledger.balance(ledger.open_account(AccountKind.MERCHANT_PAYABLE, merchant.pk))


def verbs(obj: models.Model) -> list[str]:
    """What the audit says was done to an object, oldest first."""
    lines = AuditEvent.objects.filter(object_type=obj._meta.label, object_id=str(obj.pk)).order_by("seq")
    return list(lines.values_list("verb", flat=True))


def unseen(call: Callable[[], object]) -> None:
    """To a stranger the object does not exist (404)."""
    with pytest.raises(NotFound):
        call()


def forbidden(call: Callable[[], object]) -> None:
    """Somebody who sees the object may not do this (403)."""
    with pytest.raises(NotAllowed):
        call()


def refused(error: type[PortalError], call: Callable[[], object], match: str | None = None) -> PortalError:
    """The call is refused with this error; returns it."""
    with pytest.raises(error, match=match) as caught:
        call()
    return caught.value


@contextmanager
def unmoved(contract: Contract) -> Iterator[None]:
    """Whatever happens inside leaves the contract's money and state as they were."""
    before = snapshot(contract)
    yield
    assert snapshot(contract) == before


def snapshot(contract: Contract) -> tuple[object, ...]:
    """The money and the state of a contract."""
    now = fresh(contract)
    return now.status, now.paid_fen, now.locked_fen, now.held_fen, now.released_fen, now.refunded_fen


def rest_fen(contract: Contract) -> int:
    """What was paid to the merchant at the end of a contract, beyond its visits."""
    by_refund = {"kind": 2, "ref_type": RefType.REFUND, "debit": contract.account_id}
    return sum(Transfer.objects.filter(**by_refund).values_list("amount_fen", flat=True))


def books(contract: Contract) -> tuple[Contract, list[Visit]]:
    """The contract, its lots, its visits and its account tell the same story; returns it and its visits."""
    now = fresh(contract)
    lots, visits, refunds = list(now.lots.all()), list(now.visits.all()), list(now.refunds.all())
    assert now.account is not None
    waiting = [v for v in visits if v.status in (Visit.Status.REQUESTED, Visit.Status.DISPUTED)]
    assert now.paid_fen == sum(lot.paid_fen for lot in lots)
    assert now.refunded_fen == sum(lot.refunded_fen for lot in lots)
    assert now.locked_fen == now.paid_fen - now.released_fen - now.refunded_fen >= now.held_fen >= 0
    assert now.held_fen == sum(visit.hold_fen for visit in waiting)
    asked = ("REQUESTED", "DISPUTED", "WITHDRAWN")
    assert now.refunded_fen == sum(row.amount_fen for row in refunds if row.status not in asked)
    if not now.is_periodic:
        by_visits = now.released_fen - rest_fen(now)
        assert by_visits == sum(lot.released_fen for lot in lots)
        assert by_visits == sum(v.amount_fen - v.corrected_fen for v in visits)
        assert sum(lot.held_face_fen for lot in lots) == sum(v.face_fen for v in waiting)
        assert sum(lot.held_times for lot in lots) == sum(v.times for v in waiting)
    decided = all(row.status != Refund.Status.DISPUTED for row in refunds)
    if now.status == Contract.Status.REFUNDED and decided and not now.held_fen and not now.is_frozen:
        assert now.locked_fen == 0, "money stays behind in a contract that is over"
    return now, visits


def ledger_is_whole() -> None:
    """The ledger's own verifier, in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ledger_verify()")
        assert cursor.fetchall() == []


def oracle_is_content() -> None:
    """The independent judge of everything committed."""
    assert oracle.check(os.environ["DATABASE_RO_URL"]) == []


def refund_row(contract: Contract) -> Refund:
    """The last refund of a contract."""
    return Refund.objects.filter(contract=contract).latest("pk")


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run each call on a thread and connection of its own, let go together; its answer, or the refusal it met."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            gate.wait()
            return durably(call)
        except (PortalError, IntegrityError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def deadlocks() -> int:
    """How often the database had to break a circle of waiting."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot(), pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
