"""Places, trades, days and rules: data that changes by publication, not by use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet

if TYPE_CHECKING:
    from core.actors import Actor


class Region(models.Model):
    """One administrative division of GB/T 2260, from province to street.

    ``path`` (``33/3301/330108/330108001/``) makes a subtree a prefix, served by one btree.
    """

    code = models.CharField("代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)
    level = models.PositiveSmallIntegerField("级别")
    path = models.CharField("路径", max_length=40, unique=True)
    is_demo = models.BooleanField("演示", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Industry(models.Model):
    """A trade, with the words by which a business name betrays it."""

    code = models.PositiveSmallIntegerField("代码", primary_key=True)
    name = models.CharField("名称", max_length=20)
    prepaid_common = models.BooleanField("常见预付", default=False)
    # Which sector's prepaid rules apply: RETAIL, LODGING_CATERING, RESIDENT_SERVICE (商务部令2012年9号) and others.
    sector = models.CharField("业态", max_length=20, blank=True)
    keywords = ArrayField(models.CharField(max_length=20), default=list, verbose_name="关键词")

    class Meta:
        verbose_name = verbose_name_plural = "行业"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class CalendarDay(models.Model):
    """One day as the State Council published it. A day that is not published rests on Monday to Friday."""

    day = models.DateField("日期", primary_key=True)
    is_working = models.BooleanField("工作日")
    holiday = models.CharField("节日", max_length=20, blank=True)
    published = models.BooleanField("已公布", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "工作日历"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {'工作日' if self.is_working else self.holiday or '休息日'}"


class RulePackQuerySet(LockingQuerySet["RulePack"]):
    """Rule packs as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """What is in force is public; drafts are for the regulators."""
        if by.is_system or (by.user and by.user.is_authenticated and by.user.access.is_regulator):
            return self
        return self.published()

    def published(self) -> Self:
        """Those that were, are or will be in force."""
        return self.filter(status=RulePack.Status.PUBLISHED)

    def in_the_making(self) -> Self:
        """Drafts and proposals."""
        return self.filter(status__in=[RulePack.Status.DRAFT, RulePack.Status.PROPOSED])


class RulePack(models.Model):
    """One version of the rules of a region: ``family`` names what it is a version of, ``inherits`` the pack behind it.

    Published versions of a family follow each other day on day (a trigger checks it) and never change again, except
    that the next one ends them.
    """

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "起草中"
        PROPOSED = "PROPOSED", "待第二人复核"
        PUBLISHED = "PUBLISHED", "已发布"
        REJECTED = "REJECTED", "复核退回"

    id = models.CharField("编号", max_length=30, primary_key=True)
    family = models.CharField("规则系列", max_length=24, blank=True)
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.DRAFT)
    region_code = models.CharField("地区", max_length=12)
    inherits = models.CharField("继承", max_length=30, blank=True)
    effective_from = models.DateField("施行日")
    effective_to = models.DateField("失效日", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    drafted_by = models.ForeignKey("core.User", models.PROTECT, null=True, related_name="+", verbose_name="起草人")
    proposed_by = models.ForeignKey("core.User", models.PROTECT, null=True, related_name="+", verbose_name="提交人")
    proposed_at = models.DateTimeField("提交时间", null=True)
    proposal_hash = models.CharField("提交时内容摘要", max_length=64, blank=True)
    decided_by = models.ForeignKey("core.User", models.PROTECT, null=True, related_name="+", verbose_name="复核人")
    decided_at = models.DateTimeField("复核时间", null=True)
    decision = models.CharField("复核意见", max_length=300, blank=True)

    objects = RulePackQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "规则包"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="rule_pack_status_legal",
                condition=Q(status__in=["DRAFT", "PROPOSED", "PUBLISHED", "REJECTED"]),
            ),
            models.CheckConstraint(
                name="rule_pack_ends_after_start",
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
            ),
            models.CheckConstraint(
                name="rule_pack_by_two", condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by"))
            ),
            models.UniqueConstraint(
                fields=["family"],
                condition=Q(status="PUBLISHED", effective_to=None) & ~Q(family=""),
                name="one_open_rule_pack",
            ),
            models.UniqueConstraint(
                fields=["family"],
                condition=Q(status__in=["DRAFT", "PROPOSED"]) & ~Q(family=""),
                name="one_rule_pack_in_the_making",
            ),
        ]

    def __str__(self) -> str:
        return self.id


RULE_PACK_LIFECYCLE = Lifecycle(
    "core.RulePack",
    "status",
    {
        "propose": Step(("DRAFT",), "PROPOSED", "core.draft_rulepack", "提交复核"),
        "revise": Step(("PROPOSED",), "DRAFT", "core.draft_rulepack", "撤回修改"),
        "publish": Step(("PROPOSED",), "PUBLISHED", "core.sign_rulepack", "复核同意并发布"),
        "reject": Step(("PROPOSED",), "REJECTED", "core.sign_rulepack", "复核退回", caution=True),
    },
)


class Rule(models.Model):
    """One figure of law: its value, the article it stands in, and how sure we are (``tag``)."""

    pack = models.ForeignKey(RulePack, models.CASCADE, related_name="rules", verbose_name="规则包")
    key = models.CharField("键", max_length=60)
    value = models.JSONField("值")
    unit = models.CharField("单位", max_length=20, blank=True)
    base = models.CharField("基数", max_length=40, blank=True)
    basis = models.CharField("依据", max_length=80, blank=True)
    tag = models.CharField("确定程度", max_length=4, blank=True)
    conditions = models.JSONField("条件", default=dict, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "规则"
        constraints = [models.UniqueConstraint(fields=["pack", "key"], name="rule_once_per_pack")]

    def __str__(self) -> str:
        return f"{self.pack_id} {self.key}"
