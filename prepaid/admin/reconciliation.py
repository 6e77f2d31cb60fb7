"""The custodian's statement beside our books: each day's equations, each mismatch with its owner, each file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import column
from core.case_panels import Panel, facts, link, table
from core.csv_export import plain_yuan
from core.money import yuan
from core.templatetags.portal_ui import cn_date, cn_datetime, money, state, state_of
from prepaid import actions as prepaid
from prepaid.admin.rows import case_url
from prepaid.models import BankFile, BankLine, CustodianNotice, DailyEquation, ReconciliationCase
from prepaid.models.reconciliation import RECONCILIATION_CASE_LIFECYCLE

SHOWN = 50


def signed(fen: int | None) -> SafeString | str:
    """A difference, with its sign; a dash where there is none to know."""
    return "—" if fen is None else money(fen)


class MatchForm(ReasonForm):
    """Which of our notices it is."""

    bank_ref = forms.CharField(
        label="平台入账的银行流水号",
        help_text="在「存管回调」里能查到",
        max_length=64,
        error_messages={"required": "填平台那一笔的银行流水号"},
    )
    field_order = ("bank_ref", "reason")


@admin.register(DailyEquation)
class DailyEquationAdmin(CaseAdmin):
    """One day: bank against books, and everything that must add up."""

    view_permission = "prepaid.view_reconciliation"
    list_help = "每天的银行余额和平台账本必须相等，差额要能逐笔解释。"
    list_display = ("day", "verdict", "bank", "ours", "difference", "rate", "suspense")
    list_filter = ("on",)
    ordering = ("-on",)
    empty_text = "还没有对过账。每天 03:00 自动取前一天的日终文件，也可以手工上传。"
    export_columns = (
        ("记账日", lambda row: row.on),
        ("银行期末（元）", lambda row: plain_yuan(row.bank_fen)),
        ("平台存管（元）", lambda row: plain_yuan(row.ledger_fen)),
        ("差额（元）", lambda row: plain_yuan(row.difference_fen)),
        ("无法解释（元）", lambda row: plain_yuan(row.unexplained_fen)),
        ("银行笔数", lambda row: row.line_count),
        ("已对上", lambda row: row.matched_count),
        ("等式成立", lambda row: "是" if row.holds else "否"),
    )

    @column("记账日", order="on")
    def day(self, row: DailyEquation) -> str:
        """Which day."""
        return cn_date(row.on)

    @column("结论")
    def verdict(self, row: DailyEquation) -> SafeString:
        """Whether everything adds up."""
        if row.bank_fen is None:
            return state("hold", "clock", "没有日终文件")
        if not row.holds:
            return state("danger", "alert", "不相等，见差异")
        return state("ok", "check", "相等" if not row.difference_fen else "相等，有在途")

    @column("银行期末", order="bank_fen", num=True)
    def bank(self, row: DailyEquation) -> SafeString | str:
        """What the bank says."""
        return signed(row.bank_fen)

    @column("平台存管", order="ledger_fen", num=True)
    def ours(self, row: DailyEquation) -> SafeString:
        """What we say."""
        return money(row.ledger_fen)

    @column("差额", num=True)
    def difference(self, row: DailyEquation) -> SafeString | str:
        """How much the bank has beyond our books."""
        return signed(row.difference_fen)

    @column("核对率", num=True)
    def rate(self, row: DailyEquation) -> str:
        """The share of the bank's entries that are matched."""
        return "—" if row.match_rate is None else f"{row.match_rate:.2f}%"

    @column("待查款项", order="suspense_fen", num=True)
    def suspense(self, row: DailyEquation) -> SafeString:
        """What lies in suspense."""
        return money(row.suspense_fen)

    def heading(self, case: DailyEquation) -> str:
        """The day."""
        return f"{cn_date(case.on)} 对账"

    def lead(self, case: DailyEquation) -> str:
        """Matched of how many."""
        return f"银行 {case.line_count} 笔，已对上 {case.matched_count} 笔"

    def states(self, case: DailyEquation) -> list[SafeString]:
        """The verdict."""
        return [self.verdict(case)]

    def panels(self, case: DailyEquation, by: Actor) -> list[Panel]:
        """The five equations, and the mismatches of the day."""
        custody = [
            ("银行期末余额", signed(case.bank_fen)),
            ("平台存管余额", money(case.ledger_fen)),
            ("差额", signed(case.difference_fen)),
            ("其中银行已记、平台未记", money(case.bank_only_fen)),
            ("其中平台已记、银行未记", money(case.ours_only_fen)),
            ("无法解释", signed(case.unexplained_fen), "必须是 0"),
        ]
        whole = [
            ("全部账户合计", money(case.sum_fen), "必须是 0"),
            ("余额或链条不符的卡", f"{case.cards_off} 张", "必须是 0"),
            ("消费者预付款", money(case.locked_fen)),
            ("存管不足的商家", f"{case.short_count} 家", "必须是 0"),
            ("存管缺口合计", money(case.short_fen), "各家应存管减去锁定、专户和保函，只加不足的"),
            ("在途款项", money(case.clearing_fen), _since(case)),
            ("待查款项", money(case.suspense_fen)),
            ("核算时间", cn_datetime(case.checked_at)),
        ]
        mismatches = ReconciliationCase.objects.filter(on=case.on).select_related("owner").order_by("status", "-id")
        rows = [
            (
                link(case_url(row), row.get_kind_display()),
                money(row.difference_fen),
                state_of(row, "officer"),
                row.owner.name if row.owner else "—",
            )
            for row in mismatches[:SHOWN]
        ]
        heads = ("差异", "差额", "状态", "经办人")
        return [
            facts("银行和账本", custody),
            facts("账本自身", whole),
            table("这一天的差异", heads, rows, numeric=(1,), empty="没有差异"),
        ]

    def side(self, case: DailyEquation, by: Actor) -> list[Panel]:
        """The files of the day."""
        files = BankFile.objects.filter(on=case.on).order_by("-id")[:SHOWN]
        shown = [(file.get_status_display(), link(case_url(file), file.name)) for file in files]
        return [facts("日终文件", [*shown, ("银行补发的文件", link(reverse("prepaid:bank_files"), "手工上传"))])]


