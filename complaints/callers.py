"""Who calls: what the desk knows by a number, masked; and who had better take a caller that insults or threatens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from complaints.desk_rules import DESK
from complaints.models import CallDraft, Complaint, Consultation, Contact
from core.actors import Actor
from core.models import Membership, Region, User

SHOWN, SUGGESTED = 20, 3
# How far back an officer's share of abuse is counted.
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Abuse:
    """One call that was insult or threat."""

    at: datetime
    reason: str
    officer: User


@dataclass(frozen=True)
class Caller:
    """What is known by a number. Reports are never part of it: who reported is sealed (第37条)."""

    matters: Sequence[Complaint | Consultation] = ()
    calls: Sequence[CallDraft] = ()
    abuse: Sequence[Abuse] = ()
    # Colleagues with the least abuse lately, where there was any.
    colleagues: Sequence[User] = ()
    again: bool = False

    @property
    def hint(self) -> str:
        """What the officer should do before talking on; empty for everybody else."""
        if not self.abuse:
            return ""
        who = "上一次也是您接的，请换人接听" if self.again else "请第二人在旁一起接听"
        names = "、".join(user.name for user in self.colleagues)
        least = f"；近来接得最少的是{names}" if names else ""
        return f"这个号码有 {len(self.abuse)} 次辱骂或威胁的记录。{who}{least}。"


def caller_of(draft: CallDraft, *, by: Actor) -> Caller:
    """The matters of this number that ``by`` sees as an officer, its other calls, its abuse; in a few queries."""
    index = draft.phone_idx
    if not index:
        return Caller()
    of_complaint = Q(complainant__phone_idx=index) | Q(joint_complainants__complainant__phone_idx=index)
    known = Complaint.objects.in_own_regions(by).filter(
        pk__in=Complaint.objects.filter(of_complaint).values("pk")
    ).select_related("merchant", "handler", "complainant").order_by("-id")[:SHOWN]  # fmt: skip
    asked = Consultation.objects.visible_to(by).filter(person__phone_idx=index).exclude(person__user=by.user)
    asked = asked.select_related("merchant", "handler", "person").order_by("-id")[:SHOWN]
    matters: list[Any] = sorted([*known, *asked], key=lambda row: row.received_at, reverse=True)[:SHOWN]
    calls = CallDraft.objects.visible_to(by).filter(phone_idx=index).exclude(pk=draft.pk).select_related("officer")
    shown = list(calls.order_by("-id")[:SHOWN])
    abuse = _abuse_of(matters, shown)
    colleagues = calmest(draft.region, but=by.user) if abuse else []
    again = bool(abuse and by.user and abuse[0].officer.pk == by.user.pk)
    return Caller(matters, shown, abuse, colleagues, again)


def _abuse_of(matters: Sequence[Complaint | Consultation], calls: Sequence[CallDraft]) -> list[Abuse]:
    complaints = [row.pk for row in matters if isinstance(row, Complaint)]
    questions = [row.pk for row in matters if isinstance(row, Consultation)]
    marked = Contact.objects.filter(Q(complaint__in=complaints) | Q(consultation__in=questions), abusive=True)
    found = [Abuse(row.at, row.abuse_reason or row.note, row.officer) for row in marked.select_related("officer")]
    found += [Abuse(row.started_at, row.reason, row.officer) for row in calls if row.abusive]
    return sorted(found, key=lambda one: one.at, reverse=True)


def calmest(region: Region, *, but: User | None) -> list[User]:
    """The colleagues of a desk who had the least abuse lately: rotation spares who has had it."""
    held = Membership.objects.in_force(timezone.localdate()).filter(
        role__in=DESK, region__path__startswith=region.path, user__is_active=True
    ).exclude(user=but).select_related("user")  # fmt: skip
    people = {row.user_id: row.user for row in held}
    hurt = dict.fromkeys(people, 0)
    since = timezone.now() - LATELY
    for officer in [
        *Contact.objects.filter(officer__in=people, abusive=True, at__gte=since).values_list("officer", flat=True),
        *CallDraft.objects.filter(officer__in=people, abusive=True, started_at__gte=since).values_list(
            "officer", flat=True
        ),
    ]:
        hurt[officer] += 1
    return [people[pk] for pk in sorted(hurt, key=lambda pk: (hurt[pk], pk))[:SUGGESTED]]
