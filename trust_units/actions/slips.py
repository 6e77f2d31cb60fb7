"""The feedback slip: issued with a finding, signed for, put right with evidence, looked at by another, closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from complaints.actions.steps import given
from core import messages, uploads
from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import add_working_days, business_date
from core.errors import Invalid, NotFound, WrongState
from core.permissions import require
from core.rule_packs import rule
from trust_units.actions import pools
from trust_units.actions.removals import propose_removal
from trust_units.models import PUBLIC, SLIP_LIFECYCLE, FeedbackSlip, Removal, SlipPhoto, SpotCheck, TrustUnit
from trust_units.warning_facts import is_over_threshold

Status = FeedbackSlip.Status
MOST_PHOTOS, MOST_LAPSES = 6, 2
GROUND = "逾期未整改"


def issue(check: SpotCheck, today: date) -> FeedbackSlip:
    """Make the slip of a finding and warn the unit; ``record_check`` and ``publish_check`` call it, locked."""
    slip = FeedbackSlip.objects.create(
        spot_check=check, text=check.finding_text[:1000], issued_on=today, due_on=_due(check, "slip_acknowledge", today)
    )
    record("slip.issue", slip, by=SYSTEM, findings=[one["code"] for one in check.findings])
    if check.unit is not None and check.unit.status in PUBLIC:
        pools.warn_unit(check.unit.pk, f"抽查发现问题：{slip.text[:100]}", by=SYSTEM, on=today)
    _tell(slip, f"检查发现问题：{slip.text[:60]}。请在商家后台查看问题反馈单并在期限内整改。", "issue")
    return slip


@transaction.atomic
def acknowledge_slip(slip_id: int, *, by: Actor, on: date | None = None) -> FeedbackSlip:
    """Sign for the slip; the ten working days to put it right begin."""
    slip, today = _taken(slip_id, "acknowledge", by), on or business_date()
    slip.acknowledged_by, slip.acknowledged_at = by.user, timezone.now()
    slip.due_on, slip.lapses = _due(slip.spot_check, "slip_rectify", today), 0
    return _kept(slip, "acknowledge", by)


@transaction.atomic
def extend_slip(slip_id: int, reason: str, *, by: Actor) -> FeedbackSlip:
    """Give five more working days, once. Raises WrongState the second time."""
    slip = _taken(slip_id, "extend", by)
    if slip.extended:
        raise WrongState("已经延长过一次")
    assert slip.due_on is not None
    slip.extended, slip.due_on = True, _due(slip.spot_check, "slip_extend", slip.due_on)
    return _kept(slip, "extend", by, reason=given(reason, "reason", "写明延期的理由", 200))


@transaction.atomic
def submit_evidence(
    slip_id: int, text: str, photos: Sequence[UploadedFile], *, by: Actor, on: date | None = None
) -> FeedbackSlip:
    """Say what was put right, with pictures; another officer comes and looks. Raises Invalid."""
    slip, today = _taken(slip_id, "submit", by), on or business_date()
    slip.evidence_text = given(text, "text", "写明怎么整改的")
    slip.evidence_by, slip.evidence_at = by.user, timezone.now()
    slip.due_on, slip.lapses = _due(slip.spot_check, "reverify", today), 0
    _pictures(slip, photos, "整改照片", by, of_officer=False)
    return _kept(slip, "submit", by, photos=len(photos))


@transaction.atomic
def verify_slip(
    slip_id: int, verdict: str, photos: Sequence[UploadedFile], *, by: Actor, good: bool, lng: float | None,
    lat: float | None, on: date | None = None,
) -> FeedbackSlip:  # fmt: skip
    """Another officer went there: it is put right, or it goes back. Position and a picture prove the visit."""
    slip, today = _taken(slip_id, "verify" if good else "send_back", by), on or business_date()
    if lng is None or lat is None or not (73 <= lng <= 136 and 3 <= lat <= 54):
        raise Invalid(fields={"lng": "需要现场的位置：允许页面读取位置，或者填写经纬度"})
    slip.verdict = given(verdict, "verdict", "写明复核看到的情况", 500)
    slip.lng, slip.lat = lng, lat
    _pictures(slip, photos, "复核照片", by, of_officer=True)
    slip.lapses = 0
    if good:
        slip.verified_by, slip.verified_at, slip.due_on = by.user, timezone.now(), None
    else:
        slip.due_on = _due(slip.spot_check, "slip_extend", today)
        _tell(slip, f"实地复核没有通过：{slip.verdict[:60]}。请在 {slip.due_on} 前整改。", f"back:{today}")
    return _kept(slip, "verify" if good else "send_back", by)


@transaction.atomic
def close_slip(slip_id: int, *, by: Actor, on: date | None = None) -> FeedbackSlip:
    """The county closes what was put right and verified; a unit that nothing else keeps under warning is restored."""
    slip, today = _taken(slip_id, "close", by), on or business_date()
    slip.closed_by, slip.closed_at = by.user, timezone.now()
    _kept(slip, "close", by)
    unit = slip.unit
    if unit is not None and unit.status == TrustUnit.Status.WARNING and not still_warned(unit, today):
        pools.restore_unit(unit.pk, "问题反馈单已闭环", by=by, on=today)
    _tell(slip, "问题已整改并复核通过。", "close")
    return slip


@transaction.atomic
def lapse_slip(slip_id: int, *, by: Actor, on: date) -> FeedbackSlip:
    """Its limit has passed: remind and give the time of an extension; the second time removal is proposed.

    Only the shop's own limit leads to a removal; an officer who is late is reminded, and the slip is marked.
    """
    slip = _locked(slip_id)
    require(by, "trust_units.lapse_slip", slip)
    if slip.due_on is None or slip.due_on >= on or slip.status not in ("ISSUED", "ACKNOWLEDGED", "EVIDENCE"):
        return slip
    slip.lapses += 1
    unit = slip.unit
    if slip.status == Status.ACKNOWLEDGED and slip.lapses >= MOST_LAPSES and unit is not None and unit.status in PUBLIC:
        SLIP_LIFECYCLE.move("propose", slip)
        slip.due_on = None
        _kept(slip, "propose", by, lapses=slip.lapses)
        if not unit.removals.filter(status=Removal.Status.PROPOSED).exists():
            reason = f"问题反馈单两次逾期没有整改：{slip.text[:150]}"
            propose_removal(unit.pk, GROUND, reason, by=by, on=on)
        return slip
    steps = {"ISSUED": "slip_acknowledge", "ACKNOWLEDGED": "slip_extend", "EVIDENCE": "reverify"}
    slip.due_on = _due(slip.spot_check, steps[slip.status], on)
    if slip.status != Status.EVIDENCE:
        _tell(slip, f"问题反馈单已逾期，请在 {slip.due_on} 前办理；再次逾期将提出取消资格。", f"late:{on}")
    return _kept(slip, "lapse", by, lapses=slip.lapses)


def still_warned(unit: TrustUnit, on: date) -> bool:
    """Whether another slip, a removal in hearing or a standing fact keeps the unit in the warning pool."""
    slips = FeedbackSlip.objects.open().filter(spot_check__unit=unit).exists()
    hearing = unit.removals.filter(status=Removal.Status.PROPOSED).exists()
    return slips or hearing or is_over_threshold(unit, on)


def _locked(slip_id: int) -> FeedbackSlip:
    """Unit before slip, as everybody locks them."""
    seen = FeedbackSlip.objects.filter(pk=slip_id).select_related("spot_check").first()
    if seen is None:
        raise NotFound
    unit = TrustUnit.objects.locked(seen.spot_check.unit_id) if seen.spot_check.unit_id else None
    slip = FeedbackSlip.objects.locked(slip_id)
    if unit is not None:
        slip.spot_check.unit = unit
    return slip


def _taken(slip_id: int, step: str, by: Actor) -> FeedbackSlip:
    slip = _locked(slip_id)
    require(by, SLIP_LIFECYCLE.steps[step].permission, slip)
    SLIP_LIFECYCLE.move(step, slip)
    return slip


def _kept(slip: FeedbackSlip, step: str, by: Actor, **facts: object) -> FeedbackSlip:
    slip.save()
    record(f"slip.{step}", slip, by=by, due_on=slip.due_on, **facts)
    return slip


def _pictures(slip: FeedbackSlip, photos: Sequence[UploadedFile], title: str, by: Actor, *, of_officer: bool) -> None:
    if not 1 <= len(photos) <= MOST_PHOTOS:
        raise Invalid(fields={"photos": f"上传 1 到 {MOST_PHOTOS} 张照片"})
    for one in photos:
        SlipPhoto.objects.create(slip=slip, is_of_officer=of_officer, file=uploads.store(one, title=title, by=by))


def _due(check: SpotCheck, step: str, start: date) -> date:
    return add_working_days(start, int(rule(f"trust.{step}.days", check.region_id, start).value)).due


def _tell(slip: FeedbackSlip, text: str, key: str) -> None:
    if slip.merchant is not None:
        name = slip.spot_check.place_name
        messages.text_user(slip.merchant.registered_by, f"{name}：{text}", key=f"slip:{slip.pk}:{key}")
