"""How much each officer of a place has open, who is on leave, and who is a party: what an assignment needs to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max
from django.utils import timezone

from complaints.dispatch import Candidate, Choice, choose
from complaints.models import CallDraft, Complaint, Consultation, Contact, ViolationReport
from complaints.models.clocks import Subject, person_of
from core.models import Delegation, Membership, Role, User
from core.models.people import MERCHANT_ROLES, OFFICERS
from core.rule_packs import NATION, rule

# Whoever of the nearest region: the station's officers, else the county's.
STATION, COUNTY = (Role.STATION_OFFICER,), (Role.COUNTY_REVIEWER_A, Role.COUNTY_REVIEWER_B)


@dataclass
class Workload:
    """The officers of some regions, with what they have; ``give`` counts on as matters are given out."""

    on: date
    people: dict[int, User] = field(default_factory=dict)
    candidates: dict[int, Candidate] = field(default_factory=dict)
    stations: list[tuple[str, str, int]] = field(default_factory=list)
    merchants: dict[int, set[int]] = field(default_factory=dict)
    # Complaints and questions of people whose calls were marked.
    abusive: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, matters: Sequence[Subject]) -> Workload:
        """The officers who may take these matters, all of one kind. A fixed number of queries."""
        made = cls(timezone.localdate(), abusive=abusive_among(matters))
        paths = {one.region.path for one in matters}
        above = {path[: n + 1] for path in paths for n, letter in enumerate(path) if letter == "/"}
        held = Membership.objects.in_force(made.on).filter(role__in=OFFICERS, region__path__in=above)
        for row in held.select_related("user", "region"):
            if row.user.is_active:
                made.stations.append((row.region.path, row.role, row.user_id))
                made.people[row.user_id] = row.user
        away = Delegation.objects.in_force(made.on).filter(from_user__in=made.people).select_related("to_user")
        delegates = {row.from_user_id: row.to_user for row in away.order_by("-id")}
        for user in delegates.values():
            made.people.setdefault(user.pk, user)
        made._count(delegates)
        jobs = Membership.objects.in_force(made.on).filter(user__in=made.people, role__in=MERCHANT_ROLES)
        for user_id, merchant_id in jobs.values_list("user_id", "merchant_id"):
            made.merchants.setdefault(user_id, set()).add(merchant_id)
        return made

    def _count(self, delegates: dict[int, User]) -> None:
        opened: Counter[int] = Counter()
        last: dict[int, float] = {}
        models: tuple[Any, ...] = (Complaint, ViolationReport, Consultation)
        for model in models:
            rows = model.objects.open().filter(handler__in=self.people).order_by().values("handler")
            for row in rows.annotate(n=Count("pk"), last=Max("assigned_at")):
                opened[row["handler"]] += row["n"]
                if row["last"]:
                    last[row["handler"]] = max(last.get(row["handler"], 0.0), row["last"].timestamp())
        marked = Complaint.objects.open().filter(handler__in=self.people, contacts__abusive=True).order_by()
        hurt = Counter(dict(marked.values_list("handler").annotate(n=Count("pk", distinct=True))))
        hours = int(rule("workload.rest_hours", NATION, self.on).value)
        since = timezone.now() - timedelta(hours=hours)
        lately = Contact.objects.filter(officer__in=self.people, abusive=True, at__gt=since)
        resting = set(lately.values_list("officer", flat=True))
        for user_id in self.people:
            self.candidates[user_id] = Candidate(
                user_id,
                opened[user_id],
                last_given=last.get(user_id, 0.0),
                abusive=hurt[user_id],
                delegate=delegates[user_id].pk if user_id in delegates else None,
                resting=user_id in resting,
            )

    def give(self, matter: Subject, officer_id: int | None = None) -> Choice | None:
        """Who takes this one: the officer named, or whoever has most room; None if nobody may. Counts it as given."""
        path = matter.region.path
        asked = self._nearest(path) if officer_id is None else {officer_id} & self._reach(path)
        abusive = matter.pk in self.abusive
        choice = choose(
            [self._candidate(one, matter) for one in sorted(asked)],
            self.figure("workload.cap", matter),
            stand_ins=[self._candidate(one, matter) for one in self.candidates.keys() - asked],
            abusive=abusive,
            abusive_cap=self.figure("workload.abusive_cap", matter),
        )
        if choice is not None:
            taken = self.candidates[choice.officer]
            self.candidates[choice.officer] = replace(
                taken,
                open_matters=taken.open_matters + 1,
                abusive=taken.abusive + abusive,
                last_given=timezone.now().timestamp(),
            )
        return choice

    def load(self, officer_id: int, matter: Subject) -> str:
        """``在办 41 / 60``: what an officer has open now, of the most they should have."""
        return f"在办 {self.candidates[officer_id].open_matters} / {self.figure('workload.cap', matter)}"

    def figure(self, key: str, matter: Subject) -> int:
        """A cap of the rule packs, at the place of the matter, today."""
        return int(rule(key, matter.region_id, self.on).value)

    def _nearest(self, path: str) -> set[int]:
        """The officers of the nearest station, else of the county."""
        for roles in (STATION, COUNTY):
            over = [(place, user) for place, role, user in self.stations if role in roles and path.startswith(place)]
            if over:
                nearest = max(len(place) for place, _ in over)
                return {user for place, user in over if len(place) == nearest}
        return set()

    def _reach(self, path: str) -> set[int]:
        """Everybody to whom it may be given by name: the officers over this place, and who stands in for them."""
        over = {user for place, _, user in self.stations if path.startswith(place)}
        standing_in = (self.candidates[user].delegate for user in over)
        return over | {user for user in standing_in if user is not None}

    def _candidate(self, user_id: int, matter: Subject) -> Candidate:
        """With whether this is a matter of their own: as the person concerned, or because they work for the shop."""
        person = person_of(matter)
        works = matter.merchant_id in self.merchants.get(user_id, ())
        return replace(
            self.candidates[user_id], is_party=works or bool(person is not None and person.user_id == user_id)
        )


def abusive_among(matters: Sequence[Subject]) -> set[int]:
    """Which of them come from a phone that was marked for abuse in any earlier contact. Never asked of reports."""
    people = {one.pk: getattr(one, "complainant", None) or getattr(one, "person", None) for one in matters}
    phones = {person.phone_idx for person in people.values() if person is not None and person.phone_idx}
    if not phones:
        return set()
    own = Contact.objects.filter(abusive=True)
    marked = set(
        own.filter(complaint__complainant__phone_idx__in=phones).values_list("complaint__complainant__phone_idx").union(
            own.filter(consultation__person__phone_idx__in=phones).values_list("consultation__person__phone_idx"),
            CallDraft.objects.filter(abusive=True, phone_idx__in=phones).values_list("phone_idx"),
        )
    )  # fmt: skip
    return {pk for pk, person in people.items() if person is not None and (person.phone_idx,) in marked}
