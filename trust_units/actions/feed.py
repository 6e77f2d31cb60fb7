"""The supervision feed (监管信息自动归集): what register, lists, penalties, money and leases say, brought to the units.

The truth is read where it lives, in one statement for all units or for one merchant's. A fact whose cause is gone is
cleared; one that an officer cleared is not raised again by the same source.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection, transaction

from core.actors import Actor
from core.permissions import require
from core.rule_packs import rule
from core.transactions import unhurried
from trust_units.models import TrustUnit

UPHELD_DAYS = 365

# Each part: (unit, kind, source, text, happened_on). ``unit`` is narrowed to one merchant where one is asked for.
_REGISTER = """
SELECT u.id, 'DEREGISTERED', 'register:' || e.id,
       CASE e.state WHEN 'REVOKED' THEN '营业执照已被吊销' ELSE '营业执照已注销' END, %(on)s::date
FROM merchants_registerentry e JOIN merchants_merchant m ON m.uscc = e.uscc JOIN unit u ON u.merchant_id = m.id
WHERE e.state <> '' AND e.uscc <> ''
  AND NOT EXISTS (SELECT FROM merchants_registerentry n WHERE n.uscc = e.uscc AND n.id > e.id)
"""
_LISTED = """
SELECT u.id, CASE e.kind WHEN 'SERIOUS' THEN 'SERIOUS_LIST' WHEN 'ABNORMAL' THEN 'ABNORMAL_LIST'
                         ELSE 'LICENCE_EXPIRING' END, 'listed:' || e.id,
       CASE e.kind WHEN 'SERIOUS' THEN '列入严重违法失信名单' WHEN 'ABNORMAL' THEN '列入经营异常名录'
                   ELSE '已发布注销公告' END || CASE WHEN e.reason <> '' THEN '：' || left(e.reason, 200) ELSE '' END,
       e.listed_on
FROM prepaid_listedentry e JOIN merchants_merchant m ON m.uscc = e.uscc JOIN unit u ON u.merchant_id = m.id
WHERE e.uscc <> '' AND e.kind IN ('SERIOUS', 'ABNORMAL', 'DEREG')
  AND e.listed_on <= %(on)s AND (e.removed_on IS NULL OR e.removed_on > %(on)s)
"""
_CLOSED = """
SELECT u.id, 'CLOSED', 'merchant:' || m.id,
       CASE m.status WHEN 'EXITED' THEN '商家已停业' ELSE '商家失联' END, %(on)s::date
FROM merchants_merchant m JOIN unit u ON u.merchant_id = m.id WHERE m.status IN ('EXITED', 'EMERGENCY')
"""
_SHUT = """
SELECT u.id, 'CLOSED', 'store:' || s.id, '门店已停业', %(on)s::date
FROM merchants_store s JOIN unit u ON u.store_id = s.id WHERE NOT s.is_open
"""
_PENALTY = """
SELECT u.id, CASE c.penalty WHEN 'REVOCATION' THEN 'DEREGISTERED' WHEN 'CLOSURE' THEN 'CLOSED' ELSE 'PENALTY' END,
       'case:' || c.id,
       CASE c.penalty WHEN 'REVOCATION' THEN '被吊销许可证件' WHEN 'CLOSURE' THEN '被责令停产停业'
                      ELSE '受到行政处罚' END
           || CASE WHEN c.decision_no <> '' THEN '（' || c.decision_no || '）' ELSE '' END,
       coalesce(c.decided_on, c.published_on)
FROM complaints_enforcementcase c JOIN complaints_violationreport r ON r.id = c.report_id
JOIN unit u ON u.merchant_id = r.merchant_id WHERE c.status = 'PUBLISHED' AND c.public_until >= %(on)s
"""
_UPHELD = """
SELECT u.id, 'UPHELD_COMPLAINT', 'complaint:' || d.complaint_id, '投诉经处理并公示', d.published_on
FROM complaints_disclosure d JOIN complaints_complaint c ON c.id = d.complaint_id
JOIN unit u ON u.merchant_id = c.merchant_id
WHERE d.status = 'PUBLISHED' AND d.published_on > %(on)s::date - %(upheld_days)s AND c.refusal IS NULL
  AND coalesce(c.termination, 0) NOT IN (1, 6)
  AND NOT EXISTS (SELECT FROM complaints_maliceflag f WHERE f.complaint_id = c.id AND f.status = 'UPHELD')
