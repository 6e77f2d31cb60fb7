"""Receipts: what a consumer and a shop can hand to anybody, and that one changed byte is seen everywhere."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import day_trees
from prepaid.models import Contract, Transfer
from prepaid.receipts import receipts
from tests.cast import make_plan, open_contract
from tests.prepaid.backdate import backdate, seal_all, vandal
from tests.prepaid.scenes import ask, who

VERIFIER = Path(settings.BASE_DIR) / "docs" / "verify" / "verify.py"
pytestmark = pytest.mark.django_db(transaction=True)


def offline(*files: Path, key: str = "") -> bool:
    """Whether the offline verifier, which knows nothing of the project, accepts all of these files."""
    pin = ["--key", key] if key else []
    command = [sys.executable, "-I", str(VERIFIER), *pin, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert done.returncode in (0, 1) and not done.stderr, done.stderr
    return done.returncode == 0


@pytest.fixture
def story(merchant_a: Merchant, consumer: User, second_consumer: User) -> Contract:
    """Three sealed movements of a card among others of the same days, and one of today."""
    contract = open_contract(make_plan(merchant_a), consumer)
    for n in range(7):
        open_contract(make_plan(merchant_a, name=f"卡{n}"), second_consumer)
    backdate(2)
    for fen in (6_000, 12_000):
        prepaid.confirm_visit(ask(contract, fen).pk, by=who(consumer))
    backdate(2)
    seal_all()
    prepaid.confirm_visit(ask(contract, 3_000).pk, by=who(consumer))
    return contract


def of_card(contract: Contract) -> list[int]:
    return list(Transfer.objects.of_account(contract.account_id).order_by("pk").values_list("pk", flat=True))


def test_every_movement_of_a_sealed_day_has_a_receipt_that_holds_offline(story: Contract, tmp_path: Path) -> None:
    files = []
    for number in of_card(story)[:3]:
        with CaptureQueriesContext(connection) as queries:
            (receipt,) = receipts([number])
        assert len(queries) == 1 and receipt.is_true
        path = tmp_path / f"{number}.json"
        path.write_text(receipt.text)
        files.append(path)
    key = json.loads(files[0].read_text())["seal"]["public_key"]
    assert offline(*files, key=key)
    assert not offline(*files, key="00" * 32)
    assert receipts(of_card(story)[3:])[0].content is None


def test_each_byte_of_a_receipt_counts(story: Contract, tmp_path: Path) -> None:
    (receipt,) = receipts(of_card(story)[1:2])
    raw = receipt.text.encode()
    files = []
    for at in range(0, len(raw), 7):
        path = tmp_path / f"{at}.json"
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        files.append(path)
    command = [sys.executable, "-I", str(VERIFIER), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout.count("不一致") == len(files) and done.returncode == 1


CHANGES = (
    "UPDATE ledger_transfer SET amount = amount # 1 WHERE id = {id}",
    "UPDATE ledger_transfer SET ref_id = ref_id # 1 WHERE id = {id}",
    "UPDATE ledger_transfer SET hash = set_byte(hash, 5, get_byte(hash, 5) # 1) WHERE id = {id}",
    "UPDATE ledger_transfer SET actor_id = 1 WHERE id = {id}",
    "UPDATE ledger_seal SET n = n + 1",
    "UPDATE ledger_seal SET merkle_root = set_byte(merkle_root, 0, get_byte(merkle_root, 0) # 1)",
    "UPDATE ledger_seal SET sealed_at = sealed_at + interval '1 microsecond'",
    "UPDATE ledger_seal SET signature = set_byte(signature, 63, get_byte(signature, 63) # 1)",
    "UPDATE ledger_seal SET kid = reverse(kid)",
)
KEEP = "CREATE TABLE kept_transfer AS TABLE ledger_transfer; CREATE TABLE kept_seal AS TABLE ledger_seal"
MEND = """
DELETE FROM ledger_transfer; INSERT INTO ledger_transfer TABLE kept_transfer;
DELETE FROM ledger_seal; INSERT INTO ledger_seal TABLE kept_seal
"""


def test_what_a_superuser_changes_is_seen_offline(story: Contract, tmp_path: Path) -> None:
    vandal(KEEP)
    number, files = of_card(story)[1], []
    for change in CHANGES:
        vandal(change.format(id=number))
        (receipt,) = receipts([number])
        assert not receipt.is_true, change
        files.append(tmp_path / f"{len(files)}.json")
        files[-1].write_text(receipt.text)
        assert list(day_trees.problems()) != [], change
        vandal(MEND)
    assert list(day_trees.problems()) == []
    done = subprocess.run([sys.executable, "-I", str(VERIFIER), *map(str, files)], capture_output=True, text=True)
    assert done.stdout.count("不一致") == len(CHANGES)


def test_the_consumer_reads_prints_and_downloads(
    story: Contract, signed_in: Callable[[User], Client], second_consumer: User, clerk_a: User, tmp_path: Path
) -> None:
    first, *_, today = of_card(story)
    client = signed_in(story.holder)
    page = client.get(f"/my/contracts/{story.code}/").content.decode()
    assert f"/my/contracts/{story.code}/receipts/{first}/" in page
    assert "已封账，核对一致" in client.get(f"/my/contracts/{story.code}/receipts/{first}/").content.decode()
    answer = client.get(f"/my/contracts/{story.code}/receipts/{first}.json")
    assert answer["Content-Disposition"] == f'attachment; filename="receipt-{first}.json"'
    path = tmp_path / "receipt.json"
    path.write_bytes(answer.content)
    assert offline(path)
    assert "还没有封" in client.get(f"/my/contracts/{story.code}/receipts/{today}/").content.decode()
    assert client.get(f"/my/contracts/{story.code}/receipts/{today}.json").status_code == 409
    stranger = Transfer.objects.exclude(pk__in=of_card(story)).first()
    assert stranger is not None
    assert client.get(f"/my/contracts/{story.code}/receipts/{stranger.pk}/").status_code == 404
    assert signed_in(second_consumer).get(f"/my/contracts/{story.code}/receipts/{first}/").status_code == 404
    assert client.get(f"/api/v1/receipts/{first}").content == answer.content
    assert client.get(f"/api/v1/receipts/{stranger.pk}").status_code == 404
    visit = of_card(story)[1]
    shop = signed_in(clerk_a)
    assert "已封账，核对一致" in shop.get(f"/console/money/receipts/{visit}/").content.decode()
    assert shop.get(f"/console/money/receipts/{visit}.json").status_code == 200
    assert shop.get(f"/console/money/receipts/{first}/").status_code == 404
