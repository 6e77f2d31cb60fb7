"""Places, trades, days and rules: data that changes by publication, not by use."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


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


class RulePack(models.Model):
    """The rules of one region from one day on; ``inherits`` names the pack that fills what it leaves open."""

    id = models.CharField("编号", max_length=30, primary_key=True)
    region_code = models.CharField("地区", max_length=12)
    inherits = models.CharField("继承", max_length=30, blank=True)
    effective_from = models.DateField("施行日")
    effective_to = models.DateField("失效日", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "规则包"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.id


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
