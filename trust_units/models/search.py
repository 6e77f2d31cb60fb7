"""Tables of the search as the ORM may read them; trust_units/sql makes them, trust_units.search writes them."""

from __future__ import annotations

from django.db import models


class UnitSearch(models.Model):
    """What the public finds of one unit; no row, no hit. Replaced as a whole every night."""

    unit_id = models.BigIntegerField("单位", primary_key=True)
    rank_no = models.IntegerField("排序")
    code = models.TextField("编号")
    name = models.TextField("名称")
    sign_name = models.TextField("店招")
    address = models.TextField("地址")
    region_code = models.IntegerField("地区")
    industry = models.SmallIntegerField("行业")
    stars = models.SmallIntegerField("星级")
    flags = models.SmallIntegerField("承诺")
    unit_type = models.TextField("类型")
    status = models.TextField("所在库")
    norm_version = models.SmallIntegerField("规范化版本")
    updated_at = models.DateTimeField("更新时间")

    class Meta:
        managed = False
        db_table = "unit_search"
        verbose_name = verbose_name_plural = "公众检索"

    def __str__(self) -> str:
        return self.sign_name or self.name


class UnitViewCount(models.Model):
    """How often the public page of a unit was opened on one day; nothing is kept about the readers."""

    pk = models.CompositePrimaryKey("unit_id", "on_day")
    unit_id = models.BigIntegerField("单位")
    on_day = models.DateField("日期")
    n = models.IntegerField("次数")

    class Meta:
        managed = False
        db_table = "unit_view_count"
        verbose_name = verbose_name_plural = "查看次数"

    def __str__(self) -> str:
        return f"{self.unit_id} {self.on_day} {self.n}"
