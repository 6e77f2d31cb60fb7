"""The regulators' pages: the right figures, the right people, the right buttons."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from core.actors import Actor
from core.case_admin import CaseAdmin
from core.case_lists import ReadOnlyAdmin
from core.models import User
from core.permissions import may
from merchants.models import Merchant
from prepaid.models import Contract, Freeze, Refund, Visit
from tests.cast import make_plan, open_contract, person, shop
from tests.pages.admin_desk import SignIn, act_url, change_url, press, text_of

pytestmark = pytest.mark.django_db


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


# A closing or a run-off takes these with it; they have no button of their own on the merchant.
STEPS_OF_A_CLOSING = {"begin_exit", "enter_emergency", "leave"}


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
            allowed = set(page.lifecycle.allowed(row, by)) - STEPS_OF_A_CLOSING
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
    frozen = other.get(reverse("admin:prepaid_contract_changelist"), {"money": "frozen"})
    assert frozen.context["cl"].result_count == 1 and "资金冻结（停止划拨）" in text_of(frozen)
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
