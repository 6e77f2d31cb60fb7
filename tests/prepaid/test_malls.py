"""Malls: tenants, cards of the mall, leaving with ninety days, locked doors, the ten measures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from core import actions as core
from core.actors import SYSTEM
from core.calendar import business_date
from core.errors import Invalid, NotFound, TooMany, WrongState
from core.jobs import JOBS
from core.models import Membership, Role, SmsMessage, User
from merchants import actions as merchants
from merchants.models import Mall, MallMeasureCheck, Merchant, Store
from prepaid import actions as prepaid
from prepaid import ledger
from prepaid.mall_reports import tenants_of
from prepaid.models import AccountKind, ClosingNotice, Contract, LockOutReport, RunOff
from tests.cast import STREET, make_plan, open_contract, person
from tests.prepaid.scenes import days, forbidden, fresh, ledger_is_whole, refused, unseen, who

pytestmark = pytest.mark.django_db
GIVEN = {"name": "江南里购物中心", "region_id": STREET, "address": "安澜路88号"}


@pytest.fixture
def mall(merchant_b: Merchant, district_officer: User) -> Mall:
    """A mall run by B, with A's store as a confirmed tenant once ``let`` says so."""
    return merchants.register_mall({**GIVEN, "operator_id": merchant_b.pk}, by=who(district_officer))


@pytest.fixture
def manager(mall: Mall, district_officer: User) -> User:
    user = person("13900000028", "顾岚")
    merchants.appoint_mall_manager(mall.pk, "13900000028", "顾岚", by=who(district_officer))
    return user


def let(merchant: Merchant, mall: Mall, manager: User) -> Store:
    """The store of a merchant says it is in the mall, and the mall confirms."""
    store = merchant.stores.get()
    merchants.say_mall(store.pk, mall.public_code, by=who(merchant.registered_by))
    return merchants.confirm_tenant(store.pk, by=who(manager))


def last_message(user: User) -> str:
    return SmsMessage.objects.filter(user=user).latest("pk").text


def balance(merchant: Merchant) -> int:
    return ledger.balance(ledger.open_account(AccountKind.MERCHANT_PAYABLE, merchant.pk))


def test_a_mall_begins_with_ten_open_measures(mall: Mall, district_officer: User, other_officer: User) -> None:
    assert mall.measures.filter(status="PENDING", batch=4).count() == 10
    by = who(district_officer)
    refused(WrongState, lambda: merchants.register_mall({**GIVEN, "operator_id": mall.operator_id}, by=by))
    refused(Invalid, lambda: merchants.register_mall({**GIVEN, "name": "无名"}, by=by))
    bad = {**GIVEN, "name": "二号", "company_name": "某公司", "company_uscc": "92330199MA2TXYT07R"}
    refused(Invalid, lambda: merchants.register_mall(bad, by=by))
    elsewhere = {**GIVEN, "name": "二号", "company_name": "某公司", "company_uscc": "92330199MA2TXYT07Q"}
    unseen(lambda: merchants.register_mall(elsewhere, by=who(other_officer)))


def test_the_database_knows_the_mall_of_a_membership(manager: User, mall: Mall) -> None:
    assert manager.memberships.get().mall_id == mall.pk
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        Membership.objects.create(user=manager, role=Role.MALL_MANAGER, mall_id=mall.pk + 99)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    core.grant_membership(manager.pk, Role.MALL_MANAGER, mall_id=mall.pk, by=SYSTEM)
    assert manager.memberships.count() == 1


def test_a_tenant_is_made_by_both_sides(
    merchant_a: Merchant, mall: Mall, manager: User, owner_a: User, owner_b: User
) -> None:
    store = merchant_a.stores.get()
    refused(NotFound, lambda: merchants.confirm_tenant(store.pk, by=who(manager)))
    refused(Invalid, lambda: merchants.say_mall(store.pk, "0" * 16, by=who(owner_a)))
    unseen(lambda: merchants.say_mall(store.pk, mall.public_code, by=who(owner_b)))
    merchants.say_mall(store.pk, mall.public_code, by=who(owner_a))
    (row,) = tenants_of(mall, business_date())
    assert (row.locked_fen, row.store.tenant_since) == (0, None)
    unseen(lambda: merchants.confirm_tenant(store.pk, by=who(owner_a)))
    assert merchants.confirm_tenant(store.pk, by=who(manager)).tenant_since == business_date()
    merchants.disown_tenant(store.pk, by=who(manager))
    assert Store.objects.get(pk=store.pk).mall is None
    assert "不是它的租户" in last_message(owner_a)


