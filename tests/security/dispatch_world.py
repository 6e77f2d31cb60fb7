"""What the desk of the officers needs in the world: an escalation to release, a calendar, rows of an assignment."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from complaints import actions as complaints
from complaints.actions.dispatching import seen
from complaints.actions.feeds import feed_token
from complaints.models import Escalation, Level
from core.actors import Actor
from core.models import Role, User
from merchants.models import Merchant
from tests.cast import DISTRICT, officer
from tests.security.complaint_world import complaint_of


def escalation_of(merchant: Merchant) -> Escalation:
    """One that somebody else owns and has solved."""
    owner = User.objects.by_phone("13900000089") or officer("13900000089", "包案领导", Role.LEADER, DISTRICT)
    row, _ = Escalation.objects.get_or_create(
        complaint=complaint_of(merchant),
        defaults={
            "level": Level.COUNTY, "owner": owner, "reason": "逾期", "opened_on": timezone.localdate(),
            "status": Escalation.Status.SOLVED, "outcome": "已退款到账",
        },
    )  # fmt: skip
    return row


def calendar_token() -> str:
    """The private address of an officer."""
    user = User.objects.by_phone("13900000021")
    assert user
    return feed_token(complaints.make_feed(by=Actor.of_user(user)))


def chosen(merchant: Merchant) -> dict[str, Any]:
    """What the queue posts for a preview."""
    return {"kind": "complaint", "matter": [complaint_of(merchant).pk], "officer": ""}


def previewed(merchant: Merchant) -> dict[str, Any]:
    """What the preview posts to be done."""
    row, user = complaint_of(merchant), User.objects.by_phone("13900000021")
    assert user
    return {"kind": "complaint", "row": f"{row.pk}|{user.pk}|{seen(row)}", "key": f"sample-{row.pk}"}
