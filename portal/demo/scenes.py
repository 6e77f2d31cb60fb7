"""The scenes: what happened at the counter, at the closed gym and at the drawing school, seeded back from today.

Nothing here falls due within seven days, so that the district's sum stays as it is shown. Therefore the silent visit
is due in eight working days, and both open refunds were refused by their shops: the law's five days for an unanswered
one would end within the week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from core.actors import Actor
from core.models import User
from merchants import actions as merchants
from portal.demo.names import at, working_days_before
from portal.demo.people import STAFF_PIN, Cast
from portal.demo.sales import Sale, sell, term_start
from portal.demo.shops import Builder, Shop
from prepaid import actions as prepaid
from prepaid.actions.legacy_cards import keep_entries
from prepaid.card_import import Entry
from prepaid.models import Contract, Freeze, Plan, Refund, Visit

GYM_HOLDERS, GYM_LOCKED_FEN = 214, 39_140_000
OLD_CARDS, OLD_CARD_FEN = 43, 220_000
BAKERY_CARDS = {"一百储值卡": 315, "两百储值卡": 711, "三百储值卡": 100}
SILENT_WORKING_DAYS = 7  # of fifteen; eight are left


def ago(today: date, days: int) -> date:
    """The day ``days`` before ``today``."""
    return today - timedelta(days=days)


def this_morning(today: date) -> datetime:
    """09:40 today, or a little ago when the day is younger than that."""
    return max(at(today, 0), min(at(today, 9, 40), timezone.now() - timedelta(minutes=5)))


@dataclass
class Stage:
    """The cards of the scenes, sold and paid; ``play`` lets happen what happened to them."""

    today: date
    cast: Cast
    shops: dict[str, Shop]
    salon: Contract
    gym: Contract
    lessons: Contract
    open_terms: list[Contract]
    gym_holders: list[User]

    def play(self) -> None:
        """All scenes."""
        self.counter()
        self.closed_gym()
        self.drawing_school()

    def visit(
        self,
        contract: Contract,
        item: str,
        day: date,
        *,
        face_fen: int = 0,
        times: int = 0,
        hour: int = 15,
        confirmed: bool = True,
    ) -> Visit:
        """One visit of that day, asked for by the shop and confirmed by the holder."""
        shop, store = Actor.of_user(contract.merchant.registered_by), contract.store_id
        visit = prepaid.request_visit(contract.pk, store, item, face_fen=face_fen, times=times, by=shop, on=day)
        Visit.objects.filter(pk=visit.pk).update(requested_at=at(day, hour))
        if confirmed:
            prepaid.confirm_visit(visit.pk, by=Actor.of_user(contract.holder), on=day)
        return visit

    def counter(self) -> None:
        """青禾造型: ¥250 released, one visit silent, one of this morning, a dye disputed: ¥350 on hold."""
        today, card = self.today, self.salon
        merchants.hire(
            card.merchant_id, self.cast.user("clerk").phone, self.cast.user("clerk").name, by=self.cast.by("shen"),
            pin=STAFF_PIN,
        )  # fmt: skip
        self.visit(card, "洗剪吹", ago(today, 62), face_fen=6_000)
        self.visit(card, "洗剪吹", ago(today, 41), face_fen=6_000)
        self.visit(card, "头皮护理", ago(today, 27), face_fen=18_000)
        silent = working_days_before(today, SILENT_WORKING_DAYS)
        self.visit(card, "洗剪吹", silent, face_fen=6_000, hour=18, confirmed=False)
        dyed = self.visit(card, "染发", ago(today, 6), face_fen=30_000, confirmed=False)
        prepaid.dispute_visit(dyed.pk, "那天我没有去店里，也没有染过头发", by=self.cast.by("zhou"))
        fresh = self.visit(card, "洗剪吹", today, face_fen=6_000, confirmed=False)
        Visit.objects.filter(pk=fresh.pk).update(requested_at=this_morning(today))

    def closed_gym(self) -> None:
        """跃岚健身, shut three days ago: no new cards, one card frozen by two, all of it proposed to be frozen."""
        today, gym = self.today, self.shops["gym"]
        refund = prepaid.request_refund(
            self.gym.pk, Refund.Cause.MERCHANT, by=self.cast.by("zhou"), reason="器械坏了一半，说要关门",
            on=ago(today, 6),
        )  # fmt: skip
        owner = Actor.of_user(gym.owner)
        self.old_cards(owner)
        prepaid.refuse_refund(refund.pk, "会籍一经售出概不退款", by=owner, on=ago(today, 4))
        first, second = self.cast.by("chen"), self.cast.by("li")
        merchants.restrict(gym.merchant.pk, "失联核查", "三天前关门，门店无人，负责人电话关机", by=first)
        frozen = prepaid.propose_freeze(
            gym.merchant.pk, "门店已关闭，持卡人申请退款未果", by=first, contract_id=self.gym.pk
        )
        prepaid.approve_freeze(frozen.pk, by=second)
        Freeze.objects.filter(pk=frozen.pk).update(
            proposed_at=at(ago(today, 2), 10), approved_at=at(ago(today, 2), 11, 30)
        )
        prepaid.propose_freeze(gym.merchant.pk, "人去店空，214 名持卡人的预付款需要紧急保全", by=first)

    def old_cards(self, owner: Actor) -> None:
        """43 cards the gym sold before it joined: ¥94,600 that is not locked; a dozen holders have confirmed theirs."""
        entries = [
            Entry(
                phone=holder.phone, name=holder.name, card="老会员储值卡", kind=Plan.Kind.STORED_VALUE,
                left_fen=OLD_CARD_FEN, times=0, bought_on=ago(self.today, 460 + number),
            )
            for number, holder in enumerate(self.gym_holders[:OLD_CARDS])
        ]  # fmt: skip
        for card in keep_entries(self.shops["gym"].merchant, entries, self.shops["gym"].owner, by=owner)[:12]:
            prepaid.confirm_legacy_card(card.pk, by=Actor.of_user(card.holder))

    def drawing_school(self) -> None:
        """小象画室: 11 of 40 lessons confirmed (¥1,320), ¥3,480 asked back two days ago, refused yesterday."""
        today, card = self.today, self.lessons
        for week, times in enumerate((2, 2, 2, 2, 2, 1)):
            self.visit(card, "创意美术", ago(today, 70 - 8 * week), times=times, hour=16)
        refund = prepaid.request_refund(
            card.pk,
            Refund.Cause.MERCHANT,
            by=self.cast.by("lin"),
            reason="换了三任老师，孩子不愿再去",
            on=ago(today, 2),
        )
        owner = Actor.of_user(self.shops["school"].owner)
        prepaid.refuse_refund(refund.pk, "老师已经排好课，只能转课，不能退费", by=owner, on=ago(today, 1))


def sell_cards(build: Builder, cast: Cast, shops: dict[str, Shop], holders: list[User]) -> Stage:
    """Sell the cards of the scenes: the three of 周桂芬, the two of 林悦, and those of the gym's other holders."""
    today = build.today
    zhou, lin = cast.user("zhou"), cast.user("lin")
    hair, yoga, gym, school = (shops[name] for name in ("hair", "yoga", "gym", "school"))
    salon, yoga_card, gym_card, lessons, *_ = sell(
        [
            Sale(hair, hair.plan("三千储值卡"), zhou, ago(today, 76)),
            Sale(yoga, yoga.plan(), zhou, term_start(today, 4, 12)),
            Sale(gym, gym.plan(), zhou, term_start(today, 5, 9)),
            Sale(school, school.plan("创意美术40节"), lin, ago(today, 92)),
            Sale(school, school.plan("暑期书法12节"), lin, ago(today, 3)),
        ]
        + _bakery_sales(build, shops["bakery"], holders)
        + [Sale(shops["noodles"], shops["noodles"].plan(), holder, ago(today, 51)) for holder in holders[6:10]]
    )
    left = GYM_LOCKED_FEN - gym.plan().price_fen * 7 // 12
    sell(_gym_sales(build, gym, holders[: GYM_HOLDERS - 1], left))
    return Stage(today, cast, shops, salon, gym_card, lessons, [yoga_card], holders)