def test_a_card_of_the_mall_pays_the_shop_that_served(
    merchant_a: Merchant, merchant_b: Merchant, mall: Mall, manager: User, consumer: User, owner_a: User
) -> None:
    card = open_contract(make_plan(merchant_b, bonus_fen=0), consumer)
    store = merchant_a.stores.get()
    sold = prepaid.show_code(card.pk, by=who(consumer))
    with pytest.raises(Invalid):
        prepaid.redeem_shown_code(merchant_a.pk, store.pk, sold.code, "洗剪吹", face_fen=6_000, by=who(owner_a))
    store = let(merchant_a, mall, manager)
    visit = prepaid.redeem_shown_code(merchant_a.pk, store.pk, sold.code, "洗剪吹", face_fen=6_000, by=who(owner_a))
    assert (visit.merchant, visit.contract.merchant) == (merchant_a, merchant_b)
    assert (balance(merchant_a), balance(merchant_b)) == (6_000, 0)
    assert fresh(card).locked_fen == 294_000
    ledger_is_whole()
    merchants.disown_tenant(store.pk, by=who(manager))
    again = prepaid.show_code(card.pk, by=who(consumer))
    with pytest.raises(Invalid):
        prepaid.redeem_shown_code(merchant_a.pk, store.pk, again.code, "洗剪吹", face_fen=6_000, by=who(owner_a))


def test_the_till_of_a_tenant_takes_a_shown_code_of_the_mall_and_finds_nothing_else(
    merchant_a: Merchant, merchant_b: Merchant, mall: Mall, manager: User, consumer: User, owner_a: User,
    signed_in: Any,
) -> None:  # fmt: skip
    card = open_contract(make_plan(merchant_b, bonus_fen=0), consumer)
    let(merchant_a, mall, manager)
    till, find = signed_in(owner_a), reverse("prepaid:counter_find")
    assert till.post(find, {"q": consumer.phone[-4:]}).status_code == 400
    assert till.get(reverse("prepaid:counter"), {"card": card.code}).status_code == 404
    code = prepaid.show_code(card.pk, by=who(consumer)).code
    assert till.post(find, {"q": code}, follow=True).status_code == 200
    body = {"card": card.code, "item": "other", "amount": "60", "shown": "1", "key": "mall-card-1"}
    assert till.post(reverse("prepaid:counter_charge"), body, follow=True).status_code == 200
    assert balance(merchant_a) == 6_000


def test_the_mall_announces_its_tenant_ninety_days_before(
    contract: Contract, mall: Mall, manager: User, owner_a: User
) -> None:
    store, by = let(contract.merchant, mall, manager), who(manager)
    Store.objects.filter(pk=store.pk).update(lease_end=days(97))
    (row,) = tenants_of(mall, business_date())
    assert (row.cards, row.locked_fen, row.notice_by, row.is_due) == (1, 300_000, days(7), True)
    forbidden(lambda: prepaid.declare_for_tenant(store.pk, "LEASE", days(97), by=who(owner_a)))
    late = prepaid.declare_for_tenant(store.pk, "LEASE", days(60), by=by)
    forbidden(lambda: prepaid.publish_closing(late.pk, by=who(owner_a)))
    forbidden(lambda: prepaid.withdraw_closing(late.pk, by=who(owner_a)))
    prepaid.withdraw_closing(late.pk, by=by)
    notice = prepaid.declare_for_tenant(store.pk, "LEASE", days(60), by=by)
    assert "申报您的" in last_message(owner_a)
    notice = prepaid.publish_closing(notice.pk, by=by)
    assert (notice.status, notice.notice_days, notice.short_days, notice.in_mall) == ("SALES_STOPPED", 90, 30, True)
    (row,) = tenants_of(mall, business_date())
    assert (row.notice, row.is_due) == (notice, False)


def test_a_shop_in_a_mall_needs_ninety_days_even_if_it_does_not_say_so(
    merchant_a: Merchant, mall: Mall, manager: User, owner_a: User
) -> None:
    let(merchant_a, mall, manager)
    notice = prepaid.declare_closing(merchant_a.pk, "LOSS", days(40), by=who(owner_a))
    assert prepaid.publish_closing(notice.pk, by=who(owner_a)).short_days == 50


