"""A contract on paper: its terms, its signatures, and whether they still fit together."""

from __future__ import annotations

from dataclasses import dataclass

from prepaid.actions.contracts import digest_of
from prepaid.models import Contract, Guardianship, Signature


@dataclass(frozen=True)
class Paper:
    """What the print page shows besides the terms."""

    signatures: tuple[Signature, ...]
    digest: str
    intact: bool
    guardianship: Guardianship | None

    @property
    def signed_by_both(self) -> bool:
        """Whether the shop and the consumer (or the guardian) have both signed these terms."""
        parties = {row.party for row in self.signatures}
        return Signature.Party.MERCHANT in parties and bool(parties - {Signature.Party.MERCHANT})

    @property
    def is_sound(self) -> bool:
        """Whether nothing was changed since: the terms give the hash that every party signed."""
        return self.intact and self.signed_by_both

    @property
    def said(self) -> str:
        """The outcome of the check, for officers."""
        if not self.intact:
            return "条款与签署摘要不符"
        return "双方签署一致，未改动" if self.signed_by_both else "未由双方签署"


def paper_of(contract: Contract) -> Paper:
    """Read the signatures and compute the hash of the terms anew."""
    rows = tuple(Signature.objects.filter(contract=contract).select_related("signer"))
    digest = digest_of(contract.terms)
    intact = digest == contract.terms_hash and all(row.terms_hash == digest for row in rows)
    guardianship = Guardianship.objects.filter(contract=contract, ended_at=None).select_related("guardian").first()
    return Paper(rows, digest, intact, guardianship)
