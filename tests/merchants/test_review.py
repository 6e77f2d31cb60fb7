"""From the draft to the listed merchant: registration, checks, review, restriction, staff and unmasking."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from stdnum.cn import uscc

from core.actions import send_phone_code
from core.actors import SYSTEM, Actor
from core.errors import Invalid, NotFound, NotSignedIn, PortalError, WrongState
from core.models import Membership, OutboxEvent, Role, StoredFile, User
from merchants import actions as merchants
from merchants.models import Merchant, RegisterEntry, Restriction
from merchants.signals import merchant_approved, merchant_restricted
from tests.cast import LICENCES, STREET, shop
from tests.prepaid.scenes import forbidden, refused, unseen, verbs, who

pytestmark = pytest.mark.django_db
State = Merchant.Status
USCC = "91330106MA2CFLX92C"


def a_real_code() -> str:
    """A unified social credit code whose check digit is right."""
    body = "92330199MA2TEXT01"
    return body + uscc.calc_check_digit(body)


@pytest.fixture
def draft(consumer: User) -> Merchant:
    """A registration with everything but its submission."""
    data: dict[str, Any] = {
        "kind": "INDIVIDUAL", "legal_name": "示范区桂芬理发店", "brand_name": "桂芬造型", "industry_id": 1,
        "region_id": STREET, "licensed_on": date(2020, 5, 20), "legal_rep": "周桂芬", "contact_phone": "13900000001",
    }  # fmt: skip
    merchant = merchants.register(a_real_code(), data, by=who(consumer))
    merchants.save_store(
        merchant.pk,
        {"name": "总店", "region_id": STREET, "address": "文化路1号", "lease_end": date.today() + timedelta(900)},
        by=who(consumer),
    )
    file = StoredFile.objects.create(sha256="0" * 64, path="x/y", media_type="image/jpeg", size=1, title="执照")
    return merchants.attach_licence(merchant.pk, file, by=who(consumer))


def submit(merchant: Merchant, by: User) -> Merchant:
    code = send_phone_code(merchant.contact_phone, "register")
    return merchants.submit(merchant.pk, by=who(by), phone_code=code)


@pytest.fixture
def reviewed(draft: Merchant, consumer: User) -> Merchant:
    """One that waits for its officer."""
    submit(draft, consumer)
    return merchants.auto_check(draft.pk, by=SYSTEM)


def test_whoever_registers_is_the_boss_and_gets_the_same_draft_again(
    draft: Merchant, consumer: User, second_consumer: User
) -> None:
    assert Membership.objects.get(user=consumer).role == Role.MERCHANT_OWNER
    again = merchants.register(draft.uscc, {"brand_name": "新店招"}, by=who(consumer))
    assert (again.pk, again.brand_name, again.status) == (draft.pk, "新店招", State.DRAFT)
    assert verbs(draft)[0] == "merchant.register" and "merchant.change" in verbs(draft)
    other = merchants.register(
        draft.uscc,
        {"legal_name": "假", "brand_name": "假", "industry_id": 1, "region_id": STREET},
        by=who(second_consumer),
    )
    assert other.pk != draft.pk, "a draft blocks nobody"
    with pytest.raises((NotSignedIn, PortalError)):
        merchants.register(draft.uscc, {}, by=Actor(kind=SYSTEM.kind.USER))


@pytest.mark.parametrize("wrong", ["", "123", USCC[:-1] + "X", "9133010XMA2CFLX92CC"])
def test_a_licence_number_with_a_wrong_digit_is_refused(consumer: User, wrong: str) -> None:
    refused(Invalid, lambda: merchants.register(wrong, {}, by=who(consumer)))


def test_strangers_and_staff_change_nothing(
    merchant_a: Merchant, owner_b: User, clerk_a: User, district_officer: User, merchant_b: Merchant
) -> None:
    store = merchant_a.stores.get()
    file = StoredFile.objects.create(sha256="0" * 64, path="x/y", media_type="image/jpeg", size=1, title="执照")
    steps: list[Callable[[Actor], Any]] = [
        lambda by: merchants.change(merchant_a.pk, {"brand_name": "x"}, by=by),
        lambda by: merchants.save_store(merchant_a.pk, {"name": "x"}, by=by, store_id=store.pk),
        lambda by: merchants.attach_licence(merchant_a.pk, file, by=by),
        lambda by: merchants.submit(merchant_a.pk, by=by, phone_code="000000"),
        lambda by: merchants.hire(merchant_a.pk, "13912345678", "新人", by=by),
    ]
    for step in steps:
        unseen(lambda step=step: step(who(owner_b)))
        forbidden(lambda step=step: step(who(clerk_a)))
        forbidden(lambda step=step: step(who(district_officer)))
    foreign = merchant_b.stores.get()
    unseen(
        lambda: merchants.save_store(
            merchant_a.pk, {"name": "x"}, by=who(merchant_a.registered_by), store_id=foreign.pk
        )
    )


def test_a_submission_says_what_is_missing_and_proves_the_phone(draft: Merchant, consumer: User) -> None:
    draft.stores.update(lease_end=None)
    error = refused(Invalid, lambda: submit(draft, consumer))
    assert set(error.fields) == {"lease_end"}
    draft.stores.update(lease_end=date.today())
    refused(Invalid, lambda: merchants.submit(draft.pk, by=who(consumer), phone_code="000000"))
    done = submit(draft, consumer)
    assert (done.status, bool(done.review_due_at), bool(done.review_clock)) == (State.SUBMITTED, True, True)
    refused(WrongState, lambda: submit(draft, consumer))
    refused(Invalid, lambda: merchants.change(draft.pk, {"brand_name": "偷改"}, by=who(consumer)))
    assert OutboxEvent.objects.filter(topic="merchants.auto_check").count() == 1
    assert "merchant.submit" in verbs(draft)


def test_the_check_notes_doubts_for_the_officer_and_repeats_safely(
    draft: Merchant, consumer: User, merchant_a: Merchant
) -> None:
    draft.stores.update(address=merchant_a.stores.get().address)
    RegisterEntry.objects.create(uscc=draft.uscc, legal_name="别的名字", digest="1" * 32)
    submit(draft, consumer)
    forbidden(lambda: merchants.auto_check(draft.pk, by=who(consumer)))
    checked = merchants.auto_check(draft.pk, by=SYSTEM)
    assert checked.status == State.UNDER_REVIEW and len(checked.checks) == 2
    assert merchants.auto_check(draft.pk, by=SYSTEM).checks == checked.checks
    assert verbs(draft).count("merchant.auto_check") == 1


def test_a_licence_that_is_listed_already_goes_back_at_once(draft: Merchant, consumer: User, owner_a: User) -> None:
    submit(draft, consumer)
    LICENCES["twin"] = draft.uscc
    shop("twin", owner_a)
    assert merchants.auto_check(draft.pk, by=SYSTEM).status == State.RETURNED
    assert verbs(draft)[-1] == "merchant.send_back"


def test_an_officer_of_the_district_admits_once_and_news_goes_up(
    reviewed: Merchant, district_officer: User, other_officer: User, auditor: User, consumer: User
) -> None:
    heard: list[int] = []

    def listen(sender: object, merchant_id: int, **_: object) -> None:
        heard.append(merchant_id)

    merchant_approved.connect(listen)
    unseen(lambda: merchants.approve(reviewed.pk, by=who(other_officer)))
    for other in (auditor, consumer):
        forbidden(lambda other=other: merchants.approve(reviewed.pk, by=who(other)))
    done = merchants.approve(reviewed.pk, by=who(district_officer))
    assert (done.status, done.reviewed_by, heard) == (State.ACTIVE, district_officer, [reviewed.pk])
    refused(WrongState, lambda: merchants.approve(reviewed.pk, by=who(district_officer)))
    assert verbs(reviewed)[-1] == "merchant.approve"
    merchant_approved.disconnect(listen)


def test_two_of_one_licence_are_never_both_admitted(reviewed: Merchant, district_officer: User, owner_a: User) -> None:
    LICENCES["twin"] = reviewed.uscc
    shop("twin", owner_a)
    refused(Invalid, lambda: merchants.approve(reviewed.pk, by=who(district_officer)))
    reviewed.refresh_from_db()
    assert reviewed.status == State.UNDER_REVIEW


def test_what_goes_back_says_why_and_may_come_again(
    reviewed: Merchant, district_officer: User, other_officer: User, consumer: User
) -> None:
    unseen(lambda: merchants.send_back(reviewed.pk, ["照片不清"], by=who(other_officer)))
    refused(Invalid, lambda: merchants.send_back(reviewed.pk, [" "], by=who(district_officer)))
    done = merchants.send_back(reviewed.pk, ["照片不清", ""], by=who(district_officer))
    assert (done.status, done.return_reasons) == (State.RETURNED, ["照片不清"])
    refused(WrongState, lambda: merchants.send_back(reviewed.pk, ["又"], by=who(district_officer)))
    assert submit(reviewed, consumer).return_reasons == []


def test_a_restriction_lasts_until_its_last_reason_is_gone(
    merchant_a: Merchant, owner_a: User, district_officer: User, other_officer: User, clerk_b: User
) -> None:
    heard: list[int] = []

    def listen(sender: object, merchant_id: int, **_: object) -> None:
        heard.append(merchant_id)

    merchant_restricted.connect(listen)
    by = who(district_officer)
    unseen(lambda: merchants.restrict(merchant_a.pk, "投诉", "理由", by=who(other_officer)))
    forbidden(lambda: merchants.restrict(merchant_a.pk, "投诉", "理由", by=who(owner_a)))
    refused(Invalid, lambda: merchants.restrict(merchant_a.pk, "投诉", " ", by=by))
    one = merchants.restrict(merchant_a.pk, "投诉", "多次投诉", by=by)
    two = merchants.restrict(merchant_a.pk, "经营异常", "失联", by=by)
    unseen(lambda: merchants.lift_restriction(one.pk, by=who(clerk_b)))
    forbidden(lambda: merchants.lift_restriction(one.pk, by=who(owner_a)))
    merchants.lift_restriction(one.pk, by=by)
    merchants.lift_restriction(one.pk, by=by)
    assert Merchant.objects.get(pk=merchant_a.pk).status == State.RESTRICTED
    merchants.lift_restriction(two.pk, by=by)
    assert Merchant.objects.get(pk=merchant_a.pk).status == State.ACTIVE
    assert heard == [merchant_a.pk] * 2 and Restriction.objects.filter(lifted_at=None).count() == 0
    assert verbs(merchant_a) == ["merchant.restrict"] * 2 + ["merchant.lift_restriction"] * 2
    refused(NotFound, lambda: merchants.lift_restriction(10**9, by=by))
    merchant_restricted.disconnect(listen)


def test_a_draft_cannot_be_restricted(draft: Merchant, district_officer: User) -> None:
    with pytest.raises(PortalError):
        merchants.restrict(draft.pk, "投诉", "理由", by=who(district_officer))
    assert not Restriction.objects.exists()


def test_the_boss_hires_and_dismisses_own_staff_only(
    merchant_a: Merchant, owner_a: User, owner_b: User, merchant_b: Merchant, clerk_b: User
) -> None:
    by = who(owner_a)
    hired = merchants.hire(merchant_a.pk, "139 1234 5678", "小赵", by=by, pin="1234")
    assert merchants.hire(merchant_a.pk, "13912345678", "小赵", by=by).pk == hired.pk
    for wrong in ({"phone": "123"}, {"name": " "}, {"pin": "12"}, {"pin": "１２３４"}):
        data = {"phone": "13912345679", "name": "新", **wrong}
        refused(Invalid, lambda data=data: merchants.hire(merchant_a.pk, by=by, **data))
    foreign = Membership.objects.get(user=clerk_b)
    boss = Membership.objects.get(user=owner_a, role=Role.MERCHANT_OWNER)
    for other in (foreign, boss):
        unseen(lambda other=other: merchants.dismiss(merchant_a.pk, other.pk, by=by))
    unseen(lambda: merchants.dismiss(merchant_a.pk, hired.pk, by=who(owner_b)))
    merchants.dismiss(merchant_a.pk, hired.pk, by=by)
    assert not hired.user.access.merchants()
    assert verbs(merchant_a)[-1] == "merchant.dismiss"


def test_a_pin_names_one_person_of_one_shop(
    merchant_a: Merchant, clerk_a: User, merchant_b: Merchant, owner_a: User, owner_b: User
) -> None:
    clerk = Membership.objects.get(user=clerk_a)
    boss = Membership.objects.get(user=owner_a)
    for wrong in ("", "123", "1234567", "12a4", "１２３４"):
        refused(Invalid, lambda wrong=wrong: merchants.set_counter_pin(merchant_a.pk, clerk.pk, wrong, by=who(owner_a)))
    unseen(lambda: merchants.set_counter_pin(merchant_a.pk, clerk.pk, "4321", by=who(owner_b)))
    unseen(lambda: merchants.set_counter_pin(merchant_b.pk, clerk.pk, "4321", by=who(owner_b)))
    forbidden(lambda: merchants.set_counter_pin(merchant_a.pk, boss.pk, "4321", by=who(clerk_a)))
    merchants.set_counter_pin(merchant_a.pk, clerk.pk, "4321", by=who(clerk_a))
    refused(Invalid, lambda: merchants.set_counter_pin(merchant_a.pk, boss.pk, "4321", by=who(owner_a)))
    assert merchants.staff_by_pin(merchant_a.pk, "4321").user == clerk_a
    refused(Invalid, lambda: merchants.staff_by_pin(merchant_b.pk, "4321"))
    merchants.dismiss(merchant_a.pk, clerk.pk, by=who(owner_a))
    refused(Invalid, lambda: merchants.staff_by_pin(merchant_a.pk, "4321"))
    assert verbs(clerk)[-2:] == ["membership.set_pin", "membership.end"]


def test_personal_data_is_shown_in_full_only_for_a_purpose_that_is_recorded(
    merchant_a: Merchant, district_officer: User, auditor: User, owner_a: User, other_officer: User
) -> None:
    unseen(lambda: merchants.unmask(merchant_a.pk, "核实身份信息", by=who(other_officer)))
    for other in (auditor, owner_a):
        forbidden(lambda other=other: merchants.unmask(merchant_a.pk, "核实身份信息", by=who(other)))
    refused(Invalid, lambda: merchants.unmask(merchant_a.pk, "看", by=who(district_officer)))
    shown = merchants.unmask(merchant_a.pk, "核实身份信息", by=who(district_officer))
    assert shown["legal_rep"] == "沈丽" and shown["contact_phone"] == "13900000011"
    assert verbs(merchant_a)[-1] == "merchant.unmask"
