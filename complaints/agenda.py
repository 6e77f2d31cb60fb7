"""What each regular meeting looks at: sections read for all bureaus at once, one statement each, and then frozen.

A section's statement gives county, key of the matter (``complaint:7``, or nothing) and the cells, in the order in which
they are read. Nothing in it is personal: numbers, shops, figures, and officers by their number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection

from complaints.models import Clock
from complaints.models.agenda_packs import AgendaPack
from complaints.models.matters import Cause, Level
from core.calendar import DAY, add_working_days, calendar, end_of_day
from core.models import Membership, User
from core.models.people import OFFICERS

Kind = AgendaPack.Kind
Label = Mapping[str, str]
ROWS = 20
CLOCKS: Label = dict(Clock.Code.choices)
CAUSES: Label = dict(Cause.choices)
LEVELS: Label = dict(Level.choices)


@dataclass(frozen=True)
class Section:
    """One table of a pack. ``labels`` says by which words a column is read, ``people`` which column is an officer."""

    title: str
    heads: tuple[str, ...]
    sql: str
    labels: Mapping[int, Label] = field(default_factory=dict)
    people: int | None = None


LIMITS = Section(
    "各所期限", ("辖区", "逾期", "今天到期", "三个工作日内"),
    """
    SELECT split_part(r.path, '/', 3), '', r.name, count(*) FILTER (WHERE k.due_at <= %(late)s),
        count(*) FILTER (WHERE k.due_at > %(late)s AND k.due_at <= %(today)s),
        count(*) FILTER (WHERE k.due_at > %(today)s)
    FROM complaints_clock k JOIN core_region r ON r.code = k.region_id
    WHERE k.state = 'RUNNING' AND k.due_at <= %(soon)s GROUP BY r.path, r.name ORDER BY r.path
    """,
)  # fmt: skip
OVERDUE = Section(
    "逾期最久的投诉", ("编号", "被投诉人", "期限", "到期", "承办人"),
    """
    SELECT county, 'complaint:' || id, code, shop, clock, due, handler_id FROM (
        SELECT split_part(r.path, '/', 3) AS county, c.id, c.code, coalesce(m.brand_name, c.respondent_name) AS shop,
            k.code AS clock, c.handler_id,
            to_char((k.due_at - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') AS due,
            row_number() OVER (PARTITION BY split_part(r.path, '/', 3) ORDER BY k.due_at, c.id) AS n
        FROM (
            SELECT DISTINCT ON (complaint_id) complaint_id, code, due_at FROM complaints_clock
            WHERE state = 'RUNNING' AND due_at <= %(late)s AND complaint_id IS NOT NULL ORDER BY complaint_id, due_at
        ) k
        JOIN complaints_complaint c ON c.id = k.complaint_id JOIN core_region r ON r.code = c.region_id
        LEFT JOIN merchants_merchant m ON m.id = c.merchant_id
    ) one WHERE n <= %(rows)s ORDER BY county, n
    """,
    {2: CLOCKS}, 4,
)  # fmt: skip
HARD = Section(
    "疑难件（督办中）", ("编号", "被投诉人", "层级", "提出日", "负责人"),
    """
    SELECT county, 'complaint:' || id, code, shop, level, opened_on::text, owner_id FROM (
        SELECT split_part(r.path, '/', 3) AS county, c.id, c.code, coalesce(m.brand_name, c.respondent_name) AS shop,
            e.level, e.opened_on, e.owner_id,
            row_number() OVER (PARTITION BY split_part(r.path, '/', 3) ORDER BY e.opened_on, e.id) AS n
        FROM complaints_escalation e JOIN complaints_complaint c ON c.id = e.complaint_id
        JOIN core_region r ON r.code = c.region_id LEFT JOIN merchants_merchant m ON m.id = c.merchant_id
        WHERE e.status IN ('PROPOSED', 'OWNED')
    ) one WHERE n <= %(rows)s ORDER BY county, n
    """,
    {2: LEVELS}, 4,
)  # fmt: skip
WHISTLES = Section(
    "吹哨待报到、待办完", ("投诉", "被投诉人", "部门", "吹哨日"),
    """
    SELECT split_part(r.path, '/', 3), 'complaint:' || c.id, c.code, coalesce(m.brand_name, c.respondent_name),
        string_agg(w.department || CASE w.status WHEN 'INVITED' THEN '（待报到）' ELSE '（办理中）' END,
            '、' ORDER BY w.id),
        to_char(h.called_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')
    FROM complaints_whistle h
    JOIN complaints_whistlecall w ON w.whistle_id = h.id AND w.status IN ('INVITED', 'ACCEPTED')
    JOIN complaints_complaint c ON c.id = h.complaint_id JOIN core_region r ON r.code = c.region_id
    LEFT JOIN merchants_merchant m ON m.id = c.merchant_id
    WHERE h.status IN ('CALLED', 'ON_SITE') GROUP BY r.path, c.id, m.brand_name, h.id ORDER BY h.id
    """,
)  # fmt: skip
TICKETS = Section(
    "商场客诉没有答复", ("编号", "商场", "到期", "是否逾期"),
    """
    SELECT split_part(r.path, '/', 3), 'mallticket:' || t.id, t.code, m.name,
        to_char(t.due_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'),
        CASE WHEN t.due_at <= now() THEN '已逾期' ELSE '还没到期' END
    FROM complaints_mallticket t JOIN merchants_mall m ON m.id = t.mall_id JOIN core_region r ON r.code = m.region_id
    WHERE t.status = 'OPEN' ORDER BY t.due_at
    """,
)  # fmt: skip
STATIONS = Section(
    "各所按时率", ("辖区", "到期", "按时", "按时率"),
    """
    SELECT split_part(r.path, '/', 3), '', r.name, count(*), count(*) FILTER (WHERE k.stopped_at <= k.due_at),
        round(100.0 * count(*) FILTER (WHERE k.stopped_at <= k.due_at) / count(*), 1)::text || '%%'
    FROM complaints_clock k JOIN core_region r ON r.code = k.region_id
    WHERE k.code IN ('ACCEPT', 'MEDIATE', 'VERIFY') AND k.state IN ('RUNNING', 'STOPPED')
        AND k.due_at > %(from)s AND k.due_at <= %(to)s
    GROUP BY r.path, r.name ORDER BY 100.0 * count(*) FILTER (WHERE k.stopped_at <= k.due_at) / count(*), r.path
    """,
)  # fmt: skip
FLOW = Section(
    "按事由", ("事由", "收到", "办结", "挽回损失（元）", "不满意"),
    """
    SELECT split_part(r.path, '/', 3), '', c.cause,
        count(*) FILTER (WHERE c.received_at > %(from)s AND c.received_at <= %(to)s),
        count(*) FILTER (WHERE c.closed_at > %(from)s AND c.closed_at <= %(to)s),
        to_char(coalesce(sum(c.recovered_fen) FILTER (WHERE c.closed_at > %(from)s AND c.closed_at <= %(to)s), 0)
            / 100.0, 'FM999999999990.00'),
        count(*) FILTER (WHERE c.closed_at > %(from)s AND c.closed_at <= %(to)s AND c.rating = 1)
    FROM complaints_complaint c JOIN core_region r ON r.code = c.region_id
    WHERE c.status <> 'MERGED' AND ((c.received_at > %(from)s AND c.received_at <= %(to)s)
        OR (c.closed_at > %(from)s AND c.closed_at <= %(to)s))
    GROUP BY 1, c.cause ORDER BY 4 DESC, c.cause
    """,
    {0: CAUSES},
)  # fmt: skip
FREQUENT = Section(
    "投诉集中的商家", ("商家", "本期", "上期", "主要事由"),
    """
    SELECT county, 'merchant:' || id, brand_name, now_, before_, cause FROM (
        SELECT split_part(r.path, '/', 3) AS county, m.id, m.brand_name,
            count(*) FILTER (WHERE c.received_at > %(from)s) AS now_,
            count(*) FILTER (WHERE c.received_at <= %(from)s) AS before_,
            mode() WITHIN GROUP (ORDER BY c.cause) AS cause,
            row_number() OVER (PARTITION BY split_part(r.path, '/', 3)
                ORDER BY count(*) FILTER (WHERE c.received_at > %(from)s) DESC, m.id) AS n
        FROM complaints_complaint c JOIN merchants_merchant m ON m.id = c.merchant_id
        JOIN core_region r ON r.code = c.region_id
        WHERE c.status <> 'MERGED' AND c.received_at > %(before)s AND c.received_at <= %(to)s
        GROUP BY 1, m.id HAVING count(*) FILTER (WHERE c.received_at > %(from)s) > 1
    ) one WHERE n <= %(rows)s ORDER BY county, n
    """,
    {3: CAUSES},
)  # fmt: skip
SAMPLE = Section(
    "质检抽样（上周办结，随机）", ("编号", "被投诉人", "事由", "结果", "承办人"),
    """
    SELECT county, 'complaint:' || id, code, shop, cause, result, handler_id FROM (
        SELECT split_part(r.path, '/', 3) AS county, c.id, c.code, coalesce(m.brand_name, c.respondent_name) AS shop,
            c.cause, CASE c.status WHEN 'NOT_ACCEPTED' THEN '不予受理' ELSE '已办结' END AS result,
            c.handler_id,
            row_number() OVER (PARTITION BY split_part(r.path, '/', 3) ORDER BY md5(c.code || %(seed)s)) AS n
        FROM complaints_complaint c JOIN core_region r ON r.code = c.region_id
        LEFT JOIN merchants_merchant m ON m.id = c.merchant_id
        WHERE c.closed_at > %(from)s AND c.closed_at <= %(to)s AND c.status IN ('CLOSED', 'NOT_ACCEPTED')
    ) one WHERE n <= %(rows)s ORDER BY county, n
    """,
    {2: CAUSES}, 4,
)  # fmt: skip
BY_LIMIT = Section(
    "按期限", ("期限", "到期", "按时", "按时率"),
    """
    SELECT split_part(r.path, '/', 3), '', k.code, count(*), count(*) FILTER (WHERE k.stopped_at <= k.due_at),
        round(100.0 * count(*) FILTER (WHERE k.stopped_at <= k.due_at) / count(*), 1)::text || '%%'
    FROM complaints_clock k JOIN core_region r ON r.code = k.region_id
    WHERE k.state IN ('RUNNING', 'STOPPED') AND k.due_at > %(from)s AND k.due_at <= %(to)s
    GROUP BY 1, k.code ORDER BY k.code
    """,
    {0: CLOCKS},
)  # fmt: skip
TOPICS = Section(
    "每月一题", ("题目", "状态", "措施完成", "之前件数", "之后件数"),
    """
    SELECT split_part(r.path, '/', 3), 'monthlytopic:' || t.id, t.cause,
        CASE t.status WHEN 'CHOSEN' THEN '定方案' WHEN 'EXECUTING' THEN '实施中' ELSE '已评估' END,
        count(s.done_at) || ' / ' || count(s.id), coalesce(t.before_count::text, '—'),
        coalesce(t.after_count::text, '—')
    FROM complaints_monthlytopic t JOIN core_region r ON r.code = t.region_id
    LEFT JOIN complaints_topicmeasure s ON s.topic_id = t.id
    WHERE t.status IN ('CHOSEN', 'EXECUTING') OR (t.status = 'ASSESSED' AND t.assessed_at > %(from)s)
    GROUP BY r.path, t.id ORDER BY t.id
    """,
    {0: CAUSES},
)  # fmt: skip

CONTENTS: Mapping[str, tuple[Section, ...]] = {
    Kind.DAILY_LOOK: (LIMITS, OVERDUE),
    Kind.DAILY_DISPATCH: (HARD, WHISTLES, TICKETS),
    Kind.WEEKLY_CHECK: (STATIONS, SAMPLE),
    Kind.WEEKLY_CONSULT: (FREQUENT, FLOW),
    Kind.TENDAY_REVIEW: (FLOW, STATIONS, HARD),
    Kind.MONTHLY_SETTLEMENT: (FLOW, BY_LIMIT),
    Kind.MONTHLY_COMMENT: (STATIONS, TOPICS),
}


def period_of(kind: str, on: date) -> tuple[date, date] | None:
    """The first and last day that a pack made on the morning of ``on`` is about; None on a day without one."""
    first = on.replace(day=1)
    match kind:
        case Kind.DAILY_LOOK | Kind.DAILY_DISPATCH:
            return on, on
        case Kind.WEEKLY_CHECK | Kind.WEEKLY_CONSULT if on.weekday() == 0:
            return on - timedelta(days=7), on - DAY
        case Kind.TENDAY_REVIEW if on.day in (11, 21):
            return on - timedelta(days=10), on - DAY
        case Kind.TENDAY_REVIEW if on.day == 1:
            return (on - DAY).replace(day=21), on - DAY
        case Kind.MONTHLY_SETTLEMENT | Kind.MONTHLY_COMMENT if on == first:
            return (on - DAY).replace(day=1), on - DAY
    return None


def counties(on: date) -> list[str]:
    """The codes of the bureaus that have an officer today."""
    rows = Membership.objects.in_force(on).filter(role__in=OFFICERS, region__level__gte=3, user__is_active=True)
    paths = rows.values_list("region__path", flat=True).distinct()
    return sorted({path.split("/")[2] for path in paths})


def contents(kind: str, starts_on: date, ends_on: date, on: date) -> Callable[[str], dict[str, Any]]:
    """The content of every county's pack, read now: one statement for each section, whatever the number of counties."""
    span = ends_on - starts_on + DAY
    values = {
        "from": end_of_day(starts_on - DAY), "to": end_of_day(ends_on), "before": end_of_day(starts_on - span - DAY),
        "late": end_of_day(on - DAY), "today": end_of_day(on), "rows": ROWS, "seed": f"{kind}:{starts_on}",
        "soon": end_of_day(add_working_days(on, 3, using=calendar()).due),
    }  # fmt: skip
    read = [(section, _by_county(section, values)) for section in CONTENTS[kind]]

    def of(county: str) -> dict[str, Any]:
        sections = []
        for section, rows in read:
            found = rows.get(county, [])
            sections.append(
                {"title": section.title, "heads": list(section.heads), "rows": [cells for _, cells in found],
                 "keys": [key for key, _ in found]}
            )  # fmt: skip
        return {"sections": sections}

    return of


def _by_county(section: Section, values: Mapping[str, Any]) -> dict[str, list[tuple[str, list[Any]]]]:
    with connection.cursor() as cursor:
        cursor.execute(section.sql, values)
        rows = cursor.fetchall()
    names = _names(section, rows)
    found: dict[str, list[tuple[str, list[Any]]]] = defaultdict(list)
    for county, key, *cells in rows:
        for n, words in section.labels.items():
            cells[n] = words.get(cells[n], cells[n])
        if section.people is not None:
            cells[section.people] = names.get(cells[section.people], "—")
        found[county].append((key, cells))
    return found


def _names(section: Section, rows: Iterable[Sequence[Any]]) -> dict[int, str]:
    """Officers by name: who answers for a matter is never a secret inside."""
    if section.people is None:
        return {}
    wanted = {row[section.people + 2] for row in rows} - {None}
    return {user.pk: user.name for user in User.objects.filter(pk__in=wanted)}
