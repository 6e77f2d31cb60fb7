"""The pages of the ways of working in a real browser: small and light, wide and dark."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from complaints import actions as complaints
from complaints.models import AgendaPack, OdrEnrolment, WhistleCall
from core.actors import SYSTEM
from core.models import Membership, Role, User
from merchants.models import Mall, Merchant, Store
from tests.cast import DISTRICT, STREET, officer, person
from tests.complaints.case_scenes import complaint_of
from tests.prepaid.scenes import who

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_the_pages_look_right(
    page_at: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], None],
    merchant_a: Merchant,
    owner_a: User,
    consumer: User,
    district_officer: User,
) -> None:
    culture = officer("13900000071", "程晓", Role.DEPARTMENT_OFFICER, DISTRICT)
    Membership.objects.filter(user=culture).update(department="文化旅游局")
    mall = Mall.objects.create(
        name="江南里购物中心", region_id=STREET, address="一路1号", company_name="示范商管公司",
        company_uscc="92330199MA2TXYT07Q", registered_by=district_officer,
    )  # fmt: skip
    Store.objects.filter(merchant=merchant_a).update(mall=mall, tenant_since=timezone.localdate())
    manager = person("13900000028", "顾岚")
    Membership.objects.create(user=manager, role=Role.MALL_MANAGER, mall_id=mall.pk)
    case = complaint_of(merchant_a, consumer, received=timezone.now() - timedelta(days=20))
    complaints.assign("complaint", case.pk, district_officer.pk, by=SYSTEM)
    by, today = who(district_officer), timezone.localdate()
    need = "请核查非学科类培训资质和教师名册，一起约谈负责人"
    whistle = complaints.call_whistle(case.pk, ["文化旅游局"], need, by=by)
    late = timezone.now() - timedelta(hours=30)
    complaints.open_mall_ticket(mall.pk, "租户要搬走，储值卡的余额怎么办", by=who(consumer), at=late)
    ticket = complaints.open_mall_ticket(mall.pk, "停车月卡没有退，物业说不归他们管", by=who(consumer))
    OdrEnrolment.objects.create(
        merchant=merchant_a, proposed_on=today, complaints=6, days=90, basis="投诉多发提名 ODR 企业"
    )
    complaints.make_agenda_packs(AgendaPack.Kind.DAILY_LOOK, today, by=SYSTEM)
    pack = AgendaPack.objects.get(region=DISTRICT)
    complaints.hold_agenda(pack.pk, "逾期件逐件明确责任人", by=by)
    complaints.add_agenda_action(pack.pk, "上门核查经营场所", district_officer.pk, today + timedelta(days=2), by=by)
    topic = complaints.propose_topic(DISTRICT, "REFUND", by=by)
    complaints.choose_topic(topic.pk, "合同里没有写退款算法", district_officer.pk, 20, by=by)
    call = WhistleCall.objects.get()
    pages = (
        ("inbox", culture, reverse("admin:department_inbox")),
        ("call", culture, reverse("admin:complaints_whistlecall_change", args=[call.pk])),
        ("whistle", district_officer, reverse("admin:complaints_whistle_change", args=[whistle.pk])),
        ("agenda", district_officer, reverse("admin:complaints_agendapack_change", args=[pack.pk])),
        ("topic", district_officer, reverse("admin:complaints_monthlytopic_change", args=[topic.pk])),
        ("mall", manager, reverse("complaints:mall_tickets")),
        ("answer", manager, reverse("complaints:mall_ticket", args=[ticket.code])),
        ("odr", owner_a, reverse("complaints:odr_enrolment")),
        ("mine", consumer, reverse("complaints:my_mall_ticket", args=[ticket.code])),
    )
    both = ("inbox", "agenda", "mall")
    wrong: list[str] = []
    for width, theme in ((360, "light"), (1280, "dark")):
        for n, (name, user, url) in enumerate(pages):
            if name in both or n % 2 == (width == 1280):
                page = page_at(width, theme=theme, user=user)
                page.goto(url)
                wrong += [f"{name} {width}: {one}" for one in axe(page)]
                if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                    wrong.append(f"{name} {width}: wider than the screen")
                shot(page, f"ways-{name}-{width}")
    assert wrong == []
