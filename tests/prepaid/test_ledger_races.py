"""Races for the same money. Each is run as it is, where nothing may go wrong, and again with its lock removed from
the database function in a scratch copy, where it must go wrong: so every test here is seen to fail without its lock.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from portal.embedded import roles
from tests.prepaid.ledgerdb import (
    BANK,
    PAYOUTS,
    PREPAY,
    REFUND,
    REFUNDS,
    SETTLE,
    SQL,
    VISIT,
    LedgerDatabase,
    Till,
    at_once,
    code_of,
)

TODAY = date.today()
PAUSE = "PERFORM pg_sleep(0.2);"
MOVE, CLAIM = "0011_ledger_move.sql", "0008_ledger_claim.sql"
_MOVE_TEXT = (SQL / MOVE).read_text(encoding="utf-8")
CARD_LOCK = _MOVE_TEXT[_MOVE_TEXT.index("SET balance") : _MOVE_TEXT.index("RETURNING acc.kind")]
FOLD_LOCK = "PERFORM 1 FROM public.ledger_account WHERE id = p_account FOR NO KEY UPDATE;"
FOLDED = """
    WITH gone AS (DELETE FROM public.ledger_delta WHERE account_id = p_account RETURNING amount)
    SELECT coalesce(sum(amount), 0)::bigint INTO total FROM gone;"""
# Decides and writes what was read before the lock, after a pause.
NO_CARD_LOCK = CARD_LOCK.replace("acc.", "stale.").replace(
    "WHERE stale.id = chain",
    """FROM (SELECT * FROM public.ledger_account WHERE id = chain OFFSET 0) AS stale, pg_sleep(0.2)
    WHERE acc.id = stale.id""",
)


def wins(answers: list[object]) -> int:
    """How many calls were not refused."""
    return sum(not isinstance(answer, str) for answer in answers)


def overdraw(db: LedgerDatabase) -> bool:
    """Eight tills each take 60 fen from a card of 100: one gets it."""
    till = Till(db.connect())
    card, shop = till.card(100), till.merchant()
    answers = at_once(db, *[lambda each: each.post(VISIT, card, shop, 60)] * 8)
    return wins(answers) == 1 and answers.count("LG002") == 7 and till.balance(card) == 40


def same_key(db: LedgerDatabase) -> bool:
    """Sixteen times the same visit at once: one transfer, sixteen equal answers."""
    till = Till(db.connect())
    card, shop = till.card(1_000), till.merchant()
    answers = at_once(db, *[lambda each: each.post(VISIT, card, shop, 60, f"visit:{card}")] * 16)
    return len({str(answer[:3]) for answer in answers if isinstance(answer, tuple)}) == 1 and wins(answers) == 16


def capture_and_void(db: LedgerDatabase) -> bool:
    """A hold is captured by some and returned by others: it ends in one way, once."""
    till = Till(db.connect())
    card, shop = till.card(9_000), till.merchant()
    till.hold(card, 5_000)
    hold = till.hold(card, 400)
    calls: list[Callable[[Till], object]] = [lambda each: each.capture(hold, 400, shop)] * 4
    answers = at_once(db, *calls, *[lambda each: each.void(hold)] * 4)
    captured = sum(isinstance(answer, tuple) for answer in answers)
    returned = answers.count(True)
    return captured + returned == 1 and till.balance(card) == 9_000 - 400 * captured


def reverse_once(db: LedgerDatabase) -> bool:
    """Eight corrections of one visit under eight keys: one goes through."""
    till = Till(db.connect())
    card, shop = till.card(1_000), till.merchant()
    release = till.post(VISIT, card, shop, 100)[0]
    till.post(VISIT, card, shop, 900)
    answers = at_once(db, *[lambda each: each.reverse(release, 100)] * 8)
    return wins(answers) == 1 and answers.count("LG009") == 7 and till.balance(card) == 100


def settle_or_give_back(db: LedgerDatabase) -> bool:
    """All that a merchant is owed is settled and given back at once: one of the two goes through."""
    till = Till(db.connect())
    card, shop = till.card(100), till.merchant()
    release = till.post(VISIT, card, shop, 100)[0]
    answers = at_once(db, lambda each: each.post(SETTLE, shop, PAYOUTS, 100), lambda each: each.reverse(release, 100))
    return wins(answers) == 1 and answers.count("LG002") == 1 and till.balance(shop) == 0


def refund_or_release(db: LedgerDatabase) -> bool:
    """Refunds of all and visits for all of one card: exactly one of them gets the money."""
    till = Till(db.connect())
    card, shop = till.card(100), till.merchant()
    calls: list[Callable[[Till], object]] = [lambda each: each.post(REFUND, card, REFUNDS, 100)] * 4
    answers = at_once(db, *calls, *[lambda each: each.post(VISIT, card, shop, 100)] * 4)
    return wins(answers) == 1 and till.balance(card) == 0


def fold_while_posting(db: LedgerDatabase) -> bool:
    """Folding runs while eight tills post to one merchant: no fen is lost or doubled."""
    till = Till(db.connect())
    shop = till.merchant()
    cards = [till.card(1_000) for _ in range(6)]

    def sell(each: Till, card: int) -> None:
        for _ in range(20):
            each.post(VISIT, card, shop, 10)

    def fold(each: Till) -> None:
        for _ in range(20):
            each.one("SELECT ledger_fold(1000)")

    sales: list[Callable[[Till], object]] = [lambda each, card=card: sell(each, card) for card in cards]  # type: ignore[misc]
    answers = at_once(db, *sales, fold, fold)
    return wins(answers) == 8 and till.balance(shop) == 6 * 20 * 10


def two_release_workers(db: LedgerDatabase) -> bool:
    """Two workers of the same shard and a till at the same cards: each instalment is paid once."""
    till = Till(db.connect())
    shop = till.merchant()
    cards = [till.card(1_000) for _ in range(20)]
    for card in cards:
        till.schedule(card, shop, [(no, TODAY, 100) for no in (1, 2, 3)])

    def release(each: Till) -> None:
        while sum(each.release_due(TODAY, chunk=7)[::2]):
            pass

    def sell(each: Till) -> None:
        for card in cards:
            each.post(VISIT, card, shop, 10)

    answers = at_once(db, release, release, sell)
    release(till)  # what the workers skipped because somebody held it
    return (
        wins(answers) == 3
        and all(till.states(card) == [1, 1, 1] for card in cards)
        and ([till.balance(card) for card in cards] == [690] * 20)
    )


@dataclass(frozen=True)
class Race:
    """A race, and what takes its lock away: a file of prepaid/sql and a replacement in it."""

    run: Callable[[LedgerDatabase], bool]
    file: str
    lock: str
    instead: str


RACES = [
    Race(overdraw, MOVE, CARD_LOCK, NO_CARD_LOCK),
    Race(
        same_key,
        CLAIM,
        "IF FOUND THEN",
        "IF NOT FOUND THEN claimed.transfer_id := nextval('public.ledger_transfer_id_seq'); END IF; IF true THEN",
    ),
    Race(
        capture_and_void,
        "0016_ledger_capture.sql",
        "SELECT * INTO h FROM ledger_hold WHERE id = p_hold FOR UPDATE;",
        f"SELECT * INTO h FROM ledger_hold WHERE id = p_hold; {PAUSE}",
    ),
    Race(
        reverse_once,
        "0017_ledger_reverse.sql",
        "ON CONFLICT DO NOTHING;\n    IF NOT FOUND THEN",
        "ON CONFLICT DO NOTHING;\n    IF false THEN",
    ),
    Race(
        settle_or_give_back,
        "0010_ledger_fold_one.sql",
        FOLD_LOCK + FOLDED,
        FOLDED + PAUSE,
    ),
    Race(refund_or_release, MOVE, CARD_LOCK, NO_CARD_LOCK),
    Race(
        fold_while_posting,
        "0025_ledger_fold.sql",
        "DELETE FROM ledger_delta WHERE account_id = ANY (ids) RETURNING account_id, amount",
        "SELECT account_id, amount FROM ledger_delta WHERE account_id = ANY (ids)",
    ),
    Race(
        two_release_workers,
        "0024_ledger_release_due.sql",
        "LIMIT p_chunk FOR UPDATE SKIP LOCKED) l\n        GROUP BY l.account_id) d;",
        "LIMIT p_chunk) l\n        GROUP BY l.account_id) d; PERFORM pg_sleep(random() * 0.3);",
    ),
]
NAMES = [race.run.__name__ for race in RACES]


@pytest.fixture(scope="module")
def arena() -> Iterator[LedgerDatabase]:
    """One ledger for all races, whole at the end."""
    database = LedgerDatabase.make("races")
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    yield database
    problems, stuck = database.problems(), Till(database.connect()).one(deadlocks)
    database.drop()
    assert (problems, stuck) == ([], 0)


@pytest.mark.parametrize("race", RACES, ids=NAMES)
def test_nobody_wins_twice(arena: LedgerDatabase, race: Race) -> None:
    for _ in range(3):
        assert race.run(arena)


@pytest.mark.parametrize("race", RACES, ids=NAMES)
def test_without_its_lock_the_race_is_lost(race: Race) -> None:
    database = LedgerDatabase.make("unlocked")
    try:
        database.replace_function(race.file, race.lock, race.instead)
        assert any(not race.run(database) or database.problems() for _ in range(5))
    finally:
        database.drop()


def test_a_settlement_waits_for_the_freeze_of_its_merchant(arena: LedgerDatabase) -> None:
    """The freeze is in flight when the settlement starts: the money stays."""
    till, officer = Till(arena.connect()), Till(arena.connect())
    shop = till.merchant()
    till.post(VISIT, till.card(100), shop, 100)
    officer.connection.autocommit = False
    officer.run("SELECT ledger_set_merchant_frozen(%s, true)", (shop,))

    def commit(_: Till) -> None:
        till.run("SELECT pg_sleep(0.3)")
        officer.connection.commit()

    answers = at_once(arena, lambda each: each.post(SETTLE, shop, PAYOUTS, 100), commit)
    assert answers[0] == "LG003"


def test_cards_in_opposite_order_do_not_deadlock_a_batch(arena: LedgerDatabase) -> None:
    """A long transaction over many cards, against the batch and the fold: somebody may wait, nobody is killed."""
    till = Till(arena.connect())
    shop = till.merchant()
    cards = [till.card(1_000) for _ in range(10)]
    for card in cards:
        till.schedule(card, shop, [(1, TODAY, 100)])

    def backwards(each: Till) -> None:
        each.connection.autocommit = False
        for card in reversed(cards):
            each.post(VISIT, card, shop, 10)
        each.connection.commit()

    answers = at_once(
        arena,
        backwards,
        lambda each: [each.release_due(TODAY) for _ in range(5)],
        lambda each: [each.one("SELECT ledger_fold(100)") for _ in range(5)],
        lambda each: [each.freeze(card, frozen) for card in cards for frozen in (True, False)],
    )
    assert "40P01" not in answers


def test_a_posting_gives_up_when_a_row_is_held_too_long(arena: LedgerDatabase) -> None:
    till, holder = Till(arena.connect()), Till(arena.connect(roles.OWNER))
    card = till.card(100)
    holder.connection.autocommit = False
    holder.run("SELECT 1 FROM ledger_account WHERE id = %s FOR UPDATE", (card,))
    till.run("SET lock_timeout = '100ms'")
    assert code_of(lambda: till.post(PREPAY, BANK, card, 5)) == "55P03"
    holder.connection.rollback()
    assert till.post(PREPAY, BANK, card, 5, on=TODAY - timedelta(days=1))[2] == 105
