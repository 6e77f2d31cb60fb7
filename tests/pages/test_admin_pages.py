"""The regulators' pages: the right figures, the right people, the right buttons."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.actors import Actor
from core.case_admin import CaseAdmin
from core.case_lists import ReadOnlyAdmin
from core.case_panels import VERB_WORDS
from core.csv_export import plain_yuan, safe_cell
from core.models import User
from core.permissions import may
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, Freeze, Refund, SuspenseItem, Visit
from tests.cast import make_plan, open_contract, pay, person, shop

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def disputed(contract: Contract, owner_a: User, consumer: User) -> Visit:
    """A dye of 300 that the consumer says was never done: 250 on hold."""
    store = contract.merchant.stores.get()
    visit = prepaid.request_visit(contract.pk, store.pk, "染发", by=Actor.of_user(owner_a), face_fen=30_000)
    return prepaid.dispute_visit(visit.pk, "我没有染发", by=Actor.of_user(consumer))


@pytest.fixture
def refused(contract: Contract, owner_a: User, consumer: User) -> Refund:
    """A refund the merchant does not agree to."""
    refund = prepaid.request_refund(contract.pk, "CONSUMER", by=Actor.of_user(consumer), reason="搬家")
    return prepaid.refuse_refund(refund.pk, "办卡时说好不退", by=Actor.of_user(owner_a))


@pytest.fixture
def proposed(contract: Contract, district_officer: User) -> Freeze:
    """A freeze of the whole merchant, waiting for the second officer."""
    return prepaid.propose_freeze(contract.merchant_id, "店门紧闭三天", by=Actor.of_user(district_officer))


@pytest.fixture
def waiting(owner_b: User) -> Merchant:
    """A registration handed in, without doubts."""
    merchant = shop("B", owner_b)
    Merchant.objects.filter(pk=merchant.pk).update(
        status=Merchant.Status.UNDER_REVIEW,
        submitted_at=timezone.now(),
        review_due_at=timezone.now() + timedelta(hours=3),
        review_clock="工作日上午提交，半个工作日到当天 17:30",
    )
    return Merchant.objects.get(pk=merchant.pk)


def text_of(response: Any) -> str:
    """The page as people read it, without tags and extra space."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def change_url(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def act_url(row: Any, name: str) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_act", args=[row.pk, name])


def press(client: Client, row: Any, name: str, **data: Any) -> Any:
    """Open the confirmation and send it."""
    page = client.get(act_url(row, name))
    key = re.search(r'name="key" value="([^"]+)"', page.content.decode())
    return client.post(act_url(row, name), {"key": key.group(1) if key else "no-key-given", **data})


EVERY_LIST = [f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in admin.site._registry]


def test_only_read_only_pages_are_registered() -> None:
    assert all(isinstance(page, ReadOnlyAdmin) for page in admin.site._registry.values())


@pytest.mark.parametrize("name", EVERY_LIST)
def test_every_list_opens_for_an_auditor(
    name: str, signed_in: SignIn, auditor: User, disputed: Visit, proposed: Freeze
) -> None:
    response = signed_in(auditor).get(reverse(name))
    assert response.status_code == 200
    assert " style=" not in response.content.decode()


def test_the_workbench_shows_the_districts_figures(
    signed_in: SignIn,
    second_officer: User,
    disputed: Visit,
    far_away: None,
    proposed: Freeze,
    waiting: Merchant,
) -> None:
    text = text_of(signed_in(second_officer).get(reverse("admin:index")))
    assert "¥3,000.00" in text
    assert "1 家" in text
    assert "B造型 入驻审核" in text
    assert "A造型 染发争议" in text and "暂留 ¥250.00" in text
    assert "A造型 冻结 ¥3,000.00" in text and "陈立" in text and "您可以复核" in text


@pytest.fixture
def far_away(other_officer: User) -> None:
    """A merchant in another city, whose figures must not be counted here."""
    owner = person("13900000031", "远方")
    far = shop("C", owner, street="330203001")
    open_contract(make_plan(far), person("13900000032", "别人"))


