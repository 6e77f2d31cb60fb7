"""One more look at a shop's offers."""

from __future__ import annotations

from datetime import date

from django.db import connection

from core.actors import Actor
from core.calendar import business_date
from merchants.models import Merchant
from merchants.rules import works_for

_ONE_MORE = """
INSERT INTO prepaid_offerview (merchant_id, "on", views) VALUES (%s, %s, 1)
ON CONFLICT (merchant_id, "on") DO UPDATE SET views = prepaid_offerview.views + 1
"""


def count_offer_view(merchant: Merchant, *, by: Actor, on: date | None = None) -> None:
    """Count one look at a shop's public page, its own people left out; nothing is kept about the reader."""
    if not works_for.test(by, merchant):
        with connection.cursor() as cursor:
            cursor.execute(_ONE_MORE, [merchant.pk, on or business_date()])
