"""The daily sweep of all clocks: warned of before, reminded of and taken upwards after, each officer told once a day.

Set-based and in chunks: a chunk is one transaction, and what it did is written on the clocks, so that a repeated or
interrupted run of one business date goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.utils import timezone

from complaints.actions.clocks import recount
from complaints.dispatch import common_superior, next_owner
from complaints.models import Clock, Escalation, Level, Reminder
from core import audit, messages
from core.actors import Actor
from core.calendar import DAY, Calendar, add_working_days, calendar, end_of_day
from core.models import Membership, OutboxEvent, Role, User
from core.models.people import MERCHANT_ROLES
from core.permissions import require
from core.rule_packs import NATION, rule
from core.transactions import durably

CHUNK = 2_000
LEVELS = tuple(Level.values)
# Whose work it is at each level; the province answers where a city has no leader of its own.
ROLES: dict[str, tuple[str, ...]] = {
    Level.STATION: (Role.STATION_OFFICER,),
    Level.COUNTY: (Role.COUNTY_REVIEWER_A, Role.COUNTY_REVIEWER_B),
    Level.CITY: (Role.CITY,),
    Level.LEADER: (Role.LEADER, Role.PROVINCE),
}
TABLES = {"complaint": "complaints_complaint", "report": "complaints_violationreport",
          "consultation": "complaints_consultation"}  # fmt: skip

WARN = """
WITH due AS (
    SELECT id FROM complaints_clock
    WHERE state = 'RUNNING' AND due_at > %(from)s AND due_at <= %(to)s
        AND (warned_days IS NULL OR warned_days > %(days)s)
    ORDER BY due_at LIMIT %(chunk)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE complaints_clock AS k SET warned_at = now(), warned_days = %(days)s FROM due WHERE k.id = due.id
"""
# The rank of the level up to which it should be taken by now, where that is above the one it was taken to.
OVERDUE = """
SELECT k.id, k.code, k.complaint_id, k.report_id, k.consultation_id, o.path, f.path, due.rank,
    coalesce(c.handler_id, r.handler_id, q.handler_id), coalesce(c.merchant_id, r.merchant_id, q.merchant_id),
    coalesce(p.user_id, w.user_id, a.user_id)
FROM complaints_clock k
CROSS JOIN LATERAL (SELECT CASE WHEN k.due_at <= %(LEADER)s THEN 4 WHEN k.due_at <= %(CITY)s OR k.code = 'JURISDICTION'
    THEN 3 WHEN k.due_at <= %(COUNTY)s THEN 2 ELSE 1 END AS rank) due
JOIN core_region o ON o.code = k.region_id
LEFT JOIN complaints_complaint c ON c.id = k.complaint_id
LEFT JOIN complaints_complainant p ON p.id = c.complainant_id
LEFT JOIN core_region f ON f.code = c.routed_from_id
LEFT JOIN complaints_violationreport r ON r.id = k.report_id
LEFT JOIN complaints_reporter w ON w.id = r.reporter_id
LEFT JOIN complaints_consultation q ON q.id = k.consultation_id
LEFT JOIN complaints_complainant a ON a.id = q.person_id
WHERE k.state = 'RUNNING' AND k.due_at <= %(STATION)s
    AND due.rank > CASE k.escalated_to WHEN 'LEADER' THEN 4 WHEN 'CITY' THEN 3 WHEN 'COUNTY' THEN 2
        WHEN 'STATION' THEN 1 ELSE 0 END
ORDER BY k.due_at LIMIT %(chunk)s FOR NO KEY UPDATE OF k SKIP LOCKED
"""
MARK = """
UPDATE complaints_clock AS k SET escalated_to = one.level
FROM unnest(%s::bigint[], %s::text[]) AS one(id, level) WHERE k.id = one.id
"""
RAISE = """
UPDATE complaints_escalation AS e
SET level = one.level, owner_id = one.owner, reason = one.reason, clock_id = one.clock, status = 'PROPOSED',
    owned_at = NULL
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::bigint[]) AS one(id, level, owner, reason, clock)
WHERE e.id = one.id
"""
DIGEST = """
SELECT coalesce(c.handler_id, r.handler_id, q.handler_id) AS officer,
    count(*) FILTER (WHERE k.due_at <= %(late)s), count(*) FILTER (WHERE k.due_at > %(late)s AND k.due_at <= %(today)s),
    count(*) FILTER (WHERE k.due_at > %(today)s)