"""
_CUSTODY = """
SELECT u.id, 'CUSTODY_SHORTFALL', 'custody:' || w.id, '预付资金存管不足，限期补足', w.opened_on
FROM prepaid_custodywarning w JOIN unit u ON u.merchant_id = w.merchant_id WHERE w.status <> 'MET'
"""
_RISK = """
SELECT u.id, 'RISK', 'risk:' || w.id,
       CASE w.level WHEN 'RED' THEN '经营风险红色预警' ELSE '经营风险黄色预警' END, w.opened_on
FROM prepaid_riskwarning w JOIN unit u ON u.merchant_id = w.merchant_id
WHERE w.status NOT IN ('DISMISSED', 'ENDED') AND w.level IN ('RED', 'AMBER')
"""
_LEASE = """
SELECT u.id, 'LICENCE_EXPIRING', 'lease:' || s.id || ':' || s.lease_end, '经营场所租约 ' || s.lease_end || ' 到期',
       %(on)s::date
FROM merchants_store s JOIN unit u ON u.store_id = s.id
WHERE s.is_open AND s.lease_end <= %(on)s::date + %(lease_days)s
"""
SOURCES = {
    "register": _REGISTER, "listed": _LISTED, "merchant": _CLOSED, "store": _SHUT, "case": _PENALTY,
    "complaint": _UPHELD, "custody": _CUSTODY, "risk": _RISK, "lease": _LEASE,
}  # fmt: skip

_FEED = """
WITH unit AS MATERIALIZED (
    SELECT id, merchant_id, store_id FROM trust_units_trustunit WHERE status <> 'SELECTION' {narrowed}
), wanted (unit_id, kind, source, text, happened_on) AS MATERIALIZED (
    {parts}
), noted AS (
    INSERT INTO trust_units_supervisionfact AS f (unit_id, kind, source, text, happened_on, noted_at)
    SELECT unit_id, kind, source, text, happened_on, now() FROM wanted ORDER BY unit_id, kind, source
    ON CONFLICT (unit_id, kind, source)
    DO UPDATE SET cleared_on = NULL, text = excluded.text, happened_on = excluded.happened_on, noted_at = now()
    WHERE f.cleared_on IS NOT NULL AND f.cleared_by_id IS NULL
    RETURNING 1
), cleared AS (
    UPDATE trust_units_supervisionfact f SET cleared_on = %(on)s
    WHERE f.cleared_on IS NULL AND split_part(f.source, ':', 1) = ANY(%(sources)s) {of_unit}
      AND NOT EXISTS (SELECT FROM wanted w WHERE w.unit_id = f.unit_id AND w.kind = f.kind AND w.source = f.source)
    RETURNING 1
)
SELECT (SELECT count(*) FROM noted), (SELECT count(*) FROM cleared)
"""


@transaction.atomic
def refresh_facts(*, by: Actor, on: date, merchant_id: int | None = None) -> dict[str, Any]:
    """Bring the facts of all units (or of one merchant's) to what their sources say ``on`` that day.

    Returns how many were noted and cleared; the same day again changes nothing. Raises NotAllowed.
    """
    require(by, "trust_units.feed_facts")
    one = merchant_id is not None
    statement = _FEED.format(
        parts="UNION ALL".join(SOURCES.values()),
        narrowed="AND merchant_id = %(merchant)s" if one else "",
        of_unit="AND f.unit_id IN (SELECT id FROM unit)" if one else "",
    )
    given = {
        "on": on, "merchant": merchant_id, "sources": list(SOURCES), "upheld_days": UPHELD_DAYS,
        "lease_days": int(rule("trust.lease_notice.days", "CN", on).value),
    }  # fmt: skip
    with unhurried(), connection.cursor() as cursor:
        cursor.execute(statement, given)
        noted, cleared = cursor.fetchone()
    return {"noted": noted, "cleared": cleared}


def follow_merchant(merchant_id: int, *, by: Actor, on: date) -> bool:
    """News of one merchant: its units' facts at once, without waiting for the night. Whether it has units."""
    if not TrustUnit.objects.filter(merchant=merchant_id).exclude(status="SELECTION").exists():
        return False
    refresh_facts(by=by, on=on, merchant_id=merchant_id)
    return True
