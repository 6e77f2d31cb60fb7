"""Rows of prepaid consumption; the ledger's own tables are in ``ledger``."""

from prepaid.models.assignments import Assignment
from prepaid.models.closings import ClosingNotice, HolderNotice
from prepaid.models.contracts import Contract, ContractUser, Lot, Pause, ShownCode
from prepaid.models.custody import (
    CourtOrder,
    CustodyAccount,
    CustodyCheck,
    CustodyStatement,
    CustodyWarning,
    Guarantee,
    PrepaidBalance,
)
from prepaid.models.filings import Filing, FilingDocument, FilingReport, IssuerClass
from prepaid.models.freezes import Freeze
from prepaid.models.heirs import HeirCard, HeirClaim, HeirDocument
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
from prepaid.models.legacy_cards import CardImport, LegacyCard, LegacyUse
from prepaid.models.listings import ListedEntry, ListedMerchant, ListImport
from prepaid.models.lock_outs import LockOutReport
from prepaid.models.offer_views import OfferView
from prepaid.models.payments import CustodianNotice, PaymentOrder, SuspenseItem
from prepaid.models.plans import Plan, PriceItem
from prepaid.models.reconciliation import BankFile, BankLine, DailyEquation, ReconciliationCase
from prepaid.models.refunds import Payout, Refund, RefundShortfall
from prepaid.models.run_offs import RunOff, RunOffClaim
from prepaid.models.seals import Seal
from prepaid.models.settlements import MerchantDebt, PayoutAccount, Settlement
from prepaid.models.signatures import Guardianship, Signature
from prepaid.models.successions import Succession
from prepaid.models.visits import Visit, VisitLot
from prepaid.models.warnings import (
    Level,
    MerchantLink,
    PrivatePaymentReport,
    RiskScore,
    RiskWarning,
)

__all__ = [
    "AccountKind",
    "Assignment",
    "BankFile",
    "BankLine",
    "CardImport",
    "ClosingNotice",
    "Contract",
    "ContractUser",
    "CourtOrder",
    "CustodianNotice",
    "CustodyAccount",
    "CustodyCheck",
    "CustodyStatement",
    "CustodyWarning",
    "DailyEquation",
    "Delta",
    "Filing",
    "FilingDocument",
    "FilingReport",
    "Freeze",
    "Guarantee",
    "Guardianship",
    "HeirCard",
    "HeirClaim",
    "HeirDocument",
    "Hold",
    "HolderNotice",
    "Instalment",
    "IssuerClass",
    "LedgerAccount",
    "LegacyCard",
    "LegacyUse",
    "Level",
    "ListImport",
    "ListedEntry",
    "ListedMerchant",
    "LockOutReport",
    "Lot",
    "MerchantDebt",
    "MerchantLink",
    "OfferView",
    "Pause",
    "PaymentOrder",
    "Payout",
    "PayoutAccount",
    "Plan",
    "PrepaidBalance",
    "PriceItem",
    "PrivatePaymentReport",
    "ReconciliationCase",
    "RefType",
    "Refund",
    "RefundShortfall",
    "RiskScore",
    "RiskWarning",
    "RunOff",
    "RunOffClaim",
    "Seal",
    "Settlement",
    "ShownCode",
    "Signature",
    "Succession",
    "SuspenseItem",
    "Transfer",
    "TransferKind",
    "Visit",
    "VisitLot",
]
