"""The dead-shop switch: no service that a consumer confirmed for some periods, and period payments stop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from core import messages
from core.actors import SYSTEM, Actor
from core.audit import record, record_many
from core.errors import Invalid, WrongState
from core.permissions import require
from core.rule_packs import rule
from core.transactions import durably
from merchants.models import Merchant
from prepaid import ledger
from prepaid.actions.periods import hold_back
from prepaid.claims import LIVE
from prepaid.models import Contract, Pause, Plan, Visit
from prepaid.models.contracts import FREEZE_HOLDS
from prepaid.schedule import Every, nth_date

CHUNK = 2_000
PERIODIC = (Plan.Kind.UNLIMITED_TERM, Plan.Kind.PER_PERIOD)
# A visit that only silence confirmed is the shop's word alone: it keeps no shop alive.
VERIFIED = (Visit.Status.CONFIRMED, Visit.Status.CORRECTED)

_DEAD = """
SELECT c.id, c.account_id FROM prepaid_contract c
  JOIN merchants_merchant m ON m.id = c.merchant_id
 WHERE c.status = 'ACTIVE' AND c.kind = ANY(%(kinds)s) AND c.starts_on < %(since)s
   AND c.terms->>'every' = %(every)s AND m.region_id = ANY(%(regions)s)
   AND NOT EXISTS (SELECT FROM prepaid_pause p
                    WHERE p.contract_id = c.id AND (p.ended_on IS NULL OR p.ended_on >= %(since)s))
   AND NOT EXISTS (SELECT FROM prepaid_visit s WHERE s.store_id = c.store_id AND s.settled_on >= %(since)s
                    AND s.status = ANY(%(verified)s))
   AND NOT EXISTS (SELECT FROM prepaid_visit v WHERE v.contract_id = c.id AND v.settled_on >= %(since)s
                    AND v.status = ANY(%(verified)s))
   AND EXISTS (SELECT FROM ledger_instalment i WHERE i.account_id = c.account_id AND i.state IN (0, 2))
 ORDER BY c.id LIMIT %(chunk)s FOR NO KEY UPDATE OF c SKIP LOCKED
