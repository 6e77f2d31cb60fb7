"""From the offer to locked money: what is signed, what is paid, and what happens to money without a home."""

from collections.abc import Callable
from typing import Any

import pytest

from core.actors import CUSTODIAN, Actor
from core.errors import Invalid, NotAllowed, NotFound, PortalError, WrongState
from core.models import User
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import ledger
from prepaid.custodian import Notice
from prepaid.models import Contract, CustodianNotice, PaymentOrder, Plan, PriceItem, SuspenseItem
from tests.cast import fresh, make_plan, open_contract, pay
from tests.prepaid.scenes import (
    HUGE,
    books,
    consume,
    days,
    forbidden,
    ledger_is_whole,
    refused,
    term_card,
    top_up,
    unmoved,
    unseen,
    verbs,
    who,
)

pytestmark = pytest.mark.django_db


def offered(plan: Plan, holder: User) -> Contract:
    store = plan.merchant.stores.get()
    return prepaid.offer(plan.pk, store.pk, holder.phone, by=who(plan.merchant.registered_by))


@pytest.fixture
def signed(plan: Plan, consumer: User) -> Contract:
    contract = offered(plan, consumer)
    return prepaid.sign(contract.pk, by=who(consumer), terms_hash=contract.terms_hash)


def notice(number: str, fen: int, ref: str = "bank-1", kind: str = "order.paid") -> Notice:
    return Notice(kind, ref, number, fen, "6222****0001", at=None)  # type: ignore[arg-type]


# Plans and prices


def test_a_plan_is_drafted_published_withdrawn_and_changed(merchant_a: Merchant, owner_a: User) -> None:
    by, data = who(owner_a), {"name": "卡", "kind": "STORED_VALUE", "price_fen": 10_000, "bonus_fen": 1_000}
    data |= {"description": "店内通用", "refund_terms": "依法退款"}
    plan = prepaid.save_plan(merchant_a.pk, data, by=by)
    assert prepaid.publish_plan(plan.pk, by=by).status == Plan.Status.ON_SALE
    refused(WrongState, lambda: prepaid.publish_plan(plan.pk, by=by))
    refused(WrongState, lambda: prepaid.save_plan(merchant_a.pk, {"price_fen": 1}, by=by, plan_id=plan.pk))
    prepaid.withdraw_plan(plan.pk, by=by)
    assert prepaid.save_plan(merchant_a.pk, {"price_fen": 20_000}, by=by, plan_id=plan.pk).price_fen == 20_000
    assert verbs(plan) == ["plan.save", "plan.publish", "plan.withdraw", "plan.save"]


def test_only_the_boss_makes_plans_and_prices(
    merchant_a: Merchant, plan: Plan, owner_b: User, merchant_b: Merchant, clerk_a: User, district_officer: User
) -> None:
    price = prepaid.set_price(merchant_a.pk, "洗剪吹", 3_000, by=who(plan.merchant.registered_by))
    steps: list[Callable[[Actor], Any]] = [
        lambda by: prepaid.save_plan(merchant_a.pk, {"name": "x"}, by=by),
        lambda by: prepaid.publish_plan(plan.pk, by=by),
        lambda by: prepaid.withdraw_plan(plan.pk, by=by),
        lambda by: prepaid.set_price(merchant_a.pk, "x", 1, by=by),
        lambda by: prepaid.drop_price(merchant_a.pk, price.pk, by=by),
    ]
    for step in steps:
        unseen(lambda step=step: step(who(owner_b)))
        forbidden(lambda step=step: step(who(clerk_a)))
        forbidden(lambda step=step: step(who(district_officer)))


def test_a_plan_of_another_merchant_cannot_be_changed_through_the_own(
    merchant_a: Merchant, merchant_b: Merchant, owner_a: User
) -> None:
    foreign = make_plan(merchant_b)
    refused(NotFound, lambda: prepaid.save_plan(merchant_a.pk, {"price_fen": 1}, by=who(owner_a), plan_id=foreign.pk))


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "STORED_VALUE", "price_fen": 0},
        {"kind": "STORED_VALUE", "price_fen": -1},
        {"kind": "STORED_VALUE", "price_fen": HUGE},
        {"kind": "STORED_VALUE", "price_fen": 100, "bonus_fen": -1},
        {"kind": "STORED_VALUE", "price_fen": 100, "bonus_fen": HUGE},
        {"kind": "COUNT", "price_fen": 1000, "times_paid": 0},
        {"kind": "COUNT", "price_fen": 1000, "times_paid": 10, "times_bonus": -1},
        {"kind": "COUNT", "price_fen": HUGE - 1, "times_paid": 2**31},
        {"kind": "COUNT", "price_fen": 1000, "times_paid": 10, "list_price_fen": -5},
        {"kind": "COUNT", "price_fen": 10, "times_paid": 11},
        {"kind": "PER_PERIOD", "price_fen": 1000, "periods": 0},
        {"kind": "PER_PERIOD", "price_fen": 1000, "periods": -3},
        {"kind": "PER_PERIOD", "price_fen": 10**12, "periods": 10**9},
        {"kind": "PER_PERIOD", "price_fen": 11, "periods": 12},
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_with_the_field(
    merchant_a: Merchant, owner_a: User, data: dict[str, Any]
) -> None:
    error = refused(Invalid, lambda: prepaid.save_plan(merchant_a.pk, {"name": "卡", **data}, by=who(owner_a)))
    assert error.fields and not Plan.objects.exists()


