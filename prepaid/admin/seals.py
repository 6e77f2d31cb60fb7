"""每日封账: the sealed days, as they are published."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.case_lists import ReadOnlyAdmin, column
from core.csv_export import plain_yuan
from core.templatetags.portal_ui import cn_datetime, money
from prepaid.models import Seal


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    """One row a day; the same list is public under /transparency/roots."""

    opens_case = False
    list_help = "每天 04:30 封前一天的账，根和签名公布在“每日封账”页；封账后不能再记这一天的账。"
    list_display = ("biz_date", "count", "amount", "root", "kid", "sealed")
    ordering = ("-biz_date",)
    empty_text = "第一笔预付款入账的第二天凌晨开始封账。"
    export_columns = (
        ("日期", lambda row: row.biz_date),
        ("笔数", lambda row: row.n),
        ("发生额（元）", lambda row: plain_yuan(row.amount_sum_fen)),
        ("默克尔根", lambda row: bytes(row.merkle_root).hex()),
        ("公钥编号", lambda row: row.kid),
        ("封账时间", lambda row: row.sealed_at),
    )

    @column("笔数", order="n", num=True)
    def count(self, row: Seal) -> str:
        """How many movements."""
        return str(row.n)

    @column("发生额", order="amount_sum_fen", num=True)
    def amount(self, row: Seal) -> SafeString:
        """Their sum."""
        return money(row.amount_sum_fen)

    @column("默克尔根")
    def root(self, row: Seal) -> SafeString:
        """The root."""
        return format_html('<span class="text-break small">{}</span>', bytes(row.merkle_root).hex())

    @column("封账时间", order="sealed_at")
    def sealed(self, row: Seal) -> str:
        """When."""
        return cn_datetime(row.sealed_at)
