"""Merchants that share people, phone or address with one that closed, vanished or was restricted. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from merchants.models import Merchant

SHOWN = 5
GONE = ("EXITING", "EMERGENCY", "EXITED", "RESTRICTED")
LIVE = ("SUBMITTED", "UNDER_REVIEW", "ACTIVE", "RESTRICTED")
WORDS = {"phone": "手机号", "id_number": "负责人证件", "person": "负责人姓名", "address": "门店地址"}

# The same place written otherwise: full and half width, spaces and punctuation do not count.
_PLACE = r"regexp_replace(lower(normalize(address, NFKC)), '[\s,.。、;:()\-—–_#·]', '', 'g')"
# A name alone is shared by many: it counts within a city and together with something else. A place is taken over by
# the next tenant: alone it counts in the same trade.
_LIKE = f"""
WITH live AS (
    SELECT * FROM merchants_merchant WHERE status = ANY(%(live)s) AND (%(only)s::bigint IS NULL OR id = %(only)s)
), gone AS (
    SELECT * FROM merchants_merchant WHERE status = ANY(%(gone)s)
), places AS (
    SELECT merchant_id, {_PLACE} AS place FROM merchants_store
    WHERE merchant_id IN (SELECT id FROM live UNION ALL SELECT id FROM gone)
), pairs AS (
    SELECT a.id, g.id AS other, 'phone' AS kind FROM live a JOIN gone g ON g.contact_phone_idx = a.contact_phone_idx
    WHERE a.contact_phone_idx <> ''
    UNION SELECT a.id, g.id, 'id_number' FROM live a JOIN gone g ON g.legal_rep_id_idx = a.legal_rep_id_idx
    WHERE a.legal_rep_id_idx <> ''
    UNION SELECT a.id, g.id, 'person' FROM live a JOIN gone g ON g.legal_rep_idx = a.legal_rep_idx
    WHERE a.legal_rep_idx <> '' AND left(a.region_id, 4) = left(g.region_id, 4)
    UNION SELECT p.merchant_id, q.merchant_id, 'address' FROM places p JOIN places q ON q.place = p.place
    WHERE length(p.place) >= 5 AND p.merchant_id IN (SELECT id FROM live) AND q.merchant_id IN (SELECT id FROM gone)
)
SELECT p.id, p.other, array_agg(p.kind ORDER BY p.kind), min(g.brand_name), min(g.status)
FROM pairs p JOIN live a ON a.id = p.id JOIN gone g ON g.id = p.other
WHERE p.id <> p.other
GROUP BY p.id, p.other
HAVING count(*) > 1 OR bool_or(p.kind IN ('phone', 'id_number'))
    OR bool_or(p.kind = 'address' AND a.industry_id = g.industry_id)
ORDER BY p.id, p.other
"""


@dataclass(frozen=True)
class Likeness:
    """One merchant, one that closed or was stopped, and what is the same."""

    merchant_id: int
    other_id: int
    kinds: tuple[str, ...]
    other_name: str
    other_status: str

    @property
    def words(self) -> str:
        """「手机号、门店地址」."""
        return "、".join(WORDS[kind] for kind in self.kinds)


def likenesses(merchant_id: int | None = None) -> list[Likeness]:
    """Every suspected pair, or those of one merchant; one query over hashes, no name or number leaves the database."""
    args = {"live": list(LIVE), "gone": list(GONE), "only": merchant_id}
    with connection.cursor() as cursor:
        cursor.execute(_LIKE, args)
        return [
            Likeness(one, other, tuple(kinds), name, status) for one, other, kinds, name, status in cursor.fetchall()
        ]


def hints(merchant_id: int) -> list[str]:
    """What the reviewer of a registration should look at twice; never a reason to refuse by itself."""
    return [
        f"{one.words}与「{one.other_name}」（{Merchant.Status(one.other_status).label}）相同，请核实是不是同一拨人换名再开"
        for one in likenesses(merchant_id)[:SHOWN]
    ]
