"""A dozen merchants that are not on public view yet: drafts, under review with clocks and doubts, returned."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import md5

from django.utils import timezone

from core import outbox
from core.actors import SYSTEM
from core.calendar import calendar
from merchants import actions as merchants
from merchants.clocks import half_working_day
from merchants.models import Merchant, RegisterEntry
from portal.demo.names import at, working_days_before
from portal.demo.people import Cast
from portal.demo.shops import Builder, Shop

DRAFTS, UNDER_REVIEW, RETURNED = 2, 6, 3
RETURN_REASONS = (
    ["营业执照照片不清楚，请重新上传"],
    ["门店租约到期日没有附证明，请补租赁合同首页和签字页"],
    ["店招与营业执照名称不一致，请说明或更正", "请补经营者身份证正反面"],
)


def apply(build: Builder, cast: Cast, neighbour: Shop) -> list[Shop]:
    """Write them; ``neighbour`` is the shop at whose address another one claims to be."""
    owners = build.owners(DRAFTS + 1 + UNDER_REVIEW + RETURNED)
    shops = [build.filler(build.random.choice(list(build.trades.values())), owner) for owner in owners]
    for shop in shops:
        shop.status, shop.plans = Merchant.Status.DRAFT, []
    handed_in = shops[DRAFTS:]
    handed_in[2].street, handed_in[2].address = neighbour.street, neighbour.address
    build.write(shops)
    waiting, reviewed, returned = handed_in[0], handed_in[1 : 1 + UNDER_REVIEW], handed_in[1 + UNDER_REVIEW :]
    _register(reviewed)
    _hand_in(build, reviewed, waiting, returned)
    # What the submission of this one promised; the automatic check runs as soon as the outbox does.
    outbox.enqueue("merchants.auto_check", f"{waiting.merchant.pk}:demo", {"merchant": waiting.merchant.pk})
    for shop in (*reviewed, *returned):
        merchants.auto_check(shop.merchant.pk, by=SYSTEM)
    for shop, reasons in zip(returned, RETURN_REASONS, strict=True):
        merchants.send_back(shop.merchant.pk, reasons, by=cast.by("chen"))
    return shops


def _register(shops: list[Shop]) -> None:
    """What the licence authority knows: all but the third, and of the fourth another name."""
    known = [shop.merchant for number, shop in enumerate(shops) if number != 2]
    RegisterEntry.objects.bulk_create(
        RegisterEntry(
            uscc=merchant.uscc,
            legal_name=merchant.legal_name.replace("示范区", "示范区老" if merchant == shops[3].merchant else "示范区"),
            brand_name=merchant.brand_name,
            region_code=merchant.region_id,
            industry_code=merchant.industry_id,
            digest=md5(merchant.uscc.encode(), usedforsecurity=False).hexdigest(),
        )
        for merchant in known
    )


def _hand_in(build: Builder, reviewed: list[Shop], waiting: Shop, returned: list[Shop]) -> None:
    """Set the review clocks backwards, from long overdue to handed in a moment ago."""
    now = timezone.now()
    times = [at(working_days_before(build.today, days), 9, 20) for days in (3, 2, 1)]
    times += [now - timedelta(minutes=minutes) for minutes in (190, 95, 20)]
    for shop, submitted in zip(reviewed, times, strict=True):
        _submit(shop.merchant, submitted)
    _submit(waiting.merchant, now - timedelta(minutes=1))
    for shop in returned:
        _submit(shop.merchant, at(working_days_before(build.today, 4), 14, 10))


def _submit(merchant: Merchant, when: datetime) -> None:
    due, clock = half_working_day(when, calendar())
    merchant.status, merchant.submitted_at = Merchant.Status.SUBMITTED, when
    merchant.review_due_at, merchant.review_clock = due, clock
    merchant.save(update_fields=["status", "submitted_at", "review_due_at", "review_clock"])
