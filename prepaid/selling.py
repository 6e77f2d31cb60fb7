"""The facts of a sale for the limits, and the one question the selling actions ask. Reads only."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Sum

from core.errors import Invalid, WrongState
from core.models import User
from core.rule_packs import every_rule, rules
from merchants.models import Merchant
from prepaid.custody import UNLOCKED_SOURCES
from prepaid.limits import Breach, Offer, Seller, check_offer
from prepaid.models import Contract, Filing


def unlocked_fen(merchant_id: int) -> int:
    """What a merchant owes on cards whose money is not in escrow, in fen."""
    with connection.cursor() as cursor:
        sources = " UNION ALL ".join(UNLOCKED_SOURCES)
        cursor.execute(
            f"SELECT coalesce(sum(fen), 0)::bigint FROM ({sources}) x WHERE merchant_id = %s",
            [merchant_id],
        )
        return int(cursor.fetchone()[0])


def seller_of(merchant: Merchant) -> Seller:
    """The merchant as the limits see it; what it declared in its filing counts once that is on record."""
    filing = Filing.objects.filter(merchant=merchant).first()
    declared = filing if filing is not None and filing.stands else None
    outside = unlocked_fen(merchant.pk)
    outstanding = 0
    if declared is not None:
        locked = Contract.objects.filter(merchant=merchant).aggregate(sum=Sum("account__row_balance_fen"))["sum"]
        outstanding = (locked or 0) + outside
    return Seller(
        entity=merchant.kind,
        sector=merchant.industry.sector,
        licensed_on=merchant.licensed_on,
        issuer_class=declared.issuer_class if declared else "",
        escrow_is_full=not outside,
        outstanding_fen=outstanding,
        revenue_fen=declared.revenue_fen if declared else None,
        capital_fen=declared.capital_fen if declared else None,
    )


def breaches_of(merchant: Merchant, holder: User | None, price_fen: int, on: date, **facts: Any) -> list[Breach]:
    """Every limit that a sale to ``holder`` would break today; ``facts`` are fields of ``limits.Offer``."""
    consumer_fen = 0
    if holder is not None and holder.pk:
        held = Contract.objects.filter(merchant=merchant, holder=holder)
        consumer_fen = held.aggregate(sum=Sum("account__row_balance_fen"))["sum"] or 0
    offer = Offer(
        seller=seller_of(merchant),
        on=on,
        price_fen=price_fen,
        consumer_fen=consumer_fen,
        name_known=bool(holder is None or holder.name_ct),
        **facts,
    )
    region = merchant.region_id
    return check_offer(offer, rules(region, on), every_rule("cap.exempt_if", region, on))


def must_keep_limits(merchant: Merchant, holder: User, price_fen: int, on: date, **facts: Any) -> None:
    """Raise for a sale that the rule packs forbid, with the article and what to do: Invalid where a name is missing,
    else WrongState (``over_limit``)."""
    found = breaches_of(merchant, holder, price_fen, on, **facts)
    if not found:
        return
    said = "；".join(f"{one.advice}（{one.basis}{'' if one.tag == 'T' else '，待核'}）" for one in found)
    if all(one.code == "name_needed" for one in found):
        raise Invalid(said, fields={"name": said})
    raise WrongState(said, code="over_limit")