def test_a_locked_door_leads_to_the_emergency_by_two(
    contract: Contract, mall: Mall, manager: User, consumer: User, second_consumer: User,
    district_officer: User, second_officer: User, owner_a: User,
) -> None:  # fmt: skip
    store = let(contract.merchant, mall, manager)
    forbidden(lambda: prepaid.report_lock_out(store.pk, "", by=who(second_consumer)))
    refused(Invalid, lambda: prepaid.report_lock_out(store.pk, "", seen_on=days(1), by=who(consumer)))
    mine = prepaid.report_lock_out(store.pk, "门锁着", by=who(consumer))
    refused(TooMany, lambda: prepaid.report_lock_out(store.pk, "还锁着", by=who(consumer)))
    malls = prepaid.report_lock_out(store.pk, "搬空了", by=who(manager))
    assert (mine.mall, malls.mall) == (None, mall)
    unseen(lambda: prepaid.dismiss_lock_out(mine.pk, "店还开着呢", by=who(owner_a)))
    forbidden(lambda: prepaid.open_run_off(malls.pk, "店门紧闭三天", days(-1), by=who(manager)))
    run_off = prepaid.open_run_off(mine.pk, "店门紧闭三天", days(-1), by=who(district_officer))
    assert set(LockOutReport.objects.values_list("status", "run_off")) == {("RUN_OFF", run_off.pk)}
    forbidden(lambda: prepaid.approve_run_off(run_off.pk, by=who(district_officer)))
    prepaid.approve_run_off(run_off.pk, by=who(second_officer))
    assert fresh(contract).is_frozen and fresh(contract).merchant.status == "EMERGENCY"
    late = prepaid.report_lock_out(store.pk, "还是锁着", by=who(consumer), on=days(1))
    assert prepaid.open_run_off(late.pk, "和前面一样", days(-1), by=who(district_officer)) == run_off
    assert RunOff.objects.count() == 1


def test_a_door_that_was_open_is_answered(contract: Contract, consumer: User, district_officer: User) -> None:
    row = prepaid.report_lock_out(contract.store_id, "", by=who(consumer))
    refused(Invalid, lambda: prepaid.dismiss_lock_out(row.pk, "开着", by=who(district_officer)))
    assert prepaid.dismiss_lock_out(row.pk, "店主午休，下午开门", by=who(district_officer)).status == "DISMISSED"
    assert "经核查没有停业" in last_message(consumer)
    refused(WrongState, lambda: prepaid.open_run_off(row.pk, "店门紧闭三天", days(-1), by=who(district_officer)))


def test_a_measure_goes_from_evidence_to_met_and_lapses(mall: Mall, manager: User, district_officer: User) -> None:
    row, by = mall.measures.first(), who(district_officer)
    assert row is not None
    refused(WrongState, lambda: merchants.meet_measure(row.pk, by=by))
    refused(Invalid, lambda: merchants.submit_measure(row.pk, "有", by=who(manager)))
    forbidden(lambda: merchants.submit_measure(row.pk, "逐户核验执照", by=by))
    merchants.submit_measure(row.pk, "逐户核验执照，记录在案", by=who(manager))
    forbidden(lambda: merchants.meet_measure(row.pk, by=who(manager)))
    back = merchants.send_back_measure(row.pk, "请附核验记录", by=by)
    assert (back.status, back.waits, back.finding) == ("PENDING", False, "请附核验记录")
    merchants.submit_measure(row.pk, "逐户核验执照，附记录", by=who(manager))
    met = merchants.meet_measure(row.pk, by=by, on=business_date())
    assert (met.status, met.valid_to) == ("MET", business_date() + timedelta(days=365))
    lapse = JOBS["merchants.lapse_measures"]
    assert lapse.run(days(365), 0) == {"lapsed": 0}
    assert lapse.run(days(366), 0) == {"lapsed": 1}
    assert lapse.run(days(366), 0) == {"lapsed": 0}
    assert MallMeasureCheck.objects.get(pk=row.pk).status == "LAPSED"


