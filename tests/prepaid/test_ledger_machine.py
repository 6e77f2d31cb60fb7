"""A random walk over everything that can be done to money, beside a model of plain integers.

The machine knows what each step should answer; whatever order Hypothesis finds, the ledger must agree with it.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

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
    VISIT,
    LedgerDatabase,
    Till,
    code_of,
)

DAY_ONE = date(2027, 1, 1)  # far from other tests' instalments
FEN = st.integers(1, 500)
PLATFORM = (REFUNDS, PAYOUTS)


class Money(RuleBasedStateMachine):
    """Two cards and one merchant of their own, and what each should hold."""

    till: ClassVar[Till]

    @initialize()
    def open(self) -> None:
        """Start with nothing."""
        self.cards = [self.till.card(), self.till.card()]
        self.shop = self.till.merchant()
        self.locked = dict.fromkeys(self.cards, 0)
        self.frozen = dict.fromkeys(self.cards, False)
        self.owed = self.refunding = self.paying = 0
        self.holds: list[list[Any]] = []  # id, card, fen, open
        self.releases: list[list[Any]] = []  # transfer id, card, fen, reversed
        self.keys: list[tuple[tuple[Any, ...], Any]] = []  # arguments of a posting and its answer
        self.instalments: dict[tuple[int, int], list[Any]] = {}  # (card, no): day, fen, state
        self.today = DAY_ONE
        self.step = 0

    def free(self, card: int) -> int:
        """What of a card is neither spent nor held."""
        return int(self.locked[card] - sum(hold[2] for hold in self.holds if hold[1] == card and hold[3]))

    def post(self, expected: str, kind: int, debit: int, credit: int, fen: int) -> Any:
        """Post under a new key and compare the refusal, or the lack of one, with ``expected``."""
        self.step += 1
        args = (kind, debit, credit, fen, f"machine:{self.shop}:{self.step}")
        if expected:
            assert code_of(lambda: self.till.post(*args)) == expected
            return None
        answer = self.till.post(*args)
        self.keys.append((args, answer))
        return answer

    @rule(which=st.booleans(), fen=FEN)
    def prepay(self, which: bool, fen: int) -> None:
        """The consumer pays in."""
        card = self.cards[which]
        assert self.post("", PREPAY, BANK, card, fen)[2] == self.locked[card] + fen
        self.locked[card] += fen

    @rule(which=st.booleans(), fen=FEN)
    def visit(self, which: bool, fen: int) -> None:
        """A visit is paid, or refused."""
        card = self.cards[which]
        refused = "LG003" if self.frozen[card] else "LG002" if fen > self.free(card) else ""
        answer = self.post(refused, VISIT, card, self.shop, fen)
        if answer:
            self.released(card, fen, answer[0])

    def released(self, card: int, fen: int, transfer: int) -> None:
        """Note a release."""
        self.locked[card] -= fen
        self.owed += fen
        self.releases.append([transfer, card, fen, False])

    @rule(which=st.booleans(), fen=FEN)
    def refund(self, which: bool, fen: int) -> None:
        """A refund leaves the card, frozen or not."""
        card = self.cards[which]
        if self.post("LG002" if fen > self.free(card) else "", REFUND, card, REFUNDS, fen):
            self.locked[card] -= fen
            self.refunding += fen

    @precondition(lambda self: self.refunding)
    @rule()
    def bank_pays_refunds(self) -> None:
        """The bank has paid every refund."""
        self.post("", REFUND_PAID, REFUNDS, BANK, self.refunding)
        self.refunding = 0

    @rule(which=st.booleans(), fen=FEN)
    def hold(self, which: bool, fen: int) -> None:
        """Money is set aside."""
        card = self.cards[which]
        if fen > self.free(card):
            assert code_of(lambda: self.till.hold(card, fen)) == "LG002"
        else:
            self.holds.append([self.till.hold(card, fen), card, fen, True])

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), fen=st.integers(0, 500))
    def capture(self, data: st.DataObject, fen: int) -> None:
        """A hold is captured for less, as much, or more."""
        hold = data.draw(st.sampled_from(self.holds))
        number, card, held, is_open = hold
        if not is_open:
            assert code_of(lambda: self.till.capture(number, fen, self.shop)) == "LG008"
        elif fen and self.frozen[card]:
            assert code_of(lambda: self.till.capture(number, fen, self.shop)) == "LG003"
        elif fen > self.free(card) + held:
            assert code_of(lambda: self.till.capture(number, fen, self.shop)) == "LG002"
        else:
            hold[3] = False
            answer = self.till.capture(number, fen, self.shop)
            if fen:
                self.released(card, fen, answer[0])

    @precondition(lambda self: any(hold[3] for hold in self.holds))
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        """A hold is returned."""
        hold = data.draw(st.sampled_from([hold for hold in self.holds if hold[3]]))
        assert self.till.void(hold[0])
        hold[3] = False

    @precondition(lambda self: self.releases)
    @rule(data=st.data(), fen=FEN)
    def reverse(self, data: st.DataObject, fen: int) -> None:
        """A release is given back, once, if the merchant still has it."""
        release = data.draw(st.sampled_from(self.releases))
        transfer, card, original, done = release
        if fen > original or done:
            assert code_of(lambda: self.till.reverse(transfer, fen)) == "LG009"
        elif fen > self.owed:
            assert code_of(lambda: self.till.reverse(transfer, fen)) == "LG002"
        else:
            self.till.reverse(transfer, fen)
            release[3] = True
            self.owed -= fen
            self.locked[card] += fen

    @rule(fen=FEN)
    def settle(self, fen: int) -> None:
        """The merchant is to be paid."""
        if self.post("LG002" if fen > self.owed else "", SETTLE, self.shop, PAYOUTS, fen):
            self.owed -= fen
            self.paying += fen

    @precondition(lambda self: self.paying)
    @rule(confirmed=st.booleans())
    def bank_answers(self, confirmed: bool) -> None:
        """The bank pays the merchant, or cannot."""
        if confirmed:
            self.post("", PAYOUT, PAYOUTS, BANK, self.paying)
        else:
            self.post("", RETURNED, PAYOUTS, self.shop, self.paying)
            self.owed += self.paying
        self.paying = 0

    @rule(which=st.booleans(), frozen=st.booleans())
    def freeze(self, which: bool, frozen: bool) -> None:
        """An officer freezes a card, or lifts it."""
        card = self.cards[which]
        self.till.freeze(card, frozen)
        self.frozen[card] = frozen
        for (owner, _), instalment in self.instalments.items():
            if owner == card and instalment[2] in (0, 2):
                instalment[2] = 2 * frozen

    @rule(which=st.booleans(), days=st.integers(0, 3), fen=FEN)
    def schedule(self, which: bool, days: int, fen: int) -> None:
        """One more instalment."""
        card = self.cards[which]
        no, due = len(self.instalments) + 1, self.today + timedelta(days)
        self.till.schedule(card, self.shop, [(no, due, fen)])
        self.instalments[card, no] = [due, fen, 2 * self.frozen[card]]

    @rule(which=st.booleans())
    def cancel(self, which: bool) -> None:
        """The consumer stops what has not run."""
        card = self.cards[which]
        mine = [each for (owner, _), each in self.instalments.items() if owner == card and each[0] >= self.today]
        stopped = [each for each in mine if each[2] in (0, 2, 3)]
        answer = self.till.rows("SELECT * FROM ledger_cancel_instalments(%s,%s)", (card, self.today))
        assert answer == [(len(stopped), sum(each[1] for each in stopped))]
        for each in stopped:
            each[2] = 4

    @rule(days=st.integers(0, 2))
    def next_days(self, days: int) -> None:
        """Days pass and the release job runs."""
        self.today += timedelta(days)
        while sum(self.till.release_due(self.today)[::2]):
            pass
        for (card, no), each in sorted(self.instalments.items(), key=lambda item: item[0]):
            if each[2] == 0 and each[0] <= self.today:
                each[2] = 1 if each[1] <= self.free(card) else 3
                if each[2] == 1:
                    sql = "SELECT transfer_id FROM ledger_instalment WHERE account_id = %s AND no = %s"
                    self.released(card, each[1], self.till.one(sql, (card, no)))

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), other=st.booleans())
    def replay(self, data: st.DataObject, other: bool) -> None:
        """Any earlier posting again: the first answer; with another amount: refused."""
        args, answer = data.draw(st.sampled_from(self.keys))
        kind, debit, credit, fen, key = args
        if other:
            assert code_of(lambda: self.till.post(kind, debit, credit, fen + 1, key)) == "LG001"
        else:
            assert self.till.post(*args)[:3] == answer[:3]

    @rule(fen=FEN)
    def a_step_fails_half_way(self, fen: int) -> None:
        """The caller's transaction dies after the posting: nothing of it stays."""
        card = self.cards[0]
        self.till.run("BEGIN")
        self.till.post(PREPAY, BANK, card, fen)
        self.till.run("ROLLBACK")

    @rule()
    def fold(self) -> None:
        """The fold job runs."""
        self.till.one("SELECT ledger_fold(100)")

    @invariant()
    def the_ledger_agrees(self) -> None:
        """Balances, holds and instalments are what the integers say."""
        for card in self.cards:
            row = self.till.rows("SELECT balance, balance - held FROM ledger_account WHERE id = %s", (card,))
            assert row == [(self.locked[card], self.free(card))]
            assert self.locked[card] >= 0
            states = [each[2] for (owner, _), each in sorted(self.instalments.items()) if owner == card]
            assert self.till.states(card) == states
        assert self.till.balance(self.shop) == self.owed


@pytest.fixture(scope="module")
def walked() -> Iterator[LedgerDatabase]:
    """The ledger that all walks share, each with cards of its own; whole at the end."""
    database = LedgerDatabase.make("machine")
    Money.till = Till(database.connect())
    yield database
    problems = database.problems()
    database.drop()
    assert problems == []


def test_the_ledger_agrees_with_plain_integers(walked: LedgerDatabase) -> None:
    run_state_machine_as_test(Money, settings=settings(max_examples=60, stateful_step_count=40, deadline=None))
