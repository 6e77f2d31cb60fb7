"""Similar complaints become tasks: who counts, against what is usual, once a day and once a cluster."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from complaints import actions as complaints
from complaints.models import Cause, Complainant, Complaint, Incident, MaliceFlag, ProactiveTask
from core.actors import SYSTEM
from core.calendar import end_of_day
from core.errors import WrongState
from core.models import Role, StoredFile, User
from merchants.models import Merchant
from tests.cast import OTHER_STREET, STREET, officer
from tests.pages.admin_desk import text_of
from tests.prepaid.scenes import forbidden, refused, unseen, verbs, who

pytestmark = pytest.mark.django_db
ON = date(2026, 10, 20)
WORDS = "十天内多人反映退卡难，店里仍在办新卡"


def told(
    count: int, ago: int, *, shop: Merchant | None, first: int = 0, cause: str = Cause.REFUND, **more: Any
) -> None:
    """So many people complain on one day; person n has the same phone wherever they complain."""
    people = [Complainant(phone_idx=f"phone-{n}") for n in range(first, first + count)]
    Complainant.objects.bulk_create(people)
    received: datetime = end_of_day(ON - timedelta(days=ago)) - timedelta(hours=9)
    place = {"region_id": STREET, "respondent_name": "" if shop else "路边小店"} | more
    Complaint.objects.bulk_create(
        Complaint(
            channel="WEB", received_at=received, merchant=shop, cause=cause, facts="不给退", claim="退款",
            complainant=person, **place,
        )
        for person in people
    )  # fmt: skip


def run() -> dict[str, int]:
    return complaints.find_clusters(ON, by=SYSTEM)


def test_five_people_about_one_shop_within_thirty_days_are_a_task_once(
    merchant_a: Merchant, merchant_b: Merchant, district_officer: User
) -> None:
    told(4, 3, shop=merchant_a)
    told(2, 1, shop=merchant_a, first=2)  # the same two again: still four people
    told(1, 40, shop=merchant_a, first=90)  # a span before
    told(5, 2, shop=merchant_b, cause=Cause.QUALITY, status="WITHDRAWN", first=20)
    told(4, 2, shop=merchant_b, first=30)
    told(1, 2, shop=merchant_b, first=34)
    lie = Complaint.objects.get(complainant__phone_idx="phone-34")
    proof = StoredFile.objects.create(title="证据", media_type="image/png", size=1, sha256="0" * 64)
    MaliceFlag.objects.create(
        complaint=lie, status="UPHELD", reason="敲诈", evidence=proof, raised_by=district_officer, finding="认定恶意",
        decided_by=district_officer, decided_at=lie.received_at,
    )  # fmt: skip
    assert run() == {"proposed": 0, "grown": 0}
    told(1, 0, shop=merchant_a, first=10)
    assert run() == {"proposed": 1, "grown": 0}
    assert run() == {"proposed": 0, "grown": 0}, "twice the same day proposes nothing twice"
    task = ProactiveTask.objects.get()
    assert (task.merchant, task.cause, task.people, task.usual) == (merchant_a, "REFUND", 5, 33)
    assert (task.threshold, task.since, task.members.count()) == (5, date(2026, 9, 21), 7)
    told(1, 0, shop=merchant_a, first=11)
    assert run() == {"proposed": 0, "grown": 1}
    task.refresh_from_db()
    assert task.people == 6
    forbidden(lambda: complaints.find_clusters(ON, by=who(district_officer)))


def test_a_county_by_cause_against_what_is_usual(merchant_a: Merchant, merchant_b: Merchant) -> None:
    told(25, 3, shop=None, cause=Cause.QUALITY)
    told(24, 4, shop=None, cause=Cause.WRONG_CHARGE, first=100)
    for span in (1, 2, 3):
        told(13, 30 * span + 4, shop=None, cause=Cause.WRONG_CHARGE, first=200 + 20 * span)
    told(19, 5, shop=None, cause=Cause.OTHER, first=300)
    told(1, 5, shop=None, cause=Cause.OTHER, first=400, region_id=OTHER_STREET)
    assert run() == {"proposed": 1, "grown": 0}
    task = ProactiveTask.objects.get()
    assert (task.merchant, task.region_id, task.cause, task.people) == (None, "330199", "QUALITY", 25)


def test_taken_noted_closed_or_raised(
    merchant_a: Merchant, district_officer: User, other_officer: User, city_chief: User, owner_a: User, auditor: User,
    signed_in: Any, django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    told(5, 3, shop=merchant_a)
    run()
    task, by = ProactiveTask.objects.get(), who(district_officer)
    for stranger in (other_officer, owner_a):
        unseen(lambda stranger=stranger: complaints.take_task(task.pk, by=who(stranger)))  # type: ignore[misc]
    forbidden(lambda: complaints.take_task(task.pk, by=who(auditor)))
    refused(WrongState, lambda: complaints.note_task(task.pk, "到店查了一次", by=by), "认领")
    complaints.take_task(task.pk, by=by)
    complaints.note_task(task.pk, "到店查了退卡记录，约谈店长", by=by)
    complaints.close_task(task.pk, "店里改了退卡流程，五位都已退款", by=by)
    assert verbs(task) == ["proactive.find", "proactive.take", "proactive.note", "proactive.close"]
    refused(WrongState, lambda: complaints.dismiss_task(task.pk, "重复了不用办", by=by))
    assert run() == {"proposed": 0, "grown": 0}, "what was counted is counted once"
    told(5, 0, shop=merchant_a, first=50)
    assert run()["proposed"] == 1
    again = ProactiveTask.objects.open().get()
    station = officer("13900000063", "所员", Role.STATION_OFFICER, STREET)
    forbidden(lambda: complaints.raise_task(again.pk, city_chief.pk, WORDS, by=who(station)))
    raised = complaints.raise_task(again.pk, city_chief.pk, WORDS, by=by)
    assert (raised.status, raised.incident) == ("RAISED", Incident.objects.get())
    assert Incident.objects.get().complaints.count() == 10
    told(6, 0, shop=merchant_a, first=70)
    assert run() == {"proposed": 0, "grown": 0}, "an incident has them already"
    desk = signed_in(district_officer)
    page = text_of(desk.get(reverse("admin:complaints_proactivetask_change", args=[again.pk])))
    assert "5 人投诉" in page
    with django_assert_max_num_queries(14):
        desk.get(reverse("admin:complaints_proactivetask_changelist"))
