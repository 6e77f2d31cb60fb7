"""Cards sold before joining: stated, answered, used, paid into escrow, refunded by the shop; what they count for."""

from datetime import date

import pytest

from core.calendar import business_date
from core.errors import Invalid, WrongState
from core.models import SmsMessage, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.actions.run_offs import count_claims
from prepaid.card_import import Entry, entry_of
from prepaid.claims import claims_of
from prepaid.custody import badge
from prepaid.models import (
    Contract,
    CustodyCheck,
    LegacyCard,
    LegacyUse,
    PaymentOrder,
    Payout,
    Plan,
    Refund,
    RefundShortfall,
    Transfer,
)
from prepaid.selling import unlocked_fen
from tests.cast import fresh, pay
from tests.prepaid.scenes import at_once, books, consume, forbidden, oracle_is_content, refused, unseen, who

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 8)
Status = LegacyCard.Status


def stated(merchant: Merchant, holder: User, fen: int = 128_000, times: int = 0, card: str = "老储值卡") -> LegacyCard:
    """A card the shop has stated."""
    kind = Plan.Kind.COUNT if times else Plan.Kind.STORED_VALUE
    entry = Entry(holder.phone, holder.name, card, kind, fen, times, DAY)
    return prepaid.add_legacy_card(merchant.pk, entry, by=who(merchant.registered_by))


def confirmed(merchant: Merchant, holder: User, fen: int = 128_000, times: int = 0) -> LegacyCard:
    """A card whose holder agreed."""
    return prepaid.confirm_legacy_card(stated(merchant, holder, fen, times).pk, by=who(holder))


def used(card: LegacyCard, fen: int = 0, times: int = 0) -> LegacyUse:
    """A visit the shop asks the holder about."""
    by, store = who(card.merchant.registered_by), card.merchant.stores.get()
    return prepaid.ask_legacy_use(card.pk, store.pk, "洗剪吹", by=by, fen=fen, times=times)


def latest(card: LegacyCard) -> LegacyCard:
    return LegacyCard.objects.get(pk=card.pk)


def test_the_holder_is_told_without_a_link_and_confirms(merchant_a: Merchant, consumer: User) -> None:
    card = stated(merchant_a, consumer)
    [message] = SmsMessage.objects.filter(user=consumer)
    assert "1,280.00元" in message.text and "没有锁定" in message.text and "http" not in message.text
    assert prepaid.confirm_legacy_card(card.pk, by=who(consumer)).status == Status.CONFIRMED
    assert prepaid.confirm_legacy_card(card.pk, by=who(consumer)).status == Status.CONFIRMED
    refused(WrongState, lambda: prepaid.deny_legacy_card(card.pk, by=who(consumer)))


def test_nothing_comes_in_twice(merchant_a: Merchant, consumer: User) -> None:
    card = stated(merchant_a, consumer)
    assert stated(merchant_a, consumer).pk == card.pk
    refused(Invalid, lambda: stated(merchant_a, consumer, 99_900), "当时余额是 1,280.00 元")
    assert LegacyCard.objects.count() == 1 and SmsMessage.objects.filter(user=consumer).count() == 1


def test_another_balance_is_seen_by_the_shop_and_the_officer_decides(
    merchant_a: Merchant, consumer: User, owner_a: User, district_officer: User, other_officer: User
) -> None:
    card = stated(merchant_a, consumer)
    refused(Invalid, lambda: prepaid.dispute_legacy_card(card.pk, 128_000, "", by=who(consumer)))
    refused(Invalid, lambda: prepaid.dispute_legacy_card(card.pk, 150_000, "", by=who(consumer), times=3))
    card = prepaid.dispute_legacy_card(card.pk, 150_000, "上月没去过", by=who(consumer))
    assert (card.status, card.left_fen, card.claimed_fen) == (Status.DISPUTED, 128_000, 150_000)
    assert unlocked_fen(merchant_a.pk) == 128_000
    forbidden(lambda: prepaid.settle_legacy_card(card.pk, 140_000, "看过流水本", by=who(owner_a)))
    unseen(lambda: prepaid.settle_legacy_card(card.pk, 140_000, "看过流水本", by=who(other_officer)))
    refused(Invalid, lambda: prepaid.settle_legacy_card(card.pk, 140_000, "看", by=who(district_officer)))
    card = prepaid.settle_legacy_card(card.pk, 140_000, "看过店里的流水本", by=who(district_officer))
    assert (card.status, card.left_fen) == (Status.CONFIRMED, 140_000)


