"""How far trust units cover the registered businesses: one row a county, counted anew each night."""

from __future__ import annotations

from typing import Self

from django.db import models

WHOLE = ""


class CoverageRowQuerySet(models.QuerySet["CoverageRow"]):
    """Rows as one asks for them."""

    def counties(self) -> Self:
        """Without the row of the whole."""
        return self.exclude(area=WHOLE)


class CoverageRow(models.Model):
    """One county (or, with an empty code, all of them): units, businesses, checks and removals of the year."""

    area = models.CharField("区县代码", max_length=12, primary_key=True)
    name = models.CharField("区县", max_length=60)
    counted_on = models.DateField("统计日")
    units = models.PositiveIntegerField("在库单位")
    # A business with several kinds of trust is covered once.
    covered = models.PositiveIntegerField("已覆盖市场主体")
    entities = models.PositiveIntegerField("登记市场主体")
    checked = models.PositiveIntegerField("当年检查")
    removed = models.PositiveIntegerField("当年移除")
    # {pool: units}, [[industry, covered, entities]], [[month, {pool: units}]]
    pools = models.JSONField("各库", default=dict)
    industries = models.JSONField("分行业", default=list)
    months = models.JSONField("逐月", default=list)

    objects = CoverageRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "覆盖率"
        ordering = ["area"]

    def __str__(self) -> str:
        return self.name

    @property
    def coverage(self) -> str:
        """Covered ÷ registered, in percent."""
        return percent(self.covered, self.entities)

    @property
    def removal_rate(self) -> str:
        """Removed ÷ checked, in percent."""
        return percent(self.removed, self.checked)


def percent(part: int, whole: int) -> str:
    """``12.3%``, rounded half up; a dash where there is nothing to divide by."""
    if not whole:
        return "—"
    tenths = (part * 2_000 + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"
