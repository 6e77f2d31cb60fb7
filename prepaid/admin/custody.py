"""Custody for regulators: the check of every merchant, shortfalls with their clock, guarantees, court orders."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, CaseForm, ReasonForm
from core.case_lists import ReadOnlyAdmin, column
from core.case_panels import VERB_WORDS, CaseClock, Panel, day_clock, done_clock, facts, link, table
from core.csv_export import plain_yuan
from core.money import yuan
from core.templatetags.portal_ui import cn_date, money, state_of
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.forms.console import YuanField
from prepaid.models import CustodyAccount, CustodyCheck, CustodyWarning, Guarantee
from prepaid.models.custody import CUSTODY_WARNING_LIFECYCLE, GUARANTEE_LIFECYCLE

VERB_WORDS.update(
    {
        "custody.account": "登记存管账户",
        "custody.balance": "登记存管余额",
        "guarantee.submit": "提交保险或保函",
        "guarantee.confirm": "核实保险或保函",
        "guarantee.reject": "不予认可保险或保函",
        "custody_warning.open": "存管不足，限期补足",
        "custody_warning.lapse": "逾期未补足",
        "custody_warning.extend": "延长补足期限",
        "custody_warning.stop": "确认停止新发卡",
        "custody_warning.meet": "已补足，预警解除",
        "court_order.record": "登记法院冻结",
        "court_order.propose_lift": "提出解除法院冻结",
        "court_order.approve_lift": "第二人复核同意解除",
        "court_order.reject_lift": "不同意解除",
    }
)
DAY = {"required": "填日期，如 2026-08-01", "invalid": "日期写成 2026-08-01 这样"}


def day_field(label: str, **more: Any) -> forms.DateField:
    """A day, with a calendar where the browser has one."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), error_messages=DAY, **more)


class BalanceForm(CaseForm):
    """What the bank says it held at the end of a day."""

    on = day_field("日期")
    balance_fen = YuanField(label="日终余额（元）", error_messages={"required": "填日终余额"})
    source = forms.CharField(label="来源", max_length=100, help_text="如「存管银行 8 月对账单」")


class ExtendForm(ReasonForm):
    """Until when, and why."""

    due_on = day_field("新的期限")


class OfShop:
    """Columns and links that every row of a merchant has."""

    @column("商家", order="merchant")
    def shop(self, row: Any) -> str:
        """The shop."""
        return str(row.merchant.brand_name)

    @column("状态", order="status")
    def status_(self, row: Any) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    def side(self, case: Any, by: Actor) -> list[Panel]:
        """Where else to look."""
        return [facts("相关", [("商家", link(rows.case_url(case.merchant), "一企一档"))], as_list=True)]


def check_facts(check: CustodyCheck | None) -> Panel:
    """One check as figures."""
    if check is None:
        return facts("存管核算", [("核算", "每日 1:30 核算，还没有结果")])
    pairs = [
        ("依据", check.basis or "当地没有存管比例的规定"),
        ("上季末预收余额", money(check.base_fen), cn_date(check.quarter_end)),
        ("当前预收余额", money(check.obligations_fen)),
        ("应存管", money(check.required_fen), f"{check.ratio_bp / 100:g}%" if check.ratio_bp else ""),
        ("平台锁定", money(check.locked_fen)),
        ("专户余额", money(check.custody_fen)),
        ("保险与保函", money(check.guarantee_fen)),
        ("缺口", money(check.shortfall_fen) if check.shortfall_fen else "没有"),
        ("核算日", cn_date(check.checked_on)),
    ]
    return facts("存管核算", pairs)