def test_prices_are_set_changed_dropped_and_must_be_positive(merchant_a: Merchant, owner_a: User) -> None:
    by = who(owner_a)
    item = prepaid.set_price(merchant_a.pk, "烫发", 30_000, by=by)
    assert prepaid.set_price(merchant_a.pk, "烫发", 28_000, by=by).pk == item.pk
    for wrong in (0, -1, HUGE):
        refused(Invalid, lambda wrong=wrong: prepaid.set_price(merchant_a.pk, "烫发", wrong, by=by))
    refused(Invalid, lambda: prepaid.set_price(merchant_a.pk, " ", 1, by=by))
    assert not prepaid.drop_price(merchant_a.pk, item.pk, by=by).is_active
    assert PriceItem.objects.get().price_fen == 28_000
    assert verbs(merchant_a)[-3:] == ["merchant.set_price", "merchant.set_price", "merchant.drop_price"]


# Offer and signature


def test_the_contract_keeps_the_terms_of_its_day(plan: Plan, consumer: User) -> None:
    prepaid.set_price(plan.merchant_id, "洗剪吹", 3_000, by=who(plan.merchant.registered_by))
    contract = offered(plan, consumer)
    Plan.objects.update(price_fen=1, name="改过")
    prepaid.set_price(plan.merchant_id, "洗剪吹", 9_900, by=who(plan.merchant.registered_by))
    terms = fresh(contract).terms
    assert (terms["price_fen"], terms["plan"]) == (300_000, "三千储值卡")
    assert terms["prices"] == [{"name": "洗剪吹", "price_fen": 3_000}]
    assert contract.rule_pack and verbs(contract) == ["contract.offer"]


def test_strangers_cannot_offer_and_a_draft_is_not_for_sale(plan: Plan, consumer: User, clerk_b: User) -> None:
    store = plan.merchant.stores.get()
    unseen(lambda: prepaid.offer(plan.pk, store.pk, consumer.phone, by=who(clerk_b)))
    forbidden_or_unseen = (NotAllowed, NotFound)
    with pytest.raises(forbidden_or_unseen):
        prepaid.offer(plan.pk, store.pk, consumer.phone, by=who(consumer))
    prepaid.withdraw_plan(plan.pk, by=who(plan.merchant.registered_by))
    refused(WrongState, lambda: offered(plan, consumer))


def test_a_store_of_somebody_else_or_a_closed_one_is_no_place_to_sell(
    plan: Plan, merchant_b: Merchant, consumer: User
) -> None:
    by, own = who(plan.merchant.registered_by), plan.merchant.stores.get()
    refused(NotFound, lambda: prepaid.offer(plan.pk, merchant_b.stores.get().pk, consumer.phone, by=by))
    plan.merchant.stores.update(is_open=False)
    refused(NotFound, lambda: prepaid.offer(plan.pk, own.pk, consumer.phone, by=by))


def test_signing_needs_the_holder_and_exactly_the_terms_seen(
    plan: Plan, consumer: User, second_consumer: User, owner_a: User
) -> None:
    contract = offered(plan, consumer)
    unseen(lambda: prepaid.sign(contract.pk, by=who(second_consumer), terms_hash=contract.terms_hash))
    forbidden(lambda: prepaid.sign(contract.pk, by=who(owner_a), terms_hash=contract.terms_hash))
    refused(WrongState, lambda: prepaid.sign(contract.pk, by=who(consumer), terms_hash="0" * 64))
    first = prepaid.sign(contract.pk, by=who(consumer), terms_hash=contract.terms_hash)
    again = prepaid.sign(contract.pk, by=who(consumer), terms_hash=contract.terms_hash)
    assert first.account_id == again.account_id and again.status == Contract.Status.SIGNED
    assert verbs(contract) == ["contract.offer", "contract.sign"]