FROM complaints_clock k
LEFT JOIN complaints_complaint c ON c.id = k.complaint_id
LEFT JOIN complaints_violationreport r ON r.id = k.report_id
LEFT JOIN complaints_consultation q ON q.id = k.consultation_id
WHERE k.state = 'RUNNING' AND k.due_at <= %(soon)s
GROUP BY 1 HAVING coalesce(c.handler_id, r.handler_id, q.handler_id) IS NOT NULL
"""


@dataclass(frozen=True)
class Late:
    """One clock that ran out, and up to which level it has to be taken."""

    clock: int
    code: str
    kind: str
    matter: int
    path: str
    rank: int
    handler: int | None
    merchant: int | None
    person: int | None

    @property
    def level(self) -> str:
        """The level by its name."""
        return str(LEVELS[self.rank - 1])


def sweep_clocks(on: date, *, by: Actor) -> dict[str, int]:
    """Everything that the clocks ask for on the morning of ``on``; what was done. Safe to repeat."""
    require(by, "complaints.sweep_clocks")
    days, late = calendar(), end_of_day(on - DAY)
    first, last = (int(rule(f"deadline.warn_{name}", NATION, on).value) for name in ("first", "last"))
    soon = end_of_day(add_working_days(on, first, using=days).due)
    done = {"recounted": _until_none(lambda: _recount_published(days))}
    done["warned"] = sum(
        _until_none(lambda n=n, to=to: _warn(late, to, n))  # type: ignore[misc]
        for n, to in ((last, end_of_day(add_working_days(on, last, using=days).due)), (first, soon))
    )
    cutoffs = {"STATION": late} | {
        level: _before(on, int(rule(f"escalate.{level.lower()}", NATION, on).value), days) for level in LEVELS[1:]
    }
    owners = Owners()
    done["overdue"] = _until_none(lambda: _escalate(on, cutoffs, owners, by))
    done["unowned"] = owners.missing
    done["told"] = durably(lambda: _tell_officers(on, late, soon))
    return done


def _until_none(chunk: Callable[[], int]) -> int:
    """Do chunks, each in its own transaction, until one finds nothing."""
    total = 0
    while n := durably(chunk):
        total += n
    return total


def _before(on: date, working_days: int, days: Calendar) -> datetime:
    """The instant such that whatever was due by then is more than so many working days late on ``on``."""
    day, left = on, working_days + 1
    while True:
        left -= days.is_working(day)
        day -= DAY
        if not left:
            return end_of_day(day)


def _recount_published(days: Calendar) -> int:
    """Count again what rested on days off that were not published then, and are now."""
    known = end_of_day(days.published_until)
    rows = Clock.objects.running().filter(provisional=True, due_at__lte=known + timedelta(days=14))
    found = [row for row in rows.select_for_update(no_key=True)[:CHUNK] if recount(row)]
    return len(found)


def _warn(start: datetime, end: datetime, working_days: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(WARN, {"from": start, "to": end, "days": working_days, "chunk": CHUNK})
        return cursor.rowcount


@dataclass
class Owners:
    """Who answers today at each level of a place; within a level whoever owns least takes the next one.

    A day that is caught up late finds the people of today.
    """

    on: date = field(default_factory=timezone.localdate)
    held: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    owned: Counter[int] = field(default_factory=Counter)
    shops: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    missing: int = 0

    def __post_init__(self) -> None:
        roles = {role: level for level, held in ROLES.items() for role in held}
        rows = Membership.objects.in_force(self.on).filter(role__in=roles, user__is_active=True)
        for role, path, user in rows.order_by("id").values_list("role", "region__path", "user"):
            self.held[path].append((roles[role], user))
        jobs = Membership.objects.in_force(self.on).filter(user__in=rows.values("user"), role__in=MERCHANT_ROLES)
        for user, merchant in jobs.values_list("user", "merchant_id"):
            self.shops[user].add(merchant)
        self.owned.update(Escalation.objects.open().values_list("owner", flat=True))
        self._over = cache(self._over_place)

    def _over_place(self, path: str) -> dict[str, list[int]]:
        """The people of each level who answer for a place, those of the nearest region first."""
        found: dict[str, list[int]] = defaultdict(list)
        for end in range(len(path), 0, -1):
            if path[end - 1] == "/":
                for level, user in self.held.get(path[:end], ()):
                    found[level].append(user)
        return found

    def of(self, one: Late) -> tuple[str, int] | None:
        """Level and owner of a matter; None, and counted, only where no level has a person."""
        people = {
            level: sorted((user for user in users if self._is_free(user, one)), key=lambda user: self.owned[user])
            for level, users in self._over(one.path).items()
        }
        if one.handler:
            people[Level.STATION] = [one.handler]
        found = next_owner(LEVELS, people, one.level)
        if found is None:
            self.missing += 1
        else:
            self.owned[found[1]] += 1
        return found

    def _is_free(self, user: int, one: Late) -> bool:
        return user != one.person and one.merchant not in self.shops.get(user, ())


def _escalate(on: date, cutoffs: dict[str, datetime], owners: Owners, by: Actor) -> int:
    """One chunk of what ran out: reminders, escalations with their owners, the levels on matters and clocks."""
    with connection.cursor() as cursor:
        cursor.execute(OVERDUE, {**cutoffs, "chunk": CHUNK})
        late = [_late(row) for row in cursor.fetchall()]
    if not late:
        return 0
    _remind(late, on)
    # One escalation for a matter, however many of its clocks ran out: the highest level counts.
    highest: dict[tuple[str, int], Late] = {}
    for one in late:
        known = highest.get((one.kind, one.matter))
        if known is None or one.rank > known.rank:
            highest[one.kind, one.matter] = one
    for kind in TABLES:
        wanted = [(one, found) for one in highest.values() if one.kind == kind and (found := owners.of(one))]
        if wanted:
            _write(kind, wanted, on, by)
    with connection.cursor() as cursor:
        cursor.execute(MARK, [[one.clock for one in late], [one.level for one in late]])
    return len(late)


def _late(row: Sequence[Any]) -> Late:
    clock, code, complaint, report, consultation, path, origin, rank, handler, merchant, person = row
    kind = "complaint" if complaint else "report" if report else "consultation"
    if code == Clock.Code.JURISDICTION and origin:
        # Whose it is, the common superior says (第33条).
        path, handler = common_superior([path, origin]) or path, None
    return Late(clock, code, kind, complaint or report or consultation, path, rank, handler, merchant, person)


def _remind(late: Iterable[Late], on: date) -> None:
    """The system's own reminder, once of each clock."""
    Reminder.objects.bulk_create(
        [
            Reminder(
                **{f"{one.kind}_id": one.matter},
                sender=Reminder.Sender.SYSTEM,
                to_id=one.handler,
                clock_id=one.clock,
                text=f"{Clock.Code(one.code).label}期限已过，请尽快办理",
                on=on,
            )
            for one in late
        ],
        ignore_conflicts=True,
        batch_size=CHUNK,
    )


