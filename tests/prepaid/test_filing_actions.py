"""Filing from need to number: the job, the form, the officer, changes, the end; and quarterly reports."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from core import pack_actions, uploads
from core.actors import Actor
from core.calendar import business_date
from core.errors import Invalid, WrongState
from core.models import Role, User
from core.pack_probes import back_test
from core.rule_packs import forget_rules
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import filing_jobs
from prepaid.filing_facts import quarter_figures
from prepaid.models import Filing, FilingReport, IssuerClass
from tests.api.caller import Caller
from tests.cast import CITY, make_plan, officer, open_contract, person, shop
from tests.pages.admin_desk import press, text_of
from tests.prepaid.scenes import consume, days, forbidden, refused, unseen, who

pytestmark = pytest.mark.django_db
NINGBO = "330203001"


@pytest.fixture(autouse=True)
def fresh_rules() -> Iterator[None]:
    forget_rules()
    yield
    forget_rules()


@pytest.fixture
def firm(owner_a: User) -> Merchant:
    """A company in Ningbo, where nothing exempts it."""
    merchant = shop("A", owner_a, NINGBO)
    Merchant.objects.filter(pk=merchant.pk).update(kind=Merchant.Kind.ENTERPRISE)
    merchant.refresh_from_db()
    return merchant


@pytest.fixture
def keeper(db: None) -> User:
    return officer("13900000041", "赵远", Role.COUNTY_REVIEWER_A, "3302")


@pytest.fixture
def must_file(firm: Merchant, consumer: User) -> Filing:
    """It sold its first card today, so it must file."""
    open_contract(make_plan(firm, price_fen=100_000, bonus_fen=0), consumer)
    filing_jobs.filing_need(business_date(), 0)
    return Filing.objects.get(merchant=firm)


def scan() -> SimpleUploadedFile:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    return SimpleUploadedFile("agreement.png", picture.getvalue(), "image/png")


def filled(merchant: Merchant, **more: Any) -> Filing:
    by = who(merchant.registered_by)
    data = {"issuer_class": IssuerClass.OTHER, "started_on": business_date(), "statement": "储值卡，总店通用", **more}
    filing = prepaid.save_filing(merchant.pk, data, by=by)
    prepaid.add_document(merchant.pk, "LICENCE", uploads.store(scan(), title="执照", by=by), by=by)
    return filing


def handed_in(merchant: Merchant) -> Filing:
    filled(merchant)
    return prepaid.submit_filing(merchant.pk, by=who(merchant.registered_by))


def test_the_job_says_who_must_file_and_twice_changes_nothing(must_file: Filing) -> None:
    assert must_file.status == "REQUIRED" and must_file.due_on == days(30)
    assert must_file.required_on == business_date() and "第7条" in str(must_file.need)
    assert filing_jobs.filing_need(business_date(), 0) == {"merchants": 1, "decided": 0}
    filing_jobs.filing_need(days(30), 0)
    must_file.refresh_from_db()
    assert must_file.status == "REQUIRED", "the last day is still in time"
    filing_jobs.filing_need(days(31), 0)
    must_file.refresh_from_db()
    assert (must_file.status, must_file.due_on) == ("OVERDUE", days(30))


def test_full_escrow_in_hangzhou_is_exempt(merchant_a: Merchant, consumer: User) -> None:
    open_contract(make_plan(merchant_a), consumer)
    filing_jobs.filing_need(business_date(), 0)
    assert Filing.objects.get(merchant=merchant_a).status == "EXEMPT_ESCROW"
    page = Client().get(f"/shops/{merchant_a.public_code}/").content.decode()
    assert "免予备案（全额存管）" in page


def test_from_need_to_number(must_file: Filing, keeper: User, firm: Merchant) -> None:
    boss = who(firm.registered_by)
    prepaid.save_filing(firm.pk, {"issuer_class": IssuerClass.GROUP, "statement": "储值卡"}, by=boss)
    missing = refused(Invalid, lambda: prepaid.submit_filing(firm.pk, by=boss))
    assert set(missing.fields) == {
        "started_on", "group_name", "revenue_fen", "capital_fen", "custody_bank", "documents",
    }  # fmt: skip
    filing = handed_in(firm)
    assert filing.status == "FILED"
    forbidden(lambda: prepaid.accept_filing(filing.pk, by=boss))
    prepaid.return_filing(filing.pk, "营业执照看不清，请重传", by=who(keeper))
    filing.refresh_from_db()
    assert (filing.status, filing.due_on) == ("REQUIRED", days(30))
    prepaid.submit_filing(firm.pk, by=boss)
    filing = prepaid.accept_filing(filing.pk, by=who(keeper))
    assert filing.status == "ACCEPTED" and filing.number == f"330203-{business_date().year}-{filing.pk:06d}"
    page = Client().get(f"/shops/{firm.public_code}/").content.decode()
    assert "已备案" in page and filing.number in page
    refused(WrongState, lambda: prepaid.accept_filing(filing.pk, by=who(keeper)))


def test_a_change_waits_while_the_old_stays_public(must_file: Filing, keeper: User, firm: Merchant) -> None:
    boss = who(firm.registered_by)
    prepaid.accept_filing(handed_in(firm).pk, by=who(keeper))
    refused(Invalid, lambda: prepaid.save_filing(firm.pk, {"statement": "储值卡，总店通用"}, by=boss))
    changed = prepaid.save_filing(firm.pk, {"statement": "储值卡和次卡"}, by=boss)
    assert (changed.status, changed.statement) == ("CHANGED", "储值卡，总店通用")
    refused(WrongState, lambda: prepaid.save_filing(firm.pk, {"statement": "再改"}, by=boss))
    assert prepaid.return_filing(changed.pk, "说明不清楚，请写明门店", by=who(keeper)).status == "ACCEPTED"
    prepaid.save_filing(firm.pk, {"statement": "储值卡和次卡", "started_on": days(-3)}, by=boss)
    done = prepaid.accept_filing(changed.pk, by=who(keeper))
    assert (done.status, done.statement, done.started_on) == ("ACCEPTED", "储值卡和次卡", days(-3))
    assert done.pending == {}


def test_nothing_owed_before_the_filing_ends(must_file: Filing, keeper: User, firm: Merchant, consumer: User) -> None:
    prepaid.accept_filing(handed_in(firm).pk, by=who(keeper))
    boss = who(firm.registered_by)
    refused(WrongState, lambda: prepaid.cancel_filing(must_file.pk, "不再卖卡了", by=boss), match="没消费完")
    consume(consumer.held_contracts.get(), fen=100_000)
    assert prepaid.cancel_filing(must_file.pk, "不再卖卡了", by=boss).status == "CANCELLED"


def test_strangers_see_nothing_and_others_may_not(
    must_file: Filing, firm: Merchant, owner_b: User, merchant_b: Merchant, district_officer: User, keeper: User
) -> None:
    handed_in(firm)
    for user in (owner_b, district_officer):
        unseen(lambda user=user: prepaid.accept_filing(must_file.pk, by=who(user)))  # type: ignore[misc]
        assert not Filing.objects.visible_to(who(user)).exists()
    forbidden(lambda: prepaid.save_filing(firm.pk, {}, by=who(keeper)))
    forbidden(lambda: prepaid.decide_filing(firm.pk, by=who(keeper), on=business_date()))


def test_a_class_that_does_not_fit_the_licence(merchant_a: Merchant) -> None:
    refused(
        Invalid,
        lambda: prepaid.save_filing(merchant_a.pk, {"issuer_class": "GROUP"}, by=who(merchant_a.registered_by)),
    )
    assert not Filing.objects.exists()


def test_a_sale_over_the_cap_is_refused_with_the_article(firm: Merchant, consumer: User) -> None:
    plan = make_plan(firm, "PER_PERIOD", price_fen=500_100, periods=12)
    store = firm.stores.get()
    error = refused(
        WrongState, lambda: prepaid.offer(plan.pk, store.pk, consumer.phone, by=who(firm.registered_by)), match="第10条"
    )
    assert error.code == "over_limit" and "5,000.00" in error.message
    Merchant.objects.filter(pk=firm.pk).update(licensed_on=days(-30))
    small = make_plan(firm, price_fen=10_000, bonus_fen=0)
    refused(
        WrongState,
        lambda: prepaid.offer(small.pk, store.pk, consumer.phone, by=who(firm.registered_by)),
        match="6 个月",
    )


def test_the_quarters_figures_add_up(firm: Merchant, consumer: User) -> None:
    plan = make_plan(firm, price_fen=100_000, bonus_fen=0)
    contract = open_contract(plan, consumer, on=date(2026, 8, 1))
    consume(contract, fen=30_000)
    quarter = quarter_figures(firm.pk, date(2026, 9, 30))
    assert quarter == {
        "opening_fen": 0, "received_fen": 100_000, "released_fen": 0, "refunded_fen": 0, "closing_fen": 100_000,
        "cards": 1,
    }  # fmt: skip
    now = quarter_figures(firm.pk, date(2026, 12, 31))
    assert (now["opening_fen"], now["released_fen"], now["closing_fen"]) == (100_000, 30_000, 70_000)


def test_reports_are_opened_once_sent_or_late(must_file: Filing, firm: Merchant, keeper: User) -> None:
    prepaid.accept_filing(handed_in(firm).pk, by=who(keeper), on=date(2026, 9, 1))
    on = date(2026, 10, 15)
    assert filing_jobs.filing_reports(on, 0) == {"opened": 0, "late": 0}, "only groups and brands report"
    Filing.objects.update(issuer_class=IssuerClass.GROUP)
    assert filing_jobs.filing_reports(on, 0)["opened"] == 1
    assert filing_jobs.filing_reports(on, 0)["opened"] == 0
    report = FilingReport.objects.get()
    # Twenty working days after 30 September 2026: the 1st to 7th are off, the 10th is worked.
    assert (report.quarter_end, report.due_on) == (date(2026, 9, 30), date(2026, 11, 3))
    filing_jobs.filing_reports(date(2026, 11, 3), 0)
    report.refresh_from_db()
    assert report.status == "DUE"
    filing_jobs.filing_reports(date(2026, 11, 4), 0)
    report.refresh_from_db()
    assert report.status == "LATE"
    forbidden(lambda: prepaid.submit_report(report.pk, by=who(keeper)))
    sent = prepaid.submit_report(report.pk, by=who(firm.registered_by), remark="无误", on=date(2026, 11, 5))
    assert sent.status == "SUBMITTED" and sent.was_late
    refused(WrongState, lambda: prepaid.submit_report(report.pk, by=who(firm.registered_by)))


def test_the_console_takes_a_shop_from_why_to_handed_in(must_file: Filing, firm: Merchant, signed_in: Any) -> None:
    client = signed_in(firm.registered_by)
    page = text_of(client.get("/console/filing/"))
    assert "要不要备案：要" in page and "第7条" in page
    form = {"issuer_class": "OTHER", "started_on": "2026-09-01", "statement": "储值卡"}
    assert client.post("/console/filing/", form).status_code == 302
    assert "还缺材料" in text_of(client.post("/console/filing/submit/"))
    bad = SimpleUploadedFile("a.pdf", b"MZ not a pdf", "application/pdf")
    assert client.post("/console/filing/documents/", {"kind": "LICENCE", "file": bad}).status_code == 400
    assert client.post("/console/filing/documents/", {"kind": "LICENCE", "file": scan()}).status_code == 302
    assert client.post("/console/filing/submit/").status_code == 302
    assert Filing.objects.get().status == "FILED"
    tried = {"region": "11", "sector": "RETAIL", "entity": "ENTERPRISE", "balance_fen": "500000", "unlocked_fen": "0"}
    assert "要备案，最迟" in text_of(client.get("/console/filing/what-if/", tried))
    less = {**tried, "balance_fen": "499999.99"}
    assert "不用备案" in text_of(client.get("/console/filing/what-if/", less))


def test_an_officer_accepts_in_the_admin(must_file: Filing, firm: Merchant, keeper: User, signed_in: Any) -> None:
    filing = handed_in(firm)
    client = signed_in(keeper)
    assert "A造型" in text_of(client.get("/admin/prepaid/filing/"))
    assert "第7条" in text_of(client.get(f"/admin/prepaid/filing/{filing.pk}/change/"))
    document = filing.documents.get()
    assert client.get(f"/admin/files/{document.file_id}/").status_code == 200
    assert press(client, filing, "accept").status_code == 302
    filing.refresh_from_db()
    assert filing.status == "ACCEPTED"


def test_the_api_says_why_and_hands_in(must_file: Filing, firm: Merchant, keeper: User, owner_b: User) -> None:
    boss, path = Caller(firm.registered_by), f"/filings/{firm.public_code}"
    need = boss.saw(path + "/need")
    assert need["status"] == "REQUIRED" and need["due_on"] == days(30).isoformat()
    body = {"issuer_class": "OTHER", "started_on": "2026-09-01", "statement": "储值卡"}
    assert boss.send("PATCH", path, body, key=None).status_code == 200
    assert boss.post(path + "/submit").status_code == 400
    upload = {"kind": "LICENCE", "file": scan()}
    assert boss.client.post("/api/v1" + path + "/documents", upload).status_code == 201
    assert boss.did(path + "/submit")["status"] == "FILED"
    assert Caller(owner_b).get(path).status_code == 404
    assert Caller(keeper).did(path + "/accept")["number"]
    assert [row["status"] for row in Caller(keeper).saw("/filings")["results"]] == ["ACCEPTED"]


def test_lists_cost_the_same_however_long(must_file: Filing, keeper: User, signed_in: Any) -> None:
    caller, client = Caller(keeper), signed_in(keeper)

    def cost(page: Any) -> int:
        with CaptureQueriesContext(connection) as asked:
            page()
        return len(asked)

    pages = (lambda: caller.saw("/filings"), lambda: client.get("/admin/prepaid/filing/"))
    first = [cost(page) for page in pages]
    for n in range(3):
        merchant = shop(f"{n}XY", person(f"1390000005{n}", f"店主{n}"), NINGBO)
        Filing.objects.create(merchant=merchant, status="REQUIRED", due_on=days(5))
    assert len(caller.saw("/filings")["results"]) == 4
    assert [cost(page) for page in pages] == first


def test_a_draft_is_tested_on_what_there_is(firm: Merchant, consumer: User) -> None:
    """Who would break the lower cap, and by how much; an officer elsewhere finds nothing."""
    open_contract(make_plan(firm, price_fen=300_000, bonus_fen=0), consumer)
    chief = Actor.of_user(officer("13900000042", "高明", Role.PROVINCE, "33"))
    draft = pack_actions.draft_version("CN-33.2017", days(60), by=chief)
    pack_actions.set_rule(draft.pk, "cap.enterprise.named", "2000", basis="省办法修订 第10条", by=chief)
    (tested,) = back_test(draft, business_date(), by=chief)
    (finding,) = tested.findings
    assert (finding.figure, finding.limit, finding.excess, tested.now_breaking) == (300_000, 200_000, 100_000, 0)
    elsewhere = Actor.of_user(officer("13900000043", "何志强", Role.CITY, CITY))
    assert back_test(draft, business_date(), by=elsewhere)[0].findings == []


def test_the_back_test_page_lists_and_exports(firm: Merchant, consumer: User, signed_in: Any) -> None:
    open_contract(make_plan(firm, price_fen=300_000, bonus_fen=0), consumer)
    chief = officer("13900000042", "高明", Role.PROVINCE, "33")
    draft = pack_actions.draft_version("CN-33.2017", days(60), by=Actor.of_user(chief))
    client = signed_in(chief)
    press(client, draft, "set_rule", key="cap.enterprise.named", value="2000", basis="省办法修订 第10条", tag="P")
    press(
        client, draft, "set_rule", key="issue.min_months_since_licence", value="120", basis="省办法修订 第10条", tag="P"
    )
    page = text_of(client.get(f"/admin/core/rulepack/{draft.pk}/backtest/"))
    assert "A造型" in page and "1,000.00" in page and "1 家" in page
    lines = b"".join(client.get(f"/admin/core/rulepack/{draft.pk}/backtest.csv")).decode().splitlines()
    assert len(lines) == 3 and "3000.00" in lines[1] and "1000.00" in lines[1]
    press(client, draft, "propose")
    draft.refresh_from_db()
    assert draft.status == "PROPOSED"
    second = signed_in(officer("13900000044", "方正", Role.PROVINCE, "33"))
    press(second, draft, "publish")
    draft.refresh_from_db()
    assert draft.status == "PUBLISHED"
