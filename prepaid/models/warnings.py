"""Early warning: risk scores by day, the watch list, reports of private payment, lists of others, suspected links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from core.identifiers import public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet, Row
from core.models import StoredFile, User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant, Restriction, Store

if TYPE_CHECKING:
    from core.actors import Actor


class OfRegionQuerySet(LockingQuerySet[Row]):
    """Rows of a merchant that officers of its region see, and nobody else: never public, never the shop's."""

    def visible_to(self, by: Actor) -> Self:
        """Those of an officer's regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(in_regions("merchant__region__path", by.user.access.region_paths(*WATCHERS)))


class Level(models.TextChoices):
    """How urgent a score is."""

    GREEN = "GREEN", "正常"
    AMBER = "AMBER", "关注"
    RED = "RED", "高风险"


class RiskScoreQuerySet(OfRegionQuerySet["RiskScore"]):
    """Scores as one asks for them."""

    def latest_of(self, merchant_id: int) -> RiskScore | None:
        """The score of a merchant now; None: nothing was ever found."""
        return self.filter(merchant=merchant_id, is_latest=True).first()


class RiskScore(models.Model):
    """The score of a merchant from ``on`` until the next row; a row only where the points changed."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="risk_scores", verbose_name="商家")
    on = models.DateField("起算日")
    points = models.PositiveSmallIntegerField("风险分")
    before = models.PositiveSmallIntegerField("此前", default=0)
    level = models.CharField("等级", max_length=5, choices=Level.choices)
    reasons = models.JSONField("原因", default=list)
    is_latest = models.BooleanField("最新", default=True)

    objects = RiskScoreQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "风险分"
        ordering = ["-on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "on"], name="risk_score_once"),
            models.UniqueConstraint(fields=["merchant"], condition=Q(is_latest=True), name="risk_score_latest"),
            models.CheckConstraint(name="risk_score_span", condition=Q(points__lte=100, before__lte=100)),
            models.CheckConstraint(name="risk_level_legal", condition=Q(level__in=["GREEN", "AMBER", "RED"])),
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.on} {self.points}"

    @property
    def change(self) -> int:
        """Against the day before ``on``."""
        return self.points - self.before


class RiskWarningQuerySet(OfRegionQuerySet["RiskWarning"]):
    """The watch list as one asks for it."""

    def open(self) -> RiskWarningQuerySet:
        """Those still on the list."""
        return self.exclude(status=RiskWarning.Status.ENDED)

    def waiting(self) -> RiskWarningQuerySet:
        """Those an officer has to answer."""
        return self.filter(status__in=[RiskWarning.Status.OPEN, RiskWarning.Status.STOP_PROPOSED])


class RiskWarning(models.Model):
    """A merchant on the watch list, and what the officers decided about it."""

    class Status(models.TextChoices):
        OPEN = "OPEN", "待研判"
        WATCHED = "WATCHED", "持续关注"
        VISIT = "VISIT", "上门核查中"
        INTERVIEW = "INTERVIEW", "约谈中"
        STOP_PROPOSED = "STOP_PROPOSED", "建议停止新发卡，待确认"
        STOPPED = "STOPPED", "已停止新发卡"
        DISMISSED = "DISMISSED", "已排除"
        ENDED = "ENDED", "风险已降，移出名单"

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="risk_warnings", verbose_name="商家")
    status = models.CharField("处置", max_length=13, choices=Status.choices, default=Status.OPEN)
    level = models.CharField("等级", max_length=5, choices=Level.choices)
    opened_on = models.DateField("列入日")
    reason = models.CharField("研判意见", max_length=300, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="研判人")
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="停售提出人")
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="停售确认人")
    restriction = models.ForeignKey(Restriction, models.PROTECT, null=True, related_name="+", verbose_name="限制新发卡")
    ended_on = models.DateField("移出日", null=True)

    objects = RiskWarningQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "观察名单"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant"], condition=~Q(status="ENDED"), name="one_open_risk_warning"),
            models.CheckConstraint(
                name="risk_stop_by_two", condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by"))
            ),
            models.CheckConstraint(
                name="risk_stopped_is_confirmed",
                condition=~Q(status="STOPPED") | Q(confirmed_by__isnull=False, restriction__isnull=False),
            ),
            models.CheckConstraint(name="risk_warning_level", condition=Q(level__in=["GREEN", "AMBER", "RED"])),
            models.CheckConstraint(
                name="risk_warning_status_legal",
                condition=Q(
                    status__in=[
                        "OPEN", "WATCHED", "VISIT", "INTERVIEW", "STOP_PROPOSED", "STOPPED", "DISMISSED", "ENDED",
                    ]
                ),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.merchant} {self.get_level_display()}"


