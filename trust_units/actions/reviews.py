"""The officers' part of a declaration: pre-screen, visit, opinions and the two reviews, up to publicity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from complaints.actions.steps import given
from complaints.models import Complaint
from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import add_working_days, business_date
from core.errors import Invalid, WrongState
from core.models import StoredFile, User
from core.permissions import may, require
from core.rule_packs import rule
from merchants.models import LISTED, RegisterEntry
from prepaid.models import CustodyWarning, ListedEntry, RiskScore, Visit
from trust_units import screening
from trust_units.actions.declarations import locked
from trust_units.models import (
    DECLARATION_LIFECYCLE,
    HARD_FACTS,
    Declaration,
    Opinion,
    SitePhoto,
    SiteVisit,
    TrustUnit,
)

FEWEST_PHOTOS = 1
COMPLAINTS_WITHIN = timedelta(days=365)


@transaction.atomic
def screen_declaration(declaration_id: int, *, by: Actor, on: date | None = None) -> Declaration:
    """Apply the rules of the pre-screen; a clean one goes to the station, any doubt to a person. Once a round."""
    declaration, today = locked(declaration_id), on or business_date()
    require(by, "trust_units.screen_declaration", declaration)
    if declaration.status != Declaration.Status.DECLARED:
        return declaration
    answers = [
        screening.Answered(row.text, row.kind == "HAVE", row.needs_evidence, row.met, row.evidence_id is not None)
        for row in declaration.answers.all()
    ]
    reasons = screening.screen(answers, background(declaration.unit, today), today)
    clean = screening.passes(reasons) and declaration.human_asked_at is None
    declaration.screening = [[one.code, one.ok, one.words] for one in reasons]
    declaration.screened_at = timezone.now()
    _step(declaration, "pass_screening" if clean else "doubt", "site_check", today)
    record("declaration.screen", declaration, by=by, rules=screening.VERSION, clean=clean)
    return declaration


def background(unit: TrustUnit, on: date) -> screening.Background:
    """What the portal knows of the merchant of a unit."""
    merchant = unit.merchant
    if merchant is None:
        return screening.Background(True, date.min, True, True, (), 0, 0, False, False, ())
    entry = RegisterEntry.objects.filter(uscc=merchant.uscc).first()
    lists = ListedEntry.objects.in_force(on).filter(uscc=merchant.uscc).values_list("kind", flat=True)
    since = timezone.now() - COMPLAINTS_WITHIN
    red = RiskScore.objects.filter(merchant=merchant, is_latest=True, level="RED")
    standing = unit.facts.standing().filter(kind__in=HARD_FACTS)
    return screening.Background(
        listed=merchant.status in LISTED,
        licensed_on=merchant.licensed_on,
        in_register=entry is not None,
        register_name_agrees=entry is not None and entry.legal_name == merchant.legal_name,
        lists=tuple(ListedEntry.Kind(kind).label for kind in lists),
        complaints=Complaint.objects.filter(merchant=merchant, received_at__gte=since).exclude(
            status__in=["NOT_ACCEPTED", "MERGED", "ROUTED", "WITHDRAWN"]
        ).exclude(malice_flags__status="UPHELD").count(),
        visits=Visit.objects.filter(merchant=merchant, requested_at__gte=since).count(),
        custody_short=CustodyWarning.objects.open().filter(merchant=merchant).exists(),
        risk_red=red.exists(),
        hard_facts=tuple(fact.get_kind_display() for fact in standing),
    )  # fmt: skip


@transaction.atomic
def admit_declaration(declaration_id: int, reason: str, *, by: Actor, on: date | None = None) -> Declaration:
    """A person looked at the doubts and sends it on to the station."""
    declaration = taken(declaration_id, "admit", by)
    text = given(reason, "reason", "写明为什么可以进入现场核查", 300)
    _step(declaration, "admit", "site_check", on or business_date())
    record("declaration.admit", declaration, by=by, reason=text)
    return declaration


@transaction.atomic
def record_visit(
    declaration_id: int,
    second_officer: User,
    note: str,
    photos: Sequence[StoredFile],
    *,
    by: Actor,
    checklist: Mapping[str, bool],
    position: tuple[float, float] | None = None,
    at: datetime | None = None,
) -> Declaration:
    """What two officers saw on the spot: each criterion, pictures, where they stood. It passes on to the reviews.

    ``position`` is longitude and latitude (WGS 84). What was not as declared stays on the case: the reviewers decide.
    Raises Invalid without a second officer of the region or without a picture.
    """
    declaration = taken(declaration_id, "record_visit", by)
    wrong = {}
    if second_officer == by.user or not may(Actor.of_user(second_officer), "trust_units.check_site", declaration):
        wrong["second_officer"] = "选另一名本辖区的监管人员：现场核查要两个人"
    if len(photos) < FEWEST_PHOTOS:
        wrong["photos"] = "至少上传一张现场照片"
    if position is not None and not (-180 <= position[0] <= 180 and -90 <= position[1] <= 90):
        wrong["position"] = "位置不对，请重新定位"
    known = set(declaration.answers.values_list("criterion", flat=True))
    if missing := known - set(checklist):
        wrong["checklist"] = f"还有 {len(missing)} 条没有核对"
    if wrong:
        raise Invalid(fields=wrong)
    assert by.user is not None
    seen = {code: bool(checklist[code]) for code in known}
    visit = SiteVisit.objects.create(
        declaration=declaration, officer=by.user, second_officer=second_officer, made_at=at or timezone.now(),
        passed=all(seen.values()), note=given(note, "note", "写明核查意见", 500), checklist=seen,
        lng=position[0] if position else None, lat=position[1] if position else None,
    )  # fmt: skip
    SitePhoto.objects.bulk_create(SitePhoto(visit=visit, file=photo) for photo in photos)
    if position is not None:
        TrustUnit.objects.filter(pk=declaration.unit_id).update(lng=position[0], lat=position[1])
    _step(declaration, "record_visit", "business_review", business_date())
    record("declaration.visit", declaration, by=by, second=second_officer.pk, passed=visit.passed, photos=len(photos))
    return declaration


@transaction.atomic
def give_association_opinion(declaration_id: int, text: str, *, by: Actor, approves: bool) -> Opinion:
    """What the trade association says, before the business review decides; it binds nobody."""
    declaration = locked(declaration_id)
    require(by, "trust_units.give_association_opinion", declaration)
    if declaration.status != Declaration.Status.BUSINESS_REVIEW:
        raise WrongState("业务审核时才征求协会意见")
    if declaration.opinions.filter(stage=Opinion.Stage.ASSOCIATION, given_at__gte=declaration.declared_at).exists():
        raise WrongState("协会已经提过意见")
    return _opinion(declaration, Opinion.Stage.ASSOCIATION, text, by, approves)


@transaction.atomic
def review_business(declaration_id: int, text: str, *, by: Actor, on: date | None = None) -> Declaration:
    """The business review agrees."""
    declaration = taken(declaration_id, "review_business", by)
    declaration.business_reviewer = by.user
    _opinion(declaration, Opinion.Stage.BUSINESS, text, by, True)
    _step(declaration, "review_business", "general_review", on or business_date())
    return declaration


@transaction.atomic
def review_general(declaration_id: int, text: str, *, by: Actor, on: date | None = None) -> Declaration:
    """The general review, by another person, agrees: seven days of publicity begin."""
    declaration, today = taken(declaration_id, "review_general", by), on or business_date()
    declaration.general_reviewer = by.user
    _opinion(declaration, Opinion.Stage.GENERAL, text, by, True)
    declaration.public_until = today + timedelta(days=days_of("publicity", declaration, today))
    DECLARATION_LIFECYCLE.move("review_general", declaration)
    declaration.due_on = declaration.public_until
    declaration.save()
    tell(declaration, f"通过审核，公示到 {declaration.public_until}。", "publicity")
    return declaration


@transaction.atomic
def return_declaration(declaration_id: int, reason: str, *, by: Actor) -> Declaration:
    """Back to the shop with the reason; it may be put right and handed in again, or a person asked for."""
    declaration = taken(declaration_id, "return", by)
    declaration.reason, declaration.due_on = given(reason, "reason", "写明要补正什么", 500), None
    DECLARATION_LIFECYCLE.move("return", declaration)
    declaration.save()
    record("declaration.return", declaration, by=by, reason=declaration.reason)
    tell(declaration, f"需要补正：{declaration.reason[:60]}", f"return:{timezone.now().timestamp()}")
    return declaration


@transaction.atomic
def refuse_declaration(declaration_id: int, reason: str, *, by: Actor) -> Declaration:
    """Not passed, with the reason; always a person's decision."""
    declaration = taken(declaration_id, "refuse", by)
    declaration.reason = given(reason, "reason", "写明不通过的理由", 500)
    DECLARATION_LIFECYCLE.move("refuse", declaration)
    declaration.ended_at, declaration.due_on = timezone.now(), None
    declaration.save()
    record("declaration.refuse", declaration, by=by, reason=declaration.reason)
    tell(declaration, f"没有通过：{declaration.reason[:60]}", "refuse")
    return declaration


