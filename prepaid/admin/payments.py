"""Money on its way in, and money that matched nothing; for reading."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_lists import ReadOnlyAdmin, column
from core.csv_export import plain_yuan
from core.models import Role
from core.permissions import has_role
from core.templatetags.portal_ui import cn_datetime, money, state
from prepaid.models import Contract, CustodianNotice, PaymentOrder, Payout, SuspenseItem

# What matches no contract lies in no region: those who look after the whole custody account see it.
OVERSEERS = has_role(Role.CITY, Role.PROVINCE, Role.AUDITOR, Role.SYSADMIN)


def _orders(by: Actor) -> QuerySet[PaymentOrder]:
    return PaymentOrder.objects.visible_to(by)


def suspense_seen_by(by: Actor) -> QuerySet[SuspenseItem]:
    """The money of the officer's own regions that waits, and what matches nothing for those who oversee."""
    mine = Q(order_no__in=_orders(by).values("order_no"))
    if OVERSEERS.test(by):
        mine |= ~Q(order_no__in=PaymentOrder.objects.values("order_no"))
    return SuspenseItem.objects.filter(mine)


def notices_seen_by(by: Actor) -> QuerySet[CustodianNotice]:
    """What the custodian told us about the officer's contracts; everything unmatched for those who oversee."""
    payouts = Payout.objects.filter(refund__contract__in=Contract.objects.visible_to(by)).values("payout_no")
    mine = Q(number__in=_orders(by).values("order_no")) | Q(number__in=payouts)
    if OVERSEERS.test(by):
        mine |= ~Q(number__in=PaymentOrder.objects.values("order_no")) & ~Q(
            number__in=Payout.objects.values("payout_no")
        )
    return CustodianNotice.objects.filter(mine)


@admin.register(SuspenseItem)
class SuspenseItemAdmin(ReadOnlyAdmin):
    """Money that arrived and matches no order."""

    opens_case = False
    list_help = "到账后对不上订单的钱，先放在待查账户，不付给任何商家。"
    list_display = ("bank_ref", "order_no", "amount", "reason", "status_", "created_at")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "created_at")
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[SuspenseItem]:
        """See ``suspense_seen_by``."""
        return suspense_seen_by(Actor.of(request)).order_by("-id")

    @column("金额", order="amount_fen", num=True)
    def amount(self, row: SuspenseItem) -> SafeString:
        """What came."""
        return money(row.amount_fen)

    @column("状态", order="resolved_at")
    def status_(self, row: SuspenseItem) -> SafeString:
        """Waiting or settled."""
        if row.resolved_at:
            return state("ok", "check", f"已处理 {cn_datetime(row.resolved_at)}")
        return state("warn", "alert", "待查")


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

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustodianNotice]:
        """See ``notices_seen_by``."""
        return notices_seen_by(Actor.of(request)).order_by("-id")

    @column("金额", order="amount_fen", num=True)
    def amount(self, row: CustodianNotice) -> SafeString:
        """What the notice is about."""
        return money(row.amount_fen)
