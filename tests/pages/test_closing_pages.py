"""The pages of a closing and of a run-off: the holder chooses right there, the shop publishes, officers sign."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.models import User
from merchants.models import Merchant, Store
from prepaid import actions as prepaid
from prepaid.models import ClosingNotice, Contract, HolderNotice, RunOff
from tests.cast import STREET
from tests.prepaid.scenes import days, who
from tests.prepaid.test_closings import published, told

pytestmark = pytest.mark.django_db


def key_of(page: Any, choice: str = "") -> str:
    """The hidden key of a page's form."""
    suffix = {"REFUND": "-r", "TRANSFER": "-t", "USE_UP": "-u"}.get(choice, "")
    found = re.search(rf'name="key" value="([\w-]+{suffix})"', page.content.decode())
    assert found
    return found[1]


def test_the_holder_is_told_and_chooses_on_one_page(
    contract: Contract, merchant_b: Merchant, consumer: User, second_consumer: User, signed_in: Any
) -> None:
    told(published(contract.merchant, successor_id=merchant_b.pk))
    client, url = signed_in(consumer), reverse("prepaid:closing_choice", args=[contract.code])
    home = client.get(reverse("prepaid:my_prepaid")).content.decode()
    assert "停业" in home and url in home
    page = client.get(url)
    assert HolderNotice.objects.get().read_at is not None
    text = page.content.decode()
    assert "按法律应退" in text and "3,000.00" in text and "B造型" in text and "第15条" not in text[:200]
    assert signed_in(second_consumer).get(url).status_code == 404
    body = {"choice": "USE_UP", "key": key_of(page, "USE_UP")}
    assert client.post(url, body, follow=True).status_code == 200
    page = client.get(url)
    assert "您选了：停业前用完" in page.content.decode()
    page = client.post(url, {"choice": "REFUND", "key": key_of(page, "REFUND")}, follow=True)
    assert "退款 ¥3,000.00 已办理" in page.content.decode()
    assert client.post(url, {"choice": "WRONG", "key": "12345678"}).status_code == 400


def test_the_public_reads_figures_and_no_names(contract: Contract, consumer: User, client: Client) -> None:
    notice = told(published(contract.merchant, 20))
    listed = client.get(reverse("prepaid:closings")).content.decode()
    assert "A造型" in listed and "比规定晚 10 天" in listed
    page = client.get(reverse("prepaid:closing", args=[notice.code])).content.decode()
    assert "晚了 10 天" in page and "1 / 1 张卡" in page
    assert consumer.name not in page and consumer.phone[-4:] not in page
    shop = client.get(reverse("portal:shop", args=[contract.merchant.public_code])).content.decode()
    assert reverse("prepaid:closing", args=[notice.code]) in shop
    assert client.get(reverse("prepaid:closing", args=["0" * 16])).status_code == 404


def test_the_owner_declares_sees_the_effect_and_publishes(
    contract: Contract, owner_a: User, clerk_a: User, signed_in: Any
) -> None:
    Store.objects.create(merchant=contract.merchant, name="二店", region_id=STREET, address="二路2号")
    client, url = signed_in(owner_a), reverse("prepaid:merchant_closing")
    page = client.get(url)
    given = {"store": "all", "closes_on": days(9).isoformat(), "reason": "LEASE", "key": key_of(page)}
    assert client.post(url, given | {"closes_on": ""}).status_code == 400
    assert client.post(url, given | {"successor": "NOSUCHCODE"}).status_code == 400
    page = client.post(url, given, follow=True)
    text = page.content.decode()
    assert "1 位持卡人、1 张卡" in text and "比规定晚了 21 天" in text
    assert ClosingNotice.objects.get().status == "DECLARED"
    step = reverse("prepaid:merchant_closing_step", args=[ClosingNotice.objects.get().code, "publish"])
    assert signed_in(clerk_a).post(step, {"key": "12345678"}).status_code == 403
    client.post(step, {"key": key_of(page)})
    assert ClosingNotice.objects.get().status == "SALES_STOPPED"
    assert "公告晚了 21 天" in client.get(url).content.decode()


def test_two_officers_take_an_emergency_through(
    contract: Contract, district_officer: User, second_officer: User, consumer: User, signed_in: Any, client: Client
) -> None:
    first, second = signed_in(district_officer), signed_in(second_officer)
    dossier = reverse("admin:merchants_merchant_act", args=[contract.merchant_id, "propose_run_off"])
    page = first.get(dossier)
    first.post(dossier, {"reason": "店门紧闭三天", "served_until": days(0).isoformat(), "key": key_of(page)})
    run_off = RunOff.objects.get()
    case = reverse("admin:prepaid_runoff_change", args=[run_off.pk])

    def act(officer: Client, name: str, **more: str) -> None:
        url = reverse("admin:prepaid_runoff_act", args=[run_off.pk, name])
        page = officer.get(url)
        hidden = re.search(r'name="plan" value="(\w+)"', page.content.decode())
        body = {"key": key_of(page), **more} | ({"plan": hidden[1]} if hidden else {})
        assert officer.post(url, body).status_code == 302, name

    assert "失联应急处置" in second.get(reverse("admin:second")).content.decode()
    act(second, "approve")
    prepaid.tell_holders(RunOff.objects.get().closing_id or 0)
    prepaid.count_claims(run_off.pk)
    act(first, "plan")
    assert "依法应退 ¥3,000.00" in second.get(case).content.decode()
    act(second, "approve_plan")
    assert prepaid.pay_run_off(run_off.pk)["ordered"] == 1
    notice = ClosingNotice.objects.get()
    public = client.get(reverse("prepaid:closing", args=[notice.code])).content.decode()
    assert "已交银行 1 笔" in public and consumer.name not in public
    mine = signed_in(consumer).get(reverse("prepaid:closing_choice", args=[contract.code])).content.decode()
    assert "从您锁定的钱退" in mine
    listed = first.get(reverse("admin:prepaid_closingnotice_changelist")).content.decode()
    assert "A造型" in listed


def test_lists_cost_a_fixed_number_of_queries(
    contract: Contract, merchant_b: Merchant, owner_b: User, client: Client, signed_in: Any, district_officer: User,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    published(contract.merchant)
    prepaid.declare_closing(merchant_b.pk, "LOSS", days(40), by=who(owner_b))
    prepaid.publish_closing(ClosingNotice.objects.latest("pk").pk, by=who(owner_b))
    officer = signed_in(district_officer)
    for browser, url, most in (
        (client, reverse("prepaid:closings"), 4),
        (officer, "/api/v1/closings", 12),
        (officer, reverse("admin:prepaid_closingnotice_changelist"), 30),
    ):
        browser.get(url)
        with django_assert_max_num_queries(most):
            assert browser.get(url).status_code == 200
