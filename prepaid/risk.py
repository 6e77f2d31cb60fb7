"""How likely a merchant is to run off with prepaid money: a score from 0 to 100 with its reasons. No database.

Each signal measures one figure; the rule packs say from where on it counts, where it counts in full, and for how
many points (``risk.signal.<code>``). An app above adds signals with ``extra_signal``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from core.money import yuan
from core.rule_packs import RuleValue

NEVER_DAYS = 9_999  # nothing was redeemed at all: the balance would never be used up
MOST = 100
HISTORY_DAYS = 90
LEAST_REFUNDS = 3  # a share of fewer requests says nothing
EXTRA_SQL: dict[str, str] = {}


class Level(StrEnum):
    """What an officer sees first."""

    GREEN = "GREEN"
    AMBER = "AMBER"
    RED = "RED"


@dataclass(frozen=True, slots=True)
class Facts:
    """One merchant on one day; money in fen, sums of the days before it. ``extra`` holds figures of other signals.

    ``*_30``: the last 30 days; ``*_before``: the 60 days before those. ``sold_7`` and ``sold_84``: the last week and
    the twelve weeks before it. ``lease_end`` is the last day on which any open store may stay.
    """

    on: date
    outstanding_fen: int = 0
    redeemed_30: int = 0
    redeemed_before: int = 0
    sold_30: int = 0
    sold_before: int = 0
    bonus_30: int = 0
    bonus_before: int = 0
    sold_7: int = 0
    sold_84: int = 0
    sold_365: int = 0
    revenue_fen: int = 0
    first_sale_on: date | None = None
    refunds_asked: int = 0
    refunds_refused: int = 0
    refunds_late: int = 0
    beyond_lease_fen: int = 0
    lease_end: date | None = None
    required_fen: int = 0
    shortfall_fen: int = 0
    restrictions: int = 0
    filing_overdue: bool = False
    extra: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """One signal that counts: what it says, its figure, its points, and the rule it stands on."""

    code: str
    words: str
    figure: int
    points: int
    basis: str


@dataclass(frozen=True, slots=True)
class Score:
    """The sum of the reasons, the heaviest first, at most 100."""

    points: int
    level: Level
    reasons: tuple[Reason, ...]

    def as_rows(self) -> list[dict[str, Any]]:
        """The reasons as they are kept."""
        return [asdict(reason) for reason in self.reasons]


@dataclass(frozen=True, slots=True)
class Scale:
    """From which figure on a signal counts, where it counts in full, for how many points. ``full`` may be the lower."""

    code: str
    begins: int
    full: int
    most: int
    basis: str

    def points(self, figure: int) -> int:
        """The points of a figure, in a straight line between both ends, rounded down; at least one once it counts."""
        done, way = figure - self.begins, self.full - self.begins
        if way < 0:
            done, way = -done, -way
        if done < 0 or not self.most:
            return 0
        return self.most if done >= way else max(1, self.most * done // way)


@dataclass(frozen=True, slots=True)
class Scales:
    """Everything a place's rules say about risk."""

    signals: tuple[Scale, ...]
    amber: int
    red: int
    least_fen: int

    def level(self, points: int) -> Level:
        """The level of a sum of points."""
        return Level.RED if points >= self.red else Level.AMBER if points >= self.amber else Level.GREEN


Measure = Callable[[Facts], int | None]
Words = Callable[[Facts, int], str]
# What each signal measures (None: it says nothing) and how it is said.
SIGNALS: dict[str, tuple[Measure, Words]] = {}


def signal(code: str, words: Words) -> Callable[[Measure], Measure]:
    """Register a signal that is measured on ``Facts``."""

    def register(measure: Measure) -> Measure:
        SIGNALS[code] = (measure, words)
        return measure

    return register


