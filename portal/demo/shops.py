"""The shops of the demo district: those on public view, and those on their way there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any

from core.actors import SYSTEM
from core.crypto import blind_index
from core.models import Membership, Role, User
from merchants.models import Merchant, Store
from portal.demo import names
from portal.demo.batch import Line, record_all
from portal.demo.people import Cast, crowd
from prepaid.models import Plan, PriceItem

MALL_STREET, MALL_NAME, MALL_ADDRESS = "330199001", "江南里购物中心", "安澜路88号"
MALL = MALL_ADDRESS + MALL_NAME
REFUND_TERMS = "七日内没有用过的全额退款；之后按法律规定折算，五日内退回原付款账户。"


@dataclass
class Shop:
    """What a shop is before it is written, and its rows after."""

    trade: Mapping[str, Any]
    brand: str
    owner: User
    street: str
    address: str
    store_name: str = ""
    lease_days: int = 700
    plans: list[Mapping[str, Any]] = field(default_factory=list)
    prices: list[tuple[str, int]] = field(default_factory=list)
    status: str = Merchant.Status.ACTIVE
    merchant: Merchant = field(init=False)
    store: Store = field(init=False)
    sells: dict[str, Plan] = field(default_factory=dict, init=False)

    def plan(self, name: str = "") -> Plan:
        """Its plan of that name, or its first."""
        return self.sells[name] if name else next(iter(self.sells.values()))


class Builder:
    """Draws names, licences and addresses from the one seeded stream and writes shops with them."""

    def __init__(self, random: Random, today: date, reviewer: User) -> None:
        self.random, self.today, self.reviewer = random, today, reviewer
        self.people = names.people(random)
        self.brands = names.brands(random)
        self.addresses = names.addresses(random)
        self.numbers = count(1)
        self.owner_phones = names.phones(10_000)
        self.holder_phones = names.phones(20_000)
        self.trades = {trade["industry"]: trade for trade in names.words()["trades"]}

    def owners(self, size: int) -> list[User]:
        """People who own shops."""
        return crowd(self.people, self.owner_phones, size)

    def holders(self, size: int) -> list[User]:
        """People who hold cards."""
        return crowd(self.people, self.holder_phones, size)

    def filler(self, trade: Mapping[str, Any], owner: User) -> Shop:
        """An ordinary shop of a trade."""
        street, address = next(self.addresses)
        brand = next(self.brands) + self.random.choice(trade["signs"])
        plans = [trade["plans"][0]] if self.random.random() < 0.3 else trade["plans"]
        prices = [(name, yuan * 100) for name, yuan in trade["prices"]]
        return Shop(trade, brand, owner, street, address, "", self.random.randint(120, 1500), plans, prices)

    def write(self, shops: Iterable[Shop]) -> list[Shop]:
        """Write merchants, stores, the owners' roles, price lists and plans on sale."""
        shops = list(shops)
        rows = Merchant.objects.bulk_create(self._merchant(shop) for shop in shops)
        for shop, merchant in zip(shops, rows, strict=True):
            shop.merchant = merchant
        Membership.objects.bulk_create(
            Membership(user=shop.owner, role=Role.MERCHANT_OWNER, merchant_id=shop.merchant.pk) for shop in shops
        )
        for shop, store in zip(shops, Store.objects.bulk_create(self._store(shop) for shop in shops), strict=True):
            shop.store = store
        PriceItem.objects.bulk_create(
            PriceItem(merchant=shop.merchant, name=name, price_fen=fen) for shop in shops for name, fen in shop.prices
        )
        record_all(
            Line("merchant.seed", shop.merchant, SYSTEM, {"uscc": shop.merchant.uscc, "status": shop.status})
            for shop in shops
        )
        self.write_plans((shop, plan) for shop in shops for plan in shop.plans)
        return shops

    def write_plans(self, pairs: Iterable[tuple[Shop, Mapping[str, Any]]]) -> None:
        """Put plans on sale."""
        pairs = list(pairs)
        for (shop, _), plan in zip(pairs, Plan.objects.bulk_create(_plan(*pair) for pair in pairs), strict=True):
            shop.sells[plan.name] = plan

    def _merchant(self, shop: Shop) -> Merchant:
        opened = self.today - timedelta(days=self.random.randint(200, 4000))
        admitted = names.at(self.today - timedelta(days=self.random.randint(190, 420)), 10)
        listed = shop.status in (Merchant.Status.ACTIVE, Merchant.Status.RESTRICTED)
        company = shop.trade.get("company", False)
        form = "有限公司" if company else "店（个体工商户）"
        merchant = Merchant(
            uscc=names.licence(next(self.numbers), company=company),
            status=shop.status,
            kind=Merchant.Kind.ENTERPRISE if company else Merchant.Kind.INDIVIDUAL,
            legal_name=f"示范区{shop.brand[:2]}{shop.trade['legal']}{form}",
            brand_name=shop.brand,
            industry_id=shop.trade["industry"],
            region_id=shop.street,
            licensed_on=opened,
            registered_by=shop.owner,
            submitted_at=admitted if listed else None,
            reviewed_at=admitted + timedelta(hours=3) if listed else None,
            reviewed_by=self.reviewer if listed else None,
        )
        merchant.legal_rep, merchant.contact_phone = shop.owner.name, shop.owner.phone
        merchant.legal_rep_idx = blind_index("name", shop.owner.name)
        merchant.contact_phone_idx = shop.owner.phone_idx
        return merchant

    def _store(self, shop: Shop) -> Store:
        return Store(
            merchant=shop.merchant,
            name=shop.store_name or f"{shop.brand}（{shop.address}店）",
            region_id=shop.street,
            address=shop.address,
            lease_end=self.today + timedelta(days=shop.lease_days),
            license_holder=shop.merchant.legal_name,
            actual_operator=shop.owner.name,
        )


