"""Agenda packs and monthly topics: made for all bureaus by a fixed number of statements, frozen, then decided upon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from complaints import actions as complaints
from complaints.actions.agenda_packs import checksum
from complaints.actions.monthly_topics import count_of
from complaints.agenda import CONTENTS, period_of
from complaints.models import AgendaPack, Clock, Complaint, MonthlyTopic
from core.actors import SYSTEM
from core.errors import Invalid, NotAllowed, WrongState
from core.models import Delegation, Role, User
from merchants.models import Merchant
from tests.cast import DISTRICT, OTHER_STREET, STREET, officer
from tests.complaints.case_scenes import complaint_of
from tests.prepaid.scenes import who

pytestmark = pytest.mark.django_db
Kind = AgendaPack.Kind


def noon(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(f"{text}T12:00"))


@pytest.mark.parametrize(
    ("kind", "on", "wanted"),
    [
        (Kind.DAILY_LOOK, "2026-11-22", ("2026-11-22", "2026-11-22")),
        (Kind.WEEKLY_CHECK, "2026-11-23", ("2026-11-16", "2026-11-22")),
        (Kind.WEEKLY_CONSULT, "2026-11-24", None),
        (Kind.TENDAY_REVIEW, "2027-01-01", ("2026-12-21", "2026-12-31")),
        (Kind.TENDAY_REVIEW, "2026-03-01", ("2026-02-21", "2026-02-28")),
        (Kind.TENDAY_REVIEW, "2026-11-11", ("2026-11-01", "2026-11-10")),
        (Kind.TENDAY_REVIEW, "2026-11-21", ("2026-11-11", "2026-11-20")),
        (Kind.TENDAY_REVIEW, "2026-11-22", None),
        (Kind.MONTHLY_SETTLEMENT, "2027-01-01", ("2026-12-01", "2026-12-31")),
        (Kind.MONTHLY_COMMENT, "2026-11-02", None),
    ],
)
def test_which_days_a_pack_is_about(kind: str, on: str, wanted: tuple[str, str] | None) -> None:
    found = period_of(kind, date.fromisoformat(on))
    assert found == (wanted and tuple(date.fromisoformat(day) for day in wanted))


@pytest.fixture
def cases(merchant_a: Merchant, consumer: User, district_officer: User) -> list[Complaint]:
    """Three refunds of November in one street; the first is late, the second was closed with money back."""
    rows = [complaint_of(merchant_a, consumer, received=noon(f"2026-11-0{n}")) for n in (2, 3, 4)]
    Clock.objects.filter(complaint=rows[0], code="ACCEPT").update(due_at=noon("2026-11-10"))
    Clock.objects.filter(complaint=rows[1]).update(state="STOPPED", stopped_at=noon("2026-11-04"))
    Complaint.objects.filter(pk=rows[1].pk).update(
        status="CLOSED", closed_at=noon("2026-11-12"), recovered_fen=123_456, handler=district_officer
    )
    return rows


def section(pack: AgendaPack, title: str) -> dict[str, Any]:
    return next(one for one in pack.content["sections"] if one["title"] == title)


def test_every_kind_is_made_once_and_never_changes(cases: list[Complaint], district_officer: User) -> None:
    on, elsewhere = date(2026, 12, 1), officer("13900000062", "赵远", Role.STATION_OFFICER, OTHER_STREET)
    with CaptureQueriesContext(connection) as queries:
        assert complaints.make_agenda_packs(Kind.MONTHLY_SETTLEMENT, on, by=SYSTEM) == 2
    assert len(queries) <= 16
    with CaptureQueriesContext(connection) as again:
        assert complaints.make_agenda_packs(Kind.MONTHLY_SETTLEMENT, on, by=SYSTEM) == 0
    assert len(again) <= 6
    pack = AgendaPack.objects.get(region=DISTRICT)
    assert section(pack, "按事由")["rows"] == [["退款难", 3, 1, "1234.56", 0]]
    assert AgendaPack.objects.exclude(region=DISTRICT).get().content["sections"][0]["rows"] == []
    assert checksum(pack.content) == pack.sha256
    for kind in CONTENTS:
        complaints.make_agenda_packs(kind, date(2026, 12, 21), by=SYSTEM)
        complaints.make_agenda_packs(kind, on, by=SYSTEM)
    look = AgendaPack.objects.get(region=DISTRICT, kind=Kind.DAILY_LOOK, starts_on=on)
    late = section(look, "逾期最久的投诉")
    assert late["keys"][0] == f"complaint:{cases[0].pk}" and late["rows"][0][2:4] == ["首次联系", "2026-11-03"]
    assert len(late["rows"]) == len({row[0] for row in late["rows"]}) == 2
    review = AgendaPack.objects.get(region=DISTRICT, kind=Kind.TENDAY_REVIEW, starts_on=date(2026, 11, 21))
    assert section(review, "按事由")["rows"] == []
    Complaint.objects.all().update(recovered_fen=0)
    pack.refresh_from_db()
    assert section(pack, "按事由")["rows"][0][3] == "1234.56"
    assert not AgendaPack.objects.visible_to(who(elsewhere)).filter(region=DISTRICT).exists()


def test_minutes_entrust_people_and_the_pack_is_locked_when_they_are_done(
    district_officer: User, second_officer: User, signed_in: Callable[[User], Client]
) -> None:
    station = officer("13900000061", "所员", Role.STATION_OFFICER, STREET)
    today = timezone.localdate()
    complaints.make_agenda_packs(Kind.DAILY_DISPATCH, today, by=SYSTEM)
    pack = AgendaPack.objects.get(region=DISTRICT)
    due = today + timedelta(days=3)
    with pytest.raises(WrongState, match="先写会议纪要"):
        complaints.add_agenda_action(pack.pk, "上门核查", station.pk, due, by=who(district_officer))
    with pytest.raises(NotAllowed):
        complaints.hold_agenda(pack.pk, "今天三件疑难件", by=who(station))
    complaints.hold_agenda(pack.pk, "今天三件疑难件，逐件明确责任人", by=who(district_officer))
    with pytest.raises(Invalid):
        complaints.add_agenda_action(pack.pk, "上门核查", 1, due, by=who(district_officer))
    action = complaints.add_agenda_action(pack.pk, "上门核查经营场所", station.pk, due, by=who(district_officer))
    with pytest.raises(WrongState, match="1 件"):
        complaints.lock_agenda(pack.pk, by=who(district_officer))
    with pytest.raises(NotAllowed):
        complaints.finish_agenda_action(action.pk, "已经核查", by=who(second_officer))
    Delegation.objects.create(
        from_user=station, to_user=second_officer, reason="休假", valid_from=today, valid_to=today
    )  # fmt: skip
    second_officer.forget_access()
    complaints.finish_agenda_action(action.pk, "已经核查，正常营业", by=who(second_officer))
    complaints.lock_agenda(pack.pk, by=who(district_officer))
    with pytest.raises(WrongState):
        complaints.add_agenda_action(pack.pk, "再查一次现场", station.pk, due, by=who(district_officer))
    url = reverse("admin:complaints_agendapack_change", args=[pack.pk])
    page = signed_in(district_officer).get(url).content.decode()
    assert "内容与生成时一致" in page and "已经核查，正常营业" in page


def test_one_query_counts_before_and_after(
    cases: list[Complaint], merchant_a: Merchant, consumer: User, district_officer: User
) -> None:
    later = complaint_of(merchant_a, consumer, received=noon("2026-12-05"))
    complaint_of(merchant_a, consumer, received=noon("2026-12-06"), status="MERGED", merged_into=later)
    assert complaints.nominate_topics(date(2026, 12, 2), by=SYSTEM) == 0
    assert complaints.nominate_topics(date(2026, 12, 1), by=SYSTEM) == 1
    assert complaints.nominate_topics(date(2026, 12, 1), by=SYSTEM) == 0
    topic = MonthlyTopic.objects.get()
    assert (topic.cause, topic.industry, topic.nominated_count) == ("REFUND", merchant_a.industry, 3)
    by = who(district_officer)
    complaints.choose_topic(topic.pk, "合同里没有写退款算法", district_officer.pk, 50, by=by)
    with pytest.raises(WrongState, match="台账"):
        complaints.execute_topic(topic.pk, date(2026, 12, 1), 30, by=by)
    due = timezone.localdate() + timedelta(days=5)
    measure = complaints.add_measure(topic.pk, "推广示范合同", "市场监管局", district_officer.pk, due, by=by)
    complaints.execute_topic(topic.pk, date(2026, 12, 1), 30, by=by)
    complaints.finish_measure(measure.pk, "已推广到六十家", by=by)
    with pytest.raises(WrongState, match="2026-12-30 以后"):
        complaints.assess_topic(topic.pk, "降了三分之二", by=by, on=date(2026, 12, 30))
    done = complaints.assess_topic(topic.pk, "降了三分之二", by=by, on=date(2026, 12, 31))
    assert (done.before_from, done.before_count, done.after_count) == (date(2026, 11, 1), 3, 1)
    assert done.change == "3 → 1 件（-66.67%）"
    assert count_of(done, date(2026, 11, 3), 2) == 2
