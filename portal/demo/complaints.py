"""The 12315 desk of the demo district: the closed gym's 37 complaints, and a case in each state.

The gym's are filed before the gym refuses its refund, so that the refusal joins the complaint that is open.
Nothing here moves locked money: what is settled, the shops pay themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Min, OuterRef, Subquery
from django.utils import timezone

from complaints import actions as complaints
from complaints.actions import Kind, NewIntake, Party, clocks
from complaints.models import Cause, Channel, Clock, Complaint, Contact, Level, Mediation, Receipt, ViolationReport
from complaints.models import Party as Side
from core.actors import SYSTEM, Actor
from core.errors import PortalError
from core.models import User
from portal.demo.batch import Line, record_all
from portal.demo.names import at
from portal.demo.people import Cast
from portal.demo.shops import Builder, Shop
from prepaid.models import Contract

# 22 by 12315, 11 by 12345, 4 by the mall; five people called both numbers about the same card.
GYM_FIRST = {Channel.PLATFORM_12315: 22, Channel.HOTLINE_12345: 6, Channel.MALL: 4}
GYM_AGAIN = 5
MEDIATION_DAYS = 59
# What is 陈立's from the first day; the rest is nobody's yet, or was passed on.
HANDLED = {"id_proof", "accepted", "refused", "mediating", "suspended", "agreed", "terminated", "callback", "closed"}
COMMITTEE = "示范区消费纠纷人民调解委员会"
GYM_WORDS = (
    "健身房三天前关门，门上没有通知，会员卡里的钱要求退",
    "昨天去锻炼发现人去楼空，电话打不通，要求退回余额",
    "教练群解散了，前台没人，卡还有大半年没用",
)


@dataclass(frozen=True)
class Told:
    """One complaint of the district: against which shop, how long ago, what was said, and what becomes of it."""

    shop: str
    days: int
    cause: Cause
    text: str
    claim: str
    becomes: str = ""
    channel: Channel = Channel.PLATFORM_12315


TOLD = (
    Told("bakery", 0, Cause.QUALITY, "买的面包有异味，店员不肯换", "退款并道歉"),
    Told("noodles", 2, Cause.WRONG_CHARGE, "一碗面扣了两次钱", "退回多扣的 26 元", "odr"),
    Told("yoga", 3, Cause.SERVICE_CUT, "晚上的课从五节减到两节，没有通知", "按减的课退钱", "id_proof", Channel.COUNTER),
    Told("hair", 5, Cause.CONTRACT_TERMS, "合同写着概不退卡，问了也不解释", "取消这一条", "accepted"),
    Told("bakery", 9, Cause.OTHER, "给公司开会买的蛋糕，发票抬头不对", "重开发票", "refused", Channel.HOTLINE_12345),
    Told("school", 61, Cause.SERVICE_CUT, "老师换了两次，课时没有补", "补六节课或者退 720 元", "mediating"),
    Told("hair", 24, Cause.QUALITY, "烫发后头皮红肿，店里说是体质问题", "退钱并付检测费", "suspended"),
    Told("noodles", 16, Cause.WRONG_CHARGE, "储值卡少记了一次充值", "补回 100 元", "agreed", Channel.HOTLINE_12345),
    Told("yoga", 33, Cause.SERVICE_CUT, "停了瑜伽墙课程，年卡价钱不变", "退三成会费", "terminated"),
    Told("bakery", 21, Cause.FALSE_PROMOTION, "宣传当天现做，实际是隔夜面包", "退一赔三", "callback", Channel.MALL),
    Told("hair", 40, Cause.SERVICE_CUT, "套餐里的头皮护理取消了，没有通知", "换成同价的项目", "closed"),
    Told("school", 6, Cause.OTHER, "画室楼下的快递站占用消防通道", "请有关部门处理", "routed", Channel.HOTLINE_12345),
    Told("noodles", 4, Cause.OTHER, "店里空调太冷，服务员态度不好", "道歉", "withdrawn"),
)
REPORTS = (
    Told("bakery", 1, Cause.FALSE_PROMOTION, "橱窗写着有机面粉，拿不出证书", "", ""),
    Told("noodles", 4, Cause.QUALITY, "后厨冰柜里的肉没有标签和日期", "", "verifying"),
    Told("yoga", 20, Cause.FALSE_PROMOTION, "广告说教练都有国际证书，查不到", "", "investigating"),
    Told("hair", 30, Cause.PRIVATE_PAYMENT, "店员让我扫他自己的收款码充值", "", "not_filed"),
    Told("gym", 38, Cause.CONTRACT_TERMS, "会籍合同里写着最终解释权归本店", "", "published"),
)


def complain_about_gym(build: Builder, cast: Cast, gym: Shop, card: Contract, holders: Sequence[User]) -> None:
    """37 complaints of 32 people within three days: those who called twice are joined, 陈立 has them all."""
    people = [cast.user("zhou"), *holders[: sum(GYM_FIRST.values()) - 1]]
    channels = [channel for channel, size in GYM_FIRST.items() for _ in range(size)]
    rows = [_gym_row(build, gym, *pair, n) for n, pair in enumerate(zip(channels, people, strict=True))]
    again = [_gym_row(build, gym, Channel.HOTLINE_12345, people[n], 100 + n) for n in range(1, GYM_AGAIN + 1)]
    filed = _filed([*rows, *again])
    cards = {card.holder_id: card.pk for card in Contract.objects.filter(merchant=gym.merchant)} | {
        card.holder_id: card.pk
    }
    for row in filed:
        row.contract_id = cards.get(row.complainant.user_id or 0)
    Complaint.objects.bulk_update(filed, ["contract"])
    firsts = {row.complainant.user_id: row for row in filed[: len(rows)]}
    for row in filed[len(rows) :]:
        _join(row, firsts[row.complainant.user_id], build.today)
    _give(filed[: len(rows)], cast.user("chen"), "核对了卡号和余额，告知正在紧急保全资金")


def _gym_row(build: Builder, gym: Shop, channel: Channel, person: User, n: int) -> NewIntake:
    """The first two days' calls; the number of the source is its own."""
    day = build.today - timedelta(days=2 - n % 2)
    return _row(gym, channel, person, at(day, 9 + n % 8, n % 60), Cause.CLOSED_SHOP, GYM_WORDS[n % 3], "退回余额", n)


