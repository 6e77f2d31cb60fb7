"""Reports from registration to publication; hand-computed days; two people; the seal on who reported."""

from datetime import date, timedelta

import pytest

from complaints import actions as complaints
from complaints.models import Clock, EnforcementCase, ExtensionRequest
from core.errors import Invalid, NotAllowed, WrongState
from core.models import AuditEvent, Role, SmsMessage, User
from merchants.models import Merchant
from tests.cast import DISTRICT, STREET, officer
from tests.complaints.report_desk import ADDRESS, NAME, PHONE, at, complaint, report, reporter, running
from tests.prepaid.scenes import forbidden, refused, unseen, who

pytestmark = pytest.mark.django_db
WHY = "现场核查，牌子没有授权"
FINE = {
    "penalty": "FINE", "fine_fen": 500_000, "law": "反不正当竞争法第20条", "decision_no": "示市监罚〔2026〕1号",
    "decision": "责令停止违法行为，罚款五千元",
}  # fmt: skip


@pytest.fixture
def station(db: None) -> User:
    return officer("13900000061", "孙所", Role.STATION_OFFICER, STREET)


def test_verified_extended_filed_decided_published(
    merchant_a: Merchant,
    station: User,
    district_officer: User,
    second_officer: User,
    other_officer: User,
    owner_a: User,
) -> None:
    row = report(merchant_a, "2026-09-24 10:00", reporter())
    # Thursday; off: 25 to 27 September, 1 to 7 October; worked: Saturday 10 October.
    assert running(row, "VERIFY").due_on == date(2026, 10, 22)
    row = complaints.route_report(row.pk, STREET, by=who(district_officer), handler_id=station.pk)
    assert (row.status, row.handler, row.routed_from) == ("ROUTED", station, None)
    row = complaints.verify_report(row.pk, by=who(station))
    assert row.status == "VERIFYING" and row.case.status == "VERIFYING"
    unseen(lambda: complaints.ask_extension(row.pk, WHY, by=who(other_officer)))
    complaints.ask_extension(row.pk, WHY, by=who(station), at=at("2026-10-14 09:00"))
    refused(WrongState, lambda: complaints.ask_extension(row.pk, WHY, by=who(station), at=at("2026-10-14 10:00")))
    forbidden(lambda: complaints.approve_extension(row.pk, by=who(station), at=at("2026-10-15 09:00")))
    complaints.approve_extension(row.pk, by=who(district_officer), at=at("2026-10-15 09:00"))
    clock = running(row, "VERIFY")
    assert clock.extended and clock.due_on == date(2026, 11, 12)
    refused(WrongState, lambda: complaints.ask_extension(row.pk, WHY, by=who(station), at=at("2026-10-16 10:00")))
    # A head signs, and not who worked on it.
    forbidden(lambda: complaints.file_report(row.pk, WHY, by=who(station)))
    row = complaints.file_report(row.pk, WHY, by=who(district_officer), at=at("2026-11-02 09:00"))
    assert row.status == "FILED" and row.case.case_no == "示范区市监罚立〔2026〕第1号"
    # 90 days after 2 November: 31 January 2027.
    assert running(row, "CASE").due_on == date(2027, 1, 31)
    complaints.investigate_report(row.pk, by=who(station))
    complaints.ask_extension(row.pk, WHY, by=who(station), at=at("2026-12-14 09:00"))
    complaints.approve_extension(row.pk, by=who(second_officer), at=at("2026-12-15 09:00"))
    assert running(row, "CASE").due_on == date(2027, 3, 2)
    refused(Invalid, lambda: complaints.decide_report(row.pk, FINE | {"fine_fen": 0}, by=who(second_officer)))
    row = complaints.decide_report(row.pk, FINE, by=who(second_officer), at=at("2026-11-16 09:00"))
    refused(WrongState, lambda: complaints.close_report(row.pk, by=who(station)))
    assert running(row, "PUBLISH").due_on == date(2026, 12, 14)
    row = complaints.publish_penalty(row.pk, by=who(station), at=at("2026-11-20 09:00"))
    case = EnforcementCase.objects.get(report=row)
    assert (case.status, case.public_until) == ("PUBLISHED", date(2029, 11, 20))
    assert EnforcementCase.objects.public(date(2029, 11, 20)).get() == case
    assert not EnforcementCase.objects.public(date(2029, 11, 21)).exists()
    row = complaints.close_report(row.pk, by=who(station))
    assert row.status == "CLOSED" and row.closed_at and not Clock.objects.of(row).running().exists()
    assert merchant_a.pk not in {row.merchant_id for row in type(row).objects.visible_to(who(owner_a))}


