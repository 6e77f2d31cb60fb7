"""Refunds with the sum as the law counts it, and the order of an officer."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import column
from core.case_panels import CaseClock, Panel, day_clock, done_clock, facts, link, table
from core.csv_export import plain_yuan
from core.money import yuan
from core.templatetags.portal_ui import cn_date, cn_datetime, money, state_of
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.forms.console import YuanField
from prepaid.models import Refund
from prepaid.models.refunds import REFUND_LIFECYCLE

ENDED = (Refund.Status.PAID, Refund.Status.WITHDRAWN)
PAYOUT_HEADS = ("划付号", "状态", "金额", "账户", "失败原因", "完成")


class OrderForm(ReasonForm):
    """The reason, and what is added for gifts not had yet."""

    gift_fen = YuanField(
        label="赠品酌情多退", help_text="法释〔2025〕4号第21条；只能多退，理由写在上面", required=False
    )


@admin.register(Refund)
class RefundAdmin(CaseAdmin):
    """One request for money back; the officer may order what the merchant refuses."""

    lifecycle = REFUND_LIFECYCLE
    list_display = ("code_", "merchant", "holder_", "status_", "amount", "answer_due", "pay_due", "requested_on")
    list_filter = ("status", "cause", ("merchant__industry", admin.RelatedOnlyFieldListFilter), "pay_due_on")
    list_select_related = ("merchant", "contract__holder")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    search_help_text = "退款编号、合同编号（可只输前几位）、店招；完整手机号要有办案权限"
    code_fields = ("code", "contract__code")
    phone_fields = ("contract__holder__phone_idx", "contract__payer__phone_idx")
    export_columns = (
        ("编号", lambda row: row.code),
        ("商家", lambda row: row.merchant.brand_name),
        ("持卡人", lambda row: str(row.contract.holder)),
        ("原因", lambda row: row.get_cause_display()),
        ("状态", lambda row: row.get_status_display()),
        ("应退（元）", lambda row: plain_yuan(row.total_fen)),
        ("从锁定资金退（元）", lambda row: plain_yuan(row.amount_fen)),
        ("申请日", lambda row: row.requested_on),
        ("答复期限", lambda row: row.answer_due_on),
        ("打款期限", lambda row: row.pay_due_on),
        ("到账日", lambda row: row.paid_on),
    )
    acts = {
        "order": Act(
            lambda pk, data, by: prepaid.order_refund(pk, data["reason"], gift_fen=data["gift_fen"] or 0, by=by),
            lambda case: (
                f"从锁定的 ¥{yuan(case.contract.locked_fen)} 里退 ¥{yuan(case.amount_fen)} 给付款人，"
                f"马上交银行打款，最迟 {cn_date(case.pay_due_on)} 到账；不需要{case.merchant.brand_name}同意。"
                + (
                    f"应退 ¥{yuan(case.total_fen)}，差额 ¥{yuan(case.total_fen - case.amount_fen)} "
                    "等有争议的消费了结后补退，锁定的钱不够的记为商家另欠。"
                    if case.total_fen > case.amount_fen
                    else ""
                )
            ),
            form=OrderForm,
            icon="scale",
            done="已责令退款，钱已从锁定资金划出，等银行打款",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        """With the contract and its money."""
        return super().get_queryset(request).select_related(
            "merchant", "merchant__region", "requested_by", "part_of",
            "contract__account", "contract__holder", "contract__payer", "contract__plan", "contract__merchant__region",
        )  # fmt: skip

    @column("退款", order="id")
    def code_(self, row: Refund) -> str:
        """The code."""
        return row.code

    def second_line(self, row: Refund) -> str:
        """The cause."""
        return row.get_cause_display()

    @column("持卡人")
    def holder_(self, row: Refund) -> str:
        """Masked."""
        return str(row.contract.holder)

    @column("状态", order="status")
    def status_(self, row: Refund) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("金额", order="amount_fen", num=True)
    def amount(self, row: Refund) -> SafeString:
        """Out of the locked money."""
        return money(row.amount_fen)

    @column("答复期限", order="answer_due_on")
    def answer_due(self, row: Refund) -> Any:
        """While the merchant has not answered."""
        return self._face(row.answer_due_on) if row.status == Refund.Status.REQUESTED else ""

    @column("打款期限", order="pay_due_on")
    def pay_due(self, row: Refund) -> Any:
        """While the money has not arrived."""
        return (
            f"{cn_date(row.paid_on)} 到账"
            if row.paid_on
            else self._face(row.pay_due_on)
            if row.status not in ENDED
            else ""
        )

    @staticmethod
    def _face(due: Any) -> SafeString:
        face = day_clock("", due).face
        return format_html('<span class="clock {}"><b>{}</b><span>{}</span></span>', face.level, face.left, face.until)

    def heading(self, case: Refund) -> str:
        """Shop and sum."""
        return f"{case.merchant.brand_name} 退款 ¥{yuan(case.total_fen)}"

    def lead(self, case: Refund) -> str:
        """Code, cause and who asked."""
        return (
            f"退款 {case.code} · {case.get_cause_display()} · 持卡人 {case.contract.holder} · {case.contract.plan.name}"
        )

    def clocks(self, case: Refund) -> list[CaseClock]:
        """The merchant's answer, and the money's arrival."""
        found = []
        if case.status == Refund.Status.REQUESTED:
            found.append(day_clock("商家答复", case.answer_due_on, "不答复视为同意"))
        elif case.answered_on:
            kept = "按期答复" if case.answered_on <= case.answer_due_on else "逾期答复"
            found.append(done_clock("商家答复", kept, cn_date(case.answered_on)))
        if case.paid_on:
            late = (case.paid_on - case.pay_due_on).days
            word = f"逾期 {late} 天到账" if late > 0 else "按期到账"
            found.append(done_clock("退款到账", word, cn_date(case.paid_on)))
        elif case.status not in ENDED:
            found.append(day_clock("退款到账", case.pay_due_on, case.clock))
        return found

    def panels(self, case: Refund, by: Actor) -> list[Panel]:
        """The sum line by line, the card, and the payouts."""
        lines = [
            (
                format_html(
                    "{}<small>{}</small><small>{}</small>",
                    line.get("label", ""),
                    line.get("formula", ""),
                    line.get("open_point", ""),
                ),
                line.get("article", ""),
                money(line.get("amount_fen")),
            )
            for line in case.lines
        ]
        payouts = [
            (
                format_html("{}<small>{}</small>", row.payout_no, "退回原账户" if row.to_origin else "换过账户"),
                row.get_status_display(),
                money(row.amount_fen),
                f"****{row.account[-4:]}" if row.account else "—",
                row.failure or "—",
                cn_datetime(row.finished_at) or "—",
            )
            for row in case.payouts.all()
        ]
        shortfall = getattr(case, "shortfall", None)
        pairs = [
            ("应退合计", money(case.total_fen)),
            ("从锁定资金退", money(case.amount_fen)),
            ("商家另欠", money(shortfall.amount_fen) if shortfall else ""),
            ("申请说明", case.reason),
            ("属于退款", link(rows.case_url(case.part_of), case.part_of.code) if case.part_of else ""),
            ("已先退和补退", money(sum(part.amount_fen for part in case.parts.all())) if case.parts.exists() else ""),
            ("商家答复或责令理由", case.answer),
        ]
        return [
            facts("结论", pairs),
            table(
                "怎么算的",
                ("项目和算法", "依据", "金额"),
                lines,
                numeric=(2,),
                empty="没有计算明细",
                url=reverse("prepaid:refund_statement", args=[case.code]),
                link="打印计算单",
            ),
            rows.money_panel(case.contract, url=rows.case_url(case.contract), link=str(case.contract)),
            table(
                "划付",
                ("划付号", "状态", "金额", "账户", "失败原因", "完成"),
                payouts,
                numeric=(2,),
                empty="还没有划付",
            ),
        ]

    def side(self, case: Refund, by: Actor) -> list[Panel]:
        """What happens at the end of the clock, and where else to look."""
        what = (
            "商家到期不答复，系统按同意处理，马上从锁定资金打款。"
            if case.status == Refund.Status.REQUESTED
            else "商家不同意时，您可以责令退款；钱一直锁定，不会付给商家。"
            if case.status == Refund.Status.DISPUTED
            else ""
        )
        links = [
            ("到期怎么办", what),
            ("合同", link(rows.case_url(case.contract), str(case.contract))),
            ("商家", link(rows.case_url(case.merchant), "一企一档")),
            ("同店退款争议", case.merchant.refunds.filter(status=Refund.Status.DISPUTED).count()),
        ]
        return [facts("相关", links, as_list=True)]
