"""The real sandbox bank in its own process, against a small receiver that stands for the portal."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
import requests
from standardwebhooks import Webhook

from core.calendar import SHANGHAI
from core.errors import KeyReused, NotFound
from prepaid.custodian import BadSignature, CustodianUnreachable, Notice, SandboxCustodian

ROOT = Path(__file__).parents[2]
SECRET = "whsec_c2FuZGJveC1jdXN0b2RpYW4tdGVzdC1rZXk="


class Portal(ThreadingHTTPServer):
    """Records every callback; ``refusals`` is how many are answered 503 before one is taken."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.refusals = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Receiver(BaseHTTPRequestHandler):
    server: Portal

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((dict(self.headers), body))
        refused = self.server.refusals > 0
        self.server.refusals -= refused
        self.send_response(503 if refused else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def portal() -> Iterator[Portal]:
    server = Portal()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def bank_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process = start_bank(tmp_path_factory.mktemp("bank") / "sandbox.sqlite3")
    assert process.stdout
    yield process.stdout.readline().split()[-1]
    process.terminate()
    assert process.wait(timeout=20) == 0


@pytest.fixture
def bank(bank_url: str) -> SandboxCustodian:
    return SandboxCustodian(bank_url, SECRET)


def start_bank(db: Path, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "portal.sandbox", "--port", "0", "--db", str(db)],
        cwd=ROOT,
        env={**os.environ, "CUSTODIAN_SECRET": SECRET, "DEPLOY": "test"} | env,
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_for(condition: Callable[[], object], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.05)


def order(bank: SandboxCustodian, portal: Portal, number: str, amount_fen: int = 100_00, hint: str = "8000") -> str:
    opened = bank.create_order(
        number, amount_fen, subject="剪发十次卡", payer_hint=hint,
        notify_url=f"{portal.url}/notify", return_url=f"{portal.url}/back",
    )  # fmt: skip
    return opened.pay_url


def press(pay_url: str, button: str) -> requests.Response:
    return requests.post(pay_url, data={"do": button}, allow_redirects=False, timeout=5)


def notices(bank: SandboxCustodian, portal: Portal) -> list[Notice]:
    return [bank.verify_callback(headers, body) for headers, body in portal.received]


def payout(bank: SandboxCustodian, portal: Portal, number: str, account: str, amount_fen: int = 50_00) -> None:
    bank.create_payout(number, amount_fen, payee_account=account, payee_name="王**", notify_url=f"{portal.url}/notify")


def test_a_payment_is_told_and_the_payer_comes_back(bank: SandboxCustodian, portal: Portal) -> None:
    page = order(bank, portal, "pay-1")
    shown = requests.get(page, timeout=5)
    assert "确认支付" in shown.text and "¥100.00" in shown.text
    assert "script" not in shown.text and "style=" not in shown.text
    assert f"form-action 'self' {portal.url}" in shown.headers["content-security-policy"]
    answer = press(page, "pay")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{portal.url}/back")
    wait_for(lambda: portal.received)
    (notice,) = notices(bank, portal)
    assert (notice.kind, notice.number, notice.amount_fen) == ("order.paid", "pay-1", 100_00)
    assert portal.received[0][0]["webhook-id"] == notice.bank_ref
    found = bank.query_order("pay-1")
    assert (found.state, found.paid_fen, found.bank_ref) == ("PAID", 100_00, notice.bank_ref)
    assert "已支付" in requests.get(page, timeout=5).text


def test_the_same_order_twice_is_one_order(bank: SandboxCustodian, portal: Portal) -> None:
    assert order(bank, portal, "pay-2") == order(bank, portal, "pay-2")
    with pytest.raises(KeyReused):
        order(bank, portal, "pay-2", amount_fen=1)


def test_pressing_twice_pays_once(bank: SandboxCustodian, portal: Portal) -> None:
    page = order(bank, portal, "pay-3")
    assert {press(page, "pay").status_code, press(page, "cancel").status_code} == {303}
    wait_for(lambda: portal.received)
    time.sleep(0.6)
    assert [notice.kind for notice in notices(bank, portal)] == ["order.paid"]


def test_a_doubled_callback_carries_the_same_reference(bank: SandboxCustodian, portal: Portal) -> None:
    press(order(bank, portal, "pay-4"), "twice")
    wait_for(lambda: len(portal.received) == 2)
    first, second = notices(bank, portal)
    assert first == second


def test_a_callback_is_tried_until_it_is_taken(bank: SandboxCustodian, portal: Portal) -> None:
    portal.refusals = 2
    press(order(bank, portal, "pay-5"), "pay")
    wait_for(lambda: len(portal.received) == 3)
    assert len({notice.bank_ref for notice in notices(bank, portal)}) == 1


def test_callbacks_may_arrive_in_another_order(bank: SandboxCustodian, portal: Portal) -> None:
    portal.refusals = 1
    press(order(bank, portal, "pay-6a"), "pay")
    wait_for(lambda: portal.received)
    press(order(bank, portal, "pay-6b"), "pay")
    wait_for(lambda: len(portal.received) == 3)
    assert [notice.number for notice in notices(bank, portal)][1:] == ["pay-6b", "pay-6a"]


def test_a_lost_callback_is_found_by_asking(bank: SandboxCustodian, portal: Portal) -> None:
    press(order(bank, portal, "pay-7"), "lost")
    assert bank.query_order("pay-7").state == "PAID"
    time.sleep(0.6)
    assert portal.received == []
    with pytest.raises(NotFound):
        bank.query_order("never-opened")


def test_a_wrong_amount_and_a_cancelled_order_are_told_as_they_are(bank: SandboxCustodian, portal: Portal) -> None:
    press(order(bank, portal, "pay-8"), "wrong_amount")
    press(order(bank, portal, "pay-9"), "cancel")
    wait_for(lambda: len(portal.received) == 2)
    told = {notice.number: notice for notice in notices(bank, portal)}
    assert told["pay-8"].amount_fen == 99_00
    assert (told["pay-9"].kind, told["pay-9"].reason) == ("order.cancelled", "付款人取消")


def test_a_payout_is_paid_and_a_closed_account_fails(bank: SandboxCustodian, portal: Portal) -> None:
    payout(bank, portal, "out-1", "acct_1_1234")
    payout(bank, portal, "out-1", "acct_1_1234")
    payout(bank, portal, "out-2", "acct_1_0000")
    assert bank.query_payout("out-1").state == "ACCEPTED"
    with pytest.raises(KeyReused):
        payout(bank, portal, "out-1", "acct_2_1234")
    wait_for(lambda: len(portal.received) == 2)
    told = {notice.number: notice for notice in notices(bank, portal)}
    assert told["out-1"].kind == "payout.paid"
    assert (told["out-2"].kind, told["out-2"].reason) == ("payout.failed", "账户已销户")
    assert bank.query_payout("out-2").state == "FAILED"


def test_the_statement_lists_the_day_with_balances(bank: SandboxCustodian, portal: Portal) -> None:
    press(order(bank, portal, "pay-10", 300_00), "lost")
    payout(bank, portal, "out-3", "acct_3_1234", 120_00)
    wait_for(lambda: bank.query_payout("out-3").state == "PAID")
    header, *lines, last = statement(bank, datetime.now(SHANGHAI).date())[3:]
    assert header == "流水号,记账时间,收支,金额,业务单号,对方账户,余额,摘要"
    before, after = (line.split(",") for line in lines[-2:])
    assert (before[2:5], after[2:5]) == (["收入", "300.00", "pay-10"], ["支出", "120.00", "out-3"])
    assert float(before[6]) - float(after[6]) == 120
    assert last == f"#合计,{len(lines)},期末余额,{after[6]}"
    assert statement(bank, date(2020, 1, 1))[-1] == "#合计,0,期末余额,0.00"


def statement(bank: SandboxCustodian, on: date) -> list[str]:
    """The lines of the day's table."""
    file = BytesIO()
    bank.statement(on, file, "csv")
    return file.getvalue().decode().splitlines()


def signed_at(moment: datetime, body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {
        "webhook-id": "ref-1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign("ref-1", moment, body.decode()),
    }


BODY = (
    b'{"type": "order.paid", "bank_ref": "ref-1", "order_no": "o-1", "amount_fen": 1, "payer_account": "a",'
    b' "at": "2026-03-01T10:00:00+08:00", "reason": ""}'
)


@pytest.mark.parametrize("seconds", [-310, 310])
def test_a_replayed_callback_is_refused_after_300_seconds(bank: SandboxCustodian, seconds: int) -> None:
    now = datetime.now(UTC)
    assert bank.verify_callback(signed_at(now - timedelta(seconds=290), BODY), BODY).number == "o-1"
    with pytest.raises(BadSignature):
        bank.verify_callback(signed_at(now + timedelta(seconds=seconds), BODY), BODY)


def test_a_forged_or_broken_callback_is_refused(bank: SandboxCustodian) -> None:
    now = datetime.now(UTC)
    good = signed_at(now, BODY)
    forged = [
        ({}, BODY),
        (good, BODY.replace(b'"amount_fen": 1', b'"amount_fen": 9')),
        (good | {"webhook-id": "ref-2"}, BODY),
        (good | {"webhook-signature": "v1"}, BODY),
        (good | {"webhook-signature": "v1,***"}, BODY),
        (good | {"webhook-timestamp": "soon"}, BODY),
        (good, b"\xff"),
        (signed_at(now, BODY, "whsec_b3RoZXIta2V5LW90aGVyLWtleQ=="), BODY),
        *((signed_at(now, body), body) for body in (b"[]", b"{}", b'{"type": 1}', b"POST /orders\n{}")),
    ]
    for headers, body in forged:
        with pytest.raises(BadSignature):
            bank.verify_callback(headers, body)


def test_the_bank_serves_only_the_portal(bank: SandboxCustodian, bank_url: str, portal: Portal) -> None:
    order(bank, portal, "pay-11")
    stranger = SandboxCustodian(bank_url, "whsec_b3RoZXIta2V5LW90aGVyLWtleQ==")
    assert requests.get(f"{bank_url}/orders/pay-11", timeout=5).status_code == 401
    assert requests.post(f"{bank_url}/orders", json={}, timeout=5).status_code == 401
    with pytest.raises(Exception, match="没有受理"):
        stranger.query_order("pay-11")
    assert requests.get(f"{bank_url}/pay/{'0' * 32}", timeout=5).status_code == 404


def test_a_signature_fits_no_other_request(bank: SandboxCustodian, bank_url: str, portal: Portal) -> None:
    order(bank, portal, "pay-12")
    now = datetime.now(UTC)
    signature = Webhook(SECRET).sign("m-1", now, "GET /orders/pay-12\n")
    headers = {
        "webhook-id": "m-1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    assert requests.get(f"{bank_url}/orders/pay-12", headers=headers, timeout=5).status_code == 200
    assert requests.get(f"{bank_url}/orders/pay-11", headers=headers, timeout=5).status_code == 401


def test_a_silent_bank_is_an_error_that_may_be_retried() -> None:
    with pytest.raises(CustodianUnreachable) as caught:
        SandboxCustodian("http://127.0.0.1:9", SECRET).query_order("pay-1")
    assert caught.value.status == 503


def test_the_book_survives_a_kill(tmp_path: Path, portal: Portal) -> None:
    first = start_bank(tmp_path / "b.sqlite3")
    assert first.stdout
    bank = SandboxCustodian(first.stdout.readline().split()[-1], SECRET)
    portal.refusals = 1
    press(order(bank, portal, "kill-1"), "pay")
    wait_for(lambda: portal.received)
    first.kill()
    first.wait()
    second = start_bank(tmp_path / "b.sqlite3")
    assert second.stdout
    bank = SandboxCustodian(second.stdout.readline().split()[-1], SECRET)
    wait_for(lambda: len(portal.received) >= 2)
    assert bank.query_order("kill-1").state == "PAID"
    assert {notice.number for notice in notices(bank, portal)} == {"kill-1"}
    second.terminate()
    second.wait()


@pytest.mark.parametrize("env", [{"DEPLOY": "prod"}, {"CUSTODIAN_SECRET": ""}])
def test_the_sandbox_refuses_production_and_a_missing_secret(tmp_path: Path, env: dict[str, str]) -> None:
    process = start_bank(tmp_path / "b.sqlite3", **env)
    assert process.wait(timeout=20) == 2
