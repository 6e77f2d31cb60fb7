"""Many at once: one refund whoever is first, one signature, no sale beside a publication; the oracle agrees."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core.actors import SYSTEM
from core.errors import PortalError
from core.models import SmsMessage, User
from prepaid import actions as prepaid
from prepaid.models import Contract, HolderNotice, Plan, Refund
from tests.prepaid.scenes import at_once, days, deadlocks, oracle_is_content, who
from tests.prepaid.test_closings import declared, told

pytestmark = pytest.mark.django_db(transaction=True)


def by_themselves(*calls: Callable[[], object]) -> None:
    """Run jobs at once, each on a connection of its own; they open their own transactions."""

    def run(call: Callable[[], object]) -> None:
        try:
            call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        list(threads.map(run, calls))


def test_one_sale_or_one_publication_then_one_refund(
    contract: Contract, plan: Plan, owner_a: User, consumer: User, second_consumer: User
) -> None:
    notice, by, before = declared(contract.merchant, 0), who(owner_a), deadlocks()
    answers = at_once(
        lambda: prepaid.publish_closing(notice.pk, by=by),
        lambda: prepaid.publish_closing(notice.pk, by=by),
        *[lambda: prepaid.offer(plan.pk, contract.store_id, second_consumer.phone, by=by)] * 3,
    )
    assert sum(isinstance(one, PortalError) for one in answers[:2]) == 1
    told(notice)
    row, holder = HolderNotice.objects.get(contract=contract), who(consumer)
    at_once(
        *[lambda: prepaid.choose_settlement(row.pk, "REFUND", by=holder)] * 3,
        *[lambda: prepaid.settle_by_default(row.pk, by=SYSTEM, on=days(1))] * 3,
        lambda: prepaid.request_refund(contract.pk, "CONSUMER", by=holder),
    )
    messages = SmsMessage.objects.count()
    by_themselves(*[lambda: prepaid.tell_holders(notice.pk)] * 3)
    assert SmsMessage.objects.count() == messages, "told before, and once"
    paying = Refund.objects.exclude(status="WITHDRAWN")
    assert [(one.status, one.amount_fen) for one in paying] == [("PAYING", 300_000)]
    assert deadlocks() == before
    oracle_is_content()


def test_an_emergency_is_signed_once_and_paid_once(
    contract: Contract, district_officer: User, second_officer: User, city_chief: User
) -> None:
    first, second, third = who(district_officer), who(second_officer), who(city_chief)
    run_off = prepaid.propose_run_off(contract.merchant_id, "店门紧闭三天", days(0), by=first)
    signed = at_once(*[lambda by=by: prepaid.approve_run_off(run_off.pk, by=by) for by in (second, third)])  # type: ignore[misc]
    assert sum(isinstance(one, PortalError) for one in signed) == 1
    by_themselves(*[lambda: prepaid.count_claims(run_off.pk)] * 3)
    plan = prepaid.plan_run_off(run_off.pk, by=first)
    prepaid.approve_run_off_plan(run_off.pk, plan.plan_hash, by=second)
    by_themselves(*[lambda: prepaid.pay_run_off(run_off.pk)] * 3)
    assert [(one.status, one.amount_fen) for one in Refund.objects.all()] == [("PAYING", 300_000)]
    oracle_is_content()
