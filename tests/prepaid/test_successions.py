"""A new boss, a new name: holders are told once, old terms stay or the money comes back, sales wait for an officer."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from core.errors import Invalid, WrongState
from core.models import SmsMessage, User
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.actions import successions
from prepaid.models import Contract, PayoutAccount, Plan, Refund, Succession
from tests.cast import fresh, open_contract, person
from tests.prepaid.scenes import forbidden, refused, unseen, who
from tests.prepaid.test_legacy_cards import stated

pytestmark = pytest.mark.django_db


def declared(merchant: Merchant) -> Succession:
    return prepaid.declare_succession(merchant.pk, "OWNER", "转给王强经营，老卡都认", by=who(merchant.registered_by))


def test_holders_are_told_once_and_the_terms_stay(
    contract: Contract, plan: Plan, merchant_a: Merchant, second_consumer: User, consumer: User
) -> None:
    open_contract(plan, consumer)
    stated(merchant_a, second_consumer)
    terms, told = contract.terms_hash, SmsMessage.objects.count()
    row = declared(merchant_a)
    assert prepaid.tell_succession(row.pk) == 2  # two persons with three cards
    assert prepaid.tell_succession(row.pk) == 0
    assert SmsMessage.objects.count() == told + 2
    text = SmsMessage.objects.latest("pk").text
    assert "条款不变" in text and "http" not in text
    assert fresh(contract).terms_hash == terms and fresh(contract).locked_fen == 300_000


def test_a_killed_telling_goes_on(plan: Plan, merchant_a: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(successions, "CHUNK", 2)
    for n in range(5):
        open_contract(plan, person(f"1390000020{n}", "顾客"))
    row = declared(merchant_a)
    assert successions._tell_chunk(row.pk) == 2
    assert prepaid.tell_succession(row.pk) == 3
    assert Succession.objects.get().told_count == 5


def test_sales_wait_until_an_officer_has_looked(
    contract: Contract, plan: Plan, merchant_a: Merchant, owner_a: User, owner_b: User, consumer: User,
    district_officer: User, other_officer: User,
) -> None:  # fmt: skip
    unseen(lambda: prepaid.declare_succession(merchant_a.pk, "OWNER", "转给我经营了", by=who(owner_b)))
    refused(Invalid, lambda: prepaid.declare_succession(merchant_a.pk, "OWNER", "转", by=who(owner_a)))
    row = declared(merchant_a)
    store = merchant_a.stores.get()
    refused(WrongState, lambda: prepaid.offer(plan.pk, store.pk, "13900000099", by=who(owner_a)), "限制新发卡")
    forbidden(lambda: prepaid.settle_succession(row.pk, "新老板签了承诺书", by=who(owner_a)))
    unseen(lambda: prepaid.settle_succession(row.pk, "新老板签了承诺书", by=who(other_officer)))
    refused(WrongState, lambda: prepaid.settle_succession(row.pk, "新老板签了承诺书", by=who(district_officer)), "通知")
    prepaid.tell_succession(row.pk)
    refused(Invalid, lambda: prepaid.settle_succession(row.pk, "行", by=who(district_officer)))
    prepaid.settle_succession(row.pk, "新老板签了承诺书，老卡照认", by=who(district_officer))
    assert Merchant.objects.get(pk=merchant_a.pk).status == "ACTIVE"
    assert prepaid.offer(plan.pk, store.pk, "13900000099", by=who(owner_a))
    refused(WrongState, lambda: prepaid.settle_succession(row.pk, "再核实一次", by=who(district_officer)))


def test_whoever_does_not_want_the_new_owner_gets_the_money_without_asking_the_shop(
    contract: Contract, merchant_a: Merchant, consumer: User
) -> None:
    declared(merchant_a)
    refund = prepaid.request_refund(contract.pk, Refund.Cause.MERCHANT, by=who(consumer))
    assert (refund.status, refund.amount_fen) == (Refund.Status.PAYING, 300_000)


def test_a_change_of_licence_or_person_is_noticed_where_cards_are_out(
    contract: Contract, merchant_a: Merchant, merchant_b: Merchant, owner_a: User, owner_b: User
) -> None:
    merchants.change(merchant_a.pk, {"licensed_on": merchant_a.licensed_on}, by=who(owner_a))
    merchants.change(merchant_b.pk, {"brand_name": "新名"}, by=who(owner_b))  # has sold nothing
    assert not Succession.objects.exists()
    changed = merchants.change(merchant_a.pk, {"brand_name": "新名造型", "legal_rep": "王强"}, by=who(owner_a))
    assert changed.status == "RESTRICTED"
    row = Succession.objects.get()
    assert (row.kind, row.declared, set(row.changes)) == ("OWNER", False, {"brand_name", "legal_rep"})
    assert "王强" not in str(row.changes)  # masked
    again = declared(Merchant.objects.get(pk=merchant_a.pk))
    assert again.pk == row.pk and again.declared and again.changes == row.changes
    assert merchant_a.restrictions.filter(lifted_at=None).count() == 1
    prepaid.tell_succession(row.pk)
    assert "现在叫新名造型" in SmsMessage.objects.filter(user=contract.holder).latest("pk").text


def test_another_payee_is_noticed(contract: Contract, merchant_a: Merchant, owner_a: User) -> None:
    first = PayoutAccount(
        merchant=merchant_a, bank="示范银行", last4="0001", is_own_name=True, effective_on=contract.starts_on,
        requested_by=owner_a, status="IN_USE",
    )  # fmt: skip
    first.account, first.payee = "622202020000000001", merchant_a.legal_name
    first.save()

    def switch(payee: str) -> None:
        code = prepaid.send_account_code(merchant_a.pk, by=who(owner_a))
        row = prepaid.set_payout_account(
            merchant_a.pk, "622202020000000099", payee, "示范银行", by=who(owner_a), phone_code=code
        )
        prepaid.cancel_payout_account(row.pk, by=who(owner_a))

    switch(merchant_a.legal_name)
    assert not Succession.objects.exists()
    switch(merchant_a.legal_rep)
    assert Succession.objects.get().kind == "ACCOUNT"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_pages(
    contract: Contract, merchant_a: Merchant, consumer: User, second_consumer: User, owner_a: User,
    signed_in: Callable[[User], Client],
    page_at: Callable[..., Page], axe: Callable[[Page], list[str]], shot: Callable[[Page, str], Any],
) -> None:  # fmt: skip
    stated(merchant_a, consumer)
    shop = signed_in(owner_a)
    assert shop.post("/console/succession/", {"key": "first-key-1", "kind": "OWNER", "reason": "短"}).status_code == 400
    sent = {"key": "second-key", "kind": "OWNER", "reason": "转给王强经营，老卡都认"}
    assert shop.post("/console/succession/", sent).status_code == 302
    row = Succession.objects.get()
    url = f"/my/successions/{row.code}/"
    assert "看一看" in signed_in(consumer).get("/my/").content.decode()
    assert signed_in(second_consumer).get(url).status_code == 404
    for width, theme in ((360, "light"), (1280, "dark")):
        for user, address in ((consumer, url), (owner_a, "/console/succession/")):
            page = page_at(width, theme=theme, user=user)
            page.goto(address)
            assert axe(page) == [], address
            shot(page, f"succession-{'my' if user == consumer else 'shop'}-{width}")