def _row(
    shop: Shop, channel: Channel, person: User, received: datetime, cause: Cause, text: str, claim: str, n: int
) -> NewIntake:
    return NewIntake(
        channel=channel, kinds=frozenset({Kind.COMPLAINT if claim else Kind.REPORT}), text=text, claim=claim,
        party=Party(name=person.name, phone=person.phone, address="示范区"), store_id=shop.store.pk, cause=cause,
        source_no=f"{received:%Y%m%d}{n:04d}", received_at=min(received, timezone.now()),
    )  # fmt: skip


def _filed(rows: Sequence[NewIntake]) -> list[Any]:
    """Take them all at once; the matter that each became."""
    found = []
    for made in complaints.file_intakes(rows, by=SYSTEM):
        if isinstance(made, PortalError):
            raise made
        found.append(made.pk)
    receipts = Receipt.objects.filter(intake__in=found).select_related("complaint__complainant", "report")
    return [row.complaint or row.report for row in receipts.order_by("intake")]


def _join(row: Complaint, first: Complaint, today: date) -> None:
    """The same person, shop and fact: one case, both receipts."""
    Receipt.objects.filter(complaint=row).update(complaint=first)
    row.status, row.merged_into, row.closed_at = Complaint.Status.MERGED, first, timezone.now()
    clocks.stop(row, at=row.closed_at, dropped=True)
    row.save()
    record_all([Line("complaint.merge", row, SYSTEM, {"into": first.code})])


def _give(rows: Iterable[Complaint], officer: User, said: str) -> None:
    """All to one officer, who rang everybody the same day; what is left is to decide."""
    pks = [row.pk for row in rows]
    soon = timedelta(hours=3)
    done = Clock.objects.running().filter(complaint__in=pks, code__in=[Clock.Code.ASSIGN, Clock.Code.FIRST_CONTACT])
    ended = list(done)
    for clock in ended:
        clock.state, clock.stopped_at = Clock.State.STOPPED, min(clock.started_at + soon, timezone.now())
    Clock.objects.bulk_update(ended, ["state", "stopped_at"])
    left = Clock.objects.running().filter(complaint=OuterRef("pk")).order_by().values("complaint")
    found = list(Complaint.objects.filter(pk__in=pks))
    for row in found:
        row.status, row.handler, row.assigned_at = Complaint.Status.ASSIGNED, officer, row.received_at
        row.first_contact_at, row.level = min(row.received_at + soon, timezone.now()), Level.STATION
    Complaint.objects.bulk_update(found, ["status", "handler", "assigned_at", "first_contact_at", "level"])
    Complaint.objects.filter(pk__in=pks).update(next_due_at=Subquery(left.annotate(m=Min("due_at")).values("m")))
    Contact.objects.bulk_create(
        Contact(
            complaint=row, side=Contact.Side.COMPLAINANT, direction=Contact.Direction.OUT, officer=officer,
            reached=True, at=row.first_contact_at or row.received_at, note=said,
        )
        for row in found
    )  # fmt: skip
    by = Actor.of_user(officer)
    record_all(
        Line("complaint.assign", row, by, {"officer": officer.pk, "before": None, "reason": ""}) for row in found
    )


