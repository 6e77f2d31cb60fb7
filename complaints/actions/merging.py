"""One case, many receipts: what the same person says of the same shop by several channels becomes one case."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from complaints.actions import clocks
from complaints.actions.steps import keep, now, tell_complainant
from complaints.models import COMPLAINT_LIFECYCLE, Attachment, Clock, Complaint, MediationAssignment, Receipt
from complaints.models.complaints import UNDECIDED
from core.actors import Actor
from core.errors import Invalid, NotFound, WrongState
from core.permissions import require

# The same matter comes by the other hotlines within weeks; a year later it is another one.
WITHIN = timedelta(days=30)
MERGEABLE = COMPLAINT_LIFECYCLE.steps["merge"].sources
MOST = 50
# What shop names are written with or without.
_TRIMMED = re.compile(r"有限责任公司|股份有限公司|有限公司|个体工商户|[\W_]")


def shop_key(name: str) -> str:
    """A shop's name without blanks, signs, capitals and the form of its company."""
    return _TRIMMED.sub("", name.lower())


def _keys(row: Complaint) -> set[str]:
    names = [row.respondent_name]
    if row.merchant is not None:
        names += [row.merchant.brand_name, row.merchant.legal_name]
    return {shop_key(name) for name in names if name} - {""}


def proposed_for(case: Complaint, *, by: Actor) -> list[Complaint]:
    """The open complaints of the same person about the same shop near in time, the oldest first.

    By the keyed hash of the phone; the shop by merchant, else by its normalised name. An officer decides whether they
    are of one fact. Two statements.
    """
    if case.status not in MERGEABLE or not case.complainant.phone_idx:
        return []
    span = (case.received_at - WITHIN, case.received_at + WITHIN)
    near = Complaint.objects.visible_to(by).filter(
        complainant__phone_idx=case.complainant.phone_idx, status__in=MERGEABLE, closed_at=None,
        received_at__range=span,
    ).exclude(pk=case.pk)  # fmt: skip
    rows = near.select_related("merchant", "complainant").order_by("received_at", "pk")[:MOST]
    keys = _keys(case)
    same = [row for row in rows if _same_merchant(row, case) or keys & _keys(row)]
    return [row for row in same if row.merchant_id is None or case.merchant_id in (None, row.merchant_id)]


def _same_merchant(one: Complaint, other: Complaint) -> bool:
    return one.merchant_id is not None and one.merchant_id == other.merchant_id


def with_twins(rows: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """Those of a list beside which stands another of the same person, near in time, that may be of the same shop.

    One statement, by the index of the phone; names are compared as written, the case page compares them closely.
    """
    twins = Complaint.objects.filter(
        complainant__phone_idx=OuterRef("complainant__phone_idx"), status__in=MERGEABLE, closed_at=None,
        received_at__range=(OuterRef("received_at") - WITHIN, OuterRef("received_at") + WITHIN),
    ).exclude(pk=OuterRef("pk"))  # fmt: skip
    named = twins.annotate(shop=Coalesce("merchant__brand_name", "respondent_name"))
    same = named.filter(Q(merchant=OuterRef("merchant")) | Q(shop__iexact=OuterRef("shop_name")))
    rows = rows.filter(status__in=MERGEABLE, closed_at=None).exclude(complainant__phone_idx="")
    return rows.annotate(shop_name=Coalesce(F("merchant__brand_name"), F("respondent_name"))).filter(Exists(same))


@transaction.atomic
def merge_complaints(into_id: int, other_ids: list[int], *, by: Actor, at: datetime | None = None) -> Complaint:
    """Handle complaints of one person about one shop as one case: their receipts move, each with number and limit.

    The others end as merged and the person is told under which code it goes on. Raises NotFound, NotAllowed,
    WrongState, and Invalid for different people or shops, joint complaints, refund disputes, and an older one that
    would lose its limits to a younger one that is not decided yet.
    """
    moment, wanted = now(at), sorted({into_id, *other_ids})
    rows = {row.pk: row for row in Complaint.objects.locked_all(wanted)}
    if len(rows) < len(wanted):
        raise NotFound
    if len(wanted) < 2:
        raise Invalid(fields={"others": "选要并进来的投诉"})
    for row in rows.values():
        require(by, "complaints.merge_complaint", row)
    into = rows.pop(into_id)
    if into.status not in MERGEABLE:
        raise WrongState(f"现在是「{into.get_status_display()}」，不能再并入别的投诉")
    for other in rows.values():
        _check(into, other)
    for other in rows.values():
        _take_in(into, other, by=by, at=moment)
    codes = [other.code for other in rows.values()]
    return keep(into, "take_in", by=by, others="、".join(codes))


def _check(into: Complaint, other: Complaint) -> None:
    """Whether one may go up in the other. Raises Invalid."""
    wrong = ""
    phone = into.complainant.phone_idx
    if not phone or other.complainant.phone_idx != phone:
        wrong = "不是同一个投诉人"
    elif other.merchant_id is not None and into.merchant_id not in (None, other.merchant_id):
        wrong = "不是同一家店"
    elif other.joint_complainants.exists():
        wrong = "是共同投诉，请把别的并到它"
    elif other.refund_id is not None:
        wrong = "是退款争议，请把别的并到它"
    elif MediationAssignment.objects.live().filter(complaint=other).exists():
        wrong = "正在委托人民调解，先结束委托"
    elif other.received_at < into.received_at and into.status in UNDECIDED:
        wrong = "收到得更早，期限在前：请打开它，把这一件并过去"
    if wrong:
        raise Invalid(fields={"others": f"投诉 {other.code_grouped} {wrong}"})


def _take_in(into: Complaint, other: Complaint, *, by: Actor, at: datetime) -> None:
    COMPLAINT_LIFECYCLE.move("merge", other)
    Receipt.objects.filter(complaint=other).update(complaint=into)
    Attachment.objects.filter(complaint=other).update(complaint=into)
    clocks.stop(other, at=at, dropped=True)
    other.merged_into, other.closed_at = into, at
    if into.merchant_id is None and other.merchant_id is not None:
        into.merchant, into.store_id, into.industry_id = other.merchant, other.store_id, other.industry_id
    if into.first_contact_at is None and other.first_contact_at is not None:
        into.first_contact_at = other.first_contact_at
        clocks.stop(into, Clock.Code.FIRST_CONTACT, at=other.first_contact_at)
    tell_complainant(
        other, f"和您的投诉 {into.code_grouped} 是同一件事，已合并办理，以后用那个查询码查进度。", "merged"
    )
    keep(other, "merge", by=by, into=into.code)
