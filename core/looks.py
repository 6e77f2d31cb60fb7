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
    # Where a shop is paid.
    "payoutaccount.WAITING": Look("hold", "hold", "等待期内，还没启用", "变更等待期", "等待期内，还没启用"),
    "payoutaccount.IN_USE": Look("ok", "bank", "使用中", "使用中"),
    "payoutaccount.BOUNCED": Look("warn", "alert", "打不进去，请核对", "划付失败，待商家核对"),
    "payoutaccount.REPLACED": Look("released", "doc", "已更换", "已更换"),
    "payoutaccount.CANCELLED": Look("released", "x", "已撤回", "变更已撤回"),
    # What stands behind prepaid money.
    "guarantee.SUBMITTED": Look("hold", "hold", "等核实", "待核实"),
    "guarantee.CONFIRMED": Look("ok", "shield", "已核实", "已核实，计入覆盖"),
    "guarantee.REJECTED": Look("released", "x", "没有认可", "不予认可"),
    "custodywarning.WARNED": Look("warn", "clock", "存管不足，限期补足", "限期补足存管资金"),
    "custodywarning.OVERDUE": Look("danger", "alert", "逾期没有补足", "逾期未补足，待确认停售"),
    "custodywarning.STOPPED": Look("danger", "stop", "暂停办新卡，老卡照用", "已停止新发卡"),
    "custodywarning.MET": Look("ok", "check", "已补足", "已补足"),
    "courtorder.IN_FORCE": Look("danger", "scale", "法院冻结，暂停付给商家", "法院冻结中", "法院冻结，暂停结算"),
    "courtorder.LIFT_PROPOSED": Look("warn", "hold", "法院冻结，暂停付给商家", "解除待复核", "法院冻结，暂停结算"),
    "courtorder.LIFTED": Look("ok", "check", "已恢复正常付款", "冻结已解除"),
    # The bank's statement beside our books.
    "bankfile.RECEIVED": Look("hold", "hold", "等待导入", "等待导入"),
    "bankfile.READING": Look("hold", "hold", "导入中", "导入中"),
    "bankfile.BOOKED": Look("ok", "check", "已导入", "已导入"),
    "bankfile.REFUSED": Look("danger", "alert", "没有通过，整份退回", "没有通过，整份退回"),
    "reconciliationcase.OPEN": Look("warn", "alert", "待认领", "待认领"),
    "reconciliationcase.TAKEN": Look("hold", "user", "核对中", "核对中"),
    "reconciliationcase.RESOLVED": Look("ok", "check", "已办结", "已办结"),
    "suspenseitem.OPEN": Look("warn", "alert", "待查", "待查"),
    "suspenseitem.RETURNING": Look("hold", "bank", "退回中", "退回中"),
    "suspenseitem.RETURNED": Look("refunded", "back", "已退回付款人", "已退回付款人"),
    "suspenseitem.PLACED": Look("ok", "lock", "已锁定到订单", "已归入订单"),
    # An order to stop payments.
    "freeze.PROPOSED": Look("warn", "hold", "等第二人复核", "待第二人复核"),
    "freeze.IN_FORCE": Look("danger", "snow", "暂停付给商家，您的钱还在", "冻结中", "资金暂停划拨"),
    "freeze.REJECTED": Look("released", "x", "没有冻结", "复核退回"),
    "freeze.LIFT_PROPOSED": Look("warn", "hold", "暂停付给商家，您的钱还在", "解冻待复核", "资金暂停划拨"),
    "freeze.LIFTED": Look("ok", "check", "已恢复正常付款", "已解冻"),
    # A card that changes hands.
    "assignment.PROPOSED": Look("hold", "hold", "等对方同意", "待受让人同意"),
    "assignment.WAITING": Look("hold", "clock", "等待期内，原号码可以叫停", "换绑等待期"),
    "assignment.EFFECTIVE": Look("ok", "check", "已生效", "已生效"),
    "assignment.DECLINED": Look("released", "x", "对方没有接手", "受让人未同意"),
    "assignment.WITHDRAWN": Look("released", "x", "已撤回", "转让人撤回"),
    "assignment.STOPPED": Look("warn", "stop", "已叫停，没有换", "原号码提出异议"),
    # Cards sold before the shop joined.
    "legacycard.UNCONFIRMED": Look("hold", "hold", "请您核对余额", "待消费者核对", "等顾客核对"),
    "legacycard.CONFIRMED": Look("warn", "alert", "老卡，钱没有锁定", "存量卡（未纳入存管）", "顾客已确认，没有锁定"),
    "legacycard.DISPUTED": Look("warn", "scale", "余额说法不同，等核实", "余额有争议", "顾客说余额不对"),
    "legacycard.DENIED": Look("released", "x", "您说不是您的", "消费者否认", "顾客说不是本人的"),
    "legacycard.MOVING": Look("hold", "bank", "店里正把钱存进银行", "转入存管中", "正在存进银行"),
    "legacycard.MOVED": Look("ok", "lock", "已存进银行，锁定了", "已转入存管", "已存进银行"),
    "legacycard.REFUNDING": Look("warn", "back", "等店里退款", "商家待退款", "等您退款给顾客"),
    "legacycard.REFUNDED": Look("refunded", "back", "已退款", "商家已退款", "已退款"),
    "legacycard.USED_UP": Look("released", "doc", "已用完", "已用完"),
    "legacyuse.REQUESTED": Look("hold", "hold", "等您确认这次消费", "待消费者确认", "待顾客确认"),
    "legacyuse.CONFIRMED": Look("ok", "check", "您已确认", "消费者已确认", "顾客已确认"),
    "legacyuse.REFUSED": Look("warn", "x", "您说不对，没有扣", "消费者不认可", "顾客说不对，没有扣"),
    "legacyuse.WITHDRAWN": Look("released", "x", "商家已撤回", "已撤回", "已撤回"),
    "cardimport.RECEIVED": Look("hold", "hold", "等待导入", "等待导入"),
    "cardimport.READING": Look("hold", "hold", "导入中", "导入中"),
    "cardimport.DONE": Look("ok", "check", "已导入", "已导入"),
    "cardimport.REFUSED": Look("danger", "alert", "读不了，请改好再传", "读不了，已退回"),
    "listimport.RECEIVED": Look("hold", "hold", "等待导入", "等待导入"),
    "listimport.READING": Look("hold", "hold", "导入中", "导入中"),
    "listimport.DONE": Look("ok", "check", "已导入", "已导入"),
    "listimport.REFUSED": Look("danger", "alert", "读不了，已退回", "读不了，已退回"),
    # A shop that goes over to somebody else.
    "succession.OPEN": Look("warn", "users", "店里换了人或店名，老卡照认", "待核实，暂停办新卡", "待核实，暂停办新卡"),
    "succession.SETTLED": Look("ok", "check", "已核实，老卡照认", "已核实", "已核实"),
    # What a shop offers.
    "plan.DRAFT": Look("released", "doc", "还没发布", "草稿"),
    "plan.ON_SALE": Look("ok", "store", "在售", "在售"),
    "plan.OFF_SALE": Look("released", "x", "已下架", "已下架"),
    # Filing as an issuer, and its quarterly reports.
    "filing.NOT_REQUIRED": Look("released", "doc", "不用备案", "无须备案"),
    "filing.REQUIRED": Look("warn", "clock", "还没备案，期限内", "应当备案", "要办备案"),
    "filing.OVERDUE": Look("danger", "alert", "逾期未备案", "逾期未备案"),
    "filing.FILED": Look("hold", "hold", "备案办理中", "待受理"),
    "filing.ACCEPTED": Look("ok", "shield", "已备案", "已备案"),
    "filing.CHANGED": Look("ok", "shield", "已备案", "变更待受理", "已备案，变更待受理"),
    "filing.CANCELLED": Look("released", "x", "已注销备案", "已注销备案"),
    "filing.EXEMPT_ESCROW": Look("ok", "lock", "免予备案（全额存管）", "全额存管免予备案"),
    "filingreport.DUE": Look("hold", "calendar", "待报送", "待报送"),
    "filingreport.LATE": Look("danger", "alert", "逾期未报", "逾期未报"),
    "filingreport.SUBMITTED": Look("ok", "check", "已报送", "已报送"),
    # A version of the rules.
    "rulepack.DRAFT": Look("released", "doc", "起草中", "起草中"),
    "rulepack.PROPOSED": Look("warn", "hold", "待第二人复核", "待第二人复核"),
    "rulepack.PUBLISHED": Look("ok", "check", "已发布", "已发布"),
    "rulepack.REJECTED": Look("released", "x", "没有采用", "复核退回"),
    # A business.
    "merchant.DRAFT": Look("released", "doc", "还没提交", "草稿"),
    "merchant.SUBMITTED": Look("hold", "hold", "审核中", "待审核"),
    "merchant.UNDER_REVIEW": Look("hold", "hold", "审核中", "待审核"),
    "merchant.RETURNED": Look("warn", "alert", "请补充材料", "退回补正"),
    "merchant.ACTIVE": Look("ok", "store", "已入驻", "正常"),
    "merchant.RESTRICTED": Look("warn", "alert", "暂停办新卡，老卡照用", "限制新发卡"),
    "merchant.EXITING": Look("warn", "out", "准备停业，请选退款或转店", "停业清退中"),
    "merchant.EMERGENCY": Look("danger", "alert", "商家失联，正在保全资金", "失联应急处置"),
    "merchant.EXITED": Look("released", "x", "已停业", "已停业"),
    # The cards of somebody who died.
    "heirclaim.DRAFT": Look("hold", "edit", "还没提交", "待提交"),
    "heirclaim.SUBMITTED": Look("hold", "hold", "已提交，等核对", "待核对"),
    "heirclaim.RETURNED": Look("warn", "alert", "请补材料", "退回补正"),
    "heirclaim.CHECKED": Look("hold", "users", "核对无误，等复核", "待第二人复核"),
    "heirclaim.SETTLED": Look("ok", "check", "已办好", "已办结"),
    "heirclaim.REJECTED": Look("warn", "x", "没有通过", "不予办理"),
    "heirclaim.WITHDRAWN": Look("released", "back", "已撤回", "申请人撤回"),
    # A mall's ten measures, and doors that were found locked.
    "mallmeasurecheck.PENDING": Look("hold", "hold", "待落实", "待落实"),
    "mallmeasurecheck.MET": Look("ok", "check", "已落实", "已落实"),
    "mallmeasurecheck.LAPSED": Look("warn", "alert", "已失效", "已失效"),
    "lockoutreport.RECEIVED": Look("hold", "hold", "已收到，等核查", "待核查"),
    "lockoutreport.RUN_OFF": Look("danger", "alert", "已转保全资金", "已提出应急处置"),
    "lockoutreport.DISMISSED": Look("released", "x", "已核查，店还开着", "核查未停业"),
    # A shop that closes, and one whose people are gone.
    "closingnotice.DECLARED": Look("hold", "doc", "还没公告", "已申报，未公告"),
    "closingnotice.PUBLISHED": Look("warn", "out", "准备停业", "已公告"),
    "closingnotice.SALES_STOPPED": Look("warn", "out", "准备停业，正在通知每位持卡人", "已停止收款，正在通知"),
    "closingnotice.SETTLING": Look("warn", "out", "准备停业，请选退款或转店", "清退中"),
    "closingnotice.VERIFIED": Look("ok", "check", "余款已退清，监管部门已核验", "清退核验通过"),
    "closingnotice.CLOSED": Look("released", "x", "已停业", "已停业"),
    "closingnotice.EMERGENCY": Look("danger", "alert", "商家失联，正在保全资金", "失联应急处置"),
    "closingnotice.WITHDRAWN": Look("released", "back", "已撤回", "已撤回"),
    "runoff.PROPOSED": Look("warn", "hold", "等第二人复核", "待第二人复核"),
    "runoff.REJECTED": Look("released", "x", "没有冻结", "复核退回"),
    "runoff.OPEN": Look("danger", "snow", "钱已冻结，正在核算", "已冻结，核算中"),
    "runoff.PLANNED": Look("warn", "hold", "退款方案等第二人复核", "方案待第二人复核"),
    "runoff.PAYING": Look("hold", "bank", "正在退款", "按方案退款中"),
    "runoff.DONE": Look("refunded", "check", "退款办完", "退款办结"),
    # A merchant on the watch list; only officers ever read these.
    "riskwarning.OPEN": Look("warn", "alert", "核查中", "待研判"),
    "riskwarning.WATCHED": Look("warn", "eye", "核查中", "持续关注"),
    "riskwarning.VISIT": Look("hold", "pin", "核查中", "上门核查中"),
    "riskwarning.INTERVIEW": Look("hold", "users", "核查中", "约谈中"),
    "riskwarning.STOP_PROPOSED": Look("danger", "alert", "核查中", "建议停止新发卡，待确认"),
    "riskwarning.STOPPED": Look("danger", "stop", "暂停办新卡，老卡照用", "已停止新发卡"),
    "riskwarning.DISMISSED": Look("released", "x", "已核查", "已排除"),
    "riskwarning.ENDED": Look("ok", "check", "已核查", "风险已降，移出名单"),
    "privatepaymentreport.RECEIVED": Look("hold", "hold", "已收到，等核查", "待核查"),
    "privatepaymentreport.CONFIRMED": Look("danger", "alert", "已查实", "查实"),
    "privatepaymentreport.REJECTED": Look("released", "x", "没有查实", "未查实"),
    "merchantlink.SUSPECTED": Look("warn", "users", "核查中", "疑似关联"),
    "merchantlink.CONFIRMED": Look("danger", "users", "核查中", "认定关联"),
    "merchantlink.DISMISSED": Look("released", "x", "已核查", "不是关联"),
}

# A model may carry the law's word where the table carries the people's.
SAME_AS = {"redemption": "visit", "settlement": "payout", "release": "instalment"}


def look_up(model: str, status: str) -> Look:
    """The look of a status; an unknown one is shown plainly instead of breaking the page."""
    model = model.lower()
    return STATE_LOOKS.get(f"{SAME_AS.get(model, model)}.{status}", UNKNOWN)