def test_the_pages_of_a_mall(
    contract: Contract, mall: Mall, manager: User, owner_a: User, consumer: User, signed_in: Any
) -> None:
    store, client = contract.merchant.stores.get(), signed_in(manager)
    page = reverse("merchants:store_mall", args=[store.pk])
    signed_in(owner_a).post(page, {"mall": mall.code_grouped})
    assert "待您确认" in client.get("/mall/").content.decode()
    step = reverse("prepaid:mall_tenant_step", args=[store.pk, "confirm"])
    assert "已确认" in client.post(step, {"key": "confirm-one"}, follow=True).content.decode()
    assert "¥3,000" in client.get("/mall/").content.decode()
    for stranger in (owner_a, consumer):
        assert signed_in(stranger).get("/mall/").status_code == 404
    declared = client.post(
        reverse("prepaid:mall_declare", args=[store.pk]),
        {"closes_on": days(60).isoformat(), "reason": "LEASE", "key": "declare-one"}, follow=True,
    )  # fmt: skip
    assert "1 位持卡人、1 张卡" in declared.content.decode()
    notice = ClosingNotice.objects.get()
    url = reverse("prepaid:mall_closing", args=[notice.code, "publish"])
    assert "公告" in client.post(url, {"key": "publish-one"}, follow=True).content.decode()
    assert ClosingNotice.objects.get().short_days == 30
    shop = reverse("prepaid:shop_lock_out", args=[contract.merchant.public_code])
    assert "已收到" in signed_in(consumer).post(shop, {"store": store.pk}, follow=True).content.decode()
    told = client.post(reverse("prepaid:mall_lock_out", args=[store.pk]), {"text": "贴了转让"}, follow=True)
    assert "贴了转让" in told.content.decode()
    measure = reverse("prepaid:mall_measure", args=["M01"])
    assert client.post(measure, {"evidence": "有"}).status_code == 400
    sent = client.post(measure, {"evidence": "逐户核验执照"}, follow=True).content.decode()
    assert "等核查" in sent and "0 / 10" in sent


def test_officers_register_a_mall_and_work_on_it(
    contract: Contract, mall: Mall, manager: User, district_officer: User, signed_in: Any,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    let(contract.merchant, mall, manager)
    desk = signed_in(district_officer)
    page = desk.post(
        reverse("admin:merchants_mall_register"),
        {**GIVEN, "name": "二号商场", "company_name": "示范商管公司", "company_uscc": "92330199MA2TXYT07Q"},
        follow=True,
    )  # fmt: skip
    assert "已登记 二号商场" in page.content.decode()
    case = desk.get(reverse("admin:merchants_mall_change", args=[mall.pk])).content.decode()
    assert "十条举措 0/10" in case and "¥3,000" in case and "顾岚" in case
    row = prepaid.report_lock_out(contract.store_id, "门锁着", by=who(manager))
    for url in ("merchants_mall", "merchants_mallmeasurecheck", "prepaid_lockoutreport"):
        with django_assert_max_num_queries(30):
            assert desk.get(reverse(f"admin:{url}_changelist")).status_code == 200
    act = reverse("admin:prepaid_lockoutreport_act", args=[row.pk, "open_run_off"])
    body = {"reason": "店门紧闭三天", "served_until": days(-1).isoformat(), "key": "open-run-off"}
    assert desk.post(act, body).status_code == 302
    assert RunOff.objects.get().status == "PROPOSED"
    assert desk.get(reverse("admin:prepaid_lockoutreport_change", args=[row.pk])).status_code == 200


def test_malls_over_the_api(
    contract: Contract, mall: Mall, manager: User, owner_a: User, district_officer: User, signed_in: Any,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    store, client = let(contract.merchant, mall, manager), signed_in(manager)
    assert signed_in(owner_a).get("/api/v1/malls").json()["results"] == []
    with django_assert_max_num_queries(12):
        found = client.get(f"/api/v1/malls/{mall.public_code}").json()
    assert [(row["locked_fen"], row["cards"]) for row in found["tenants"]] == [(300_000, 1)]
    body = {"store": store.pk, "reason": "LEASE", "closes_on": days(91).isoformat()}
    headers = {"Idempotency-Key": "declare-1"}
    made = client.post(
        f"/api/v1/malls/{mall.public_code}/declare-closing", body, content_type="application/json", headers=headers
    )
    assert made.status_code == 201 and "publish" in made.json()["allowed"], made.content
    desk = signed_in(district_officer)
    with django_assert_max_num_queries(8):
        assert len(desk.get("/api/v1/mall-measures").json()["results"]) == 10
