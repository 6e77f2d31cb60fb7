"""What complaints say of a shop's risk: how many of its orders of three months ended in one that was accepted."""

from __future__ import annotations

from prepaid.risk import extra_signal

# Nothing is scored that nobody has looked into: only what was accepted counts, and not what was found malicious.
# An order is a visit or a payment for a card. Shops without complaints are not counted at all.
_RATE = """
SELECT c.merchant_id, c.n * 10000 / greatest(
           (SELECT count(*) FROM prepaid_visit v WHERE v.merchant_id = c.merchant_id
               AND v.requested_at > %(d90)s::timestamptz)
         + (SELECT count(*) FROM prepaid_lot l JOIN prepaid_contract k ON k.id = l.contract_id
             WHERE k.merchant_id = c.merchant_id AND l.paid_on > %(d90)s AND l.paid_on <= %(on)s), 1)
  FROM (SELECT m.merchant_id, count(*) AS n FROM complaints_complaint m
         WHERE m.merchant_id IS NOT NULL AND m.decided_at IS NOT NULL AND m.refusal IS NULL AND m.status <> 'MERGED'
           AND m.received_at > %(d90)s::timestamptz AND m.received_at < %(on)s::date + 1
           AND NOT EXISTS (SELECT FROM complaints_maliceflag f WHERE f.complaint_id = m.id AND f.status = 'UPHELD')
         GROUP BY m.merchant_id) c
"""

extra_signal("complaints", _RATE, lambda figure: f"近三个月的投诉率 {figure / 100:g}%")
