"""The people of a matter: who complains, for whom, together with whom, and who reports without being seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from complaints.actions import clocks
from complaints.models import COMPLAINT_LIFECYCLE, Clock, Complainant, Complaint, JointComplainant, Reporter
from core.actors import Actor
from core.audit import record
from core.crypto import blind_index
from core.errors import Invalid, NotFound, WrongState
from core.identifiers import clean_id_number, clean_phone
from core.models import StoredFile
from core.permissions import require

REPRESENTATIVES, JOINT_PEOPLE = 2, 20
NAME_LENGTH, ADDRESS_LENGTH = 40, 200


@dataclass(frozen=True, kw_only=True)
class Party:
    """Somebody as they were written down. ``phone`` is a mobile number, or a landline where a channel took it so."""

    name: str = ""
    phone: str = ""
    address: str = ""
    is_representative: bool = False


@dataclass(frozen=True, kw_only=True)
class Agent:
    """Who speaks for the complainant, and the power of attorney (第11条); a child for a parent, for example."""

    name: str
    phone: str
    proof: StoredFile | None


def clean_contact(text: str, *, field: str = "phone", landline: bool = False) -> str:
    """A mobile number in E.164, or the digits of a landline where it may be one. Raises Invalid at ``field``."""
    try:
        return clean_phone(text)
    except Invalid as error:
        digits = "".join(ch for ch in text if ch.isascii() and ch.isdigit())
        if landline and 7 <= len(digits) <= 12:
            return digits
        raise Invalid(fields={field: "请填 11 位手机号"}) from error


def phone_index(phone: str) -> str:
    """The keyed hash by which people with this number are found; nothing for no number."""
    return blind_index("phone", phone) if phone else ""


def fill(person: Complainant | Reporter, party: Party, user_id: int | None) -> None:
    """Write down name, phone and address, encrypted, and the account that follows the matter."""
    person.user_id = user_id
    person.name, person.phone = party.name[:NAME_LENGTH], party.phone
    person.address, person.phone_idx = party.address[:ADDRESS_LENGTH], phone_index(party.phone)


def new_complainant(party: Party, user_id: int | None, agent: Agent | None) -> Complainant:
    """Who complains or asks, not saved yet. Raises Invalid for an agent without a power of attorney (第11条)."""
    person = Complainant()
    fill(person, party, user_id)
    if agent is not None:
        if agent.proof is None:
            raise Invalid(fields={"proof": "请上传本人签字的授权委托书（第11条）"})
        person.agent_name, person.agent_phone = agent.name[:NAME_LENGTH], agent.phone
        person.agent_proof = agent.proof
    return person


def new_reporter(party: Party, user_id: int | None) -> Reporter:
    """Who reports, not saved yet; in a table of their own (第37条)."""
    person = Reporter()
    fill(person, party, user_id)
    return person


def joint_rows(complaint: Complaint, first: Complainant, others: Sequence[Party]) -> list[JointComplainant]:
    """Everybody who complains together, not saved yet: the one who files speaks for them, and one more may (第12条).

    Raises Invalid for more than two representatives, or one phone twice.
    """
    if not others:
        return []
    if len(others) >= JOINT_PEOPLE:
        raise Invalid(fields={"joint": f"共同投诉最多 {JOINT_PEOPLE} 人，人更多请拨 12315"})
    if 1 + sum(one.is_representative for one in others) > REPRESENTATIVES:
        raise Invalid(fields={"joint": "代表人最多 2 名，含您自己（第12条）"})
    phones = [first.phone, *(one.phone for one in others)]
    if len(set(phones)) < len(phones):
        raise Invalid(fields={"joint": "每个人填自己的手机号，不能重复"})
    rows = [JointComplainant(complaint=complaint, complainant=first, is_representative=True)]
    for one in others:
        person = new_complainant(one, None, None)
        rows.append(JointComplainant(complaint=complaint, complainant=person, is_representative=one.is_representative))
    return rows


@transaction.atomic
def prove_identity(complaint_id: int, id_number: str, *, by: Actor) -> Complaint:
    """The complainant gives the identity number that was asked for; only its keyed hash is kept (第10条).

    Raises Invalid for a number whose check digit is wrong.
    """
    complaint = Complaint.objects.locked(complaint_id)
    require(by, "complaints.prove_identity", complaint)
    COMPLAINT_LIFECYCLE.move("prove_id", complaint)
    now = timezone.now()
    person = Complainant.objects.locked(complaint.complainant_id)
    person.id_number_idx, person.id_checked_at = blind_index("id", clean_id_number(id_number)), now
    person.save(update_fields=["id_number_idx", "id_checked_at"])
    clocks.stop(complaint, Clock.Code.ID_PROOF, at=now)
    complaint.save(update_fields=["status", "next_due_at"])
    record("complaint.prove_id", complaint, by=by)
    return complaint


@transaction.atomic
def consent_to_end(complaint_id: int, *, by: Actor) -> JointComplainant:
    """One of those who are represented agrees that the representatives settle or withdraw (第12条)."""
    complaint = Complaint.objects.visible_to(by).filter(pk=complaint_id).first()
    if complaint is None or by.user is None:
        raise NotFound
    row = (
        JointComplainant.objects.select_for_update(no_key=True, of=("self",))
        .filter(complaint=complaint, complainant__user=by.user, is_representative=False)
        .first()
    )
    if row is None:
        raise WrongState("只有被代表的共同投诉人才需要在这里同意")
    if row.consented_at is None:
        row.consented_at = timezone.now()
        row.save(update_fields=["consented_at"])
        record("complaint.joint_consent", complaint, by=by)
    return row


def without_consent(complaint: Complaint) -> int:
    """How many of those who are represented have not agreed yet that it is settled or withdrawn."""
    return JointComplainant.objects.filter(complaint=complaint, is_representative=False, consented_at=None).count()
