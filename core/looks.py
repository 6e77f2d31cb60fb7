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
    "contract.PAID": Look("locked", "lock", "钱已锁定", "预付款已锁定"),
    "contract.ACTIVE": Look("ok", "check", "使用中", "履约中"),
    "contract.PAUSED": Look("hold", "pause", "已停卡，时间不扣", "暂停履约"),
    "contract.COMPLETED": Look("released", "doc", "已用完", "履约完毕"),
    "contract.REFUNDED": Look("refunded", "back", "已退款", "已退款"),
    "contract.TERMINATED": Look("released", "x", "合同已结束", "合同已解除"),
    "contract.FROZEN": Look("danger", "snow", "暂停付给商家，您的钱还在", "资金冻结（停止划拨）", "资金暂停划拨"),
    "contract.LEGACY": Look("warn", "alert", "老卡，钱没有锁定", "存量卡（未纳入存管）"),
    "contract.COOLING_OFF": Look("ok", "clock", "7天内没用过可退本金", "七日冷静期"),
    # One visit taken off a card.
    "visit.REQUESTED": Look("hold", "hold", "等您确认这次消费", "待消费者确认", "待顾客确认"),
    "visit.CONFIRMED": Look("ok", "check", "您已确认", "消费者已确认", "已确认"),
    "visit.AUTO_CONFIRMED": Look("ok", "check", "到期没提异议，已确认", "逾期视为确认", "到期视为确认"),
    "visit.RELEASED": Look("released", "out", "已付给商家", "已划拨经营者", "已到账"),
    "visit.DISPUTED": Look("hold", "hold", "您说不对，钱先不付", "核销争议（暂停划拨）", "顾客有异议，暂停付款"),
    "visit.CANCELLED": Look("released", "x", "商家已撤回", "核销撤回", "已撤回"),
    "visit.CORRECTED": Look("refunded", "back", "已更正，多扣的已退回卡里", "核销冲正", "已更正，退回顾客卡里"),
    # One automatic payment of a term card.
    "instalment.DUE": Look("hold", "calendar", "下次自动付款", "待划拨周期", "待到账"),
    "instalment.RELEASED": Look("released", "out", "已付给商家", "已划拨经营者", "已到账"),
    "instalment.FROZEN": Look("danger", "snow", "暂停付给商家，您的钱还在", "资金冻结（停止划拨）", "资金暂停划拨"),
    "instalment.CANCELLED": Look("ok", "stop", "已停止自动付款", "周期扣款已取消", "顾客已停止自动付款"),
    "instalment.STOPPED": Look("warn", "alert", "店里无服务记录，已停付", "停业熔断"),
    # Money on its way back.
    "refund.REQUESTED": Look("hold", "hold", "等商家答复", "退款待经营者确认", "等您答复"),
    "refund.AGREED": Look("ok", "check", "已同意，等银行打款", "退款已同意"),
    "refund.PAYING": Look("hold", "bank", "已同意，银行打款中", "退款待划付"),
    "refund.PAYOUT_FAILED": Look("warn", "alert", "没打进去，请换账户", "退款划付失败", "银行没打进去，等顾客换账户"),
    "refund.PAID": Look("refunded", "back", "已退到账", "退款已到账"),
    "refund.DISPUTED": Look("warn", "scale", "商家不同意，已转投诉", "退款争议", "您不同意，已转投诉"),
    "refund.WITHDRAWN": Look("released", "x", "您已撤回", "申请人撤回", "顾客已撤回"),
    # Money on its way to the shop.
    "payout.PENDING": Look("hold", "hold", "待打款", "待划付"),
    "payout.PAYING": Look("hold", "bank", "银行打款中", "划付中"),
    "payout.PAID": Look("refunded", "bank", "已到账", "已划付"),
    "payout.FAILED": Look("warn", "alert", "没打进去，请核对收款账户", "划付失败"),
    "payout.RETURNED": Look("warn", "alert", "银行退回，请核对收款账户", "划付退回"),
    # A business.
    "merchant.DRAFT": Look("released", "doc", "还没提交", "草稿"),
    "merchant.SUBMITTED": Look("hold", "hold", "审核中", "待审核"),
    "merchant.AUTO_CHECKED": Look("hold", "hold", "审核中", "已自动核验，待审核"),
    "merchant.RETURNED": Look("warn", "alert", "请补充材料", "退回补正"),
    "merchant.ACTIVE": Look("ok", "store", "已入驻", "正常"),
    "merchant.RESTRICTED": Look("warn", "alert", "暂停办新卡，老卡照用", "限制新发卡"),
    "merchant.EXITING": Look("warn", "alert", "准备停业，请选退款或转店", "停业清退中"),
    "merchant.EMERGENCY": Look("danger", "snow", "商家失联，正在保全资金", "失联应急处置"),
    "merchant.CLOSED": Look("released", "x", "已停业", "已退出"),
    "filing.NOT_REQUIRED": Look("released", "doc", "暂不需要备案", "未达备案条件"),
    "filing.REQUIRED": Look("warn", "clock", "应备案，期限内", "待备案"),
    "filing.FILED": Look("hold", "hold", "备案审核中", "备案待审"),
    "filing.ACCEPTED": Look("ok", "doc", "已备案", "备案完成"),
    "filing.CHANGED": Look("hold", "hold", "备案变更审核中", "备案变更待审"),
    "filing.OVERDUE": Look("danger", "alert", "应备案未备案", "逾期未备案"),
    "filing.CANCELLED": Look("released", "x", "备案已注销", "备案注销"),
    "filing.EXEMPT_ESCROW": Look("locked", "lock", "全额存管，无需备案", "免予备案（全额存管）"),
}

# A model may carry the law's word where the table carries the people's.
SAME_AS = {"redemption": "visit", "settlement": "payout", "release": "instalment"}


def look_up(model: str, status: str) -> Look:
    """The look of a status; an unknown one is shown plainly instead of breaking the page."""
    model = model.lower()
    return STATE_LOOKS.get(f"{SAME_AS.get(model, model)}.{status}", UNKNOWN)
