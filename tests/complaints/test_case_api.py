"""The life of a complaint over the API: read by whom it concerns, each step once, the money at the agreement."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.models import Complaint, Contact
from core.models import User
from merchants.models import Merchant
from prepaid.models import Contract
from tests.api.caller import Caller
from tests.cast import fresh
from tests.complaints.case_scenes import assigned, complaint_of, in_mediation

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(contract: Contract, consumer: User, district_officer: User) -> Complaint:
    now = timezone.now()
    return assigned(complaint_of(contract.merchant, consumer, received=now, contract=contract), district_officer, now)


def test_an_officer_accepts_once_and_sees_what_may_follow(
    case: Complaint, district_officer: User, consumer: User, other_officer: User
) -> None:
    officer, path = Caller(district_officer), f"/complaints/{case.code}"
    assert "accept" in officer.get(path).json()["allowed"] and "agree" not in officer.get(path).json()["allowed"]
    assert Caller(other_officer).post(f"{path}/accept").status_code == 404
    assert Caller(consumer).post(f"{path}/accept").status_code == 403
    first = officer.post(f"{path}/accept", key="accept-key-1")
    again = officer.post(f"{path}/accept", key="accept-key-1")
    assert (first.status_code, first.json()["status"], again.json()["status"]) == (200, "ACCEPTED", "ACCEPTED")
    assert officer.post(f"{path}/accept").status_code == 409
    assert consumer.name not in first.content.decode() and first.json()["complainant"] == "周**"
    note = {"side": "COMPLAINANT", "note": "核对了诉求"}
    assert officer.post(f"{path}/note-contact", note).status_code == 200 and Contact.objects.count() == 1
    assert officer.post(f"{path}/refuse", {"ground": 9, "reason": "理由充分"}).status_code == 400


def test_the_agreement_moves_the_money(
    contract: Contract, consumer: User, district_officer: User, owner_a: User
) -> None:
    now = timezone.now()
    row = in_mediation(
        complaint_of(contract.merchant, consumer, received=now, contract=contract), district_officer, now
    )
    path = f"/complaints/{row.code}"
    assert Caller(owner_a).post(f"{path}/answer", {"reply": "愿意退一部分"}).json()["merchant_reply"] == "愿意退一部分"
    officer = Caller(district_officer)
    body = {"terms": "退还余款，再无争议", "amount_fen": 400_000}
    over = officer.post(f"{path}/agree", body)
    assert over.status_code == 400 and "超出 ¥1,000.00" in over.content.decode()
    assert officer.post(f"{path}/agree", body | {"amount_fen": 200_000}).json()["recovered_fen"] == 200_000
    assert fresh(contract).refunded_fen == 200_000


def test_the_list_asks_a_fixed_number_of_times(
    case: Complaint, merchant_a: Merchant, consumer: User, district_officer: User
) -> None:
    officer = Caller(district_officer)
    officer.get("/complaints")
    with CaptureQueriesContext(connection) as few:
        officer.get("/complaints")
    for _ in range(3):
        complaint_of(merchant_a, consumer, received=timezone.now())
    with CaptureQueriesContext(connection) as many:
        assert len(officer.get("/complaints").json()["results"]) == 4
    assert len(many) == len(few)