def _since(case: DailyEquation) -> str:
    return f"最早 {cn_date(case.clearing_since)}" if case.clearing_since else ""


@admin.register(ReconciliationCase)
class ReconciliationCaseAdmin(CaseAdmin):
    """One mismatch: taken by an officer, looked into, and closed with words."""

    lifecycle = RECONCILIATION_CASE_LIFECYCLE
    view_permission = "prepaid.view_reconciliation"
    list_help = "银行和平台对不上的每一笔，由一名经办人查清并写明结果；账只用新的流水更正，不改旧账。"
    list_display = ("what", "status_", "difference", "owner_", "opened")
    list_filter = ("status", "kind", "on")
    list_select_related = ("line", "notice", "owner")
    search_fields = ("line__bank_ref__istartswith", "notice__bank_ref__istartswith", "line__number__istartswith")
    ordering = ("-id",)
    empty_text = "没有差异，银行的每一笔都对上了。"
    export_columns = (
        ("差异", lambda row: row.get_kind_display()),
        ("记账日", lambda row: row.on),
        ("差额（元）", lambda row: plain_yuan(row.difference_fen)),
        ("状态", lambda row: row.get_status_display()),
        ("银行流水号", lambda row: row.line.bank_ref if row.line else row.notice.bank_ref if row.notice else ""),
        ("经办人", lambda row: row.owner.name if row.owner else ""),
        ("处理结果", lambda row: row.resolution),
    )
    acts = {
        "take": Act(
            lambda pk, data, by: prepaid.take_case(pk, by=by),
            lambda case: f"认领后由您核查这笔 ¥{yuan(abs(case.difference_fen))} 的差异，别人不能替您办结。",
            icon="user",
            done="已认领",
        ),
        "match": Act(
            lambda pk, data, by: prepaid.match_case(pk, data["bank_ref"], data["reason"], by=by),
            lambda case: "核对为同一笔后，这条银行流水和平台的入账对上，差异办结；不产生新的资金流水。",
            form=MatchForm,
            when=lambda case: _has_open_line(case),
            done="已核对为同一笔",
        ),
        "write_off": Act(
            lambda pk, data, by: prepaid.write_off_reversed(pk, data["reason"], by=by),
            lambda case: f"从待查款项转出 ¥{yuan(abs(case.difference_fen))}，与银行的冲正相抵，差异办结。",
            form=ReasonForm,
            icon="back",
            label="待查款项随冲正销账",
            permission="prepaid.match_reconciliationcase",
            when=lambda case: case.kind == "REVERSAL" and case.status != "RESOLVED" and _has_open_line(case),
            caution=True,
            done="已销账",
        ),
        "resolve": Act(
            lambda pk, data, by: prepaid.resolve_case(pk, data["reason"], by=by),
            lambda case: f"差额 ¥{yuan(abs(case.difference_fen))} 仍列在对账里，直到有新的流水更正；不改任何旧账。",
            form=ReasonForm,
            done="已办结",
        ),
    }

    def buttons(self, case: ReconciliationCase, by: Actor) -> Any:
        """A match needs an entry that waits for one."""
        return [one for one in super().buttons(case, by) if one.name != "match" or _has_open_line(case)]

    @column("差异", order="id")
    def what(self, row: ReconciliationCase) -> str:
        """Which kind."""
        return row.get_kind_display()

    def second_line(self, row: ReconciliationCase) -> str:
        """Which entry."""
        ref = row.line.bank_ref if row.line else row.notice.bank_ref if row.notice else ""
        return f"{cn_date(row.on)} {ref}"

    @column("状态", order="status")
    def status_(self, row: ReconciliationCase) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("差额", order="difference_fen", num=True)
    def difference(self, row: ReconciliationCase) -> SafeString:
        """What the bank has beyond our books."""
        return money(row.difference_fen)

    @column("经办人")
    def owner_(self, row: ReconciliationCase) -> str:
        """Who looks into it."""
        return row.owner.name if row.owner else "—"

    @column("立案", order="opened_at")
    def opened(self, row: ReconciliationCase) -> str:
        """When."""
        return cn_datetime(row.opened_at)

    def heading(self, case: ReconciliationCase) -> str:
        """Kind and sum."""
        return f"{case.get_kind_display()} ¥{yuan(abs(case.difference_fen))}"

    def lead(self, case: ReconciliationCase) -> str:
        """The day."""
        return f"{cn_date(case.on)} 的账"

    def panels(self, case: ReconciliationCase, by: Actor) -> list[Panel]:
        """Both sides."""
        line, notice = case.line, case.notice or (case.line.notice if case.line else None)
        shown = [facts("差异", [
            ("差额", money(case.difference_fen), "正数是银行多，负数是银行少"),
            ("经办人", case.owner.name if case.owner else "等人认领"),
            ("处理结果", case.resolution),
            ("办结", cn_datetime(case.resolved_at) if case.resolved_at else ""),
        ])]  # fmt: skip
        if line:
            shown.append(_bank_side(line))
        if notice:
            shown.append(_our_side(notice))
        elif line and line.state == BankLine.State.OPEN:
            shown.append(_candidates(line))
        return shown

    def side(self, case: ReconciliationCase, by: Actor) -> list[Panel]:
        """The day, and the money in suspense."""
        day = DailyEquation.objects.filter(on=case.on).first()
        return [
            facts(
                "相关",
                [
                    ("这一天", link(case_url(day), "对账") if day else ""),
                    ("待查款项", link(reverse("admin:prepaid_suspenseitem_changelist"), "看全部")),
                ],
                as_list=True,
            )
        ]


