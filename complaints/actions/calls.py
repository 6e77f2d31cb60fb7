"""The telephone desk: a call is written down while somebody talks, then filed, joined to a matter, or discarded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from complaints.actions import clocks, intakes
from complaints.actions.consultations import answer_consultation, point_consultation
from complaints.actions.intake_data import Kind, NewIntake
from complaints.actions.parties import Party, clean_contact, phone_index
from complaints.actions.steps import given, now
from complaints.desk_rules import DESK
from complaints.models import (
    CALL_LIFECYCLE,
    CallDraft,
    Channel,
    Clock,
    Complaint,
    Consultation,
    Contact,
    Intake,
    Receipt,
    ViolationReport,
)
from complaints.models.calls import SHOP_LENGTH, STORY_LENGTH
from complaints.models.clocks import Subject
from complaints.sealing import keep_identity_out
from core.actors import Actor
from core.audit import record
from core.errors import Invalid, NotFound, WrongState
from core.identifiers import is_storable
from core.models import Region
from core.permissions import require

NAME_LENGTH, PHONE_LENGTH, NOTE_LENGTH = 40, 20, 500


class CallKind(StrEnum):
    """What a call turned out to be."""

    COMPLAINT = "COMPLAINT"
    REPORT = "REPORT"
    BOTH = "BOTH"
    QUESTION = "QUESTION"
    PETITION = "PETITION"

    @property
    def kinds(self) -> frozenset[Kind]:
        """The parts of the coming-in (第9条)."""
        both = {Kind.COMPLAINT, Kind.REPORT}
        return frozenset(both if self is CallKind.BOTH else {Kind(self.value)})


@dataclass(frozen=True, kw_only=True)
class Typed:
    """The three fields as they stand at this moment: who (name and number), shop, what."""

    name: str = ""
    phone: str = ""
    shop: str = ""
    story: str = ""


@dataclass(frozen=True, kw_only=True)
class Filing:
    """What the officer adds at the end of a call. ``reply`` answers a question or points a petition at once."""

    kind: CallKind
    merchant_id: int | None = None
    region_code: str = ""
    respondent_address: str = ""
    cause: str = "OTHER"
    claim: str = ""
    claim_fen: int | None = None
    reply: str = ""
    abuse: str = ""


@transaction.atomic
def start_call(phone: str, *, by: Actor, at: datetime | None = None) -> CallDraft:
    """Somebody calls: an empty draft at the desk of the officer's place; the number may be withheld. Raises Invalid."""
    require(by, "complaints.answer_calls")
    assert by.user is not None
    moment = now(at)
    phone = clean_contact(phone, landline=True) if phone.strip() else ""
    draft = CallDraft(region=_desk_of(by), officer=by.user, started_at=moment, saved_at=moment)
    draft.phone, draft.phone_idx = phone, phone_index(phone)
    draft.save()
    # By the number a person's matters are looked up (个人信息保护法第51条).
    record("call.start", draft, by=by, last4=phone[-4:])
    return draft


def _desk_of(by: Actor) -> Region:
    assert by.user is not None
    held = next(m for m in by.user.access.memberships if m.region and m.role in DESK)
    assert held.region is not None
    return held.region


