"""What a figure of law may look like: for each key its name for people, its kind, its units and its range."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from core.errors import Invalid
from core.money import MAX_FEN, parse_yuan, yuan

Kind = Literal["whole", "fen", "ratio", "yes_no", "choice", "choices", "formula", "table"]
DAY_UNITS = ("natural_day", "working_day")
UNIT_WORDS = {
    "fen": "元",
    "ratio": "",
    "natural_day": "日",
    "working_day": "个工作日",
    "month": "个月",
    "year": "年",
    "minute": "分钟",
    "hour": "小时",
    "card": "张",
    "time": "次",
    "period": "期",
    "day_of_month": "日（每季度首月）",
}
TAGS = {"T": "已核原文", "P": "据报道或官网", "R": "凭记忆", "S": "地方做法", "D": "建议取值"}
_FORMULA = re.compile(r"^[a-z0-9_.,()*+\- ]{1,120}$")


@dataclass(frozen=True)
class Spec:
    """One key (``*`` stands for one part of it), what people call it, and what its value may be.

    ``low`` and ``high`` are in the unit of the value: fen for money, a number for the rest.
    """

    key: str
    label: str
    kind: Kind
    units: tuple[str, ...] = ("",)
    low: int | Decimal = 0
    high: int | Decimal = MAX_FEN
    options: Mapping[str, str] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        """The keys it speaks for."""
        return re.compile(re.escape(self.key).replace(r"\*", "[A-Za-z_]+") + r"\Z")


def _days(key: str, label: str, high: int = 366) -> Spec:
    return Spec(key, label, "whole", DAY_UNITS, 1, high)


def _fen(key: str, label: str) -> Spec:
    return Spec(key, label, "fen", ("fen",), 1)


def _ratio(key: str, label: str, high: str = "1") -> Spec:
    return Spec(key, label, "ratio", ("ratio",), Decimal(0), Decimal(high))


EXEMPT = {
    "escrow_full_coverage": "全部预收资金都在存管",
    "third_party_platform_and_consumer_instruction": "存入第三方支付平台并凭消费者指令支付",
}
FORBIDDEN = {
    "dishonest_debtor": "失信被执行人",
    "legal_rep_dishonest": "法定代表人是失信被执行人",
    "abnormal_list": "列入经营异常名录",
    "deregistering": "正在办理注销",
    "serious_dishonesty_list": "列入严重违法失信名单",
}
SPECS = (
    _days("cooling_off.days", "冷静期"),
    _days("cooling_off.unused_full_refund.days", "未使用全额退款期"),
    _days("cooling_off.pay.days", "冷静期退款的付款期限"),
    _days("refund.pay.days", "退款付款期限"),
    Spec("refund.valuation.merchant_caused", "非消费者原因退款的折算", "choice", options={
        "discount_or_bonus_ratio": "按折扣价或赠送比例"}),
    Spec("refund.valuation.consumer_caused", "消费者原因退款的折算", "choice", options={
        "list_price_floor_zero": "按折扣前价格，最低为零"}),
    Spec("refund.unlimited", "不限次卡退款", "choice", options={"pro_rata_time": "按剩余时间比例"}),
    Spec("interest.*", "退款利息", "choice", options={
        "LPR_1Y_AT_CONTRACT": "订立时一年期 LPR", "PBOC_1Y_DEPOSIT_AT_CONTRACT": "订立时一年期存款基准利率",
        "ACTUAL_CUSTODY_RATE": "存管账户实际利率"}),
    Spec("contract.written", "书面合同", "yes_no"),
    Spec("settle.every_day", "已划拨的款节假日也结算", "yes_no"),
    Spec("sales.stop_on_major_risk", "重大经营风险停止收款", "yes_no"),
    Spec("funds.main_business_only", "预收资金只能用于主营业务", "yes_no"),
    Spec("privacy.regulator_no_consumer_pii", "监管部门不收消费者个人信息", "yes_no"),
    _days("filing.within_days", "开展业务后备案期限"),
    _days("filing.within_working_days.*", "达到标准后备案期限"),
    _fen("filing.threshold.*.balance", "备案标准：预收资金余额"),
    _fen("filing.threshold.*.receipts", "备案标准：预收资金总额"),
    Spec("filing.threshold.*.cards", "备案标准：发卡数量", "whole", ("card",), 1, 1_000_000),
    Spec("filing.exempt_if", "免予备案的情形", "choice", options=EXEMPT),
    Spec("cap.exempt_if", "不受限额的情形", "choice", options=EXEMPT),
    _fen("cap.named", "记名卡限额"),
    _fen("cap.unnamed", "不记名卡限额"),
    _fen("cap.enterprise.named", "企业记名卡限额"),
    _fen("cap.enterprise.unnamed", "企业不记名卡限额"),
    _fen("cap.other.named_per_consumer", "其他经营者对同一消费者的限额"),
    _fen("cap.other.unnamed", "其他经营者不记名卡限额"),
    _fen("real_name.unnamed_from", "实名登记起点"),
    _fen("non_cash.entity_from", "单位购卡转账起点"),
    _fen("non_cash.person_from", "个人购卡转账起点"),
    Spec("validity.unnamed_min_years", "不记名卡最短有效期", "whole", ("year",), 1, 50),
    Spec("validity.named", "记名卡有效期", "choice", options={"none": "不设有效期"}),
    Spec("issue.min_months_since_licence", "领照后可以发卡的等待期", "whole", ("month",), 0, 120),
    Spec("issue.forbidden_if", "不得发卡的情形", "choices", options=FORBIDDEN),
    _fen("issuer.scale.revenue", "规模发卡企业：上年度营业收入"),
    _fen("issuer.scale.new_capital", "规模发卡企业：不满一年的注册资本"),
    _ratio("custody.ratio.*", "存管比例"),
    Spec("custody.offset", "可以冲抵存管的担保", "choices", options={
        "performance_bond": "履约保证保险", "bank_guarantee": "银行保函"}),
    _days("custody.cure.days", "存管缺口补足期限"),
    _fen("custody.general_line", "一般风险警示标准"),
    Spec("custody.special_line", "特别风险警示标准", "formula", ("fen",)),
    _fen("custody.new_or_mall_line", "新设或商场发卡的风险警示标准"),
    _ratio("balance_cap.*", "预收资金余额上限", "10"),
    Spec("report.quarterly.within_working_days", "季度报告期限", "whole", ("working_day",), 1, 90),
    Spec("report.quarterly.day_of_first_month", "季度报告截止日", "whole", ("day_of_month",), 1, 28),
    _days("answer.working_days", "答复消费者的期限"),
    _days("exit.notice_days", "停业提前告知"),
    _days("exit.mall_notice_days", "商场撤店提前公示"),
    Spec("mall.response_hours", "商场客诉响应", "whole", ("hour",), 1, 720),
    _ratio("watch.prepaid_share_gt", "重点关注：预付占营收比例"),
    _ratio("watch.complaint_rate_gt", "重点关注：投诉率"),
    Spec("risk.level.*", "风险等级起点", "whole", ("",), 1, 100),
    _fen("risk.least_balance", "按量计的风险信号：余额起点"),
    Spec("risk.signal.*", "风险信号的最高分", "whole", ("",), 0, 100),
    Spec("dishonesty.penalties_per_year", "严重失信：一年内受罚次数", "whole", ("time",), 1, 100),
    Spec("records.keep_years", "记录保存期", "whole", ("year",), 1, 50),
    _days("interface.mark_working_days", "标识核发期限"),
    Spec("expired.pay_per_use", "过期次卡的处理", "choice", options={"refund_or_extend": "退款或延期"}),
    _fen("subsidy.max", "补贴上限"),
    _fen("edu.prepay_max", "校外培训一次收费上限"),
    Spec("edu.prepay_max_months", "校外培训一次收费最长时间", "whole", ("month",), 1, 36),
    Spec("edu.prepay_max_lessons", "校外培训一次收费最多课时", "whole", ("time",), 1, 1000),
    _days("assignment.unlimited.rest_days", "期限卡再次转让的间隔"),
    _days("rebind.wait_days", "换绑手机号等待期"),
    _days("number.silent_days", "号码可能被回收的天数", 3660),
    Spec("dead_shop.periods", "停业熔断：没有服务的期数", "whole", ("period",), 1, 60),
    _days("edu.auto_confirm_days", "校外培训自动确认"),
    _days("edu.auto_agree_days", "校外培训退费自动同意"),
    Spec("complaint.order", "投诉处理办法（总局令号）", "whole", ("",), 1, 10_000),
    _days("accept", "投诉受理期限"),
    _days("mediate", "调解期限"),
    _days("terminate_notice", "终止调解告知期限"),
    _days("verify", "线索核查期限"),
    _days("report_filing_notice", "立案告知期限"),
    _days("jurisdiction_dispute", "管辖争议协商期限"),
    _days("assign", "分派期限"),
    Spec("first_contact", "首次联系期限", "whole", ("hour",), 1, 720),
    _days("odr", "商家协商（ODR）期限"),
    _days("id_proof", "限期提供身份证明"),
    _days("callback", "回访期限"),
    _days("case_decide", "案件办理期限"),
    _days("case_publish", "处罚公示期限"),
    Spec("case_publicity.*", "处罚公示多久", "whole", ("month",), 1, 120),
    _days("consultation_answer", "咨询答复期限"),
    Spec("workload.cap", "每人在办件数上限", "whole", ("",), 1, 10_000),
    Spec("workload.abusive_cap", "每人在办辱骂威胁件上限", "whole", ("",), 1, 1_000),
    Spec("workload.rest_hours", "接到辱骂威胁后的休整", "whole", ("hour",), 1, 720),
    _days("whistle_accept", "部门报到期限", 30),
    Spec("odr.candidate_complaints", "提名 ODR 企业：投诉件数", "whole", ("",), 1, 1000),
    _days("odr.candidate_days", "提名 ODR 企业：统计期"),
    _ratio("odr.on_time_least", "ODR 企业按时办结率下限"),
    _days("deadline.warn_first", "到期前第一次预警", 30),
    _days("deadline.warn_last", "到期前最后一次预警", 30),
    _days("escalate.*", "逾期提级", 90),
    _days("disclosure_objection", "投诉信息公示异议期"),
    Spec("incident.representatives", "群体事件债权人代表人数上限", "whole", ("",), 1, 10),
    Spec("cluster.*", "未诉先办：相似投诉人数", "whole", ("",), 2, 10_000),
    Spec("hint.complaints_30d", "提示：30 天内投诉件数", "whole", ("",), 1, 1000),
    Spec("hint.shared_people", "提示：共用电话或地址的人数", "whole", ("",), 2, 1000),
    Spec("counting", "期间计算", "table"),
    Spec("efficacy.*", "效能评价分值", "whole", ("",), 0, 100),
    Spec("efficacy_bonus.*", "效能评价加分", "whole", ("",), 0, 10),
    _days("figures.close_days", "月结：月末后几天", 60),
    _days("trust.*.days", "放心消费环节期限"),
    Spec("trust.mark_valid.minutes", "标识核验结果有效多久", "whole", ("minute",), 1, 60),
    Spec("trust.weekly_share.per_mille", "每周抽查千分比", "whole", ("",), 1, 1000),
    Spec("trust.evaluation.*.points", "后评价分值", "whole", ("",), 0, 100),
    Spec("trust.warn_facts.*", "几项事实转入预警库", "whole", ("",), 1, 100),
)  # fmt: skip
_BY_KEY = {spec.key: spec for spec in SPECS}


def spec_of(key: str) -> Spec | None:
    """What is known of a key."""
    return _BY_KEY.get(key) or next((spec for spec in SPECS if "*" in spec.key and spec.pattern.match(key)), None)


def label_of(key: str) -> str:
    """The key in words; a part that differs (GROUP, COMMERCE) stands behind."""
    spec = spec_of(key)
    if spec is None:
        return key
    if "*" not in spec.key:
        return spec.label
    before, after = spec.key.split("*")
    return f"{spec.label}（{PARTS.get(part := key[len(before) : len(key) - len(after) or None], part)}）"


ROLLS = {"statutory_holiday": "最后一日是法定节假日的顺延", "any_day_off": "最后一日休息的顺延"}
PARTS = {
    "light": "警告、通报批评",
    "full": "其他处罚",
    "SCALE": "规模发卡企业",
    "GROUP": "集团发卡企业",
    "BRAND": "品牌发卡企业",
    "COMMERCE": "商务领域",
    "TRANSPORT": "交通领域",
    "retail_catering": "零售、住宿餐饮",
    "resident_service": "居民服务",
    "new_entity": "成立不满一年",
    "group": "集团",
    "merchant_caused": "经营者原因",
    "consumer_caused": "消费者原因",
    "supervised_part": "存管部分",
    "merchant": "同一商家",
    "amber": "关注",
    "county": "区县",
    "city": "市级",
    "leader": "领导包案",
    "red": "高风险",
    "run_off": "余额用完的天数",
    "sale_jump": "售卡与消费之比骤升",
    "surge": "一周售卡骤增",
    "discount": "赠送力度加大",
    "refund_refused": "拒绝退款",
    "refund_late": "退款超期",
    "prepaid_share": "预收占营收",
    "lease_money": "余额晚于租约",
    "lease_soon": "租约将到期",
    "custody": "存管缺口",
    "restricted": "限制新发卡",
    "filing_overdue": "逾期未备案",
    "complaints": "投诉率",
    "listed": "列入名单",
    "private_pay": "私下收款",
    "linked": "关联商家",
    "on_time_initial_check_rate": "按时初查率",
    "on_time_completion_rate": "按时办结率",
    "immediate_verification_rate": "即时核查率",
    "odr_on_time_completion_rate": "ODR 企业按时办结率",
    "response_rate": "响应率",
    "satisfaction_rate": "满意率",
    "disclosure_rate": "公示率",
    "complaint_to_case_rate": "诉转案率",
    "escrow_coverage": "资金锁定覆盖率",
}


def check(key: str, value: Any, unit: str) -> str:
    """What is wrong with a value, in words that say what to do; empty if nothing is."""
    spec = spec_of(key)
    if spec is None:
        return f"没有「{key}」这个规则项，请从列表里选"
    if unit not in spec.units:
        return f"单位要是{'或'.join(UNIT_WORDS.get(one, one) or '无' for one in spec.units)}"
    match spec.kind:
        case "whole" | "fen":
            return "" if type(value) is int and spec.low <= value <= spec.high else _range(spec)
        case "ratio":
            return "" if _is_ratio(value, spec) else _range(spec)
        case "yes_no":
            return "" if isinstance(value, bool) else "只能填 是 或 否"
        case "choice":
            return "" if isinstance(value, str) and value in (spec.options or {}) else _choose(spec)
        case "choices":
            fits = isinstance(value, list) and value and set(map(str, value)) <= set(spec.options or {})
            return "" if fits else _choose(spec)
        case "formula":
            return "" if isinstance(value, str) and _FORMULA.match(value) else "公式只能用小写变量名、数字和 + - * ( )"
        case "table":
            return "" if isinstance(value, dict) else "这一项只能由系统随法条更新"


def parse(key: str, typed: str) -> Any:
    """What an officer typed as the value of a key: money in yuan, a ratio as 40% or 0.4, choices by their words.

    Raises Invalid with what to do.
    """
    spec, text = spec_of(key), typed.strip()
    if spec is None:
        raise Invalid(fields={"key": f"没有「{key}」这个规则项，请从列表里选"})
    value: Any = text
    if spec.kind == "fen":
        value = parse_yuan(text, field="value")
    elif spec.kind == "whole":
        value = int(text) if re.fullmatch(r"\d{1,9}", text) else None
    elif spec.kind == "ratio":
        value = _typed_ratio(text)
    elif spec.kind == "yes_no":
        value = {"是": True, "否": False}.get(text)
    elif spec.kind in ("choice", "choices"):
        words = {word: name for name, word in (spec.options or {}).items()}
        names = [words.get(one.strip(), one.strip()) for one in re.split("[、,，;；]", text) if one.strip()]
        value = names if spec.kind == "choices" else (names[0] if len(names) == 1 else None)
    wrong = check(key, value, spec.units[0])
    if wrong:
        raise Invalid(fields={"value": wrong})
    return value


def say(key: str, value: Any, unit: str) -> str:
    """A value in words: ``5,000.00 元``, ``40%``, ``5 日``."""
    spec = spec_of(key)
    kind = spec.kind if spec else ""
    options = (spec.options or {}) if spec else {}
    if kind == "fen" and isinstance(value, int):
        return f"{yuan(value)} 元"
    if kind == "ratio" and isinstance(value, str):
        return f"{(Decimal(value) * 100).normalize():f}%"
    if kind == "yes_no":
        return "是" if value else "否"
    if kind == "choices" and isinstance(value, list):
        return "、".join(options.get(one, one) for one in value)
    if kind == "choice":
        return options.get(value, str(value))
    if kind == "table":
        first = "起算当日计入" if value.get("start_day_counted") else "起算当日不计"
        return f"{first}；{ROLLS.get(value.get('roll_last_day'), '最后一日不顺延')}"
    return f"{value} {UNIT_WORDS.get(unit, unit)}".strip()


def _is_ratio(value: Any, spec: Spec) -> bool:
    try:
        return isinstance(value, str) and spec.low <= Decimal(value) <= spec.high
    except InvalidOperation:
        return False


def _typed_ratio(text: str) -> str | None:
    percent = text.endswith(("%", "％"))
    try:
        number = Decimal(text.rstrip("%％ "))
    except InvalidOperation:
        return None
    if not number.is_finite() or number.adjusted() < -6 or number.adjusted() > 6:
        return None if number else "0.00"
    return str((number / 100 if percent else number).quantize(Decimal("0.0001")).normalize() + Decimal("0.00"))


def _range(spec: Spec) -> str:
    if spec.kind == "fen":
        return "金额要大于 0，写成 5000 或 5000.00，单位是元"
    if spec.kind == "ratio":
        return f"比例要在 {_percent(spec.low)} 到 {_percent(spec.high)} 之间，写成 40% 或 0.4"
    return f"要填 {spec.low} 到 {spec.high} 之间的整数"


def _percent(number: int | Decimal) -> str:
    return f"{Decimal(number) * 100:.0f}%"


def _choose(spec: Spec) -> str:
    return f"从这些里选：{'、'.join((spec.options or {}).values())}"
