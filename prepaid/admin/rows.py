"""Rows of contracts, visits, refunds and freezes as the case pages list them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.case_panels import VERB_WORDS, Panel, link, table
from core.templatetags.portal_ui import cn_date, cn_datetime, money, state_of
from prepaid.models import Contract, Freeze, Refund, Visit

VERB_WORDS.update(
    {
        "contract.offer": "开单",
        "contract.sign": "消费者签约",
        "contract.decline": "不办了",
        "contract.lock": "到账，预付款已锁定",
        "contract.order_payment": "生成付款订单",
        "contract.show_code": "出示付款码",
        "contract.unmask": "查看完整信息",
        "contract.pause": "停卡",
        "contract.resume": "恢复使用",
        "contract.complete": "履约完毕",
        "contract.refund": "退款结清",
        "contract.add_user": "增加使用人",
        "contract.guardian": "登记监护人",
        "contract.conclude": "办结",
        "contract.report_loss": "挂失",
        "contract.reissue": "补办",
        "contract.activate_residual": "激活余额",
        "contract.new_holder": "换持卡人",
        "assignment.ask": "提出转让或换绑",
        "assignment.accept": "受让人同意，通知到达商家",
        "assignment.decline": "受让人没有同意",
        "assignment.withdraw": "撤回转让",
        "assignment.object": "原号码提出异议",
        "assignment.take_effect": "等待期满，换绑生效",
        "visit.no_show": "登记爽约",
        "contract.stop_instalments": "取消周期扣款",
        "contract.restart_instalments": "恢复周期扣款",
        "visit.request": "商家登记消费",
        "visit.report": "消费者登记消费",
        "visit.confirm": "消费者确认",
        "visit.auto_confirm": "逾期视为确认",
        "visit.dispute": "消费者提出异议",
        "visit.withdraw": "商家撤回",
        "visit.uphold": "认定消费属实",
        "visit.reject": "认定没有消费",
        "visit.correct": "冲正",
        "refund.request": "申请退款",
        "refund.agree": "商家同意退款",
        "refund.auto_agree": "逾期视为同意",
        "refund.order": "责令退款",
        "refund.settle": "按调解协议退款",
        "refund.shortfall_paid": "商家付清差额",
        "refund.refuse": "商家不同意",
        "refund.withdraw": "申请人撤回",
        "refund.arrive": "退款到账",
        "refund.bounce": "划付失败",
        "refund.follow_up": "补退",
        "refund.undisputed": "无争议部分先退",
        "refund.paid_twice": "同一笔退款重复到账",
        "refund.change_account": "换收款账户",
        "contract.stop_no_service": "店里无服务记录，已停付",
        "contract.resume_service": "恢复按期付款",
        "contract.assign_issuer": "转到接手的店",
        "closing.declare": "申报停业",
        "closing.publish": "发布停业公告，停止收款",
        "closing.withdraw": "撤回停业申报",
        "closing.settle": "通知完毕，开始清退",
        "closing.accept": "接手商家同意",
        "closing.choose": "持卡人选择",
        "closing.default": "到期未选，自动退款",
        "closing.verify": "核验清退",
        "closing.close": "停业办结",
        "closing.emergency": "转失联应急处置",
        "run_off.propose": "提出失联应急处置",
        "run_off.approve": "第二人复核同意，冻结并核算",
        "run_off.reject": "复核退回",
        "run_off.plan": "提出退款方案",
        "run_off.approve_plan": "第二人复核同意方案",
        "run_off.reject_plan": "方案退回",
        "run_off.finish": "退款办结",
        "freeze.propose": "提出冻结",
        "freeze.approve": "第二人复核同意，冻结生效",
        "freeze.reject": "复核退回",
        "freeze.propose_lift": "提出解冻",
        "freeze.approve_lift": "第二人复核同意解冻",
        "freeze.reject_lift": "不同意解冻",
        "seal.close": "每日封账",
        "contract.evidence": "导出证据包",
        "suspense.open": "到账对不上，转入待查",
        "suspense.return": "请银行退回付款人",
        "suspense.arrive": "已退回付款人",
        "suspense.bounce": "退回失败，仍在待查",
        "suspense.place": "归入订单，已锁定",
        "suspense.reverse": "银行冲正，待查销账",
        "bank_file.receive": "收到日终文件",
        "bank_file.retry": "重新导入",
        "bank_file.refuse": "没有通过，整份退回",
        "bank_file.book": "导入完成",
        "equation.check": "核算当日等式",
        "reconciliation.open": "立案",
        "reconciliation.take": "认领",
        "reconciliation.match": "核对为同一笔",
        "reconciliation.resolve": "写明结果，办结",
        "reconciliation.explain": "后来对上，自动办结",
        "merchant.set_price": "修改价目",
        "merchant.drop_price": "删去价目",
        "plan.save": "保存套餐",
        "plan.publish": "发布套餐",
        "plan.withdraw": "下架套餐",
    }
)


def freeze_state(freeze: Freeze) -> SafeString:
    """The state of a freeze."""
    return state_of(freeze, "officer")


def case_url(row: Any) -> str:
    """The case page of a row."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def list_url(model: Any, **filters: Any) -> str:
    """The list of a model, filtered."""
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + (
        f"?{query}" if query else ""
    )


