"""What the evidence pack of a contract says of its complaints: each one, its steps, and what was agreed.

Only what the reader of the pack may see of a complaint; reports are sealed and never in it (总局令第121号第37条).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from complaints.models import Complaint
from complaints.tracking import PAST, said_to_people
from core.actors import SYSTEM, Actor
from core.models import AuditEvent
from prepaid.evidence import Pack, document, part


@part
def complaints_part(pack: Pack) -> Iterator[tuple[str, bytes]]:
    """One file for each complaint about the contract."""
    by = Actor.of_user(pack.reader) if pack.reader else SYSTEM
    found = Complaint.objects.visible_to(by).filter(contract=pack.contract)
    for row in found.select_related("merchant", "complainant", "region", "settlement__refund").order_by("pk"):
        yield f"complaints/{row.code}.json", document(_told(row))


def _told(row: Complaint) -> dict[str, Any]:
    lines = AuditEvent.objects.filter(object_type=row._meta.label, object_id=str(row.pk)).order_by("id")
    settled = getattr(row, "settlement", None)
    return {
        "code": row.code,
        "channel": row.get_channel_display(),
        "received_at": row.received_at,
        "region": row.region.name,
        "respondent": row.respondent,
        "complainant": row.complainant.masked_name,
        "cause": row.get_cause_display(),
        "facts": row.facts,
        "claim": row.claim,
        "claim_fen": row.claim_fen,
        "status": row.get_status_display(),
        "merchant_reply": row.merchant_reply,
        "reply": row.reply,
        "closed_at": row.closed_at,
        "steps": [
            {"at": at, "step": PAST[verb], "said": said_to_people(verb, facts)}
            for verb, at, facts in lines.values_list("verb", "at", "facts")
            if verb in PAST
        ],
        "settlement": settled
        and {
            "terms": settled.terms,
            "amount_fen": settled.amount_fen,
            "escrow_fen": settled.escrow_fen,
            "direct_fen": settled.direct_fen,
            "refund": settled.refund.code if settled.refund else "",
            "perform_by": settled.perform_by,
            "made_at": settled.made_at,
        },
    }