def test_who_asks_for_more_time_does_not_approve_it(
    merchant_a: Merchant, district_officer: User, second_officer: User
) -> None:
    row = report(merchant_a, "2026-11-09 09:00")
    complaints.verify_report(row.pk, by=who(district_officer))
    asked = complaints.ask_extension(row.pk, WHY, by=who(district_officer), at=at("2026-11-10 09:00"))
    forbidden(lambda: complaints.approve_extension(row.pk, by=who(district_officer), at=at("2026-11-10 10:00")))
    with pytest.raises(Exception, match="extension_by_two"):
        from django.db import transaction

        with transaction.atomic():
            ExtensionRequest.objects.filter(pk=asked.pk).update(decided_by=district_officer)
    complaints.refuse_extension(row.pk, "材料已经齐全", by=who(second_officer))
    assert running(row, "VERIFY").extended is False
    refused(
        WrongState, lambda: complaints.ask_extension(row.pk, WHY, by=who(district_officer), at=at("2026-12-15 09:00"))
    )


def test_the_same_report_again_is_not_handled_and_told_so(merchant_a: Merchant, district_officer: User) -> None:
    one, other = report(merchant_a, "2026-10-12 09:00", reporter()), report(merchant_a, "2026-10-20 09:00", reporter())
    stranger = report(merchant_a, "2026-10-21 09:00", reporter("13712340000", "别人"))
    refused(Invalid, lambda: complaints.mark_duplicate(stranger.pk, one.pk, "和先前的一样", by=who(district_officer)))
    row = complaints.mark_duplicate(other.pk, one.pk, "和先前的一样", by=who(district_officer))
    assert (row.status, row.merged_into, row.next_due_at) == ("DUPLICATE", one, None) and row.closed_at
    text = SmsMessage.objects.latest("pk").text
    assert "不再重复处理" in text and NAME not in text and merchant_a.brand_name not in text
    one.refresh_from_db()
    assert running(one, "VERIFY").started_on == date(2026, 10, 12)


def test_new_facts_join_and_the_clock_begins_with_the_last_report(
    merchant_a: Merchant, merchant_b: Merchant, district_officer: User
) -> None:
    first = report(merchant_a, "2026-10-12 09:00", reporter())
    complaints.verify_report(first.pk, by=who(district_officer))
    # 12 October + 15 working days.
    assert running(first, "VERIFY").due_on == date(2026, 11, 2)
    last = report(merchant_a, "2026-10-20 09:00", reporter())
    elsewhere = report(merchant_b, "2026-10-20 09:00", reporter())
    refused(Invalid, lambda: complaints.merge_report(elsewhere.pk, first.pk, "同一违法行为", by=who(district_officer)))
    row = complaints.merge_report(last.pk, first.pk, "补充了新的照片", by=who(district_officer))
    assert (row.status, row.merged_into) == ("MERGED", first)
    clock = running(first, "VERIFY")
    assert (clock.started_on, clock.due_on, clock.extended) == (date(2026, 10, 20), date(2026, 11, 10), False)
    first.refresh_from_db()
    assert first.next_due_at == clock.due_at
    assert Clock.objects.of(first).filter(code="VERIFY", state="DROPPED").count() == 1


def test_two_days_apart_two_laws(merchant_a: Merchant, district_officer: User, second_officer: User) -> None:
    """2026-04-10 is under 令20号: told within 5 working days. 2026-04-16 under 令121号: not unless a law says so."""
    old, new = report(merchant_a, "2026-04-10 09:00", reporter()), report(merchant_a, "2026-04-16 09:00", reporter())
    nameless = report(merchant_a, "2026-04-10 09:00")
    assert running(old, "VERIFY").basis == "令20号 第23条"
    assert running(new, "VERIFY").basis == "令121号 第27条"
    for row in (old, new, nameless):
        complaints.verify_report(row.pk, by=who(district_officer))
        complaints.not_file_report(row.pk, "没有发现违法事实", by=who(second_officer), at=at("2026-04-20 09:00"))
    assert running(old, "FILING_NOTICE").due_on == date(2026, 4, 27)
    assert not Clock.objects.filter(code="FILING_NOTICE").exclude(report=old).exists()
    refused(WrongState, lambda: complaints.close_report(old.pk, by=who(district_officer)))
    refused(WrongState, lambda: complaints.tell_result(nameless.pk, "没有发现违法", by=who(district_officer)))
    error = refused(Invalid, lambda: complaints.tell_result(new.pk, "没有发现违法", by=who(district_officer)))
    assert "law" in error.fields
    told = complaints.tell_result(old.pk, "没有发现违法事实", by=who(district_officer), at=at("2026-04-22 09:00"))
    assert told.told_basis == "令20号 第31条" and "没有发现违法事实" in SmsMessage.objects.latest("pk").text
    complaints.tell_result(new.pk, "没有发现违法", law="食品安全法第115条", by=who(district_officer))
    for row in (old, new, nameless):
        assert complaints.close_report(row.pk, by=who(district_officer)).status == "CLOSED"


