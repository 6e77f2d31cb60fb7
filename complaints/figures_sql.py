"""How the sums of a month are counted from the truth: one statement for all open months, no row fetched.

Each source gives (month, region_id, industry_id, cause, pack) and its own sums; they are added up by county, for all,
by industry, by cause, and by both.
"""

from __future__ import annotations

ZONE = "'Asia/Shanghai'"
# The county of a region is the third step of its path; what lies higher stands for itself.
COUNTY = "substring(r.path from '^(?:[^/]+/){1,3}')"
_MATTER = "region_id, industry_id, cause, NULL::text AS pack"


def _month(moment: str) -> str:
    return f"date_trunc('month', {moment} AT TIME ZONE {ZONE})::date"


def _span(moment: str) -> str:
    return f"{moment} >= %(begin)s AND {moment} < %(end)s"


# Overdue is what ran out unanswered; whoever drops a limit after it ran out does not make it undone.
_DUE = "(k.state IN ('RUNNING', 'STOPPED') OR (k.state = 'DROPPED' AND k.stopped_at > k.due_at))"
_ON_TIME = "(k.state = 'STOPPED' AND k.stopped_at <= k.due_at)"
# A day that ends at 24:00 belongs to the month that ends.
_DUE_MONTH = f"date_trunc('month', (k.due_at AT TIME ZONE {ZONE}) - interval '1 microsecond')::date"
_DUE_SPAN = "k.due_at > %(begin)s AND k.due_at <= %(end)s"
_COMPLETE = "code IN ('MEDIATE', 'CASE', 'ANSWER')"
_OF_CLOCKS = {
    "accept_due": "code = 'ACCEPT'",
    "accept_on_time": "code = 'ACCEPT' AND on_time",
    "complete_due": _COMPLETE,
    "complete_on_time": f"{_COMPLETE} AND on_time",
    "verify_due": "code = 'VERIFY'",
    "verify_at_once": "code = 'VERIFY' AND on_time AND NOT extended",
    "odr_due": "code = 'ODR'",
    "odr_on_time": "code = 'ODR' AND on_time",
    "contact_due": "code = 'FIRST_CONTACT'",
    "contact_on_time": "code = 'FIRST_CONTACT' AND on_time",
}
_CLOCK_SUMS = ", ".join(f"count(*) FILTER (WHERE {rule}) AS {name}" for name, rule in _OF_CLOCKS.items())
# (names of its sums, query) of each source.
SOURCES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("received",),
        (
            f"SELECT {_month('received_at')} AS month, {_MATTER}, count(*) AS received FROM complaints_complaint"
            f" WHERE {_span('received_at')} AND status <> 'MERGED' GROUP BY 1, 2, 3, 4"
        ),
    ),
    (
        ("reports", "clues"),
        (
            f"SELECT {_month('received_at')} AS month, {_MATTER}, count(*) AS reports, count(found_in_id) AS clues"
            f" FROM complaints_violationreport WHERE {_span('received_at')} AND status NOT IN ('MERGED', 'DUPLICATE')"
            " GROUP BY 1, 2, 3, 4"
        ),
    ),
    (
        ("questions",),
        (
            f"SELECT {_month('received_at')} AS month, {_MATTER}, count(*) AS questions FROM complaints_consultation"
            f" WHERE {_span('received_at')} GROUP BY 1, 2, 3, 4"
        ),
    ),
    (
        ("accepted", "refused"),
        (
            f"SELECT {_month('decided_at')} AS month, {_MATTER}, count(*) FILTER (WHERE refusal IS NULL) AS accepted,"
            f" count(refusal) AS refused FROM complaints_complaint WHERE {_span('decided_at')} GROUP BY 1, 2, 3, 4"
        ),
    ),
    (
        ("closed", "answered", "satisfied", "recovered_fen"),
        (
            f"SELECT {_month('closed_at')} AS month, {_MATTER}, count(*) AS closed,"
            " count(*) FILTER (WHERE rating > 0) AS answered, count(*) FILTER (WHERE rating >= 2) AS satisfied,"
            " sum(recovered_fen) AS recovered_fen FROM complaints_complaint"
            f" WHERE {_span('closed_at')} AND status = 'CLOSED' GROUP BY 1, 2, 3, 4"
        ),
    ),
    (
        tuple(_OF_CLOCKS),
        (
            f"SELECT month, region_id, industry_id, cause, pack, {_CLOCK_SUMS} FROM (SELECT {_DUE_MONTH} AS month,"
            " k.region_id, coalesce(c.industry_id, v.industry_id, q.industry_id) AS industry_id,"
            " coalesce(c.cause, v.cause, q.cause) AS cause, k.pack_id AS pack, k.code, k.extended,"
            f" {_ON_TIME} AS on_time FROM complaints_clock k LEFT JOIN complaints_complaint c ON c.id = k.complaint_id"
            " LEFT JOIN complaints_violationreport v ON v.id = k.report_id"
            " LEFT JOIN complaints_consultation q ON q.id = k.consultation_id"
            f" WHERE {_DUE_SPAN} AND {_DUE}) k GROUP BY 1, 2, 3, 4, 5"
        ),
    ),
    (
        ("disclosable", "disclosed"),
        (
            "SELECT date_trunc('month', d.objection_until)::date AS month, c.region_id, c.industry_id, c.cause,"
            " NULL::text AS pack, count(*) AS disclosable, count(*) FILTER (WHERE d.status = 'PUBLISHED') AS disclosed"
            " FROM complaints_disclosure d JOIN complaints_complaint c ON c.id = d.complaint_id"
            " WHERE d.objection_until >= %(first)s AND d.objection_until < %(until)s AND NOT EXISTS (SELECT FROM"
            " complaints_maliceflag f WHERE f.complaint_id = c.id AND f.status = 'UPHELD') GROUP BY 1, 2, 3, 4"
        ),
    ),
    (
        ("locked_fen", "owed_fen"),
        (
            "SELECT m.month, s.region_id, s.industry_id, '' AS cause, NULL::text AS pack,"
            " sum(k.locked_fen) AS locked_fen, sum(k.obligations_fen) AS owed_fen"
            " FROM unnest(%(months)s::date[]) m(month)"
            " JOIN prepaid_custodycheck k ON k.quarter_end = date_trunc('quarter', m.month)::date - 1"
            " JOIN merchants_merchant s ON s.id = k.merchant_id GROUP BY 1, 2, 3"
        ),
    ),
)
SUMS: tuple[str, ...] = tuple(name for names, _ in SOURCES for name in names)


