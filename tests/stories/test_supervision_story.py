"""A shop under supervision from its filing to its end: warned, closing, deserted, run off, and proved byte by byte."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import Sum
from django.test import Client

from core.errors import WrongState
from core.jobs import run_shard
from core.models import Region, Role, SmsMessage, User
from core.rule_packs import forget_rules
from merchants.models import Merchant, Restriction
from prepaid import actions as prepaid
from prepaid import day_trees, filing_jobs, ledger
from prepaid.closing_reports import outstanding
from prepaid.models import (
    ClosingNotice,
    Contract,
    CustodyCheck,
    CustodyWarning,
    Filing,
    Instalment,
    Payout,
    Plan,
    Refund,
    RunOff,
    Transfer,
    TransferKind,
)
from prepaid.receipts import receipts
from tests.api.caller import Caller
from tests.cast import fresh, make_plan, officer, open_contract, person, shop
from tests.prepaid import oracle
from tests.prepaid.backdate import backdate, seal_all, vandal
from tests.prepaid.scenes import books, consume, count_card, days, oracle_is_content, payable, refused, who
from tests.prepaid.test_filing_actions import scan
from tests.prepaid.test_legacy_cards import confirmed, stated
from tests.prepaid.test_refund_actions import bank

BUND = "310101001"
VERIFIER = Path(settings.BASE_DIR) / "docs" / "verify" / "verify.py"


@dataclass
class Town:
    """The shop, its three new customers, two holders of old cards, and two officers of the district."""

    merchant: Merchant
    owner: User
    zhou: User
    lin: User
    li: User
    first: User
    second: User
    cards: dict[str, Contract] = field(default_factory=dict)

    @property
    def shop_is(self) -> str:
        """What the public sees of its standing."""
        return Merchant.objects.get(pk=self.merchant.pk).status


@pytest.fixture
def town(transactional_db: None) -> Iterator[Town]:
    """A company in Shanghai: it must file, and above 200,000 yuan 40 % must stand behind its cards."""
    forget_rules()
    path = "31/3101/310101/310101001/"
    Region.objects.get_or_create(pk=BUND, defaults={"name": "外滩街道", "level": 4, "path": path})
    owner = person("13900000011", "沈丽")
    merchant = shop("A", owner, BUND)
    Merchant.objects.filter(pk=merchant.pk).update(kind=Merchant.Kind.ENTERPRISE)
    merchant.refresh_from_db()
    yield Town(
        merchant,
        owner,
        person("13900000001", "周桂芬"),
        person("13900000002", "林悦"),
        person("13900000003", "李期限"),
        officer("13900000071", "沪立", Role.COUNTY_REVIEWER_A, "310101"),
        officer("13900000072", "沪静", Role.COUNTY_REVIEWER_B, "310101"),
    )
    forget_rules()


def test_from_filing_to_the_last_fen_of_a_deserted_shop(town: Town, tmp_path: Path) -> None:
    it_files(town)
    it_sells_three_cards(town)
    they_are_used(town)
    custody_falls_short_and_sales_stop(town)
    notice = it_says_that_it_will_close(town)
    run_off = its_people_are_gone(town, notice)
    everybody_got_what_is_theirs(town, run_off)
    the_days_are_sealed_and_one_byte_is_seen(town, tmp_path)


def it_files(town: Town) -> None:
    """It joins with old cards of 300,000.00 that nobody locked; the daily job finds that it must file."""
    confirmed(town.merchant, person("13900000004", "陈老"), 18_000_000)
    stated(town.merchant, person("13900000005", "吴老"), 12_000_000)
    boss, path = Caller(town.owner), f"/filings/{town.merchant.public_code}"
    filing_jobs.filing_need(days(-9), 0)
    filing = Filing.objects.get()
    assert (filing.status, filing.required_on, filing.due_on) == ("REQUIRED", days(-9), days(21))
    need = boss.saw(path + "/need")
    assert need["status"] == "REQUIRED"
    assert "居民服务业的企业，开展业务就要备案" in str(need) and "第7条" in str(need)
    body = {"issuer_class": "OTHER", "started_on": days(-9).isoformat(), "statement": "储值卡、次卡和周卡，总店通用"}
    assert boss.send("PATCH", path, body, key=None).status_code == 200
    upload = {"kind": "LICENCE", "file": scan()}
    assert boss.client.post(f"/api/v1{path}/documents", upload).status_code == 201
    assert boss.did(path + "/submit")["status"] == "FILED"
    assert boss.post(path + "/accept").status_code == 403
    assert Caller(town.first).did(path + "/accept")["number"].startswith("310101-")


def it_sells_three_cards(town: Town) -> None:
    """3,000.00 with a gift of 600, ten times and three gifts for 1,000.00, twelve weeks of 198.00: all locked."""
    weeks = make_plan(town.merchant, Plan.Kind.PER_PERIOD, every=Plan.Every.WEEK)
    town.cards = {
        "stored": open_contract(make_plan(town.merchant), town.zhou, on=days(-7)),
        "count": count_card(town.merchant, town.lin),
        "term": open_contract(weeks, town.li, on=days(-7)),
    }
    assert [card.locked_fen for card in town.cards.values()] == [300_000, 100_000, 237_600]


def they_are_used(town: Town) -> None:
    """600.00 of face value, two times, and the first of twelve weeks; the shop has earned 851.84."""
    stored, count, term = town.cards.values()
    assert consume(stored, fen=60_000).amount_fen == 50_000, "600 of 3,600 in face value is a sixth of 3,000"
    consume(count, times=2)
    first = Instalment.objects.of_account(term.account_id or 0).order_by("no").first()
    assert first is not None and first.due_on == days(0)
    assert prepaid.release_due(days(0), 0, 1)["released"] == 1
    # 1,000 × 2 ÷ 13 = 153.846…, of which the shop gets the fen that are whole.
    assert payable(town.merchant) == 50_000 + 15_384 + 19_800
    assert [fresh(card).locked_fen for card in town.cards.values()] == [250_000, 84_616, 217_800]
    backdate(2)  # two days pass in the ledger


def custody_falls_short_and_sales_stop(town: Town) -> None:
    """A warning, working days to make it up, nobody does, and an officer confirms the stop."""
    assert run_shard("prepaid.custody_check", days(0), 0)["warned"] == 1
    check = CustodyCheck.objects.get(merchant=town.merchant)
    assert (check.obligations_fen, check.covered_fen) == (30_552_416, 552_416)
    # 40 % of 305,524.16 is 122,209.664, rounded up; 5,524.16 of it is locked.
    assert (check.required_fen, check.shortfall_fen) == (12_220_967, 11_668_551)
    warning = CustodyWarning.objects.get()
    assert "116,685.51" in SmsMessage.objects.filter(user=town.owner).latest("pk").text
    chief = who(town.first)
    refused(WrongState, lambda: prepaid.stop_sales_for_custody(warning.pk, by=chief))
    assert run_shard("prepaid.custody_check", warning.due_on, 0)["overdue"] == 0, "the last day is still in time"
    assert run_shard("prepaid.custody_check", warning.due_on + timedelta(days=1), 0)["overdue"] == 1
    prepaid.stop_sales_for_custody(warning.pk, by=chief)
    assert town.shop_is == "RESTRICTED" and Restriction.objects.get().source == "存管核算"
    stored = town.cards["stored"]
    sale = {"plan": stored.plan_id, "store": stored.store_id, "phone": town.lin.phone}
    assert Caller(town.owner).post("/contracts", sale).status_code == 409
    assert consume(stored, fen=6_000).amount_fen == 5_000, "cards already sold go on"


def it_says_that_it_will_close(town: Town) -> ClosingNotice:
    """Declared and published forty days ahead; every holder is told, and one wants the money back now."""
    boss = Caller(town.owner)
    body = {"merchant": town.merchant.public_code, "reason": "LOSS", "closes_on": days(40).isoformat()}
    path = f"/closings/{boss.did('/closings', body)['code']}"
    assert Client().get(path + "/").status_code == 404, "nothing is public before it is published"
    shown = boss.did(path + "/publish")
    assert (shown["status"], shown["short_days"], town.shop_is) == ("SALES_STOPPED", 0, "EXITING")
    notice = ClosingNotice.objects.get()
    assert prepaid.tell_holders(notice.pk) == 3
    for user in (town.zhou, town.lin, town.li):
        assert "停业" in SmsMessage.objects.filter(user=user).latest("pk").text
    assert Client().get(path + "/").status_code == 200
    choice = {"contract": town.cards["stored"].code, "choice": "REFUND"}
    assert Caller(town.lin).post(path + "/choose", choice).status_code == 404
    assert Caller(town.zhou).did(path + "/choose", choice)["refund"]
    # 660 of face value used: 3,000 − 660 × 3,000 ÷ 3,600 = 2,450.
    bank("payout.paid", Payout.objects.get(), "bank-1")
    assert Caller(town.zhou).saw(path)["progress"]["arrived_fen"] == 245_000
    return notice


def its_people_are_gone(town: Town, notice: ClosingNotice) -> RunOff:
    """Two officers freeze, every claim is counted, two sign the plan, and the bank pays it."""
    first, second = Caller(town.first), Caller(town.second)
    body = {"merchant": town.merchant.public_code, "reason": "店门紧闭三天，房东证实搬离"}
    path = f"/run-offs/{first.did('/run-offs', {**body, 'served_until': days(0).isoformat()})['code']}"
    assert first.post(path + "/approve").status_code == 403, "whoever proposed does not sign"
    second.did(path + "/approve")
    notice.refresh_from_db()
    assert (town.shop_is, notice.status) == ("EMERGENCY", "EMERGENCY")
    run_off = RunOff.objects.get()
    assert prepaid.count_claims(run_off.pk) == 4
    signed = first.did(path + "/plan")["plan_hash"]
    claims = run_off.claims.order_by("-pays_fen", "-entitled_fen")
    assert list(claims.values_list("entitled_fen", "pays_fen", "waits_fen", "shortfall_fen")) == [
        (217_800, 217_800, 0, 0),  # eleven weeks of 198.00 that nobody will serve
        (84_616, 84_616, 0, 0),  # 1,000 × 11 ÷ 13 = 846.153…, rounded up for the consumer
        (18_000_000, 0, 0, 18_000_000),  # never locked: owed by the shop, written down to the fen
        (12_000_000, 0, 0, 12_000_000),
    ]
    assert all(line["article"] for claim in claims for line in claim.lines)
    assert first.post(path + "/approve-plan", {"plan_hash": signed}).status_code == 403
    second.did(path + "/approve-plan", {"plan_hash": signed})
    assert prepaid.pay_run_off(run_off.pk) == {"ordered": 2, "refused": 0}
    for payout in Payout.objects.exclude(status="PAID"):
        bank("payout.paid", payout, f"bank-{payout.pk}")
    prepaid.pay_run_off(run_off.pk)
    shown = first.saw(path)
    assert (shown["status"], shown["progress"]["arrived_fen"]) == ("DONE", 217_800 + 84_616)
    return RunOff.objects.get()


def everybody_got_what_is_theirs(town: Town, run_off: RunOff) -> None:
    """Nothing is left locked; each refund says why; what was paid in is what came back and what was earned."""
    paid = Payout.objects.filter(status="PAID")
    got = dict(paid.values_list("refund__contract__holder").annotate(sum=Sum("amount_fen")))
    assert got == {town.zhou.pk: 245_000, town.lin.pk: 84_616, town.li.pk: 217_800}
    assert payable(town.merchant) == 55_000 + 15_384 + 19_800
    assert sum(got.values()) + payable(town.merchant) == 300_000 + 100_000 + 237_600
    assert ledger.balance(ledger.REFUND_CLEARING) == 0
    for card in town.cards.values():
        assert (fresh(card).status, fresh(card).locked_fen) == ("REFUNDED", 0)
        books(card)
        lines = Refund.objects.get(contract=card).lines
        assert lines and all(line["article"].startswith("法释〔2025〕4号") for line in lines)
    assert run_off.closing is not None
    left = outstanding(run_off.closing, days(1))
    assert (left.locked_fen, left.on_the_way_fen, left.unlocked_fen) == (0, 0, 30_000_000)
    ended = prepaid.verify_closing(run_off.closing.pk, "老卡债权移交破产程序登记", by=who(town.first), on=days(1))
    assert ended.status == "VERIFIED"
    oracle_is_content()


def the_days_are_sealed_and_one_byte_is_seen(town: Town, folder: Path) -> None:
    """Whoever holds the files needs nobody's word: one changed byte shows, in a file and in the ledger itself."""
    backdate(2)
    assert seal_all() == [days(-4), days(-3), days(-2)]
    oracle_is_content()
    refund = Transfer.objects.get(debit=town.cards["stored"].account_id, kind=TransferKind.REFUND)
    receipt = folder / "receipt.json"
    receipt.write_bytes(Caller(town.zhou).get(f"/receipts/{refund.pk}").content)
    roots = folder / "roots.json"
    roots.write_bytes(Client().get("/transparency/roots.json").content)
    assert verdicts(receipt, roots) == [True, True]
    changed = [flipped(file, at) for file in (receipt, roots) for at in (0.2, 0.5, 0.8)]
    assert verdicts(*changed) == [False] * 6

    vandal(f"UPDATE ledger_transfer SET amount = amount # 1 WHERE id = {refund.pk}")
    (forged,) = receipts([refund.pk])
    after = folder / "after.json"
    after.write_text(forged.text)
    assert not forged.is_true and verdicts(after, receipt) == [False, True]
    assert list(day_trees.problems()) != []
    assert any("chain broken" in problem for problem in oracle.check(os.environ["DATABASE_RO_URL"]))


def flipped(file: Path, at: float) -> Path:
    """A copy with one bit of one byte turned, that far into the file."""
    raw = bytearray(file.read_bytes())
    raw[int(len(raw) * at)] ^= 1
    copy = file.with_name(f"{file.stem}-{at}.json")
    copy.write_bytes(raw)
    return copy


def verdicts(*files: Path) -> list[bool]:
    """What the offline verifier, which knows nothing of the project, says of each file."""
    command = [sys.executable, "-I", str(VERIFIER), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=60)
    assert not done.stderr, done.stderr
    return [line.startswith("一致") for line in done.stdout.splitlines()]
