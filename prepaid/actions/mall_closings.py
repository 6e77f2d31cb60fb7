"""A mall says in public that a tenant will close: ninety days before it leaves (撤店提前公示)."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from core import messages
from core.actors import Actor
from core.calendar import business_date
from core.clocks import cn_date
from core.errors import NotFound, WrongState
from core.locking import lock_in_order
from core.permissions import require
from merchants.models import Merchant, Store
from prepaid.actions.closings import write_declaration
from prepaid.models import ClosingNotice


@transaction.atomic
def declare_for_tenant(
    store_id: int, reason: str, closes_on: date, *, by: Actor, note: str = "", on: date | None = None
) -> ClosingNotice:
    """The mall declares that a confirmed tenant leaves; it is public once the mall publishes it.

    The tenant is told at once. Raises NotFound, WrongState, Invalid.
    """
    seen = Store.objects.filter(pk=store_id).first()
    if seen is None:
        raise NotFound
    merchant, store = lock_in_order((Merchant, seen.merchant_id), (Store, store_id))
    require(by, "prepaid.declare_tenant_closing", store)
    if store.tenant_since is None:
        raise WrongState("先确认它是您的租户，再申报停业")
    notice = write_declaration(
        merchant, reason, closes_on, by=by, note=note, store_id=store.pk, in_mall=True, mall_id=store.mall_id, on=on
    )
    messages.text_user(
        merchant.registered_by,
        f"{store.mall.name}申报您的「{store.name}」{cn_date(closes_on, on or business_date())}停业，"
        "公告后停收新的预付款。"
        "有不同意见请联系商场，或拨12315。",
        key=f"closing:{notice.pk}:mall",
    )
    return notice
