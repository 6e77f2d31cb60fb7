"""The cast: the people and shops that every test knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from core.actors import CUSTODIAN, Actor
from core.models import Membership, Role, User
from merchants.models import Merchant, Store
from prepaid import actions as prepaid
from prepaid.custodian import Notice
from prepaid.models import Contract, PaymentOrder, Plan

PASSWORD = "Test-pass-2026"
DISTRICT, CITY, OTHER_CITY = "330199", "3301", "3302"
STREET, OTHER_STREET = "330199001", "330203001"
LICENCES = {"A": "92330199MA2TEST012", "B": "92330199MA2TEST023"}


hashed = cache(make_password)


def person(phone: str, name: str) -> User:
    """A user who can sign in with PASSWORD."""
    user = User.objects.enrol(phone, name)
    # Hashed once for the whole run: Argon2 is slow on purpose.
    user.password = hashed(PASSWORD)
    user.save(update_fields=["password"])
    return user


def officer(phone: str, name: str, role: Role, region: str) -> User:
    """A user with a role over a region."""
    user = person(phone, name)
    Membership.objects.create(user=user, role=role, region_id=region)
    return user


def shop(letter: str, owner: User, street: str = STREET) -> Merchant:
    """An approved merchant with one store; ``owner`` is its boss."""
    merchant = Merchant(
        uscc=LICENCES.get(letter, f"92330199MA2TEST{letter}"),
        status=Merchant.Status.ACTIVE,
        legal_name=f"示范区{letter}理发店",
        brand_name=f"{letter}造型",
        industry_id=1,
        region_id=street,
        licensed_on=date(2020, 5, 20),
        registered_by=owner,
    )
    merchant.legal_rep, merchant.contact_phone = owner.name, owner.phone
    merchant.save()
    Store.objects.create(
        merchant=merchant, name=f"{letter}造型总店", region_id=street, address=f"{letter}路1号",
        lease_end=date.today() + timedelta(days=700),
    )  # fmt: skip
    Membership.objects.create(user=owner, role=Role.MERCHANT_OWNER, merchant_id=merchant.pk)
    return merchant


@pytest.fixture
def consumer(db: None) -> User:
    return person("13900000001", "周桂芬")


@pytest.fixture
def second_consumer(db: None) -> User:
    return person("13900000002", "林悦")


@pytest.fixture
def owner_a(db: None) -> User:
    return person("13900000011", "沈丽")


@pytest.fixture
def owner_b(db: None) -> User:
    return person("13900000012", "王强")


@pytest.fixture
def merchant_a(owner_a: User) -> Merchant:
    return shop("A", owner_a)


@pytest.fixture
def merchant_b(owner_b: User) -> Merchant:
    return shop("B", owner_b)


@pytest.fixture
def clerk_a(merchant_a: Merchant) -> User:
    user = person("13900000013", "小陈")
    Membership.objects.create(user=user, role=Role.MERCHANT_STAFF, merchant_id=merchant_a.pk)
    return user


@pytest.fixture
def clerk_b(merchant_b: Merchant) -> User:
    user = person("13900000014", "小李")
    Membership.objects.create(user=user, role=Role.MERCHANT_STAFF, merchant_id=merchant_b.pk)
    return user


@pytest.fixture
def district_officer(db: None) -> User:
    return officer("13900000021", "陈立", Role.COUNTY_REVIEWER_A, DISTRICT)


@pytest.fixture
def second_officer(db: None) -> User:
    return officer("13900000022", "李静", Role.COUNTY_REVIEWER_B, DISTRICT)


@pytest.fixture
def other_officer(db: None) -> User:
    return officer("13900000023", "赵远", Role.COUNTY_REVIEWER_A, OTHER_CITY)


@pytest.fixture
def city_chief(db: None) -> User:
    return officer("13900000024", "何志强", Role.CITY, CITY)


@pytest.fixture
def auditor(db: None) -> User:
    return officer("13900000025", "吴审", Role.AUDITOR, DISTRICT)


@pytest.fixture
def sysadmin(db: None) -> User:
    user = person("13900000026", "系统员")
    Membership.objects.create(user=user, role=Role.SYSADMIN)
    return user


def make_plan(merchant: Merchant, kind: str = Plan.Kind.STORED_VALUE, **terms: object) -> Plan:
    """A plan on sale; stored value 3,000 with gift 600 unless told otherwise."""
    given: dict[str, object] = {
        "price_fen": 300_000,
        "name": "三千储值卡",
        "description": "店内通用",
        "refund_terms": "依法退款",
    }
    if kind == Plan.Kind.STORED_VALUE:
        given["bonus_fen"] = 60_000
    if kind == Plan.Kind.COUNT:
        given |= {
            "price_fen": 100_000,
            "times_paid": 10,
            "times_bonus": 3,
            "list_price_fen": 15_000,
            "name": "十次卡",
        }
    if kind in (Plan.Kind.UNLIMITED_TERM, Plan.Kind.PER_PERIOD):
        given |= {"price_fen": 237_600, "periods": 12, "name": "年卡"}
    return Plan.objects.create(merchant=merchant, kind=kind, status=Plan.Status.ON_SALE, **(given | terms))


def pay(order: PaymentOrder, *, ref: str = "", amount_fen: int | None = None, on: date | None = None) -> None:
    """What the custodian's callback does."""
    notice = Notice(
        "order.paid", ref or f"bank-{order.order_no}", order.order_no, amount_fen or order.amount_fen,
        "6222****0001", at=None,  # type: ignore[arg-type]
    )  # fmt: skip
    prepaid.receive(notice, by=CUSTODIAN, on=on)


def open_contract(plan: Plan, holder: User, *, on: date | None = None, seller: User | None = None) -> Contract:
    """A paid contract, made through the real actions."""
    store = plan.merchant.stores.first()
    assert store is not None
    by = Actor.of_user(seller or plan.merchant.registered_by)
    contract = prepaid.offer(plan.pk, store.pk, holder.phone, by=by)
    prepaid.sign(contract.pk, by=Actor.of_user(holder), terms_hash=contract.terms_hash)
    pay(prepaid.order_payment(contract.pk, by=Actor.of_user(holder)), on=on)
    return fresh(contract)


def fresh(contract: Contract) -> Contract:
    """The contract as the database has it, with its account."""
    return Contract.objects.with_money().get(pk=contract.pk)


@pytest.fixture
def plan(merchant_a: Merchant) -> Plan:
    return make_plan(merchant_a)


@pytest.fixture
def contract(plan: Plan, consumer: User) -> Contract:
    return open_contract(plan, consumer)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A browser session of a user."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="core.auth.PhoneBackend")
        return client

    return sign_in
