"""Settlements of shops and the accounts they are paid to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin
from core.case_lists import column
from core.case_panels import VERB_WORDS, Panel, facts, link, table
from core.csv_export import plain_yuan
from core.money import yuan
from core.templatetags.portal_ui import cn_date, cn_datetime, moment, money, state_of
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.models import CustodianNotice, PayoutAccount, Settlement
from prepaid.models.settlements import PAYOUT_ACCOUNT_LIFECYCLE, SETTLEMENT_LIFECYCLE
from prepaid.settlements import movements

SHOWN = 50
VERB_WORDS.update(
    {
        "settlement.order": "结算，送银行打款",
        "settlement.arrive": "结算到账",
        "settlement.bounce": "银行退回，款回到应付",
        "settlement.doubt": "银行回话对不上，待查",
        "refund.doubt": "银行回话对不上，待查",
        "payout_account.register": "登记收款账户",
        "payout_account.cancel": "撤回更换账户",
        "payout_account.retry": "再次打款到原账户",
        "payout_account.start": "启用收款账户",
        "visit.owe": "更正，从以后的结算里退回",
        "visit.owe_end": "登记的更正了结",
        "contract.cancel_order": "取消付款订单",
    }
)


def span(row: Settlement) -> str:
    """The days whose releases it pays."""
    return f"{row.covers_from or '入驻'} 至 {row.covers_to}"


@admin.register(Settlement)
class SettlementAdmin(CaseAdmin):
    """What shops were paid, and what of it the bank has not answered."""

    lifecycle = SETTLEMENT_LIFECYCLE
    list_help = "已确认的消费和按期划付，下一个工作日合成一笔结算给商家；银行回话前在途。"
    list_display = ("code_", "merchant", "status_", "amount", "account", "ordered_on", "finished")
    list_filter = ("status", ("merchant__industry", admin.RelatedOnlyFieldListFilter), "ordered_on")
    list_select_related = ("merchant", "account")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact", "bank_ref__istartswith")
    code_fields = ("code",)
    ordering = ("-id",)
    empty_text = "还没有结算。"
    export_columns = (
        ("结算单号", lambda row: row.code),
        ("商家", lambda row: row.merchant.brand_name),
        ("结算日", lambda row: row.ordered_on),
        ("业务日", span),
        ("金额（元）", lambda row: plain_yuan(row.amount_fen)),
        ("结转（元）", lambda row: plain_yuan(row.carried_fen)),
        ("状态", lambda row: row.get_status_display()),
        ("收款账户", lambda row: str(row.account)),
        ("银行流水号", lambda row: row.bank_ref),
        ("失败原因", lambda row: row.failure),
        ("完成时间", lambda row: row.finished_at),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Settlement]:
        """With shop and account."""
        return super().get_queryset(request).select_related("merchant", "merchant__region", "account")

    @column("结算", order="id")
    def code_(self, row: Settlement) -> str:
        """Its number."""
        return row.code

    @column("状态", order="status")
    def status_(self, row: Settlement) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("金额", order="amount_fen", num=True)
    def amount(self, row: Settlement) -> SafeString:
        """What was ordered."""
        return money(row.amount_fen)

    @column("完成", order="finished_at")
    def finished(self, row: Settlement) -> Any:
        """When the bank answered."""
        return moment(row.finished_at) if row.finished_at else ""

    def heading(self, case: Settlement) -> str:
        """Shop and day."""
        return f"{case.merchant.brand_name} {case.ordered_on} 结算"

    def lead(self, case: Settlement) -> str:
        """Sum and account."""
        return f"¥{yuan(case.amount_fen)} · {case.account} · {case.code}"

    def panels(self, case: Settlement, by: Actor) -> list[Panel]:
        """Where it stands, what it is made of, and every word of the bank about it."""
        pairs = [
            ("金额", money(case.amount_fen)),
            ("业务日", span(case)),
            ("结转", money(case.carried_fen), "以前退回的（+）或此后退给顾客的（−）" if case.carried_fen else ""),
            ("收款账户", str(case.account), "与营业执照同名" if case.account.is_own_name else "法定代表人（经营者）"),
            ("银行流水号", case.bank_ref or "—"),
            ("失败原因", case.failure),
            ("完成", cn_datetime(case.finished_at) if case.finished_at else "银行还没有回话"),
        ]
        lines = [
            (one.pk, one.get_kind_display(), cn_date(one.biz_date), money(one.signed_fen))  # type: ignore[attr-defined]
            for one in movements(case)[:SHOWN]
        ]
        told = [
            (one.bank_ref, one.kind, money(one.amount_fen), one.outcome, cn_datetime(one.received_at))
            for one in CustodianNotice.objects.filter(number=case.code).order_by("-id")[:SHOWN]
        ]
        return [
            facts("结算", pairs),
            table("组成（前 50 笔）", ("流水号", "事由", "业务日", "金额"), lines, numeric=(3,), empty="只有结转的款"),
            table("银行的回话", ("银行流水号", "类型", "金额", "处理结果", "时间"), told, numeric=(2,), empty="还没有"),
        ]

    def side(self, case: Settlement, by: Actor) -> list[Panel]:
        """Where else to look."""
        return [facts("相关", [("商家", link(rows.case_url(case.merchant), "一企一档"))], as_list=True)]


@admin.register(PayoutAccount)
class PayoutAccountAdmin(CaseAdmin):
    """Where shops are paid; a change that was not the shop's is taken back here."""

    lifecycle = PAYOUT_ACCOUNT_LIFECYCLE
    list_help = "商家的结算收款账户。更换要验证手机并等 3 天，期间商家和监管人员都能撤回。"
    list_display = ("shop", "status_", "bank", "last4", "own_name", "effective_on", "created")
    list_filter = ("status", "is_own_name", "effective_on")
    list_select_related = ("merchant",)
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact", "last4")
    ordering = ("-id",)
    empty_text = "还没有商家登记收款账户。"
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("状态", lambda row: row.get_status_display()),
        ("开户银行", lambda row: row.bank),
        ("尾号", lambda row: row.last4),
        ("生效日", lambda row: row.effective_on),
    )
    acts = {
        "cancel": Act(
            lambda pk, data, by: prepaid.cancel_payout_account(pk, by=by),
            lambda case: f"撤回后，{case.merchant.brand_name} 的结算照旧打到原账户，尾号 {case.last4} 不会启用。",
            icon="x",
            done="已撤回，照旧打到原账户",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutAccount]:
        """With the shop."""
        return super().get_queryset(request).select_related("merchant", "merchant__region", "requested_by")

    @column("商家", order="merchant")
    def shop(self, row: PayoutAccount) -> str:
        """The shop."""
        return row.merchant.brand_name

    @column("状态", order="status")
    def status_(self, row: PayoutAccount) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("户名")
    def own_name(self, row: PayoutAccount) -> str:
        """Whose name it is in."""
        return "与营业执照同名" if row.is_own_name else "法定代表人（经营者）"

    @column("登记", order="created_at")
    def created(self, row: PayoutAccount) -> SafeString:
        """When."""
        return moment(row.created_at)

    def heading(self, case: PayoutAccount) -> str:
        """Shop and account."""
        return f"{case.merchant.brand_name} 收款账户"

    def lead(self, case: PayoutAccount) -> str:
        """The account, masked."""
        return f"{case} · {self.own_name(case)} · {cn_date(case.effective_on)} 生效"

    def panels(self, case: PayoutAccount, by: Actor) -> list[Panel]:
        """What was paid to it."""
        paid = [
            (
                link(rows.case_url(one), one.code),
                state_of(one, "officer"),
                money(one.amount_fen),
                cn_date(one.ordered_on),
            )
            for one in case.settlements.order_by("-id")[:SHOWN]
        ]
        return [table("结算", ("结算", "状态", "金额", "结算日"), paid, numeric=(2,), empty="还没有打过款")]
