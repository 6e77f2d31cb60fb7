"""Many at once: a double click, or one order sent twice, is one intake."""

from __future__ import annotations

import pytest

from complaints import actions as complaints
from complaints.actions import NewIntake
from complaints.models import Clock, Complaint, Intake, Receipt
from core.actors import SYSTEM
from core.models import User
from merchants.models import Merchant
from tests.complaints.test_intake_filing import ordered, told
from tests.prepaid.scenes import at_once, deadlocks, who

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_at_once_is_one(merchant_a: Merchant, consumer: User) -> None:
    by, data, before = who(consumer), told(merchant_id=merchant_a.pk), deadlocks()
    answers = at_once(*[lambda: complaints.file_intake(data, by=by)] * 5)
    assert {one.pk for one in answers} == {Intake.objects.get().pk}
    orders = [ordered("Z-1"), ordered("Z-2")]
    crossed: list[list[NewIntake]] = [orders, orders[::-1]] * 2
    batches = at_once(*[lambda rows=rows: complaints.file_intakes(rows, by=SYSTEM) for rows in crossed])
    assert not [one for one in batches if isinstance(one, Exception)]
    assert Intake.objects.count() == Complaint.objects.count() == Receipt.objects.count() == 3
    assert Clock.objects.count() == 9
    assert deadlocks() == before
