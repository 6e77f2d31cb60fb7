"""Malls: registered by an officer, run by their managers, their ten measures checked with evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import actions as core
from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.identifiers import clean_uscc
from core.models import Membership, Region, Role, StoredFile, User
from core.permissions import require
from merchants.malls import MEASURE_LIFECYCLE, Mall, MallMeasureCheck
from merchants.models import LISTED, Merchant, Store

_MEASURES = Path(__file__).parents[1] / "data" / "mall_measures.json"
FEWEST_LETTERS = 5


@cache
def ten_measures() -> dict[str, Any]:
    """The measures with batch, source and for how many days a check counts: data for editing, not law."""
    found: dict[str, Any] = json.loads(_MEASURES.read_text("utf-8"))
    return found


@transaction.atomic
def register_mall(data: Mapping[str, Any], *, by: Actor) -> Mall:
    """Put a mall on record with its ten measures, none of them met yet.

    ``data``: name, region_id (a street), address, and who runs it: operator_id, or company_name with company_uscc.
    Raises Invalid, WrongState for one that is on record.
    """
    region = Region.objects.filter(pk=data["region_id"]).first()
    if region is None:
        raise Invalid(fields={"region": "选商场所在的街道"})
    assert by.user is not None
    mall = Mall(
        name=data["name"].strip()[:60], region=region, address=data["address"].strip()[:200],
        operator_id=data.get("operator_id"), company_name=data.get("company_name", "").strip()[:100],
        registered_by=by.user,
    )  # fmt: skip
    require(by, "merchants.register_mall", mall)
    faults = {name: "这一项要填" for name in ("name", "address") if not getattr(mall, name)}
    if mall.operator_id is not None:
        if not Merchant.objects.public().filter(pk=mall.operator_id).exists():
            faults["operator"] = "没有这家已入驻的商家，请核对公示编号"
    elif not mall.company_name:
        faults["company_name"] = "填运营公司的名称，或它作为商家的公示编号"
    if faults:
        raise Invalid(fields=faults)
    if mall.operator_id is None:
        mall.company_uscc = clean_uscc(data.get("company_uscc", ""))
    if Mall.objects.filter(name=mall.name, region=region).exists():
        raise WrongState("这个街道已经登记过同名的商场")
    mall.save()
    rules = ten_measures()
    MallMeasureCheck.objects.bulk_create(
        MallMeasureCheck(
            mall=mall, code=one["code"], title=one["title"], wanted=one["wanted"], batch=rules["batch"]
        )
        for one in rules["measures"]
    )  # fmt: skip
    record("mall.register", mall, by=by, operator=mall.operator_id)
    return mall


@transaction.atomic
def appoint_mall_manager(mall_id: int, phone: str, name: str, *, by: Actor) -> Membership:
    """Let somebody manage a mall on its behalf; they sign in by phone. Raises Invalid."""
    mall = Mall.objects.locked(mall_id)
    require(by, "merchants.appoint_mall_manager", mall)
    if not name.strip():
        raise Invalid(fields={"name": "填管理员姓名"})
    person = User.objects.enrol(phone, name.strip()[:40])
    membership = core.grant_membership(person.pk, Role.MALL_MANAGER, mall_id=mall.pk, by=by)
    record("mall.appoint", mall, by=by, user=person.pk)
    return membership


@transaction.atomic
def dismiss_mall_manager(mall_id: int, membership_id: int, *, by: Actor) -> Membership:
    """End a manager's role. Raises NotFound for somebody of another mall."""
    mall = Mall.objects.locked(mall_id)
    require(by, "merchants.appoint_mall_manager", mall)
    if not Membership.objects.filter(pk=membership_id, mall_id=mall.pk, role=Role.MALL_MANAGER, valid_to=None).exists():
        raise NotFound
    record("mall.dismiss", mall, by=by, membership=membership_id)
    return core.end_membership(membership_id, by=by)


@transaction.atomic
def say_mall(store_id: int, mall_code: str, *, by: Actor) -> Store:
    """The shop says in which mall a store stands; empty takes it back. It counts once the mall has confirmed it."""
    store = Store.objects.locked(store_id)
    require(by, "merchants.change_merchant", store.merchant)
    mall = Mall.objects.filter(public_code=mall_code).first() if mall_code else None
    if mall_code and mall is None:
        raise Invalid(fields={"mall": "没有这个商场，请核对编号"})
    if store.mall_id != (mall.pk if mall else None):
        before, store.mall, store.tenant_since = store.mall_id, mall, None
        store.save(update_fields=["mall", "tenant_since"])
        record("merchant.say_mall", store.merchant, by=by, store=store.pk, before=before, mall=store.mall_id)
    return store


