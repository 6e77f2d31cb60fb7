"""Freezes: proposed by one officer, decided by another."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import column
from core.case_panels import Panel, facts, link
from core.csv_export import plain_yuan
from core.money import yuan
from core.templatetags.portal_ui import cn_datetime, moment, money
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.models import Contract, Freeze
from prepaid.models.freezes import FREEZE_LIFECYCLE


def covered(case: Freeze) -> tuple[int, int]:
    """(contracts with money, fen locked in them now) that a freeze is about."""
    contracts = Contract.objects.filter(merchant=case.merchant_id, account__row_balance_fen__gt=0)
    if case.contract_id:
        contracts = contracts.filter(pk=case.contract_id)
    found = contracts.aggregate(n=Count("pk"), fen=Sum("account__row_balance_fen"))
    return found["n"], found["fen"] or 0


def _said(case: Freeze, before: str, after: str) -> str:
    count, fen = covered(case)
    return f"{before}{case.merchant.brand_name} 的 {count} 份合同、锁定 ¥{yuan(fen)}，{after}"


@admin.register(Freeze)
class FreezeAdmin(CaseAdmin):
    """One order that money is not paid to a merchant; two officers sign."""

    lifecycle = FREEZE_LIFECYCLE
    list_display = ("what", "status_", "locked", "proposer", "proposed", "approver", "approved")
    list_filter = ("status", ("merchant__industry", admin.RelatedOnlyFieldListFilter), "proposed_at")
    list_select_related = ("merchant", "proposed_by", "approved_by")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    code_fields = ("contract__code",)
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("范围", lambda row: str(row.contract) if row.contract_id else "整个商家"),
        ("状态", lambda row: row.get_status_display()),
        ("提出时锁定（元）", lambda row: plain_yuan(row.locked_fen)),
        ("理由", lambda row: row.reason),
        ("提出人", lambda row: row.proposed_by.name),
        ("提出时间", lambda row: row.proposed_at),
        ("复核人", lambda row: row.approved_by.name if row.approved_by else ""),
        ("复核时间", lambda row: row.approved_at),
    )
    acts = {
        "approve": Act(
            lambda pk, data, by: prepaid.approve_freeze(pk, by=by),
            lambda case: _said(case, "签后，", "停止划拨给商家；消费者退款照常，商家会收到短信。"),
            icon="snow",
            done="已复核同意，冻结生效",
        ),
        "reject": Act(
            lambda pk, data, by: prepaid.reject_freeze(pk, data["reason"], by=by),
            lambda case: _said(case, "退回后，", "照常划拨给商家；提出人可以补充理由再提。"),
            form=ReasonForm,
            icon="back",
            done="已退回，没有冻结",
        ),
        "propose_lift": Act(
            lambda pk, data, by: prepaid.propose_lift(pk, data["reason"], by=by),
            lambda case: _said(case, "现在提出不会马上解冻。第二人复核同意后，", "恢复划拨给商家。"),
            form=ReasonForm,
            icon="lock",
            done="已提出解冻，等第二人复核",
        ),
        "approve_lift": Act(
            lambda pk, data, by: prepaid.approve_lift(pk, by=by),
            lambda case: _said(case, "签后，", "恢复划拨给商家，暂停的周期划拨接着付，等着的退款余款一并结清。"),
            icon="check",
            done="已复核同意，已解冻",
        ),
        "reject_lift": Act(
            lambda pk, data, by: prepaid.reject_lift(pk, data["reason"], by=by),
            lambda case: _said(case, "不同意后，", "继续冻结。"),
            form=ReasonForm,
            icon="x",
            done="继续冻结",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Freeze]:
        """With both names."""
        return super().get_queryset(request).select_related(
            "merchant", "merchant__region", "contract", "contract__account", "contract__plan",
            "proposed_by", "approved_by", "lift_proposed_by", "lift_approved_by",
        )  # fmt: skip

    @column("冻结", order="id")
    def what(self, row: Freeze) -> str:
        """The shop."""
        return row.merchant.brand_name

    def second_line(self, row: Freeze) -> str:
        """The extent."""
        return f"合同 {row.contract}" if row.contract_id else "整个商家"

    @column("状态", order="status")
    def status_(self, row: Freeze) -> SafeString:
        """In the words of officers."""
        return rows.freeze_state(row)

    @column("提出时锁定", order="locked_fen", num=True)
    def locked(self, row: Freeze) -> SafeString:
        """Locked when it was proposed."""
        return money(row.locked_fen)

    @column("提出人")
    def proposer(self, row: Freeze) -> str:
        """The first officer."""
        return row.proposed_by.name

    @column("提出", order="proposed_at")
    def proposed(self, row: Freeze) -> SafeString:
        """When."""
        return moment(row.proposed_at)

    @column("复核人")
    def approver(self, row: Freeze) -> str:
        """The second officer."""
        return row.approved_by.name if row.approved_by else ""

    @column("复核", order="approved_at")
    def approved(self, row: Freeze) -> SafeString:
        """When."""
        return moment(row.approved_at)

    def heading(self, case: Freeze) -> str:
        """Shop and sum."""
        return f"{case.merchant.brand_name} 资金冻结"

    def lead(self, case: Freeze) -> str:
        """Extent and sum."""
        extent = f"合同 {case.contract}" if case.contract_id else "整个商家"
        return f"{extent} · 提出时锁定 ¥{yuan(case.locked_fen)}"

    def states(self, case: Freeze) -> list[SafeString]:
        """Its state."""
        return [rows.freeze_state(case)]

    def panels(self, case: Freeze, by: Actor) -> list[Panel]:
        """Why, who, and what it is about."""
        count, fen = covered(case)
        pairs = [
            ("现在涉及", f"{count} 份合同"),
            ("现在锁定", money(fen)),
            ("冻结理由", case.reason),
            ("提出人", case.proposed_by.name, cn_datetime(case.proposed_at)),
            ("复核人", case.approved_by.name if case.approved_by else "等第二人复核", cn_datetime(case.approved_at)),
            ("解冻理由", case.lift_reason),
            ("解冻提出人", case.lift_proposed_by.name if case.lift_proposed_by else ""),
            ("解冻复核人", case.lift_approved_by.name if case.lift_approved_by else "", cn_datetime(case.lifted_at)),
        ]
        contracts = Contract.objects.filter(merchant=case.merchant_id, account__row_balance_fen__gt=0)
        if case.contract_id:
            contracts = contracts.filter(pk=case.contract_id)
        return [
            facts("冻结", pairs),
            rows.contracts_table(contracts.with_money().select_related("holder").order_by("-id")[:20]),
        ]

    def side(self, case: Freeze, by: Actor) -> list[Panel]:
        """The rule of two, and where else to look."""
        own = by.user is not None and by.user.pk in (
            case.proposed_by_id if case.status == "PROPOSED" else 0,
            case.lift_proposed_by_id if case.status == "LIFT_PROPOSED" else 0,
        )
        rule = "您提出的，须由他人复核。" if own else "提出和复核不得是同一人，受委托代办时也一样。"
        links: list[Any] = [
            ("两人规则", rule),
            ("商家", link(rows.case_url(case.merchant), "一企一档")),
            ("合同", link(rows.case_url(case.contract), str(case.contract)) if case.contract else ""),
        ]
        return [facts("相关", links, as_list=True)]