def extra_signal(code: str, sql: str, words: Callable[[int], str]) -> None:
    """Add a signal whose figure a query counts: rows (merchant_id, figure), with ``%(on)s`` for the day.

    It counts where a rule pack has ``risk.signal.<code>``.
    """
    EXTRA_SQL[code] = sql
    SIGNALS[code] = (lambda facts: facts.extra.get(code), lambda facts, figure: words(figure))


def scales(figures: Mapping[str, RuleValue]) -> Scales:
    """The scales of a place and day out of its rules. Raises KeyError where no pack in force speaks of risk."""
    found = []
    for code in SIGNALS:
        rule = figures.get(f"risk.signal.{code}")
        if rule is not None:
            ends = rule.conditions
            found.append(Scale(code, int(ends["from"]), int(ends["full"]), int(rule.value), rule.basis))
    return Scales(
        tuple(found),
        int(figures["risk.level.amber"].value),
        int(figures["risk.level.red"].value),
        int(figures["risk.least_balance"].value),
    )


def score(facts: Facts, by: Scales) -> Score:
    """Measure every signal of a merchant and add up; signals of volume are silent below the least balance."""
    reasons = []
    small = facts.outstanding_fen < by.least_fen
    for scale in by.signals:
        if small and scale.code in OF_VOLUME:
            continue
        measure, words = SIGNALS[scale.code]
        figure = measure(facts)
        points = scale.points(figure) if figure is not None else 0
        if points and figure is not None:
            reasons.append(Reason(scale.code, words(facts, figure), figure, points, scale.basis))
    reasons.sort(key=lambda reason: (-reason.points, reason.code))
    total = min(MOST, sum(reason.points for reason in reasons))
    return Score(total, by.level(total), tuple(reasons))


# On little money a single card moves the ratio: these wait for ``risk.least_balance``.
OF_VOLUME = frozenset({"run_off", "sale_jump", "discount", "surge", "prepaid_share", "lease_money", "lease_soon"})


def _has_history(facts: Facts) -> bool:
    """Whether there were three months to compare with; a new shop's first sales are no jump."""
    return facts.first_sale_on is not None and (facts.on - facts.first_sale_on).days >= HISTORY_DAYS


def _run_off_words(facts: Facts, days: int) -> str:
    if days == NEVER_DAYS:
        return f"还欠 {yuan(facts.outstanding_fen)} 元，近 30 天没有一笔消费"
    return f"还欠 {yuan(facts.outstanding_fen)} 元，按近 30 天的消费速度要 {days} 天才用得完"


