"""The nightly count behind the coverage board: one statement over registry, register, stays, checks and removals."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection, transaction

from core.actors import Actor
from core.permissions import require
from core.transactions import unhurried
from trust_units.models import PUBLIC, CoverageRow

# ``area`` is '' for all together and '?' where the register names no place. Only the newest line of a licence counts.
_COUNT = """
WITH place AS MATERIALIZED (
    SELECT code, coalesce(nullif(split_part(path, '/', 3), ''), code) AS county FROM core_region
), unit AS MATERIALIZED (
    SELECT u.id, p.county, u.status, u.merchant_id, m.industry_id
    FROM trust_units_trustunit u JOIN place p ON p.code = u.region_id
    LEFT JOIN merchants_merchant m ON m.id = u.merchant_id
), held AS (
    SELECT CASE WHEN grouping(county) = 1 THEN '' ELSE county END AS area,
           count(*) FILTER (WHERE status = ANY(%(public)s)) AS units,
           count(DISTINCT merchant_id) FILTER (WHERE status = ANY(%(public)s)) AS covered,
           jsonb_build_object('SELECTION', count(*) FILTER (WHERE status = 'SELECTION'),
                              'INCUBATION', count(*) FILTER (WHERE status = 'INCUBATION'),
                              'STAR', count(*) FILTER (WHERE status = 'STAR'),
                              'WARNING', count(*) FILTER (WHERE status = 'WARNING'),
                              'REMOVED', count(*) FILTER (WHERE status = 'REMOVED')) AS pools
    FROM unit GROUP BY GROUPING SETS ((county), ())
), entity AS MATERIALIZED (
    SELECT coalesce(nullif(left(e.region_code, 6), ''), '?') AS county, e.industry_code
    FROM merchants_registerentry e
    WHERE e.state = '' AND (e.uscc = '' OR NOT EXISTS (
        SELECT FROM merchants_registerentry n WHERE n.uscc = e.uscc AND n.id > e.id))
), registered AS (
    SELECT CASE WHEN grouping(county) = 1 THEN '' ELSE county END AS area, count(*) AS entities
    FROM entity GROUP BY GROUPING SETS ((county), ())
), trade AS (
    SELECT area, industry, sum(covered) AS covered, sum(entities) AS entities FROM (
        SELECT CASE WHEN grouping(county) = 1 THEN '' ELSE county END AS area, industry_id AS industry,
               count(DISTINCT merchant_id) AS covered, 0 AS entities
        FROM unit WHERE status = ANY(%(public)s) AND industry_id IS NOT NULL
        GROUP BY GROUPING SETS ((county, industry_id), (industry_id))
        UNION ALL
        SELECT CASE WHEN grouping(county) = 1 THEN '' ELSE county END, industry_code, 0, count(*)
        FROM entity WHERE industry_code IS NOT NULL GROUP BY GROUPING SETS ((county, industry_code), (industry_code))
    ) both_sides GROUP BY area, industry
), trades AS (
    SELECT area, jsonb_agg(jsonb_build_array(industry, covered, entities) ORDER BY industry) AS industries
    FROM trade GROUP BY area
), looked AS (
    SELECT CASE WHEN grouping(p.county) = 1 THEN '' ELSE p.county END AS area, count(*) AS checked
    FROM trust_units_spotcheck c JOIN place p ON p.code = c.region_id
    WHERE c.status <> 'DRAWN' AND c.unit_id IS NOT NULL AND c.day >= %(start)s AND c.day <= %(on)s
    GROUP BY GROUPING SETS ((p.county), ())
), gone AS (
    SELECT CASE WHEN grouping(u.county) = 1 THEN '' ELSE u.county END AS area, count(*) AS removed
    FROM trust_units_removal r JOIN unit u ON u.id = r.unit_id
    WHERE r.status IN ('REMOVED', 'APPEALED', 'UPHELD')
      AND (r.removed_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN %(start)s AND %(on)s
    GROUP BY GROUPING SETS ((u.county), ())
), stayed AS (
    SELECT d.day, CASE WHEN grouping(u.county) = 1 THEN '' ELSE u.county END AS area, s.pool, count(*) AS n
    FROM unnest(%(days)s::date[]) AS d(day)
    JOIN trust_units_poolstay s ON s.entered_on <= d.day AND (s.left_on IS NULL OR s.left_on > d.day)
    JOIN unit u ON u.id = s.unit_id
    GROUP BY GROUPING SETS ((d.day, u.county, s.pool), (d.day, s.pool))
), monthly AS (
    SELECT area, day, jsonb_object_agg(pool, n) AS pools FROM stayed GROUP BY area, day
), months AS (
    SELECT area, jsonb_agg(jsonb_build_array(to_char(day, 'YYYY-MM'), pools) ORDER BY day) AS months
    FROM monthly GROUP BY area
)
INSERT INTO trust_units_coveragerow
    (area, name, counted_on, units, covered, entities, checked, removed, pools, industries, months)
SELECT a.area, coalesce(r.name, '全部'), %(on)s, coalesce(h.units, 0), coalesce(h.covered, 0),
       coalesce(g.entities, 0), coalesce(l.checked, 0), coalesce(x.removed, 0), coalesce(h.pools, '{}'),
       coalesce(t.industries, '[]'), coalesce(m.months, '[]')
FROM (SELECT area FROM held UNION SELECT area FROM registered) a
LEFT JOIN core_region r ON r.code = a.area
LEFT JOIN held h ON h.area = a.area LEFT JOIN registered g ON g.area = a.area LEFT JOIN trades t ON t.area = a.area
LEFT JOIN looked l ON l.area = a.area LEFT JOIN gone x ON x.area = a.area LEFT JOIN months m ON m.area = a.area
WHERE a.area = '' OR r.code IS NOT NULL
"""


@transaction.atomic
def count_coverage(*, by: Actor, on: date) -> int:
    """Count every county anew; readers see the old rows until the new ones are there. How many counties."""
    require(by, "trust_units.count_coverage")
    given: dict[str, Any] = {"public": list(PUBLIC), "on": on, "start": date(on.year, 1, 1), "days": month_ends(on)}
    CoverageRow.objects.all().delete()
    with unhurried(), connection.cursor() as cursor:
        cursor.execute(_COUNT, given)
    return CoverageRow.objects.counties().count()


def month_ends(on: date) -> list[date]:
    """The last days of the eleven months before, and ``on``."""
    firsts = [date(on.year - (n >= on.month), (on.month - 1 - n) % 12 + 1, 1) for n in range(10, -1, -1)]
    return [date.fromordinal(first.toordinal() - 1) for first in firsts] + [on]
