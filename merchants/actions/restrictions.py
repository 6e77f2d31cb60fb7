"""No new sales, and the end of a merchant or a store."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from core.actors import Actor
from core.audit import record
from core.errors import Invalid, NotFound
from core.permissions import require
from merchants.models import LIFECYCLE, Merchant, Restriction, Store
from merchants.signals import merchant_restricted


@transaction.atomic
def restrict(merchant_id: int, source: str, reason: str, *, by: Actor) -> Restriction:
    """Stop new sales (条例第22条第3款); cards already sold go on. Raises Invalid without a reason."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "merchants.restrict_merchant", merchant)
    if not reason.strip():
        raise Invalid(fields={"reason": "写明限制的原因"})
    if merchant.status not in (Merchant.Status.RESTRICTED, Merchant.Status.EXITING, Merchant.Status.EMERGENCY):
        LIFECYCLE.move("restrict", merchant)
        merchant.save(update_fields=["status"])
    restriction = Restriction.objects.create(
        merchant=merchant, source=source[:40], reason=reason.strip()[:200], opened_by=by.user
    )
    record("merchant.restrict", merchant, by=by, restriction=restriction.pk, source=source, reason=reason)
    merchant_restricted.send(Merchant, merchant_id=merchant.pk, by=by)
    return restriction


@transaction.atomic
def lift_restriction(restriction_id: int, *, by: Actor) -> Restriction:
    """Take one reason away; the merchant sells again when none is left."""
    row = Restriction.objects.filter(pk=restriction_id).first()
    if row is None:
        raise NotFound
    merchant = Merchant.objects.locked(row.merchant_id)
    require(by, "merchants.restrict_merchant", merchant)
    restriction = Restriction.objects.get(pk=restriction_id)
    if restriction.lifted_at is None:
        restriction.lifted_at, restriction.lifted_by = timezone.now(), by.user
        restriction.save()
        record("merchant.lift_restriction", merchant, by=by, restriction=restriction.pk)
    if merchant.status == Merchant.Status.RESTRICTED and not merchant.restrictions.filter(lifted_at=None).exists():
        LIFECYCLE.move("unrestrict", merchant)
        merchant.save(update_fields=["status"])
    return restriction


@transaction.atomic
def leave_by_steps(merchant_id: int, step: str, *, by: Actor) -> Merchant:
    """Take a step towards the end of a merchant: ``begin_exit``, ``enter_emergency`` (no new sales) or ``leave``.

    Called by the actions of a closing, which have asked who may close. A step taken before changes nothing.
    """
    merchant = Merchant.objects.locked(merchant_id)
    if merchant.status != LIFECYCLE.steps[step].target:
        LIFECYCLE.move(step, merchant)
        merchant.save(update_fields=["status"])
        record(f"merchant.{step}", merchant, by=by)
        if step != "leave":
            merchant_restricted.send(Merchant, merchant_id=merchant.pk, by=by)
    return merchant


@transaction.atomic
def close_store(store_id: int, *, by: Actor) -> Store:
    """Mark a store as no longer open; called by the actions of a closing, which have asked who may close."""
    store = Store.objects.locked(store_id)
    if store.is_open:
        store.is_open = False
        store.save(update_fields=["is_open"])
        record("merchant.close_store", store.merchant, by=by, store=store.pk)
    return store
