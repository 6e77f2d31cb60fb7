"""Notices, interviews, warnings with the right of reply, typical cases: who may, two people, what is shown."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from complaints import actions as complaints
from complaints.models import ConsumerWarning, RectificationItem, SupervisionNotice
from complaints.supervision_jobs import notice_overdue
from core.actors import SYSTEM
from core.calendar import business_date
from core.errors import Invalid, WrongState
from core.models import Membership, Role, SmsMessage, User
from merchants.models import Merchant
from tests.cast import DISTRICT, officer, person
from tests.complaints.report_desk import NAME, PHONE, at, complaint, report, reporter
from tests.pages.admin_desk import SignIn, change_url, press, text_of
from tests.prepaid.scenes import days, forbidden, refused, unseen, who

pytestmark = pytest.mark.django_db
FACTS = {"facts": "店堂没有公示退卡规则", "basis": "消法实施条例第22条"}
TEXT = {
    "title": "办卡前先看锁定",
    "text": "多家店让顾客扫私人收款码付预付款，钱没有锁定。",
    "advice": "只扫店里的官方收款码",
}


def issued(merchant: Merchant, by: User, *items: str, due: date | None = None) -> SupervisionNotice:
    data = FACTS | {"merchant_id": merchant.pk, "due_on": due or days(10)}
    return complaints.issue_notice(data, items or ("公示退卡规则", "培训店员"), by=who(by))


def test_a_notice_is_answered_verified_by_another_and_closed(
    merchant_a: Merchant, merchant_b: Merchant, owner_a: User, clerk_a: User, owner_b: User, district_officer: User,
    second_officer: User, other_officer: User,
) -> None:  # fmt: skip
    notice = issued(merchant_a, district_officer)
    assert notice.title == f"示范区市监提示〔{business_date().year}〕第1号" and notice.status == "ISSUED"
    assert notice.title in SmsMessage.objects.latest("pk").text
    assert issued(merchant_b, district_officer).title.endswith("第2号")
    for stranger in (owner_b, other_officer):
        unseen(lambda stranger=stranger: complaints.acknowledge_notice(notice.pk, by=who(stranger)))  # type: ignore[misc]
    for looker in (clerk_a, district_officer):
        forbidden(lambda looker=looker: complaints.acknowledge_notice(notice.pk, by=who(looker)))  # type: ignore[misc]
    complaints.acknowledge_notice(notice.pk, by=who(owner_a))
    one, two = notice.items.all()
    complaints.fix_item(one.pk, "已经贴在收银台", by=who(owner_a))
    notice.refresh_from_db()
    assert notice.status == "RECTIFYING"
    refused(WrongState, lambda: complaints.report_rectified(notice.pk, "都改好了没有", by=who(owner_a)), "还有 1 项")
    complaints.fix_item(two.pk, "已经开会培训", by=who(owner_a))
    complaints.report_rectified(notice.pk, "全部整改完毕", by=who(owner_a))
    complaints.return_notice(notice.pk, "培训没有记录", [two.pk], by=who(second_officer))
    assert list(RectificationItem.objects.filter(notice=notice, fixed_at=None)) == [two]
    complaints.fix_item(two.pk, "补了签到表", by=who(owner_a))
    complaints.report_rectified(notice.pk, "培训记录已补", by=who(owner_a))
    # The shop's boss became an officer since: who reported does not verify.
    Membership.objects.create(user=owner_a, role=Role.STATION_OFFICER, region_id=DISTRICT)
    forbidden(lambda: complaints.verify_notice(notice.pk, "我看过了没问题", by=who(owner_a)))
    row = complaints.verify_notice(notice.pk, "现场核验属实", by=who(second_officer))
    assert row.status == "VERIFIED"
    with pytest.raises(IntegrityError, match="notice_verified_by_another"), transaction.atomic():
        SupervisionNotice.objects.filter(pk=notice.pk).update(verified_by=owner_a)
    assert complaints.close_notice(notice.pk, by=who(district_officer)).status == "CLOSED"


def test_what_is_not_answered_is_overdue_and_taken_up(
    merchant_a: Merchant, owner_a: User, district_officer: User, city_chief: User, other_officer: User
) -> None:
    late, fine = issued(merchant_a, district_officer, due=days(3)), issued(merchant_a, district_officer, due=days(4))
    forbidden(lambda: complaints.lapse_notice(late.pk, by=who(district_officer), on=days(9)))
    assert notice_overdue(days(4), 0)["done"] == 1 and notice_overdue(days(4), 0)["done"] == 0
    late.refresh_from_db(), fine.refresh_from_db()
    assert (late.status, fine.status) == ("OVERDUE", "ISSUED")
    refused(
        Invalid, lambda: complaints.escalate_notice(late.pk, other_officer.pk, "逾期没报", by=who(district_officer))
    )
    row = complaints.escalate_notice(late.pk, city_chief.pk, "逾期没有报告", by=who(district_officer))
    assert (row.status, row.escalated_to) == ("ESCALATED", city_chief)
    assert complaints.lapse_notice(late.pk, by=SYSTEM, on=days(30)).status == "ESCALATED"
    for item in late.items.all():
        complaints.fix_item(item.pk, "已经补做完毕", by=who(owner_a))
    assert complaints.report_rectified(late.pk, "迟了，已经改好", by=who(owner_a)).status == "REPORTED"


def test_a_department_answers_its_own_notice(district_officer: User, signed_in: SignIn) -> None:
    people = {}
    for n, department in ((1, "文旅局"), (2, "体育局")):
        people[department] = person(f"1390000009{n}", f"部门{n}")
        Membership.objects.create(
            user=people[department], role=Role.DEPARTMENT_OFFICER, region_id=DISTRICT, department=department
        )
    data = FACTS | {"region": DISTRICT, "department": "文旅局", "due_on": days(5)}
    notice = complaints.issue_notice(data, ["清查培训机构"], by=who(district_officer))
    unseen(lambda: complaints.acknowledge_notice(notice.pk, by=who(people["体育局"])))
    client = signed_in(people["文旅局"])
    assert notice.title in text_of(client.get("/admin/complaints/supervisionnotice/"))
    assert press(client, notice, "acknowledge").status_code == 302
    item = notice.items.get()
    assert press(client, notice, "fix", item=item.pk, note="已清查三家机构").status_code == 302
    assert press(client, notice, "report", text="已全部清查").status_code == 302
    notice.refresh_from_db()
    assert notice.status == "REPORTED"
    assert signed_in(people["体育局"]).get(change_url(notice)).status_code in (302, 404)


def test_bad_notices_name_each_field(merchant_a: Merchant, district_officer: User, owner_a: User) -> None:
    error = refused(Invalid, lambda: complaints.issue_notice({}, [" "], by=who(district_officer)))
    assert set(error.fields) == {"department", "region", "facts", "basis", "due_on", "items"}
    data = FACTS | {"merchant_id": merchant_a.pk, "due_on": business_date()}
    assert "due_on" in refused(Invalid, lambda: complaints.issue_notice(data, ["x"], by=who(district_officer))).fields
    unseen(lambda: complaints.issue_notice(data | {"due_on": days(3)}, ["整改"], by=who(owner_a)))
    assert not SupervisionNotice.objects.exists()


def test_the_shop_answers_in_its_console(
    merchant_a: Merchant, owner_a: User, clerk_a: User, owner_b: User, merchant_b: Merchant, district_officer: User,
    signed_in: SignIn,
) -> None:  # fmt: skip
    notice = issued(merchant_a, district_officer, "公示退卡规则")
    client, address = signed_in(owner_a), f"/console/supervision/{notice.code}/"
    assert notice.title in text_of(client.get("/console/supervision/"))
    assert client.post(address + "acknowledge/", {"key": "key-000001"}).status_code == 302
    bad = client.post(address + "fix/", {"key": "key-000002", "item": notice.items.get().pk, "note": "短"})
    assert bad.status_code == 400 and "至少写 5 个字" in text_of(bad)
    good = {"key": "key-000003", "item": notice.items.get().pk, "note": "已经贴在收银台"}
    assert client.post(address + "fix/", good).status_code == 302
    assert "报告整改结果" in text_of(client.get(address))
    assert client.post(address + "report/", {"key": "key-000004", "text": "全部整改完毕"}).status_code == 302
    notice.refresh_from_db()
    assert notice.status == "REPORTED"
    assert signed_in(clerk_a).get(address).status_code == 200
    assert signed_in(owner_b).get(address).status_code == 404
    listed = client.get("/api/v1/supervision-notices").json()["results"]
    assert [row["code"] for row in listed] == [notice.code]
    assert signed_in(owner_b).get(f"/api/v1/supervision-notices/{notice.code}").status_code == 404


def test_two_officers_interview_a_shop(
    merchant_a: Merchant, owner_a: User, district_officer: User, second_officer: User, other_officer: User
) -> None:
    data = {"topics": "退款拖延，投诉较多", "meets_at": at("2026-12-01 14:00"), "place": "区局三楼"}
    for second in (district_officer, other_officer):
        refused(
            Invalid,
            lambda second=second: complaints.call_interview(  # type: ignore[misc]
                merchant_a.pk, data | {"second_officer": second.pk}, by=who(district_officer)
            ),
        )
    row = complaints.call_interview(
        merchant_a.pk, data | {"second_officer": second_officer.pk}, by=who(district_officer)
    )
    forbidden(lambda: complaints.hold_interview(row.pk, "自己约谈自己可不行", by=who(owner_a)))
    complaints.hold_interview(row.pk, "负责人到场，承认退款慢", by=who(second_officer))
    refused(WrongState, lambda: complaints.check_interview(row.pk, "已经兑现了", True, by=who(district_officer)))
    complaints.commit_interview(row.pk, "十日内退清欠款", days(10), by=who(district_officer))
    row = complaints.check_interview(row.pk, "三笔欠款均已退清", True, by=who(second_officer))
    assert (row.status, row.kept) == ("CHECKED", True)


def test_a_warning_stands_beside_the_shops_reply(
    merchant_a: Merchant, owner_a: User, owner_b: User, merchant_b: Merchant, district_officer: User,
    second_officer: User, signed_in: SignIn,
) -> None:  # fmt: skip
    row = complaints.draft_warning(
        TEXT | {"merchant_id": merchant_a.pk, "text": TEXT["text"] + "举报电话13712345678"}, by=who(district_officer)
    )
    assert "13712345678" not in row.text
    public = Client()
    assert public.get(f"/warnings/{row.code}/").status_code == 404
    unseen(lambda: complaints.reply_to_warning(row.pk, "我们没有这样做", by=who(owner_b)))
    refused(WrongState, lambda: complaints.reply_to_warning(row.pk, "我们没有这样做", by=who(owner_a)))
    forbidden(lambda: complaints.approve_publication(row, by=who(district_officer)))
    refused(WrongState, lambda: complaints.publish_publication(row, by=who(district_officer)))
    complaints.approve_publication(row, by=who(second_officer))
    assert "您的回应会一并公布" in SmsMessage.objects.latest("pk").text
    assert TEXT["title"] in text_of(signed_in(owner_a).get(f"/console/supervision/warnings/{row.code}/"))
    complaints.publish_publication(row, by=who(district_officer))
    assert "还没有回应" in text_of(public.get(f"/warnings/{row.code}/"))
    sent = {"key": "key-000009", "text": "<b>私人码</b>已经撤下"}
    assert signed_in(owner_a).post(f"/console/supervision/warnings/{row.code}/", sent).status_code == 302
    page = public.get(f"/warnings/{row.code}/").content.decode()
    assert "&lt;b&gt;私人码&lt;/b&gt;已经撤下" in page
    shop = text_of(public.get(f"/shops/{merchant_a.public_code}/"))
    assert f"消费警示：{TEXT['title']}" in shop and "已经撤下" in shop
    assert TEXT["title"] not in text_of(public.get(f"/shops/{merchant_b.public_code}/"))
    answer = public.get(f"/api/v1/warnings/{row.code}")
    assert answer.json()["reply"].endswith("已经撤下") and answer["ETag"]
    again = public.get(f"/api/v1/warnings/{row.code}", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    complaints.withdraw_publication(row, "商家已经整改完毕", by=who(second_officer))
    gone = text_of(public.get(f"/warnings/{row.code}/"))
    assert "已撤回" in gone and TEXT["text"] not in gone
    assert public.get("/api/v1/warnings").json()["results"] == []
    assert "消费警示：" not in text_of(public.get(f"/shops/{merchant_a.public_code}/"))


def test_a_typical_case_names_nobody(merchant_a: Merchant, district_officer: User, second_officer: User) -> None:
    matter, told = complaint(merchant_a), report(merchant_a, "2026-10-12 09:00", reporter())
    text = f"周桂芬（电话139 0000 0001）投诉{merchant_a.legal_rep}的店，{NAME}（{PHONE}）也来举报。"
    one = complaints.draft_typical_case(
        {"title": "退卡案例一则", "text": text}, by=who(district_officer), complaint_id=matter.pk
    )
    assert (
        "周桂芬" not in one.text
        and "周**" in one.text
        and "0000" not in one.text
        and merchant_a.legal_rep not in one.text
    )
    two = complaints.draft_typical_case(
        {"title": "举报案例一则", "text": text}, by=who(district_officer), report_id=told.pk
    )
    assert NAME not in two.text and PHONE not in two.text
    forbidden(lambda: complaints.approve_publication(two, by=who(district_officer)))
    complaints.approve_publication(one, by=who(second_officer))
    complaints.publish_publication(one, by=who(district_officer))
    assert "退卡案例一则" in text_of(Client().get("/typical-cases/"))
    assert "举报案例一则" not in text_of(Client().get("/typical-cases/"))


def test_a_published_penalty_is_public_until_its_day(
    merchant_a: Merchant, district_officer: User, second_officer: User
) -> None:
    row, now = report(merchant_a, "2026-11-02 09:00"), at(f"{business_date()} 09:00")
    complaints.verify_report(row.pk, by=who(district_officer))
    complaints.file_report(row.pk, "核查属实，立案", by=who(second_officer), at=now)
    complaints.investigate_report(row.pk, by=who(district_officer))
    given = {
        "penalty": "FINE",
        "fine_fen": 500_000,
        "law": "反不正当竞争法第20条",
        "decision_no": "示市监罚1号",
        "decision": "罚款五千元",
    }
    complaints.decide_report(row.pk, given, by=who(second_officer), at=now)
    assert "罚款" not in text_of(Client().get("/penalties/"))
    complaints.publish_penalty(row.pk, by=who(district_officer), at=now)
    assert "5,000.00" in text_of(Client().get("/penalties/"))
    assert "行政处罚：罚款" in text_of(Client().get(f"/shops/{merchant_a.public_code}/"))
    type(row.case).objects.filter(report=row).update(
        published_on=business_date() - timedelta(days=9), public_until=business_date() - timedelta(days=1)
    )
    assert "5,000.00" not in text_of(Client().get("/penalties/"))


def test_lists_ask_the_same_number_of_questions(
    merchant_a: Merchant, district_officer: User, signed_in: SignIn
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    helper = officer("13900000071", "周所", Role.STATION_OFFICER, DISTRICT)
    pages = (
        "/admin/complaints/violationreport/", "/admin/complaints/enforcementcase/",
        "/admin/complaints/issueddocument/", "/admin/complaints/supervisionnotice/",
        "/admin/complaints/consumerwarning/", "/api/v1/reports", "/api/v1/supervision-notices", "/api/v1/warnings",
        "/warnings/",
    )  # fmt: skip

    def one_more() -> None:
        row = report(merchant_a, "2026-11-02 09:00", reporter())
        complaints.verify_report(row.pk, by=who(helper))
        complaints.issue_document(2, row, by=who(helper))
        issued(merchant_a, district_officer)
        complaints.draft_warning(TEXT | {"merchant_id": merchant_a.pk}, by=who(helper))
        ConsumerWarning.objects.filter(status="DRAFT").update(
            status="PUBLISHED", approved_by=district_officer, published_at=at("2026-11-02 09:00")
        )

    def asked(page: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        return len(queries)

    client = signed_in(district_officer)
    one_more()
    for page in pages:
        client.get(page)
    first = {page: asked(page) for page in pages}
    for _ in range(3):
        one_more()
    assert {page: asked(page) for page in pages} == first
