"""The whole demo district: scenes, ordinary shops, applicants, and the one card that makes the sum exact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random

from core.calendar import business_date
from core.models import User
from merchants.models import Merchant
from portal.demo.applicants import apply
from portal.demo.attendance import attend
from portal.demo.calls import take_calls
from portal.demo.complaints import Desk, complain_about_gym
from portal.demo.declarations import declare
from portal.demo.figures import keep_figures
from portal.demo.fillers import Fillers
from portal.demo.incidents import lead_gym
from portal.demo.malls import open_mall
from portal.demo.people import Cast
from portal.demo.records import keep_records
from portal.demo.sales import Sale, run_periods, sell
from portal.demo.scenes import ago, sell_cards
from portal.demo.shops import Builder, named
from portal.demo.trust import trust
from portal.demo.ways import work
from portal.reports import overview

SEED = 330199
LISTED, LOCKED_FEN = 428, 3_106_100_000
HOLDERS = 1_126
LEFT_FOR_LAST_FEN = 500_000


def seed(say: Callable[[str], None], today: date | None = None) -> None:
    """Write the district into an empty database, inside the caller's transaction, as it stands ``today``."""
    cast = Cast()
    build = Builder(Random(SEED), today or business_date(), cast.user("chen"))
    holders = build.holders(HOLDERS)
    shops = named(build, cast)
    stage = sell_cards(build, cast, shops, holders)
    open_mall(build, cast, shops, holders)
    run_periods(build.today)
    say("情景里的商家和卡已建立")
    fillers = Fillers(build, holders, LOCKED_FEN - overview().locked_fen - LEFT_FOR_LAST_FEN)
    fillers.fill(LISTED - len(shops) - 1, say)
    run_periods(build.today)
    complain_about_gym(build, cast, shops["gym"], stage.gym, holders)
    stage.play()
    Desk(build, cast, shops, holders).play()
    lead_gym(build, cast, shops["gym"], holders)
    take_calls(cast, shops)
    work(cast, shops, holders, build.today)
    fillers.live(stage)
    attend(build, (card for card in stage.open_terms + [card for _, card in fillers.contracts] if card.is_periodic))
    apply(build, cast, shops["hair"])
    _make_exact(build, holders[0])
    keep_records(build, cast, shops)
    trust(build, cast, shops["noodles"], fillers.shops)
    declare(cast, fillers.shops[3:], build.today)
    keep_figures(build.today)
    _check()
    say(f"共 {LISTED} 家公示商家，锁定资金 {LOCKED_FEN // 100:,} 元")


def _make_exact(build: Builder, holder: User) -> None:
    """One more ordinary shop, whose one card locks what is missing."""
    (shop,) = build.write([build.filler(build.trades[5], build.owners(1)[0])])
    missing = LOCKED_FEN - overview().locked_fen
    build.write_plans([(shop, {"name": "团体用餐储值", "kind": "STORED_VALUE", "fen": missing})])
    sell([Sale(shop, shop.plan("团体用餐储值"), holder, ago(build.today, 40))])


def _check() -> None:
    """Refuse to leave a district that is not the one that is shown."""
    figures = overview()
    assert figures.locked_fen == LOCKED_FEN, figures
    assert figures.merchants == LISTED, figures
    assert not Merchant.objects.filter(status=Merchant.Status.ACTIVE, plans=None).exists()
