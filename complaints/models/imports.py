"""Spreadsheets of orders that 12345, 12315, malls and the press hand over, and how far each is taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from complaints.models.matters import Channel
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, User
from core.models.people import WATCHERS, in_regions

if TYPE_CHECKING:
    from core.actors import Actor


class OrderImportQuerySet(LockingQuerySet["OrderImport"]):
    """Files as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of own regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(in_regions("region__path", by.user.access.region_paths(*WATCHERS)))


class OrderImport(models.Model):
    """One file of orders. The same bytes for the same channel and place are one import.

    ``channel`` and ``region`` are those of rows that do not say theirs; ``done`` rows of ``rows`` are dealt with.
    """

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", "等待导入"
        READING = "READING", "导入中"
        DONE = "DONE", "已导入"
        REFUSED = "REFUSED", "读不了，已退回"

    title = models.CharField("文件", max_length=200)
    channel = models.CharField("来源", max_length=14, choices=Channel.choices)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="管辖地")
    sha256 = models.CharField("摘要", max_length=64)
    path = models.CharField(max_length=80, blank=True)
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.RECEIVED)
    imported_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="导入人")
    started_at = models.DateTimeField("上传", auto_now_add=True)
    finished_at = models.DateTimeField("结束", null=True)
    rows = models.PositiveIntegerField("行数", default=0)
    done = models.PositiveIntegerField("已办", default=0)
    added = models.PositiveIntegerField("新登记", default=0)
    known = models.PositiveIntegerField("先前已有", default=0)
    refused = models.PositiveIntegerField("未通过", default=0)
    errors = models.JSONField("没有通过的行", default=list, help_text="[行号, 来源编号, 原因]")
    error = models.CharField("退回原因", max_length=300, blank=True)

    objects = OrderImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工单导入"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["sha256", "channel", "region"], name="order_import_once"),
            models.CheckConstraint(
                name="order_import_adds_up", condition=Q(done=F("added") + F("known") + F("refused"))
            ),
            models.CheckConstraint(
                name="order_import_status_legal", condition=Q(status__in=["RECEIVED", "READING", "DONE", "REFUSED"])
            ),
        ]

    def __str__(self) -> str:
        return self.title


ORDER_IMPORT_LIFECYCLE = Lifecycle(
    "complaints.OrderImport",
    "status",
    {
        "read": Step(("RECEIVED", "READING"), "READING", "complaints.read_order_import", "开始导入"),
        "finish": Step(("READING",), "DONE", "complaints.read_order_import", "导入完成"),
        "refuse": Step(("READING",), "REFUSED", "complaints.read_order_import", "整份退回"),
    },
)
