"""Loads regions, industries, the calendar and the shipped rule packs; safe to run at every start."""

from __future__ import annotations

import csv
import io
import json
import lzma
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from core.calendar import DAY, forget_calendar, published_calendar
from core.rule_packs import SHIPPED_PACKS, forget_rules

DATA = Path(__file__).parent / "data"
FIRST_DAY = date(2004, 1, 1)
YEARS_AHEAD = 5

_REGION_COLUMNS = "code text, name text, level smallint, path text, is_demo bool"
_INDUSTRY_COLUMNS = "code smallint, name text, prepaid_common bool, sector text, keywords text"
_DAY_COLUMNS = "day date, is_working bool, holiday text, published bool"

_REGIONS = """
INSERT INTO core_region (code, name, level, path, is_demo)
SELECT code, name, level, path, is_demo FROM incoming_region
ON CONFLICT (code) DO UPDATE
   SET name = excluded.name, level = excluded.level, path = excluded.path, is_demo = excluded.is_demo
 WHERE (core_region.name, core_region.level, core_region.path, core_region.is_demo)
       IS DISTINCT FROM (excluded.name, excluded.level, excluded.path, excluded.is_demo)
"""
_INDUSTRIES = """
INSERT INTO core_industry (code, name, prepaid_common, sector, keywords)
SELECT code, name, prepaid_common, coalesce(sector, ''), coalesce(string_to_array(keywords, '|'), '{}')
  FROM incoming_industry
ON CONFLICT (code) DO UPDATE
   SET name = excluded.name, prepaid_common = excluded.prepaid_common, sector = excluded.sector,
       keywords = excluded.keywords
 WHERE (core_industry.name, core_industry.prepaid_common, core_industry.sector, core_industry.keywords::text[])
       IS DISTINCT FROM (excluded.name, excluded.prepaid_common, excluded.sector, excluded.keywords::text[])
"""
# A year an officer has published here before this package knew it must not fall back to the assumption.
_CALENDAR = """
INSERT INTO core_calendarday (day, is_working, holiday, published)
SELECT day, is_working, coalesce(holiday, ''), published FROM incoming_day
ON CONFLICT (day) DO UPDATE
   SET is_working = excluded.is_working, holiday = excluded.holiday, published = excluded.published
 WHERE (excluded.published OR NOT core_calendarday.published)
   AND (core_calendarday.is_working, core_calendarday.holiday, core_calendarday.published)
       IS DISTINCT FROM (excluded.is_working, excluded.holiday, excluded.published)
"""
# A family of which officers have published a version here is theirs: a newer shipped version does not push in.
# The day on which a version of theirs ended a shipped one stays.
_PACKS = """
INSERT INTO core_rulepack (id, family, status, region_code, inherits, effective_from, effective_to, note,
                           proposal_hash, decision)
SELECT id, family, 'PUBLISHED', region_code, inherits, effective_from, effective_to, note, '', ''
  FROM jsonb_to_recordset(%s::jsonb)
       AS t (id text, family text, region_code text, inherits text, effective_from date, effective_to date, note text)
 WHERE EXISTS (SELECT 1 FROM core_rulepack known WHERE known.id = t.id)
    OR NOT EXISTS (SELECT 1 FROM core_rulepack own WHERE own.family = t.family AND own.status = 'PUBLISHED'
                      AND own.drafted_by_id IS NOT NULL)
ON CONFLICT (id) DO UPDATE
   SET family = excluded.family, status = excluded.status, region_code = excluded.region_code,
       inherits = excluded.inherits, note = excluded.note, effective_from = excluded.effective_from,
       effective_to = coalesce(excluded.effective_to, core_rulepack.effective_to)
 WHERE (core_rulepack.family, core_rulepack.status, core_rulepack.region_code, core_rulepack.inherits,
        core_rulepack.note, core_rulepack.effective_from, core_rulepack.effective_to)
       IS DISTINCT FROM (excluded.family, excluded.status, excluded.region_code, excluded.inherits, excluded.note,
                         excluded.effective_from, coalesce(excluded.effective_to, core_rulepack.effective_to))
"""
_RULES = """
INSERT INTO core_rule (pack_id, key, value, unit, base, basis, tag, conditions)
SELECT pack, key, value, unit, base, basis, tag, conditions
  FROM jsonb_to_recordset(%s::jsonb)
       AS t (pack text, key text, value jsonb, unit text, base text, basis text, tag text, conditions jsonb)
 WHERE EXISTS (SELECT 1 FROM core_rulepack known WHERE known.id = t.pack)
ON CONFLICT (pack_id, key) DO UPDATE
   SET value = excluded.value, unit = excluded.unit, base = excluded.base, basis = excluded.basis,
       tag = excluded.tag, conditions = excluded.conditions
 WHERE (core_rule.value, core_rule.unit, core_rule.base, core_rule.basis, core_rule.tag, core_rule.conditions)
       IS DISTINCT FROM (excluded.value, excluded.unit, excluded.base, excluded.basis, excluded.tag,
                         excluded.conditions)
"""
# What officers entered or corrected here stays.
_RATES = """
INSERT INTO core_interestrate (base, effective_from, ppm, source, tag)
SELECT base, effective_from, ppm, source, tag
  FROM jsonb_to_recordset(%s::jsonb) AS t (base text, effective_from date, ppm int, source text, tag text)
ON CONFLICT (base, effective_from) DO NOTHING
"""


