"""How the bureau works: a whistle, a routed case, mall tickets, ODR enterprises, agenda packs, a monthly topic."""

from __future__ import annotations

from datetime import date, timedelta

from complaints import actions as complaints
from complaints.models import AgendaPack, Complaint, OdrEnrolment, Referral
from core.actors import SYSTEM, Actor
from core.models import User
from merchants.models import Mall, Merchant
from portal.demo.names import DISTRICT, at
from portal.demo.people import DEPARTMENT, Cast
from portal.demo.shops import Shop

DUE_HOUR, DUE_MINUTE = 15, 20
Kind = AgendaPack.Kind


def work(cast: Cast, shops: dict[str, Shop], holders: list[User], today: date) -> None:
    """Scenes 3 and 4, and what the regular meetings have before them this morning."""
    _whistle(cast, shops["school"].merchant, today)
    _route(cast, shops["school"].merchant, today)
    _tickets(cast, shops["bakery"], holders, today)
    _odr(cast, shops, today)
    _topic(cast, today)
    _meetings(cast, today)


def _whistle(cast: Cast, school: Merchant, today: date) -> None:
    """The culture department is called to the drawing school, and has until tonight or tomorrow to report in."""
    case = Complaint.objects.filter(merchant=school, status=Complaint.Status.MEDIATING).earliest("pk")
    need = "画室停补课时，请核查非学科类培训资质和教师名册，一起约谈负责人"
    complaints.call_whistle(case.pk, [DEPARTMENT], need, by=cast.by("chen"), at=at(today, 0))


def _route(cast: Cast, school: Merchant, today: date) -> None:
    """What was routed before the department had people here, now lies in its inbox."""
    case = Complaint.objects.filter(merchant=school, status=Complaint.Status.ROUTED).first()
    if case is not None:
        Referral.objects.create(
            complaint=case, department=DEPARTMENT, sent_by=cast.user("xu"), sent_at=at(today - timedelta(days=1), 9)
        )


def _tickets(cast: Cast, bakery: Shop, holders: list[User], today: date) -> None:
    """One due today at 15:20; one answered and solved; one that the customer said is not solved."""
    mall, store, yesterday = Mall.objects.get(stores=bakery.store.pk), bakery.store.pk, today - timedelta(days=1)
    by, manager = [Actor.of_user(user) for user in holders[40:43]], cast.by("mall")
    asked = at(yesterday, DUE_HOUR, DUE_MINUTE)
    complaints.open_mall_ticket(mall.pk, "禾木烘焙说要搬走，储值卡的余额怎么办", by=by[0], store_id=store, at=asked)
    long_ago = at(today - timedelta(days=4), 10)
    told = complaints.open_mall_ticket(mall.pk, "面包过期，店员不肯换", by=by[1], store_id=store, at=long_ago)
    answer = "已请店长当面道歉并换新，运营部到店检查"
    complaints.respond_mall_ticket(told.pk, answer, by=manager, at=long_ago + timedelta(hours=5))
    complaints.solve_mall_ticket(told.pk, by=by[1], at=long_ago + timedelta(hours=7))
    other = complaints.open_mall_ticket(mall.pk, "停车场的预付月卡没有退", by=by[2], at=long_ago)
    complaints.respond_mall_ticket(other.pk, "已转物业公司核实", by=manager, at=long_ago + timedelta(hours=9))
    complaints.reopen_mall_ticket(other.pk, "物业说不归他们管", by=by[2], at=at(today, 0))


def _odr(cast: Cast, shops: dict[str, Shop], today: date) -> None:
    """The noodle house is an ODR enterprise, the yoga studio was proposed, the salon has volunteered."""
    noodles, hair = (shops[name].merchant for name in ("noodles", "hair"))
    for shop in (noodles, hair):
        owner = Actor.of_user(shop.registered_by)
        row = complaints.volunteer_for_odr(shop.pk, by=owner, on=today - timedelta(days=40))
        if shop == noodles:
            complaints.confirm_odr_enrolment(row.pk, by=cast.by("chen"), at=at(today - timedelta(days=38), 10))
    OdrEnrolment.objects.filter(merchant=noodles).update(due=11, on_time=11, counted_on=today - timedelta(days=1))
    basis = "投诉多发提名 ODR 企业：件数（建议值）"
    OdrEnrolment.objects.create(
        merchant=shops["yoga"].merchant, proposed_on=today - timedelta(days=2), complaints=6, days=90, basis=basis
    )


def _topic(cast: Cast, today: date) -> None:
    """This month's topic, with two measures; another candidate was not taken."""
    by, he = cast.by("li"), cast.user("he").pk
    topic = complaints.propose_topic(DISTRICT, "CLOSED_SHOP", by=by, on=today)
    root = "关门前没有征兆可看：租约到期、欠薪、集中退卡三个信号没有人汇总"
    complaints.choose_topic(topic.pk, root, he, 20, by=by)
    for text, days in (("租约九十天内到期的商家逐户上门", 10), ("退卡集中的商家每周会商一次", 20)):
        complaints.add_measure(topic.pk, text, "市场监管局", cast.user("chen").pk, today + timedelta(days=days), by=by)
    complaints.execute_topic(topic.pk, today - timedelta(days=6), 30, by=by)
    complaints.propose_topic(DISTRICT, "SERVICE_CUT", by=by, on=today)


def _meetings(cast: Cast, today: date) -> None:
    """This morning's packs and those of the week and the month before; the last dispatch was held."""
    for kind in (Kind.DAILY_LOOK, Kind.DAILY_DISPATCH):
        complaints.make_agenda_packs(kind, today, by=SYSTEM)
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    for kind, on in ((Kind.WEEKLY_CHECK, monday), (Kind.WEEKLY_CONSULT, monday), (Kind.MONTHLY_SETTLEMENT, first)):
        complaints.make_agenda_packs(kind, on, by=SYSTEM)
    pack = AgendaPack.objects.filter(kind=Kind.WEEKLY_CONSULT, region=DISTRICT).latest("pk")
    by = cast.by("li")
    complaints.hold_agenda(pack.pk, "跃岚健身由何志强包案；关门前的征兆作为本月一题。", by=by, at=at(today, 0))
    complaints.add_agenda_action(
        pack.pk, "给未存管的老卡持有人逐一打电话登记", cast.user("chen").pk, today + timedelta(days=3), by=by
    )
