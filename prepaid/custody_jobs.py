"""The daily jobs of settlement and custody: which rows, when. The actions decide."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core.actors import SYSTEM
from core.errors import Frozen, NotEnoughLocked, PortalError, WrongState
from core.jobs import job
from core.transactions import durably
from prepaid import actions as prepaid
from prepaid.custody import last_quarter_end
from prepaid.early_settlement import regions_with_it
from prepaid.jobs import each
from prepaid.models import CustodyCheck, CustodyWarning, MerchantDebt, PaymentOrder, PayoutAccount
from prepaid.settlements import pays_on, to_pay

SETTLE_SHARDS = 2
ORDER_LIVES = timedelta(hours=24)


@job("prepaid.settle", "商家结算", at="02:00", shards=SETTLE_SHARDS)
def settle(on: date, shard: int) -> dict[str, Any]:
    """Put account changes into use, do the corrections that are owed, pay the shops, ask after what is unanswered.

    A shop that cannot be paid (frozen, no account, a court's order) is counted by its reason and waits for tomorrow.
    """
    if shard == 0:
        changes = PayoutAccount.objects.filter(status=PayoutAccount.Status.WAITING, effective_on__lte=on)
        each(list(changes.values_list("pk", flat=True)), lambda pk: prepaid.start_payout_account(pk, by=SYSTEM, on=on))
        prepaid.ask_after_old(on)
    places = [] if pays_on(on) else regions_with_it(on)
    if not pays_on(on) and not places:
        return {"paid": 0, "waiting": {"day_off": 1}}
    paid, amount, waiting = 0, 0, Counter[str]()
    for merchant in to_pay(on, shard, SETTLE_SHARDS, places):
        waiting.update(_collect(merchant, on))
        try:
            made = durably(lambda merchant=merchant: prepaid.order_settlement(merchant, by=SYSTEM, on=on))  # type: ignore[misc]
        except (WrongState, Frozen) as error:
            waiting[error.code] += 1
        else:
            paid, amount = paid + 1, amount + made.amount_fen
    return {"paid": paid, "amount_fen": amount, "waiting": dict(waiting)}


def _collect(merchant: int, on: date) -> list[str]:
    """Do what a shop has to give back as far as it has earned it, the oldest first; what could not be done."""
    refused = []
    for pk in MerchantDebt.objects.open().filter(merchant=merchant).order_by("pk").values_list("pk", flat=True):
        try:
            durably(lambda pk=pk: prepaid.collect_debt(pk, by=SYSTEM, on=on))  # type: ignore[misc]
        except NotEnoughLocked:
            refused.append("debt_waits")
    return refused


@job("prepaid.custody_check", "存管核算与预警", at="01:30")
def custody_check(on: date, shard: int) -> dict[str, Any]:
    """Count custody for every merchant, warn those that fall short, end the warnings that are made up."""
    result, quarter = prepaid.check_custody(on), last_quarter_end(on)

    def keys(rows: QuerySet[Any]) -> list[int]:
        return list(rows.order_by("pk").values_list("pk", flat=True))

    # Made up first: who falls short again the same day is warned anew.
    met = each(
        keys(CustodyWarning.objects.made_up(quarter)), lambda pk: prepaid.meet_custody_warning(pk, by=SYSTEM, on=on)
    )
    warned = each(
        keys(CustodyCheck.objects.to_warn(quarter)), lambda pk: prepaid.open_custody_warning(pk, by=SYSTEM, on=on)
    )
    overdue = each(
        keys(CustodyWarning.objects.overdue(on)), lambda pk: prepaid.lapse_custody_warning(pk, by=SYSTEM, on=on)
    )
    return {**result, "met": met["done"], "warned": warned["done"], "overdue": overdue["done"]}


@job("prepaid.expire_orders", "未付订单过期", at="03:20")
def expire_orders(on: date, shard: int) -> dict[str, Any]:
    """Close the payments nobody made in a day; each is asked after at the custodian first."""
    old = PaymentOrder.objects.filter(
        status=PaymentOrder.Status.PENDING, created_at__lt=timezone.now() - ORDER_LIVES
    ).order_by("pk")
    unheard, pks = 0, []
    for order in old.iterator(chunk_size=500):
        try:
            prepaid.ask_after(order)
            pks.append(order.pk)
        except PortalError:
            unheard += 1
    return {**each(pks, lambda pk: prepaid.expire_order(pk, by=SYSTEM)), "unheard": unheard}
