"""What has been written so far: kept in the session, encrypted, so that one may go away and come back."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from django.http import HttpRequest

from complaints.actions import Agent, Kind, NewIntake, Party
from complaints.models import Cause
from core.actors import Actor
from core.crypto import decrypt, encrypt
from core.models import StoredFile, User
from merchants.models import Merchant
from prepaid.models import Contract

SLOT, SEAL = "complaint_draft", "complaints.draft"


class Draft:
    """One draft a browser. Values are what JSON holds; files are ids of what this browser has uploaded."""

    def __init__(self, request: HttpRequest) -> None:
        self.session = request.session
        try:
            kept = json.loads(decrypt(self.session.get(SLOT, ""), SEAL) or "{}")
        except (InvalidTag, ValueError):
            kept = {}
        self.data: dict[str, Any] = kept

    def __bool__(self) -> bool:
        return bool(self.data)

    def put(self, **values: Any) -> None:
        """Remember some answers."""
        self.data |= {"key": self.key, **values}
        self.session[SLOT] = encrypt(json.dumps(self.data, ensure_ascii=False, default=str), SEAL)

    @property
    def key(self) -> str:
        """One draft is filed once, however often its last page is sent."""
        return str(self.data.get("key") or uuid4())

    def clear(self) -> None:
        """Forget it all."""
        self.data = {}
        self.session.pop(SLOT, None)

    @property
    def kinds(self) -> set[str]:
        """What is wanted."""
        return set(filter(None, self.data.get("kinds", "").split(",")))

    @property
    def files(self) -> list[StoredFile]:
        """The evidence so far, in the order it came."""
        kept = StoredFile.objects.in_bulk(self.data.get("files", []))
        return [kept[pk] for pk in self.data.get("files", []) if pk in kept]

    def merchant(self) -> Merchant | None:
        """The shop of the portal it is about."""
        pk = self.data.get("merchant")
        return Merchant.objects.filter(pk=pk).first() if pk else None

    def contract(self, user: User) -> Contract | None:
        """The card it is about, if it is the reader's."""
        pk = self.data.get("contract")
        return Contract.objects.held_by(user).select_related("merchant").filter(pk=pk).first() if pk else None

    @property
    def shop_name(self) -> str:
        """How the pages call the respondent."""
        merchant = self.merchant()
        return merchant.brand_name if merchant else self.data.get("respondent_name", "")

    def as_intake(self, by: Actor) -> NewIntake:
        """What the action takes."""
        data, user = self.data, by.user
        assert user is not None
        party, agent = Party(name=data.get("name", ""), address=data.get("address", "")), None
        if data.get("for_whom") == "AGENT":
            proof = StoredFile.objects.filter(pk=data.get("proof") or 0).first()
            agent = Agent(name=party.name, phone=user.phone, proof=proof)
            party = Party(
                name=data.get("represented_name", ""), phone=data.get("represented_phone", ""), address=party.address
            )
        others = data.get("people", []) if data.get("for_whom") == "JOINT" else []
        happened = data.get("happened_on")
        return NewIntake(
            kinds=frozenset(Kind(one) for one in self.kinds),
            text=data.get("text", ""),
            party=party,
            agent=agent,
            others=[Party(name=p["name"], phone=p["phone"], is_representative=p["speaks"]) for p in others],
            contract_id=data.get("contract"),
            merchant_id=data.get("merchant"),
            respondent_name=data.get("respondent_name", ""),
            respondent_address=data.get("respondent_address", ""),
            region_code=data.get("region_code", ""),
            cause=data.get("cause", Cause.OTHER),
            happened_on=date.fromisoformat(happened) if happened else None,
            claim=data.get("claim", ""),
            claim_fen=data.get("claim_fen"),
            wants_odr=bool(data.get("wants_odr")),
            report_text=data.get("report_text", ""),
            happened_at=data.get("happened_at", ""),
            anonymous=bool(data.get("anonymous")),
            files=self.files,
        )
