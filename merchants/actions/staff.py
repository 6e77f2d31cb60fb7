"""Who works for a shop, and the PIN at its counter."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import actions as core
from core.actors import Actor
from core.audit import record
from core.errors import Invalid, NotFound
from core.models import Membership, Role, User
from core.models.people import MERCHANT_ROLES
from core.permissions import require
from core.throttle import count
from merchants.models import Merchant

PIN_TRIES_PER_MINUTE = 10


@transaction.atomic
def hire(merchant_id: int, phone: str, name: str, *, by: Actor, pin: str = "") -> Membership:
    """Make somebody a member of staff, with a PIN for the shared tablet if given."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "merchants.manage_staff", merchant)
    if not name.strip():
        raise Invalid(fields={"name": "填店员姓名"})
    person = User.objects.enrol(phone, name.strip()[:40])
    membership = core.grant_membership(person.pk, Role.MERCHANT_STAFF, merchant_id=merchant.pk, by=by)
    if pin:
        set_counter_pin(merchant_id, membership.pk, pin, by=by)
    record("merchant.hire", merchant, by=by, user=person.pk)
    return membership


@transaction.atomic
def set_counter_pin(merchant_id: int, membership_id: int, pin: str, *, by: Actor) -> None:
    """Set the four to six digits by which staff change places at the shared tablet; one's own, or by the boss.

    Raises Invalid for other digits, and for a PIN a colleague already has: it must name one person.
    """
    merchant = Merchant.objects.locked(merchant_id)
    membership = _staff(merchant_id).filter(pk=membership_id).first()
    if membership is None:
        raise NotFound
    if by.user is None or membership.user_id != by.user.pk:
        require(by, "merchants.manage_staff", merchant)
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 6):
        raise Invalid(fields={"pin": "口令是 4 到 6 位数字"})
    if any(check_password(pin, other.pin) for other in _staff(merchant_id).exclude(pin="").exclude(pk=membership_id)):
        raise Invalid(fields={"pin": "这个口令有人在用，请换一个"})
    membership.pin = make_password(pin)
    membership.save(update_fields=["pin"])
    record("membership.set_pin", membership, by=by)


def staff_by_pin(merchant_id: int, pin: str) -> Membership:
    """The member of staff whose PIN this is. Raises Invalid, TooMany past ten tries a minute in one shop."""
    count(f"pin:{merchant_id}", PIN_TRIES_PER_MINUTE)
    for membership in _staff(merchant_id).exclude(pin="").select_related("user"):
        if check_password(pin, membership.pin):
            return membership
    raise Invalid(fields={"pin": "口令不对"})


def _staff(merchant_id: int) -> QuerySet[Membership]:
    found: QuerySet[Membership] = Membership.objects.in_force(timezone.localdate()).filter(
        merchant_id=merchant_id, role__in=MERCHANT_ROLES
    )
    return found


@transaction.atomic
def dismiss(merchant_id: int, membership_id: int, *, by: Actor) -> Membership:
    """End a member of staff's role. Raises NotFound for somebody else's staff."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "merchants.manage_staff", merchant)
    if not Membership.objects.filter(pk=membership_id, merchant_id=merchant.pk, role=Role.MERCHANT_STAFF).exists():
        raise NotFound
    record("merchant.dismiss", merchant, by=by, membership=membership_id)
    return core.end_membership(membership_id, by=by)
