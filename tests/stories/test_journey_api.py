"""The main job by API alone, with the sandbox bank in its own process; at the end everybody agrees to the fen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings as django_settings
from pytest_django.live_server_helper import LiveServer

from core import outbox
from core.models import OutboxEvent, Role, SmsMessage
from prepaid import custodian, jobs
from prepaid.models import AccountKind, LedgerAccount
from tests.api.caller import Caller
from tests.api.test_merchants import picture, upload, uscc
from tests.cast import DISTRICT, STREET, officer, person
from tests.prepaid import oracle

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bank(live_server: LiveServer, settings: Any, tmp_path: Path) -> Iterator[None]:
    """The sandbox custodian, calling back to the live server."""
    process = subprocess.Popen(
        [sys.executable, "-m", "portal.sandbox", "--port", "0", "--db", str(tmp_path / "bank.sqlite3")],
        cwd=ROOT,
        env={
            **os.environ,
            "CUSTODIAN_SECRET": django_settings.CUSTODIAN_SECRET,
            "PUBLIC_URL": live_server.url,
            "DEPLOY": "test",
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    settings.CUSTODIAN_URL = process.stdout.readline().split()[-1]
    settings.PUBLIC_URL = live_server.url
    settings.API_RATES = {"anon": 0, "token": 0}
    custodian._backend.cache_clear()
    yield
    custodian._backend.cache_clear()
    process.terminate()
    process.wait(timeout=20)


def until(fact: Callable[[], object], seconds: float = 20) -> None:
    """Wait for the bank's callback; meanwhile promised effects are carried out, as the dispatcher would."""
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "the bank did not call back"
        outbox.dispatch(run_here=True)
        time.sleep(0.1)


def registered(boss: Caller, reviewer: Caller) -> str:
    """A merchant from the first field to admission; its public code."""
    draft = {
        "uscc": uscc(), "legal_name": "示范区钱多理发店", "brand_name": "钱多造型", "industry": 1, "region": STREET,
        "legal_rep": "钱多", "contact_phone": "13900000031", "licensed_on": "2021-03-04",
    }  # fmt: skip
    code = boss.did("/registrations", draft)["public_code"]
    store = {"name": "总店", "region": STREET, "address": "钱多路1号", "lease_end": "2031-12-31"}
    boss.did(f"/registrations/{code}/stores", store)
    assert upload(boss, code, picture()).status_code == 200  # type: ignore[attr-defined]
    boss.did(f"/registrations/{code}/phone-code")
    found = re.search(r"\d{6}", SmsMessage.objects.latest("pk").text)
    assert found
    boss.did(f"/registrations/{code}/submit", {"phone_code": found[0]})
    until(lambda: reviewer.saw("/reviews")["results"])
    assert reviewer.did(f"/reviews/{code}/approve")["status"] == "ACTIVE"
    return str(code)


def published(boss: Caller, merchant: str, **terms: Any) -> int:
    """A plan on sale; its id."""
    plan = {"merchant": merchant, "description": "店内通用", "refund_terms": "依法退款", **terms}
    made = boss.did("/plans", plan)
    boss.did(f"/plans/{made['id']}/publish")
    return int(made["id"])


def bought(boss: Caller, guest: Caller, plan: int, store: int, phone: str, do: str = "pay") -> str:
    """A contract offered, signed and paid at the bank; its code."""
    code = boss.did("/contracts", {"plan": plan, "store": store, "phone": phone})["code"]
    terms = guest.saw(f"/contracts/{code}")["terms_hash"]
    guest.did(f"/contracts/{code}/sign", {"terms_hash": terms})
    order = guest.did(f"/contracts/{code}/order-payment")
    assert requests.post(order["pay_url"], data={"do": do}, allow_redirects=False, timeout=5).status_code == 303
    until(lambda: guest.saw(f"/payments/{order['order_no']}")["status"] == "PAID")
    assert guest.saw(f"/contracts/{code}")["status"] == "ACTIVE"
    return str(code)


def visited(boss: Caller, code: str, store: int) -> str:
    """A visit of 60 yuan that waits for the customer; its code."""
    body = {"contract": code, "store": store, "item": "洗剪吹", "face_fen": 6_000}
    return str(boss.did("/visits", body)["code"])


def statement(caller: Caller, code: str) -> list[int]:
    """The signed amounts of a card, oldest first; the last balance is their sum."""
    rows = caller.saw(f"/contracts/{code}/statement", page_size=100)["results"]
    assert rows[0]["balance_fen"] == sum(row["amount_fen"] for row in rows)
    return [row["amount_fen"] for row in reversed(rows)]


