"""A phone number silent for half a year may belong to somebody else by now: a code alone does not prove who it is."""

from __future__ import annotations

from datetime import date, timedelta

from core.calendar import SHANGHAI
from core.models import User
from core.rule_packs import NATION, rule
from prepaid.models import Contract, Visit


def shop_to_recall(user: User, on: date) -> str | None:
    """The shop of the last visit, when nothing happened on this person's cards with money for ``number.silent_days``.

    None when somebody was there lately, when no money is locked, and when there is no visit to ask after.
    """
    cards = Contract.objects.filter(holder=user, account__row_balance_fen__gt=0)
    last = Visit.objects.filter(contract__in=cards).select_related("merchant").order_by("-requested_at").first()
    if last is None:
        return None
    signed = cards.order_by("-signed_at").values_list("signed_at", flat=True).first()
    newest = max(last.requested_at, signed or last.requested_at).astimezone(SHANGHAI).date()
    silent = timedelta(days=int(rule("number.silent_days", NATION, on).value))
    return last.merchant.brand_name if newest + silent < on else None


def names_it(typed: str, brand: str) -> bool:
    """Whether the words typed name the shop: at least two characters of its sign, spaces aside."""
    words = "".join(typed.split())
    return len(words) >= 2 and words in "".join(brand.split())
