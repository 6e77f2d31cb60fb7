"""「锁门」: a mall or a shop's customers found the door locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from core.identifiers import public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import StoredFile, User
from core.models.people import WATCHERS, in_regions
from merchants.malls import Mall
from merchants.models import Merchant, Store
from prepaid.models.run_offs import RunOff

if TYPE_CHECKING:
    from core.actors import Actor


class LockOutQuerySet(LockingQuerySet["LockOutReport"]):
    """Reports as one asks for them."""

    def visible_to(self, by: Actor) -> LockOutQuerySet:
        """One's own, those of a mall one manages, and those of the officer's regions; the shop sees none."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        mine = Q(reporter=by.user) | Q(mall__in=access.malls())
        return self.filter(mine | in_regions("merchant__region__path", access.region_paths(*WATCHERS)))

    def waiting(self) -> LockOutQuerySet:
        """Those nobody has looked into."""
        return self.filter(status=LockOutReport.Status.RECEIVED)


class LockOutReport(models.Model):
    """One report that a store is locked although it should be open: what may begin the emergency path."""

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", "待核查"
        RUN_OFF = "RUN_OFF", "已提出应急处置"
        DISMISSED = "DISMISSED", "核查未停业"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="lock_outs", verbose_name="商家")
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", verbose_name="门店")
    # Filled when the mall itself reports.
    mall = models.ForeignKey(Mall, models.PROTECT, null=True, related_name="lock_outs", verbose_name="报告商场")
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.RECEIVED)
    reported_on = models.DateField("报告日")
    seen_on = models.DateField("发现日")
    text = models.CharField("情况", max_length=300, blank=True)
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="照片")
    reporter = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="报告人")
    run_off = models.ForeignKey(RunOff, models.PROTECT, null=True, related_name="lock_outs", verbose_name="失联清退")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核查人")
    finding = models.CharField("核查结果", max_length=300, blank=True)

    objects = LockOutQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "锁门报告"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "reporter", "reported_on"], name="one_lock_out_a_day"),
            models.CheckConstraint(
                name="lock_out_status_legal", condition=Q(status__in=["RECEIVED", "RUN_OFF", "DISMISSED"])
            ),
            models.CheckConstraint(
                name="lock_out_leads_to_run_off", condition=~Q(status="RUN_OFF") | Q(run_off__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.code


LOCK_OUT_LIFECYCLE = Lifecycle(
    "prepaid.LockOutReport",
    "status",
    {
        "open_run_off": Step(
            ("RECEIVED",), "RUN_OFF", "prepaid.judge_lockoutreport", "提出失联应急处置（待第二人复核）", caution=True
        ),
        "dismiss": Step(("RECEIVED",), "DISMISSED", "prepaid.judge_lockoutreport", "核查未停业"),
    },
)
