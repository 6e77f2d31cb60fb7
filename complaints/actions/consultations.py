"""Questions are answered in words; petitions are pointed to the door that has the power (总局令第121号第44条)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from complaints.actions import clocks
from complaints.actions.receipts import answered
from complaints.actions.steps import given, now
from complaints.models import CONSULTATION_LIFECYCLE, Clock, Consultation, ReplyTemplate
from core import messages
from core.actors import Actor
from core.audit import record
from core.errors import Invalid
from core.permissions import require

REPLY_LENGTH = 2000


@transaction.atomic
def answer_consultation(pk: int, reply: str, *, by: Actor, at: datetime | None = None) -> Consultation:
    """Answer a question; who asked is told that an answer is there. Raises Invalid, NotAllowed, WrongState."""
    return _end(pk, "answer", reply, by=by, at=at, told="已答复")


@transaction.atomic
def point_consultation(pk: int, reply: str, *, by: Actor, at: datetime | None = None) -> Consultation:
    """Say which door is the right one for what is not ours: 信访, 仲裁, another department. Raises as above."""
    return _end(pk, "point", reply, by=by, at=at, told="不由市场监管部门办理，已告知该找的部门")


def _end(pk: int, step: str, reply: str, *, by: Actor, at: datetime | None, told: str) -> Consultation:
    row, moment = Consultation.objects.locked(pk), now(at)
    require(by, CONSULTATION_LIFECYCLE.steps[step].permission, row)
    CONSULTATION_LIFECYCLE.move(step, row)
    row.reply = given(reply, "reply", "写明答复", REPLY_LENGTH)
    row.closed_at = moment
    row.first_contact_at = row.first_contact_at or moment
    clocks.stop(row, Clock.Code.ANSWER, at=moment)
    clocks.stop(row, at=moment, dropped=True)
    row.save()
    answered(row, at=moment)
    record(f"consultation.{step}", row, by=by)
    if row.person is not None and row.person.phone.startswith("+86"):
        text = f"您的咨询 {row.code_grouped} {told}。问内容请打12315报查询码。"
        messages.send(row.person.phone, text, key=f"consultation:{row.pk}:{step}", user=row.person.user)
    return row


@transaction.atomic
def keep_template(title: str, text: str, *, by: Actor, is_active: bool = True) -> ReplyTemplate:
    """Keep words to start a reply from, new or in place of those under the same title. Raises Invalid, NotAllowed."""
    require(by, "complaints.keep_template")
    title = title.strip()[:60]
    if len(title) < 2:
        raise Invalid(fields={"title": "写明标题"})
    kept = {"text": given(text, "text", "写明正文", REPLY_LENGTH), "is_active": is_active}
    row, _ = ReplyTemplate.objects.update_or_create(title=title, defaults=kept)
    record("reply_template.keep", row, by=by, title=title)
    return row