def load_reference(connection: BaseDatabaseWrapper) -> dict[str, int]:
    """Bring the reference tables up to the shipped files; returns the rows changed in each.

    A second run changes nothing. Regions are never removed, since addresses point at them. Shipped rule packs
    follow the file: a local rule belongs in a pack of its own, which is never touched.
    """
    packs = json.loads(SHIPPED_PACKS.read_text("utf-8"))["packs"]
    rules = [{**rule, "pack": pack["id"]} for pack in packs for rule in pack["rules"]]
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        with lzma.open(DATA / "regions.csv.xz", "rt", encoding="utf-8") as regions:
            _copy(cursor, "region", _REGION_COLUMNS, regions)
        with (DATA / "industries.csv").open(encoding="utf-8") as industries:
            _copy(cursor, "industry", _INDUSTRY_COLUMNS, industries)
        _copy(cursor, "day", _DAY_COLUMNS, _calendar_csv())
        # The shipped file may mend what it shipped; nobody else changes a published pack (0003_rule_packs.sql).
        cursor.execute("SELECT set_config('portal.shipping_rules', 'on', true)")
        changed = {}
        for table, statement, params in (
            ("regions", _REGIONS, None),
            ("industries", _INDUSTRIES, None),
            ("calendar", _CALENDAR, None),
            ("packs", _PACKS, [json.dumps(packs)]),
            ("rules", _RULES, [json.dumps(rules)]),
            ("rates", _RATES, [(DATA / "interest_rates.json").read_text("utf-8")]),
        ):
            cursor.execute(statement, params)
            changed[table] = cursor.rowcount
        cursor.execute("SELECT set_config('portal.shipping_rules', 'off', true)")
    forget_calendar()
    forget_rules()
    return changed


def _copy(cursor: Any, name: str, columns: str, rows: TextIO) -> None:
    """Stream a CSV file with a header into a temporary table that lives until the end of the transaction."""
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.incoming_{name}")
    cursor.execute(f"CREATE TEMP TABLE incoming_{name} ({columns}) ON COMMIT DROP")
    cursor.copy_expert(f"COPY incoming_{name} FROM STDIN (FORMAT csv, HEADER)", rows)


def _calendar_csv() -> TextIO:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("day", "is_working", "holiday", "published"))
    writer.writerows(_calendar_rows())
    text.seek(0)
    return text


def _calendar_rows() -> Iterator[tuple[date, bool, str, bool]]:
    """Every day from 2004 on; a few years past the last publication are marked as not published (未公布)."""
    cal = published_calendar()
    day = FIRST_DAY
    while day.year <= cal.published_until.year + YEARS_AHEAD:
        name = cal.special[day][1] if day in cal.special else cal.holiday(day)
        yield day, cal.is_working(day), name, day <= cal.published_until
        day += DAY
