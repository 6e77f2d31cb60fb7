"""A refund the merchant refuses is a complaint by itself: 「商家不同意，已转投诉」."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from complaints.actions import clocks
from complaints.actions.odr import OWN_CLOCKS
from complaints.actions.parties import Party, new_complainant
from complaints.actions.steps import now
from complaints.models import Cause, Channel, Complaint, Intake, Receipt
from complaints.models.complaints import OPEN
from core import messages
from core.actors import Actor
from core.audit import record
from core.errors import NotFound
from core.money import yuan
from core.permissions import require
from prepaid.models import Refund


@transaction.atomic
def open_refund_complaint(refund_id: int, *, by: Actor, at: datetime | None = None) -> Complaint:
    """Open the complaint of a refund that is disputed, once; one that is open about the contract already takes it.

    Called inside the refusal, with the contract locked: two refusals cannot open two. Raises NotFound.
    """
    require(by, "complaints.file_intake")
    rows = Refund.objects.select_related("contract__holder", "contract__store__region", "merchant")
    refund = rows.filter(pk=refund_id).first()
    if refund is None:
        raise NotFound
    known = Complaint.objects.filter(refund=refund).first()
    if known is not None:
        return known
    holder = refund.contract.holder
    same = Complaint.objects.filter(contract=refund.contract, complainant__user=holder, status__in=OPEN, refund=None)
    complaint = same.order_by("pk").first()
    if complaint is not None:
        complaint = Complaint.objects.locked(complaint.pk)
        complaint.refund = refund
        complaint.save(update_fields=["refund"])
        record("complaint.link_refund", complaint, by=by, amount_fen=refund.total_fen)
        return complaint
    return _registered(refund, by=by, at=now(at))


def _registered(refund: Refund, *, by: Actor, at: datetime) -> Complaint:
    """The coming-in, the complainant and the complaint, with the bureau's clocks."""
    contract, merchant, sum_ = refund.contract, refund.merchant, yuan(refund.total_fen)
    # Where the store is, as for every complaint about a card (第13条).
    region = contract.store.region
    holder = contract.holder
    facts = f"申请退款 {sum_} 元（{refund.get_cause_display()}），商家不同意：{refund.answer}"
    person = new_complainant(Party(name=holder.name, phone=holder.phone), holder.pk, None)
    person.save()
    intake = Intake.objects.create(
        channel=Channel.WEB, source_no=f"refund:{refund.code}", received_at=at, region=region, text=facts,
        status=Intake.Status.SPLIT, phone_idx=person.phone_idx,
    )  # fmt: skip
    complaint = Complaint(
        channel=Channel.WEB, received_at=at, merchant=merchant, store_id=contract.store_id, region=region,
        industry_id=merchant.industry_id, cause=Cause.REFUND, facts=facts, complainant=person, contract=contract,
        refund=refund, claim=f"退款 {sum_} 元", claim_fen=refund.total_fen,
    )  # fmt: skip
    complaint.save()
    clocks.start(complaint, *OWN_CLOCKS, at=at)
    complaint.save(update_fields=["next_due_at"])
    Receipt.objects.create(intake=intake, complaint=complaint)
    record("complaint.register", complaint, by=by, channel=complaint.channel, amount_fen=refund.total_fen)
    messages.text_user(
        holder,
        f"您和{merchant.brand_name}的退款争议已登记为投诉，编号 {complaint.code_grouped}，不用再填。",
        key=f"refund:{refund.pk}:complaint",
    )
    return complaint
