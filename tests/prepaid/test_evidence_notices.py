"""What the evidence pack says of a closing, and how an app above adds its own files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from core.models import User
from prepaid import evidence
from prepaid.evidence import Pack, closings_part, notices_part, stream
from prepaid.models import Contract
from tests.prepaid.test_closings import own, published, told

pytestmark = pytest.mark.django_db


def pack(contract: Contract, reader: User | None = None) -> Pack:
    return Pack(contract, reader, timezone.now())


def test_the_closing_and_its_message_are_in_the_pack(contract: Contract) -> None:
    assert list(closings_part(pack(contract))) == []
    notice = told(published(contract.merchant))
    ((name, data),) = closings_part(pack(contract, contract.holder))
    lines = data.decode("utf-8-sig").splitlines()
    assert name == "closing-notices.csv" and len(lines) == 2
    assert notice.code in lines[1] and str(notice.closes_on) in lines[1]
    message = own(contract).message
    assert message is not None
    ((name, data),) = notices_part(pack(contract, contract.holder))
    assert name == "messages.csv" and message.text.splitlines()[0][:10] in data.decode("utf-8-sig")


def test_an_app_above_adds_its_files(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "PARTS", [])

    @evidence.part
    def complaint_part(given: Pack) -> Iterator[tuple[str, bytes]]:
        yield "complaints/1.json", given.contract.code.encode()

    whole = b"".join(stream(pack(contract)))
    assert b"complaints/1.json" in whole and b"manifest.json" in whole