def test_a_routed_unit_only_sends_back(merchant_a: Merchant, city_chief: User, district_officer: User) -> None:
    row = report(merchant_a, "2026-10-12 09:00", region_id="3301")
    row = complaints.route_report(row.pk, DISTRICT, by=who(city_chief))
    assert row.routed_from_id == "3301" and running(row, "VERIFY").region_id == DISTRICT
    refused(NotAllowed, lambda: complaints.route_report(row.pk, "330203", by=who(district_officer)))
    assert complaints.route_report(row.pk, STREET, by=who(district_officer)).region_id == STREET
    back = complaints.send_report_back(row.pk, "经营地不在本辖区", by=who(district_officer))
    assert (back.status, back.region_id, back.handler, back.routed_from) == ("REGISTERED", "3301", None, None)
    assert running(back, "VERIFY").region_id == "3301"


def test_a_clue_found_in_a_complaint_is_verified_and_the_complaint_goes_on(
    merchant_a: Merchant, district_officer: User, second_officer: User, owner_a: User
) -> None:
    matter = complaint(merchant_a)
    clue = complaints.open_clue_from_complaint(
        matter.pk, "调解中发现没有备案就发卡", by=who(district_officer), at=at("2026-11-02 09:00")
    )
    assert (clue.found_in, clue.reporter, clue.case.status) == (matter, None, "CLUE")
    assert running(clue, "VERIFY").due_on == date(2026, 11, 23)
    matter.refresh_from_db()
    assert matter.status == "REGISTERED"
    row = complaints.verify_report(clue.pk, by=who(district_officer))
    forbidden(lambda: complaints.transfer_report(row.pk, "公安局", "涉嫌合同诈骗", by=who(district_officer)))
    row = complaints.transfer_report(row.pk, "示范区公安分局", "涉嫌合同诈骗", to_police=True, by=who(second_officer))
    assert (row.status, row.case.status, row.to_police) == ("TRANSFERRED", "DROPPED", True)
    unseen(lambda: complaints.open_clue_from_complaint(matter.pk, "随便写写几个字", by=who(owner_a)))


def test_nobody_decides_in_a_matter_of_their_own(merchant_a: Merchant, district_officer: User) -> None:
    row = report(merchant_a, "2026-10-12 09:00", reporter(user=district_officer))
    forbidden(lambda: complaints.verify_report(row.pk, by=who(district_officer)))
    forbidden(lambda: complaints.unseal_reporter(row.pk, "核实情况", by=who(district_officer)))


def test_the_reporter_stays_sealed(merchant_a: Merchant, district_officer: User, station: User, auditor: User) -> None:
    row = report(merchant_a, "2026-10-12 09:00", reporter())
    for person in (station, auditor):
        forbidden(lambda person=person: complaints.unseal_reporter(row.pk, "核实情况", by=who(person)))  # type: ignore[misc]
    refused(Invalid, lambda: complaints.unseal_reporter(row.pk, " ", by=who(district_officer)))
    shown = complaints.unseal_reporter(row.pk, "电话核实线索", by=who(district_officer))
    assert shown == {"name": NAME, "phone": PHONE, "address": ADDRESS}
    complaints.verify_report(row.pk, by=who(station))
    for text in (f"已联系{NAME}", "电话 137-1234-5678", f"住{ADDRESS}"):
        refused(Invalid, lambda text=text: complaints.not_file_report(row.pk, text, by=who(district_officer)))  # type: ignore[misc]
        refused(
            Invalid,
            lambda text=text: complaints.ask_extension(row.pk, text, by=who(station), at=at("2026-10-13 09:00")),  # type: ignore[misc]
        )
    lines = " ".join(str(event.facts) for event in AuditEvent.objects.all())
    assert not any(trace in lines for trace in (NAME, PHONE, ADDRESS)) and "电话核实线索" in lines


def test_a_light_penalty_is_shown_three_months(
    merchant_a: Merchant, district_officer: User, second_officer: User
) -> None:
    row = report(merchant_a, "2026-10-12 09:00")
    complaints.verify_report(row.pk, by=who(district_officer))
    complaints.file_report(row.pk, WHY, by=who(second_officer), at=at("2026-10-30 09:00"))
    complaints.investigate_report(row.pk, by=who(district_officer))
    given = FINE | {"penalty": "WARNING", "fine_fen": 0}
    complaints.decide_report(row.pk, given, by=who(second_officer), at=at("2026-11-30 09:00"))
    row = complaints.publish_penalty(row.pk, by=who(district_officer), at=at("2026-11-30 09:00"))
    assert row.case.public_until == date(2027, 2, 28)
    assert row.case.public_until - row.case.published_on == timedelta(days=90)
