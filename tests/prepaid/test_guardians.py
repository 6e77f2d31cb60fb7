"""Cards for minors: the guardian is the party and signs; the child is initials everywhere, a small one nowhere."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from core.calendar import business_date
from core.errors import Invalid, NotFound
from core.models import AuditEvent, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, Guardianship, Plan, Signature
from tests.prepaid.scenes import forbidden, refused, who

pytestmark = pytest.mark.django_db
NAME = "林小雨"


def years_ago(years: int) -> date:
    today = business_date()
    return date(today.year - years, 1, 1)


def child(years: int = 9, name: str = NAME, relation: str = "PARENT") -> prepaid.Child:
    return prepaid.Child(name, years_ago(years), relation)


def offered(plan: Plan, owner: User, phone: str, **more: object) -> Contract:
    store = plan.merchant.stores.get()
    return prepaid.offer(plan.pk, store.pk, phone, by=who(owner), **more)  # type: ignore[arg-type]


def test_the_guardian_is_party_and_signs(plan: Plan, owner_a: User, second_consumer: User) -> None:
    contract = offered(plan, owner_a, second_consumer.phone, child=child())
    row = contract.guardianship
    assert (row.initials, row.guardian, row.confirmed_at) == ("L.X.Y.", second_consumer, None)
    prepaid.sign(contract.pk, by=who(second_consumer), terms_hash=contract.terms_hash, method="PHONE_CODE")
    row.refresh_from_db()
    signed = Signature.objects.get(contract=contract, party="GUARDIAN")
    assert row.confirmed_at is not None and signed.signer == second_consumer and signed.method == "PHONE_CODE"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"years": 18}, "born_on"),
        ({"years": -1}, "born_on"),
        ({"name": " "}, "child_name"),
        ({"relation": "X"}, "relation"),
    ],
)
def test_a_child_is_a_child(plan: Plan, owner_a: User, given: dict[str, Any], field: str) -> None:
    error = refused(Invalid, lambda: offered(plan, owner_a, "13900000061", child=child(**given)))
    assert field in error.fields
    assert not Contract.objects.exists()


def test_a_minor_who_was_offered_a_card_names_the_guardian(
    plan: Plan, owner_a: User, consumer: User, second_consumer: User
) -> None:
    consumer.name = NAME
    consumer.save()
    contract = offered(plan, owner_a, consumer.phone)
    name = lambda by, phone: prepaid.name_guardian(contract.pk, phone, child(13), by=who(by))  # noqa: E731
    refused(NotFound, lambda: name(second_consumer, second_consumer.phone))
    refused(Invalid, lambda: name(consumer, consumer.phone))
    contract = name(consumer, second_consumer.phone)
    assert contract.holder == contract.payer == second_consumer
    assert contract.users.get().user == consumer
    forbidden(lambda: prepaid.sign(contract.pk, by=who(consumer), terms_hash=contract.terms_hash))
    prepaid.sign(contract.pk, by=who(second_consumer), terms_hash=contract.terms_hash)
    consumer.refresh_from_db()
    assert consumer.name == ""  # thirteen: lists name accounts, and this one has no name any more


def test_no_list_export_log_or_page_has_the_name(
    plan: Plan, owner_a: User, second_consumer: User, district_officer: User, signed_in: Callable[[User], Client],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    contract = offered(plan, owner_a, second_consumer.phone, child=child())
    prepaid.sign(contract.pk, by=who(second_consumer), terms_hash=contract.terms_hash)
    officer, shop, guardian = signed_in(district_officer), signed_in(owner_a), signed_in(second_consumer)
    pages = [
        (officer, f"/admin/prepaid/contract/{contract.pk}/change/"),
        (shop, f"/console/contracts/{contract.code}/"),
        (shop, f"/console/contracts/{contract.code}/print/"),
        (guardian, f"/my/contracts/{contract.code}/terms/"),
    ]
    for client, url in pages:
        text = client.get(url).content.decode()
        assert NAME not in text and "L.X.Y." in text, url
    export = officer.get("/admin/prepaid/contract/export.csv")
    assert NAME not in b"".join(export.streaming_content).decode()  # type: ignore[attr-defined]
    facts = " ".join(str(one) for one in AuditEvent.objects.values_list("facts", flat=True))
    assert NAME not in facts and "林" not in facts and NAME not in caplog.text
    assert Guardianship.objects.get().child_name == NAME
    assert NAME not in str(Guardianship.objects.values().get())


def test_the_till_opens_a_card_for_a_child(
    merchant_a: Merchant, plan: Plan, owner_a: User, signed_in: Callable[[User], Client]
) -> None:
    shop = signed_in(owner_a)
    form = {"key": "child-card-1", "phone": "13900000062", "for_child": "1", "relation": "PARENT", "child_name": NAME}
    answer = shop.post(f"/console/contracts/sell/{plan.pk}/", form)
    assert "填孩子的出生日期" in answer.content.decode()
    answer = shop.post(f"/console/contracts/sell/{plan.pk}/", form | {"born_on": years_ago(9).isoformat()})
    assert answer.status_code == 302
    assert Contract.objects.get().guardianship.initials == "L.X.Y."