@pytest.mark.django_db(transaction=True)
def test_the_main_job_by_api_agrees_to_the_fen(bank: None) -> None:
    boss, guest = Caller(person("13900000031", "钱多")), Caller(person("13900000001", "周桂芬"))
    first = Caller(officer("13900000021", "陈立", Role.COUNTY_REVIEWER_A, DISTRICT))
    second = Caller(officer("13900000022", "李静", Role.COUNTY_REVIEWER_B, DISTRICT))

    merchant = registered(boss, first)
    store = Caller().saw(f"/merchants/{merchant}")["stores"][0]["id"]
    stored = published(boss, merchant, name="储值卡", kind="STORED_VALUE", price_fen=300_000, bonus_fen=60_000)
    yearly = published(boss, merchant, name="年卡", kind="PER_PERIOD", price_fen=237_600, periods=12)
    # The bank's drill: the account the money comes from is closed afterwards.
    card = bought(boss, guest, stored, store, "13900000001", do="closed_account")

    # Three visits: one confirmed, one disputed and found for the customer, one confirmed and half corrected.
    yes, no, half = (visited(boss, card, store) for _ in range(3))
    guest.did(f"/visits/{yes}/confirm")
    guest.did(f"/visits/{no}/dispute", {"reason": "那天没去"})
    first.did(f"/visits/{no}/reject", {"reason": "监控里没有人"})
    guest.did(f"/visits/{half}/confirm")
    boss.did(f"/visits/{half}/correct", {"reason": "扣多了", "face_fen": 3_000})
    assert statement(guest, card) == [300_000, -5_000, -5_000, 2_500]

    # Another card pays by the month; its first month ends.
    term = bought(boss, guest, yearly, store, "13900000001")
    month_end = date.fromisoformat(guest.saw(f"/contracts/{term}/instalments")["results"][0]["due_on"])
    for shard in range(jobs.RELEASE_SHARDS):
        jobs.period_release(month_end, shard)
    states = [row["state"] for row in guest.saw(f"/contracts/{term}/instalments")["results"]]
    assert states == [1] + [0] * 11
    released = 237_600 // 12
    assert statement(guest, term) == [237_600, -released]

    # A refund whose first payout meets the closed account.
    refund = guest.did("/refunds", {"contract": card, "cause": "CONSUMER"})
    assert refund["total_fen"] == 291_000
    boss.did(f"/refunds/{refund['code']}/agree")
    until(lambda: guest.saw(f"/refunds/{refund['code']}")["status"] == "PAYOUT_FAILED")
    account = {"account": "6222020200000001234", "payee": "周桂芬"}
    guest.did(f"/refunds/{refund['code']}/change-account", account)
    until(lambda: guest.saw(f"/refunds/{refund['code']}")["status"] == "PAID")
    assert [p["status"] for p in guest.saw(f"/refunds/{refund['code']}")["payouts"]] == ["PAID", "FAILED"]

    # Two officers freeze what is left.
    freeze = first.did("/freezes", {"merchant": merchant, "reason": "涉嫌卷款跑路"})
    assert freeze["locked_fen"] == 237_600 - released
    second.did(f"/freezes/{freeze['id']}/approve")

    agreed(first, guest, card, term, released)


def agreed(officer: Caller, guest: Caller, card: str, term: str, released: int) -> None:
    """Statement, figures, trail and the independent judge say the same."""
    # 90 yuan of face value were used: 300,000 - 9,000 go back, the rest is the shop's.
    assert statement(guest, card) == [300_000, -5_000, -5_000, 2_500, -291_000, -1_500]
    shown = guest.saw(f"/contracts/{card}")
    assert (shown["released_fen"], shown["refunded_fen"], shown["locked_fen"]) == (9_000, 291_000, 0)
    assert sum(statement(guest, term)) == 237_600 - released
    assert Caller().saw("/overview")["locked_fen"] == 237_600 - released
    payable = LedgerAccount.objects.with_balance().get(kind=AccountKind.MERCHANT_PAYABLE)
    assert payable.balance_fen == 9_000 + released
    verbs = {line["verb"] for line in officer.saw("/audit", object=f"contract:{card}", page_size=100)["results"]}
    assert verbs >= {"contract.offer", "contract.sign", "contract.order_payment", "contract.lock", "contract.refund"}
    assert not OutboxEvent.objects.filter(state=OutboxEvent.State.DEAD).exists()
    assert judged() == []


def judged() -> list[str]:
    """What the oracle finds wrong with the whole ledger."""
    return oracle.check(os.environ["DATABASE_RO_URL"])