def test_an_unpaid_contract_can_be_declined_once_and_never_a_paid_one(
    signed: Contract, consumer: User, second_consumer: User, merchant_b: Merchant, owner_b: User
) -> None:
    unseen(lambda: prepaid.decline(signed.pk, by=who(second_consumer)))
    unseen(lambda: prepaid.decline(signed.pk, by=who(owner_b)))
    assert prepaid.decline(signed.pk, by=who(consumer)).status == Contract.Status.TERMINATED
    refused(WrongState, lambda: prepaid.decline(signed.pk, by=who(consumer)))
    refused(WrongState, lambda: prepaid.order_payment(signed.pk, by=who(consumer)))
    paid = open_contract(signed.plan, consumer)
    refused(WrongState, lambda: prepaid.decline(paid.pk, by=who(consumer)))
    assert verbs(signed)[-1] == "contract.decline"


def test_family_may_use_the_card_but_only_the_holder_lets_them(
    contract: Contract, consumer: User, second_consumer: User, owner_a: User
) -> None:
    forbidden(lambda: prepaid.add_user(contract.pk, second_consumer.phone, by=who(owner_a)))
    unseen(lambda: prepaid.add_user(contract.pk, second_consumer.phone, by=who(second_consumer)))
    one = prepaid.add_user(contract.pk, second_consumer.phone, by=who(consumer))
    assert prepaid.add_user(contract.pk, second_consumer.phone, by=who(consumer)).pk == one.pk
    forbidden(lambda: prepaid.request_refund(contract.pk, "CONSUMER", by=who(second_consumer)))
    assert "contract.add_user" in verbs(contract)


# Payment


def test_the_order_is_the_same_when_asked_again(
    signed: Contract, consumer: User, second_consumer: User, owner_a: User
) -> None:
    unseen(lambda: prepaid.order_payment(signed.pk, by=who(second_consumer)))
    forbidden(lambda: prepaid.order_payment(signed.pk, by=who(owner_a)))
    order = prepaid.order_payment(signed.pk, by=who(consumer))
    assert prepaid.order_payment(signed.pk, by=who(consumer)).pk == order.pk
    assert order.amount_fen == 300_000 and verbs(signed).count("contract.order_payment") == 1


def test_nobody_but_the_custodian_makes_a_contract_active(signed: Contract, consumer: User, owner_a: User) -> None:
    order = prepaid.order_payment(signed.pk, by=who(consumer))
    for actor in (who(consumer), who(owner_a)):
        with unmoved(signed), pytest.raises(PortalError):
            prepaid.receive(notice(order.order_no, order.amount_fen), by=actor)


def test_the_same_callback_three_times_locks_the_money_once(signed: Contract, consumer: User) -> None:
    order = prepaid.order_payment(signed.pk, by=who(consumer))
    for _ in range(3):
        pay(order)
    now = fresh(signed)
    assert (now.status, now.paid_fen, now.locked_fen, now.lots.count()) == (Contract.Status.ACTIVE, 300_000, 300_000, 1)
    assert CustodianNotice.objects.count() == 1 and verbs(signed).count("contract.lock") == 1
    books(signed)


@pytest.mark.parametrize("amount", [1, 299_999, 300_001, 10**15])
def test_a_wrong_amount_goes_to_suspense_and_the_contract_is_untouched(
    signed: Contract, consumer: User, amount: int
) -> None:
    order = prepaid.order_payment(signed.pk, by=who(consumer))
    with unmoved(signed):
        for _ in range(3):
            pay(order, amount_fen=amount)
    item = SuspenseItem.objects.get()
    assert item.amount_fen == amount == ledger.balance(ledger.SUSPENSE) and "suspense.open" in verbs(item)
    order.refresh_from_db()
    assert order.status == PaymentOrder.Status.SUSPENDED
    pay(prepaid.order_payment(signed.pk, by=who(consumer)))
    assert fresh(signed).locked_fen == 300_000
    ledger_is_whole()


def test_money_for_an_unknown_order_goes_to_suspense_once(signed: Contract) -> None:
    with unmoved(signed):
        for _ in range(3):
            prepaid.receive(notice("NO-SUCH-ORDER", 5_000), by=CUSTODIAN)
    assert SuspenseItem.objects.get().amount_fen == 5_000
    ledger_is_whole()


def test_money_for_a_cancelled_contract_goes_to_suspense_and_its_order_is_closed(
    signed: Contract, consumer: User
) -> None:
    order = prepaid.order_payment(signed.pk, by=who(consumer))
    prepaid.decline(signed.pk, by=who(consumer))
    with unmoved(signed):
        for _ in range(3):
            pay(order)
    assert SuspenseItem.objects.get().amount_fen == 300_000
    order.refresh_from_db()
    assert order.status != PaymentOrder.Status.PENDING


