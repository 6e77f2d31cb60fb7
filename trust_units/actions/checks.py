"""Spot-checks: the online ones by rule, what officers record, sweeps of similar places, and campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from complaints.actions.steps import given
from complaints.models import Complaint
from core import outbox
from core.actors import SYSTEM, Actor
from core.audit import record, record_many
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.models import Industry, Region, Role, User
from core.models.people import OFFICERS
from core.permissions import require
from core.rule_packs import rule
from merchants.models import LISTED, Store
from prepaid.models import CustodyWarning, ListedMerchant, Plan, RiskWarning
from trust_units.actions import slips
from trust_units.actions.facts import note_fact
from trust_units.models import CHECK_LIFECYCLE, Campaign, Cause, Mode, SpotCheck, TrustUnit

Status = SpotCheck.Status
MOST_CHECKS, SWEPT = 20_000, 10
BATCH = 1_000
INSPECTORS = (*OFFICERS, Role.INSPECTOR_CROSS)
_ONLINE = """
SELECT c.id,
       m.id IS NOT NULL AND m.status <> ALL(%(listed)s) OR s.id IS NOT NULL AND NOT s.is_open,
       (SELECT f.text FROM trust_units_supervisionfact f
         WHERE f.unit_id = u.id AND f.cleared_on IS NULL AND f.kind IN ('DEREGISTERED', 'LICENCE_EXPIRING')
         ORDER BY f.kind LIMIT 1),
       (SELECT f.text FROM trust_units_supervisionfact f
         WHERE f.unit_id = u.id AND f.cleared_on IS NULL AND f.kind IN ('SERIOUS_LIST', 'ABNORMAL_LIST')
         ORDER BY f.kind DESC LIMIT 1),
       greatest(u.granted_on, (SELECT max(p.added_at)::date FROM trust_units_slipphoto p
                                 JOIN trust_units_feedbackslip l ON l.id = p.slip_id
                                 JOIN trust_units_spotcheck k ON k.id = l.spot_check_id
                                WHERE k.unit_id = u.id)) < %(photos_since)s