def test_the_shop_may_agree_and_strangers_see_nothing(
    merchant_a: Merchant, consumer: User, second_consumer: User, owner_a: User, owner_b: User
) -> None:
    card = prepaid.dispute_legacy_card(stated(merchant_a, consumer).pk, 150_000, "", by=who(consumer))
    for stranger in (second_consumer, owner_b):
        assert not LegacyCard.objects.visible_to(who(stranger)).exists()
        unseen(lambda stranger=stranger: prepaid.accept_legacy_claim(card.pk, by=who(stranger)))
    assert prepaid.accept_legacy_claim(card.pk, by=who(owner_a)).left_fen == 150_000
    unseen(lambda: prepaid.confirm_legacy_card(card.pk + 1, by=who(consumer)))


def test_not_mine_counts_no_more(merchant_a: Merchant, consumer: User) -> None:
    card = stated(merchant_a, consumer)
    assert unlocked_fen(merchant_a.pk) == 128_000
    prepaid.deny_legacy_card(card.pk, by=who(consumer))
    assert unlocked_fen(merchant_a.pk) == 0
    assert list(claims_of(merchant_a, business_date())) == []


def test_visits_take_nothing_before_the_holder_says_so(merchant_a: Merchant, consumer: User, owner_a: User) -> None:
    card = stated(merchant_a, consumer)
    refused(WrongState, lambda: used(card, 6_000), "待消费者核对")
    prepaid.confirm_legacy_card(card.pk, by=who(consumer))
    refused(Invalid, lambda: used(card, 128_001))
    refused(Invalid, lambda: used(card, times=1))
    use = used(card, 6_000)
    assert latest(card).left_fen == 128_000
    refused(WrongState, lambda: used(card, 1_000), "还在等")
    forbidden(lambda: prepaid.confirm_legacy_use(use.pk, by=who(owner_a)))
    prepaid.confirm_legacy_use(use.pk, by=who(consumer))
    prepaid.confirm_legacy_use(use.pk, by=who(consumer))
    assert latest(card).left_fen == 122_000
    prepaid.refuse_legacy_use(used(card, 2_000).pk, by=who(consumer))
    prepaid.withdraw_legacy_use(used(card, 3_000).pk, by=who(owner_a))
    assert latest(card).left_fen == 122_000
    prepaid.confirm_legacy_use(used(card, 122_000).pk, by=who(consumer))
    assert (latest(card).status, latest(card).left_fen) == (Status.USED_UP, 0)
    assert Transfer.objects.count() == 0


def test_a_count_card_rounds_in_the_consumers_favour(merchant_a: Merchant, consumer: User) -> None:
    card = confirmed(merchant_a, consumer, 10_000, 3)  # 33.33… a time
    prepaid.confirm_legacy_use(used(card, times=1).pk, by=who(consumer))
    assert (latest(card).left_fen, latest(card).left_times) == (6_667, 2)
    assert refused(Invalid, lambda: used(card, times=3)).fields == {"times": "填 1 到 2 次"}
    prepaid.confirm_legacy_use(used(card, times=2).pk, by=who(consumer))
    assert (latest(card).status, latest(card).left_times) == (Status.USED_UP, 0)


def offered(card: LegacyCard, plan: Plan) -> LegacyCard:
    by, store = who(card.merchant.registered_by), card.merchant.stores.get()
    return prepaid.offer_legacy_move(card.pk, plan.pk, store.pk, by=by)


