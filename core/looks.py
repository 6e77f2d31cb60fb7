"""How each state of each thing looks and reads: one table for pages, console and admin.

Keys are ``model.STATUS``. The words are those people really meet: consumers and merchants read plain
ones, officers the terms of the law. Colour only repeats what icon and word already say.
"""

from typing import NamedTuple


class Look(NamedTuple):
    """Meaning (CSS class without ``is-``), icon, words for consumers, officers and, if other, merchants."""

    kind: str
    icon: str
    consumer: str
    officer: str
    merchant: str = ""

    def words(self, audience: str) -> str:
        """The words for ``consumer``, ``merchant`` or ``officer``."""
        if audience == "officer":
            return self.officer
        return (self.merchant or self.consumer) if audience == "merchant" else self.consumer


UNKNOWN = Look("released", "doc", "办理中", "未命名状态")

STATE_LOOKS: dict[str, Look] = {
    # What a card is doing.
    "contract.OFFERED": Look("hold", "hold", "待您确认的套餐", "待签约", "等顾客确认"),
    "contract.SIGNED": Look("hold", "hold", "已签约，还没付款", "已签约待支付", "等顾客付款"),
    "contract.ACTIVE": Look("ok", "check", "使用中", "履约中"),
    "contract.PAUSED": Look("hold", "pause", "已停卡，时间不扣", "暂停履约"),
    "contract.COMPLETED": Look("released", "doc", "已用完", "履约完毕"),
    "contract.REFUNDED": Look("refunded", "back", "已退款", "已退款"),
    "contract.TERMINATED": Look("released", "x", "合同已结束", "合同已解除"),
    "contract.FROZEN": Look("danger", "snow", "暂停付给商家，您的钱还在", "资金冻结（停止划拨）", "资金暂停划拨"),
    # One visit taken off a card.
    "visit.REQUESTED": Look("hold", "hold", "等您确认这次消费", "待消费者确认", "待顾客确认"),
    "visit.CONFIRMED": Look("ok", "check", "您已确认", "消费者已确认", "已确认"),
    "visit.AUTO_CONFIRMED": Look("ok", "check", "到期没提异议，已确认", "逾期视为确认", "到期视为确认"),
    "visit.DISPUTED": Look("hold", "hold", "您说不对，钱先不付", "核销争议（暂停划拨）", "顾客有异议，暂停付款"),
    "visit.CANCELLED": Look("released", "x", "商家已撤回", "核销撤回", "已撤回"),
    "visit.CORRECTED": Look("refunded", "back", "已更正，多扣的已退回卡里", "核销冲正", "已更正，退回顾客卡里"),
    # One automatic payment of a term card.
    "instalment.DUE": Look("hold", "calendar", "下次自动付款", "待划拨周期", "待到账"),
    "instalment.RELEASED": Look("released", "out", "已付给商家", "已划拨经营者", "已到账"),
    "instalment.FROZEN": Look("danger", "snow", "暂停付给商家，您的钱还在", "资金冻结（停止划拨）", "资金暂停划拨"),
    "instalment.CANCELLED": Look("ok", "stop", "已停止自动付款", "周期扣款已取消", "顾客已停止自动付款"),
    # Money on its way back.
    "refund.REQUESTED": Look("hold", "hold", "等商家答复", "退款待经营者确认", "等您答复"),
    "refund.AGREED": Look("ok", "check", "已同意，等银行打款", "退款已同意"),
    "refund.PAYING": Look("hold", "bank", "已同意，银行打款中", "退款待划付"),
    "refund.PAYOUT_FAILED": Look("warn", "alert", "没打进去，请换账户", "退款划付失败", "银行没打进去，等顾客换账户"),
    "refund.PAID": Look("refunded", "back", "已退到账", "退款已到账"),
    "refund.DISPUTED": Look("warn", "scale", "商家不同意，钱仍锁定", "退款争议", "您不同意，钱仍锁定"),
    "refund.WITHDRAWN": Look("released", "x", "您已撤回", "申请人撤回", "顾客已撤回"),
    # Money on its way to the shop.
    "payout.PENDING": Look("hold", "hold", "待打款", "待划付"),
    "payout.SENT": Look("hold", "bank", "银行打款中", "划付中"),
    "payout.PAID": Look("refunded", "bank", "已到账", "已划付"),
    "payout.FAILED": Look("warn", "alert", "没打进去，请核对收款账户", "划付失败"),
    # An order to stop payments.
    "freeze.PROPOSED": Look("warn", "hold", "等第二人复核", "待第二人复核"),
    "freeze.IN_FORCE": Look("danger", "snow", "暂停付给商家，您的钱还在", "冻结中", "资金暂停划拨"),
    "freeze.REJECTED": Look("released", "x", "没有冻结", "复核退回"),
    "freeze.LIFT_PROPOSED": Look("warn", "hold", "暂停付给商家，您的钱还在", "解冻待复核", "资金暂停划拨"),
    "freeze.LIFTED": Look("ok", "check", "已恢复正常付款", "已解冻"),
    # What a shop offers.
    "plan.DRAFT": Look("released", "doc", "还没发布", "草稿"),
    "plan.ON_SALE": Look("ok", "store", "在售", "在售"),
    "plan.OFF_SALE": Look("released", "x", "已下架", "已下架"),
    # A business.
    "merchant.DRAFT": Look("released", "doc", "还没提交", "草稿"),
    "merchant.SUBMITTED": Look("hold", "hold", "审核中", "待审核"),
    "merchant.UNDER_REVIEW": Look("hold", "hold", "审核中", "待审核"),
    "merchant.RETURNED": Look("warn", "alert", "请补充材料", "退回补正"),
    "merchant.ACTIVE": Look("ok", "store", "已入驻", "正常"),
    "merchant.RESTRICTED": Look("warn", "alert", "暂停办新卡，老卡照用", "限制新发卡"),
}

# A model may carry the law's word where the table carries the people's.
SAME_AS = {"redemption": "visit", "settlement": "payout", "release": "instalment"}


def look_up(model: str, status: str) -> Look:
    """The look of a status; an unknown one is shown plainly instead of breaking the page."""
    model = model.lower()
    return STATE_LOOKS.get(f"{SAME_AS.get(model, model)}.{status}", UNKNOWN)
