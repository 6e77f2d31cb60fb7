"""What complaints add to the pages and files of the apps below: the evidence pack, the risk score, the dossier."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from complaints import actions as complaints
from complaints.models import Complaint, MaliceFlag
from core import uploads
from core.actors import SYSTEM
from core.models import User
from prepaid.actions.risk_scores import score_merchants
from prepaid.evidence import Pack, stream
from prepaid.models import Contract, RiskScore
from tests.complaints.case_scenes import accepted, complaint_of, in_mediation
from tests.complaints.report_desk import NAME, PHONE, report, reporter
from tests.prepaid.scenes import days, who

TERMS = "商家退还余下的钱，双方再无争议"


def pack_of(contract: Contract, reader: User | None) -> dict[str, bytes]:
    """The members of the evidence pack."""
    raw = b"".join(stream(Pack(contract, reader, timezone.now())))
    with zipfile.ZipFile(io.BytesIO(raw)) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


@pytest.mark.django_db(transaction=True)
def test_the_pack_tells_of_the_complaint_and_never_of_a_report(
    contract: Contract, consumer: User, owner_a: User, district_officer: User
) -> None:
    now = timezone.now()
    row = complaint_of(contract.merchant, consumer, received=now - timedelta(days=2), contract=contract)
    name = f"complaints/{row.code}.json"
    report(contract.merchant, "2026-09-24 09:00", reporter(user=consumer))
    assert name not in pack_of(contract, owner_a), "the shop has not been told yet"
    in_mediation(row, district_officer, now - timedelta(days=1))
    complaints.settle(row.pk, TERMS, 200_000, by=who(district_officer))
    for reader in (consumer, owner_a, None):
        members = pack_of(contract, reader)
        told = json.loads(members[name])
        assert told["complainant"] == "周**"
        assert [step["step"] for step in told["steps"]][-1] == "双方达成一致"
        assert (told["settlement"]["terms"], told["settlement"]["escrow_fen"]) == (TERMS, 200_000)
        assert [one for one in members if one.startswith("complaints/")] == [name]
        whole = b"".join(members[one] for one in members if one.endswith(".json"))
        assert NAME.encode() not in whole and PHONE.encode() not in whole


def reasons(contract: Contract) -> dict[str, int]:
    """The signals of the shop's score and their figures."""
    score_merchants(days(0), by=SYSTEM)
    found = RiskScore.objects.filter(merchant=contract.merchant, is_latest=True).first()
    return {one["code"]: one["figure"] for one in found.reasons} if found else {}


@pytest.mark.django_db
def test_only_complaints_that_were_accepted_are_scored(
    contract: Contract, consumer: User, owner_a: User, district_officer: User
) -> None:
    received = timezone.now() - timedelta(days=3)
    row = complaint_of(contract.merchant, consumer, received=received)
    assert "complaints" not in reasons(contract)
    accepted(row, district_officer, received + timedelta(days=1))
    assert reasons(contract)["complaints"] == 10_000, "one complaint on one payment"
    flag = MaliceFlag.objects.create(
        complaint=row,
        reason="同一人一天投诉十家店",
        raised_by=owner_a,
        evidence=uploads.store(SimpleUploadedFile("a.pdf", b"%PDF-1.4\n%%EOF"), title="证据", by=who(owner_a)),
    )
    assert "complaints" in reasons(contract), "nobody has judged it"
    MaliceFlag.objects.filter(pk=flag.pk).update(status="UPHELD", decided_by=district_officer, decided_at=received)
    assert "complaints" not in reasons(contract)


@pytest.mark.django_db
def test_the_dossier_lists_complaints_and_reports(
    contract: Contract, consumer: User, district_officer: User, other_officer: User,
    signed_in: Callable[[User], Client],
) -> None:  # fmt: skip
    page = reverse("admin:merchants_merchant_change", args=[contract.merchant_id])
    client, counts = signed_in(district_officer), []
    for _ in range(2):
        for _ in range(3):
            case = complaint_of(contract.merchant, consumer, received=timezone.now())
            told = report(contract.merchant, "2026-09-24 09:00", reporter(user=consumer))
        client.get(page)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            html = client.get(page).content.decode()
        counts.append(len(seen))
        assert case.code_grouped in html and told.code_grouped in html and NAME not in html
    assert counts[0] == counts[1]
    assert Complaint.objects.count() == 6
