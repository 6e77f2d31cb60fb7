"""An officer's private calendar of due dates: made, changed, switched off, read by its signed address."""

from __future__ import annotations

import secrets

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import timezone

from complaints.models import CalendarFeed
from core.actors import Actor
from core.audit import record
from core.errors import NotFound
from core.models import User
from core.permissions import require

_SIGNER = Signer(salt="complaints.calendar_feed")


@transaction.atomic
def make_feed(*, by: Actor) -> CalendarFeed:
    """A new private address; the one before is dead from now on."""
    require(by, "complaints.keep_feed")
    assert by.user is not None
    feed, _ = CalendarFeed.objects.update_or_create(
        user=by.user, defaults={"nonce": secrets.token_hex(16), "made_at": timezone.now()}
    )
    record("calendar_feed.make", feed, by=by)
    return feed


@transaction.atomic
def revoke_feed(*, by: Actor) -> None:
    """Switch the private address off. Raises NotFound where there is none."""
    require(by, "complaints.keep_feed")
    feed = CalendarFeed.objects.select_for_update().filter(user=by.user).first()
    if feed is None:
        raise NotFound("没有订阅地址")
    record("calendar_feed.revoke", feed, by=by)
    feed.delete()


def feed_token(feed: CalendarFeed) -> str:
    """What stands in the address: the nonce with its signature; the table alone does not give it away."""
    return _SIGNER.sign(feed.nonce)


def officer_of(token: str) -> User:
    """Whose calendar an address is. Raises NotFound for a forged or dead one, and for who has no post any more."""
    try:
        nonce = _SIGNER.unsign(token)
    except BadSignature:
        raise NotFound from None
    feed = CalendarFeed.objects.select_related("user").filter(nonce=nonce, user__is_active=True).first()
    if feed is None or not feed.user.access.is_regulator:
        raise NotFound
    return feed.user