def taken(declaration_id: int, step: str, by: Actor) -> Declaration:
    """The declaration, locked, if ``by`` may take this step now. Raises NotFound, NotAllowed, WrongState."""
    declaration = locked(declaration_id)
    require(by, DECLARATION_LIFECYCLE.steps[step].permission, declaration)
    DECLARATION_LIFECYCLE.check(step, declaration)
    return declaration


def _step(declaration: Declaration, step: str, limit: str, today: date) -> None:
    DECLARATION_LIFECYCLE.move(step, declaration)
    declaration.due_on = add_working_days(today, days_of(limit, declaration, today)).due
    declaration.save()


def _opinion(declaration: Declaration, stage: str, text: str, by: Actor, approves: bool) -> Opinion:
    assert by.user is not None
    opinion = Opinion.objects.create(
        declaration=declaration, stage=stage, approves=approves, text=given(text, "reason", "写明意见", 500),
        given_by=by.user, given_at=timezone.now(),
    )  # fmt: skip
    record("declaration.opinion", declaration, by=by, stage=opinion.get_stage_display(), approves=approves)
    return opinion


def days_of(step: str, declaration: Declaration, on: date) -> int:
    """The days a step has, by the rules of the place and the day."""
    return int(rule(f"trust.{step}.days", declaration.unit.region_id, on).value)


def tell(declaration: Declaration, text: str, key: str) -> None:
    """Tell who declared."""
    messages.text_user(
        declaration.started_by, f"{declaration.unit.sign_name}放心消费申报：{text}",
        key=f"declaration:{declaration.pk}:{key}",
    )  # fmt: skip
