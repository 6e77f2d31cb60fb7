"""Lists of others (经营异常, 严重违法失信, 失信被执行人, 注销公告): each file, its lines, whom they are about."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import User
from core.models.people import WATCHERS
from core.permissions import has_role
from merchants.models import Merchant, Restriction
from prepaid.models.warnings import OfRegionQuerySet

if TYPE_CHECKING:
    from core.actors import Actor

WATCHES = has_role(*WATCHERS)


class ListImportQuerySet(LockingQuerySet["ListImport"]):
    """Files as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """A list lies in no region: every officer sees what was read in."""
        return self if by.is_system or WATCHES.test(by) else self.none()


class ListImport(models.Model):
    """One file of a list of others, and how far it is read. The same bytes of the same day are one import.

    ``kind`` is the list of rows that do not say theirs; ``done`` rows of ``rows`` are dealt with.
    """

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", "等待导入"
        READING = "READING", "导入中"
        DONE = "DONE", "已导入"
        REFUSED = "REFUSED", "读不了，已退回"

    title = models.CharField("文件", max_length=200)
    kind = models.CharField("名单", max_length=9, blank=True)
    source = models.CharField("来源", max_length=100)
    as_of = models.DateField("名单日期")
    sha256 = models.CharField("摘要", max_length=64, blank=True)
    path = models.CharField(max_length=80, blank=True)
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.RECEIVED)
    imported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="导入人")
    started_at = models.DateTimeField("上传", auto_now_add=True)
    finished_at = models.DateTimeField("结束", null=True)
    rows = models.PositiveIntegerField("行数", default=0)
    done = models.PositiveIntegerField("已办", default=0)
    added = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("更新", default=0)
    known = models.PositiveIntegerField("先前已有", default=0)
    refused = models.PositiveIntegerField("未通过", default=0)
    errors = models.JSONField("没有通过的行", default=list, help_text="[行号, 原因]")
    error = models.CharField("退回原因", max_length=300, blank=True)

    objects = ListImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名单导入"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "kind", "as_of"], condition=~Q(sha256=""), name="list_import_once"
            ),
            models.CheckConstraint(
                name="list_import_adds_up",
                condition=Q(done=F("added") + F("changed") + F("known") + F("refused")),
            ),
            models.CheckConstraint(
                name="list_import_status_legal", condition=Q(status__in=["RECEIVED", "READING", "DONE", "REFUSED"])
            ),
        ]

    def __str__(self) -> str:
        return self.title


LIST_IMPORT_LIFECYCLE = Lifecycle(
    "prepaid.ListImport",
    "status",
    {
        "read": Step(("RECEIVED", "READING"), "READING", "prepaid.read_list_import", "开始导入"),
        "finish": Step(("READING",), "DONE", "prepaid.read_list_import", "导入完成"),
        "refuse": Step(("READING",), "REFUSED", "prepaid.read_list_import", "整份退回"),
    },
)


class ListedEntryQuerySet(LockingQuerySet["ListedEntry"]):
    """Lines as one asks for them."""

    def in_force(self, on: date) -> Self:
        """Those listed by then and not yet removed."""
        return self.filter(Q(removed_on=None) | Q(removed_on__gt=on), listed_on__lte=on)


class ListedEntry(models.Model):
    """One line of a list: a business by its USCC, or a person by the keyed hash of the identity number."""

    class Kind(models.TextChoices):
        ABNORMAL = "ABNORMAL", "经营异常名录"
        SERIOUS = "SERIOUS", "严重违法失信名单"
        DISHONEST = "DISHONEST", "失信被执行人"
        DEREGISTERING = "DEREG", "注销公告"

    kind = models.CharField("名单", max_length=9, choices=Kind.choices)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True, db_index=True)
    person_idx = models.CharField(max_length=32, blank=True, db_index=True)
    name = models.CharField("名称", max_length=200)
    listed_on = models.DateField("列入日")
    removed_on = models.DateField("移出日", null=True)
    reason = models.CharField("列入原因", max_length=300, blank=True)
    file = models.ForeignKey(ListImport, models.PROTECT, related_name="entries", verbose_name="导入")

    objects = ListedEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "失信与异常名单"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "uscc", "person_idx", "listed_on"], name="listed_entry_once"),
            models.CheckConstraint(name="listed_entry_names_one", condition=~Q(uscc="", person_idx="")),
            models.CheckConstraint(
                name="listed_entry_span", condition=Q(removed_on=None) | Q(removed_on__gte=F("listed_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"


class ListedMerchant(models.Model):
    """A merchant that a line of a list is about, by its licence or its legal representative, and the stop it caused."""

    entry = models.ForeignKey(ListedEntry, models.PROTECT, related_name="matches", verbose_name="名单")
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="listings", verbose_name="商家")
    restriction = models.ForeignKey(Restriction, models.PROTECT, null=True, related_name="+", verbose_name="限制新发卡")

    objects = OfRegionQuerySet["ListedMerchant"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "列入名单的商家"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["entry", "merchant"], name="listed_merchant_once")]

    def __str__(self) -> str:
        return f"{self.merchant} {self.entry}"
