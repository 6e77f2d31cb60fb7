"""The evidence pack: what is inside, for whom, and that it is whole."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from core.actors import Actor
from core.errors import Invalid, NotAllowed, NotFound
from core.messages import text_user
from core.models import AuditEvent, User
from prepaid import actions as prepaid
from prepaid import evidence
from prepaid.models import Contract, Refund
from tests.prepaid.backdate import backdate, seal_all
from tests.prepaid.scenes import ask, who

VERIFIER = Path(settings.BASE_DIR) / "docs" / "verify" / "verify.py"
pytestmark = pytest.mark.django_db(transaction=True)


def unpacked(answer: object) -> tuple[bytes, dict[str, bytes]]:
    """The ZIP of a streamed answer and its members."""
    raw = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(raw)) as pack:
        assert pack.testzip() is None
        return raw, {name: pack.read(name) for name in pack.namelist()}


def verdict(raw: bytes, path: Path) -> bool:
    path.write_bytes(raw)
    done = subprocess.run([sys.executable, "-I", str(VERIFIER), str(path)], capture_output=True, text=True)
    return done.returncode == 0 and done.stdout.startswith("一致")


def repacked(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as pack:
        for name, data in members.items():
            pack.writestr(name, data)
    return made.getvalue()


def test_the_pack_is_whole_and_holds_offline(
    contract: Contract, signed_in: Callable[[User], Client], tmp_path: Path
) -> None:
    consumer = contract.holder
    prepaid.confirm_visit(ask(contract, 6_000).pk, by=who(consumer))
    backdate(2)
    seal_all()
    prepaid.dispute_visit(ask(contract, 9_000).pk, "没有来过", by=who(consumer))
    prepaid.request_refund(contract.pk, Refund.Cause.CONSUMER, by=who(consumer))
    text_user(consumer, f"{contract.merchant.brand_name}：退款已收到", key="t1")
    text_user(consumer, f"{contract.merchant.brand_name}：验证码 123456", key="t2")
    client = signed_in(consumer)
    assert "下载全部凭证" in client.get(f"/my/contracts/{contract.code}/evidence/").content.decode()
    answer = client.post(f"/my/contracts/{contract.code}/evidence/")
    assert answer["Content-Disposition"] == f'attachment; filename="evidence-{contract.code}.zip"'
    raw, members = unpacked(answer)
    assert "消费者" in members["signatures.csv"].decode()
    assert {"contract.html", "terms.json", "statement.csv", "statement.html", "visits.csv", "refunds.json"} <= set(
        members
    )
    assert len([name for name in members if name.startswith("receipts/")]) == 2
    assert consumer.name in members["contract.html"].decode()
    assert "没有来过" in members["visits.csv"].decode() and "123456" not in members["messages.csv"].decode()
    assert json.loads(members["refunds.json"])[0]["cause"] == "我自己的原因"
    assert verdict(raw, tmp_path / "pack.zip")
    for name in ("statement.csv", "manifest.json", "receipts/1.json"):
        changed = members | {name: members[name].replace(b"1", b"2", 1)}
        assert not verdict(repacked(changed), tmp_path / "changed.zip"), name
    assert not verdict(repacked(members | {"more.txt": b""}), tmp_path / "more.zip")
    assert verdict(repacked(members), tmp_path / "same.zip")
    assert AuditEvent.objects.filter(verb="contract.evidence", object_id=str(contract.pk)).count() == 1


def test_an_officer_needs_a_purpose_and_sees_people_masked(
    contract: Contract, signed_in: Callable[[User], Client], district_officer: User
) -> None:
    client = signed_in(district_officer)
    address = f"/admin/prepaid/contract/{contract.pk}/act/evidence/"
    assert "导出证据包" in client.get(f"/admin/prepaid/contract/{contract.pk}/change/").content.decode()
    assert client.post(address, {"purpose": ""}).status_code == 400
    _, members = unpacked(client.post(address, {"purpose": "12315 投诉办理"}))
    people = members["contract.html"].decode() + members["terms.json"].decode()
    assert contract.holder.name not in people and contract.holder.phone[-8:] not in people
    assert json.loads(members["manifest.json"])["purpose"] == "12315 投诉办理"
    line = AuditEvent.objects.get(verb="contract.evidence")
    assert line.facts == {"purpose": "12315 投诉办理"}
    with pytest.raises(Invalid):
        prepaid.export_evidence(contract.pk, "", by=who(district_officer))


def test_nobody_else_gets_one(
    contract: Contract, second_consumer: User, clerk_a: User, other_officer: User, auditor: User
) -> None:
    prepaid.add_user(contract.pk, second_consumer.phone, by=who(contract.holder))
    for user, refusal in (
        (second_consumer, NotAllowed),
        (clerk_a, NotAllowed),
        (auditor, NotAllowed),
        (other_officer, NotFound),
    ):
        with pytest.raises(refusal):
            prepaid.export_evidence(contract.pk, "随便看看", by=who(user))
    with pytest.raises(NotFound):
        prepaid.export_evidence(0, "随便看看", by=Actor.of_user(contract.holder))


def test_an_app_adds_its_part(
    contract: Contract, monkeypatch: pytest.MonkeyPatch, signed_in: Callable[[User], Client]
) -> None:
    monkeypatch.setattr(evidence, "PARTS", [*evidence.PARTS])
    evidence.part(lambda pack: [("complaint.txt", pack.contract.code.encode())])
    _, members = unpacked(signed_in(contract.holder).post(f"/my/contracts/{contract.code}/evidence/"))
    assert members["complaint.txt"] == contract.code.encode()
    assert "not-sealed-yet.csv" in members