@transaction.atomic
def save_call(draft_id: int, typed: Typed, *, version: int, by: Actor, at: datetime | None = None) -> CallDraft:
    """Keep what was typed so far, whole or not: a number that is not complete yet is kept as it stands.

    Raises Invalid for text that cannot be kept, WrongState where a colleague saved meanwhile or it is filed already.
    """
    draft = _open(draft_id, by=by)
    if draft.version != version:
        raise WrongState("同事刚改过这份来电。请抄下您写的，刷新后补上，谁写的都不会丢")
    texts = {"name": (typed.name, NAME_LENGTH), "phone": (typed.phone, PHONE_LENGTH),
             "shop": (typed.shop, SHOP_LENGTH), "story": (typed.story, STORY_LENGTH)}  # fmt: skip
    wrong = {name: f"最多 {most} 个字" for name, (text, most) in texts.items() if len(text) > most}
    wrong |= {name: "有无法保存的字符，请删去" for name, (text, _) in texts.items() if not is_storable(text)}
    if wrong:
        raise Invalid(fields=wrong)
    phone, index = _number(typed.phone)
    if index and index != draft.phone_idx:
        record("call.number", draft, by=by, last4=phone[-4:])
    draft.name, draft.phone, draft.phone_idx = typed.name.strip(), phone, index
    draft.shop, draft.story = typed.shop.strip(), typed.story.strip()
    draft.version, draft.saved_at = draft.version + 1, now(at)
    draft.save()
    return draft


def _number(text: str) -> tuple[str, str]:
    """The number with its index; as typed and without one while it is not complete."""
    try:
        phone = clean_contact(text, landline=True)
    except Invalid:
        return text.strip(), ""
    return phone, phone_index(phone)


@transaction.atomic
def file_call(draft_id: int, filing: Filing, *, by: Actor, at: datetime | None = None) -> Intake:
    """Make a coming-in of the hotline out of a call, received when it rang; the talk counts as first contact.

    The draft is emptied. Raises Invalid by field, NotAllowed, NotFound, WrongState: then the draft stays as it is.
    """
    draft, moment = _taken(draft_id, "file", by=by), now(at)
    kinds = filing.kind.kinds
    if filing.abuse and kinds == {Kind.REPORT}:
        raise Invalid(fields={"abuse": "举报不留来电记录，不能标记；确有威胁的请另行报警"})
    nameless = kinds == {Kind.REPORT} and not draft.name
    data = NewIntake(
        channel=Channel.HOTLINE_12315, kinds=kinds, text=draft.story, cause=filing.cause, anonymous=nameless,
        party=Party() if nameless else Party(name=draft.name, phone=draft.phone), merchant_id=filing.merchant_id,
        respondent_name=draft.shop, respondent_address=filing.respondent_address, region_code=filing.region_code,
        claim=filing.claim, claim_fen=filing.claim_fen, received_at=draft.started_at,
    )  # fmt: skip
    intake = intakes.file_intake(data, by=by)
    for part in Receipt.objects.filter(intake=intake).select_related("complaint", "consultation"):
        made = part.complaint or part.consultation
        if made is None:
            continue
        # The same words a minute ago are a matter that others may be at already.
        matter = type(made)._default_manager.locked(made.pk)
        note = f"来电登记：{draft.story}"[:NOTE_LENGTH]
        note_incoming(matter, note, by=by, abuse=filing.abuse, at=max(draft.started_at, matter.received_at))
        if part.consultation is not None and filing.reply.strip():
            answer = point_consultation if filing.kind is CallKind.PETITION else answer_consultation
            answer(part.consultation.pk, filing.reply, by=by, at=moment)
    sealed = Kind.REPORT in kinds
    _empty(draft, by=by, at=moment, intake=None if sealed else intake)
    return intake


@transaction.atomic
def note_call(draft_id: int, matter: Subject, *, by: Actor, abuse: str = "", at: datetime | None = None) -> Subject:
    """The call was about a matter that is there: what was said becomes a contact of it. Raises Invalid, NotAllowed."""
    draft, moment = _taken(draft_id, "file", by=by), now(at)
    said = given(draft.story, "story", "写明来电人说了什么", NOTE_LENGTH)
    row = type(matter)._default_manager.locked(matter.pk)
    if isinstance(row, ViolationReport):
        if abuse:
            raise Invalid(fields={"abuse": "举报不留来电人的记录，不能标记"})
        said = keep_identity_out(row, "story", said)
    note_incoming(row, said, by=by, abuse=abuse, at=moment)
    _empty(draft, by=by, at=moment, intake=None)
    return row


