"""What can be done with people and machinery: codes, devices, memberships, delegation, replay."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core import messages, outbox
from core.actors import Actor
from core.audit import record
from core.crypto import blind_index
from core.errors import Invalid, NotFound, TooMany, WrongState
from core.identifiers import clean_phone
from core.models import AuditEvent, Delegation, Membership, OutboxEvent, PhoneCode, Role, TrustedDevice, User
from core.permissions import require

CODE_MINUTES, CODE_TRIES, CODES_PER_HOUR = 10, 5, 6
DEVICE_DAYS = 90
UNMASKS_PER_HOUR = 30


def _digest(text: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def send_phone_code(phone: str, purpose: str) -> str:
    """Send a six-digit code that proves the phone for ``purpose``; returns it for the demo's message page.

    Raises Invalid for a phone, TooMany past six codes an hour.
    """
    e164 = clean_phone(phone)
    idx = blind_index("phone", e164)
    now = timezone.now()
    recent = PhoneCode.objects.filter(phone_idx=idx, created_at__gt=now - timedelta(hours=1))
    if recent.count() >= CODES_PER_HOUR:
        raise TooMany("一小时内最多发 6 次验证码，请稍后再试", retry_after=3600)
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = PhoneCode.objects.create(
        phone_idx=idx,
        purpose=purpose,
        code_hash=_digest(f"{idx}:{purpose}:{code}"),
        expires_at=now + timedelta(minutes=CODE_MINUTES),
    )
    messages.send(
        e164,
        f"【{settings.PORTAL_NAME}】验证码 {code}，{CODE_MINUTES} 分钟内有效，不要告诉别人。",
        key=f"code:{row.pk}",
    )
    return code


def check_phone_code(phone: str, purpose: str, code: str) -> str:
    """Use up a code; returns the phone in E.164. Raises Invalid when it is wrong, old or used.

    A wrong try is counted at once, also when the caller's transaction is rolled back later.
    """
    e164 = clean_phone(phone)
    idx = blind_index("phone", e164)
    wrong = Invalid(fields={"code": "验证码不对或已过期，请重新获取"})
    row = (
        PhoneCode.objects.filter(phone_idx=idx, purpose=purpose, used_at=None, expires_at__gt=timezone.now())
        .order_by("-pk")
        .first()
    )
    if row is None:
        raise wrong
    counted = PhoneCode.objects.filter(pk=row.pk, attempts__lt=CODE_TRIES).update(attempts=F("attempts") + 1)
    if not counted or not hmac.compare_digest(row.code_hash, _digest(f"{idx}:{purpose}:{code.strip()}")):
        raise wrong
    if not PhoneCode.objects.filter(pk=row.pk, used_at=None).update(used_at=timezone.now()):
        raise wrong
    return e164


@transaction.atomic
def trust_device(user_id: int, label: str) -> str:
    """Remember this browser for 90 days; returns the token for its cookie (only a hash is kept)."""
    token = secrets.token_urlsafe(32)
    TrustedDevice.objects.create(
        user_id=user_id,
        token_hash=_digest(token),
        label=label[:80],
        expires_at=timezone.now() + timedelta(days=DEVICE_DAYS),
    )
    return token


def device_is_trusted(user: User, token: str) -> bool:
    """Whether this browser was trusted by ``user`` and still is."""
    found = TrustedDevice.objects.filter(user=user, token_hash=_digest(token), expires_at__gt=timezone.now())
    return bool(token) and found.exists()


@transaction.atomic
def forget_devices(user_id: int, *, by: Actor) -> int:
    """Unbind every phone and browser of a person; upper apps ask their own permission first. How many there were."""
    user = User.objects.get(pk=user_id)
    count, _ = TrustedDevice.objects.filter(user=user).delete()
    record("user.forget_devices", user, by=by, count=count)
    return count


@transaction.atomic
def note_phone_search(digits: str, place: str, *, by: Actor) -> None:
    """Write down that somebody looked for a person by phone: its last four digits and where (个人信息保护法第51条)."""
    if by.user is not None:
        record("user.search_phone", by.user, by=by, last4=digits[-4:], place=place)


@transaction.atomic
def note_export(place: str, filters: str, *, by: Actor) -> None:
    """Write down that somebody took a list away as a file, and with which filters."""
    if by.user is not None:
        record("user.export", by.user, by=by, place=place, filters=filters[:200])


@transaction.atomic
def grant_membership(
    user_id: int,
    role: Role,
    *,
    by: Actor,
    region_id: str | None = None,
    merchant_id: int | None = None,
    mall_id: int | None = None,
    department: str = "",
) -> Membership:
    """Give a role; upper apps ask their own permission first. The database refuses a scope that does not fit."""
    membership, made = Membership.objects.get_or_create(
        user_id=user_id,
        role=role,
        region_id=region_id,
        merchant_id=merchant_id,
        mall_id=mall_id,
        valid_to=None,
        defaults={"department": department},
    )
    if made:
        record(
            "membership.grant",
            membership,
            by=by,
            user=user_id,
            role=role,
            merchant=merchant_id,
            mall=mall_id,
            region=region_id,
        )
    return membership


@transaction.atomic
def end_membership(membership_id: int, *, by: Actor) -> Membership:
    """End a role yesterday: today it counts no more."""
    membership = Membership.objects.select_for_update(no_key=True).get(pk=membership_id)
    membership.valid_to = timezone.localdate() - timedelta(days=1)
    membership.save(update_fields=["valid_to"])
    record("membership.end", membership, by=by)
    return membership


@transaction.atomic
def delegate(to_user_id: int, reason: str, start: date, end: date, *, by: Actor) -> Delegation:
    """While away, let a colleague act with one's officer roles. Raises Invalid."""
    require(by, "core.delegate_user")
    assert by.user is not None
    if to_user_id == by.user.pk:
        raise Invalid(fields={"to_user": "不能委托给自己"})
    if end < start or end < timezone.localdate():
        raise Invalid(fields={"valid_to": "结束日期不能早于开始日期，也不能早于今天"})
    delegation = Delegation.objects.create(
        from_user=by.user, to_user_id=to_user_id, reason=reason[:100], valid_from=start, valid_to=end
    )
    record("user.delegate", delegation, by=by, to=to_user_id, start=start, end=end)
    return delegation


def purpose_of_unmask(purpose: str, *, by: Actor) -> str:
    """The reason for which personal data may be shown now. Raises Invalid for none, TooMany past 30 an hour."""
    if len(purpose.strip()) < 4:
        raise Invalid(fields={"purpose": "写明查看的用途，至少 4 个字"})
    since = timezone.now() - timedelta(hours=1)
    lately = AuditEvent.objects.filter(actor_kind=int(by.kind), actor_id=by.id, at__gt=since, verb__endswith=".unmask")
    if lately.count() >= UNMASKS_PER_HOUR:
        raise TooMany(f"一小时内最多查看 {UNMASKS_PER_HOUR} 次完整信息，请稍后再试", retry_after=3600)
    return purpose.strip()[:200]


@transaction.atomic
def replay_outbox_event(event_id: str, *, by: Actor) -> OutboxEvent:
    """Try a dead effect again from the start."""
    require(by, "core.replay_outboxevent")
    event = OutboxEvent.objects.select_for_update(no_key=True).filter(pk=event_id).first()
    if event is None:
        raise NotFound
    if event.state != OutboxEvent.State.DEAD:
        raise WrongState("只有已停止重试的事项可以重放")
    outbox.replay(event_id)
    record("outbox.replay", event, by=by, topic=event.topic)
    event.refresh_from_db()
    return event
