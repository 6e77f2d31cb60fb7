"""Rows of prepaid consumption; the ledger's own tables are in ``ledger``."""

from prepaid.models.contracts import Contract, ContractUser, Lot, Pause, ShownCode
from prepaid.models.freezes import Freeze
from prepaid.models.ledger import (
    AccountKind,
    Delta,
    Hold,
    Instalment,
    LedgerAccount,
    RefType,
    Transfer,
    TransferKind,
)
from prepaid.models.payments import CustodianNotice, PaymentOrder, SuspenseItem
from prepaid.models.plans import Plan, PriceItem
from prepaid.models.refunds import Payout, Refund, RefundShortfall
from prepaid.models.visits import Visit, VisitLot

__all__ = [
    "AccountKind",
    "Contract",
    "ContractUser",
    "CustodianNotice",
    "Delta",
    "Freeze",
    "Hold",
    "Instalment",
    "LedgerAccount",
    "Lot",
    "Pause",
    "PaymentOrder",
    "Payout",
    "Plan",
    "PriceItem",
    "RefType",
    "Refund",
    "RefundShortfall",
    "ShownCode",
    "SuspenseItem",
    "Transfer",
    "TransferKind",
    "Visit",
    "VisitLot",
]
