"""The paper: twelve items, both signatures, the hash anybody can compute, and a plan that is not lawful."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from core.errors import Invalid
from core.models import AuditEvent, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.actions.plans import missing_items
from prepaid.contract_items import ITEMS
from prepaid.models import Contract, Plan, Signature
from prepaid.signing import paper_of
from tests.cast import fresh, make_plan
from tests.prepaid.scenes import consume, refused, who

pytestmark = pytest.mark.django_db
DRAFT: dict[str, Any] = {
    "name": "三千储值卡", "kind": "STORED_VALUE", "price_fen": 300_000, "description": "店内通用",
    "refund_terms": "依法退款",
}  # fmt: skip


def test_both_sides_sign_one_hash_that_anybody_can_compute(
    contract: Contract, consumer: User, owner_a: User, signed_in: Callable[[User], Client]
) -> None:
    paper = paper_of(contract)
    assert paper.is_sound
    assert [(one.party, one.signer) for one in paper.signatures] == [("MERCHANT", owner_a), ("HOLDER", consumer)]
    client = signed_in(consumer)
    raw = client.get(f"/my/contracts/{contract.code}/terms.json").content
    assert hashlib.sha256(raw).hexdigest() == contract.terms_hash == paper.digest
    page = client.get(f"/my/contracts/{contract.code}/terms/").content.decode()
    assert "核对一致" in page and contract.terms_hash in page and "沈丽" in page
    for item in ("数量和质量", "有效期", "转让、挂失", "退款", "价目表"):
        assert item in page


def test_a_changed_word_is_seen_on_the_page(
    contract: Contract, consumer: User, signed_in: Callable[[User], Client]
) -> None:
    Contract.objects.filter(pk=contract.pk).update(terms=contract.terms | {"price_fen": 1})
    assert not paper_of(fresh(contract)).intact
    page = signed_in(consumer).get(f"/my/contracts/{contract.code}/terms/").content.decode()
    assert "核对不一致" in page


@pytest.mark.parametrize("statement", ["UPDATE prepaid_signature SET method = 'API'", "DELETE FROM prepaid_signature"])
def test_a_signature_cannot_be_written_anew(contract: Contract, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Signature.objects.filter(contract=contract).count() == 2


def test_a_plan_with_void_terms_is_not_published_and_the_words_are_named(merchant_a: Merchant, owner_a: User) -> None:
    bad = DRAFT | {"refund_terms": "概不退款", "extra_terms": "最终解释权归本店所有"}
    plan = prepaid.save_plan(merchant_a.pk, bad, by=who(owner_a))
    error = refused(Invalid, lambda: prepaid.publish_plan(plan.pk, by=who(owner_a)))
    assert set(error.fields) == {"refund_terms", "extra_terms"}
    assert "「概不退款」" in error.fields["refund_terms"] and "第9条" in error.fields["refund_terms"]
    plan.refresh_from_db()
    assert plan.status == Plan.Status.DRAFT
    prepaid.save_plan(merchant_a.pk, DRAFT | {"extra_terms": "商家不得拒绝退款"}, by=who(owner_a), plan_id=plan.pk)
    assert prepaid.publish_plan(plan.pk, by=who(owner_a)).status == Plan.Status.ON_SALE


@pytest.mark.parametrize("kind", Plan.Kind.values)
def test_the_template_of_every_kind_is_complete_and_lawful(kind: str, merchant_a: Merchant, owner_a: User) -> None:
    prepaid.set_price(merchant_a.pk, "洗剪吹", 6_000, by=who(owner_a))
    more = {"times_paid": 10} if kind == "COUNT" else {"periods": 12} if "TERM" in kind or "PER" in kind else {}
    plan = prepaid.save_plan(merchant_a.pk, DRAFT | {"kind": kind} | more, by=who(owner_a))
    assert len(ITEMS) == 12 and missing_items(plan) == []
    prepaid.publish_plan(plan.pk, by=who(owner_a))


def test_missing_items_are_named_before_publication(merchant_a: Merchant, owner_a: User) -> None:
    plan = prepaid.save_plan(merchant_a.pk, DRAFT | {"clauses": {"breach": ""}}, by=who(owner_a))
    assert [item.code for item in missing_items(plan)] == ["price", "breach"]
    error = refused(Invalid, lambda: prepaid.publish_plan(plan.pk, by=who(owner_a)))
    assert list(error.fields) == ["breach"]  # the price list is advised only


def test_the_console_marks_the_words(merchant_a: Merchant, owner_a: User, signed_in: Callable[[User], Client]) -> None:
    shop = signed_in(owner_a)
    live = shop.post("/console/plans/check/", {"refund_terms": "概 不 退 款", "clause_scope": "过期作废"})
    text = live.content.decode()
    assert "<mark>概 不 退 款</mark>" in text and "<mark>过期作废</mark>" in text
    plan = prepaid.save_plan(merchant_a.pk, DRAFT | {"refund_terms": "概不退款"}, by=who(owner_a))
    page = shop.get(f"/console/plans/{plan.pk}/publish/").content.decode()
    assert "<mark>概不退款</mark>" in page and "确认发布" not in page
    assert shop.post(f"/console/plans/{plan.pk}/publish/").status_code == 302
    plan.refresh_from_db()
    assert plan.status == Plan.Status.DRAFT
    form = shop.get(f"/console/plans/{plan.pk}/").content.decode()
    assert "<mark>概不退款</mark>" in form


def test_everybody_may_check_a_text(client: Client) -> None:
    page = client.post("/tools/clauses/", {"text": "本店概不退款。\n<b>最终解释权归本店</b>"}).content.decode()
    assert page.count("<mark>") == 2 and "<b>最终" not in page
    answer = client.post("/api/v1/clauses/check", {"text": "遗失不补"}, content_type="application/json").json()
    assert [(one["code"], one["start"], one["end"]) for one in answer["marks"]] == [("lost_card", 0, 4)]
    assert client.post("/api/v1/clauses/check", {}, content_type="application/json").status_code == 400


def test_a_visit_given_back_in_full_is_no_visit(
    contract: Contract, consumer: User, owner_a: User, signed_in: Callable[[User], Client]
) -> None:
    consume(contract, 6_000)
    visit = consume(contract, 6_000)
    half = consume(contract, 12_000)
    prepaid.correct_visit(visit.pk, "扣错了", by=who(owner_a), face_fen=6_000)
    prepaid.correct_visit(half.pk, "多扣一次", by=who(owner_a), face_fen=6_000)
    assert "2 次，面值 120.00" in signed_in(consumer).get("/my/").content.decode()


def test_searches_by_phone_and_exports_leave_a_line(
    contract: Contract, consumer: User, owner_a: User, district_officer: User, signed_in: Callable[[User], Client]
) -> None:
    signed_in(owner_a).get(f"/console/contracts/?q={consumer.phone[3:]}")
    officer = signed_in(district_officer)
    officer.get(f"/admin/prepaid/contract/?q={consumer.phone[3:]}")
    officer.get("/admin/prepaid/contract/export.csv?status__exact=ACTIVE")
    lines = AuditEvent.objects.filter(verb__in=["user.search_phone", "user.export"]).order_by("seq")
    found = [(one.verb, one.actor_id, one.facts) for one in lines]
    assert [(verb, actor) for verb, actor, _ in found] == [
        ("user.search_phone", owner_a.pk), ("user.search_phone", district_officer.pk),
        ("user.export", district_officer.pk),
    ]  # fmt: skip
    assert all(consumer.phone[3:] not in str(facts) for _, _, facts in found)


def test_the_offer_names_the_staff_member(merchant_a: Merchant, clerk_a: User, consumer: User) -> None:
    plan = make_plan(merchant_a)
    card = prepaid.offer(plan.pk, merchant_a.stores.get().pk, consumer.phone, by=who(clerk_a))
    assert card.sold_by == clerk_a == Signature.objects.get(contract=card).signer
