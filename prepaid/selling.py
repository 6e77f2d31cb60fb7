"""The facts of a sale for the limits, and the one question the selling actions ask. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, Sum

from core.errors import Invalid, WrongState
from core.models import User
from core.rule_packs import RuleValue, every_rule, rules
from merchants.models import Merchant
from prepaid.limits import FORBIDDEN_IF, Breach, Offer, Seller, bars, check_offer, in_scope
from prepaid.models import Contract, Filing, ListedEntry
from prepaid.unlocked import unlocked_sums

# Which ground of 北京条例第11条 a line about the business itself is; about its legal representative see below.
GROUNDS = {
    ListedEntry.Kind.ABNORMAL: "abnormal_list",
    ListedEntry.Kind.SERIOUS: "serious_dishonesty_list",
    ListedEntry.Kind.DISHONEST: "dishonest_debtor",
    ListedEntry.Kind.DEREGISTERING: "deregistering",
}


def unlocked_fen(merchant_id: int) -> int:
    """What a merchant owes on cards whose money is not in escrow, in fen."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(sum(fen), 0)::bigint FROM ({unlocked_sums()}) x WHERE merchant_id = %s",
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


def grounds_of(merchant: Merchant, on: date) -> tuple[str, ...]:
    """The grounds on which a list of others bars a merchant, also before the nightly match has seen the line.

    Empty where the region has no rule on it: being listed then stops nothing by itself, only a restriction does.
    """
    about = Q(uscc=merchant.uscc) if merchant.uscc else Q(pk__in=[])
    if merchant.legal_rep_id_idx:
        about |= Q(person_idx=merchant.legal_rep_id_idx, kind=ListedEntry.Kind.DISHONEST)
    if FORBIDDEN_IF not in _figures(merchant, on):
        return ()
    lines = ListedEntry.objects.in_force(on).filter(about).values_list("kind", "person_idx").distinct()
    found = {"legal_rep_dishonest" if person else GROUNDS[ListedEntry.Kind(kind)] for kind, person in lines}
    return tuple(sorted(found))


def _figures(merchant: Merchant, on: date) -> Mapping[str, RuleValue]:
    """The rules of the merchant's region that are about such a merchant."""
    facts = {"sector": merchant.industry.sector, "entity": merchant.kind}
    return {key: rule for key, rule in rules(merchant.region_id, on).items() if in_scope(rule, **facts)}


def must_not_be_barred(merchant: Merchant, on: date) -> None:
    """Raise WrongState (``merchant_barred``) with the article for one that the region lets issue no card at all."""
    found = list(bars(grounds_of(merchant, on), _figures(merchant, on)))
    if found:
        raise WrongState(_said(found), code="merchant_barred")


def breaches_of(merchant: Merchant, holder: User | None, price_fen: int, on: date, **facts: Any) -> list[Breach]:
    """Every limit that a sale to ``holder`` would break today; ``facts`` are fields of ``limits.Offer``."""
    consumer_fen = 0
    if holder is not None and holder.pk:
        held = Contract.objects.filter(merchant=merchant, holder=holder)
        consumer_fen = held.aggregate(sum=Sum("account__row_balance_fen"))["sum"] or 0
    offer = Offer(
        seller=replace(seller_of(merchant), listed=grounds_of(merchant, on)),
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
    else WrongState (``merchant_barred``, ``over_limit``)."""
    found = breaches_of(merchant, holder, price_fen, on, **facts)
    if not found:
        return
    said = _said(found)
    if all(one.code == "name_needed" for one in found):
        raise Invalid(said, fields={"name": said})
    barred = any(one.code == "barred" for one in found)
    raise WrongState(said, code="merchant_barred" if barred else "over_limit")


def _said(found: Iterable[Breach]) -> str:
    return "；".join(f"{one.advice}（{one.basis}{'' if one.tag == 'T' else '，待核'}）" for one in found)
