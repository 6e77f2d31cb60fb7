"""The dead-shop switch: no confirmed service for two periods, and the period payments stop until there is one."""

from datetime import timedelta

import pytest

from core.actors import SYSTEM
from core.errors import Invalid, WrongState
from core.jobs import run_shard
from core.models import SmsMessage, User
from merchants.models import Merchant, Store
from prepaid import actions as prepaid
from prepaid.actions.dead_shops import last_alive_day
from prepaid.models import Contract, Instalment, Pause
from tests.cast import STREET, fresh, make_plan, open_contract
from tests.prepaid.scenes import days, forbidden, ledger_is_whole, refused, verbs, who

pytestmark = pytest.mark.django_db
State = Instalment.State


@pytest.fixture
def card(merchant_a: Merchant, second_consumer: User) -> Contract:
    """Twelve weeks, begun by a visit thirty days ago; four of them are due."""
    made = open_contract(make_plan(merchant_a, "PER_PERIOD", every="WEEK"), second_consumer, on=days(-30))
    prepaid.report_visit(made.pk, made.store_id, "签到", by=who(second_consumer), on=days(-30))
    return fresh(made)


def states(card: Contract) -> list[int]:
    return list(Instalment.objects.of_account(card.account_id or 0).values_list("state", flat=True))


def test_how_far_back_a_service_keeps_a_shop_alive() -> None:
    today = days(0)
    assert last_alive_day(today, "WEEK", 2, 14) == today - timedelta(days=14)
    assert last_alive_day(today, "DAY", 2, 14) == today - timedelta(days=14)
    assert last_alive_day(today.replace(month=8, day=31), "MONTH", 2, 14) == today.replace(month=6, day=30)


def test_no_service_for_two_periods_stops_the_payments_and_says_so(card: Contract, merchant_a: Merchant) -> None:
    prepaid.release_due(days(-16), 0, 1)
    assert states(card).count(State.RELEASED) == 2
    assert prepaid.stop_dead_shops(days(-17)) == 0, "a service thirteen days before keeps it alive"
    assert prepaid.stop_dead_shops(days(-15)) == 1
    assert prepaid.stop_dead_shops(days(-15)) == 0
    prepaid.release_due(days(0), 0, 1)
    assert states(card).count(State.RELEASED) == 2, "nothing more is paid"
    rest = Pause.objects.get()
    assert (rest.reason, rest.starts_on, rest.ended_on) == ("NO_SERVICE", days(-16), None)
    assert fresh(card).status == "ACTIVE", "the card can be used: a visit brings the shop back"
    assert verbs(card)[-1] == "contract.stop_no_service"
    assert "已替您停付" in SmsMessage.objects.filter(user=card.holder).latest("pk").text
    refused(WrongState, lambda: prepaid.pause(card.pk, "ILLNESS", by=who(card.holder)))
    ledger_is_whole()


def test_a_confirmed_visit_brings_it_back_and_the_lost_days_are_not_counted(card: Contract) -> None:
    ends_on, due = card.ends_on, list(Instalment.objects.of_account(card.account_id or 0))
    assert ends_on is not None
    prepaid.stop_dead_shops(days(-15))
    assert prepaid.revived(days(-5)) == []
    prepaid.report_visit(card.pk, card.store_id, "签到", by=who(card.holder), on=days(-6))
    run_shard("prepaid.dead_shops", days(-5), 0)
    rest = Pause.objects.get()
    assert (rest.ended_on, rest.days) == (days(-5), 11)
    moved = list(Instalment.objects.of_account(card.account_id or 0))
    for before, after in zip(due, moved, strict=True):
        shift = 11 if before.due_on > days(-16) else 0
        assert after.due_on == before.due_on + timedelta(days=shift) and after.state == State.DUE
    assert fresh(card).ends_on == ends_on + timedelta(days=11)
    assert prepaid.stop_dead_shops(days(-5)) == 0
    assert prepaid.stop_dead_shops(days(6)) == 0, "the visit keeps it alive"


def test_a_stop_of_the_consumer_stays_when_the_shop_comes_back(card: Contract, district_officer: User) -> None:
    prepaid.stop_dead_shops(days(-15))
    prepaid.stop_instalments(card.pk, by=who(card.holder), on=days(-10))
    by = who(district_officer)
    refused(Invalid, lambda: prepaid.resume_service(card.pk, "开着", by=by, on=days(-5)))
    forbidden(lambda: prepaid.resume_service(card.pk, "我去看过，开着", by=who(card.holder), on=days(-5)))
    prepaid.resume_service(card.pk, "实地检查，店开着，有顾客", by=by, on=days(-5))
    assert State.DUE not in states(card)[4:]
    assert prepaid.stop_dead_shops(days(-4)) == 0, "the officer's word begins the time anew"


def test_a_service_to_somebody_else_keeps_the_shop_alive(card: Contract, consumer: User) -> None:
    other = open_contract(card.plan, consumer, on=days(-20))
    prepaid.report_visit(other.pk, other.store_id, "签到", by=who(consumer), on=days(-3))
    assert prepaid.stop_dead_shops(days(0)) == 0
    assert prepaid.stop_dead_shops(days(12)) == 2


def test_the_sister_shop_keeps_only_the_cards_it_served_alive(card: Contract, consumer: User) -> None:
    other = open_contract(card.plan, consumer, on=days(-20))
    sister = Store.objects.create(merchant=card.merchant, name="二店", region_id=STREET, address="二路2号")
    for one in (card, other):
        prepaid.report_visit(one.pk, one.store_id, "签到", by=who(one.holder), on=days(-19))
    prepaid.report_visit(card.pk, sister.pk, "签到", by=who(card.holder), on=days(-3))
    assert prepaid.stop_dead_shops(days(0)) == 1
    assert Pause.objects.get().contract == other


def test_silence_keeps_no_shop_alive(card: Contract, merchant_a: Merchant) -> None:
    visit = prepaid.request_visit(card.pk, card.store_id, "签到", by=who(merchant_a.registered_by), on=days(-25))
    prepaid.auto_confirm_visit(visit.pk, by=SYSTEM, on=days(-1))
    assert prepaid.stop_dead_shops(days(0)) == 1


def test_the_refund_of_a_dead_shop_ends_with_its_service(card: Contract) -> None:
    prepaid.stop_dead_shops(days(-15))
    refund = prepaid.request_refund(card.pk, "MERCHANT", by=who(card.holder))
    # Twelve weeks of 198.00; two were served before it was stopped, and only those count.
    assert refund.total_fen == 237_600 - 2 * 19_800