FROM trust_units_spotcheck c JOIN trust_units_trustunit u ON u.id = c.unit_id
LEFT JOIN merchants_merchant m ON m.id = u.merchant_id LEFT JOIN merchants_store s ON s.id = u.store_id
WHERE c.draw_id = %(draw)s AND c.status = 'DRAWN' AND c.id > %(after)s ORDER BY c.id LIMIT %(size)s
"""


def look_online(draw_id: int, *, on: date, after: int = 0, size: int = BATCH) -> dict[int, list[dict[str, str]]]:
    """What the rules find wrong with the next drawn units: existence, licence, lists, age of the photos."""
    days = int(rule("trust.photo_age.days", "CN", on).value)
    given_: dict[str, Any] = {
        "draw": draw_id, "after": after, "size": size, "listed": list(LISTED),
        "photos_since": on - timedelta(days=days),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ONLINE, given_)
        rows = cursor.fetchall()
    found = {}
    for pk, gone, licence, listed, old in rows:
        wrong = [
            ("EXISTENCE", "已停业或不再经营" if gone else ""),
            ("LICENCE", licence),
            ("LISTS", listed),
            ("PHOTOS", f"现场照片超过 {days} 天没有更新" if old else ""),
        ]
        found[pk] = [{"code": code, "text": text} for code, text in wrong if text]
    return found


@transaction.atomic
def pass_checks(pks: Sequence[int], *, by: Actor, on: date) -> int:
    """Note that the rules found nothing wrong with these; those decided meanwhile are left alone."""
    require(by, "trust_units.make_plan")
    now = timezone.now()
    rows = SpotCheck.objects.locked_all(list(pks))
    mine = [row for row in rows if row.status == Status.DRAWN]
    ids = [row.pk for row in mine]
    SpotCheck.objects.filter(pk__in=ids).update(status=Status.PASS, checked_at=now, published_at=now)
    units = TrustUnit.objects.locked_all([row.unit_id for row in mine if row.unit_id])
    TrustUnit.objects.filter(pk__in=[unit.pk for unit in units]).update(last_checked_on=on)
    if ids:
        record_many("check.pass", SpotCheck, ids, by=by)
    return len(ids)


@transaction.atomic
def record_check(
    check_id: int, outcome: str, *, by: Actor, findings: Sequence[Mapping[str, str]] = (), note: str = "",
    on: date | None = None,
) -> SpotCheck:  # fmt: skip
    """Write down what came of a check: ``pass``, ``find`` (a feedback slip follows) or ``refuse`` (a hard fact).

    A covert check stays unknown to the shop until it is published. Raises Invalid, WrongState.
    """
    check = _locked(check_id)
    today = on or business_date()
    if outcome not in CHECK_LIFECYCLE.steps:
        raise Invalid(fields={"outcome": "选检查结果"})
    require(by, "trust_units.record_check", check)
    CHECK_LIFECYCLE.move(outcome, check)
    check.findings = [{"code": one["code"][:20], "text": one["text"].strip()[:200]} for one in findings]
    if outcome == "find" and not any(one["text"] for one in check.findings):
        raise Invalid(fields={"findings": "写明发现了什么问题"})
    if outcome == "pass":
        check.findings = []
    check.note, check.checked_by, check.checked_at = note.strip()[:1000], by.user, timezone.now()
    if check.mode != Mode.MYSTERY:
        check.published_at = check.checked_at
    check.save()
    if check.unit_id:
        TrustUnit.objects.filter(pk=check.unit_id).update(last_checked_on=today)
    record(f"check.{outcome}", check, by=by, findings=[one["code"] for one in check.findings])
    if check.published_at is not None:
        _follow(check, today)
    return check


@transaction.atomic
def publish_check(check_id: int, *, by: Actor, on: date | None = None) -> SpotCheck:
    """Lift the cover of a covert check: the shop is told, and a finding becomes a slip. Raises WrongState."""
    check = _locked(check_id)
    require(by, "trust_units.publish_check", check)
    if check.mode != Mode.MYSTERY or check.checked_at is None or check.published_at is not None:
        raise WrongState("这项检查不用公开，或者已经公开")
    check.published_at = timezone.now()
    check.save()
    record("check.publish", check, by=by)
    _follow(check, on or business_date())
    return check


def to_publish(on: date) -> QuerySet[SpotCheck]:
    """Covert findings that have waited as long as a slip may."""
    days = int(rule("trust.slip_send.days", "CN", on).value)
    before = timezone.now() - timedelta(days=days)
    return SpotCheck.objects.filter(
        mode=Mode.MYSTERY, status__in=[Status.FINDING, Status.REFUSED], published_at=None, checked_at__lt=before
    )


def _follow(check: SpotCheck, today: date) -> None:
    """What an outcome leads to: a slip, or the hard fact of a refusal and the removal at once."""
    if check.status == Status.FINDING:
        slips.issue(check, today)
    elif check.status == Status.REFUSED and check.unit_id:
        text = f"拒绝监督检查（{check.code_grouped}）"
        note_fact(check.unit_id, "REFUSED_CHECK", f"check:{check.pk}", text, by=SYSTEM, on=today)
        outbox.enqueue("trust_units.remove_unit", f"check:{check.pk}", {"unit_id": check.unit_id})


@transaction.atomic
def assign_check(check_id: int, inspector_id: int, *, by: Actor) -> SpotCheck:
    """Give a check to an officer; a crossed or covert one to somebody of another place. Raises Invalid."""
    check = _locked(check_id)
    require(by, "trust_units.assign_check", check)
    if check.status != Status.DRAWN:
        raise WrongState("这项检查已经办完")
    inspector = User.objects.filter(pk=inspector_id, is_active=True).first()
    if inspector is None or not inspector.access.has(*INSPECTORS):
        raise Invalid(fields={"inspector": "选一名监管人员"})
    local = (Role.STATION_OFFICER, Role.COUNTY_REVIEWER_A, Role.COUNTY_REVIEWER_B, Role.LEADER)
    if check.mode == Mode.CROSS and inspector.access.covers(check.region.path, *local):
        raise Invalid(fields={"inspector": "交叉检查要选外地的监管人员"})
    check.inspector = inspector
    check.save()
    record("check.assign", check, by=by, inspector=inspector.pk)
    return check


@transaction.atomic
def sweep_check(check_id: int, due_on: date, *, by: Actor, on: date | None = None) -> Campaign:
    """举一反三: check the units of the same trade and county that were looked at least lately for the same fault."""
    check = _locked(check_id)
    require(by, "trust_units.sweep_check", check)
    if check.status != Status.FINDING or check.unit is None or check.unit.merchant is None:
        raise WrongState("发现问题的放心消费单位才能举一反三")
    county = Region.objects.get(pk=check.region.path.split("/")[2])
    campaign = _opened(
        {"mode": Mode.SWEEP, "title": f"举一反三：{check.finding_text}"[:60], "due_on": due_on, "region": county},
        by, on or business_date(), industry=check.unit.merchant.industry,
    )  # fmt: skip
    like = TrustUnit.objects.public().filter(
        merchant__industry=check.unit.merchant.industry_id, region__path__startswith=county.path, store__isnull=False
    )
    like = like.exclude(pk=check.unit.pk).exclude(checks__status=Status.DRAWN).order_by("last_checked_on", "pk")
    rows = [
        SpotCheck(
            mode=Mode.SWEEP, day=campaign.started_at.date(), campaign=campaign, because_of=check, unit=unit,
            merchant_id=unit.merchant_id, store_id=unit.store_id, region_id=unit.region_id,
        )
        for unit in like[:SWEPT]
    ]  # fmt: skip
    return _filled(campaign, rows, by)


@transaction.atomic
def start_campaign(data: Mapping[str, Any], *, by: Actor, on: date | None = None) -> Campaign:
    """Order a round of checks over the open stores of a place, of one trade or for one cause; not only over units.

    ``data``: mode, title, region, industry, cause, units_only, due_on. Raises Invalid, naming each field.
    """
    today = on or business_date()
    if data.get("mode") not in (Mode.CAMPAIGN, Mode.CROSS, Mode.MYSTERY):
        raise Invalid(fields={"mode": "选检查方式"})
    region = Region.objects.filter(pk=str(data.get("region") or "")).first()
    if region is None:
        raise Invalid(fields={"region": "选地区"})
    given_industry = data.get("industry")
    code = given_industry.pk if isinstance(given_industry, Industry) else given_industry
    industry = Industry.objects.filter(pk=code or 0).first()
    campaign = _opened({**data, "region": region}, by, today, industry=industry)
    stores = Store.objects.filter(
        is_open=True, region__path__startswith=region.path, merchant__status__in=LISTED
    ).select_related("merchant").order_by("pk")  # fmt: skip
    if industry is not None:
        stores = stores.filter(merchant__industry=industry)
    stores = stores.filter(_of_cause(campaign.cause, today))
    units = dict(TrustUnit.objects.public().filter(store__in=stores).order_by("-pk").values_list("store", "pk"))
    if campaign.units_only:
        stores = stores.filter(pk__in=list(units))
    if stores[: MOST_CHECKS + 1].count() > MOST_CHECKS:
        raise Invalid(fields={"region": f"一次最多检查 {MOST_CHECKS:,} 家，请缩小地区或者行业"})
    rows = [
        SpotCheck(
            mode=campaign.mode, day=today, campaign=campaign, unit_id=units.get(store.pk), store=store,
            merchant_id=store.merchant_id, region_id=store.region_id,
        )
        for store in stores
    ]  # fmt: skip
    if not rows:
        raise Invalid(fields={"region": "这个范围里没有要检查的商家"})
    return _filled(campaign, rows, by)


def _of_cause(cause: str, today: date) -> Q:
    """The stores of the merchants that a cause is about."""
    merchant = OuterRef("merchant")
    since = timezone.make_aware(datetime.combine(today - timedelta(days=90), datetime.min.time()))
    wanted: dict[str, Q] = {
        Cause.PREPAID: Q(Exists(Plan.objects.filter(merchant=merchant))),
        Cause.COMPLAINTS: Q(
            Exists(
                Complaint.objects.filter(
                    merchant=merchant, decided_at__isnull=False, refusal=None, received_at__gte=since
                )
            )
        ),
        Cause.RISK: Q(Exists(RiskWarning.objects.open().filter(merchant=merchant))),
        Cause.CUSTODY: Q(Exists(CustodyWarning.objects.open().filter(merchant=merchant))),
        Cause.LISTED: Q(Exists(ListedMerchant.objects.filter(merchant=merchant))),
    }
    return wanted.get(cause, Q())


def _opened(data: Mapping[str, Any], by: Actor, today: date, *, industry: Industry | None) -> Campaign:
    due = data.get("due_on")
    if due is None or due < today:
        raise Invalid(fields={"due_on": "检查期限不能早于今天"})
    campaign = Campaign(
        mode=data["mode"], title=given(str(data.get("title") or ""), "title", "写明名称", 60), region=data["region"],
        industry=industry, cause=data.get("cause") or Cause.ANY, units_only=bool(data.get("units_only")), due_on=due,
        started_by=by.user,
    )  # fmt: skip
    if campaign.cause not in Cause.values:
        raise Invalid(fields={"cause": "选检查对象"})
    if campaign.mode != Mode.SWEEP:
        require(by, "trust_units.start_campaign", campaign)
    campaign.save()
    return campaign


def _filled(campaign: Campaign, rows: list[SpotCheck], by: Actor) -> Campaign:
    SpotCheck.objects.bulk_create(rows, batch_size=BATCH)
    campaign.size = len(rows)
    campaign.save()
    record("campaign.start", campaign, by=by, mode=campaign.mode, size=campaign.size)
    return campaign


def _locked(check_id: int) -> SpotCheck:
    """Unit before check, as everybody locks them."""
    seen = SpotCheck.objects.filter(pk=check_id).first()
    if seen is None:
        raise NotFound
    if seen.unit_id:
        TrustUnit.objects.locked(seen.unit_id)
    return SpotCheck.objects.locked(check_id)