@transaction.atomic
def confirm_tenant(store_id: int, *, by: Actor, on: date | None = None) -> Store:
    """The mall confirms a tenant: it takes the cards the mall issues, and the mall sees its locked money."""
    store = _tenant(store_id, by=by)
    if store.tenant_since is None:
        store.tenant_since = on or business_date()
        store.save(update_fields=["tenant_since"])
        record("merchant.confirm_tenant", store.merchant, by=by, store=store.pk, mall=store.mall_id)
    return store


@transaction.atomic
def disown_tenant(store_id: int, *, by: Actor) -> Store:
    """The mall says that a store is no tenant of it, or no longer."""
    store = _tenant(store_id, by=by)
    mall, store.mall, store.tenant_since = store.mall_id, None, None
    store.save(update_fields=["mall", "tenant_since"])
    record("merchant.disown_tenant", store.merchant, by=by, store=store.pk, mall=mall)
    messages.text_user(
        store.merchant.registered_by,
        f"商场说「{store.name}」不是它的租户，请核对门店资料；不再收商场发的卡。",
        key=f"store:{store.pk}:disowned:{timezone.now().isoformat()}",
    )
    return store


def _tenant(store_id: int, *, by: Actor) -> Store:
    """The store, locked, if ``by`` runs its mall. Raises NotFound, NotAllowed."""
    store = Store.objects.locked(store_id)
    if store.mall is None or store.merchant.status not in LISTED:
        raise NotFound
    require(by, "merchants.manage_mall", store.mall)
    return store


@transaction.atomic
def submit_measure(measure_id: int, evidence: str, *, by: Actor, file: StoredFile | None = None) -> MallMeasureCheck:
    """Hand in the evidence for one measure; an officer checks it. Raises Invalid, WrongState."""
    row = MallMeasureCheck.objects.locked(measure_id)
    require(by, "merchants.submit_measure", row)
    MEASURE_LIFECYCLE.move("submit", row)
    if len(evidence.strip()) < FEWEST_LETTERS:
        raise Invalid(fields={"evidence": "写明做了什么、证据在哪里，至少 5 个字"})
    row.evidence, row.file = evidence.strip()[:500], file or row.file
    row.submitted_by, row.submitted_at, row.finding = by.user, timezone.now(), ""
    row.save()
    record("mall_measure.submit", row, by=by, sha256=file.sha256 if file else "")
    return row


@transaction.atomic
def meet_measure(measure_id: int, *, by: Actor, on: date | None = None) -> MallMeasureCheck:
    """The officer has checked the evidence: it counts for the days that the data say. Raises WrongState."""
    row = MallMeasureCheck.objects.locked(measure_id)
    require(by, "merchants.check_measure", row)
    if not row.waits:
        raise WrongState("商场还没有提交证据，或已核查过")
    MEASURE_LIFECYCLE.move("meet", row)
    row.valid_to = (on or business_date()) + timedelta(days=ten_measures()["valid_days"])
    return _found(row, "meet", "", by=by)


@transaction.atomic
def send_back_measure(measure_id: int, finding: str, *, by: Actor) -> MallMeasureCheck:
    """The evidence does not do; the mall reads why. Raises Invalid without a reason, WrongState."""
    row = MallMeasureCheck.objects.locked(measure_id)
    require(by, "merchants.check_measure", row)
    if not row.waits:
        raise WrongState("商场还没有提交证据，或已核查过")
    MEASURE_LIFECYCLE.move("send_back", row)
    row.submitted_at = None
    return _found(row, "send_back", _said(finding), by=by)


@transaction.atomic
def lapse_measure(measure_id: int, finding: str, *, by: Actor) -> MallMeasureCheck:
    """It is no longer so: found on the spot, or the check is too old. Raises Invalid without a reason, WrongState."""
    row = MallMeasureCheck.objects.locked(measure_id)
    require(by, "merchants.lapse_measure", row)
    MEASURE_LIFECYCLE.move("lapse", row)
    row.submitted_at = None
    return _found(row, "lapse", _said(finding), by=by)


def _found(row: MallMeasureCheck, step: str, finding: str, *, by: Actor) -> MallMeasureCheck:
    row.finding = finding
    row.checked_by, row.checked_at = by.user or row.checked_by, timezone.now()
    row.save()
    record(f"mall_measure.{step}", row, by=by, reason=finding, valid_to=row.valid_to)
    return row


def _said(finding: str) -> str:
    if len(finding.strip()) < FEWEST_LETTERS:
        raise Invalid(fields={"reason": "写明理由，至少 5 个字"})
    return finding.strip()[:300]
