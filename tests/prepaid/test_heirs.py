"""A consumer has died: papers, two officers, the cards go over, the refund in the heir's own name."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core import uploads
from core.errors import Invalid, WrongState
from core.models import StoredFile, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Assignment, Contract, HeirClaim, Payout, Refund
from tests.cast import make_plan, open_contract, person
from tests.prepaid.scenes import consume, count_card, forbidden, fresh, ledger_is_whole, refused, unseen, verbs, who

pytestmark = pytest.mark.django_db
PAPERS = ("DEATH", "KINSHIP", "IDENTITY")


@pytest.fixture
def heir(db: None) -> User:
    return User.objects.enrol("13900000088")


def paper(name: str = "a.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.4 paper", "application/pdf")


def given(**more: str) -> dict[str, str]:
    about = {"deceased_name": "周桂芬", "deceased_phone": "139 0000 0001", "relation": "CHILD", "wish": "REFUND"}
    return {**about, "own_name": "周小明", **more}


def handed_in(merchant: Merchant, heir: User, **more: str) -> HeirClaim:
    claim = prepaid.claim_as_heir(merchant.pk, given(**more), by=who(heir))
    file: StoredFile = uploads.store(paper(), title="材料", by=who(heir))
    for kind in PAPERS:
        prepaid.add_heir_document(claim.pk, kind, file, by=who(heir))
    return prepaid.submit_heir_claim(claim.pk, by=who(heir))


def settled(claim: HeirClaim, first: User, second: User) -> HeirClaim:
    prepaid.check_heir_claim(claim.pk, "材料和姓名都对上", by=who(first))
    return prepaid.approve_heir_claim(claim.pk, by=who(second))


def test_the_card_is_refunded_to_the_heirs_own_account(
    merchant_a: Merchant, consumer: User, heir: User, district_officer: User, second_officer: User
) -> None:
    # Ten times and three gifts for 1,000, four used: 1,000 − ⌊1,000 · 4/13⌋ = 692.31 by art. 18, and 600 − … by 19.
    card = count_card(merchant_a, consumer)
    for _ in range(4):
        consume(fresh(card), times=1)
    claim = settled(handed_in(merchant_a, heir), district_officer, second_officer)
    assert (claim.status, claim.holder) == ("SETTLED", consumer)
    refund, now = Refund.objects.get(), fresh(card)
    assert (refund.cause, refund.total_fen, refund.amount_fen) == ("MERCHANT", 69_231, 69_231)
    assert (now.holder, now.payer, now.status, now.locked_fen) == (heir, heir, "REFUNDED", 0)
    assert Assignment.objects.get().kind == "INHERITED"
    payout = Payout.objects.get()
    assert (refund.status, payout.payee) == ("PAYOUT_FAILED", "周小明")
    refused(Invalid, lambda: prepaid.change_payout_account(refund.pk, "6222020200000000001", "周桂芬", by=who(heir)))
    unseen(lambda: prepaid.change_payout_account(refund.pk, "6222020200000000001", "周小明", by=who(consumer)))
    prepaid.change_payout_account(refund.pk, "6222020200000000001", "周小明", by=who(heir))
    assert Refund.objects.get().status == "PAYING"
    assert verbs(claim)[-3:] == ["heir_claim.submit", "heir_claim.check", "heir_claim.approve"]
    ledger_is_whole()


def test_the_heir_may_keep_the_card(
    contract: Contract, consumer: User, heir: User, district_officer: User, second_officer: User
) -> None:
    claim = settled(handed_in(contract.merchant, heir, wish="TAKE_OVER"), district_officer, second_officer)
    now = fresh(contract)
    assert (now.holder, now.status, now.locked_fen) == (heir, "ACTIVE", 300_000)
    assert not Refund.objects.exists()
    assert claim.cards.get().contract == contract
    # A refund asked for later also goes to the heir's own account.
    refund = prepaid.request_refund(contract.pk, "CONSUMER", by=who(heir))
    prepaid.agree_refund(refund.pk, by=who(contract.merchant.registered_by))
    assert Refund.objects.get().status == "PAYOUT_FAILED"


def test_a_refund_that_waits_is_replaced_by_the_heirs(
    contract: Contract, consumer: User, heir: User, district_officer: User, second_officer: User
) -> None:
    consume(contract, fen=6_000)
    waiting = prepaid.request_refund(contract.pk, "CONSUMER", by=who(consumer))
    settled(handed_in(contract.merchant, heir), district_officer, second_officer)
    assert Refund.objects.get(pk=waiting.pk).status == "WITHDRAWN"
    assert Refund.objects.latest("pk").cause == "MERCHANT"


def test_a_contract_number_does_where_the_phone_is_unknown(contract: Contract, heir: User) -> None:
    claim = prepaid.claim_as_heir(
        contract.merchant_id, given(deceased_phone="", contract_code=contract.code), by=who(heir)
    )
    assert claim.holder == contract.holder


@pytest.mark.parametrize(
    "wrong",
    [{"deceased_name": "周桂芳"}, {"deceased_phone": "13900000099"}, {"deceased_phone": "", "contract_code": "0" * 16}],
)  # fmt: skip
def test_what_fits_nobody_is_kept_and_told_to_nobody_but_the_officer(
    wrong: dict[str, str], contract: Contract, heir: User, district_officer: User
) -> None:
    claim = handed_in(contract.merchant, heir, **wrong)
    assert (claim.status, claim.holder) == ("SUBMITTED", None)
    refused(WrongState, lambda: prepaid.check_heir_claim(claim.pk, "材料和姓名都对上", by=who(district_officer)))


def test_bad_requests_leave_nothing(contract: Contract, consumer: User, heir: User) -> None:
    shop, by = contract.merchant_id, who(heir)
    for bad in (
        {"deceased_name": "周"}, {"deceased_phone": ""}, {"relation": "FRIEND"}, {"wish": "BOTH"}, {"own_name": ""},
        {"own_name": "1234"}, {"deceased_phone": "12"},
    ):  # fmt: skip
        about = given(**bad)
        refused(Invalid, lambda: prepaid.claim_as_heir(shop, about, by=by))  # noqa: B023
    assert not HeirClaim.objects.exists()
    claim = prepaid.claim_as_heir(shop, given(), by=by)
    refused(WrongState, lambda: prepaid.claim_as_heir(shop, given(), by=by))
    error = refused(Invalid, lambda: prepaid.submit_heir_claim(claim.pk, by=by))
    assert set(error.fields) == {"death", "kinship", "identity"}
    assert HeirClaim.objects.get().status == "DRAFT"
    # One's own card is no heritage.
    assert prepaid.claim_as_heir(shop, given(own_name=consumer.name), by=who(consumer)).holder is None


def test_two_officers_sign_and_nobody_else(
    contract: Contract, heir: User, consumer: User, owner_a: User, district_officer: User, second_officer: User,
    other_officer: User,
) -> None:  # fmt: skip
    claim = handed_in(contract.merchant, heir)
    for stranger in (owner_a, consumer, other_officer):
        by = who(stranger)
        unseen(lambda: prepaid.check_heir_claim(claim.pk, "材料对上", by=by))  # noqa: B023
    forbidden(lambda: prepaid.check_heir_claim(claim.pk, "材料和姓名都对上", by=who(heir)))
    refused(WrongState, lambda: prepaid.approve_heir_claim(claim.pk, by=who(second_officer)))
    prepaid.check_heir_claim(claim.pk, "材料和姓名都对上", by=who(district_officer))
    forbidden(lambda: prepaid.approve_heir_claim(claim.pk, by=who(district_officer)))
    refused(WrongState, lambda: prepaid.withdraw_heir_claim(claim.pk, by=who(heir)))
    prepaid.reject_heir_claim(claim.pk, "另有继承人提出异议", by=who(second_officer))
    assert fresh(contract).holder == consumer


def test_returned_mended_and_withdrawn(contract: Contract, heir: User, district_officer: User) -> None:
    claim = handed_in(contract.merchant, heir)
    prepaid.send_back_heir_claim(claim.pk, "身份证看不清", by=who(district_officer))
    assert prepaid.submit_heir_claim(claim.pk, by=who(heir)).finding == ""
    assert prepaid.withdraw_heir_claim(claim.pk, by=who(heir)).ended_at


def test_pages_without_the_phone_of_the_deceased(
    contract: Contract, heir: User, consumer: User, district_officer: User, second_officer: User, signed_in: Any
) -> None:
    client, url = signed_in(heir), reverse("prepaid:heir_new", args=[contract.merchant.public_code])
    assert client.post(url, given()).status_code == 400
    sent = client.post(url, {**given(), "death": paper(), "kinship": paper(), "identity": paper()}, follow=True)
    claim = HeirClaim.objects.get()
    assert "已提交" in sent.content.decode() and claim.status == "SUBMITTED"
    mine = reverse("prepaid:heir_claim", args=[claim.code])
    assert signed_in(consumer).get(mine).status_code == 404
    first, second = signed_in(district_officer), signed_in(second_officer)
    case = first.get(reverse("admin:prepaid_heirclaim_change", args=[claim.pk])).content.decode()
    assert "¥3,000" in case and "周桂芬" not in case
    act = "admin:prepaid_heirclaim_act"
    first.post(reverse(act, args=[claim.pk, "send_back"]), {"reason": "公证书缺一页", "key": "send-back"})
    assert "公证书缺一页" in client.get(mine).content.decode()
    client.post(mine, {"kind": "OTHER", "file": paper()})
    client.post(reverse("prepaid:heir_step", args=[claim.code, "submit"]))
    shown = first.post(reverse(act, args=[claim.pk, "unmask"]), {"purpose": "比对死亡证明"}).content.decode()
    assert "周桂芬" in shown and "周小明" in shown
    first.post(reverse(act, args=[claim.pk, "check"]), {"reason": "材料和姓名都对上", "key": "check-one"})
    assert second.post(reverse(act, args=[claim.pk, "approve"]), {"key": "approve-1"}).status_code == 302
    assert "填收款账户" in client.get(mine).content.decode()
    assert second.get(reverse("admin:prepaid_heirclaim_change", args=[claim.pk])).status_code == 200
    assert "继承办理" in client.get(reverse("prepaid:heir_claims")).content.decode()


def test_lists_cost_a_fixed_number_of_queries(
    merchant_a: Merchant, merchant_b: Merchant, consumer: User, heir: User, district_officer: User, signed_in: Any,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    for number, shop in enumerate((merchant_a, merchant_b)):
        open_contract(make_plan(shop), consumer)
        handed_in(shop, heir)
        handed_in(shop, person(f"1390000007{number}", "周小华"), own_name="")
    desk = signed_in(district_officer)
    for url, most in (("/api/v1/heir-claims", 14), (reverse("admin:prepaid_heirclaim_changelist"), 32)):
        desk.get(url)
        with django_assert_max_num_queries(most):
            assert desk.get(url).status_code == 200
