"""Coming-ins: by whatever channel, one coming-in is split into what the law handles apart (第9条)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from complaints import odr
from complaints.actions import clocks
from complaints.actions.intake_checks import Facts, Places, checked
from complaints.actions.intake_data import Kind, NewIntake
from complaints.actions.intake_words import named_texts, receipt_text
from complaints.actions.parties import Party, joint_rows, new_complainant, new_reporter
from complaints.actions.steps import tell_merchant
from complaints.jurisdiction import Placing, placed
from complaints.models import (
    Attachment,
    Clock,
    Complainant,
    Complaint,
    Consultation,
    Intake,
    JointComplainant,
    Receipt,
    Reporter,
    ViolationReport,
)
from core import audit, messages
from core.actors import SYSTEM, Actor
from core.errors import NotAllowed, PortalError
from core.models import User
from core.permissions import may, require

TWIN = timedelta(minutes=1)
OPEN_CHANNELS = ("WEB", "API")


@dataclass
class Bundle:
    """One coming-in and all its rows, not saved yet."""

    data: NewIntake
    facts: Facts
    intake: Intake
    people: list[Complainant] = field(default_factory=list)
    reporter: Reporter | None = None
    complaint: Complaint | None = None
    report: ViolationReport | None = None
    consultation: Consultation | None = None
    joint: list[JointComplainant] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    # What its receiver had no power over (第41条).
    routed: list[tuple[Complaint | ViolationReport, Placing]] = field(default_factory=list)

    @property
    def matters(self) -> list[Complaint | ViolationReport | Consultation]:
        """What the bureau must answer of it."""
        return [row for row in (self.complaint, self.report, self.consultation) if row is not None]


@transaction.atomic
def file_intake(data: NewIntake, *, by: Actor) -> Intake:
    """Take one coming-in: split it, start its clocks, tell the person the code to ask by.

    The same number of a source, or the same words of one person about one shop within a minute, give the intake
    that is there already. Raises Invalid, NotFound, NotAllowed.
    """
    (made,) = _filed([data], by)
    if isinstance(made, PortalError):
        raise made
    return made


@transaction.atomic
def file_intakes(rows: Sequence[NewIntake], *, by: Actor) -> list[Intake | PortalError]:
    """Take many in a fixed number of statements: for each, its intake or what is wrong with it.

    A few hundred at a time: each is locked for as long as the transaction runs.
    """
    return _filed(rows, by)


def _filed(rows: Sequence[NewIntake], by: Actor) -> list[Intake | PortalError]:
    # Apart, because one savepoint in the other costs two statements more on the busiest write there is.
    require(by, "complaints.file_intake")
    places, now = Places.of(rows, by=by), timezone.now()
    answers: list[Any] = []
    for data in rows:
        try:
            answers.append(_drawn_up(data, places, now, by))
        except PortalError as error:
            answers.append(error)
    bundles = [one for one in answers if isinstance(one, Bundle)]
    known = _known(bundles)
    fresh = [one for one in bundles if _place(one) not in known]
    # The first of two equal rows in one batch is the one that is kept.
    first = {_place(one): one for one in reversed(fresh)}
    _save(list(first.values()), by)
    found = known | {place: bundle.intake for place, bundle in first.items()}
    return [found[_place(one)] if isinstance(one, Bundle) else one for one in answers]


def _drawn_up(data: NewIntake, places: Places, now: datetime, by: Actor) -> Bundle:
    """All rows of one coming-in. Raises Invalid, NotFound, NotAllowed."""
    facts = checked(data, places, now, by=by)
    intake = Intake(
        channel=data.channel, source_no=data.source_no, received_at=facts.received_at, region=facts.region,
        entered_by=None if data.channel in OPEN_CHANNELS or by.is_system else by.user, text=facts.text,
        status=Intake.Status.SPLIT, phone_idx=facts.phone_idx, fingerprint=facts.fingerprint,
    )  # fmt: skip
    if data.channel not in OPEN_CHANNELS and not _may_enter(intake, places.may_enter, by):
        raise NotAllowed("您不能登记这个渠道或者这个地方的来件")
    bundle = Bundle(data, facts, intake)
    user_id = facts.user_id
    if Kind.COMPLAINT in data.kinds:
        _complaint(bundle, user_id)
    if Kind.REPORT in data.kinds:
        _report(bundle, user_id)
    if data.kinds & {Kind.QUESTION, Kind.PETITION}:
        _consultation(bundle, user_id)
    return bundle


def _may_enter(intake: Intake, known: dict[tuple[str, str], bool], by: Actor) -> bool:
    """Asked once for each channel and place of a batch: nothing else of a coming-in decides who may enter it."""
    asked = intake.channel, intake.region_id
    if asked not in known:
        known[asked] = may(by, "complaints.enter_intake", intake)
    return known[asked]


def _shared(bundle: Bundle) -> dict[str, Any]:
    """What every matter of a coming-in has of it."""
    data, facts = bundle.data, bundle.facts
    return {
        "channel": data.channel, "received_at": facts.received_at, "merchant": facts.merchant,
        "store_id": facts.store_id, "respondent_name": facts.respondent_name,
        "respondent_address": facts.respondent_address, "cause": data.cause,
        "industry_id": facts.merchant.industry_id if facts.merchant else None,
    }  # fmt: skip


def _complaint(bundle: Bundle, user_id: int | None) -> None:
    data, facts = bundle.data, bundle.facts
    first = new_complainant(facts.party, user_id, facts.agent)
    merchant = facts.merchant
    to_shop = data.wants_odr and merchant is not None and odr.is_enrolled(merchant.pk)
    place = placed(facts.region, facts.shops, merchant, acted_here=None)
    complaint = Complaint(
        **_shared(bundle), region=place.region, routed_from=place.routed_from, complainant=first,
        contract_id=facts.contract_id, facts=facts.facts, claim=facts.claim, claim_fen=data.claim_fen,
        wants_odr=data.wants_odr,
    )  # fmt: skip
    if place.routed_from:
        complaint.status = Complaint.Status.ROUTED
        bundle.routed.append((complaint, place))
    started: tuple[str, ...] = (Clock.Code.ASSIGN, Clock.Code.FIRST_CONTACT, Clock.Code.ACCEPT)
    if to_shop:
        # The bureau's own limits start when the shop and its customer did not agree.
        complaint.status, complaint.merchant_told_at = Complaint.Status.ODR_PENDING, facts.received_at
        started = (Clock.Code.ODR,)
    bundle.complaint = complaint
    bundle.joint = joint_rows(complaint, first, facts.others)
    bundle.people += [first, *(row.complainant for row in bundle.joint if row.complainant is not first)]
    bundle.clocks += clocks.wound_up(complaint, *started, at=facts.received_at)


def _report(bundle: Bundle, user_id: int | None) -> None:
    data, facts = bundle.data, bundle.facts
    if not data.anonymous:
        bundle.reporter = new_reporter(facts.reporter, user_id)
    place = placed(facts.region, facts.shops, facts.merchant, acted_here=not facts.happened_at)
    bundle.report = ViolationReport(
        **_shared(bundle), region=place.region, routed_from=place.routed_from, reporter=bundle.reporter,
        facts=facts.report_facts, happened_at=facts.happened_at,
        wants_result=data.wants_result and not data.anonymous,
    )  # fmt: skip
    if place.routed_from:
        bundle.report.status = ViolationReport.Status.ROUTED
        bundle.routed.append((bundle.report, place))
    bundle.clocks += clocks.wound_up(bundle.report, Clock.Code.VERIFY, at=facts.received_at)


def _consultation(bundle: Bundle, user_id: int | None) -> None:
    data, facts = bundle.data, bundle.facts
    person = bundle.people[0] if bundle.people else None
    if person is None and facts.party != Party():
        person = new_complainant(facts.party, user_id, None)
        bundle.people.append(person)
    kind = Consultation.Kind.PETITION if Kind.PETITION in data.kinds else Consultation.Kind.QUESTION
    bundle.consultation = Consultation(
        **_shared(bundle), region=facts.region, person=person, kind=kind, facts=facts.text
    )
    bundle.clocks += clocks.wound_up(bundle.consultation, Clock.Code.ANSWER, at=facts.received_at)


def _place(bundle: Bundle) -> tuple[str, str]:
    """What makes a coming-in the same as another: the number of its source, else its fingerprint."""
    data = bundle.data
    return (data.channel, data.source_no) if data.source_no else ("", bundle.facts.fingerprint)


def _known(bundles: list[Bundle]) -> dict[tuple[str, str], Intake]:
    """Those that are here already. The locks make the second of two equal ones wait until the first is there."""
    if not bundles:
        return {}
    places = sorted({_place(one) for one in bundles})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(place, 0)) FROM unnest(%s) AS one(place)",
            [[f"intake:{channel}:{name}" for channel, name in places]],
        )
    query, numbers = Q(), defaultdict(list)
    for one in bundles:
        data, received = one.data, one.facts.received_at
        if data.source_no:
            numbers[data.channel].append(data.source_no)
        else:
            query |= Q(
                source_no="", fingerprint=one.facts.fingerprint, received_at__range=(received - TWIN, received + TWIN)
            )
    for channel, some in numbers.items():
        query |= Q(channel=channel, source_no__in=some)
    found = Intake.objects.filter(query).order_by()
    return {(row.channel, row.source_no) if row.source_no else ("", row.fingerprint): row for row in found}


def _save(bundles: list[Bundle], by: Actor) -> None:
    """Write all rows, table by table, with the audit and the promised messages."""
    if not bundles:
        return
    complaints = [one.complaint for one in bundles if one.complaint]
    reports = [one.report for one in bundles if one.report]
    consultations = [one.consultation for one in bundles if one.consultation]
    Intake.objects.bulk_create([one.intake for one in bundles])
    Complainant.objects.bulk_create([person for one in bundles for person in one.people])
    Reporter.objects.bulk_create([one.reporter for one in bundles if one.reporter])
    Complaint.objects.bulk_create(complaints)
    ViolationReport.objects.bulk_create(reports)
    Consultation.objects.bulk_create(consultations)
    JointComplainant.objects.bulk_create([row for one in bundles for row in one.joint])
    Receipt.objects.bulk_create(
        [
            Receipt(
                intake=one.intake,
                complaint=one.complaint if row is one.complaint else None,
                report=one.report if row is one.report else None,
                reply_due_at=one.data.reply_due_at,
                consultation=one.consultation if row is one.consultation else None,
            )
            for one in bundles
            for row in one.matters
        ]
    )
    Clock.objects.bulk_create([clock for one in bundles for clock in one.clocks])
    Attachment.objects.bulk_create([row for one in bundles for row in _attachments(one, by)])
    _note("complaint.register", complaints, by)
    # The line names who acts: a reporter's own account would lead to the person (第37条).
    _note("report.register", reports, by if bundles[0].data.channel not in OPEN_CHANNELS else SYSTEM)
    _note("consultation.register", consultations, by)
    for matter, place in (one for bundle in bundles for one in bundle.routed):
        audit.record(
            f"{Clock.field_of(matter)}.route", matter, by=SYSTEM, reason=place.reason, region=place.region.name
        )
    for one in bundles:
        if one.complaint and one.complaint.status == Complaint.Status.ODR_PENDING:
            words = f"顾客愿意先和您协商，请在{one.clocks[0].due_on}前登录商家端答复。"
            tell_merchant(one.complaint, words, "odr", at=one.facts.received_at)
    messages.send_many([text for one in bundles for text in _texts(one)])


def _texts(bundle: Bundle) -> Iterator[tuple[tuple[str, User | None], str, str]]:
    """What is said to whom: the code to the one who files, and a word to those in whose name it is."""
    facts, key = bundle.facts, f"intake:{bundle.intake.pk}"
    text = receipt_text(facts, bundle.complaint, bundle.report, bundle.consultation)
    if facts.told and text:
        yield facts.told, text, key
    for n, (phone, words) in enumerate(named_texts(facts, bundle.complaint)):
        yield (phone, None), words, f"{key}:{n}"


def _attachments(bundle: Bundle, by: Actor) -> list[Attachment]:
    """The evidence, for each matter it belongs to; who brought it is not kept with a report."""
    rows = []
    for file in bundle.data.files:
        if bundle.complaint:
            rows.append(Attachment(complaint=bundle.complaint, file=file, label=file.title, added_by=by.user))
        if bundle.report:
            rows.append(Attachment(report=bundle.report, file=file, label=file.title))
    return rows


def _note(verb: str, rows: Sequence[Complaint | ViolationReport | Consultation], by: Actor) -> None:
    """One line of audit for each row; one statement for many."""
    if len(rows) == 1:
        audit.record(verb, rows[0], by=by, channel=rows[0].channel)
    elif rows:
        audit.record_many(verb, type(rows[0]), [row.pk for row in rows], by=by, channel=rows[0].channel)