class Desk:
    """What became of the district's other complaints and reports, step by step as the bureau takes them."""

    def __init__(self, build: Builder, cast: Cast, shops: dict[str, Shop], holders: Sequence[User]) -> None:
        self.today, self.cast, self.shops, self.holders = build.today, cast, shops, holders

    def play(self) -> None:
        """All of them, a warning and a notice."""
        filed = self.file()
        complained, reported = filed[: len(TOLD)], filed[len(TOLD) :]
        handled = [row for row, told in zip(complained, TOLD, strict=True) if told.becomes in HANDLED]
        _give(handled, self.cast.user("chen"), "核对了诉求和凭证，告知办理期限")
        for row, told in zip(complained, TOLD, strict=True):
            if told.becomes:
                getattr(self, f"_{told.becomes}")(row)
        for report, told in zip(reported, REPORTS, strict=True):
            if told.becomes:
                self._report(report, told.becomes)
        self.publish()

    def file(self) -> list[Any]:
        """Received in the morning, each of another holder."""
        return _filed(
            [
                _row(
                    self.shops[told.shop], told.channel, self.holders[60 + n], self.day(told.days, 8), told.cause,
                    told.text, told.claim, 500 + n,
                )
                for n, told in enumerate((*TOLD, *REPORTS))
            ]
        )  # fmt: skip

    def day(self, ago: int, hour: int = 10) -> datetime:
        """That many days ago."""
        return at(self.today - timedelta(days=ago), hour)

    def ago(self, row: Complaint | ViolationReport) -> int:
        """How many days ago it came."""
        return (self.today - clocks.start_day(row.received_at)).days

    def _odr(self, row: Complaint) -> None:
        """Both are willing to settle first: the shop has ten working days."""
        row.status, row.wants_odr, row.merchant_told_at = Complaint.Status.ODR_PENDING, True, row.received_at
        clocks.stop(row, at=row.received_at, dropped=True)
        clocks.start(row, Clock.Code.ODR, at=row.received_at)
        row.save()
        record_all([Line("complaint.offer_odr", row, SYSTEM, {})])

    def _id_proof(self, row: Complaint) -> None:
        complaints.request_id_proof(row.pk, by=self.cast.by("chen"), at=self.day(1))

    def _accepted(self, row: Complaint, after: int = 2) -> int:
        """Accepted two days later; how many days ago that was."""
        accepted = self.ago(row) - after
        complaints.accept(row.pk, by=self.cast.by("chen"), at=self.day(accepted))
        return accepted

    def _refused(self, row: Complaint) -> None:
        ground, why = Complaint.Refusal.NO_DISPUTE, "为公司活动购买，不是生活消费，请找税务机关处理发票"
        complaints.refuse(row.pk, ground, why, by=self.cast.by("chen"), at=self.day(6))

    def _called(self, row: Complaint) -> None:
        """Both said yes and were called to a meeting."""
        accepted, by = self._accepted(row), self.cast.by("chen")
        for side in Side.values:
            complaints.consent_to_mediation(row.pk, party=side, note="电话同意", by=by, at=self.day(accepted - 1))
        complaints.mediate(row.pk, self.day(accepted - 4, 14), "监管所调解室", by=by, at=self.day(accepted - 1))

    def _mediating(self, row: Complaint) -> None:
        """Given to people's mediation; tomorrow the sixty days are over."""
        accepted, by = self._accepted(row), self.cast.by("chen")
        assert accepted == MEDIATION_DAYS
        given = complaints.propose_delegation(
            row.pk, COMMITTEE, self.cast.user("fang").pk, by=by, at=self.day(accepted - 3)
        )
        for side in Side.values:
            complaints.consent_to_delegation(given.pk, party=side, by=by, at=self.day(accepted - 5))
        complaints.begin_delegation(given.pk, by=self.cast.by("fang"), at=self.day(accepted - 8))

    def _suspended(self, row: Complaint) -> None:
        self._called(row)
        note, day = "送省质检院检测，费用商家先垫", self.day(9).date()
        complaints.suspend(row.pk, Mediation.Pause.TESTING, note, by=self.cast.by("chen"), on=day)

    def _settled(self, row: Complaint, terms: str, fen: int, ago: int, **more: Any) -> None:
        self._called(row)
        by = self.cast.by("chen")
        complaints.settle(row.pk, terms, fen, direct_fen=fen, by=by, at=self.day(ago), **more)

    def _agreed(self, row: Complaint) -> None:
        by = self.today + timedelta(days=5)
        self._settled(row, "商家五日内补退少记的充值一百元", 10_000, 1, perform_by=by)

    def _terminated(self, row: Complaint) -> None:
        self._accepted(row)
        ground, why = Complaint.Termination.REFUSED, "商家书面表示不接受调解"
        complaints.terminate(row.pk, ground, why, by=self.cast.by("chen"), at=self.day(2))

    def _callback(self, row: Complaint) -> None:
        self._terminated(row)
        complaints.notify(row.pk, by=self.cast.by("chen"), at=self.day(1))

    def _closed(self, row: Complaint) -> None:
        self._settled(row, "商家当场换成同价的护理项目", 0, 28, at_once=True)
        complaints.notify(row.pk, by=self.cast.by("chen"), at=self.day(27))
        holder = Actor.of_user(row.complainant.user) if row.complainant.user else self.cast.by("chen")
        complaints.close(row.pk, Complaint.Rating.SATISFIED, "换好了", by=holder, at=self.day(26))

    def _routed(self, row: Complaint) -> None:
        why = "占用消防通道由消防救援机构处理"
        complaints.route_out(row.pk, "消防救援机构", why, by=self.cast.by("xu"), at=self.day(5))

    def _withdrawn(self, row: Complaint) -> None:
        assert row.complainant.user
        complaints.withdraw(row.pk, by=Actor.of_user(row.complainant.user), at=self.day(3))

    def _report(self, row: ViolationReport, becomes: str) -> None:
        """As far as it went: verified by 陈立, signed by 李静."""
        chen, li, came = self.cast.by("chen"), self.cast.by("li"), self.ago(row)
        complaints.verify_report(row.pk, by=chen, at=self.day(came - 1))
        if becomes == "verifying":
            return
        if becomes == "not_filed":
            why = "付款记录显示款项进了存管账户，举报不实"
            complaints.not_file_report(row.pk, why, by=li, at=self.day(came - 9))
            return
        complaints.file_report(row.pk, "现场检查和书证一致，违法事实初步成立", by=li, at=self.day(came - 9))
        complaints.investigate_report(row.pk, by=chen)
        if becomes == "published":
            decision = {
                "penalty": "WARNING", "law": "消费者权益保护法第56条", "decision": "责令删除不公平格式条款，警告",
                "decision_no": f"示范市监罚〔{self.day(came - 21).year}〕1号",
            }  # fmt: skip
            complaints.decide_report(row.pk, decision, by=li, at=self.day(came - 21))
            complaints.publish_penalty(row.pk, by=chen, at=self.day(came - 24))

    def publish(self) -> None:
        """A warning about the gym, and a slip for the yoga studio."""
        chen, li, gym = self.cast.by("chen"), self.cast.by("li"), self.shops["gym"].merchant
        warning = complaints.draft_warning(
            {
                "merchant_id": gym.pk, "title": "跃岚健身闭店，请持卡人登记债权",
                "text": "跃岚健身三天前关门，负责人失联。锁定在存管账户里的钱没有动，正在办理紧急保全。",
                "advice": "不要相信代办退卡，在本平台登记，等市场监管部门通知。",
            },
            by=chen,
        )  # fmt: skip
        complaints.approve_publication(warning, by=li, at=self.day(1, 17))
        complaints.publish_publication(warning, by=li, at=self.day(1, 18))
        data = {
            "merchant_id": self.shops["yoga"].merchant.pk, "facts": "减少课次没有提前告知持卡人",
            "basis": "消费者权益保护法第8条", "due_on": self.today + timedelta(days=15),
        }  # fmt: skip
        complaints.issue_notice(data, ["公布全部课表和调整规则", "给受影响的持卡人补课或退款"], by=chen, at=self.day(1))
        first = Complaint.objects.filter(merchant=gym, merged_into=None).earliest("pk")
        why = "持卡人 214 名，涉及面广，由领导包案"
        complaints.escalate("complaint", first.pk, Level.LEADER, self.cast.user("he").pk, why, by=chen)
