"""What every step of a complaint shares: the locked row, the reason given, the messages to both sides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from complaints.actions.parties import without_consent
from complaints.models import Complaint
from complaints.models.complaints import COMPLAINT_LIFECYCLE
from core import messages
from core.actors import Actor
from core.audit import record
from core.errors import Invalid, WrongState
from core.permissions import require

FEWEST_LETTERS = 5
# The five ways of 消费者权益保护法第39条, told to everybody whose complaint ends without an agreement.
ROUTES = (
    "您还可以：一、与经营者协商和解；二、请求消费者协会或者依法成立的其他调解组织调解；三、向有关行政部门投诉；"
    "四、根据与经营者达成的仲裁协议提请仲裁机构仲裁；五、向人民法院提起诉讼（消费者权益保护法第39条）。"
)


def take(complaint_id: int, step: str, *, by: Actor) -> Complaint:
    """The complaint, locked and moved, if ``by`` may take this step now. Raises NotFound, NotAllowed, WrongState."""
    complaint = Complaint.objects.locked(complaint_id)
    require(by, COMPLAINT_LIFECYCLE.steps[step].permission, complaint)
    COMPLAINT_LIFECYCLE.move(step, complaint)
    return complaint


def keep(complaint: Complaint, verb: str, *, by: Actor, **facts: Any) -> Complaint:
    """Save the complaint with its line in the audit."""
    complaint.save()
    record(f"complaint.{verb}", complaint, by=by, **facts)
    return complaint


def given(text: str, field: str, said: str, longest: int = 1000) -> str:
    """A reason that says something. Raises Invalid for fewer than five letters."""
    if len(text.strip()) < FEWEST_LETTERS:
        raise Invalid(fields={field: f"{said}，至少 {FEWEST_LETTERS} 个字"})
    return text.strip()[:longest]


def now(at: datetime | None) -> datetime:
    """The instant an action counts from."""
    return at or timezone.now()


def require_consents(complaint: Complaint) -> None:
    """Withdrawing and settling bind those who are represented only if they consent (第12条). Raises WrongState."""
    missing = without_consent(complaint)
    if missing:
        raise WrongState(f"共同投诉还有 {missing} 人没有同意，代表人不能替他们撤回或和解（第12条）")


def tell_complainant(complaint: Complaint, text: str, what: str) -> None:
    """One message to the complainant and to those who speak for the others; never with a link."""
    people = {complaint.complainant_id: complaint.complainant}
    for joint in complaint.joint_complainants.filter(is_representative=True).select_related("complainant"):
        people[joint.complainant_id] = joint.complainant
    for person in people.values():
        if person.phone:
            key = f"complaint:{complaint.pk}:{what}:{person.pk}"
            messages.send(person.phone, f"投诉 {complaint.code_grouped}：{text}", key=key, user=person.user)


def tell_merchant(complaint: Complaint, text: str, what: str, *, at: datetime) -> None:
    """One message to the shop, which from now on reads the complaint; nothing where the portal knows no shop."""
    if complaint.merchant is None:
        return
    if complaint.merchant_told_at is None:
        complaint.merchant_told_at = at
    messages.text_user(
        complaint.merchant.registered_by,
        f"{complaint.merchant.brand_name}收到的投诉 {complaint.code_grouped}：{text}",
        key=f"complaint:{complaint.pk}:{what}:shop",
    )
