"""What the posting functions do and refuse, spoken to as the application's database role."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.embedded import roles
from tests.prepaid import oracle
from tests.prepaid.ledgerdb import (
    BANK,
    PAYOUT,
    PAYOUTS,
    PREPAY,
    REFUND,
    REFUND_PAID,
    REFUNDS,
    RETURNED,
    SETTLE,
    SUSPENSE,
    VISIT,
    LedgerDatabase,
    Till,
    code_of,
    ledger,
    scratch,
    till,
)

__all__ = ["ledger", "scratch", "till"]
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
DAY = timedelta(days=1)


def test_the_hash_of_a_known_transfer(till: Till) -> None:
    """The test vector of the canonical encoding: anybody can re-compute a chain from it."""
    row = {
        "id": 42, "posted_at": datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC), "kind": 2, "debit": 1000,
        "credit": 1001, "amount": 30_000, "card_seq": 3, "card_balance": 270_000, "ref_type": 2, "ref_id": 9,
        "reverses": None, "actor_kind": 1, "actor_id": 7, "biz_date": date(2026, 5, 1),
    }  # fmt: skip
    expected = "bd3d2eb90cc162bcd106f168c91c3e3f38d43c1881f605cd6bf16fe668e8065e"
    sql = (
        "SELECT ledger_hash(%(prev)s, %(id)s, %(posted_at)s, %(kind)s, %(debit)s, %(credit)s, %(amount)s, %(card_seq)s,"
        " %(card_balance)s, %(ref_type)s, %(ref_id)s, %(reverses)s, %(actor_kind)s, %(actor_id)s, %(biz_date)s)"
    )
    [(stored,)] = till.rows(sql, {**row, "prev": bytes(32)})  # type: ignore[arg-type]
    assert bytes(stored).hex() == oracle.link(bytes(32), row).hex() == expected


def test_money_goes_round(till: Till) -> None:
    card, shop = till.card(300_000), till.merchant()
    till.post(VISIT, card, shop, 100_000)
    till.post(SETTLE, shop, PAYOUTS, 100_000)
    till.post(PAYOUT, PAYOUTS, BANK, 60_000)
    till.post(RETURNED, PAYOUTS, shop, 40_000)
    till.post(REFUND, card, REFUNDS, 200_000)
    till.post(REFUND_PAID, REFUNDS, BANK, 200_000)
    till.post(11, BANK, SUSPENSE, 500)
    till.post(12, SUSPENSE, BANK, 500)
    assert [till.balance(each) for each in (card, shop, REFUNDS, PAYOUTS, SUSPENSE)] == [0, 40_000, 0, 0, 0]


def test_the_same_key_again_returns_the_first_answer(till: Till) -> None:
    card, shop = till.card(1_000), till.merchant()
    first = till.post(VISIT, card, shop, 300, "visit:again")
    again = till.post(VISIT, card, shop, 300, "visit:again", on=TODAY - DAY)
    assert (again[:3], first[3], again[3]) == (first[:3], False, True)
    assert till.balance(card) == 700


def test_the_same_key_with_another_body_is_refused(till: Till) -> None:
    card, shop = till.card(1_000), till.merchant()
    till.post(VISIT, card, shop, 300, "visit:other")
    assert code_of(lambda: till.post(VISIT, card, shop, 301, "visit:other")) == "LG001"


def test_a_refusal_burns_no_key(till: Till) -> None:
    card, shop = till.card(100), till.merchant()
    assert code_of(lambda: till.post(VISIT, card, shop, 300, "visit:poor")) == "LG002"
    till.post(PREPAY, BANK, card, 200)
    assert till.post(VISIT, card, shop, 300, "visit:poor")[2:] == (0, False)


@pytest.mark.parametrize("fen", [0, -1, 10**15 + 1, 2**63 - 1, None])
def test_bad_amounts_are_refused(till: Till, fen: int) -> None:
    card, shop = till.card(1_000), till.merchant()
    assert code_of(lambda: till.post(VISIT, card, shop, fen)) == "LG005"
    assert code_of(lambda: till.post(PREPAY, BANK, card, fen)) == "LG005"
    assert code_of(lambda: till.hold(card, fen)) == "LG005"


@pytest.mark.parametrize("key", ["", "ab", "k" * 129])
def test_keys_have_a_sane_length(till: Till, key: str) -> None:
    args = (till.card(), key)
    sql = "SELECT ledger_post(1, 10, %s, 5, 0, %s, 1, 1, NULL, 1, 7)"
    assert code_of(lambda: till.one(sql, args)) == "23514"


def test_money_moves_only_between_the_right_accounts(till: Till) -> None:
    card, other, shop = till.card(1_000), till.card(1_000), till.merchant()
    assert code_of(lambda: till.post(VISIT, card, other, 5)) == "LG006"
    assert code_of(lambda: till.post(VISIT, shop, card, 5)) == "LG006"
    assert code_of(lambda: till.post(PREPAY, BANK, shop, 5)) == "LG006"
    assert code_of(lambda: till.post(3, card, shop, 5)) == "LG006"
    assert code_of(lambda: till.post(10, shop, card, 5)) == "LG006"
    assert code_of(lambda: till.post(7, card, shop, 5)) == "LG006"
    assert code_of(lambda: till.post(4, card, shop, 5)) == "LG011"
    assert code_of(lambda: till.post(VISIT, card, 999_999_999, 5)) == "LG004"
    assert code_of(lambda: till.post(VISIT, card, card, 5)) == "LG006"


def test_no_pot_of_the_platform_goes_below_zero(till: Till) -> None:
    shop = till.merchant()
    till.post(VISIT, till.card(100), shop, 100)
    assert code_of(lambda: till.post(SETTLE, shop, PAYOUTS, 101)) == "LG002"
    assert code_of(lambda: till.post(REFUND_PAID, REFUNDS, BANK, 10**9)) == "LG002"
    assert code_of(lambda: till.post(PAYOUT, PAYOUTS, BANK, 10**9)) == "LG002"
    assert code_of(lambda: till.post(RETURNED, PAYOUTS, shop, 10**9)) == "LG002"
    assert code_of(lambda: till.post(12, SUSPENSE, BANK, 10**9)) == "LG002"


def test_money_never_moves_without_waiting_for_the_disk(till: Till) -> None:
    card = till.card(100)
    till.run("SET synchronous_commit = off")
    assert code_of(lambda: till.post(PREPAY, BANK, card, 5)) == "LG010"
    assert code_of(lambda: till.hold(card, 5)) == "LG010"
    assert code_of(lambda: till.release_due(TODAY)) == "LG010"


def test_held_money_cannot_be_spent_twice(till: Till) -> None:
    card, shop = till.card(1_000), till.merchant()
    hold = till.hold(card, 600, "hold:twice")
    assert till.hold(card, 600, "hold:twice") == hold
    assert code_of(lambda: till.post(VISIT, card, shop, 500)) == "LG002"
    assert code_of(lambda: till.post(REFUND, card, REFUNDS, 500)) == "LG002"
    assert code_of(lambda: till.hold(card, 500)) == "LG002"
    assert till.capture(hold, 250, shop)[2] == 750
    assert till.post(VISIT, card, shop, 750)[2] == 0


def test_a_hold_is_resolved_once(till: Till) -> None:
    card, shop = till.card(1_000), till.merchant()
    captured, returned, emptied = till.hold(card, 100), till.hold(card, 100), till.hold(card, 100)
    first = till.capture(captured, 100, shop, "capture:once")
    assert till.capture(captured, 100, shop, "capture:once")[:3] == first[:3]
    assert code_of(lambda: till.capture(captured, 100, shop)) == "LG008"
    assert code_of(lambda: till.void(captured)) == "LG008"
    assert (till.void(returned), till.void(returned)) == (True, False)
    assert code_of(lambda: till.capture(returned, 100, shop)) == "LG008"
    assert till.capture(emptied, 0, shop, "capture:none") == (None, None, None, False)
    assert till.capture(emptied, 0, shop, "capture:none") == (None, None, None, True)
    assert code_of(lambda: till.void(10**9)) == "LG008"


def test_a_capture_may_take_what_else_is_free(till: Till) -> None:
    card, shop = till.card(1_000), till.merchant()
    hold = till.hold(card, 400)
    till.hold(card, 100)
    assert code_of(lambda: till.capture(hold, 901, shop)) == "LG002"
    assert till.capture(hold, 900, shop)[2] == 100


def test_a_frozen_card_pays_refunds_only(till: Till) -> None:
    card, shop = till.card(1_000), till.merchant()
    till.schedule(card, shop, [(1, TODAY, 100), (2, TODAY + DAY, 100)])
    hold = till.hold(card, 100)
    till.freeze(card)
    till.freeze(card)
    assert till.states(card) == [2, 2]
    assert code_of(lambda: till.post(VISIT, card, shop, 5)) == "LG003"
    assert code_of(lambda: till.capture(hold, 5, shop)) == "LG003"
    till.post(REFUND, card, REFUNDS, 300)
    till.post(PREPAY, BANK, card, 5)
    till.schedule(card, shop, [(3, TODAY, 100)])
    assert till.release_due(TODAY)[0] == 0
    till.freeze(card, False)
    assert till.states(card) == [0, 0, 0]
    while till.release_due(TODAY)[0]:
        pass
    assert till.states(card) == [1, 0, 1]


def test_a_frozen_merchant_is_neither_owed_nor_settled(till: Till) -> None:
    card, shop = till.card(1_000), till.merchant()
    till.post(VISIT, card, shop, 100)
    till.schedule(card, shop, [(1, TODAY, 100)])
    till.run("SELECT ledger_set_merchant_frozen(%s, true)", (shop,))
    assert code_of(lambda: till.post(VISIT, card, shop, 5)) == "LG003"
    assert code_of(lambda: till.post(SETTLE, shop, PAYOUTS, 5)) == "LG003"
    assert till.release_due(TODAY)[2] == 1
    assert till.states(card) == [2]
    till.post(REFUND, card, REFUNDS, 5)
    till.run("SELECT ledger_set_merchant_frozen(%s, false)", (shop,))
    assert till.states(card) == [0]
    assert till.release_due(TODAY)[0] == 1


def test_a_release_is_given_back_once(till: Till) -> None:
    card, shop = till.card(1_000), till.merchant()
    release = till.post(VISIT, card, shop, 400)[0]
    assert code_of(lambda: till.reverse(release, 401)) == "LG009"
    first = till.reverse(release, 150, "reverse:once")
    assert till.reverse(release, 150, "reverse:once")[:3] == first[:3]
    assert code_of(lambda: till.reverse(release, 150)) == "LG009"
    assert (till.balance(card), till.balance(shop)) == (750, 250)
    assert code_of(lambda: till.reverse(first[0], 150)) == "LG006"


def test_what_was_paid_out_is_not_given_back(till: Till) -> None:
    card, shop = till.card(1_000), till.merchant()
    release = till.post(VISIT, card, shop, 400)[0]
    till.post(SETTLE, shop, PAYOUTS, 300)
    assert code_of(lambda: till.reverse(release, 400)) == "LG002"
    assert till.reverse(release, 100)[2] == 700


def test_instalments_are_paid_in_order_and_once(till: Till) -> None:
    card, shop = till.card(250), till.merchant()
    rows = [(1, TODAY - 2 * DAY, 100), (2, TODAY - DAY, 100), (3, TODAY, 100), (4, TODAY + DAY, 100)]
    assert (till.schedule(card, shop, rows), till.schedule(card, shop, rows)) == (4, 0)
    assert code_of(lambda: till.schedule(card, shop, [(1, TODAY, 100)])) == "LG001"
    answers = [till.release_due(TODAY) for _ in range(4)]
    assert answers == [(1, 100, 0), (1, 100, 0), (0, 0, 1), (0, 0, 0)]
    assert till.states(card) == [1, 1, 3, 0]
    assert till.balance(shop) == 200


def test_the_consumer_stops_resumes_and_pauses_instalments(till: Till) -> None:
    card, shop = till.card(1_000), till.merchant()
    till.schedule(card, shop, [(n, TODAY + (n - 2) * DAY, 100) for n in (1, 2, 3, 4)])
    cancel = "SELECT * FROM ledger_cancel_instalments(%s,%s)"
    assert till.rows(cancel, (card, TODAY)) == [(3, 300)]
    assert till.rows(cancel, (card, TODAY)) == [(0, 0)]
    assert till.rows("SELECT * FROM ledger_resume_instalments(%s,%s)", (card, TODAY + DAY)) == [(2, 200)]
    assert till.one("SELECT ledger_shift_instalments(%s, 30, %s)", (card, TODAY + DAY)) == 2
    till.release_due(TODAY + 29 * DAY)
    assert till.states(card) == [1, 4, 0, 0]


def test_a_batch_is_the_same_as_single_releases(till: Till) -> None:
    single, batch, shop_a, shop_b = till.card(900), till.card(900), till.merchant(), till.merchant()
    till.schedule(batch, shop_b, [(n, TODAY, 300) for n in (1, 2, 3)])
    for _ in range(3):
        till.post(VISIT, single, shop_a, 300)
        till.release_due(TODAY, shards=1)
    assert (till.balance(single), till.balance(shop_a)) == (till.balance(batch), till.balance(shop_b)) == (0, 900)


def test_folding_changes_no_balance(till: Till) -> None:
    shop = till.merchant()
    for _ in range(5):
        till.post(VISIT, till.card(100), shop, 60)
    assert till.balance(shop) == 300
    assert till.one("SELECT ledger_fold(1000)") >= 5
    assert till.balance(shop) == 300
    assert till.one("SELECT balance FROM ledger_account WHERE id = %s", (shop,)) == 300


def test_a_sealed_day_takes_nothing_more(scratch: LedgerDatabase) -> None:
    till, owner = Till(scratch.connect()), Till(scratch.connect(roles.OWNER))
    card, shop = till.card(1_000), till.merchant()
    till.schedule(card, shop, [(1, TODAY, 100)])
    seal = "INSERT INTO ledger_seal (biz_date, n, amount_sum, merkle_root, prev_root) VALUES (%s, 0, 0, '', '')"
    owner.run(seal, (TODAY - DAY,))
    assert code_of(lambda: till.post(VISIT, card, shop, 5, on=TODAY - DAY)) == "LG007"
    assert till.post(VISIT, card, shop, 5, on=TODAY)[2] == 995
    assert code_of(lambda: till.post(VISIT, card, shop, 5, on=TODAY + 9999 * DAY)) == "LG007"
    owner.run(seal, (TODAY,))
    assert code_of(lambda: till.post(VISIT, card, shop, 5, on=TODAY + DAY)) == "LG007"
    assert code_of(lambda: till.release_due(TODAY)) == "LG007"


def test_a_missing_month_fails_loudly(scratch: LedgerDatabase) -> None:
    till, owner = Till(scratch.connect()), Till(scratch.connect(roles.OWNER))
    card = till.card()
    month = TODAY.strftime("%Y_%m")
    owner.run(f"ALTER TABLE ledger_transfer DETACH PARTITION ledger_transfer_{month}")
    assert code_of(lambda: till.post(PREPAY, BANK, card, 5)) == "23514"
    owner.run(f"DROP TABLE ledger_transfer_{month}")
    assert till.one("SELECT ledger_ensure_partitions(0)") == 1
    assert till.one("SELECT ledger_ensure_partitions(0)") == 0
    assert till.post(PREPAY, BANK, card, 5)[2] == 5


def test_time_never_runs_backwards_on_one_card(scratch: LedgerDatabase) -> None:
    till, owner = Till(scratch.connect()), Till(scratch.connect(roles.OWNER))
    card = till.card()
    owner.run("UPDATE ledger_account SET last_at = clock_timestamp() + interval '2 minutes' WHERE id = %s", (card,))
    first, second = till.post(PREPAY, BANK, card, 5, "lot:clock"), till.post(PREPAY, BANK, card, 5)
    assert first[1] == second[1] > datetime.now(UTC) + timedelta(minutes=1)
    assert till.post(PREPAY, BANK, card, 5, "lot:clock")[:2] == first[:2]
