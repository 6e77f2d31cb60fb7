"""Online dispute resolution (ODR): does a shop settle with its customers first, before the bureau steps in?"""

from __future__ import annotations

from collections.abc import Callable

# What knows of enrolments registers its question here: id of a merchant in, whether its enrolment is in force out.
ENROLMENTS: list[Callable[[int], bool]] = []


def is_enrolled(merchant_id: int | None) -> bool:
    """Whether a complaint against this merchant may go to the merchant first; never one the portal does not know."""
    return merchant_id is not None and any(asks(merchant_id) for asks in ENROLMENTS)