def test_the_workbench_of_another_city_is_empty(
    signed_in: SignIn, other_officer: User, disputed: Visit, proposed: Freeze, waiting: Merchant
) -> None:
    text = text_of(signed_in(other_officer).get(reverse("admin:index")))
    assert "¥0.00" in text
    assert "造型" not in text
    assert "今天没有要办的" in text


def test_the_workbench_costs_fifteen_queries_at_most(
    signed_in: SignIn,
    second_officer: User,
    disputed: Visit,
    proposed: Freeze,
    waiting: Merchant,
    django_assert_max_num_queries: Any,
) -> None:
    client = signed_in(second_officer)
    client.get(reverse("admin:index"))
    with django_assert_max_num_queries(15):
        client.get(reverse("admin:index"))


@pytest.mark.parametrize(
    "name", ["prepaid_contract", "prepaid_visit", "prepaid_refund", "prepaid_freeze", "merchants_merchant"]
)
def test_a_longer_list_costs_no_more_queries(
    name: str,
    signed_in: SignIn,
    district_officer: User,
    contract: Contract,
    owner_a: User,
    django_assert_max_num_queries: Any,
) -> None:
    for n in range(4):
        open_contract(contract.plan, person(f"1390000004{n}", f"顾客{n}"))
    client = signed_in(district_officer)
    client.get(reverse(f"admin:{name}_changelist"))
    with django_assert_max_num_queries(9):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200