def _plan(shop: Shop, plan: Mapping[str, Any]) -> Plan:
    return Plan(
        merchant=shop.merchant,
        status=Plan.Status.ON_SALE,
        name=plan["name"],
        kind=plan["kind"],
        price_fen=plan["fen"] if "fen" in plan else plan["yuan"] * 100,
        bonus_fen=plan.get("bonus_yuan", 0) * 100,
        times_paid=plan.get("times_paid", 0),
        times_bonus=plan.get("times_bonus", 0),
        list_price_fen=plan["list_yuan"] * 100 if "list_yuan" in plan else None,
        periods=plan.get("periods", 0),
        description=plan.get("description", "本店通用，随时可查余额，用一次付一次。"),
        refund_terms=REFUND_TERMS,
    )


def named(build: Builder, cast: Cast) -> dict[str, Shop]:
    """The shops that the scenes play in."""
    trades, owners = build.trades, build.owners(5)
    hair = Shop(
        trades[1], "青禾造型", cast.user("shen"), MALL_STREET, f"{MALL}2层B208", "青禾造型江南里店", 400,
        plans=trades[1]["plans"], prices=[("洗剪吹", 6_000), ("头皮护理", 18_000), ("染发", 30_000), ("烫发", 48_000)],
    )  # fmt: skip
    yoga = Shop(
        trades[3], "清和瑜伽", owners[0], "330199002", "和风大道66号3楼", prices=[("单次课", 8_000)],
        plans=[{"name": "瑜伽年卡", "kind": "UNLIMITED_TERM", "yuan": 2376, "periods": 12}],
    )  # fmt: skip
    gym = Shop(
        trades[3], "跃岚健身", owners[1], "330199003", "闻莺路199号B1层", prices=[("单次入场", 6_000)],
        plans=[
            {"name": "健身年卡", "kind": "UNLIMITED_TERM", "yuan": 2388, "periods": 12},
            *({"name": f"健身储值卡{yuan}", "kind": "STORED_VALUE", "yuan": yuan} for yuan in (1380, 1680, 1980, 2280)),
        ],
    )  # fmt: skip
    school = Shop(
        trades[4], "小象画室", owners[2], "330199004", "书院街21号2楼", prices=[("单节课", 16_000)],
        plans=[
            {"name": "创意美术40节", "kind": "COUNT", "yuan": 4800, "times_paid": 40, "list_yuan": 160},
            {"name": "暑期书法12节", "kind": "COUNT", "yuan": 1560, "times_paid": 12, "list_yuan": 150},
        ],
    )  # fmt: skip
    bakery = Shop(
        trades[5], "禾木烘焙", owners[3], MALL_STREET, f"{MALL}1层A112", "禾木烘焙江南里店", 97,
        plans=[
            {"name": name, "kind": "STORED_VALUE", "yuan": yuan}
            for name, yuan in {"一百储值卡": 100, "两百储值卡": 200, "三百储值卡": 300}.items()
        ],
        prices=[("面包", 1_800)],
    )  # fmt: skip
    noodles = Shop(
        trades[5], "老街口面馆", owners[4], "330199002", "采荷弄9号", prices=[("牛肉面", 2_600)],
        plans=[{"name": "三百储值卡", "kind": "STORED_VALUE", "yuan": 300, "bonus_yuan": 30}],
    )  # fmt: skip
    mall = Shop(
        {"industry": 10, "legal": "商业管理", "company": True}, "江南里商业", cast.user("mall"), MALL_STREET,
        f"{MALL}1层服务台", "江南里服务台", 1200, prices=[("商场消费", 10_000)],
        plans=[{"name": "江南里购物卡", "kind": "STORED_VALUE", "yuan": 500}],
    )  # fmt: skip
    shops = {"hair": hair, "yoga": yoga, "gym": gym, "school": school, "bakery": bakery, "noodles": noodles}
    shops["mall"] = mall
    build.write(shops.values())
    return shops
