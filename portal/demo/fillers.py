"""Ordinary shops with ordinary cards: they fill the district up to its sum and give it some daily life."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from core.actors import CUSTODIAN, Actor
from core.models import User
from portal.demo.names import at
from portal.demo.sales import Sale, sell, term_start
from portal.demo.scenes import Stage, ago
from portal.demo.shops import Builder, Shop
from prepaid import actions as prepaid
from prepaid.custodian import Notice
from prepaid.models import Contract, Payout, Plan, Refund
from prepaid.schedule import split

BATCH = 100
SMALLEST_EXTRA_FEN = 300_000
# Days to the next instalment of a term card: all of them later than a week.
AHEAD = (9, 13, 18, 23)


@dataclass(frozen=True)
class Card:
    """A card that is about to be sold, and what it will still lock today."""

    sale: Sale
    locked_fen: int


class Fillers:
    """Sells cards of ordinary shops until ``room_fen`` is nearly full."""

    def __init__(self, build: Builder, holders: list[User], room_fen: int) -> None:
        self.build, self.holders, self.room_fen = build, holders, room_fen
        self.shops: list[Shop] = []
        self.contracts: list[tuple[Shop, Contract]] = []

    def fill(self, size: int, say: Callable[[str], None]) -> None:
        """Write ``size`` shops, a hundred at a time, each with its share of the room."""
        random, locked = self.build.random, 0
        trades = [trade for trade in self.build.trades.values() for _ in range(trade["share"])]
        random.shuffle(trades)
        made = map(self.build.filler, trades, self.build.owners(size))
        while batch := self.build.write(islice(made, BATCH)):
            self.shops += batch
            cards = self._cards(batch, self.room_fen * len(self.shops) // size - locked)
            locked += sum(card.locked_fen for card in cards)
            by_merchant = {shop.merchant.pk: shop for shop in batch}
            sold = sell([card.sale for card in cards])
            self.contracts += [(by_merchant[contract.merchant_id], contract) for contract in sold]
            say(f"已建立 {len(self.shops)} 家商家、{len(self.contracts)} 份合同")

    def _cards(self, batch: Iterable[Shop], room_fen: int) -> list[Card]:
        """One card of each shop's first plan, then dear ones more often, until nothing fits."""
        cards = [self._card(shop, shop.plan()) for shop in batch]
        left = room_fen - sum(card.locked_fen for card in cards)
        offers = [(shop, plan) for shop in batch for plan in shop.sells.values()]
        while True:
            offers = [(s, plan) for s, plan in offers if SMALLEST_EXTRA_FEN <= plan.price_fen <= left]
            if not offers:
                return cards
            card = self._card(*self.build.random.choices(offers, [plan.price_fen**2 for _, plan in offers])[0])
            cards.append(card)
            left -= card.locked_fen

    def _card(self, shop: Shop, plan: Plan) -> Card:
        random, today = self.build.random, self.build.today
        holder = random.choice(self.holders)
        if not plan.periods:
            on = ago(today, random.randint(25, 300))
            return Card(Sale(shop, plan, holder, on), plan.price_fen)
        paid = random.randint(1, 4)
        on = term_start(today, paid, random.choice(AHEAD))
        locked = sum(split(plan.price_fen, plan.periods)[paid:])
        return Card(Sale(shop, plan, holder, on), locked)

    def live(self, stage: Stage, *, visits: int = 12, waiting: int = 4, refunds: int = 3) -> None:
        """Some visits of the last weeks, some that wait since yesterday, and refunds paid this month."""
        free = [(shop, card) for shop, card in self.contracts if not card.is_periodic]
        chosen = self.build.random.sample(free, visits + waiting)
        for number, (shop, card) in enumerate(chosen):
            item, fen = shop.prices[0]
            use = {"face_fen": fen} if card.kind == Plan.Kind.STORED_VALUE else {"times": 1}
            day = ago(stage.today, number % 20 + 1 if number < visits else 1)
            stage.visit(card, item, day, **use, hour=10 + number % 9, confirmed=number < visits)
        used = {card.pk for _, card in chosen}
        unused = [pair for pair in free if pair[1].pk not in used and pair[1].paid_fen <= 500_000]
        for shop, card in self.build.random.sample(unused, refunds):
            self._refund(shop, card)

    def _refund(self, shop: Shop, card: Contract) -> None:
        """Asked for, agreed to and paid out this month."""
        today = self.build.today
        asked = max(today.replace(day=1), ago(today, 4))
        refund = prepaid.request_refund(
            card.pk, Refund.Cause.CONSUMER, by=Actor.of_user(card.holder), reason="搬家了，用不上", on=asked
        )
        prepaid.agree_refund(refund.pk, by=Actor.of_user(shop.owner), on=asked)
        payout = Payout.objects.get(refund=refund)
        prepaid.receive(
            Notice("payout.paid", f"demo-{payout.payout_no}", payout.payout_no, payout.amount_fen, "", at(asked, 16)),
            by=CUSTODIAN, on=asked,
        )  # fmt: skip
