"""What a coming-in says, whatever channel it came by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from complaints.actions.parties import Agent, Party
from complaints.models import Cause, Channel
from core.models import StoredFile


class Kind(StrEnum):
    """What somebody wants of the bureau; one coming-in may be several (第9条)."""

    COMPLAINT = "COMPLAINT"
    REPORT = "REPORT"
    QUESTION = "QUESTION"
    PETITION = "PETITION"


@dataclass(frozen=True, kw_only=True)
class NewIntake:
    """One coming-in. ``text`` is what was said; the rest is what is known of it. Amounts are fen.

    The respondent is a contract of the person, else a store or merchant of the portal, else a name (and address).
    ``region_code`` is the place where no store or merchant gives it.
    """

    channel: str = Channel.WEB
    kinds: frozenset[Kind] = frozenset({Kind.COMPLAINT})
    text: str
    party: Party = field(default_factory=Party)
    agent: Agent | None = None
    others: Sequence[Party] = ()
    contract_id: int | None = None
    store_id: int | None = None
    merchant_id: int | None = None
    respondent_name: str = ""
    respondent_address: str = ""
    region_code: str = ""
    cause: str = Cause.OTHER
    happened_on: date | None = None
    claim: str = ""
    claim_fen: int | None = None
    wants_odr: bool = False
    report_text: str = ""
    happened_at: str = ""
    anonymous: bool = False
    wants_result: bool = True
    files: Sequence[StoredFile] = ()
    source_no: str = ""
    received_at: datetime | None = None
    reply_due_at: datetime | None = None