"""


def last_alive_day(on: date, every: str, periods: int, min_days: int) -> date:
    """A service confirmed on or after this day keeps a shop alive on the day ``on``: N periods back, or more days."""
    return min(_back(on, periods, Every(every)), on - timedelta(days=min_days))


def _back(on: date, periods: int, every: Every) -> date:
    return nth_date(on, -periods, every)


def stop_dead_shops(on: date) -> int:
    """Stop the period payments of every card whose shop shows no confirmed service; how many cards. Set by set."""
    stopped = 0
    for regions, periods, min_days in _figures(on):
        for every in Every:
            given = {
                "kinds": [str(kind) for kind in PERIODIC],
                "since": last_alive_day(on, every, periods, min_days),
                "every": str(every),
                "regions": regions,
                "verified": [str(one) for one in VERIFIED],
                "chunk": CHUNK,
            }
            while count := durably(lambda given=given: _stop_chunk(given, on)):  # type: ignore[misc]
                stopped += count
    return stopped


def _figures(on: date) -> list[tuple[list[str], int, int]]:
    """(regions, periods, least days) of the merchants that sell by period, regions with one figure together."""
    sellers = Contract.objects.filter(kind__in=PERIODIC, status=Contract.Status.ACTIVE).order_by()
    by_figure: dict[tuple[int, int], list[str]] = {}
    for region in sellers.values_list("merchant__region", flat=True).distinct():
        figure = rule("dead_shop.periods", region, on)
        by_figure.setdefault((int(figure.value), int(figure.conditions.get("min_days", 0))), []).append(region)
    return [(regions, periods, least) for (periods, least), regions in by_figure.items()]


def _stop_chunk(given: dict[str, Any], on: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_DEAD, given)
        found = cursor.fetchall()
    # Yesterday was the last day that counts: what falls due today is not paid any more.
    _stop([pk for pk, _ in found], [card for _, card in found], on - timedelta(days=1), by=SYSTEM)
    contracts = Contract.objects.filter(pk__in=[pk for pk, _ in found]).select_related("holder", "merchant")
    messages.text_many((one.holder, _said(one), f"dead_shop:{one.pk}:{on}") for one in contracts.order_by("pk"))
    return len(found)


def _said(contract: Contract) -> str:
    brand = contract.merchant.brand_name
    open_still = "店还开着的，您去一次确认消费就恢复；店关了请登录申请退款。"
    return f"{brand}好久没有服务记录，已替您停付，钱还锁着。{open_still}"


def _stop(contracts: Sequence[int], cards: Sequence[int], served_until: date, *, by: Actor) -> None:
    """A rest that nobody asked for: time after ``served_until`` is not used up, and nothing more is paid for it."""
    reason = Pause.Reason.NO_SERVICE
    Pause.objects.bulk_create([Pause(contract_id=pk, reason=reason, starts_on=served_until) for pk in contracts])
    if cards:
        ledger.cancel_of_cards(cards, served_until + timedelta(days=1))
        record_many("contract.stop_no_service", Contract, contracts, by=by, on=served_until)


def stop_service(contracts: QuerySet[Contract], served_until: date, *, by: Actor) -> int:
    """Stop the period payments of these contracts because their shop is known to have shut; how many."""
    rests = Pause.objects.filter(contract=OuterRef("pk"), ended_on=None)
    running = contracts.filter(~Exists(rests), kind__in=PERIODIC, status__in=LIVE, starts_on__isnull=False)
    found = list(running.order_by("pk").values_list("pk", "account_id"))
    for start in range(0, len(found), CHUNK):
        part = Contract.objects.locked_all([pk for pk, _ in found[start : start + CHUNK]])
        cards = [one.account_id for one in part if one.account_id is not None]
        _stop([one.pk for one in part], cards, served_until, by=by)
    return len(found)


def revived(on: date) -> list[int]:
    """The cards that were stopped and whose shop has a confirmed service since; none of a frozen merchant."""
    service = Visit.objects.filter(status__in=VERIFIED, settled_on__gt=OuterRef("starts_on"), settled_on__lte=on)
    here = Q(store=OuterRef("contract__store")) | Q(contract=OuterRef("contract"))
    frozen = Merchant.objects.filter(
        pk=OuterRef("contract__merchant"), freezes__contract=None, freezes__status__in=FREEZE_HOLDS
    )
    rests = Pause.objects.filter(
        Exists(service.filter(here)), ~Exists(frozen), reason=Pause.Reason.NO_SERVICE, ended_on=None
    )
    return list(rests.order_by("contract").values_list("contract", flat=True))


@transaction.atomic
def resume_service(contract_id: int, reason: str, *, by: Actor, on: date) -> Contract:
    """The officer found the shop open: period payments go on. Raises Invalid without a reason."""
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.resume_service", contract)
    if len(reason.strip()) < 5:
        raise Invalid(fields={"reason": "写明怎么查实店还开着，至少 5 个字"})
    return _resume(contract, by=by, on=on, reason=reason.strip()[:200])


@transaction.atomic
def resume_by_visit(contract_id: int, *, by: Actor, on: date) -> Contract:
    """A consumer confirmed a service: the nightly check lets period payments go on."""
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.run_closing", None)
    return _resume(contract, by=by, on=on, reason="店里有新的确认消费")


def _resume(contract: Contract, *, by: Actor, on: date, reason: str) -> Contract:
    """The days of the stop are not counted: all that was to come moves by them, and the consumer loses nothing."""
    rest = Pause.objects.filter(contract=contract, reason=Pause.Reason.NO_SERVICE, ended_on=None).first()
    if rest is None:
        raise WrongState("这张卡没有因为店里无服务记录而停付")
    rest.ended_on, rest.days = on, max((on - rest.starts_on).days, 0)
    rest.save()
    since = rest.starts_on + timedelta(days=1)
    if contract.account_id:
        ledger.resume_instalments(contract.account_id, since)
        ledger.shift_instalments(contract.account_id, rest.days, since)
        hold_back(contract, since)
    if contract.ends_on:
        contract.ends_on += timedelta(days=rest.days)
    contract.save(update_fields=["ends_on"])
    record("contract.resume_service", contract, by=by, days=rest.days, reason=reason)
    messages.text_user(
        contract.holder,
        f"{contract.merchant.brand_name}又有服务记录，自动付款恢复，停付的{rest.days}天顺延。不想付了请登录停止。",
        key=f"alive:{rest.pk}:{timezone.now():%Y%m%d}",
    )
    return contract