def _all_sources() -> str:
    found = []
    for names, query in SOURCES:
        sums = ", ".join(f"s.{name}" if name in names else "0" for name in SUMS)
        found.append(f"SELECT s.month, s.region_id, s.industry_id, s.cause, s.pack, {sums} FROM ({query}) s")
    return " UNION ALL ".join(found)


ROLLUP = f"""
INSERT INTO complaints_complaintrollup (month_id, county_id, by, industry_id, cause, packs, extra, {", ".join(SUMS)})
SELECT t.month, county.code, grouping(t.industry_id, t.cause), t.industry_id, coalesce(t.cause, ''),
       coalesce(array_agg(DISTINCT t.pack ORDER BY t.pack) FILTER (WHERE t.pack IS NOT NULL), '{{}}'), '{{}}'::jsonb,
       {", ".join(f"sum(t.{name})" for name in SUMS)}
  FROM ({_all_sources()}) t(month, region_id, industry_id, cause, pack, {", ".join(SUMS)})
  JOIN core_region r ON r.code = t.region_id
  JOIN core_region county ON county.path = {COUNTY}
 WHERE t.month = ANY(%(months)s::date[])
 GROUP BY GROUPING SETS ((t.month, county.code), (t.month, county.code, t.industry_id),
                         (t.month, county.code, t.cause), (t.month, county.code, t.industry_id, t.cause))
HAVING grouping(t.cause) = 1 OR t.cause <> ''
"""
# Only the bureau's own limits: not the shop's time to settle, nor the complainant's to prove who they are.
LATENESS = f"""
INSERT INTO complaints_latenessrollup
       (month_id, county_id, code, due, on_time, late, unanswered, late_days, worst_days)
SELECT k.month, county.code, k.code, count(*), count(*) FILTER (WHERE k.days = 0),
       count(*) FILTER (WHERE k.days > 0 AND k.answered), count(*) FILTER (WHERE k.days > 0 AND NOT k.answered),
       sum(k.days), max(k.days)
  FROM (SELECT {_DUE_MONTH} AS month, k.region_id, k.code, coalesce(k.stopped_at < %(end)s, false) AS answered,
               CASE WHEN {_ON_TIME} THEN 0 ELSE greatest(1, ceil(extract(epoch FROM
                   least(coalesce(k.stopped_at, %(end)s), %(end)s) - k.due_at) / 86400))::int END AS days
          FROM complaints_clock k WHERE {_DUE_SPAN} AND {_DUE} AND k.code NOT IN ('ODR', 'ID_PROOF')) k
  JOIN core_region r ON r.code = k.region_id
  JOIN core_region county ON county.path = {COUNTY}
 WHERE k.month = ANY(%(months)s::date[])
 GROUP BY 1, 2, 3
"""
SHOPS = """
INSERT INTO complaints_shopmonth (merchant_id, month_id, redemptions)
SELECT merchant_id, date_trunc('month', settled_on)::date, count(*) FROM prepaid_visit
 WHERE status IN ('CONFIRMED', 'AUTO_CONFIRMED') AND settled_on >= %(first)s AND settled_on < %(until)s
   AND date_trunc('month', settled_on)::date = ANY(%(months)s::date[])
 GROUP BY 1, 2
"""
EXTRA = """
UPDATE complaints_complaintrollup u
   SET extra = u.extra || jsonb_build_object(%(code)s::text, jsonb_build_array(e.num, e.den))
  FROM ({sql}) e(county, num, den)
 WHERE u.month_id = %(month)s AND u.county_id = e.county AND u.by = 3
"""
EXTRA_COUNTIES = """
INSERT INTO complaints_complaintrollup (month_id, county_id, by, cause, packs, extra, {columns})
SELECT %(month)s, e.county, 3, '', '{{}}', '{{}}'::jsonb, {zeros} FROM ({sql}) e(county, num, den)
ON CONFLICT DO NOTHING
"""
FIRST = f"""
SELECT least({_month("(SELECT min(received_at) FROM complaints_complaint)")},
             {_month("(SELECT min(received_at) FROM complaints_violationreport)")},
             {_month("(SELECT min(received_at) FROM complaints_consultation)")},
             date_trunc('month', (SELECT min(settled_on) FROM prepaid_visit))::date)
"""
# Every row of the month as it stands, in one order, without the numbers the database gave them.
DIGEST = """
SELECT encode(sha256(convert_to(coalesce(string_agg(line, E'\\n' ORDER BY line), ''), 'UTF8')), 'hex') FROM (
    SELECT (to_jsonb(a) - 'id')::text AS line FROM complaints_complaintrollup a WHERE month_id = %(month)s
    UNION ALL SELECT (to_jsonb(b) - 'id')::text FROM complaints_latenessrollup b WHERE month_id = %(month)s
    UNION ALL SELECT (to_jsonb(c) - 'id')::text FROM complaints_shopmonth c WHERE month_id = %(month)s) rows
"""
