"""People: one phone one person, codes that die, roles that end, and substitutes."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import actions as core
from core.actors import Actor
from core.errors import Invalid, NotAllowed, TooMany
from core.models import PhoneCode, Role, SmsMessage, TrustedDevice, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from tests.cast import CITY, DISTRICT
from tests.prepaid.scenes import refused, verbs, who

pytestmark = pytest.mark.django_db
PHONE = "13912345678"


def test_one_phone_in_any_spelling_is_one_person() -> None:
    first = User.objects.enrol(PHONE, "王小明")
    for spelling in ("139 1234 5678", "+8613912345678", " 13912345678 "):
        assert User.objects.enrol(spelling, "别名").pk == first.pk
    found = User.objects.by_phone(PHONE)
    assert found and (found.name, found.phone, found.masked_phone) == ("王小明", "+8613912345678", "139****5678")
    assert not found.has_usable_password()


@pytest.mark.parametrize("wrong", ["", "abc", "123", "139123456789", "02112345678", "+14155552671", "1391234567\x00"])
def test_what_is_no_mobile_number_is_refused(wrong: str) -> None:
    refused(Invalid, lambda: User.objects.enrol(wrong))
    assert not User.objects.exists()


def test_name_and_phone_are_nowhere_in_clear() -> None:
    user = User.objects.enrol(PHONE, "王小明")
    stored = User.objects.filter(pk=user.pk).values().get()
    assert not [value for value in stored.values() if "王小明" in str(value) or "13912345678" in str(value)]


def test_a_code_proves_its_phone_once_and_only_for_its_purpose() -> None:
    code = core.send_phone_code(PHONE, "sign_in")
    refused(Invalid, lambda: core.check_phone_code(PHONE, "register", code))
    refused(Invalid, lambda: core.check_phone_code("13900000000", "sign_in", code))
    assert core.check_phone_code(PHONE, "sign_in", f" {code} ") == "+8613912345678"
    refused(Invalid, lambda: core.check_phone_code(PHONE, "sign_in", code))


def test_a_code_dies_after_five_wrong_tries_and_after_ten_minutes() -> None:
    code = core.send_phone_code(PHONE, "sign_in")
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        refused(Invalid, lambda: core.check_phone_code(PHONE, "sign_in", wrong))
    refused(Invalid, lambda: core.check_phone_code(PHONE, "sign_in", code))
    late = core.send_phone_code(PHONE, "sign_in")
    PhoneCode.objects.update(expires_at=timezone.now())
    refused(Invalid, lambda: core.check_phone_code(PHONE, "sign_in", late))


def test_six_codes_an_hour_are_the_most_and_none_is_stored_in_clear() -> None:
    codes = [core.send_phone_code(PHONE, "sign_in") for _ in range(6)]
    refused(TooMany, lambda: core.send_phone_code(PHONE, "register"))
    assert not PhoneCode.objects.filter(code_hash__in=codes).exists()
    stored = [str(row) for row in SmsMessage.objects.values()]
    assert not [row for row in stored for code in codes if code in row]
    assert core.check_phone_code(PHONE, "sign_in", codes[-1])
    refused(Invalid, lambda: core.check_phone_code("13900000009", "sign_in", codes[0]))


def test_a_trusted_browser_is_trusted_for_its_person_and_time(consumer: User, second_consumer: User) -> None:
    token = core.trust_device(consumer.pk, "手机")
    assert core.device_is_trusted(consumer, token)
    for user, shown in ((second_consumer, token), (consumer, token + "x"), (consumer, "")):
        assert not core.device_is_trusted(user, shown)
    TrustedDevice.objects.update(expires_at=timezone.now())
    assert not core.device_is_trusted(consumer, token)


def test_a_role_is_given_once_and_ends_today(consumer: User, sysadmin: User) -> None:
    by = who(sysadmin)
    first = core.grant_membership(consumer.pk, Role.STATION_OFFICER, region_id=DISTRICT, by=by)
    assert core.grant_membership(consumer.pk, Role.STATION_OFFICER, region_id=DISTRICT, by=by).pk == first.pk
    assert User.objects.get(pk=consumer.pk).is_staff
    core.end_membership(first.pk, by=by)
    assert not User.objects.get(pk=consumer.pk).is_staff
    assert verbs(first) == ["membership.grant", "membership.end"]
    assert core.grant_membership(consumer.pk, Role.STATION_OFFICER, region_id=DISTRICT, by=by).pk != first.pk


def test_the_database_refuses_a_role_of_the_wrong_scope(consumer: User, sysadmin: User) -> None:
    for role, scope in (
        (Role.CITY, {}),
        (Role.MERCHANT_OWNER, {"region_id": CITY}),
        (Role.SYSADMIN, {"merchant_id": 1}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            core.grant_membership(consumer.pk, role, by=who(sysadmin), **scope)  # type: ignore[arg-type]


def test_a_substitute_acts_for_an_officer_who_is_away_and_only_then(
    district_officer: User, consumer: User, merchant_a: Merchant
) -> None:
    today, by = date.today(), who(district_officer)
    for start, end in ((today, today - timedelta(1)), (today - timedelta(9), today - timedelta(1))):
        refused(Invalid, lambda start=start, end=end: core.delegate(consumer.pk, "休假", start, end, by=by))
    refused(Invalid, lambda: core.delegate(district_officer.pk, "休假", today, today, by=by))
    row = core.delegate(consumer.pk, "休假", today + timedelta(1), today + timedelta(5), by=by)
    assert not User.objects.get(pk=consumer.pk).is_staff, "it begins tomorrow"
    core.delegate(consumer.pk, "休假", today, today, by=by)
    assert User.objects.get(pk=consumer.pk).access.has(Role.COUNTY_REVIEWER_A)
    assert verbs(row) == ["user.delegate"]


def test_a_boss_cannot_hand_the_shop_over_by_delegation(owner_a: User, consumer: User, merchant_a: Merchant) -> None:
    core.delegate(consumer.pk, "休假", date.today(), date.today(), by=who(owner_a))
    assert not User.objects.get(pk=consumer.pk).access.merchants()


def test_a_substitute_is_not_the_second_signature_of_the_one_who_proposed(
    district_officer: User, second_officer: User, merchant_a: Merchant
) -> None:
    today = date.today()
    core.delegate(district_officer.pk, "休假", today, today, by=who(second_officer))
    row = prepaid.propose_freeze(merchant_a.pk, "涉嫌卷款跑路", by=who(district_officer))
    with pytest.raises(NotAllowed):
        prepaid.approve_freeze(row.pk, by=Actor.of_user(User.objects.get(pk=district_officer.pk)))
