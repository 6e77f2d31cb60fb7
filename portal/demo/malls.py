"""Scene 4: 江南里购物中心, which sells cards of its own, with 禾木烘焙 whose lease ends in 97 days."""

from __future__ import annotations

from core.actors import Actor
from core.models import User
from merchants import actions as merchants
from merchants.models import Mall
from portal.demo.names import at
from portal.demo.people import Cast
from portal.demo.sales import Sale, sell
from portal.demo.scenes import ago
from portal.demo.shops import MALL_ADDRESS, MALL_NAME, MALL_STREET, Builder, Shop
from prepaid import actions as prepaid
from prepaid.models import Visit

TENANTS = ("hair", "bakery")
MALL_CARDS = 6
MET, WAITING, SENT_BACK = ("M01", "M02", "M04", "M05", "M07", "M08", "M10"), "M03", "M06"
EVIDENCE = "已逐户落实，台账和照片见附件，{}由运营部复核"


def open_mall(build: Builder, cast: Cast, shops: dict[str, Shop], holders: list[User]) -> Mall:
    """The mall on record, its manager, two tenants, six of its own cards, and seven measures of ten met."""
    officer = cast.by("li")
    given = {"name": MALL_NAME, "region_id": MALL_STREET, "address": MALL_ADDRESS}
    mall = merchants.register_mall({**given, "operator_id": shops["mall"].merchant.pk}, by=officer)
    merchants.appoint_mall_manager(mall.pk, cast.user("mall").phone, cast.user("mall").name, by=officer)
    manager = cast.by("mall")
    for name in TENANTS:
        shop = shops[name]
        merchants.say_mall(shop.store.pk, mall.public_code, by=Actor.of_user(shop.owner))
        merchants.confirm_tenant(shop.store.pk, by=manager, on=ago(build.today, 190))
    _measures(build, mall, manager, cast.by("chen"))
    _cards(build, shops, holders[:MALL_CARDS])
    return mall


def _measures(build: Builder, mall: Mall, manager: Actor, officer: Actor) -> None:
    for row in mall.measures.order_by("code"):
        if row.code in (*MET, WAITING, SENT_BACK):
            merchants.submit_measure(row.pk, EVIDENCE.format("上月"), by=manager)
        if row.code in MET:
            merchants.meet_measure(row.pk, by=officer, on=ago(build.today, 40))
        elif row.code == SENT_BACK:
            merchants.send_back_measure(row.pk, "缺水电欠费的月度台账，请补齐近三个月", by=officer)


def _cards(build: Builder, shops: dict[str, Shop], holders: list[User]) -> None:
    """Cards of the mall; one bought bread with it, and the bakery is paid."""
    mall, bakery = shops["mall"], shops["bakery"]
    sold = sell([Sale(mall, mall.plan(), holder, ago(build.today, 60 + n)) for n, holder in enumerate(holders)])
    card, day = sold[0], ago(build.today, 12)
    by = Actor.of_user(bakery.owner)
    visit = prepaid.request_visit(card.pk, bakery.store.pk, "面包", face_fen=1_800, by=by, on=day)
    Visit.objects.filter(pk=visit.pk).update(requested_at=at(day, 11))
    prepaid.confirm_visit(visit.pk, by=Actor.of_user(card.holder), on=day)
