"""Malls: who lets the rooms, whose cards tenants take, and how far the ten measures have come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from core.identifiers import grouped, public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, StoredFile, User
from core.models.people import WATCHERS, in_regions

if TYPE_CHECKING:
    from datetime import date

    from core.actors import Actor


class MallQuerySet(LockingQuerySet["Mall"]):
    """Malls as one asks for them."""

    def visible_to(self, by: Actor) -> MallQuerySet:
        """Those ``by`` manages, and those of the officer's regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        return self.filter(Q(pk__in=access.malls()) | in_regions("region__path", access.region_paths(*WATCHERS)))


class Mall(models.Model):
    """A shopping centre. Its operating company lets the rooms and, registered as a merchant, may issue cards."""

    public_code = models.CharField("公示编号", max_length=16, unique=True, default=public_code, editable=False)
    name = models.CharField("商场名称", max_length=60)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所在街道")
    address = models.CharField("地址", max_length=200)
    operator = models.ForeignKey(
        "merchants.Merchant", models.PROTECT, null=True, blank=True, related_name="malls", verbose_name="运营商家"
    )
    company_name = models.CharField("运营公司", max_length=100, blank=True)
    company_uscc = models.CharField("运营公司信用代码", max_length=18, blank=True)
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    registered_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = MallQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "商场"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["name", "region"], name="one_mall_of_a_name"),
            models.CheckConstraint(
                name="mall_has_an_operator",
                condition=Q(operator__isnull=False) | (~Q(company_name="") & ~Q(company_uscc="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def code_grouped(self) -> str:
        """The public code as people read it."""
        return grouped(self.public_code)

    @property
    def company(self) -> str:
        """Who runs it: the merchant's licence name, or the company as registered."""
        return self.operator.legal_name if self.operator else self.company_name


class MeasureQuerySet(LockingQuerySet["MallMeasureCheck"]):
    """Measures as one asks for them."""

    def visible_to(self, by: Actor) -> MeasureQuerySet:
        """Those of the malls ``by`` may open."""
        return self.filter(mall__in=Mall.objects.visible_to(by))

    def waiting(self) -> MeasureQuerySet:
        """Those whose evidence nobody has checked."""
        return self.filter(status=MallMeasureCheck.Status.PENDING, submitted_at__isnull=False)

    def lapsing(self, on: date) -> MeasureQuerySet:
        """Those that were met and are too old on the day ``on``."""
        return self.filter(status=MallMeasureCheck.Status.MET, valid_to__lt=on)


class MallMeasureCheck(models.Model):
    """One of the ten measures of joint governance in one mall: the evidence, and what the officer found."""

    class Status(models.TextChoices):
        PENDING = "PENDING", "待落实"
        MET = "MET", "已落实"
        LAPSED = "LAPSED", "已失效"

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="measures", verbose_name="商场")
    code = models.CharField("编号", max_length=8)
    title = models.CharField("举措", max_length=60)
    wanted = models.CharField("要什么证据", max_length=200)
    batch = models.PositiveSmallIntegerField("批次")
    status = models.CharField("状态", max_length=7, choices=Status.choices, default=Status.PENDING)
    evidence = models.CharField("证据说明", max_length=500, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="证据材料")
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提交人")
    submitted_at = models.DateTimeField("提交时间", null=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核查人")
    checked_at = models.DateTimeField("核查时间", null=True)
    finding = models.CharField("核查意见", max_length=300, blank=True)
    valid_to = models.DateField("有效至", null=True)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "商圈举措"
        ordering = ["mall", "code"]
        constraints = [
            models.UniqueConstraint(fields=["mall", "code"], name="measure_once_a_mall"),
            models.CheckConstraint(
                name="measure_status_legal", condition=Q(status__in=["PENDING", "MET", "LAPSED"])
            ),
            models.CheckConstraint(
                name="measure_met_is_checked",
                condition=~Q(status="MET") | Q(checked_at__isnull=False, valid_to__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def waits(self) -> bool:
        """Whether evidence was handed in that nobody has checked."""
        return self.status == self.Status.PENDING and self.submitted_at is not None


MEASURE_LIFECYCLE = Lifecycle(
    "merchants.MallMeasureCheck",
    "status",
    {
        "submit": Step(("PENDING", "LAPSED"), "PENDING", "merchants.submit_measure", "提交证据"),
        "meet": Step(("PENDING",), "MET", "merchants.check_measure", "核查通过"),
        "send_back": Step(("PENDING",), "PENDING", "merchants.check_measure", "退回补充"),
        "lapse": Step(("MET",), "LAPSED", "merchants.lapse_measure", "认定失效", caution=True),
    },
)
