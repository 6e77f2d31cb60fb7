"""A shop hands in insurance or a guarantee on its own page; the officer's word stands there."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Guarantee
from tests.prepaid.scenes import days, who

pytestmark = pytest.mark.django_db


def test_the_owner_hands_one_in_and_reads_the_answer(
    merchant_a: Merchant, owner_a: User, clerk_a: User, district_officer: User, signed_in: Any, client: Client
) -> None:
    url, owner = reverse("prepaid:guarantees"), signed_in(owner_a)
    assert "还没有保险或保函" in owner.get(url).content.decode()
    given = {
        "kind": "BANK", "issuer": "示范银行", "number": "BH-2026-01", "amount": "50000",
        "valid_from": days(0).isoformat(), "valid_to": days(365).isoformat(), "key": "guarantee-1",
    }  # fmt: skip
    for wrong in ({"amount": "0"}, {"valid_to": days(-1).isoformat()}, {"kind": "WORD"}, {"number": ""}):
        assert owner.post(url, {**given, **wrong}).status_code == 400
    assert not Guarantee.objects.exists()
    assert signed_in(clerk_a).post(url, given).status_code == 403
    paper = SimpleUploadedFile("a.pdf", b"%PDF-1.4 guarantee", "application/pdf")
    page = owner.post(url, {**given, "file": paper}, follow=True).content.decode()
    row = Guarantee.objects.get()
    assert (row.amount_fen, row.status, row.file is not None) == (5_000_000, "SUBMITTED", True)
    assert "BH-2026-01" in page and "等核实" in page
    again = owner.post(url, {**given, "key": "guarantee-2"})
    assert "已经登记过" in again.content.decode()
    prepaid.reject_guarantee(row.pk, "银行说没有开过", by=who(district_officer))
    assert "银行说没有开过" in owner.get(url).content.decode()
