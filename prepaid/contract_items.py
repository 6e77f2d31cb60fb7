"""The twelve items a prepaid contract must have, and what a plan of each kind writes in them unless told otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LAW = "法释〔2025〕4号 第8条；条例 第22条；北京条例 第13条"


@dataclass(frozen=True)
class Item:
    """One item: ``source`` is where its words come from (a column of the plan, its ``clauses``, or known facts)."""

    code: str
    title: str
    source: str
    ask: str


ITEMS: tuple[Item, ...] = (
    Item("parties", "商家是谁", "facts", "补全营业执照上的名称和统一代码"),
    Item("place", "门店和地址", "facts", "在「店铺」里至少填一家营业中的门店和地址"),
    Item("content", "商品或服务内容", "description", "写明套餐包含什么"),
    Item("quality", "数量和质量", "clauses", "写明做到什么程度，例如课时长短、用什么产品"),
    Item("price", "价款和价目", "prices", "储值卡要有价目表，顾客才知道每次扣多少"),
    Item("performance", "怎么用、怎么扣", "clauses", "写明怎样预约、怎样扣次或者扣款"),
    Item("validity", "有效期", "clauses", "写明从哪天算起、到哪天，或者写没有有效期"),
    Item("scope", "在哪里用、有没有限制", "clauses", "写明在哪些门店能用、哪些项目不能用"),
    Item("refund", "退款", "refund_terms", "写明怎样退款"),
    Item("transfer", "转让和挂失补办", "clauses", "写明可以转让、可以挂失补办"),
    Item("breach", "违约责任", "clauses", "写明商家做不到时怎么办"),
    Item("disputes", "争议解决", "clauses", "写明有争议找谁"),
)
CLAUSES = tuple(item for item in ITEMS if item.source == "clauses")
PERFORMANCE = {
    "STORED_VALUE": "钱先锁定在银行，每次消费按价目表扣，您确认后才付给商家。",
    "COUNT": "钱先锁定在银行，来一次扣一次，您确认后才付给商家。",
    "UNLIMITED_TERM": "钱先锁定在银行，有效期内不限次数使用，每期服务完付给商家一期，您可以随时停止。",
    "PER_PERIOD": "钱先锁定在银行，每期服务完付给商家一期，您可以随时停止。",
}
VALIDITY = {
    "STORED_VALUE": "没有有效期，用完为止。",
    "COUNT": "没有有效期，用完为止。",
    "UNLIMITED_TERM": "按套餐的期数，从约定的那天算起；停卡的时间不计算在内。",
    "PER_PERIOD": "按套餐的期数，从约定的那天算起；停卡的时间不计算在内。",
}
TEMPLATE = {
    "quality": "按店内公示的服务标准和国家有关标准提供，使用合格的产品。",
    "scope": "在商家所有营业中的门店都能用，没有其他限制。",
    "transfer": "您可以把卡转给别人，通知到店即生效，不收费；手机或者卡丢了可以免费挂失补办，余额不变。",
    "breach": "商家不能提供约定的服务，或者降低质量、擅自涨价的，消费者可以要求退回余款和利息。",
    "disputes": "可以向市场监管部门投诉（12315），也可以向合同履行地的法院起诉。",
}


def template_of(kind: str) -> dict[str, str]:
    """The wording of every clause for a kind of plan; a shop may write its own."""
    return {**TEMPLATE, "performance": PERFORMANCE[kind], "validity": VALIDITY[kind]}


def clauses_of(kind: str, own: Mapping[str, str]) -> dict[str, str]:
    """The clauses of a plan: its own words where it has some, the template's elsewhere; one emptied stays empty."""
    template = template_of(kind)
    return {item.code: own.get(item.code, template[item.code]).strip() for item in CLAUSES}
