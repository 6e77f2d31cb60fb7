"""Coming-ins over the API: a channel's client, a person, replays, and lists that show one's own only."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from complaints.models import Complaint, Intake, ViolationReport
from core.actors import SYSTEM
from core.api.clients import create_client
from core.models import User
from merchants.models import Merchant
from prepaid.models import Contract
from tests.api.caller import Caller, client_of
from tests.cast import CITY, OTHER_STREET, STREET

pytestmark = pytest.mark.django_db
ORDER = {
    "channel": "HOTLINE_12345", "kinds": ["COMPLAINT"], "text": "市民反映理发店不退余额", "source_no": "2026-1",
    "name": "王芳", "phone": "13700000009", "respondent_name": "快剪", "region": STREET, "claim": "退款",
}  # fmt: skip
MINE = {
    "kinds": ["COMPLAINT", "REPORT"], "text": "9月20日染发多扣 100", "claim": "退回 100 元", "name": "周桂芬",
    "address": "示范路 8 号",
}  # fmt: skip


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    settings.API_RATES = {"anon": 0, "token": 0}


def hotline(scope: str = "intake read") -> Caller:
    made = create_client(None, "12345 平台", by=SYSTEM, region_id=CITY, channel="HOTLINE_12345")
    token = uuid.uuid4().hex
    AccessToken.objects.create(
        application=Application.objects.get(client_id=made.client_id), token=token, scope=scope,
        expires=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    return Caller(token=token)


def test_a_hotline_files_reads_again_and_sees_no_more() -> None:
    caller = hotline()
    made = caller.did("/intakes", ORDER | {"kinds": ["COMPLAINT", "REPORT"]})
    assert [part["kind"] for part in made["parts"]] == ["COMPLAINT", "REPORT"]
    assert caller.saw(f"/intakes/{made['code']}")["source_no"] == "2026-1"
    assert caller.did("/intakes", ORDER)["code"] == made["code"], "one number, one intake"
    assert caller.saw("/complaints")["results"] == []
    assert caller.saw("/reports")["results"] == []
    assert caller.get(f"/complaints/{made['parts'][0]['code']}").status_code == 404


def test_scope_channel_and_place_are_asked(merchant_a: Merchant) -> None:
    assert hotline("read write money").post("/intakes", ORDER).status_code == 403
    caller = hotline()
    for wrong in ({"channel": "PLATFORM_12315"}, {"region": OTHER_STREET}, {"channel": "API"}):
        assert caller.post("/intakes", ORDER | wrong).status_code in (400, 403), wrong
    assert client_of(merchant_a, "read write money intake").post("/intakes", ORDER).status_code == 403
    assert Caller().post("/intakes", ORDER).status_code in (401, 403)
    assert not Intake.objects.exists()


def test_a_replay_is_the_same_intake(consumer: User, merchant_a: Merchant) -> None:
    caller, body = Caller(consumer), MINE | {"merchant": merchant_a.public_code}
    first = caller.post("/intakes", body, key="intake-0001")
    again = caller.post("/intakes", body, key="intake-0001")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotent-Replayed"] == "true"
    assert first.json() == again.json()
    assert caller.post("/intakes", body | {"text": "别的事情，另说"}, key="intake-0001").status_code == 422
    assert Complaint.objects.count() == ViolationReport.objects.count() == 1


def test_who_sees_what(
    consumer: User, second_consumer: User, owner_a: User, district_officer: User, other_officer: User,
    merchant_a: Merchant,
) -> None:  # fmt: skip
    made = Caller(consumer).did("/intakes", MINE | {"merchant": merchant_a.public_code})
    complaint, report = (part["code"] for part in made["parts"])
    shown = {
        name: [
            Caller(user).get(path).status_code
            for path in (f"/complaints/{complaint}", f"/reports/{report}", f"/my-reports/{report}")
        ]
        for name, user in (
            ("consumer", consumer), ("second", second_consumer), ("owner", owner_a),
            ("officer", district_officer), ("elsewhere", other_officer),
        )
    }  # fmt: skip
    assert shown == {
        "consumer": [200, 404, 200], "second": [404, 404, 404], "owner": [404, 404, 404],
        "officer": [200, 200, 404], "elsewhere": [404, 404, 404],
    }  # fmt: skip
    Complaint.objects.update(merchant_told_at=timezone.now())
    seen = Caller(owner_a).saw(f"/complaints/{complaint}")
    assert seen["complainant"] == "周**"
    assert Caller(owner_a).get(f"/reports/{report}").status_code == 404, "never the shop's"
    assert Caller(district_officer).get(f"/intakes/{made['code']}").status_code == 404
    told = json.dumps(Caller(district_officer).saw(f"/reports/{report}"), ensure_ascii=False)
    assert "周" not in told
    assert consumer.phone[3:] not in told


def test_own_words_do_not_betray_the_reporter(consumer: User, district_officer: User, merchant_a: Merchant) -> None:
    body = MINE | {
        "merchant": merchant_a.public_code, "kinds": ["REPORT"], "text": "我是周桂芬，电话 13900000001，价目没公示",
    }  # fmt: skip
    made = Caller(consumer).did("/intakes", body)
    facts = Caller(district_officer).saw(f"/reports/{made['parts'][0]['code']}")["facts"]
    assert "价目没公示" in facts
    assert "周桂芬" not in facts
    assert "13900000001" not in facts


@pytest.mark.parametrize(
    "told", [{"source_no": "1"}, {"received_at": "2026-03-01T10:00:00+08:00"}, {"reply_due_at": "2026-03-01T10:00:00Z"}]
)
def test_a_person_gives_no_number_and_no_date_of_a_source(
    consumer: User, second_consumer: User, merchant_a: Merchant, told: dict[str, str]
) -> None:
    """The second to say 「1」 was given the coming-in of the first, and with a date chose the law by which it runs."""
    body = MINE | {"merchant": merchant_a.public_code}
    for user in (consumer, second_consumer):
        answer = Caller(user).post("/intakes", body | told)
        assert answer.status_code == 400, answer.content.decode()
    assert not Intake.objects.exists()


def test_another_ones_card_is_not_found(contract: Contract, second_consumer: User, owner_a: User) -> None:
    for user in (second_consumer, owner_a):
        assert Caller(user).post("/intakes", MINE | {"contract": contract.code}).status_code == 404
    assert Caller(second_consumer).post("/intakes", MINE | {"merchant": "X" * 16}).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"kinds": []}, {"kinds": ["X"]}, {"text": ""}, {"text": "字" * 4001}, {"anonymous": True}, {"channel": "WEB"},
        {"claim_fen": -1}, {"happened_on": "2999-01-01"}, {"name": ""}, {"address": "x" * 201}, {"sender": 1},
        {"received_at": "2999-01-01T00:00:00+08:00"}, {"region": "999"},
    ],
)  # fmt: skip
def test_bad_bodies_say_what_to_mend(consumer: User, wrong: dict[str, Any]) -> None:
    body = MINE | {"respondent_name": "快剪", "respondent_address": "老街 1 号", "region": STREET} | wrong
    answer = Caller(consumer).post("/intakes", body)
    assert answer.status_code == 400, answer.content.decode()
    assert not Intake.objects.exists()


@pytest.mark.parametrize("path", ["/complaints", "/my-reports", "/intakes"])
def test_lists_take_the_same_queries_for_many(consumer: User, merchant_a: Merchant, path: str) -> None:
    caller, counts = Caller(consumer), []
    for size in (1, 6):
        for n in range(size):
            caller.did("/intakes", MINE | {"merchant": merchant_a.public_code, "text": f"发生的事情 {size} 之 {n}"})
        with CaptureQueriesContext(connection) as asked:
            found = caller.saw(path, page_size=5)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert (len(found["results"]), found["next"] is not None) == (5, True)
