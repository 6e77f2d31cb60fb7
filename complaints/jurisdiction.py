"""Which bureau a matter belongs to, by what the portal knows: at intake, and as advice to the dispatcher."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db.models import Q

from complaints.dispatch import (
    Competence,
    Decision,
    Kind,
    Respondent,
    Way,
    competent,
    competent_for_report,
    county_of,
    decide,
)
from complaints.models import Clock, Complaint, Receipt, ViolationReport
from core.models import Region
from merchants.models import Merchant, Store

# States in which a complaint or report can still go to another bureau.
MOVABLE = ("REGISTERED", "ROUTED", "ASSIGNED")
SETTLED = "共同的上级已经指定管辖（第33条）"


@dataclass(frozen=True)
class Placing:
    """Where a new matter begins; ``routed_from`` is the bureau that received it without power, ``reason`` why."""

    region: Region
    routed_from: Region | None = None
    reason: str = ""


@dataclass(frozen=True)
class Advice:
    """Who has power over a matter, by name and article, and what its holder should do."""

    competent: list[tuple[str, Competence]]
    decision: Decision
    to: Region | None

    @property
    def words(self) -> str:
        """``属地：示范区，实际经营地，依据第13条第1款``."""
        if not self.competent:
            return self.decision.reason
        return "；".join(f"属地：{name}，{one.ground}，依据{one.article}" for name, one in self.competent)

    @property
    def moves(self) -> bool:
        """Whether it should go to another bureau."""
        return self.decision.way is not Way.KEEP


def placed(received: Region, shops: Sequence[Region], merchant: Merchant | None, *, acted_here: bool | None) -> Placing:
    """Where a matter about a shop of the portal begins (第13、14、41条).

    With the bureau that received it, if that has power; else with the only one that has. Where several have, or the
    shop is not known, it waits with its receiver for the dispatcher. ``acted_here`` is None for a complaint; of a
    report, whether the act took place in the shop.
    """
    if merchant is None:
        return Placing(received)
    places = [*shops, merchant.region]
    who = Respondent(domicile=merchant.region.path, business=tuple(shop.path for shop in shops))
    found = competent(who) if acted_here is None else competent_for_report(_acted_at(who), who)
    decision = decide(received.path, found)
    if decision.way is Way.ROUTE and (len(found) > 1 or acted_here is False):
        return Placing(received)
    region = next((one for one in places if county_of(one.path) == decision.to), received)
    return Placing(region, received if decision.way is Way.ROUTE else None, decision.reason)


def advise(matters: Sequence[Complaint | ViolationReport]) -> dict[int, Advice]:
    """What the dispatcher is told of each of these matters, all of one kind, that can still move. Five queries."""
    rows = [one for one in matters if one.status in MOVABLE and one.closed_at is None]
    if not rows:
        return {}
    field = Clock.field_of(rows[0])
    shops, domiciles = _places(rows)
    received: dict[int, list[str]] = defaultdict(list)
    receipts = Receipt.objects.filter(**{f"{field}__in": rows}).order_by("intake__received_at", "pk")
    for pk, path in receipts.values_list(field, "intake__region__path"):
        received[pk].append(path)
    settled = Clock.objects.filter(**{f"{field}__in": rows}, code=Clock.Code.JURISDICTION, state=Clock.State.STOPPED)
    by_superior = set(settled.values_list(field, flat=True))
    drawn = {}
    for row in rows:
        who = _respondent(row, shops[row.pk], domiciles.get(row.merchant_id or 0, ""))
        found = competent(who) if isinstance(row, Complaint) else competent_for_report(_acted_at(who), who)
        back = row.routed_from.path if row.routed_from else ""
        decision = decide(row.region.path, found, received=received[row.pk], routed_from=back)
        if row.pk in by_superior:
            decision = Decision(Way.KEEP, county_of(row.region.path), SETTLED)
        drawn[row.pk] = (found, decision)
    paths = {one.county for found, _ in drawn.values() for one in found} | {one.to for _, one in drawn.values()}
    regions = {region.path: region for region in Region.objects.filter(path__in=paths)}
    return {
        pk: Advice([(_name(regions, one.county), one) for one in found], decision, regions.get(decision.to))
        for pk, (found, decision) in drawn.items()
    }


def advice_on(matter: Complaint | ViolationReport) -> Advice | None:
    """The same for one; nothing once it cannot move any more."""
    return advise([matter]).get(matter.pk)


def _name(regions: dict[str, Region], path: str) -> str:
    return regions[path].name if path in regions else path


def _places(rows: Sequence[Complaint | ViolationReport]) -> tuple[dict[int, list[str]], dict[int, str]]:
    """Of each matter the places where its shop does business, the named store's alone; of each merchant its own."""
    named = {row.store_id for row in rows if row.store_id}
    whole = {row.merchant_id for row in rows if row.merchant_id and not row.store_id}
    stores = Store.objects.filter(Q(pk__in=named) | Q(merchant__in=whole, is_open=True))
    of_store, of_merchant = {}, defaultdict(list)
    for pk, merchant_id, path in stores.values_list("pk", "merchant", "region__path"):
        of_store[pk] = path
        of_merchant[merchant_id].append(path)
    shops = {row.pk: [of_store[row.store_id]] if row.store_id else of_merchant[row.merchant_id or 0] for row in rows}
    merchants = Merchant.objects.filter(pk__in={row.merchant_id for row in rows if row.merchant_id})
    return shops, dict(merchants.values_list("pk", "region__path"))


def _respondent(row: Complaint | ViolationReport, shops: Sequence[str], domicile: str) -> Respondent:
    """A shop of the portal, else an operator of a platform or a shop on one, else nobody whose place is known."""
    if row.merchant_id:
        return Respondent(domicile=domicile, business=tuple(shops))
    for names, operator, path in platforms():
        if row.respondent_name.strip() in (operator, *names):
            return Respondent(Kind.PLATFORM, domicile=path)
        if any(name in row.respondent_address for name in names):
            # What the person took for its place stands for the address it made public.
            return Respondent(Kind.IN_PLATFORM, publicised=row.region.path, platform_domicile=path)
    return Respondent()


def _acted_at(who: Respondent) -> str:
    """Where the act took place, as far as it is known: in the only shop."""
    return who.business[0] if len(who.business) == 1 else ""


@cache
def platforms() -> list[tuple[list[str], str, str]]:
    """The platforms people name: names and hosts, operator, path of the county of its domicile.

    The file rests on what is generally known and is marked 待核: its advice waits for a dispatcher, see ``placed``.
    """
    known = json.loads((Path(__file__).parent / "data" / "platforms.json").read_text())
    return [
        (one["names"], one["operator"], f"{one['county'][:2]}/{one['county'][:4]}/{one['county']}/") for one in known
    ]
