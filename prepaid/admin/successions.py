"""Shops that went over to somebody else, for officers: what changed, who was told, who asked for money back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import column
from core.case_panels import VERB_WORDS, Panel, facts, table
from core.money import yuan
from core.templatetags.portal_ui import moment
from prepaid import actions as prepaid
from prepaid.admin.custody import OfShop
from prepaid.models import Contract, Refund, Succession
from prepaid.models.successions import SUCCESSION_LIFECYCLE

VERB_WORDS.update({"succession.open": "店铺易主，暂停办新卡", "succession.settle": "核实完毕，恢复办卡"})
WORDS = {"legal_rep": "法定代表人或经营者", "legal_name": "营业执照名称", "brand_name": "店招"}


@admin.register(Succession)
class SuccessionAdmin(OfShop, CaseAdmin):
    """Sales stay stopped until an officer finds that somebody answers for the old cards."""

    lifecycle = SUCCESSION_LIFECYCLE
    list_display = ("kind_", "shop", "status_", "told", "opened")
    list_filter = ("status", "kind", "declared")
    list_select_related = ("merchant",)
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    code_fields = ("code",)
    ordering = ("-id",)
    empty_text = "没有店铺易主。"
    list_help = "商家申报，或从执照、经营者、收款人的变更里发现。合同条款不变；核实以前暂停办新卡。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("商家", lambda row: row.merchant.brand_name),
        ("类型", lambda row: row.get_kind_display()),
        ("状态", lambda row: row.get_status_display()),
        ("起", lambda row: row.opened_at),
        ("已通知", lambda row: row.told_count),
    )
    acts = {
        "settle": Act(
            lambda pk, data, by: prepaid.settle_succession(pk, data["reason"], by=by),
            lambda case: f"已通知 {case.told_count} 位持卡人。核实有人接着负责老卡以后，解除暂停办卡。",
            form=ReasonForm,
            done="已核实，商家可以接着办卡",
        ),
    }

    @column("类型", order="kind")
    def kind_(self, row: Succession) -> str:
        """What happened."""
        return row.get_kind_display()

    @column("已通知", num=True)
    def told(self, row: Succession) -> int:
        """How many holders."""
        return row.told_count

    @column("起", order="opened_at")
    def opened(self, row: Succession) -> SafeString:
        """Since when."""
        return moment(row.opened_at)

    def panels(self, case: Succession, by: Actor) -> list[Panel]:
        """Before and after, and the refunds since."""
        live = Contract.objects.filter(merchant=case.merchant_id, status__in=["ACTIVE", "PAUSED"])
        refunds = Refund.objects.filter(merchant=case.merchant_id, cause="MERCHANT", requested_on__gte=case.opened_at)
        pairs: list[Any] = [
            ("来源", "商家申报" if case.declared else "系统发现"),
            ("说明", case.reason or "—"),
            ("使用中的卡", live.count()),
            ("通知", f"{case.told_count} 位，{'已通知完' if case.told_at else '正在通知'}"),
            ("此后按商家原因退款", f"{refunds.count()} 笔，¥{yuan(sum(row.total_fen for row in refunds))}"),
            ("核实结果", case.finding),
        ]
        changed = [[WORDS.get(field, field), *pair] for field, pair in case.changes.items()]
        return [facts("情况", pairs), table("变更", ["项目", "原来", "现在"], changed, empty="没有登记资料的变更")]