@transaction.atomic
def discard_call(
    draft_id: int, reason: str, *, by: Actor, abusive: bool = False, at: datetime | None = None
) -> CallDraft:
    """Nothing comes of it: a wrong number, a prank, a call that was abuse and nothing else. The words are kept."""
    draft = _taken(draft_id, "discard", by=by)
    draft.reason, draft.abusive = given(reason, "reason", "写明为什么作废", 300), abusive
    draft.ended_by, draft.ended_at = by.user, now(at)
    draft.save()
    record("call.discard", draft, by=by, reason=draft.reason, abusive=abusive)
    return draft


def note_incoming(matter: Subject, note: str, *, by: Actor, at: datetime, abuse: str = "") -> Contact:
    """A call that came in, on a matter that the caller has locked or just made; it answers the first contact."""
    require(by, "complaints.note_contact", matter)
    assert by.user is not None
    contact = Contact(
        **{Clock.field_of(matter): matter}, side=Contact.Side.COMPLAINANT, direction=Contact.Direction.IN,
        officer=by.user, at=at, note=note,
    )  # fmt: skip
    if abuse.strip():
        contact.abusive, contact.abuse_reason = True, given(abuse, "abuse", "写明对方说了什么", 300)
    contact.save()
    if matter.first_contact_at is None:
        matter.first_contact_at = at
        clocks.stop(matter, Clock.Code.FIRST_CONTACT, at=at)
        matter.save(update_fields=["first_contact_at", "next_due_at"])
    record(f"{Clock.field_of(matter)}.call_in", matter, by=by)
    if contact.abusive:
        record("contact.mark_abuse", contact, by=by, reason=contact.abuse_reason)
    return contact


@transaction.atomic
def mark_abuse(contact_id: int, reason: str, *, by: Actor, abusive: bool = True) -> Contact:
    """Say that a contact was insult or threat, or that it was not: who calls so goes round among the officers.

    Only officers ever read it. Raises Invalid for a contact with somebody else than the one who complains or asks.
    """
    seen = Contact.objects.select_related("complaint", "consultation").filter(pk=contact_id, report=None).first()
    matter: Complaint | Consultation | None = (seen.complaint or seen.consultation) if seen else None
    if matter is None:
        raise NotFound
    row = type(matter)._default_manager.locked(matter.pk)
    require(by, "complaints.mark_abuse", row)
    contact = Contact.objects.locked(contact_id)
    if contact.side != Contact.Side.COMPLAINANT:
        raise Invalid(fields={"contact": "只能标记和投诉人、咨询人的联系"})
    said = given(reason, "reason", "写明对方说了什么，或为什么取消", 300)
    contact.abusive, contact.abuse_reason = abusive, said if abusive else ""
    contact.save(update_fields=["abusive", "abuse_reason"])
    record("contact.mark_abuse" if abusive else "contact.clear_abuse", contact, by=by, reason=said)
    return contact


def _open(draft_id: int, *, by: Actor) -> CallDraft:
    """The draft, locked and still open. Raises NotFound, NotAllowed, WrongState."""
    draft = CallDraft.objects.locked(draft_id)
    require(by, "complaints.handle_call", draft)
    CALL_LIFECYCLE.check("file", draft)
    return draft


def _taken(draft_id: int, step: str, *, by: Actor) -> CallDraft:
    draft = _open(draft_id, by=by)
    CALL_LIFECYCLE.move(step, draft)
    return draft


def _empty(draft: CallDraft, *, by: Actor, at: datetime, intake: Intake | None) -> None:
    """No second copy of what is now a matter; without its coming-in the number stays neither."""
    draft.name = draft.phone = draft.shop = draft.story = ""
    draft.intake, draft.ended_by, draft.ended_at = intake, by.user, at
    if intake is None:
        draft.phone_idx = ""
    draft.save()
    record("call.file", draft, by=by)
