"""Money on its way in, and money that matched nothing; for reading."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import ReadOnlyAdmin, column
from core.case_panels import Panel, facts, link
from core.csv_export import plain_yuan
from core.money import yuan
from core.templatetags.portal_ui import cn_datetime, money, state_of
from prepaid import actions as prepaid
from prepaid.admin.rows import case_url
from prepaid.bank_files.shapes import tail_of
from prepaid.models import CustodianNotice, SuspenseItem
from prepaid.models.payments import SUSPENSE_LIFECYCLE


class ReturnForm(ReasonForm):
    """Why, and to which account where the bank's slip names another."""

    account = forms.CharField(
        label="收款账号",
        required=False,
        max_length=32,
        help_text="留空则退回原付款账户",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    payee = forms.CharField(label="收款人", required=False, max_length=40, help_text="填了账号就要填户名")


class PlaceForm(ReasonForm):
    """Which order the money was meant for."""

    order_no = forms.CharField(
        label="订单号",
        max_length=16,
        help_text="金额要和订单一致",
        error_messages={"required": "填要归入的订单号"},
    )
    field_order = ("order_no", "reason")


@admin.register(SuspenseItem)
class SuspenseItemAdmin(CaseAdmin):
    """Money that arrived and matches no order: returned to the payer, or put to the order it was meant for."""

    lifecycle = SUSPENSE_LIFECYCLE
    list_help = "到账后对不上订单的钱，先放在待查账户，不付给任何商家。"
    acts = {
        "place": Act(
            lambda pk, data, by: prepaid.place_suspense(pk, data["order_no"], data["reason"], by=by),
            lambda case: f"¥{yuan(case.amount_fen)} 从待查账户转出，锁定到订单的卡里，持卡人会收到短信。",
            form=PlaceForm,
            icon="lock",
            done="已归入订单，钱已锁定",
        ),
        "return": Act(
            lambda pk, data, by: prepaid.return_suspense(
                pk, data["reason"], by=by, account=data["account"], payee=data["payee"]
            ),
            lambda case: f"请银行退回 ¥{yuan(case.amount_fen)}；到账前钱留在待查账户，退不进去会回到待查。",
            form=ReturnForm,
            icon="back",
            done="已请银行退回",
        ),
    }
    list_display = ("bank_ref", "order_no", "amount", "reason", "status_", "created_at")
    list_filter = ("status", ("resolved_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("bank_ref__istartswith", "order_no__istartswith")
    ordering = ("-id",)
    empty_text = "没有待查款项，每一笔到账都对上了订单。"
    export_columns = (
        ("银行流水号", lambda row: row.bank_ref),
        ("订单号", lambda row: row.order_no),
        ("金额（元）", lambda row: plain_yuan(row.amount_fen)),
        ("原因", lambda row: row.reason),
        ("时间", lambda row: row.created_at),
        ("处理时间", lambda row: row.resolved_at),
    )

    @column("金额", order="amount_fen", num=True)
    def amount(self, row: SuspenseItem) -> SafeString:
        """What came."""
        return money(row.amount_fen)

    @column("状态", order="status")
    def status_(self, row: SuspenseItem) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    def heading(self, case: SuspenseItem) -> str:
        """The sum."""
        return f"待查款项 ¥{yuan(case.amount_fen)}"

    def lead(self, case: SuspenseItem) -> str:
        """Why it waits."""
        return case.reason

    def panels(self, case: SuspenseItem, by: Actor) -> list[Panel]:
        """What came, and what became of it."""
        order = case.placed_order
        return [
            facts("到账", [
                ("银行流水号", case.bank_ref),
                ("付款人写的单号", case.order_no),
                ("付款账户", f"尾号 {tail_of(case.payer)}" if case.payer else ""),
                ("到账时间", cn_datetime(case.created_at)),
            ]),
            facts("处理", [
                ("说明", case.decision or "等人处理"),
                ("处理人", case.decided_by.name if case.decided_by else ""),
                ("退回单号", case.return_no or ""),
                ("归入的订单", link(case_url(order.contract), order.order_no) if order else ""),
                ("办结", cn_datetime(case.resolved_at) if case.resolved_at else ""),
            ]),
        ]  # fmt: skip


@admin.register(CustodianNotice)
class CustodianNoticeAdmin(ReadOnlyAdmin):
    """What the bank told us, and what came of it."""

    opens_case = False
    list_help = "存管银行的每一次回调，同一流水号只处理一次。"
    list_display = ("bank_ref", "kind", "number", "amount", "outcome", "received_at")
    list_filter = ("kind", "received_at")
    search_fields = ("bank_ref__istartswith", "number__istartswith")
    ordering = ("-id",)
    empty_text = "还没有收到存管银行的回调。"
    export_columns = (
        ("银行流水号", lambda row: row.bank_ref),
        ("类型", lambda row: row.kind),
        ("我方编号", lambda row: row.number),
        ("金额（元）", lambda row: plain_yuan(row.amount_fen)),
        ("处理结果", lambda row: row.outcome),
        ("收到时间", lambda row: row.received_at),
    )

    @column("金额", order="amount_fen", num=True)
    def amount(self, row: CustodianNotice) -> SafeString:
        """What the notice is about."""
        return money(row.amount_fen)