@signal("run_off", _run_off_words)
def _run_off(facts: Facts) -> int | None:
    if facts.first_sale_on is None or (facts.on - facts.first_sale_on).days < 30 or not facts.outstanding_fen:
        return None
    if facts.redeemed_30 <= 0:
        return NEVER_DAYS
    return min(NEVER_DAYS, facts.outstanding_fen * 30 // facts.redeemed_30)


@signal("sale_jump", lambda facts, figure: f"售卡与消费之比是前两个月的 {figure / 100:.1f} 倍")
def _sale_jump(facts: Facts) -> int | None:
    """The ratio of sales to redemptions, in per cent of what it was; whoever redeems nothing is measured elsewhere."""
    if not _has_history(facts) or min(facts.redeemed_30, facts.sold_before, facts.redeemed_before) <= 0:
        return None
    return facts.sold_30 * facts.redeemed_before * 100 // (facts.redeemed_30 * facts.sold_before)


@signal("surge", lambda facts, figure: f"最近 7 天售卡 {yuan(facts.sold_7)} 元，是此前每周平均的 {figure / 100:.1f} 倍")
def _surge(facts: Facts) -> int | None:
    if not _has_history(facts) or facts.sold_84 <= 0:
        return None
    return facts.sold_7 * 1_200 // facts.sold_84


@signal("discount", lambda facts, figure: f"近 30 天的赠送力度比前两个月高 {figure} 个百分点")
def _discount(facts: Facts) -> int | None:
    """By how many points of a hundred the gift on what is paid has grown."""
    if not _has_history(facts) or facts.sold_30 <= 0 or facts.sold_before <= 0:
        return None
    return facts.bonus_30 * 100 // facts.sold_30 - facts.bonus_before * 100 // facts.sold_before


@signal(
    "refund_refused",
    lambda facts, figure: f"近 90 天 {facts.refunds_asked} 笔退款申请，{facts.refunds_refused} 笔被拒（{figure}%）",
)
def _refund_refused(facts: Facts) -> int | None:
    if facts.refunds_asked < LEAST_REFUNDS:
        return None
    return facts.refunds_refused * 100 // facts.refunds_asked


@signal("refund_late", lambda facts, figure: f"{figure} 笔退款超过期限没有答复或没有付")
def _refund_late(facts: Facts) -> int | None:
    return facts.refunds_late


@signal("prepaid_share", lambda facts, figure: f"近一年预收款是上年度营业收入的 {figure}%")
def _prepaid_share(facts: Facts) -> int | None:
    return facts.sold_365 * 100 // facts.revenue_fen if facts.revenue_fen > 0 else None


@signal(
    "lease_money", lambda facts, figure: f"余额的 {figure}% 在租约到期以后才到期（{yuan(facts.beyond_lease_fen)} 元）"
)
def _lease_money(facts: Facts) -> int | None:
    return facts.beyond_lease_fen * 100 // facts.outstanding_fen if facts.outstanding_fen else None


@signal("lease_soon", lambda facts, figure: f"租约还有 {figure} 天到期" if figure > 0 else "租约已到期，没有登记续租")
def _lease_soon(facts: Facts) -> int | None:
    return (facts.lease_end - facts.on).days if facts.lease_end else None


@signal("custody", lambda facts, figure: f"存管缺 {yuan(facts.shortfall_fen)} 元，是应存管的 {figure}%")
def _custody(facts: Facts) -> int | None:
    return -(-facts.shortfall_fen * 100 // facts.required_fen) if facts.required_fen else None


@signal("restricted", lambda facts, figure: f"有 {figure} 项限制新发卡没有解除")
def _restricted(facts: Facts) -> int | None:
    return facts.restrictions


@signal("filing_overdue", lambda facts, figure: "逾期没有备案")
def _filing_overdue(facts: Facts) -> int | None:
    return int(facts.filing_overdue)


# The complaints app registers the query.
SIGNALS["complaints"] = (
    lambda facts: facts.extra.get("complaints"),
    lambda facts, figure: f"近三个月的投诉率 {figure / 100:g}%",
)
extra_signal(
    "listed",
    "SELECT l.merchant_id, count(*) FROM prepaid_listedmerchant l JOIN prepaid_listedentry e ON e.id = l.entry_id"
    " WHERE e.listed_on <= %(on)s AND (e.removed_on IS NULL OR e.removed_on > %(on)s) GROUP BY l.merchant_id",
    lambda n: f"列入 {n} 项名单（经营异常、严重违法失信或失信被执行人）",
)
extra_signal(
    "private_pay",
    "SELECT merchant_id, sum(CASE status WHEN 'CONFIRMED' THEN 3 WHEN 'RECEIVED' THEN 1 ELSE 0 END)"
    " FROM prepaid_privatepaymentreport WHERE reported_on > %(on)s::date - 180 GROUP BY merchant_id",
    lambda n: f"近 180 天的私下收款举报计 {n} 分（查实 3 分，待核查 1 分）",
)
extra_signal(
    "linked",
    "SELECT merchant_id, sum(CASE status WHEN 'CONFIRMED' THEN 3 WHEN 'SUSPECTED' THEN 1 ELSE 0 END)"
    " FROM prepaid_merchantlink GROUP BY merchant_id",
    lambda n: f"与停业、失联或受限商家的关联计 {n} 分（认定 3 分，疑似 1 分）",
)