def _write(kind: str, wanted: Sequence[tuple[Late, tuple[str, int]]], on: date, by: Actor) -> None:
    """New escalations, and those that are open already taken higher; the matters carry the level."""
    matters = [one.matter for one, _ in wanted]
    open_rows = Escalation.objects.open().filter(**{f"{kind}__in": matters}).order_by("pk")
    known = {getattr(row, f"{kind}_id"): row for row in open_rows.select_for_update(no_key=True)}
    reason = "{}期限逾期，系统提级"
    fresh, raised, levels = [], [], []
    for one, (level, owner) in wanted:
        said = reason.format(Clock.Code(one.code).label)
        row = known.get(one.matter)
        if row is None:
            fresh.append(
                Escalation(
                    **{f"{kind}_id": one.matter},
                    level=level,
                    owner_id=owner,
                    clock_id=one.clock,
                    reason=said,
                    opened_on=on,
                )
            )
        elif LEVELS.index(level) > LEVELS.index(row.level):
            raised.append((row.pk, level, owner, said, one.clock))
        else:
            continue
        levels.append((one.matter, level))
    made = Escalation.objects.bulk_create(fresh, batch_size=CHUNK)
    with connection.cursor() as cursor:
        if raised:
            cursor.execute(RAISE, [list(column) for column in zip(*raised, strict=True)])
        if levels:
            cursor.execute(
                f"UPDATE {TABLES[kind]} AS m SET level = one.level"
                " FROM unnest(%s::bigint[], %s::text[]) AS one(id, level) WHERE m.id = one.id",
                [list(column) for column in zip(*levels, strict=True)],
            )
    for verb, pks in (("escalation.open", [row.pk for row in made]), ("escalation.raise", [row[0] for row in raised])):
        if pks:
            audit.record_many(verb, Escalation, pks, by=by, on=on.isoformat())


def _tell_officers(on: date, late: datetime, soon: datetime) -> int:
    """One message for each officer with something late or soon due; none for those told of this day already."""
    with connection.cursor() as cursor:
        cursor.execute(DIGEST, {"late": late, "today": end_of_day(on), "soon": soon})
        figures = {officer: tuple(counts) for officer, *counts in cursor.fetchall()}
    keys = {f"complaints.digest:{officer}:{on}": officer for officer in figures}
    told = OutboxEvent.objects.filter(topic="core.sms", key__in=keys).values_list("key", flat=True)
    for key in set(told):
        del keys[key]
    people = User.objects.filter(pk__in=keys.values(), is_active=True).in_bulk()
    texts = [
        (people[officer], _digest(on, *figures[officer]), key) for key, officer in keys.items() if officer in people
    ]
    return len(messages.text_many(texts))


def _digest(on: date, late: int, today: int, soon: int) -> str:
    words = [f"{name} {n} 件" for name, n in (("逾期", late), ("今天到期", today), ("近期到期", soon)) if n]
    return f"【投诉举报】{on.month}月{on.day}日：您的在办期限{'，'.join(words)}。请到工作台办理。"
