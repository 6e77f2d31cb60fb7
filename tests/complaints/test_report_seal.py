"""Who reported stands on no page, in no list, export, API answer, audit line or log."""

import logging

import pytest
from django.test import Client

from complaints import actions as complaints
from core.models import AuditEvent, User
from merchants.models import Merchant
from tests.complaints.report_desk import ADDRESS, NAME, PHONE, report, reporter
from tests.pages.admin_desk import SignIn, act_url, change_url, press, text_of
from tests.prepaid.scenes import who

pytestmark = pytest.mark.django_db
TRACES = (NAME, PHONE, f"{PHONE[:3]}****{PHONE[-4:]}", ADDRESS, f"{NAME[:1]}**")


def test_no_page_names_the_reporter(
    merchant_a: Merchant, district_officer: User, second_officer: User, auditor: User, signed_in: SignIn,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    row = report(merchant_a, "2026-11-09 09:00", reporter(), happened_at=f"{NAME}家楼下")
    twin = report(merchant_a, "2026-11-10 09:00", reporter())
    complaints.verify_report(row.pk, by=who(district_officer))
    complaints.issue_document(2, row, by=who(district_officer))
    complaints.file_report(row.pk, "牌子没有授权，立案", by=who(second_officer))
    for officer in (district_officer, auditor):
        client = signed_in(officer)
        pages = [
            "/admin/complaints/violationreport/", "/admin/complaints/violationreport/export.csv",
            "/admin/complaints/enforcementcase/", "/admin/complaints/enforcementcase/export.csv",
            "/admin/complaints/issueddocument/", "/admin/complaints/issueddocument/export.csv",
            f"/admin/complaints/violationreport/?q={PHONE}", change_url(row), change_url(row) + "?records=all",
            change_url(row.case), change_url(twin), "/admin/core/auditevent/", "/admin/", "/admin/due/",
            f"/admin/search/?q={merchant_a.brand_name}", "/api/v1/reports", f"/api/v1/reports/{row.code}",
            act_url(row, "tell"), act_url(twin, "merge"),
        ]  # fmt: skip
        for page in pages:
            response = client.get(page)
            assert response.status_code in (200, 302, 403), page
            body = b"".join(response.streaming_content) if response.streaming else response.content
            # The words one looked for stand in the field one typed them into.
            text = body.decode().replace(f'value="{PHONE}"', "").replace(f"q={PHONE}", "")
            assert [trace for trace in TRACES if trace in text] == [], page
    assert "举报人信息已封存" in text_of(signed_in(district_officer).get(change_url(row)))
    shop = text_of(Client().get(f"/shops/{merchant_a.public_code}/"))
    lines = " ".join(str(event.facts) for event in AuditEvent.objects.all()) + caplog.text + shop
    assert [trace for trace in TRACES if trace in lines] == []


def test_the_seal_opens_once_for_a_head_with_a_purpose(
    merchant_a: Merchant, district_officer: User, signed_in: SignIn
) -> None:
    row, client = report(merchant_a, "2026-11-09 09:00", reporter()), signed_in(district_officer)
    shown = press(client, row, "identity", purpose="电话核实线索")
    assert NAME in text_of(shown) and PHONE in text_of(shown) and "no-store" in shown["Cache-Control"]
    line = AuditEvent.objects.get(verb="reporter.unmask")
    assert line.facts["purpose"] == "电话核实线索" and NAME not in str(line.facts)
    assert NAME not in text_of(client.get(change_url(row)))


def test_the_shop_sees_no_report(merchant_a: Merchant, owner_a: User, consumer: User, signed_in: SignIn) -> None:
    row = report(merchant_a, "2026-11-09 09:00", reporter(user=consumer))
    for person in (owner_a, consumer):
        assert signed_in(person).get(f"/api/v1/reports/{row.code}").status_code == 404
    own = signed_in(consumer).get(f"/api/v1/my-reports/{row.code}").json()
    assert own["progress"] == "已收到" and "status" not in own and "reason" not in own
    assert signed_in(consumer).get("/api/v1/my-reports").json()["results"][0]["code"] == row.code
