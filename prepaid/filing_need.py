"""Must a merchant file (备案), by when and why: a pure function of its facts, for the daily job and the what-if."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from core.calendar import Calendar, Deadline, add_natural_days, add_working_days
from core.pack_schema import say
from core.rule_packs import RuleValue
from prepaid.limits import ENTERPRISE, FULL_ESCROW, in_scope

# Sectors of the ministry of commerce; Beijing speaks of them together.
COMMERCE = ("RETAIL", "LODGING_CATERING", "RESIDENT_SERVICE")
SECTOR_WORDS = {
    "RETAIL": "零售业",
    "LODGING_CATERING": "住宿和餐饮业",
    "RESIDENT_SERVICE": "居民服务业",
    "TRANSPORT": "交通运输",
    "SPORT": "体育健身",
    "EDUCATION": "教育培训",
    "TOURISM": "旅游",
    "CULTURE": "文化娱乐",
    "HEALTH": "医疗",
    "ELDERLY_CARE": "养老服务",
    "": "其他行业",
}


@dataclass(frozen=True)
class Facts:
    """What decides: the trade, the form, and what was sold. Amounts in fen; ``unlocked_fen`` is owed but not in escrow.

    ``since`` is the day a threshold was first seen to be crossed, so that the due date does not move from day to day.
    """

    sector: str
    entity: str
    first_sale_on: date | None = None
    balance_fen: int = 0
    receipts_fen: int = 0
    cards: int = 0
    unlocked_fen: int = 0
    issuer_class: str = ""
    since: date | None = None


@dataclass(frozen=True)
class Reason:
    """One condition of the law, whether the merchant meets it, and its article; ``met`` None: it decides nothing."""

    text: str
    met: bool | None
    basis: str = ""
    tag: str = ""


@dataclass(frozen=True)
class Need:
    """The answer: NOT_REQUIRED, REQUIRED or EXEMPT_ESCROW, since when, until when, and every condition looked at."""

    status: str
    reasons: tuple[Reason, ...]
    since: date | None = None
    deadline: Deadline | None = field(default=None, compare=False)
    pack: str = ""

    @property
    def due_on(self) -> date | None:
        """The last day, if there is one."""
        return self.deadline.due if self.deadline else None

    def as_rows(self) -> list[dict[str, Any]]:
        """The conditions as they are kept with the filing."""
        return [asdict(reason) for reason in self.reasons]


def decide(
    facts: Facts,
    figures: Mapping[str, RuleValue],
    exemptions: Sequence[RuleValue],
    on: date,
    *,
    using: Calendar | None = None,
) -> Need:
    """Whether such a merchant must file on a day. Local thresholds stand in for the ministry's 30 days.

    ``exemptions`` are the ``filing.exempt_if`` that stand in the region (杭州市: 全额存管免予备案).
    """
    if facts.first_sale_on is None and not facts.balance_fen:
        return Need("NOT_REQUIRED", (Reason("还没有收过预付款；第一次卖卡以后再看", None),))
    sold = Reason(f"第一次卖卡：{facts.first_sale_on or facts.since or on}", None)
    free = next((rule for rule in exemptions if rule.value == FULL_ESCROW), None)
    if free is not None:
        words = "全部预收资金都在存管，免予备案"
        if not facts.unlocked_fen:
            return Need("EXEMPT_ESCROW", (sold, Reason(words, True, free.basis, free.tag)), pack=free.pack_id)
        sold = Reason(f"还有 {say('cap.named', facts.unlocked_fen, 'fen')}没有存管，不能按全额存管免予备案", False,
                      free.basis, free.tag)  # fmt: skip
    group = "COMMERCE" if facts.sector in COMMERCE else facts.sector
    local = list(_thresholds(facts, figures, group)) if group else []
    if local:
        return _by_threshold(facts, figures, group, (sold, *local), on, using)
    return _by_start(facts, figures, sold, on, using)


def _thresholds(facts: Facts, figures: Mapping[str, RuleValue], group: str) -> Iterator[Reason]:
    """Each local threshold: reaching the balance counts, receipts and cards must go beyond (京商秩字、京交)."""
    looked_at = (
        ("balance", "预收资金余额", facts.balance_fen, lambda have, line: have >= line, "达到"),
        ("receipts", "预收资金总额", facts.receipts_fen, lambda have, line: have > line, "超过"),
        ("cards", "发卡数量", facts.cards, lambda have, line: have > line, "超过"),
    )
    for part, what, have, crossed, word in looked_at:
        key = f"filing.threshold.{group}.{part}"
        rule = figures.get(key)
        if rule is None:
            continue
        line, met = int(rule.value), crossed(have, int(rule.value))
        text = f"{what} {say(key, have, rule.unit)}，{'已' if met else '没有'}{word} {say(key, line, rule.unit)}"
        yield Reason(text, met, rule.basis, rule.tag)


def _by_threshold(
    facts: Facts,
    figures: Mapping[str, RuleValue],
    group: str,
    reasons: tuple[Reason, ...],
    on: date,
    using: Calendar | None,
) -> Need:
    if not any(reason.met for reason in reasons[1:]):
        return Need("NOT_REQUIRED", reasons)
    since = facts.since or on
    fast = figures.get(f"filing.within_working_days.{group}")
    if fast is not None:
        deadline, rule = add_working_days(since, int(fast.value), using=using), fast
    else:
        rule = figures["filing.within_days"]
        deadline = add_natural_days(since, int(rule.value), using=using)
    return _required(reasons, since, deadline, rule)


def _by_start(facts: Facts, figures: Mapping[str, RuleValue], sold: Reason, on: date, using: Calendar | None) -> Need:
    rule = figures.get("filing.within_days")
    if rule is None:
        return Need("NOT_REQUIRED", (sold, Reason("本地没有备案规定", False)))
    sector = SECTOR_WORDS.get(facts.sector, facts.sector)
    if not in_scope(rule, sector=facts.sector, entity=facts.entity, issuer_class=facts.issuer_class):
        scope = (rule.conditions or {}).get("scope") or {}
        is_sector = facts.sector in scope.get("industries", [facts.sector])
        is_entity = facts.entity in scope.get("entity", [facts.entity])
        form = "企业" if facts.entity == ENTERPRISE else "个体工商户"
        trade = f"{sector}{'属于' if is_sector else '不属于'}零售、住宿餐饮、居民服务"
        who = f"{form}{'在' if is_entity else '不在'}备案范围（只管企业）"
        looked_at = (
            Reason(trade, is_sector, rule.basis, rule.tag),
            Reason(who, is_entity, rule.basis, rule.tag),
        )
        return Need("NOT_REQUIRED", (sold, *looked_at))
    since = facts.first_sale_on or facts.since or on
    scope_reason = Reason(f"{sector}的企业，开展业务就要备案", True, rule.basis, rule.tag)
    return _required((sold, scope_reason), since, add_natural_days(since, int(rule.value), using=using), rule)


def _required(reasons: tuple[Reason, ...], since: date, deadline: Deadline, rule: RuleValue) -> Need:
    unit = "working_day" if deadline.working else "natural_day"
    text = f"从 {since} 起 {say('', deadline.days, unit)}内，最迟 {deadline.due}"
    return Need("REQUIRED", (*reasons, Reason(text, None, rule.basis, rule.tag)), since, deadline, rule.pack_id)