def test_the_shop_pays_the_rest_in_and_it_becomes_a_lot(
    plan: Plan, merchant_a: Merchant, consumer: User, owner_a: User
) -> None:
    card = offered(confirmed(merchant_a, consumer), plan)
    contract = card.contract
    assert contract is not None and contract.terms["price_fen"] == 128_000 and contract.terms["bonus_fen"] == 0
    refused(WrongState, lambda: prepaid.pay_in_legacy(card.pk, by=who(owner_a)), "签了约再付")
    refused(WrongState, lambda: used(card, 100), "转入存管中")
    prepaid.sign(contract.pk, by=who(consumer), terms_hash=contract.terms_hash)
    refused(WrongState, lambda: prepaid.order_payment(contract.pk, by=who(consumer)), "您不用付")
    order = prepaid.pay_in_legacy(card.pk, by=who(owner_a))
    assert prepaid.pay_in_legacy(card.pk, by=who(owner_a)) == order
    assert unlocked_fen(merchant_a.pk) == 128_000  # promised money is not locked money
    pay(order)
    contract = fresh(contract)
    assert (contract.status, contract.locked_fen, contract.paid_fen) == (Contract.Status.ACTIVE, 128_000, 128_000)
    card = latest(card)
    assert (card.status, card.left_fen, unlocked_fen(merchant_a.pk)) == (Status.MOVED, 0, 0)
    consume(contract, 6_000)
    books(contract)


def test_a_customers_own_top_up_moves_nothing_old_but_reminds_the_shop(
    contract: Contract, plan: Plan, merchant_a: Merchant, consumer: User, owner_a: User
) -> None:
    card = confirmed(merchant_a, consumer)
    pay(prepaid.order_top_up(contract.pk, plan.pk, by=who(consumer)))
    assert latest(card).left_fen == 128_000
    assert SmsMessage.objects.filter(user=owner_a).count() == 1
    card = offered(latest(card), plan)  # a card in use is there: no new signature
    assert card.contract == contract
    pay(prepaid.pay_in_legacy(card.pk, by=who(owner_a)))
    assert [lot.paid_fen for lot in fresh(contract).lots.all()] == [300_000, 300_000, 128_000]
    assert latest(card).status == Status.MOVED
    refund = prepaid.request_refund(contract.pk, Refund.Cause.CONSUMER, by=who(consumer))
    refund = prepaid.agree_refund(refund.pk, by=who(owner_a))
    # The last payer was the shop: its account is not where a refund may go.
    assert (refund.status, Payout.objects.get().account) == (Refund.Status.PAYOUT_FAILED, "")
    books(contract)


def test_a_move_that_is_stopped_leaves_the_card_as_it_was(
    plan: Plan, merchant_a: Merchant, consumer: User, owner_a: User
) -> None:
    card = offered(confirmed(merchant_a, consumer), plan)
    first = card.contract
    assert first is not None
    prepaid.sign(first.pk, by=who(consumer), terms_hash=first.terms_hash)
    order = prepaid.pay_in_legacy(card.pk, by=who(owner_a))
    card = prepaid.stop_legacy_move(card.pk, by=who(consumer))
    assert (card.status, card.contract) == (Status.CONFIRMED, None)
    assert fresh(first).status == Contract.Status.TERMINATED
    assert PaymentOrder.objects.get(pk=order.pk).status == PaymentOrder.Status.CANCELLED
    pay(order)  # late money for a dropped order is never booked as the customer's
    assert (latest(card).left_fen, fresh(first).locked_fen) == (128_000, 0)
    assert offered(latest(card), plan).contract != first


def test_a_refund_is_a_claim_on_the_shop_and_only_the_holder_ends_it(
    merchant_a: Merchant, consumer: User, owner_a: User
) -> None:
    card = confirmed(merchant_a, consumer)
    card = prepaid.ask_legacy_refund(card.pk, by=who(consumer))
    assert RefundShortfall.objects.get().amount_fen == 128_000
    forbidden(lambda: prepaid.take_legacy_refund(card.pk, by=who(owner_a)))
    assert prepaid.withdraw_legacy_refund(card.pk, by=who(consumer)).status == Status.CONFIRMED
    assert not RefundShortfall.objects.exists()
    prepaid.ask_legacy_refund(card.pk, by=who(consumer))
    assert unlocked_fen(merchant_a.pk) == 128_000
    assert prepaid.take_legacy_refund(card.pk, by=who(consumer)).status == Status.REFUNDED
    assert RefundShortfall.objects.get().settled_at is not None
    assert (unlocked_fen(merchant_a.pk), Transfer.objects.count()) == (0, 0)


