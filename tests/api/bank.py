"""A custodian that takes every order: the one seam to the outside, where tests do not need the sandbox process."""

from __future__ import annotations

from typing import Any

from prepaid.custodian import BankOrder, SandboxCustodian


class QuietBank(SandboxCustodian):
    """Opens orders without a network; signatures are checked as the real one does."""

    def create_order(self, order_no: str, amount_fen: int, **_: Any) -> BankOrder:
        return BankOrder(order_no, "bank-1", "CREATED", amount_fen, f"http://bank.invalid/pay/{order_no}")
