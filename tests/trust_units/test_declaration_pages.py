"""The pages of declarations: the shop fills in, officers decide, the public reads and objects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Page

from core.actors import SYSTEM, Actor
from core.models import User
from merchants.models import Merchant
from tests.trust_units.test_declarations import filled, in_publicity, registered
from trust_units import actions as trust
from trust_units.models import Declaration

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.pdf", b"%PDF-1.4 licence", "application/pdf")


def test_a_shop_fills_in_and_hands_in(signed_in: SignedIn, merchant_a: Merchant, owner_a: User) -> None:
    boss = signed_in(owner_a)
    store = merchant_a.stores.get()
    made = boss.post("/console/trust/", {"store": store.pk, "unit_type": "COMMITMENT", "key": "k" * 12})
    row = Declaration.objects.get()
    assert made["Location"] == f"/console/trust/declarations/{row.code}/"
    page = f"/console/trust/declarations/{row.code}/"
    refused = boss.post(f"{page}declare/", {"key": "d" * 12}, follow=True)
    assert "还没有答" in refused.content.decode()
    for answer in row.answers.all():
        sent: dict[str, Any] = {f"{answer.criterion}-met": "yes"}
        if answer.needs_evidence:
            sent[f"{answer.criterion}-evidence"] = photo()
        assert boss.post(f"{page}answers/{answer.criterion}/", sent).status_code == 302
    assert boss.post(f"{page}promise/", {"promise": "短"}).status_code == 400
    assert boss.post(f"{page}promise/", {"promise": "明码标价，七天内无理由退款"}).status_code == 302
    assert boss.post(f"{page}declare/", {"key": "e" * 12}).status_code == 302
    row.refresh_from_db()
    assert row.status == "DECLARED" and row.answers.exclude(evidence=None).count() == 5


def test_a_hostile_file_is_refused_and_what_was_written_stays(
    signed_in: SignedIn, merchant_a: Merchant, owner_a: User
) -> None:
    made = trust.start_declaration(merchant_a.stores.get(), "COMMITMENT", by=Actor.of_user(owner_a))
    bad = SimpleUploadedFile("x.pdf", b"<script>alert(1)</script>", "application/pdf")
    sent = {"have_prices-met": "yes", "have_prices-statement": "柜台上有", "have_prices-evidence": bad}
    answer = signed_in(owner_a).post(f"/console/trust/declarations/{made.code}/answers/have_prices/", sent)
    assert answer.status_code == 400 and "柜台上有" in answer.content.decode()
    assert made.answers.get(criterion="have_prices").met is None


def test_the_public_reads_and_objects_once(
    signed_in: SignedIn,
    merchant_a: Merchant,
    owner_a: User,
    district_officer: User,
    second_officer: User,
    consumer: User,
    client: Client,
) -> None:
    made = in_publicity(merchant_a, owner_a, district_officer, second_officer)
    Declaration.objects.update(public_until=made.public_until.replace(year=2027) if made.public_until else None)
    assert "A造型" in client.get("/units/publicity/").content.decode()
    page = f"/units/publicity/{made.code}/"
    assert "登录后可以提意见" in client.get(page).content.decode()
    assert client.post(page, {"text": "没有登录也想说"}).status_code in (302, 401)
    person = signed_in(consumer)
    assert person.post(page, {"text": "价目表和收的不一样"}).status_code == 302
    assert "已经提过" in person.post(page, {"text": "再说一遍还是不一样"}).content.decode()
    assert made.objections.count() == 1


def test_lists_ask_the_same_number_of_questions(
    signed_in: SignedIn,
    merchant_a: Merchant,
    merchant_b: Merchant,
    owner_a: User,
    owner_b: User,
    district_officer: User,
    second_officer: User,
    client: Client,
    django_assert_max_num_queries: Any,
) -> None:
    for merchant, owner in ((merchant_a, owner_a), (merchant_b, owner_b)):
        in_publicity(merchant, owner, district_officer, second_officer)
    Declaration.objects.update(public_until="2027-12-31")
    with django_assert_max_num_queries(6):
        assert client.get("/units/publicity/").status_code == 200
    officer = signed_in(district_officer)
    officer.get("/admin/trust_units/declaration/")
    with django_assert_max_num_queries(14):
        assert officer.get("/admin/trust_units/declaration/").status_code == 200


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_can_be_read_by_everybody(
    page_at: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path],
    width: int,
    merchant_a: Merchant,
    merchant_b: Merchant,
    owner_a: User,
    owner_b: User,
    district_officer: User,
    second_officer: User,
) -> None:
    public = in_publicity(merchant_b, owner_b, district_officer, second_officer)
    Declaration.objects.update(public_until="2027-12-31")
    registered(merchant_a)
    made = filled(merchant_a, owner_a)
    boss = page_at(width, theme="light" if width == 360 else "dark", user=owner_a)
    for address, name in (("/console/trust/", "units"), (f"/console/trust/declarations/{made.code}/", "declaration")):
        boss.goto(address)
        assert axe(boss) == []
        shot(boss, f"trust_{name}_{width}")
    boss.goto(f"/units/publicity/{public.code}/")
    assert axe(boss) == []
    shot(boss, f"trust_publicity_{width}")
    trust.declare(made.pk, by=Actor.of_user(owner_a))
    trust.screen_declaration(made.pk, by=SYSTEM)
    officer = page_at(width, user=district_officer)
    for address, name in (
        (f"/admin/trust_units/declaration/{made.pk}/change/", "case"),
        (f"/admin/trust_units/declaration/{made.pk}/act/record_visit/", "visit"),
    ):
        officer.goto(address)
        assert axe(officer) == []
        shot(officer, f"trust_{name}_{width}")
