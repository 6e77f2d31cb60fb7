"""Any order of actions on a card, compared step by step with a card in plain integers.

Each example has a merchant and a contract of its own in one database; the whole oracle judges all of them at the end.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.actors import CUSTODIAN, SYSTEM, Actor
from core.errors import Frozen, NotEnoughLocked, PortalError, WrongState
from core.models import Role, User
from prepaid import actions as prepaid
from prepaid import ledger
from prepaid.custodian import Notice
from prepaid.models import Contract, Freeze, Lot, Plan, Refund, Visit
from tests.cast import DISTRICT, LICENCES, fresh, make_plan, shop
from tests.prepaid import card_model as model
from tests.prepaid.machine_refunds import RefundRules, numbers, picks
from tests.prepaid.scenes import books, days, oracle_is_content, payable

WAITING, PAID_FOR = ("REQUESTED", "DISPUTED"), ("CONFIRMED", "AUTO_CONFIRMED")


# No shrinking: a failure prints its steps, which are few enough to read, and the run stays within its time.
# `./run soak` walks further (tests/soak/test_walks.py).
BOUNDED = settings(max_examples=24, stateful_step_count=25, deadline=None, phases=[Phase.generate])


class Crash(Exception):
    """The process dies between two statements."""


class CardMachine(RefundRules, RuleBasedStateMachine):
    """One card of stored value or times."""

    @initialize(
        kind=st.sampled_from([Plan.Kind.STORED_VALUE, Plan.Kind.COUNT]),
        price=st.integers(30, 400_000),
        gift=st.integers(0, 200_000),
        times=st.integers(1, 13),
        old=st.booleans(),
        again=st.booleans(),
        past=st.lists(st.tuples(picks, st.booleans()), max_size=5),
    )
    def open(
        self, kind: str, price: int, gift: int, times: int, old: bool, again: bool, past: list[tuple[int, bool]]
    ) -> None:
        """A shop, its customer, two officers and a card, all new, with a past of some visits."""
        n = next(numbers)
        self.people = {
            name: User.objects.enrol(f"139{n:05d}{role:03d}", name)
            for role, name in enumerate(("沈丽", "周桂芬", "陈立", "李静"))
        }
        LICENCES[f"machine{n}"] = f"92330199MAT{n:06d}X"
        self.merchant = shop(f"machine{n}", self.people["沈丽"])
        for name, role in (("陈立", Role.COUNTY_REVIEWER_A), ("李静", Role.COUNTY_REVIEWER_B)):
            self.people[name].memberships.create(role=role, region_id=DISTRICT)
        self.boss, self.guest, self.first, self.second = (
            Actor.of_user(User.objects.get(pk=p.pk)) for p in self.people.values()
        )
        terms: dict[str, Any] = {"price_fen": price, "bonus_fen": gift}
        if kind == Plan.Kind.COUNT:
            terms = {"price_fen": price, "times_paid": times, "times_bonus": gift % 4, "list_price_fen": gift or None}
        self.plan = make_plan(self.merchant, kind, **terms)
        store = self.merchant.stores.get()
        card = prepaid.offer(self.plan.pk, store.pk, self.guest.user.phone, by=self.boss)  # type: ignore[union-attr]
        self.card = prepaid.sign(card.pk, by=self.guest, terms_hash=card.terms_hash)
        self.model, self.replays = model.Card(), list[Callable[[], Any]]()
        self.freeze_id = 0
        self.take_payment(prepaid.order_payment(card.pk, by=self.guest), old=old)
        for pick, paid in past:
            self.use(pick // 4, paid=paid)
        if again:
            self.top_up(old=False)
        lost = Notice("order.paid", f"lost-{n}", f"NO-{n}", price, "", at=None)  # type: ignore[arg-type]
        self.replays.append(lambda: prepaid.receive(lost, by=CUSTODIAN))

    # Money in

    def use(self, pick: int, *, paid: bool) -> None:
        """A visit of up to a third of what is left, paid for or still waiting."""
        wanted = self.units(pick, self.model.left // 3 + 1)
        if self.model.left and self.model.status == "ACTIVE":
            visit = prepaid.request_visit(self.card.pk, self.card.store_id, "剪发", by=self.boss, **wanted)
            self.model.ask(visit.pk, sum(wanted.values()))
            if paid:
                prepaid.confirm_visit(visit.pk, by=self.guest)
                self.model.settle(self.model.visits[visit.pk], "CONFIRMED")

    def take_payment(self, order: Any, *, old: bool) -> None:
        """The bank tells of a payment; the callback may come again at any time."""
        notice = Notice("order.paid", f"m-{order.order_no}", order.order_no, order.amount_fen, "6222", at=None)  # type: ignore[arg-type]
        paid_on = days(-30 if old else 0)
        prepaid.receive(notice, by=CUSTODIAN, on=paid_on)
        self.replays.append(lambda: prepaid.receive(notice, by=CUSTODIAN, on=paid_on))
        count = self.plan.kind == Plan.Kind.COUNT
        units = self.plan.times_paid + self.plan.times_bonus if count else self.plan.price_fen + self.plan.bonus_fen
        listed = self.plan.list_price_fen
        if count and listed is None:
            listed = 0
        lot = model.Lot(order.amount_fen, units, listed if count else None, fresh=not old)
        self.model.lots.append(lot)
        self.model.status = "ACTIVE"

    @precondition(lambda self: self.model.status == "ACTIVE" and len(self.model.lots) < 4)
    @rule(old=st.booleans())
    def top_up(self, old: bool) -> None:
        if self.model.status == "ACTIVE":
            self.take_payment(prepaid.order_top_up(self.card.pk, self.plan.pk, by=self.guest), old=old)

    # Visits

    def units(self, pick: int, most: int) -> dict[str, int]:
        """An amount up to ``most`` in the unit of the card."""
        return {"times" if self.plan.kind == Plan.Kind.COUNT else "face_fen": pick % most + 1}

    @precondition(lambda self: self.model.left > 0)
    @rule(pick=picks)
    def ask(self, pick: int) -> None:
        wanted = self.units(pick, self.model.left)
        step = lambda: prepaid.request_visit(self.card.pk, self.card.store_id, "剪发", by=self.boss, **wanted)  # noqa: E731
        if self.model.status != "ACTIVE":
            self.refuse(WrongState, step)
            return
        visit = step()
        expected = self.model.ask(visit.pk, sum(wanted.values()))
        assert visit.hold_fen == expected.hold

    @rule(pick=picks)
    def ask_too_much(self, pick: int) -> None:
        wanted = {name: value + self.model.left for name, value in self.units(pick, 10**6).items()}
        error = NotEnoughLocked if self.model.status == "ACTIVE" else WrongState
        self.refuse(
            error, lambda: prepaid.request_visit(self.card.pk, self.card.store_id, "剪", by=self.boss, **wanted)
        )

    @precondition(lambda self: self.model.left > 0 and self.model.status == "ACTIVE")
    @rule(pick=picks, code=st.booleans())
    def pay_at_once(self, pick: int, code: bool) -> None:
        wanted, store = self.units(pick, self.model.left), self.card.store_id
        shown = prepaid.show_code(self.card.pk, by=self.guest).code if code else ""
        step = lambda: (  # noqa: E731
            prepaid.redeem_shown_code(self.merchant.pk, store, shown, "剪发", by=self.boss, **wanted)
            if code
            else prepaid.report_visit(self.card.pk, store, "剪发", by=self.guest, **wanted)
        )
        if self.model.frozen:
            self.use_while_frozen(step, sum(wanted.values()))
            return
        visit = step()
        self.model.settle(self.model.ask(visit.pk, sum(wanted.values())), "CONFIRMED")
        if code:
            self.refuse(PortalError, step)

    def use_while_frozen(self, step: Callable[[], Any], units: int) -> None:
        """Refused, unless the use is worth less than a fen: then nothing is paid."""
        before = self.figures()
        try:
            with transaction.atomic():
                visit = step()
        except Frozen:
            assert self.figures() == before
            return
        done = self.model.ask(visit.pk, units)
        self.model.settle(done, "CONFIRMED")
        assert done.amount == 0

    def pick_visit(self, pick: int, *states: str) -> tuple[int, model.Visit]:
        """Some visit, mostly one in one of these states if there is any."""
        every = sorted(self.model.visits.items())
        fitting = [(number, visit) for number, visit in every if visit.state in states]
        found = fitting if fitting and pick % 8 else every
        return found[pick % len(found)]

    @precondition(lambda self: self.model.visits)
    @rule(pick=picks, how=st.sampled_from(["confirm", "auto", "uphold", "dispute", "withdraw", "reject"]))
    def answer(self, pick: int, how: str) -> None:
        number, visit = self.pick_visit(pick, *WAITING)
        if how in ("uphold", "reject") and visit.state == "REQUESTED" and pick % 4:
            prepaid.dispute_visit(number, "没有", by=self.guest)
            visit.state = "DISPUTED"
        steps: dict[str, tuple[tuple[str, ...], Callable[[], Any]]] = {
            "confirm": (WAITING, lambda: prepaid.confirm_visit(number, by=self.guest)),
            "auto": (("REQUESTED",), lambda: prepaid.auto_confirm_visit(number, by=SYSTEM, on=days(60))),
            "uphold": (("DISPUTED",), lambda: prepaid.uphold_visit(number, "有监控", by=self.first)),
            "dispute": (("REQUESTED",), lambda: prepaid.dispute_visit(number, "没有", by=self.guest)),
            "withdraw": (WAITING, lambda: prepaid.withdraw_visit(number, by=self.boss)),
            "reject": (("DISPUTED",), lambda: prepaid.reject_visit(number, "没有", by=self.first)),
        }
        sources, step = steps[how]
        repeated = (how, visit.state) in {("confirm", "CONFIRMED"), ("dispute", "DISPUTED")}
        if repeated:
            step()
        elif visit.state not in sources:
            self.refuse(WrongState, step)
        elif how in ("confirm", "auto", "uphold"):
            if self.model.frozen and visit.hold:
                # A capture of nothing only returns the hold, which a freeze does not forbid.
                with suppress(Frozen), transaction.atomic():
                    step()
                    self.model.settle(visit, "AUTO_CONFIRMED" if how == "auto" else "CONFIRMED")
                    assert visit.amount == 0
                return
            step()
            self.model.settle(visit, "AUTO_CONFIRMED" if how == "auto" else "CONFIRMED")
            assert Visit.objects.get(pk=number).amount_fen == visit.amount
        else:
            step()
            self.model.cancel(visit) if how != "dispute" else setattr(visit, "state", "DISPUTED")

    @precondition(lambda self: any(v.state in PAID_FOR for v in self.model.visits.values()))
    @rule(pick=picks, part=picks)
    def correct(self, pick: int, part: int) -> None:
        number, visit = self.pick_visit(pick, *PAID_FOR)
        back = self.units(part, sum(take for _, take in visit.parts))
        step = lambda: prepaid.correct_visit(number, "错", by=self.boss, **back)  # noqa: E731
        if visit.state not in PAID_FOR or self.model.status == "REFUNDED":
            self.refuse(WrongState, step)
            return
        assert step().status == "CORRECTED"
        self.model.correct(visit, sum(back.values()))
        assert Visit.objects.get(pk=number).corrected_fen == visit.corrected

    # Rest, freezes, repeats, crashes

    @rule(rest=st.booleans(), one=st.booleans())
    def rest_or_freeze(self, rest: bool, one: bool) -> None:
        self.rest_or_go_on() if rest else self.freeze_or_lift(one)

    def rest_or_go_on(self) -> None:
        if self.model.status == "PAUSED":
            prepaid.resume(self.card.pk, by=self.guest)
            self.model.status = "ACTIVE"
        elif self.model.status == "ACTIVE":
            prepaid.pause(self.card.pk, "OTHER", by=self.guest)
            self.model.status = "PAUSED"
        else:
            self.refuse(WrongState, lambda: prepaid.pause(self.card.pk, "OTHER", by=self.guest))

    def freeze_or_lift(self, one: bool) -> None:
        if self.model.frozen:
            prepaid.propose_lift(self.freeze_id, "风险已经解除", by=self.second)
            self.refuse(PortalError, lambda: prepaid.approve_lift(self.freeze_id, by=self.second))
            prepaid.approve_lift(self.freeze_id, by=self.first)
            self.model.frozen = False
            if self.model.status == "REFUNDED":
                self.model.release_rest()
            return
        row = prepaid.propose_freeze(
            self.merchant.pk, "涉嫌卷款跑路", by=self.first, contract_id=self.card.pk if one else None
        )
        self.refuse(PortalError, lambda: prepaid.approve_freeze(row.pk, by=self.first))
        self.freeze_id, self.model.frozen = prepaid.approve_freeze(row.pk, by=self.second).pk, True

    @precondition(lambda self: self.replays)
    @rule(pick=picks)
    def say_it_again(self, pick: int) -> None:
        before = self.figures()
        with suppress(WrongState), transaction.atomic():
            self.replays[pick % len(self.replays)]()
        assert self.figures() == before

    @precondition(lambda self: self.model.visits)
    @rule(pick=picks, where=st.sampled_from(["prepaid.actions.visits.record", "prepaid.actions.corrections.record"]))
    def crash_between_statements(self, pick: int, where: str) -> None:
        number, _ = self.pick_visit(pick, *WAITING)
        before = self.figures()

        def die(*_: object, **__: object) -> None:
            raise Crash

        step = prepaid.confirm_visit if "visits" in where else prepaid.withdraw_visit
        with pytest.MonkeyPatch.context() as patch, suppress(Crash, PortalError):
            patch.setattr(where, die)
            step(number, by=self.guest if "visits" in where else self.boss)
        assert self.figures() == before

    def refuse(self, error: type[PortalError], step: Callable[[], Any]) -> None:
        """The step is refused and leaves no trace."""
        before = self.figures()
        with pytest.raises(error), transaction.atomic():
            step()
        assert self.figures() == before

    def figures(self) -> list[Any]:
        """All the money of this merchant, and its states."""
        lots = (
            Lot.objects.filter(contract=self.card)
            .order_by("no")
            .values_list("used_face_fen", "used_times", "released_fen")
        )
        card = fresh(self.card)
        visits = Visit.objects.filter(contract=self.card).order_by("pk").values_list("status", "amount_fen")
        return [card.status, card.locked_fen, card.held_fen, card.refunded_fen, *lots, *visits, payable(self.merchant)]

    @invariant()
    def the_card_is_as_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        (card, visits), m = books(self.card), self.model
        assert (card.status, card.locked_fen, card.held_fen) == (m.status, m.locked, m.held)
        assert (card.paid_fen, card.released_fen, card.refunded_fen) == (m.paid, m.released, m.refunded)
        assert payable(self.merchant) == m.released
        assert {v.pk: v.status for v in visits} == {number: visit.state for number, visit in m.visits.items()}
        if card.status in ("ACTIVE", "PAUSED"):
            # A correction gives back at most what its visit was paid: a fen of rounding may stay with the merchant.
            by_law = sum(lot.paid - lot.floor(lot.used) for lot in m.lots if not lot.refunded)
            assert card.locked_fen + m.corrections >= by_law

    def teardown(self) -> None:
        """Nothing of this contract is lost on its way through clearing."""
        if hasattr(self, "card"):
            paid_out = Refund.objects.filter(contract=self.card, status="PAID").values_list("amount_fen", flat=True)
            open_ = Refund.objects.filter(contract=self.card, status__in=["PAYING", "PAYOUT_FAILED"])
            assert sum(paid_out) + sum(open_.values_list("amount_fen", flat=True)) == self.model.refunded


@pytest.mark.django_db(transaction=True)
def test_any_order_of_actions_agrees_with_integers_and_loses_nothing() -> None:
    walk(BOUNDED)


def walk(bounds: settings) -> None:
    """As many cards as the bounds say, each along its way; then the whole books are looked at."""
    run_state_machine_as_test(CardMachine, settings=bounds)
    in_clearing = Refund.objects.filter(status__in=["PAYING", "PAYOUT_FAILED"]).values_list("amount_fen", flat=True)
    assert ledger.balance(ledger.REFUND_CLEARING) == sum(in_clearing)
    assert Contract.objects.count() > bounds.max_examples // 2 and Freeze.objects.exists()
    oracle_is_content()