def contract_states(contract: Contract) -> list[SafeString]:
    """Its state, and whether its money is frozen."""
    frozen = [state_of(contract, "officer", "FROZEN")] if contract.is_frozen else []
    return [state_of(contract, "officer"), *frozen]


def contracts_table(contracts: Iterable[Contract], **more: Any) -> Panel:
    """Contracts with their money; each needs ``account``, ``plan`` and ``holder``."""
    rows = [
        (
            link(case_url(row), str(row), row.plan.name),
            str(row.holder),
            format_html("{}" * len(contract_states(row)), *contract_states(row)),
            money(row.paid_fen),
            money(row.locked_fen),
            money(row.held_fen),
        )
        for row in contracts
    ]
    heads = ("合同", "持卡人", "状态", "共付", "锁定", "暂留")
    return table("合同", heads, rows, numeric=(3, 4, 5), empty="还没有合同", **more)


def refunds_table(refunds: Iterable[Refund], **more: Any) -> Panel:
    """Refunds with their clocks."""
    rows = [
        (
            link(case_url(row), row.code, row.get_cause_display()),
            state_of(row, "officer"),
            money(row.amount_fen),
            cn_date(row.answer_due_on) if row.status == Refund.Status.REQUESTED else "—",
            cn_date(row.paid_on) if row.paid_on else f"最迟 {cn_date(row.pay_due_on)}",
        )
        for row in refunds
    ]
    return table("退款", ("退款", "状态", "金额", "答复期限", "到账"), rows, numeric=(2,), empty="没有退款申请", **more)


def visits_table(visits: Iterable[Visit], **more: Any) -> Panel:
    """Visits, what they are worth and where they stand."""
    rows = [
        (
            link(case_url(row), row.item, row.code),
            state_of(row, "officer"),
            money(row.face_fen) if row.face_fen else f"{row.times} 次",
            money(row.hold_fen if row.status in ("REQUESTED", "DISPUTED") else row.amount_fen),
            cn_datetime(row.requested_at),
        )
        for row in visits
    ]
    heads = ("项目", "状态", "面值", "暂留或已付", "时间")
    return table("消费", heads, rows, numeric=(2, 3), empty="还没有消费", **more)


def freezes_table(freezes: Iterable[Freeze], **more: Any) -> Panel:
    """Freezes with both names."""
    rows = [
        (
            link(case_url(row), "一份合同" if row.contract_id else "整个商家", row.reason),
            freeze_state(row),
            money(row.locked_fen),
            format_html("{}<small>{}</small>", row.proposed_by.name, cn_datetime(row.proposed_at)),
            format_html("{}<small>{}</small>", row.approved_by.name, cn_datetime(row.approved_at))
            if row.approved_by
            else "—",
        )
        for row in freezes
    ]
    return table(
        "冻结", ("范围和理由", "状态", "提出时锁定", "提出人", "复核人"), rows, numeric=(2,), empty="没有冻结过", **more
    )


def money_panel(contract: Contract, **more: Any) -> Panel:
    """Where the money of a card is."""
    amounts = {
        "paid_fen": contract.paid_fen,
        "available_fen": contract.available_fen,
        "held_fen": contract.held_fen,
        "released_fen": contract.released_fen,
        "refunded_fen": contract.refunded_fen,
    }
    return Panel("合同与钱", "admin/panels/money.html", {"money": amounts}, **more)
