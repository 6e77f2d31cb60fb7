"""What stands on record besides cards: accounts, settlements that arrived, filings, and looks at a shop's offers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from core.actors import CUSTODIAN, SYSTEM, Actor
from merchants.models import Merchant
from portal.demo.batch import Line, record_all
from portal.demo.names import at, working_days_before
from portal.demo.people import Cast
from portal.demo.scenes import ago
from portal.demo.shops import Builder, Shop
from prepaid import actions as prepaid
from prepaid.actions.filings import is_new_exempt, needs_decision
from prepaid.custodian import Notice
from prepaid.filing_facts import known_between
from prepaid.models import CustodyAccount, Lot, OfferView, PayoutAccount

BANK = "示范银行江南支行"
PAID = ("hair", "yoga", "bakery")
CUSTODY = {"hair": CustodyAccount.Kind.TRUST, "yoga": CustodyAccount.Kind.OWN, "bakery": CustodyAccount.Kind.TRUST}
BADGE_DAYS, SPAN_DAYS = 60, 60
# A hundred looks to so many cards, before the badge and since.
BEFORE, SINCE = 25, 35


def keep_records(build: Builder, cast: Cast, shops: dict[str, Shop]) -> None:
    """Write them for the shops of the scenes; filings for every shop."""
    officer = cast.by("chen")
    for number, (name, kind) in enumerate(CUSTODY.items()):
        prepaid.record_custody_account(
            shops[name].merchant.pk, kind, BANK, f"62220202000000{4100 + number}", by=officer,
            on=ago(build.today, BADGE_DAYS),
        )  # fmt: skip
    for number, name in enumerate(PAID):
        _pay(build, shops[name], f"62220202000000{5200 + number}")
    _file(build.today)
    _look(build.today, shops["bakery"].merchant)


def _pay(build: Builder, shop: Shop, number: str) -> None:
    """An account in use, and what was released so far settled to it, arrived."""
    account = PayoutAccount(
        merchant=shop.merchant, bank=BANK, last4=number[-4:], is_own_name=False, requested_by=shop.owner,
        effective_on=ago(build.today, 180), status=PayoutAccount.Status.IN_USE,
    )  # fmt: skip
    account.account, account.payee = number, shop.owner.name
    account.save()
    facts = {"merchant": shop.merchant.pk, "last4": account.last4, "start": account.effective_on}
    record_all([Line("payout_account.register", account, Actor.of_user(shop.owner), facts)])
    day = working_days_before(build.today, 1)
    made = prepaid.order_settlement(shop.merchant.pk, by=SYSTEM, on=day)
    told = Notice("payout.paid", f"demo-{made.code}", made.code, made.amount_fen, "", at(day, 9))
    prepaid.receive(told, by=CUSTODIAN, on=day)


def _file(today: date) -> None:
    """What the nightly job would say of every shop: full escrow exempts; the rest is decided by the rules."""
    last = Merchant.objects.latest("pk").pk
    known = known_between(0, last)
    prepaid.open_exempt(known, by=SYSTEM, on=today)
    for one in known:
        if needs_decision(one, today) and not is_new_exempt(one, today):
            prepaid.decide_filing(one.merchant_id, by=SYSTEM, on=today)


def _look(today: date, merchant: Merchant) -> None:
    """Looks at a shop's offers, so that 25 of 100 bought before the badge and 35 since."""
    badge = ago(today, BADGE_DAYS)
    spans = ((ago(badge, SPAN_DAYS), badge - timedelta(days=1), BEFORE), (badge, today, SINCE))
    rows: list[OfferView] = []
    for first, last, percent in spans:
        sold = Lot.objects.filter(contract__merchant=merchant, no=1, paid_on__range=(first, last)).count()
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        rows += _spread(merchant, days, sold * 100 // percent)
    OfferView.objects.bulk_create(rows)


def _spread(merchant: Merchant, days: list[date], views: int) -> Iterable[OfferView]:
    """So many looks over the days, as evenly as they go."""
    for n, day in enumerate(days):
        share = views * (n + 1) // len(days) - views * n // len(days)
        if share:
            yield OfferView(merchant=merchant, on=day, views=share)
