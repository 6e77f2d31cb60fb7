"""The part of the card machine that asks for money back, answers, and pays out."""

import itertools
from collections.abc import Callable
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from core.actors import CUSTODIAN, SYSTEM, Actor
from core.errors import PortalError, WrongState
from prepaid import actions as prepaid
from prepaid.custodian import Notice
from prepaid.models import Contract, Payout, Refund
from tests.prepaid import card_model as model
from tests.prepaid.scenes import days

numbers = itertools.count(1)
picks = st.integers(0, 10**6)


class RefundRules:
    """Refunds of the card that the machine holds."""

    card: Contract
    model: model.Card
    boss: Actor
    guest: Actor
    first: Actor
    replays: list[Callable[[], Any]]
    refuse: Callable[[type[PortalError], Callable[[], Any]], None]

    @rule(
        cause=st.sampled_from(["CONSUMER", "MERCHANT", "COOLING_OFF"]),
        how=st.sampled_from(["later", "agree", "order", "silence", "refuse", "part", "withdraw"]),
        pick=picks,
    )
    def ask_for_money_back(self, cause: str, how: str, pick: int) -> None:
        waiting = Refund.objects.filter(contract=self.card, status__in=["REQUESTED", "DISPUTED"]).first()
        step = lambda: prepaid.request_refund(self.card.pk, cause, by=self.guest)  # noqa: E731
        if waiting is None and self.model.status in ("ACTIVE", "PAUSED") and not self.open_refund():
            try:
                with transaction.atomic():
                    waiting = step()
            except PortalError as error:
                assert error.code == "invalid"
                return
            if cause == "COOLING_OFF":
                assert (waiting.total_fen, waiting.amount_fen) == self.model.refund(cause)
                return
        else:
            self.refuse(WrongState, step)
        if waiting is not None and how != "later":
            self.answer_part(waiting, pick) if how == "part" else self.answer_refund(waiting, how)

    def answer_part(self, refund: Refund, pick: int) -> None:
        """The shop pays what it does not dispute and refuses the rest."""
        fen = pick % max(1, refund.total_fen) + 1
        step = lambda: prepaid.refuse_refund(refund.pk, "少退", undisputed_fen=fen, by=self.boss)  # noqa: E731
        if refund.status != "REQUESTED":
            self.refuse(WrongState, step)
            return
        try:
            with transaction.atomic():
                step()
        except PortalError as error:
            # What was used since the request counts: less may be due now than was asked for.
            assert error.code in ("invalid", "wrong_state")
            return
        self.model.give_undisputed(refund.cause, fen)

    def open_refund(self) -> bool:
        """Whether one is on its way, up to its arrival."""
        return bool(Refund.objects.open().filter(contract=self.card).exists())

    def answer_refund(self, refund: Refund, how: str) -> None:
        """Somebody answers, or nobody does."""
        steps: dict[str, tuple[tuple[str, ...], Callable[[], Any]]] = {
            "agree": (("REQUESTED", "DISPUTED"), lambda: prepaid.agree_refund(refund.pk, by=self.boss)),
            "order": (("REQUESTED", "DISPUTED"), lambda: prepaid.order_refund(refund.pk, "责令", by=self.first)),
            "silence": (("REQUESTED",), lambda: prepaid.auto_agree_refund(refund.pk, by=SYSTEM, on=days(7))),
            "refuse": (("REQUESTED",), lambda: prepaid.refuse_refund(refund.pk, "不退", by=self.boss)),
            "withdraw": (("REQUESTED", "DISPUTED"), lambda: prepaid.withdraw_refund(refund.pk, by=self.guest)),
        }
        sources, step = steps[how]
        if refund.status not in sources:
            self.refuse(WrongState, step)
            return
        done = step()
        if how in ("agree", "order", "silence"):
            late = 7 if how == "silence" else 0
            assert (done.total_fen, done.amount_fen) == self.model.refund(refund.cause, late)
            self.replays.append(lambda: prepaid.agree_refund(refund.pk, by=self.boss))
        elif how == "withdraw" and self.model.disputed:
            self.model.settle_for_less()

    @precondition(lambda self: Payout.objects.filter(refund__contract=self.card).exists())
    @rule(pick=picks, kind=st.sampled_from(["payout.paid", "payout.failed"]))
    def bank_answers(self, pick: int, kind: str) -> None:
        payouts = list(Payout.objects.filter(refund__contract=self.card).order_by("pk"))
        payout = payouts[pick % len(payouts)]
        notice = Notice(kind, f"p-{next(numbers)}", payout.payout_no, payout.amount_fen, "", at=None, reason="销户")  # type: ignore[arg-type]
        prepaid.receive(notice, by=CUSTODIAN)
        self.replays.append(lambda: prepaid.receive(notice, by=CUSTODIAN))
        failed = Refund.objects.filter(contract=self.card, status="PAYOUT_FAILED").first()
        if failed is not None and pick % 2:
            prepaid.change_payout_account(failed.pk, "6222021234567890123", "周桂芬", by=self.guest)
