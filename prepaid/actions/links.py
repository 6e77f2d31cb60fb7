"""Suspected links to merchants that closed, vanished or were restricted: found by the job, decided by officers."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from core.actors import Actor
from core.audit import record, record_many
from core.calendar import business_date
from core.errors import NotFound
from core.locking import lock_in_order
from core.permissions import require
from merchants.likeness import likenesses
from merchants.models import Merchant
from prepaid.actions.warnings import reason_of
from prepaid.models import MerchantLink
from prepaid.models.warnings import MERCHANT_LINK_LIFECYCLE


@transaction.atomic
def find_links(*, by: Actor, on: date | None = None) -> int:
    """Write down the pairs that were not known yet; how many. What an officer decided stands."""
    require(by, "prepaid.find_merchantlink")
    known = {(row.merchant_id, row.other_id): row for row in MerchantLink.objects.all()}
    fresh = []
    for found in likenesses():
        row = known.get((found.merchant_id, found.other_id))
        if row is None:
            fresh.append(
                MerchantLink(
                    merchant_id=found.merchant_id, other_id=found.other_id, matches=list(found.kinds),
                    found_on=on or business_date(),
                )
            )  # fmt: skip
        elif row.matches != list(found.kinds):
            row.matches = list(found.kinds)
            row.save(update_fields=["matches"])
    made = MerchantLink.objects.bulk_create(fresh, batch_size=1_000)
    ids = [row.pk for row in made]
    if ids:
        record_many("merchant_link.find", MerchantLink, ids, by=by)
    return len(fresh)


@transaction.atomic
def confirm_link(link_id: int, reason: str, *, by: Actor) -> MerchantLink:
    """The officer holds that the same people are behind both; it weighs in the score. Raises Invalid."""
    return _judge(link_id, "confirm", reason, by=by)


@transaction.atomic
def dismiss_link(link_id: int, reason: str, *, by: Actor) -> MerchantLink:
    """The officer holds that it is chance. Raises Invalid without a reason."""
    return _judge(link_id, "dismiss", reason, by=by)


def _judge(link_id: int, step: str, reason: str, *, by: Actor) -> MerchantLink:
    seen = MerchantLink.objects.filter(pk=link_id).first()
    if seen is None:
        raise NotFound
    row: MerchantLink = lock_in_order((Merchant, seen.merchant_id), (MerchantLink, link_id))[1]
    require(by, "prepaid.judge_merchantlink", row)
    MERCHANT_LINK_LIFECYCLE.move(step, row)
    row.reason, row.decided_by = reason_of(reason), by.user
    row.save()
    record(f"merchant_link.{step}", row, by=by, reason=row.reason)
    return row
