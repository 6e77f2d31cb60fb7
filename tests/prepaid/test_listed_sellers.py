"""Who a region lets issue no card: refused by the article before any stop was made, and nowhere else by itself."""

from __future__ import annotations

from datetime import date

import pytest

from core.calendar import business_date
from core.errors import WrongState
from core.jobs import run_shard
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, ListedEntry, ListImport
from prepaid.selling import grounds_of
from tests.cast import make_plan, shop
from tests.prepaid.scenes import days, refused, who

pytestmark = pytest.mark.django_db
BEIJING, HANGZHOU, PHONE = "110108001", "330108001", "13900008888"


@pytest.fixture(params=[BEIJING])
def seller(request: pytest.FixtureRequest, owner_a: object) -> Merchant:
    merchant = shop("A", owner_a, request.param)  # type: ignore[arg-type]
    Merchant.objects.filter(pk=merchant.pk).update(legal_rep_id_idx="boss")
    merchant.refresh_from_db()
    return merchant


def line(
    merchant: Merchant, kind: str, *, on: date | None = None, removed: date | None = None, person: str = ""
) -> None:
    today = business_date()
    file = ListImport.objects.create(title="名单", source="公示系统", as_of=today)
    about = {"person_idx": person} if person else {"uscc": merchant.uscc}
    ListedEntry.objects.create(
        kind=kind, name=merchant.legal_name, listed_on=on or today, removed_on=removed, file=file, **about
    )


def sell(merchant: Merchant) -> Contract:
    plan = make_plan(merchant, price_fen=100_00, bonus_fen=0)
    return prepaid.offer(plan.pk, merchant.stores.get().pk, PHONE, by=who(merchant.registered_by))


@pytest.mark.parametrize(
    ("kind", "person", "said"),
    [
        ("ABNORMAL", "", "列入经营异常名录"),
        ("DISHONEST", "", "失信被执行人"),
        ("DISHONEST", "boss", "法定代表人是失信被执行人"),
        ("DEREG", "", "正在办理注销"),
    ],
)
def test_beijing_refuses_by_its_article_before_any_restriction(
    seller: Merchant, kind: str, person: str, said: str
) -> None:
    line(seller, kind, person=person)
    error = refused(WrongState, lambda: sell(seller), match=said)
    assert error.code == "merchant_barred" and "北京市单用途预付卡管理条例 第11条" in error.message
    assert not seller.restrictions.exists() and not Contract.objects.exists()


def test_what_beijing_does_not_name_or_what_is_over_bars_nobody(seller: Merchant) -> None:
    line(seller, "SERIOUS")
    line(seller, "ABNORMAL", on=days(-9), removed=days(0))
    line(seller, "ABNORMAL", on=days(1))
    line(seller, "ABNORMAL", person="boss")
    line(seller, "DISHONEST", person="somebody else")
    assert grounds_of(seller, business_date()) == ("serious_dishonesty_list",)
    assert sell(seller).status == Contract.Status.OFFERED


def test_listed_between_signing_and_paying(seller: Merchant) -> None:
    contract = sell(seller)
    by = who(contract.holder)
    prepaid.sign(contract.pk, by=by, terms_hash=contract.terms_hash)
    line(seller, "ABNORMAL")
    refused(WrongState, lambda: prepaid.order_payment(contract.pk, by=by), match="第11条")


@pytest.mark.parametrize("seller", [HANGZHOU], indirect=True)
def test_without_such_a_rule_only_a_restriction_stops(seller: Merchant) -> None:
    line(seller, "ABNORMAL")
    assert grounds_of(seller, business_date()) == ()
    assert sell(seller).pk
    run_shard("prepaid.lists", business_date(), 0)
    seller.refresh_from_db()
    assert seller.status == Merchant.Status.RESTRICTED
    assert refused(WrongState, lambda: sell(seller)).code == "merchant_restricted"
