"""The ten official forms: filled from the case, numbered without gaps, printed again as they were, escaped, sealed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from complaints import actions as complaints
from complaints.models import Complaint, DocumentCounter, IssuedDocument, ViolationReport
from complaints.official_forms import kinds_for
from core.errors import Invalid, WrongState
from core.models import AuditEvent, User
from core.transactions import durably
from merchants.models import Merchant
from tests.cast import DISTRICT, make_plan, person, shop
from tests.complaints.report_desk import ADDRESS, NAME, PHONE, at, complaint, report, reporter
from tests.pages.admin_desk import SignIn, change_url, text_of
from tests.prepaid.scenes import at_once, forbidden, refused, unseen, who

HOSTILE = "<script>alert(1)</script>\"'&{{ 7|add:7 }}"


@pytest.mark.django_db
def test_a_form_is_filled_from_the_case_and_keeps_its_text(
    merchant_a: Merchant, consumer: User, district_officer: User, other_officer: User, owner_a: User,
    signed_in: SignIn,
) -> None:  # fmt: skip
    matter = complaint(merchant_a, user=consumer)
    unseen(lambda: complaints.issue_document(1, matter, by=who(other_officer)))
    refused(WrongState, lambda: complaints.issue_document(5, matter, by=who(district_officer)))
    Complaint.objects.filter(pk=matter.pk).update(
        status="ACCEPTED",
        decided_at=at("2026-10-22 09:00"),
        handler=district_officer,
        merchant_told_at=at("2026-10-22 09:00"),
    )
    matter.refresh_from_db()
    made = complaints.issue_document(
        5, matter, extra={"phone": "0571-88880000"}, by=who(district_officer), at=at("2026-10-22 10:00")
    )
    assert (made.title, made.addressee) == ("示范区市监投受〔2026〕第1号", "COMPLAINANT")
    page = signed_in(district_officer).get(f"/documents/{made.code}/")
    text = text_of(page)
    assert "投诉受理决定书" in text and "周桂芬" in text and "2026 年 10 月 20 日 收到你关于" in text
    assert "《市场监督管理投诉举报处理办法》" in text and "陈立" in text and "0571-88880000" in text
    # The case changes; the paper does not.
    Complaint.objects.filter(pk=matter.pk).update(handler=None, cause="QUALITY")
    again = IssuedDocument.objects.get(pk=made.pk)
    assert again.body == made.body and again.digest == made.digest
    assert signed_in(district_officer).get(f"/documents/{made.code}/").content == page.content
    # The complainant reads what was written to them; the shop and strangers do not.
    assert signed_in(consumer).get(f"/documents/{made.code}/").status_code == 200
    for stranger in (owner_a, other_officer):
        assert signed_in(stranger).get(f"/documents/{made.code}/").status_code == 404
    assert AuditEvent.objects.filter(verb="document.issue", object_id=str(made.pk)).count() == 1
    assert AuditEvent.objects.filter(verb="document.print", object_id=str(made.pk)).count() == 3


@pytest.mark.django_db
def test_all_ten_forms_say_what_the_case_says(merchant_a: Merchant, district_officer: User, consumer: User) -> None:
    matter, told = complaint(merchant_a, user=consumer), report(merchant_a, "2026-10-12 09:00", reporter())
    states: dict[int, dict[str, Any]] = {
        1: {}, 3: {"status": "ROUTED"}, 4: {"status": "ID_PROOF_REQUESTED"},
        5: {"status": "ACCEPTED", "decided_at": at("2026-10-22 09:00")}, 7: {"status": "MEDIATING"},
        6: {"status": "NOT_ACCEPTED", "refusal": 4}, 8: {"status": "TERMINATED", "termination": 5},
    }  # fmt: skip
    wanted = {
        1: "店里不给退款", 3: "请你局按照", 4: "＿＿＿＿ 年", 5: "我局决定受理", 6: "第〔 四 〕项",
        7: "申请回避|回避申请", 8: "第〔 五 〕项",
    }  # fmt: skip
    for kind, state in states.items():
        Complaint.objects.filter(pk=matter.pk).update(**state)
        matter.refresh_from_db()
        assert kind in kinds_for(matter)
        body = complaints.issue_document(kind, matter, by=who(district_officer)).body
        assert any(text in body for text in wanted[kind].split("|")), kind
    ViolationReport.objects.filter(pk=told.pk).update(
        status="ROUTED", told_at=at("2026-10-30 09:00"), told_basis="食品安全法第115条", reply="已依法处罚"
    )
    told.refresh_from_db()
    for kind in (2, 3, 10):
        body = complaints.issue_document(kind, told, by=who(district_officer)).body
        assert not any(trace in body for trace in (NAME, PHONE, ADDRESS)), kind
        assert "依法保密" in body
    error = refused(
        Invalid,
        lambda: complaints.issue_document(10, told, extra={"law": f"告诉{NAME}"}, by=who(district_officer)),
    )
    assert "law" in error.fields
    # One row of numbers for the bureau and the year, whatever the form; what was refused used none up.
    assert list(IssuedDocument.objects.order_by("pk").values_list("number", flat=True)) == list(range(1, 11))
    assert DocumentCounter.objects.get(series="FORM").last == 10


@pytest.mark.django_db
def test_an_old_receipt_quotes_the_old_rule(merchant_a: Merchant, district_officer: User) -> None:
    bodies = []
    for day in ("2026-04-10 09:00", "2026-04-16 09:00"):
        matter = complaint(merchant_a, day)
        Complaint.objects.filter(pk=matter.pk).update(status="NOT_ACCEPTED", refusal=1)
        matter.refresh_from_db()
        bodies.append(complaints.issue_document(6, matter, by=who(district_officer)).body)
    assert "处理暂行办法》第十五条" in bodies[0] and "处理办法》第十六条" in bodies[1]


@pytest.mark.django_db
def test_hostile_text_stays_text(merchant_a: Merchant, district_officer: User, signed_in: SignIn) -> None:
    matter = complaint(merchant_a, facts=HOSTILE, claim=HOSTILE)
    made = complaints.issue_document(1, matter, by=who(district_officer))
    page = signed_in(district_officer).get(f"/documents/{made.code}/").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page and "{{ 7|add:7 }}" in page
    Complaint.objects.filter(pk=matter.pk).update(status="MEDIATING")
    matter.refresh_from_db()
    made = complaints.issue_document(
        7, matter, extra={"place": HOSTILE}, addressee="RESPONDENT", by=who(district_officer)
    )
    assert "<script>" not in made.body and "&lt;script&gt;" in made.body and merchant_a.legal_name in made.body


@pytest.mark.django_db
def test_anybody_checks_a_number_with_its_code(merchant_a: Merchant, district_officer: User) -> None:
    made = complaints.issue_document(1, complaint(merchant_a), by=who(district_officer))
    page = text_of(Client().get("/documents/check/", {"number": made.title, "code": made.code_grouped}))
    assert "有这份文书" in page and "投诉登记表" in page and "周桂芬" not in page and "不给退款" not in page
    for number, code in ((made.title, "ABCD" * 4), ("示范区市监投登〔2026〕第9号", made.code), (HOSTILE, HOSTILE[:24])):
        wrong = Client().get("/documents/check/", {"number": number[:60], "code": code})
        assert "没有这份文书" in text_of(wrong) and "<script>alert" not in wrong.content.decode()


@pytest.mark.django_db
def test_an_officer_issues_from_the_case_page(merchant_a: Merchant, district_officer: User, signed_in: SignIn) -> None:
    row, client = report(merchant_a, "2026-10-12 09:00", reporter()), signed_in(district_officer)
    page = client.get(change_url(row)).content.decode()
    address = f"/admin/complaints/issueddocument/issue/report/{row.pk}/2/"
    assert address in page
    assert client.get(address).status_code == 200
    sent = {"key": "one-and-only-key"}
    first, second = client.post(address, sent), client.post(address, sent)
    assert first.status_code == 302 and first["Location"] == second["Location"]
    made = IssuedDocument.objects.get()
    assert made.title in text_of(client.get(change_url(row)))
    assert made.title in text_of(client.get("/admin/complaints/issueddocument/"))
    assert client.get(change_url(made)).status_code == 200
    forbidden(lambda: complaints.issue_document(2, row, by=who(merchant_officer(merchant_a))))


def merchant_officer(merchant: Merchant) -> User:
    """An officer who also works for the shop."""
    from core.models import Membership, Role

    user = person("13900000077", "两边跑")
    Membership.objects.create(user=user, role=Role.STATION_OFFICER, region_id=DISTRICT)
    Membership.objects.create(user=user, role=Role.MERCHANT_STAFF, merchant_id=merchant.pk)
    return user


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_under_a_race(merchant_a: Merchant, district_officer: User) -> None:
    matters = [complaint(merchant_a) for _ in range(6)]

    def issue(matter: Complaint, kind: int) -> Callable[[], object]:
        return lambda: complaints.issue_document(kind, matter, by=who(district_officer)).number

    # Kind 9 is refused: no agreement was made. Its number is given to somebody else.
    calls = [issue(matter, 1) for matter in matters] + [issue(matters[0], 9)]
    numbers = [one for one in at_once(*calls) if isinstance(one, int)]
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]

    def fails() -> None:
        complaints.issue_document(1, matters[0], by=who(district_officer))
        raise Invalid("something after it went wrong")

    refused(Invalid, lambda: durably(fails))
    assert complaints.issue_document(1, matters[0], by=who(district_officer)).number == 7
    other = shop("C", person("13900000078", "丙"), "330203001")
    assert make_plan(other) and DocumentCounter.objects.filter(series="FORM").count() == 1