def test_a_second_payment_of_one_order_goes_to_suspense(signed: Contract, consumer: User) -> None:
    order = prepaid.order_payment(signed.pk, by=who(consumer))
    pay(order)
    with unmoved(signed):
        pay(order, ref="another")
    assert SuspenseItem.objects.get().amount_fen == 300_000
    books(signed)


def test_a_top_up_paid_while_the_card_rests_does_not_block_the_next_one(
    contract: Contract, plan: Plan, consumer: User
) -> None:
    order = prepaid.order_top_up(contract.pk, plan.pk, by=who(consumer))
    prepaid.pause(contract.pk, "ILLNESS", by=who(consumer))
    pay(order)
    prepaid.resume(contract.pk, by=who(consumer))
    assert SuspenseItem.objects.get().amount_fen == 300_000
    assert prepaid.order_top_up(contract.pk, plan.pk, by=who(consumer)).pk != order.pk


def test_a_cancelled_order_makes_room_for_another(signed: Contract, consumer: User) -> None:
    order = prepaid.order_payment(signed.pk, by=who(consumer))
    prepaid.receive(notice(order.order_no, order.amount_fen, kind="order.cancelled"), by=CUSTODIAN)
    prepaid.receive(notice("nonsense", 1, ref="b2", kind="order.cancelled"), by=CUSTODIAN)
    prepaid.receive(notice("nonsense", 1, ref="b3", kind="order.whatever"), by=CUSTODIAN)
    assert prepaid.order_payment(signed.pk, by=who(consumer)).pk != order.pk
    assert fresh(signed).paid_fen == 0


# Top-ups


def test_each_top_up_is_a_lot_with_its_own_cooling_off_used_oldest_first(contract: Contract, consumer: User) -> None:
    small = make_plan(contract.merchant, price_fen=100_000, bonus_fen=0, name="一千")
    top_up(contract, small, on=days(5))
    first, second = contract.lots.order_by("no")
    assert (first.cooling_off_until, second.cooling_off_until) == (days(7), days(12))
    assert (second.no, second.paid_fen, second.bonus_fen) == (2, 100_000, 0)
    consume(contract, fen=60_000)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.used_face_fen, second.used_face_fen) == (60_000, 0)
    books(contract)


def test_a_top_up_needs_a_plan_of_the_same_kind_and_merchant_on_sale(
    contract: Contract, plan: Plan, consumer: User, second_consumer: User, merchant_b: Merchant
) -> None:
    by = who(consumer)
    unseen(lambda: prepaid.order_top_up(contract.pk, plan.pk, by=who(second_consumer)))
    for wrong in (make_plan(contract.merchant, Plan.Kind.COUNT), make_plan(merchant_b)):
        refused(Invalid, lambda wrong=wrong: prepaid.order_top_up(contract.pk, wrong.pk, by=by))
    order = prepaid.order_top_up(contract.pk, plan.pk, by=by)
    assert prepaid.order_top_up(contract.pk, plan.pk, by=by).pk == order.pk
    other = make_plan(contract.merchant, price_fen=50_000)
    refused(WrongState, lambda: prepaid.order_top_up(contract.pk, other.pk, by=by))
    year = term_card(contract.merchant, second_consumer)
    refused(WrongState, lambda: prepaid.order_top_up(year.pk, year.plan_id, by=who(second_consumer)))


def test_a_restricted_merchant_cannot_sell_but_visits_go_on(
    contract: Contract, plan: Plan, consumer: User, owner_a: User, district_officer: User
) -> None:
    draft = prepaid.save_plan(plan.merchant_id, {"name": "新", "kind": "STORED_VALUE", "price_fen": 1}, by=who(owner_a))
    waiting = offered(plan, consumer)
    prepaid.sign(waiting.pk, by=who(consumer), terms_hash=waiting.terms_hash)
    row = merchants.restrict(plan.merchant_id, "投诉", "多次投诉", by=who(district_officer))
    for sale in (
        lambda: offered(plan, consumer),
        lambda: prepaid.publish_plan(draft.pk, by=who(owner_a)),
        lambda: prepaid.order_top_up(contract.pk, plan.pk, by=who(consumer)),
        lambda: prepaid.order_payment(waiting.pk, by=who(consumer)),
    ):
        refused(WrongState, sale, match="限制")
    assert consume(contract, fen=6_000).amount_fen == 5_000
    merchants.lift_restriction(row.pk, by=who(district_officer))
    assert prepaid.order_payment(waiting.pk, by=who(consumer)).pk
