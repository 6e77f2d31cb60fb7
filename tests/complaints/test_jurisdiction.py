"""Whose matter it is, from intake to the dispatcher's page: what the portal knows under 第13、14、28、41条."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints import actions as complaints
from complaints.actions import Kind, NewIntake, Party
from complaints.jurisdiction import advice_on, advise, platforms
from complaints.models import Clock, Complaint, Intake, ViolationReport
from core.actors import Actor, ActorKind
from core.errors import NotAllowed
from core.models import AuditEvent, Region, Role, User
from merchants.models import Merchant, Store
from tests.cast import DISTRICT, OTHER_STREET, STREET, officer, shop
from tests.pages.admin_desk import SignIn, act_url, change_url, press, text_of
from tests.prepaid.scenes import who

pytestmark = pytest.mark.django_db
BOTH = frozenset({Kind.COMPLAINT, Kind.REPORT})
OTHER_COUNTY = "330203"
THIRD_COUNTY = "330110"


def order(no: str, **more: Any) -> NewIntake:
    """An order as the 12345 hotline of the district sends it."""
    given: dict[str, Any] = {
        "channel": "HOTLINE_12345", "source_no": no, "text": "市民反映理发店不退余额", "region_code": DISTRICT,
        "party": Party(name="王芳", phone="13700000009"), "claim": "退款", "kinds": BOTH,
    }  # fmt: skip
    return NewIntake(**(given | more))


@pytest.fixture
def dispatcher(db: None) -> User:
    return officer("13900000051", "分派员", Role.DISPATCHER, DISTRICT)


@pytest.fixture
def away(owner_b: User) -> Merchant:
    """A shop whose only store and domicile lie in another county."""
    return shop("B", owner_b, OTHER_STREET)


def branch(merchant: Merchant, street: str) -> Store:
    return Store.objects.create(merchant=merchant, name="分店", region_id=street, address="分店路1号")


def filed(data: NewIntake, by: User) -> tuple[Complaint, ViolationReport]:
    intake = complaints.file_intake(data, by=who(by))
    return Complaint.objects.get(receipts__intake=intake), ViolationReport.objects.get(receipts__intake=intake)


def test_a_clean_case_is_routed_at_intake(dispatcher: User, away: Merchant, other_officer: User) -> None:
    complaint, report = filed(order("R-1", merchant_id=away.pk), dispatcher)
    assert Intake.objects.get().region_id == DISTRICT
    for row, article in ((complaint, "第13条"), (report, "第28条")):
        assert (row.status, row.region_id, row.routed_from_id) == ("ROUTED", OTHER_STREET, DISTRICT)
        assert set(Clock.objects.of(row).values_list("region", flat=True)) == {OTHER_STREET}
        line = AuditEvent.objects.get(object_id=str(row.pk), verb=f"{Clock.field_of(row)}.route")
        assert line.actor_kind == ActorKind.SYSTEM and article in line.facts["reason"]
        advice = advice_on(row)
        assert advice is not None and not advice.moves and article in advice.words
    # Who got it may only send it back, to the desk that received it.
    complaints.assign("complaint", complaint.pk, other_officer.pk, by=who(other_officer))
    with pytest.raises(NotAllowed, match="只能退回"):
        complaints.route_out(complaint.pk, "文化和旅游局", "属于旅游服务合同纠纷", by=who(other_officer))
    back = complaints.send_back(complaint.pk, "经查实际经营地不在本区", by=who(other_officer))
    assert (back.region_id, back.routed_from, back.status) == (DISTRICT, None, "REGISTERED")


def test_the_first_receiver_keeps_it_where_several_have_power(dispatcher: User, merchant_a: Merchant) -> None:
    """第14条: domicile here, the store elsewhere; of a report only the place of the act counts (第28条)."""
    store = branch(merchant_a, OTHER_STREET)
    complaint, report = filed(order("F-1", store_id=store.pk), dispatcher)
    assert (complaint.region_id, complaint.routed_from, complaint.status) == (STREET, None, "REGISTERED")
    assert (report.region_id, report.routed_from_id, report.status) == (OTHER_STREET, DISTRICT, "ROUTED")
    advice = advice_on(complaint)
    assert advice is not None and [one.article for _, one in advice.competent] == ["第13条第1款", "第13条第1款"]


def test_what_people_file_themselves_begins_at_the_store(consumer: User, merchant_a: Merchant) -> None:
    store = branch(merchant_a, OTHER_STREET)
    data = order(
        "", channel="WEB", store_id=store.pk, party=Party(name="周桂芬", address="示范路 8 号"), kinds={Kind.COMPLAINT}
    )
    complaints.file_intake(data, by=Actor.of_user(consumer))
    row = Complaint.objects.get()
    assert (row.region_id, row.routed_from, row.status) == (OTHER_STREET, None, "REGISTERED")


def test_doubtful_ones_wait_for_the_dispatcher(dispatcher: User, away: Merchant, signed_in: SignIn) -> None:
    """Two counties have power and neither received it; a report of an act somewhere else; a shop nobody knows."""
    elsewhere = filed(order("D-1", merchant_id=away.pk, happened_at="展会现场"), dispatcher)[1]
    branch(away, THIRD_COUNTY)
    complaint, report = filed(order("D-2", merchant_id=away.pk), dispatcher)
    unknown, _ = filed(order("D-3", respondent_name="快剪", respondent_address="示范路1号"), dispatcher)
    for row in (elsewhere, complaint, report, unknown):
        assert (row.status, row.region_id, row.routed_from) == ("REGISTERED", DISTRICT, None)
    desk = signed_in(dispatcher)
    page = text_of(desk.get(change_url(complaint)))
    name = Region.objects.get(pk=OTHER_COUNTY).name
    assert name in page and "实际经营地，依据第13条第1款" in page and f"分送{name}" in page
    form = desk.get(act_url(complaint, "route")).context["form"]
    assert form["region"].value() == OTHER_COUNTY and "第13条" in form["reason"].value()
    assert press(desk, complaint, "route", region=OTHER_COUNTY, reason=form["reason"].value()).status_code == 302
    complaint.refresh_from_db()
    assert (complaint.status, complaint.region_id, complaint.routed_from_id) == ("ROUTED", OTHER_COUNTY, DISTRICT)
    answer = desk.post(reverse("admin:complaints_preview"), {"kind": "complaint", "matter": [unknown.pk]})
    assert "先由收到的单位核实地址" in text_of(answer)


def test_a_report_is_proposed_to_the_bureau_of_the_act(dispatcher: User, away: Merchant, signed_in: SignIn) -> None:
    _, report = filed(order("P-1", merchant_id=away.pk, happened_at="展会现场"), dispatcher)
    desk = signed_in(dispatcher)
    assert "依据第28条" in text_of(desk.get(change_url(report)))
    assert desk.get(act_url(report, "route")).context["form"]["region"].value() == OTHER_COUNTY
    assert press(desk, report, "route", region=OTHER_COUNTY).status_code == 302
    report.refresh_from_db()
    assert (report.region_id, report.routed_from_id) == (OTHER_COUNTY, DISTRICT)


def test_a_platform_and_a_shop_on_it(dispatcher: User, signed_in: SignIn) -> None:
    """第13条第2、3款: the operator where it is domiciled; a shop on it there too, or where it says it is."""
    operator, _ = filed(order("T-1", respondent_name="淘宝", respondent_address="网上"), dispatcher)
    on_it, _ = filed(order("T-2", respondent_name="小店", respondent_address="https://shop1.taobao.com"), dispatcher)
    advice = advise([operator, on_it])
    assert advice[operator.pk].words == "属地：余杭区，平台经营者住所地，依据第13条第2款" and advice[operator.pk].moves
    assert [name for name, _ in advice[on_it.pk].competent] == ["示范区", "余杭区"] and not advice[on_it.pk].moves
    paths = {path for _, _, path in platforms()}
    assert Region.objects.filter(path__in=paths, level=3).count() == len(paths)


def test_advice_for_many_costs_what_it_costs_for_one(dispatcher: User, merchant_a: Merchant) -> None:
    rows = [filed(order(f"N-{n}", merchant_id=merchant_a.pk), dispatcher)[0] for n in range(4)]
    counts = []
    for some in (rows[:1], rows):
        found = list(Complaint.objects.filter(pk__in=[one.pk for one in some]).select_related("region", "routed_from"))
        with CaptureQueriesContext(connection) as asked:
            assert len(advise(found)) == len(some)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 5


def test_what_the_superior_settled_is_not_argued_with(dispatcher: User, away: Merchant, other_officer: User) -> None:
    province = officer("13900000055", "省局", Role.LEADER, "33")
    complaint, _ = filed(order("S-1", merchant_id=away.pk), dispatcher)
    complaints.assign("complaint", complaint.pk, other_officer.pk, by=who(other_officer))
    complaints.dispute_jurisdiction(complaint.pk, "两地都认为不归自己管", by=who(other_officer))
    settled = complaints.settle_jurisdiction(complaint.pk, DISTRICT, "首先收到的办理", by=who(province))
    advice = advice_on(settled)
    assert advice is not None and not advice.moves and "第33条" in advice.decision.reason
