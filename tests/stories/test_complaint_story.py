"""A complaint and a report told in one breath, each to its end: every step by API, the money by the bank's callback."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from complaints import odr
from complaints.models import Clock
from core.models import Role, SmsMessage, User
from merchants.models import Merchant
from prepaid.models import Payout
from tests.api.caller import Caller
from tests.cast import DISTRICT, STREET, make_plan, officer, person, shop
from tests.prepaid import oracle
from tests.stories.test_journey_api import bank, bought, statement, until, visited

__all__ = ["bank"]
CHINA = ZoneInfo("Asia/Shanghai")
TERMS = "商家退还三千储值卡余下的钱，双方再无争议"
TOLD = "9月说好随时可退，现在店里说一律不退；墙上的价目表也和收的钱不一样"


@dataclass
class Bureau:
    """Who takes part: consumer, owner, dispatcher, the officer who handles and the head who signs."""

    zhou: User
    shen: User
    xu: User
    chen: User
    li: User
    merchant: Merchant

    def __post_init__(self) -> None:
        """Everybody signs in; after weeks they do it again."""
        people = (self.zhou, self.shen, self.xu, self.chen, self.li)
        self.guest, self.boss, self.desk, self.officer, self.head = (Caller(user) for user in people)


def assembled() -> Bureau:
    """The sample people of the district with one shop."""
    zhou, shen = person("13900000001", "周桂芬"), person("13900000011", "沈丽")
    chen = officer("13900000021", "陈立", Role.COUNTY_REVIEWER_A, DISTRICT)
    li = officer("13900000022", "李静", Role.COUNTY_REVIEWER_B, DISTRICT)
    xu = officer("13900000030", "许静怡", Role.DISPATCHER, DISTRICT)
    return Bureau(zhou, shen, xu, chen, li, shop("A", shen, STREET))


def filed(town: Bureau, **more: Any) -> tuple[str, str]:
    """One coming-in that is both; the codes of the complaint and of the report."""
    body = {
        "kinds": ["COMPLAINT", "REPORT"], "text": TOLD, "claim": "退回卡里余下的钱", "cause": "REFUND",
        "name": "周桂芬", "address": "示范路 8 号", "merchant": town.merchant.public_code, **more,
    }  # fmt: skip
    made = town.guest.did("/intakes", body)
    assert made["status"] == "SPLIT"
    assert [part["kind"] for part in made["parts"]] == ["COMPLAINT", "REPORT"]
    complaint, report = (part["code"] for part in made["parts"])
    return complaint, report


def due(town: Bureau, code: str, clock: str, of: str = "complaints") -> tuple[date, str]:
    """The day a limit ends on, as an officer reads it, and by which version of the rules."""
    found = [row for row in town.officer.saw(f"/{of}/{code}")["clocks"] if row["code"] == clock][-1]
    return datetime.fromisoformat(found["due_at"]).astimezone(CHINA).date() - timedelta(days=1), found["pack_id"]


@pytest.mark.django_db(transaction=True)
def test_a_mixed_intake_ends_with_the_money_back_and_a_published_penalty(
    bank: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = assembled()
    monkeypatch.setattr(odr, "ENROLMENTS", [lambda pk: pk == town.merchant.pk])
    card = it_buys_a_card(town)
    complaint, report = filed(town, contract=card, wants_odr=True, claim_fen=295_000)
    the_shop_will_not(town, complaint)
    it_is_accepted_and_mediated(town, complaint)
    it_is_settled(town, complaint, card)
    the_money_arrives(town, complaint, card)
    the_report_goes_its_own_way(town, report)
    assert oracle.check(os.environ["DATABASE_RO_URL"]) == []


def it_buys_a_card(town: Bureau) -> str:
    """3,000.00 with a gift of 600; one visit of 60 in face value releases 50."""
    plan, store = make_plan(town.merchant), town.merchant.stores.get()
    code = bought(town.boss, town.guest, plan.pk, store.pk, town.zhou.phone)
    town.guest.did(f"/visits/{visited(town.boss, code, store.pk)}/confirm")
    assert town.guest.saw(f"/contracts/{code}")["locked_fen"] == 295_000
    return code


def the_shop_will_not(town: Bureau, code: str) -> None:
    """It goes to the shop first, because both are willing; the shop refuses and it comes to the bureau."""
    path = f"/complaints/{code}"
    assert town.guest.saw(path)["status"] == "ODR_PENDING"
    assert [row["code"] for row in town.guest.saw(path)["clocks"]] == ["ODR"]
    town.boss.did(path + "/answer", {"reply": "会员卡一经售出概不退款"})
    assert town.officer.post(path + "/accept").status_code == 409, "the shop has its ten days"
    assert town.desk.post(path + "/assign", {"handler": town.chen.pk}).status_code == 409, "and nobody handles it"
    assert town.guest.did(path + "/leave-odr")["status"] == "REGISTERED"
    running = {row["code"] for row in town.guest.saw(path)["clocks"] if row["state"] == "RUNNING"}
    assert running == {"ASSIGN", "FIRST_CONTACT", "ACCEPT"}


def it_is_accepted_and_mediated(town: Bureau, code: str) -> None:
    """Assigned, called, accepted; nobody is mediated before both have said yes."""
    path = f"/complaints/{code}"
    assert town.boss.post(path + "/accept").status_code == 403
    assert town.desk.did(path + "/assign", {"handler": town.chen.pk})["status"] == "ASSIGNED"
    town.officer.did(path + "/note-contact", {"side": "COMPLAINANT", "note": "电话核对了诉求和金额"})
    assert town.officer.did(path + "/accept")["status"] == "ACCEPTED"
    meeting = {"when": (timezone.now() + timedelta(days=2)).isoformat(), "place": "市场监管所调解室"}
    town.guest.did(path + "/consent")
    assert town.officer.post(path + "/mediate", meeting).status_code == 409
    town.boss.did(path + "/consent")
    assert town.officer.did(path + "/mediate", meeting)["status"] == "MEDIATING"


def it_is_settled(town: Bureau, code: str, card: str) -> None:
    """More than is locked is refused whole; what is agreed leaves the card in the same moment."""
    path = f"/complaints/{code}"
    more = {"terms": TERMS, "amount_fen": 295_001}
    assert town.officer.post(path + "/agree", more).status_code == 400
    assert town.guest.saw(f"/contracts/{card}")["locked_fen"] == 295_000
    assert town.guest.post(path + "/agree", more).status_code == 403
    agreed = town.officer.did(path + "/agree", more | {"amount_fen": 216_000})
    assert (agreed["status"], agreed["recovered_fen"]) == ("AGREED", 216_000)
    shown = town.guest.saw(f"/contracts/{card}")
    assert (shown["status"], shown["locked_fen"]) == ("REFUNDED", 0)
    assert town.officer.did(path + "/notify")["status"] == "CALLBACK"
    assert town.guest.post(path + "/close", {"rating": 3}).status_code == 409, "the money is not there yet"


def the_money_arrives(town: Bureau, code: str, card: str) -> None:
    """The bank pays and says so; the statement of the consumer has it, and the call-back ends the case."""
    until(lambda: Payout.objects.filter(status="PAID").exists())
    # 3,000 paid in, 50 for the visit; 2,160 come back and the 790 that stay are the shop's.
    assert statement(town.guest, card) == [300_000, -5_000, -216_000, -79_000]
    assert "2,160.00" in town.guest.client.get(f"/my/contracts/{card}/").content.decode()
    assert town.guest.saw(f"/contracts/{card}")["refunded_fen"] == 216_000
    done = town.guest.did(f"/complaints/{code}/close", {"rating": 3, "text": "钱收到了"})
    assert done["status"] == "CLOSED" and done["next_due_at"] is None
    assert not Clock.objects.running().filter(complaint__code=code).exists()
    assert not any("http" in message.text for message in SmsMessage.objects.filter(user=town.zhou))


def the_report_goes_its_own_way(town: Bureau, code: str) -> None:
    """Verified by one, extended and filed by another, decided, published; who told of it stays sealed."""
    path = f"/reports/{code}"
    town.officer.did(path + "/verify")
    before = due(town, code, "VERIFY", "reports")[0]
    town.officer.did(path + "/ask-extension", {"reason": "要向供货商调取进价单"})
    assert town.officer.post(path + "/approve-extension").status_code == 403, "not whoever asked"
    town.head.did(path + "/approve-extension")
    assert due(town, code, "VERIFY", "reports")[0] > before + timedelta(days=18)
    assert town.officer.post(path + "/file", {"reason": "价目与收费不一致"}).status_code == 403
    assert town.head.did(path + "/file", {"reason": "价目与收费不一致，有票据"})["case"]["case_no"]
    assert town.officer.post(path + "/close").status_code == 409, "the case has its ninety days"
    told = {"text": "您举报的事项已经立案"}
    assert town.officer.post(path + "/tell", told).status_code == 400, "under 令121号 only where another law says so"
    town.officer.did(path + "/tell", told | {"law": "食品安全法第115条"})
    town.officer.did(path + "/investigate")
    decision = {
        "penalty": "FINE", "fine_fen": 500_000, "law": "价格法第42条", "decision_no": "示范市监罚〔2026〕7号",
        "decision": "责令改正，罚款五千元",
    }  # fmt: skip
    town.head.did(path + "/decide", decision)
    assert town.officer.did(path + "/publish")["case"]["public_until"]
    page = Client().get("/penalties/").content.decode()
    assert "示范市监罚〔2026〕7号" in page and "周" not in json.dumps(town.officer.saw(path)["facts"])
    assert town.officer.did(path + "/close")["status"] == "CLOSED"
    assert town.guest.saw(f"/my-reports/{code}")["progress"] == "已办结"
    assert town.boss.get(path).status_code == 404


# The days


def on_the_day(monkeypatch: pytest.MonkeyPatch, text: str, town: Bureau | None = None) -> Bureau:
    """It is ten in the morning of that day in China, and everybody is there."""
    moment = datetime.fromisoformat(f"{text}T10:00:00").replace(tzinfo=CHINA)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    if town is None:
        return assembled()
    town.__post_init__()
    return town


def accepted(town: Bureau, code: str) -> None:
    """Assigned and accepted today."""
    town.desk.did(f"/complaints/{code}/assign", {"handler": town.chen.pk})
    town.officer.did(f"/complaints/{code}/accept")


@pytest.mark.django_db
def test_clocks_count_the_holidays_of_2026_as_counted_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    # 15 to 23 February are off; Saturday the 14th and the 28th are worked: 13, 14, 24, 25, 26, 27, 28.
    town = on_the_day(monkeypatch, "2026-02-12")
    winter, _ = filed(town)
    assert due(town, winter, "ACCEPT") == (date(2026, 2, 28), "CN.COMPLAINT.20")
    # 25 to 27 September and 1 to 7 October are off; Saturday 10 October is worked: 28, 29, 30, 8, 9, 10, 12.
    on_the_day(monkeypatch, "2026-09-24", town)
    autumn, report = filed(town, text=TOLD + "。又一次")
    assert due(town, autumn, "ACCEPT") == (date(2026, 10, 12), "CN.COMPLAINT.121")
    # Fifteen: eight more after the 12th; fifteen more after the 22nd.
    assert due(town, report, "VERIFY", "reports")[0] == date(2026, 10, 22)
    town.officer.did(f"/reports/{report}/verify")
    town.officer.did(f"/reports/{report}/ask-extension", {"reason": "要向供货商调取进价单"})
    town.head.did(f"/reports/{report}/approve-extension")
    assert due(town, report, "VERIFY", "reports")[0] == date(2026, 11, 12)


@pytest.mark.django_db
def test_the_rules_of_the_day_it_was_received(monkeypatch: pytest.MonkeyPatch) -> None:
    town = on_the_day(monkeypatch, "2026-04-10")
    old, _ = filed(town)
    on_the_day(monkeypatch, "2026-04-16", town)
    new, _ = filed(town)
    on_the_day(monkeypatch, "2026-04-17", town)
    for code in (old, new):
        accepted(town, code)
    # 45 working days from 20 April: 1 to 5 May and 19 June are off, Saturday 9 May is worked.
    assert due(town, old, "MEDIATE") == (date(2026, 6, 24), "CN.COMPLAINT.20")
    # 60 days from 18 April.
    assert due(town, new, "MEDIATE") == (date(2026, 6, 16), "CN.COMPLAINT.121")