def _bakery_sales(build: Builder, bakery: Shop, holders: list[User]) -> list[Sale]:
    """禾木烘焙 in the mall: 1,126 cards with ¥203,700."""
    sales: list[Sale] = []
    for name, cards in BAKERY_CARDS.items():
        for _ in range(cards):
            holder = holders[len(sales) % len(holders)]
            sales.append(Sale(bakery, bakery.plan(name), holder, ago(build.today, build.random.randint(12, 300))))
    return sales


def _gym_sales(build: Builder, gym: Shop, holders: list[User], left: int) -> list[Sale]:
    """Stored-value cards of the gym for ``holders`` that lock ``left`` fen between them."""
    cheap, dear = _by_price(gym, slice(0, 2)), _by_price(gym, slice(2, 4))
    sales = []
    for number, holder in enumerate(holders[:-1]):
        level = dear if left > 1831_00 * (len(holders) - number) else cheap
        plan = build.random.choice(level)
        sales.append(Sale(gym, plan, holder, ago(build.today, build.random.randint(20, 170))))
        left -= plan.price_fen
    build.write_plans([(gym, {"name": "按需储值", "kind": "STORED_VALUE", "fen": left})])
    return [*sales, Sale(gym, gym.plan("按需储值"), holders[-1], ago(build.today, 44))]


def _by_price(gym: Shop, part: slice) -> list[Plan]:
    cards = [plan for plan in gym.sells.values() if plan.kind == Plan.Kind.STORED_VALUE]
    return sorted(cards, key=lambda plan: plan.price_fen)[part]
