"""The officers' queue: most urgent first, page by page without counting; assignment and handing over by its forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from complaints import actions as complaints
from complaints.models import CalendarFeed, Clock, Complaint
from complaints.queues import queue_page
from core.actors import SYSTEM
from core.models import Delegation, Role, User
from merchants.models import Merchant
from tests.cast import DISTRICT, STREET, officer, person, shop
from tests.complaints.case_scenes import complaint_of
from tests.prepaid.scenes import who

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def dispatcher(db: None) -> User:
    return officer("13900000051", "分派员", Role.DISPATCHER, DISTRICT)


@pytest.fixture
def handler(db: None) -> User:
    return officer("13900000061", "所员", Role.STATION_OFFICER, STREET)


@pytest.fixture
def cases(merchant_a: Merchant, consumer: User) -> list[Complaint]:
    """Five, the newest first due last; the last one stands still."""
    now = timezone.now()
    rows = [complaint_of(merchant_a, consumer, received=now - timedelta(hours=10 - n)) for n in range(5)]
    Complaint.objects.filter(pk=rows[4].pk).update(next_due_at=None)
    return rows


def all_pages(by: User, **more: Any) -> list[int]:
    """Every page of two, one after the other."""
    found: list[int] = []
    cursor = ""
    while True:
        page = queue_page(by=who(by), after=cursor, limit=2, **more)
        found += [row.pk for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            return found


def test_pages_follow_each_other_and_what_stands_still_comes_last(
    cases: list[Complaint], dispatcher: User, handler: User, other_officer: User
) -> None:
    expected = [row.pk for row in cases]
    assert all_pages(dispatcher, kind="complaint", box="all") == expected
    assert all_pages(dispatcher, kind="complaint", box="unassigned") == expected
    assert all_pages(dispatcher, kind="complaint", box="all", code="ACCEPT") == expected
    assert all_pages(dispatcher, kind="complaint", box="all", code="MEDIATE") == []
    assert all_pages(dispatcher, kind="report", box="all") == []
    assert all_pages(other_officer, kind="complaint", box="all") == []
    for row in cases[1:3]:
        complaints.assign("complaint", row.pk, handler.pk, by=SYSTEM)
    assert all_pages(handler, kind="complaint", box="mine") == [cases[1].pk, cases[2].pk]
    assert set(all_pages(dispatcher, kind="complaint", box="unassigned")) == {row.pk for row in cases} - {
        cases[1].pk, cases[2].pk,
    }  # fmt: skip
    Complaint.objects.filter(pk=cases[2].pk).update(next_due_at=timezone.now() - timedelta(days=1))
    assert all_pages(dispatcher, kind="complaint", box="overdue") == [cases[2].pk]


def test_many_with_the_same_due_date_are_not_lost_between_pages(cases: list[Complaint], dispatcher: User) -> None:
    Complaint.objects.update(next_due_at=timezone.now())
    assert all_pages(dispatcher, kind="complaint", box="all") == sorted(row.pk for row in cases)


@pytest.mark.parametrize("cursor", ["x", "_", "9999_x", "2026-10-10_1", "2026-10-10T00:00:00_1", "9999_-5", "'; --_1"])
def test_a_damaged_cursor_begins_at_the_start(cursor: str, cases: list[Complaint], dispatcher: User) -> None:
    assert len(queue_page("complaint", "all", by=who(dispatcher), after=cursor).rows) == 5


def test_the_delegate_sees_the_work_of_who_is_away(cases: list[Complaint], handler: User) -> None:
    other = officer("13900000062", "同事", Role.STATION_OFFICER, STREET)
    complaints.assign("complaint", cases[0].pk, handler.pk, by=SYSTEM)
    assert all_pages(other, kind="complaint", box="mine") == []
    today = timezone.localdate()
    Delegation.objects.create(from_user=handler, to_user=other, reason="休假", valid_from=today, valid_to=today)
    other = User.objects.get(pk=other.pk)
    assert all_pages(other, kind="complaint", box="mine") == [cases[0].pk]


def test_the_page_costs_few_queries_however_long(
    cases: list[Complaint], dispatcher: User, signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(dispatcher)
    address = reverse("admin:complaints_queue")
    client.get(address)
    with django_assert_max_num_queries(11):
        response = client.get(address, {"box": "unassigned"})
    text = response.content.decode()
    assert all(row.code_grouped in text for row in cases)
    assert "周桂芬" not in text and "13900000001" not in text


def test_who_opens_it(cases: list[Complaint], signed_in: SignIn, consumer: User, auditor: User, handler: User) -> None:
    address = reverse("admin:complaints_queue")
    assert signed_in(consumer).get(address).status_code in (302, 403)
    assert signed_in(auditor).get(address).status_code == 403
    text = signed_in(handler).get(address, {"box": "unassigned"}).content.decode()
    assert "预览分派" not in text
    for name in ("complaints_preview", "complaints_assign"):
        assert signed_in(handler).post(reverse(f"admin:{name}"), {"kind": "complaint"}).status_code == 403


def test_from_the_preview_to_the_assignment(
    cases: list[Complaint], dispatcher: User, handler: User, signed_in: SignIn
) -> None:
    client = signed_in(dispatcher)
    chosen = [row.pk for row in cases[:2]]
    shown = client.post(reverse("admin:complaints_preview"), {"kind": "complaint", "matter": chosen, "officer": ""})
    text = shown.content.decode()
    assert shown.status_code == 200 and '所员 <b class="num">+2</b>' in text
    assert not Complaint.objects.exclude(handler=None).exists()
    rows = re.findall(r'name="row" value="([^"]+)"', text)
    key = re.search(r'name="key" value="([^"]+)"', text)
    assert len(rows) == 2 and key
    form = {"kind": "complaint", "row": rows, "key": key[1]}
    for _ in range(2):
        assert client.post(reverse("admin:complaints_assign"), form).status_code == 302
    assert Complaint.objects.filter(handler=handler).count() == 2
    # The same preview once more with a new key: they have changed, and are named.
    again = client.post(reverse("admin:complaints_assign"), {**form, "key": "another-key"})
    assert again.status_code == 409 and cases[0].code_grouped in again.content.decode()
    assert client.post(reverse("admin:complaints_assign"), {**form, "row": ["x"]}).status_code == 400


def test_handing_over_lists_first(cases: list[Complaint], dispatcher: User, handler: User, signed_in: SignIn) -> None:
    other = officer("13900000062", "同事", Role.STATION_OFFICER, STREET)
    complaints.assign("complaint", cases[0].pk, handler.pk, by=SYSTEM)
    client, address = signed_in(dispatcher), reverse("admin:complaints_hand_over")
    form = {"from_user": handler.pk, "to_user": other.pk, "note": "调离本所", "key": "hand-over-1"}
    assert client.get(address).status_code == 200
    bad = client.post(address, {**form, "note": ""})
    assert bad.status_code == 400
    listed = client.post(address, {**form, "note": "调离本所了"}).content.decode()
    assert cases[0].code_grouped in listed
    cases[0].refresh_from_db()
    assert cases[0].handler == handler
    done = client.post(address, {**form, "note": "调离本所了", "confirm": f"{handler.pk}:{other.pk}"})
    assert done.status_code == 302
    cases[0].refresh_from_db()
    assert cases[0].handler == other


def test_the_private_calendar(
    cases: list[Complaint], handler: User, signed_in: SignIn, client: Client, consumer: User
) -> None:
    complaints.assign("complaint", cases[0].pk, handler.pk, by=SYSTEM)
    page = reverse("admin:complaints_feed")
    officer_page = signed_in(handler)
    assert officer_page.post(page, {"step": "make"}).status_code == 302
    address = re.search(r'value="(http[^"]+\.ics)"', officer_page.get(page).content.decode())
    assert address
    answer = client.get(address[1])
    text = answer.content.decode()
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    assert text.startswith("BEGIN:VCALENDAR\r\n") and text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    whole = text.replace("\r\n ", "")
    clock = Clock.objects.get(complaint=cases[0], code="ACCEPT")
    assert f"DTSTART;VALUE=DATE:{clock.due_on:%Y%m%d}" in whole and cases[0].code_grouped in whole
    assert whole.count("BEGIN:VEVENT") == Clock.objects.of(cases[0]).running().count()
    # Neither people nor shops.
    assert not any(name in whole for name in ("周桂芬", "造型", "理发", "1390000", "幸福路"))
    # Forged, changed, switched off: gone.
    assert client.get(address[1].replace(".ics", "x.ics")).status_code == 404
    officer_page.post(page, {"step": "make"})
    assert client.get(address[1]).status_code == 404
    officer_page.post(page, {"step": "revoke"})
    assert not CalendarFeed.objects.exists()
    assert signed_in(consumer).get(page).status_code in (302, 403)
    case_file = reverse("admin:complaints_deadlines", args=["complaint", cases[0].pk])
    assert "BEGIN:VEVENT" in officer_page.get(case_file).content.decode()


def test_a_case_of_another_city_has_no_calendar_here(
    cases: list[Complaint], other_officer: User, signed_in: SignIn
) -> None:
    address = reverse("admin:complaints_deadlines", args=["complaint", cases[0].pk])
    assert signed_in(other_officer).get(address).status_code == 404
    far = shop("C", person("13900000031", "远方"), street="330203001")
    assert far.pk