def test_another_city_sees_nothing_and_gets_404(
    signed_in: SignIn, other_officer: User, disputed: Visit, proposed: Freeze
) -> None:
    client = signed_in(other_officer)
    for row in (disputed, disputed.contract, disputed.merchant, proposed):
        listed = client.get(reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_changelist"))
        assert listed.context["cl"].result_count == 0
        assert client.get(change_url(row)).status_code == 404
    assert client.post(act_url(disputed, "uphold"), {"reason": "看过监控了", "key": "12345678"}).status_code == 404
    assert client.get(reverse("admin:account_statement", args=[disputed.contract.account_id])).status_code == 404


@pytest.mark.parametrize("who", ["consumer", "owner_a", "clerk_a"])
def test_consumers_and_merchants_cannot_enter(
    who: str, request: pytest.FixtureRequest, signed_in: SignIn, contract: Contract
) -> None:
    client = signed_in(request.getfixturevalue(who))
    for url in (reverse("admin:index"), change_url(contract), reverse("admin:search"), reverse("admin:operations")):
        response = client.get(url)
        assert response.status_code == 302 and "login" in response.url


def test_an_auditor_reads_and_cannot_act(
    signed_in: SignIn, auditor: User, disputed: Visit, proposed: Freeze, refused: Refund
) -> None:
    client = signed_in(auditor)
    for row, step in ((disputed, "uphold"), (refused, "order"), (proposed, "approve"), (disputed.merchant, "unmask")):
        page = client.get(change_url(row))
        assert page.status_code == 200
        assert not page.context["buttons"]
        answer = client.post(act_url(row, step), {"reason": "看过监控了", "purpose": "看看电话", "key": "12345678"})
        assert answer.status_code == 403, (row, step)
    disputed.refresh_from_db()
    assert disputed.status == "DISPUTED"


def test_buttons_are_the_allowed_steps_of_officers(
    signed_in: SignIn,
    district_officer: User,
    second_officer: User,
    disputed: Visit,
    proposed: Freeze,
    refused: Refund,
    waiting: Merchant,
) -> None:
    for officer in (district_officer, second_officer):
        by = Actor.of_user(User.objects.get(pk=officer.pk))
        client = signed_in(officer)
        for row in (disputed, refused, proposed, waiting, disputed.merchant):
            page = admin.site._registry[type(row)]
            assert isinstance(page, CaseAdmin) and page.lifecycle is not None
            allowed = set(page.lifecycle.allowed(row, by))
            free = {
                name
                for name, act in page.acts.items()
                if name not in page.lifecycle.steps and act.when(row) and may(by, act.permission, row)
            }
            shown = {button.name for button in client.get(change_url(row)).context["buttons"]}
            assert shown == allowed | free, (officer, row)


def test_a_disputed_visit_is_decided_with_a_reason(signed_in: SignIn, district_officer: User, disputed: Visit) -> None:
    client = signed_in(district_officer)
    page = text_of(client.get(act_url(disputed, "uphold")))
    assert "¥250.00" in page and "¥3,000.00 变成 ¥2,750.00" in page
    refused = press(client, disputed, "uphold", reason="嗯")
    assert refused.status_code == 400 and "理由至少写 5 个字" in text_of(refused)
    done = press(client, disputed, "uphold", reason="监控里看到染发过程")
    assert done.status_code == 302
    disputed.refresh_from_db()
    assert disputed.status == Visit.Status.CONFIRMED
    text = text_of(client.get(change_url(disputed)))
    assert "认定消费属实" in text and "陈立 区县业务审核" in text and "周**" in text


def test_a_double_click_acts_once(signed_in: SignIn, district_officer: User, contract: Contract) -> None:
    client = signed_in(district_officer)
    data = {"key": "the-same-key", "reason": "店门紧闭三天"}
    first = client.post(act_url(contract.merchant, "propose_freeze"), data)
    again = client.post(act_url(contract.merchant, "propose_freeze"), data)
    assert (first.status_code, again.status_code) == (302, 302)
    assert Freeze.objects.count() == 1


def test_a_freeze_needs_two_people(
    signed_in: SignIn, district_officer: User, second_officer: User, contract: Contract
) -> None:
    first, other = signed_in(district_officer), signed_in(second_officer)
    press(first, contract.merchant, "propose_freeze", reason="店门紧闭三天")
    freeze = Freeze.objects.get()
    assert "您提出，须由他人复核" in text_of(first.get(reverse("admin:index")))
    own = first.post(act_url(freeze, "approve"), {"key": "12345678"})
    assert own.status_code == 403
    assert "1 份合同、锁定 ¥3,000.00" in text_of(other.get(act_url(freeze, "approve")))
    assert press(other, freeze, "approve").status_code == 302
    freeze.refresh_from_db()
    assert (freeze.status, freeze.approved_by) == ("IN_FORCE", second_officer)
    assert press(other, freeze, "propose_lift", reason="店主已回来营业").status_code == 302
    assert other.post(act_url(freeze, "approve_lift"), {"key": "12345678"}).status_code == 403
    assert press(first, freeze, "approve_lift").status_code == 302
    freeze.refresh_from_db()
    assert freeze.status == "LIFTED"


def test_a_refused_refund_is_ordered(signed_in: SignIn, district_officer: User, refused: Refund) -> None:
    client = signed_in(district_officer)
    assert "不需要A造型同意" in text_of(client.get(act_url(refused, "order")))
    assert press(client, refused, "order", reason="约定不退违反条例").status_code == 302
    refused.refresh_from_db()
    assert refused.status == Refund.Status.PAYING
    text = text_of(client.get(change_url(refused)))
    assert "责令退款" in text and "怎么算的" in text


def test_the_dossier_adds_up(signed_in: SignIn, district_officer: User, disputed: Visit, consumer: User) -> None:
    open_contract(disputed.contract.plan, person("13900000051", "二号顾客"))
    text = text_of(signed_in(district_officer).get(change_url(disputed.merchant)))
    assert "2 份合同" in text
    assert "¥6,000.00" in text and "¥250.00" in text and "¥5,750.00" in text
    assert "13900000011" not in text and "沈丽" not in text


def test_personal_data_are_shown_once_and_leave_a_line(
    signed_in: SignIn, district_officer: User, merchant_a: Merchant
) -> None:
    client = signed_in(district_officer)
    assert client.post(act_url(merchant_a, "unmask"), {"purpose": "看"}).status_code == 400
    shown = client.post(act_url(merchant_a, "unmask"), {"purpose": "电话核实退款争议"})
    assert "13900000011" in text_of(shown) and "no-store" in shown["Cache-Control"]
    assert "用途：电话核实退款争议" in text_of(client.get(change_url(merchant_a)))


def test_clean_registrations_are_approved_in_bulk_after_a_preview(
    signed_in: SignIn, district_officer: User, waiting: Merchant, owner_a: User
) -> None:
    doubtful = shop("A", owner_a)
    Merchant.objects.filter(pk=doubtful.pk).update(
        status="UNDER_REVIEW", checks=["登记名录里没有这个统一社会信用代码"], review_due_at=timezone.now()
    )
    client, url = signed_in(district_officer), reverse("admin:merchants_merchant_review")
    assert "1 家自动核对没有疑点" in text_of(client.get(url))
    preview = client.post(url, {"pk": [waiting.pk, doubtful.pk]})
    assert "将通过 1 家" in text_of(preview)
    client.post(url, {"pk": [waiting.pk, doubtful.pk], "step": "approve", "key": "bulk-key-1"})
    waiting.refresh_from_db()
    doubtful.refresh_from_db()
    assert (waiting.status, doubtful.status) == ("ACTIVE", "UNDER_REVIEW")
    assert waiting.reviewed_by == district_officer


def test_a_registration_is_sent_back_with_reasons(signed_in: SignIn, district_officer: User, waiting: Merchant) -> None:
    press(signed_in(district_officer), waiting, "send_back", reasons="执照照片看不清\n补租约")
    waiting.refresh_from_db()
    assert (waiting.status, waiting.return_reasons) == ("RETURNED", ["执照照片看不清", "补租约"])


def test_a_restriction_is_made_and_lifted(signed_in: SignIn, district_officer: User, merchant_a: Merchant) -> None:
    client = signed_in(district_officer)
    press(client, merchant_a, "restrict", reason="存管比例不足")
    merchant_a.refresh_from_db()
    assert merchant_a.status == "RESTRICTED"
    press(client, merchant_a, "unrestrict", restriction=merchant_a.restrictions.get().pk)
    merchant_a.refresh_from_db()
    assert merchant_a.status == "ACTIVE"


def test_search_finds_by_name_code_and_phone(
    signed_in: SignIn, district_officer: User, auditor: User, other_officer: User, contract: Contract
) -> None:
    client, url = signed_in(district_officer), reverse("admin:search")
    for term in ("A造型", contract.merchant.uscc, str(contract), contract.code[:6], "13900000001"):
        assert "A造型" in text_of(client.get(url, {"q": term})).replace(f"查找「{term}」", ""), term
    assert "按手机号查找要有办案权限" in text_of(signed_in(auditor).get(url, {"q": "13900000001"}))
    assert "没有找到" in text_of(signed_in(other_officer).get(url, {"q": contract.code}))


def test_lists_search_by_phone_only_for_those_who_may(
    signed_in: SignIn, district_officer: User, auditor: User, contract: Contract
) -> None:
    url = reverse("admin:prepaid_contract_changelist")
    for term, who, count in (
        ("13900000001", district_officer, 1),
        ("13900000001", auditor, 0),
        (str(contract)[:9], auditor, 1),
        ("A造型", auditor, 1),
        ("没有这家", auditor, 0),
    ):
        assert signed_in(who).get(url, {"q": term}).context["cl"].result_count == count, (term, who)


def test_the_filtered_list_is_exported_without_formulas(
    signed_in: SignIn, district_officer: User, contract: Contract
) -> None:
    Merchant.objects.filter(pk=contract.merchant_id).update(brand_name="=cmd|calc")
    client, url = signed_in(district_officer), reverse("admin:prepaid_contract_export")
    lines = b"".join(client.get(url, {"status__exact": "ACTIVE"})).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "'=cmd|calc" in lines[1] and ",3000.00,3000.00,0.00," in lines[1]
    assert len(b"".join(client.get(url, {"status__exact": "PAUSED"})).decode().splitlines()) == 1


def test_cells_that_look_like_formulas_are_defused() -> None:
    assert [safe_cell(text) for text in ("=1", "+1", "-1", "@a", "\t=1", " =1", "＝1")] == [
        "'=1", "'+1", "'-1", "'@a", "'\t=1", "' =1", "'＝1",
    ]  # fmt: skip
    assert safe_cell(plain_yuan(-123456)) == "-1234.56"


def test_the_locked_board_adds_up_and_is_cut_by_region(
    signed_in: SignIn, district_officer: User, other_officer: User, disputed: Visit
) -> None:
    page = signed_in(district_officer).get(reverse("admin:locked_board"))
    assert page.context["totals"] == {"locked_fen": 300_000, "held_fen": 25_000, "contracts": 1}
    csv = b"".join(signed_in(district_officer).get(reverse("admin:locked_csv"), {"by": "industry"})).decode()
    assert ",3000.00,250.00,1,100.0%" in csv
    far = signed_in(other_officer).get(reverse("admin:locked_board"))
    assert far.context["totals"]["locked_fen"] == 0


def test_the_statement_of_a_card_shows_each_movement(
    signed_in: SignIn, district_officer: User, contract: Contract
) -> None:
    text = text_of(signed_in(district_officer).get(reverse("admin:account_statement", args=[contract.account_id])))
    assert "预付到账" in text and "¥3,000.00" in text and "存管专户" in text


def test_unmatched_money_is_seen_by_those_who_oversee(
    signed_in: SignIn, city_chief: User, district_officer: User, contract: Contract
) -> None:
    pay(contract.orders.get(), ref="twice")
    SuspenseItem.objects.create(bank_ref="nobody", order_no="XXXX", amount_fen=1_00, reason="没有这个订单")
    url = reverse("admin:prepaid_suspenseitem_changelist")
    mine = text_of(signed_in(district_officer).get(url))
    assert "nobody" not in mine
    assert "nobody" in text_of(signed_in(city_chief).get(url))


def test_every_page_obeys_the_content_security_policy(
    signed_in: SignIn, sysadmin: User, district_officer: User, disputed: Visit, proposed: Freeze, waiting: Merchant
) -> None:
    client, keeper = signed_in(district_officer), signed_in(sysadmin)
    names = ("index", "search", "due", "second", "delegation", "locked_board", "password_change",
             "merchants_merchant_review")  # fmt: skip
    pages = [client.get(reverse(f"admin:{name}")) for name in names]
    pages += [
        client.get(change_url(row)) for row in (disputed, disputed.contract, disputed.merchant, proposed, waiting)
    ]
    pages += [client.get(act_url(disputed, "uphold")), client.get(reverse("admin:search"), {"q": "造型"})]
    pages += [keeper.get(reverse("admin:operations")), Client().get(reverse("admin:login"))]
    for page in pages:
        html = page.content.decode()
        assert page.status_code == 200, page.request["PATH_INFO"]
        policy = page["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", html), page.request
        assert all(src.startswith("/") for src in re.findall(r'<script[^>]*src="([^"]+)"', html))


def test_history_is_the_case_with_every_line(signed_in: SignIn, auditor: User, contract: Contract) -> None:
    url = reverse("admin:prepaid_contract_history", args=[contract.pk])
    page = signed_in(auditor).get(url, follow=True)
    assert page.status_code == 200 and "预付款已锁定" in text_of(page) and "存管银行" in text_of(page)


def test_nothing_can_be_added_changed_or_deleted(signed_in: SignIn, city_chief: User, contract: Contract) -> None:
    client = signed_in(city_chief)
    assert client.get(reverse("admin:prepaid_contract_add")).status_code == 404
    assert client.get(reverse("admin:prepaid_contract_delete", args=[contract.pk])).status_code == 404
    before = Contract.objects.values().get(pk=contract.pk)
    client.post(change_url(contract), {"status": "REFUNDED", "_save": "1"})
    assert Contract.objects.values().get(pk=contract.pk) == before


def test_every_audit_line_has_words() -> None:
    recorded = set()
    for app in ("core", "merchants", "prepaid", "portal"):
        for source in (Path(__file__).parents[2] / app).rglob("*.py"):
            recorded |= set(re.findall(r'\brecord\(\s*"([a-z_.]+)"', source.read_text(encoding="utf-8")))
    assert recorded - set(VERB_WORDS) == set()
