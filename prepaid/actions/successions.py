"""A new boss or a new name: holders are told, old terms bind whoever runs the shop, sales wait for an officer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone

from core import messages, outbox
from core.actors import SYSTEM, Actor
from core.audit import record
from core.errors import Invalid, NotFound, WrongState
from core.locking import lock_in_order
from core.models import User
from core.permissions import require
from core.transactions import durably
from merchants import actions as merchants
from merchants.models import LISTED, Merchant
from merchants.signals import merchant_changed
from prepaid.claims import LIVE
from prepaid.models import Contract, LegacyCard, Succession
from prepaid.models.legacy_cards import OWED
from prepaid.models.successions import SUCCESSION_LIFECYCLE

CHUNK = 500
SOURCE = "店铺易主"
FEWEST_LETTERS = 5
# Whose change means that somebody else may stand behind the cards.
TELLING = {
    "legal_rep": Succession.Kind.OWNER,
    "legal_name": Succession.Kind.RENAMED,
    "brand_name": Succession.Kind.RENAMED,
}


@transaction.atomic
def declare_succession(merchant_id: int, kind: str, reason: str, *, by: Actor) -> Succession:
    """The shop says that it goes over or is renamed; from now on it sells nothing until an officer has looked.

    A change that was noticed before is the same matter: the declaration is put to it. Raises Invalid, WrongState.
    """
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.declare_succession", merchant)
    faults = {}
    if kind not in Succession.Kind.values:
        faults["kind"] = "选一种情况"
    if len(reason.strip()) < FEWEST_LETTERS:
        faults["reason"] = "写明谁接手、老卡怎么办，至少 5 个字"
    if faults:
        raise Invalid(fields=faults)
    return _open(merchant, kind, {}, by=by, reason=reason.strip()[:300])


def notice_change(merchant: Merchant, kind: str, changes: Mapping[str, Any], *, by: Actor) -> Succession:
    """A change was made that may mean another owner; the merchant is locked."""
    return _open(merchant, kind, changes, by=by)


@receiver(merchant_changed, dispatch_uid="prepaid.note_succession")
def note_succession(sender: object, *, merchant_id: int, changes: Mapping[str, Any], by: Actor, **_: Any) -> None:
    """The licence, its name or its person changed on a shop that has sold cards."""
    found = {field: value for field, value in changes.items() if field in TELLING}
    if found and (_live(merchant_id).exists() or _owed(merchant_id).exists()):
        kind = Succession.Kind.OWNER if "legal_rep" in found else Succession.Kind.RENAMED
        notice_change(Merchant.objects.locked(merchant_id), kind, found, by=by)


def _open(merchant: Merchant, kind: str, changes: Mapping[str, Any], *, by: Actor, reason: str = "") -> Succession:
    if merchant.status not in LISTED:
        raise WrongState("商家还没有通过审核，不用申报")
    row = Succession.objects.open().filter(merchant=merchant).first()
    if row is None:
        said = f"{Succession.Kind(kind).label}，核实老卡有人接着负责以前暂停办新卡"
        limit = merchants.restrict(merchant.pk, SOURCE, said, by=SYSTEM)
        row = Succession(merchant=merchant, kind=kind, restriction=limit, opened_by=by.user)
    row.changes = {**row.changes, **changes}
    row.reason, row.declared = reason or row.reason, row.declared or bool(reason)
    row.save()
    record("succession.open", row, by=by, merchant=merchant.pk, kind=row.kind, changes=dict(changes), reason=reason)
    outbox.enqueue("prepaid.tell_succession", str(row.pk), {"succession": row.pk})
    return row


def _live(merchant_id: int) -> Any:
    return Contract.objects.filter(merchant=merchant_id, status__in=LIVE)


def _owed(merchant_id: int) -> Any:
    return LegacyCard.objects.filter(merchant=merchant_id, status__in=OWED)


@outbox.handler("prepaid.tell_succession", queue="bulk", own_transaction=True)
def tell_from_outbox(payload: dict[str, int]) -> None:
    """Tell all holders of one shop."""
    tell_succession(payload["succession"])


def tell_succession(succession_id: int) -> int:
    """Tell each holder once, five hundred to a transaction; killed, it goes on behind the last one told."""
    told = 0
    while count := durably(lambda: _tell_chunk(succession_id)):
        told += count
    return told


def _tell_chunk(succession_id: int) -> int:
    row = Succession.objects.locked(succession_id)
    if row.told_at is not None:
        return 0
    mine = Q(pk__in=_live(row.merchant_id).values("holder")) | Q(pk__in=_owed(row.merchant_id).values("holder"))
    people = list(User.objects.filter(mine, pk__gt=row.told_until).order_by("pk")[:CHUNK])
    if not people:
        row.told_at = timezone.now()
    else:
        text = _said(row)
        messages.text_many((person, text, f"succession:{row.pk}:{person.pk}") for person in people)
        row.told_until, row.told_count = people[-1].pk, row.told_count + len(people)
    row.save(update_fields=["told_until", "told_count", "told_at"])
    return len(people)


def _said(row: Succession) -> str:
    brand = row.changes.get("brand_name", [row.merchant.brand_name])[0]
    now = row.merchant.brand_name
    name = f"{brand}（现在叫{now}）" if brand != now else brand
    return (
        f"{name}{row.get_kind_display()}了。您的卡条款不变，谁接手都得认；锁定的钱还在存管银行。"
        f"不愿意接着用的可以退款，不用店里同意。请登录{settings.PORTAL_NAME}，在“我的预付”里办。"
    )


@transaction.atomic
def settle_succession(succession_id: int, finding: str, *, by: Actor) -> Succession:
    """An officer found that somebody answers for the old cards: the shop may sell again. Raises Invalid, WrongState."""
    seen = Succession.objects.filter(pk=succession_id).first()
    if seen is None:
        raise NotFound
    row: Succession = lock_in_order((Merchant, seen.merchant_id), (Succession, succession_id))[1]
    require(by, "prepaid.settle_succession", row)
    SUCCESSION_LIFECYCLE.move("settle", row)
    if row.told_at is None:
        raise WrongState("还在通知持卡人，通知完再核实")
    if len(finding.strip()) < FEWEST_LETTERS:
        raise Invalid(fields={"reason": "写明核实了什么，至少 5 个字"})
    row.finding, row.settled_by, row.settled_at = finding.strip()[:300], by.user, timezone.now()
    row.save()
    merchants.lift_restriction(row.restriction_id, by=by)
    record("succession.settle", row, by=by, merchant=row.merchant_id, reason=row.finding)
    messages.text_user(
        row.merchant.registered_by,
        f"{row.merchant.brand_name}的变更已核实，可以接着办卡了。",
        key=f"succession:{row.pk}:set",
    )
    return row