def test_old_cards_count_as_obligations_in_custody_and_coverage(
    contract: Contract, merchant_a: Merchant, consumer: User
) -> None:
    stated(merchant_a, consumer)
    prepaid.check_custody(business_date())
    check = CustodyCheck.objects.get(merchant=merchant_a)
    assert (check.locked_fen, check.obligations_fen) == (300_000, 428_000)
    assert badge(merchant_a.pk, business_date()).share == 70  # 300,000 of 428,000


def test_a_run_off_counts_them_and_shows_the_shortfall(
    contract: Contract, merchant_a: Merchant, consumer: User, second_consumer: User,
    district_officer: User, second_officer: User,
) -> None:  # fmt: skip
    card = confirmed(merchant_a, second_consumer)
    denied = stated(merchant_a, second_consumer, 5_000, card="别的卡")
    prepaid.deny_legacy_card(denied.pk, by=who(second_consumer))
    run_off = prepaid.propose_run_off(merchant_a.pk, "店门紧闭三天", business_date(), by=who(district_officer))
    run_off = prepaid.approve_run_off(run_off.pk, by=who(second_officer))
    count_claims(run_off.pk)
    claims = {claim.source: claim for claim in run_off.claims.all()}
    assert set(claims) == {f"contract:{contract.pk}", f"legacy:{card.pk}"}
    old = claims[f"legacy:{card.pk}"]
    assert (old.entitled_fen, old.pays_fen, old.shortfall_fen) == (128_000, 0, 128_000)
    assert old.lines[0]["article"]


@pytest.mark.django_db(transaction=True)
def test_two_phones_confirm_one_visit_once(merchant_a: Merchant, consumer: User) -> None:
    card = confirmed(merchant_a, consumer)
    use = used(card, 6_000)
    at_once(*[lambda: prepaid.confirm_legacy_use(use.pk, by=who(consumer))] * 4)
    oracle_is_content()
    assert latest(card).left_fen == 122_000


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"phone": "123"}, "phone"),
        ({"balance": ""}, "balance"),
        ({"balance": "-5"}, "balance"),
        ({"balance": "1000000.01"}, "balance"),
        ({"kind": "次卡"}, "times"),
        ({"kind": "次卡", "times": "0"}, "times"),
        ({"kind": "次卡", "times": "3", "balance": ""}, "balance"),
        ({"kind": "储值卡", "times": "3"}, "times"),
        ({"kind": "月卡"}, "kind"),
        ({"bought_on": "2025-02-30"}, "bought_on"),
        ({"bought_on": "2099-01-01"}, "bought_on"),
        ({"bought_on": ""}, "bought_on"),
        ({"card": "卡" * 41}, "card"),
    ],
)
def test_each_fault_of_a_row_is_named(row: dict[str, str], field: str) -> None:
    good = {"phone": "13900000001", "balance": "1280", "bought_on": "2025/3/8"}
    with pytest.raises(Invalid) as caught:
        entry_of(good | row, business_date())
    assert field in caught.value.fields


def test_the_ways_people_write_a_row() -> None:
    row = {"phone": "139 0000 0001", "balance": "￥1,280.5", "bought_on": "2025年3月8日", "times": "4"}
    entry = entry_of(row, business_date())
    assert (entry.phone, entry.kind, entry.left_fen, entry.times, entry.bought_on) == (
        "+8613900000001", Plan.Kind.COUNT, 128_050, 4, DAY,
    )  # fmt: skip
    assert entry_of(row | {"bought_on": "20250308"}, business_date()).natural_key == entry.natural_key