_LISTED = ("OPEN", "WATCHED", "VISIT", "INTERVIEW", "STOP_PROPOSED", "DISMISSED")
RISK_WARNING_LIFECYCLE = Lifecycle(
    "prepaid.RiskWarning",
    "status",
    {
        "watch": Step(_LISTED, "WATCHED", "prepaid.judge_riskwarning", "持续关注"),
        "visit": Step(_LISTED, "VISIT", "prepaid.judge_riskwarning", "安排上门核查"),
        "interview": Step(_LISTED, "INTERVIEW", "prepaid.judge_riskwarning", "安排约谈"),
        "propose_stop": Step(
            ("OPEN", "WATCHED", "VISIT", "INTERVIEW", "DISMISSED"),
            "STOP_PROPOSED",
            "prepaid.judge_riskwarning",
            "建议停止新发卡",
            caution=True,
        ),
        "stop": Step(("STOP_PROPOSED",), "STOPPED", "prepaid.stop_riskwarning", "确认停止新发卡", caution=True),
        "dismiss": Step(
            ("OPEN", "WATCHED", "VISIT", "INTERVIEW", "STOP_PROPOSED"),
            "DISMISSED",
            "prepaid.judge_riskwarning",
            "排除风险",
            caution=True,
        ),
        "lift": Step(("STOPPED",), "WATCHED", "prepaid.stop_riskwarning", "解除停止新发卡"),
        "rise": Step(
            ("OPEN", "WATCHED", "VISIT", "INTERVIEW", "DISMISSED"), "STOP_PROPOSED", "prepaid.score_risk", "升为高风险"
        ),
        "reopen": Step(
            ("WATCHED", "VISIT", "INTERVIEW", "DISMISSED"), "OPEN", "prepaid.score_risk", "风险上升，重新研判"
        ),
        "end": Step((*_LISTED, "STOPPED"), "ENDED", "prepaid.score_risk", "风险已降，移出名单"),
    },
)


class PrivatePaymentReport(models.Model):
    """Somebody was asked to pay the shop past the escrow (私下收款). The shop never sees who told.

    An anonymous report keeps no person, only a keyed hash of the phone by which its sender is counted.
    """

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", "待核查"
        CONFIRMED = "CONFIRMED", "查实"
        REJECTED = "REJECTED", "未查实"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="private_payments", verbose_name="商家")
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+", verbose_name="门店")
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.RECEIVED)
    reported_on = models.DateField("举报日")
    happened_on = models.DateField("发生日", null=True)
    amount_fen = models.BigIntegerField("金额", null=True)
    text = models.CharField("经过", max_length=300, blank=True)
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="照片")
    reporter = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="举报人")
    reporter_idx = models.CharField(max_length=32)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核查人")
    finding = models.CharField("核查结果", max_length=300, blank=True)

    objects = OfRegionQuerySet["PrivatePaymentReport"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "私下收款举报"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "reporter_idx", "reported_on"], name="one_report_a_day"),
            models.CheckConstraint(name="private_payment_amount", condition=Q(amount_fen=None) | Q(amount_fen__gt=0)),
            models.CheckConstraint(
                name="private_payment_status_legal", condition=Q(status__in=["RECEIVED", "CONFIRMED", "REJECTED"])
            ),
        ]
        indexes = [models.Index(fields=["reporter_idx", "reported_on"], name="reports_of_phone")]

    def __str__(self) -> str:
        return self.code


PRIVATE_PAYMENT_LIFECYCLE = Lifecycle(
    "prepaid.PrivatePaymentReport",
    "status",
    {
        "confirm": Step(("RECEIVED",), "CONFIRMED", "prepaid.judge_privatepaymentreport", "查实", caution=True),
        "reject": Step(("RECEIVED",), "REJECTED", "prepaid.judge_privatepaymentreport", "未查实"),
    },
)


class MerchantLink(models.Model):
    """A merchant that shares people, phone or address with one that closed, vanished or was restricted."""

    class Status(models.TextChoices):
        SUSPECTED = "SUSPECTED", "疑似关联"
        CONFIRMED = "CONFIRMED", "认定关联"
        DISMISSED = "DISMISSED", "不是关联"

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="links", verbose_name="商家")
    other = models.ForeignKey(Merchant, models.PROTECT, related_name="linked_from", verbose_name="停业或受限的商家")
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.SUSPECTED)
    matches = models.JSONField("相同之处", default=list)
    found_on = models.DateField("发现日")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="认定人")
    reason = models.CharField("认定理由", max_length=300, blank=True)

    objects = OfRegionQuerySet["MerchantLink"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "疑似关联商家"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "other"], name="merchant_link_once"),
            models.CheckConstraint(name="merchant_link_of_two", condition=~Q(merchant=F("other"))),
            models.CheckConstraint(
                name="merchant_link_status_legal", condition=Q(status__in=["SUSPECTED", "CONFIRMED", "DISMISSED"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant} ↔ {self.other}"


MERCHANT_LINK_LIFECYCLE = Lifecycle(
    "prepaid.MerchantLink",
    "status",
    {
        "confirm": Step(
            ("SUSPECTED", "DISMISSED"), "CONFIRMED", "prepaid.judge_merchantlink", "认定关联", caution=True
        ),
        "dismiss": Step(("SUSPECTED", "CONFIRMED"), "DISMISSED", "prepaid.judge_merchantlink", "不是关联"),
    },
)