@admin.register(CustodyCheck)
class CustodyCheckAdmin(OfShop, ReadOnlyAdmin):
    """How the money behind every merchant's cards compares with what the rule asks."""

    opens_case = False
    list_help = "每日核算：应存管按当地规则包，平台锁定、专户余额、有效的保险和保函都算。"
    list_display = ("shop", "base", "required", "locked", "custody", "guarantee", "shortfall", "quarter_end", "basis")
    list_filter = ("quarter_end", ("merchant__industry", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("merchant",)
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    ordering = ("-quarter_end", "-shortfall_fen", "-id")
    empty_text = "每日 1:30 核算后列在这里。"
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("上季末", lambda row: row.quarter_end),
        ("上季末预收余额（元）", lambda row: plain_yuan(row.base_fen)),
        ("当前预收余额（元）", lambda row: plain_yuan(row.obligations_fen)),
        ("应存管（元）", lambda row: plain_yuan(row.required_fen)),
        ("平台锁定（元）", lambda row: plain_yuan(row.locked_fen)),
        ("专户余额（元）", lambda row: plain_yuan(row.custody_fen)),
        ("保险与保函（元）", lambda row: plain_yuan(row.guarantee_fen)),
        ("缺口（元）", lambda row: plain_yuan(row.shortfall_fen)),
        ("依据", lambda row: row.basis),
    )

    @column("上季末余额", order="base_fen", num=True)
    def base(self, row: CustodyCheck) -> SafeString:
        """The base."""
        return money(row.base_fen)

    @column("应存管", order="required_fen", num=True)
    def required(self, row: CustodyCheck) -> SafeString:
        """What the rule asks."""
        return money(row.required_fen)

    @column("平台锁定", order="locked_fen", num=True)
    def locked(self, row: CustodyCheck) -> SafeString:
        """Locked here."""
        return money(row.locked_fen)

    @column("专户", order="custody_fen", num=True)
    def custody(self, row: CustodyCheck) -> SafeString:
        """In the special account."""
        return money(row.custody_fen)

    @column("保险保函", order="guarantee_fen", num=True)
    def guarantee(self, row: CustodyCheck) -> SafeString:
        """Insured."""
        return money(row.guarantee_fen)

    @column("缺口", order="shortfall_fen", num=True)
    def shortfall(self, row: CustodyCheck) -> Any:
        """What is missing."""
        return money(row.shortfall_fen) if row.shortfall_fen else ""


@admin.register(CustodyWarning)
class CustodyWarningAdmin(OfShop, CaseAdmin):
    """A shortfall: made up in time, or new sales stop once an officer confirms."""

    lifecycle = CUSTODY_WARNING_LIFECYCLE
    list_display = ("shop", "status_", "shortfall", "opened_on", "due_on", "basis")
    list_filter = ("status", ("merchant__industry", admin.RelatedOnlyFieldListFilter), "due_on")
    list_select_related = ("merchant",)
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    ordering = ("-id",)
    empty_text = "没有存管不足的商家。"
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("状态", lambda row: row.get_status_display()),
        ("缺口（元）", lambda row: plain_yuan(row.shortfall_fen)),
        ("预警日", lambda row: row.opened_on),
        ("补足期限", lambda row: row.due_on),
        ("补足日", lambda row: row.met_on),
        ("依据", lambda row: row.basis),
    )
    acts = {
        "stop": Act(
            lambda pk, data, by: prepaid.stop_sales_for_custody(pk, by=by),
            lambda case: (
                f"确认后，{case.merchant.brand_name} 停止新发卡，还差 ¥{yuan(case.shortfall_fen)}；"
                "已售出的卡照常使用、照常退款，补足后自动解除。"
            ),
            icon="stop",
            done="已停止新发卡",
        ),
        "extend": Act(
            lambda pk, data, by: prepaid.extend_custody_warning(pk, data["due_on"], data["reason"], by=by),
            lambda case: f"原期限 {case.due_on}，还差 ¥{yuan(case.shortfall_fen)}。",
            form=ExtendForm,
            icon="clock",
            done="已延长补足期限",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustodyWarning]:
        """With the shop."""
        return super().get_queryset(request).select_related("merchant", "merchant__region", "confirmed_by")

    @column("缺口", order="shortfall_fen", num=True)
    def shortfall(self, row: CustodyWarning) -> SafeString:
        """What is missing."""
        return money(row.shortfall_fen)

    def heading(self, case: CustodyWarning) -> str:
        """The shop."""
        return f"{case.merchant.brand_name} 存管预警"

    def lead(self, case: CustodyWarning) -> str:
        """What is missing since when."""
        return f"{cn_date(case.opened_on)} 起缺 ¥{yuan(case.shortfall_fen)} · {case.basis}"

    def clocks(self, case: CustodyWarning) -> list[CaseClock]:
        """The time to make it up."""
        if case.met_on:
            return [done_clock("补足期限", "已补足", cn_date(case.met_on))]
        return [day_clock("补足期限", case.due_on, then="补足")]

    def panels(self, case: CustodyWarning, by: Actor) -> list[Panel]:
        """The figures behind it."""
        pairs = [("说明", case.reason), ("确认停售", case.confirmed_by.name if case.confirmed_by else "")]
        return [check_facts(CustodyCheck.objects.newest(case.merchant_id)), facts("办理", pairs)]


@admin.register(Guarantee)
class GuaranteeAdmin(OfShop, CaseAdmin):
    """Insurance and bank guarantees that stand in for custody money."""

    lifecycle = GUARANTEE_LIFECYCLE
    list_help = "核实后、在有效期内，冲抵应存管的金额（单用途商业预付卡管理办法第28条）。"
    list_display = ("shop", "status_", "kind", "issuer", "number", "amount", "valid_from", "valid_to")
    list_filter = ("status", "kind", "valid_to")
    list_select_related = ("merchant",)
    search_fields = ("merchant__brand_name__icontains", "number__istartswith", "issuer__icontains")
    ordering = ("-id",)
    empty_text = "还没有商家提交保险或保函。"
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("类型", lambda row: row.get_kind_display()),
        ("状态", lambda row: row.get_status_display()),
        ("出具机构", lambda row: row.issuer),
        ("号码", lambda row: row.number),
        ("保额（元）", lambda row: plain_yuan(row.amount_fen)),
        ("有效期起", lambda row: row.valid_from),
        ("有效期止", lambda row: row.valid_to),
    )
    acts = {
        "confirm": Act(
            lambda pk, data, by: prepaid.confirm_guarantee(pk, by=by),
            lambda case: (
                f"核实后，{case.merchant.brand_name} 的覆盖增加 ¥{yuan(case.amount_fen)}，到 {case.valid_to} 止。"
            ),
            icon="shield",
            done="已核实，下次核算计入",
        ),
        "reject": Act(
            lambda pk, data, by: prepaid.reject_guarantee(pk, data["reason"], by=by),
            lambda case: f"不认可后，{case.merchant.brand_name} 的覆盖不含这 ¥{yuan(case.amount_fen)}。",
            form=ReasonForm,
            icon="x",
            done="已退回，不计入",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Guarantee]:
        """With the shop and the paper."""
        return super().get_queryset(request).select_related(
            "merchant", "merchant__region", "file", "submitted_by", "decided_by"
        )  # fmt: skip

    @column("保额", order="amount_fen", num=True)
    def amount(self, row: Guarantee) -> SafeString:
        """For how much."""
        return money(row.amount_fen)

    def heading(self, case: Guarantee) -> str:
        """Shop and kind."""
        return f"{case.merchant.brand_name} {case.get_kind_display()}"

    def lead(self, case: Guarantee) -> str:
        """Number, sum and span."""
        return f"{case.issuer} {case.number} · ¥{yuan(case.amount_fen)} · {case.valid_from} 至 {case.valid_to}"

    def panels(self, case: Guarantee, by: Actor) -> list[Panel]:
        """The paper and the check."""
        pairs = [
            ("提交人", str(case.submitted_by)),
            ("核实人", case.decided_by.name if case.decided_by else ""),
            ("说明", case.reason),
            ("凭证", case.file.title if case.file else "没有上传"),
        ]
        return [facts("凭证与核实", pairs), check_facts(CustodyCheck.objects.newest(case.merchant_id))]


@admin.register(CustodyAccount)
class CustodyAccountAdmin(OfShop, CaseAdmin):
    """Special accounts and what their banks say they hold."""

    list_display = ("shop", "kind", "custodian", "last4", "opened_on", "closed_on")
    list_filter = ("kind", "opened_on")
    list_select_related = ("merchant",)
    search_fields = ("merchant__brand_name__icontains", "custodian__icontains", "last4")
    ordering = ("-id",)
    empty_text = "还没有登记商家自己的存管账户。在「一企一档」里登记。"
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("账户性质", lambda row: row.get_kind_display()),
        ("存管银行", lambda row: row.custodian),
        ("尾号", lambda row: row.last4),
        ("启用日", lambda row: row.opened_on),
        ("停用日", lambda row: row.closed_on),
    )
    acts = {
        "balance": Act(
            lambda pk, data, by: prepaid.record_custody_balance(
                pk, data["on"], data["balance_fen"], data["source"], by=by
            ),
            lambda case: f"登记 {case} 的日终余额；同一天再登记会改成新的数，下次核算计入。",
            form=BalanceForm,
            icon="bank",
            label="登记日终余额",
            permission="prepaid.record_custody",
            when=lambda case: case.closed_on is None,
            done="已登记余额",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustodyAccount]:
        """With the shop."""
        return super().get_queryset(request).select_related("merchant", "merchant__region")

    def heading(self, case: CustodyAccount) -> str:
        """The shop."""
        return f"{case.merchant.brand_name} 存管账户"

    def lead(self, case: CustodyAccount) -> str:
        """What kind, where."""
        return f"{case.get_kind_display()} · {case}"

    def panels(self, case: CustodyAccount, by: Actor) -> list[Panel]:
        """Its balances by day."""
        days = [(cn_date(one.on), money(one.balance_fen), one.source) for one in case.statements.all()[:60]]
        return [
            table("日终余额", ("日期", "余额", "来源"), days, numeric=(1,), empty="还没有余额"),
            check_facts(CustodyCheck.objects.newest(case.merchant_id)),
        ]