def _has_open_line(case: ReconciliationCase) -> bool:
    return bool(case.line and case.line.state == BankLine.State.OPEN)


def _bank_side(line: BankLine) -> Panel:
    return facts("银行的流水", [
        ("银行流水号", line.bank_ref),
        ("金额", money(line.amount_fen)),
        ("记账日", cn_date(line.booked_on)),
        ("性质", line.get_nature_display()),
        ("我方编号", line.number),
        ("对方账户", f"尾号 {line.tail}" if line.tail else ""),
        ("核对", line.get_state_display()),
        ("出处", link(case_url(line.file), line.file.name), f"第 {line.line_no} 行"),
    ])  # fmt: skip


def _our_side(notice: CustodianNotice) -> Panel:
    return facts("平台的入账", [
        ("银行流水号", notice.bank_ref),
        ("入账金额", money(notice.booked_fen)),
        ("入账日", cn_date(notice.booked_on) if notice.booked_on else ""),
        ("我方编号", notice.number),
        ("处理结果", notice.outcome),
    ])  # fmt: skip


def _candidates(line: BankLine) -> Panel:
    """Notices of the same sum that no entry is matched with, to compare with the bank's slip."""
    found = CustodianNotice.objects.filter(booked_fen=line.amount_fen, line=None).order_by("-id")[:SHOWN]
    rows = [
        (row.bank_ref, cn_date(row.booked_on) if row.booked_on else "—", row.number, f"尾号 {row.tail}")
        for row in found
    ]
    heads = ("平台入账的银行流水号", "入账日", "我方编号", "对方账户")
    return table("可能是同一笔", heads, rows, empty="平台没有同样金额、还没对上的入账")
