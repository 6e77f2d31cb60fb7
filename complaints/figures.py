"""What the figures of the 12315 desk mean: each KPI as data, its value, average, year on year, streak and score.

Pure: everything is computed from the sums of rollup rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import sqrt
from typing import Any, Literal

from core.money import yuan

Sums = Mapping[str, int]
VERSION = "指标口径 2026.1"
EFFICACY_FULL = 102
Z95 = 1.959964


@dataclass(frozen=True)
class Kpi:
    """One figure: which sums stand above and below the line, in words and by name, and its formula for people.

    A count or an amount of money has nothing below the line.
    """

    code: str
    label: str
    above: str
    below: str
    num: str
    den: str
    formula: str
    unit: Literal["rate", "count", "fen"] = "rate"

    @property
    def brief(self) -> str:
        """The formula without what all figures of limits have in common."""
        return self.formula.removesuffix(DUE_FORMULA)


def _rate(code: str, label: str, num: str, den: str, above: str, below: str, more: str = "") -> Kpi:
    return Kpi(code, label, above, below, num, den, f"{above} ÷ {below}{more}")


def _count(code: str, label: str, num: str, formula: str) -> Kpi:
    return Kpi(code, label, formula, "", num, "", formula, "count")


DUE_FORMULA = "。期限在本月届满的都算，到统计时还没有到期、正在中止的不算；逾期以后才不再适用的照样算逾期"
KPIS: tuple[Kpi, ...] = (
    _rate(
        "on_time_initial_check_rate", "按时初查率", "accept_on_time", "accept_due",
        "7 个工作日内决定受理或不予受理的投诉", "受理期限届满的投诉", DUE_FORMULA,
    ),
    _rate(
        "on_time_completion_rate", "按时办结率", "complete_on_time", "complete_due",
        "在法定期限内办结的件数", "调解、案件、答复咨询的期限届满的件数", DUE_FORMULA,
    ),
    _rate(
        "immediate_verification_rate", "即时核查率", "verify_at_once", "verify_due",
        "15 个工作日内核查完且没有延期的举报", "核查期限届满的举报", DUE_FORMULA,
    ),
    _rate(
        "odr_on_time_completion_rate", "ODR 企业按时办结率", "odr_on_time", "odr_due",
        "10 个工作日内由商家办结的投诉", "商家协商期限届满的投诉", DUE_FORMULA,
    ),
    _rate(
        "response_rate", "响应率", "contact_on_time", "contact_due",
        "24 小时内首次联系到的件数", "首次联系期限届满的件数", DUE_FORMULA,
    ),
    _rate(
        "satisfaction_rate", "满意率", "satisfied", "answered",
        "回访评价「满意」「基本满意」的件数", "回访接通并作出评价的件数", "。未接通的不算",
    ),
    _rate(
        "satisfaction_of_all_rate", "满意率（按全部办结）", "satisfied", "closed",
        "回访评价「满意」「基本满意」的件数", "本月办结的全部投诉", "。没有评价的也在分母里",
    ),
    Kpi(
        "recovered_amount", "挽回损失", "本月办结的投诉中已核实的退赔金额", "", "recovered_fen", "",
        "Σ 本月办结的投诉中已核实的退赔金额", "fen",
    ),
    _rate(
        "complaint_to_case_rate", "诉转案率", "clues", "accepted",
        "办理中发现违法、转为案件线索的投诉", "本月受理的投诉",
    ),
    _rate(
        "disclosure_rate", "公示率", "disclosed", "disclosable",
        "已经公示的投诉", "异议期在本月届满的投诉", "。认定为恶意投诉的不算",
    ),
    _rate(
        "escrow_coverage", "资金锁定覆盖率", "locked_fen", "owed_fen",
        "锁定在存管银行的预收款", "商家尚未履行的预收余额", "。取本季存管核算",
    ),
)  # fmt: skip
# Sums that are shown without being anybody's performance.
COUNTS: tuple[Kpi, ...] = (
    _count("complaints_received", "收到投诉", "received", "本月收到的投诉，并件只算一件"),
    _count("reports_received", "收到举报", "reports", "本月收到的举报，并件只算一件"),
    _count("questions_received", "收到咨询", "questions", "本月收到的咨询和信访"),
    _count("complaints_closed", "办结投诉", "closed", "本月办结的投诉"),
)
EXTRA: dict[str, tuple[Kpi, str]] = {}


def extra_kpi(code: str, label: str, above: str, below: str, formula: str, sql: str) -> None:
    """Add a rate that an app above knows: rows (county code, numerator, denominator) of one month.

    The query has ``%(month)s`` for the first day of the month, ``%(next)s`` for that of the next one.
    """
    EXTRA[code] = (Kpi(code, label, above, below, f"{code}.num", f"{code}.den", formula), sql)


def kpis() -> tuple[Kpi, ...]:
    """Every figure of performance, with those of the apps above."""
    return (*KPIS, *(kpi for kpi, _ in EXTRA.values()))


def kpi_of(code: str) -> Kpi | None:
    """The figure of that name."""
    return next((one for one in (*kpis(), *COUNTS) if one.code == code), None)


@dataclass(frozen=True)
class Value:
    """One figure of one area and period."""

    kpi: Kpi
    num: int
    den: int

    @property
    def bp(self) -> int | None:
        """In hundredths of a percent, never rounded up: 99.999 % is not full marks. None where nothing was due."""
        return self.num * 10_000 // self.den if self.kpi.unit == "rate" and self.den else None

    @property
    def is_full(self) -> bool:
        """Whether everything that was due was done."""
        return bool(self.den) and self.num >= self.den

    @property
    def text(self) -> str:
        """As people read it."""
        if self.kpi.unit == "fen":
            return f"¥{yuan(self.num)}"
        if self.kpi.unit == "count":
            return f"{self.num:,}"
        return "—" if self.bp is None else percent(self.bp)

    @property
    def fraction(self) -> str:
        """``19 / 20``; nothing for what has nothing below the line, or of which nothing was due."""
        if self.kpi.unit != "rate" or not self.den:
            return ""
        if self.kpi.num.endswith("_fen"):
            return f"¥{yuan(self.num)} / ¥{yuan(self.den)}"
        return f"{self.num:,} / {self.den:,}"


def percent(bp: int) -> str:
    """``98.75%``."""
    return f"{Decimal(bp) / 100:.2f}%"


def value(kpi: Kpi, sums: Sums) -> Value:
    """The figure of one area and period."""
    return Value(kpi, sums.get(kpi.num, 0), sums.get(kpi.den, 0) if kpi.den else 0)


def added(parts: Iterable[Sums]) -> dict[str, int]:
    """Sums of several areas or months together."""
    whole: dict[str, int] = {}
    for part in parts:
        for name, n in part.items():
            whole[name] = whole.get(name, 0) + n
    return whole


AVERAGE_FORMULA = "月均：比率按当年各月的分子之和 ÷ 分母之和，件数和金额按当年累计 ÷ 月数"
YEAR_FORMULA = "同比：比率是本月减去年同月的百分点，件数和金额是（本月 − 去年同月）÷ 去年同月"
STREAK_FORMULA = "连续满分：从本月往前数，分子等于分母的月数；没有到期件的月份不算也不中断"


def month_average(kpi: Kpi, months: Mapping[date, Sums], month: date) -> Value:
    """The figure from January to ``month``: a rate over all that was due, a count or sum by month."""
    year = [sums for on, sums in months.items() if on.year == month.year and on <= month]
    whole = value(kpi, added(year))
    if kpi.unit == "rate":
        return whole
    return Value(kpi, whole.num // max(month.month, 1), 0)


def year_on_year(kpi: Kpi, months: Mapping[date, Sums], month: date) -> int | None:
    """Against the same month of last year, in hundredths: of a percentage point for a rate, else of a percent."""
    before = months.get(month.replace(year=month.year - 1))
    if before is None:
        return None
    now, then = value(kpi, months.get(month, {})), value(kpi, before)
    if kpi.unit == "rate":
        return None if now.bp is None or then.bp is None else now.bp - then.bp
    return (now.num - then.num) * 10_000 // then.num if then.num else None


def change_text(kpi: Kpi, change: int | None) -> str:
    """「＋1.25 个百分点」 or 「−12.00%」."""
    if change is None:
        return "—"
    sign = "＋" if change > 0 else "−" if change < 0 else ""
    return f"{sign}{abs(change) / 100:.2f}{' 个百分点' if kpi.unit == 'rate' else '%'}"


def streak(kpi: Kpi, months: Mapping[date, Sums], month: date) -> int:
    """For how many months in a row, back from ``month``, everything due was done in time."""
    run = 0
    for on in sorted((on for on in months if on <= month), reverse=True):
        found = value(kpi, months[on])
        if found.kpi.unit != "rate" or (found.den and not found.is_full):
            break
        run += bool(found.den)
    return run


@dataclass(frozen=True)
class Weight:
    """How many points an indicator gives, from which value it begins to give them, and where it gives them all."""

    kpi: str
    points: int
    begin: Decimal
    full: Decimal
    bonus: bool
    basis: str
    tag: str
    pack_id: str


@dataclass(frozen=True)
class Mark:
    """The points of one indicator, and how they were earned or lost. Hundredths of a point."""

    weight: Weight
    value: Value
    points: int

    @property
    def lost(self) -> int:
        """What is missing."""
        return self.weight.points * 100 - self.points

    @property
    def text(self) -> str:
        """``15.00``."""
        return f"{self.points / 100:.2f}"

    @property
    def lost_text(self) -> str:
        """``−5.00``; nothing where nothing was lost."""
        return f"−{self.lost / 100:.2f}" if self.lost else ""

    @property
    def why(self) -> str:
        """How it came to this."""
        scale = f"{self.weight.begin:.0%} 起计分，{self.weight.full:.0%} 得满分"
        if self.value.bp is None:
            return "没有发生，不加分" if self.weight.bonus else "没有到期的，不扣分"
        if not self.lost:
            return f"{self.value.text}（{self.value.fraction}），{scale}"
        missed = self.value.den - self.value.num
        if self.weight.bonus or self.value.kpi.num.endswith("_fen"):
            return f"{self.value.text}（{self.value.fraction}），{scale}"
        return f"{self.value.text}（{self.value.fraction}，{missed:,} 件没有做到），{scale}"


def weights(rules: Mapping[str, Any]) -> list[Weight]:
    """The indicators that the rule packs of a day name: ``efficacy.<kpi>`` and ``efficacy_bonus.<kpi>``."""
    found = []
    for key, rule in rules.items():
        kind, _, code = key.partition(".")
        if kind in ("efficacy", "efficacy_bonus"):
            ends = rule.conditions or {}
            found.append(
                Weight(
                    code, int(rule.value), Decimal(str(ends.get("from", 0))), Decimal(str(ends.get("full", 1))),
                    kind == "efficacy_bonus", rule.basis, rule.tag, rule.pack_id,
                )
            )  # fmt: skip
    return found


def efficacy(sums: Sums, by: Sequence[Weight]) -> list[Mark]:
    """The scorecard of one area and period, by the weights of the rule packs; in the order of the figures."""
    held = {weight.kpi: weight for weight in by}
    return [_mark(held[kpi.code], value(kpi, sums)) for kpi in kpis() if kpi.code in held]


def _mark(weight: Weight, found: Value) -> Mark:
    if found.bp is None:
        return Mark(weight, found, 0 if weight.bonus else weight.points * 100)
    reached = Decimal(found.num) / found.den
    span = weight.full - weight.begin
    share = (reached - weight.begin) / span if span > 0 else Decimal(reached >= weight.full)
    return Mark(weight, found, int(weight.points * 100 * min(max(share, Decimal(0)), Decimal(1))))


def score(marks: Iterable[Mark]) -> str:
    """``99.74``."""
    return f"{sum(mark.points for mark in marks) / 100:.2f}"


FEW = 100


@dataclass(frozen=True)
class Frequency:
    """So many of so many, per thousand, and between which values the true one lies nineteen times in twenty."""

    count: int
    of: int

    @property
    def is_small(self) -> bool:
        """Too few to say anything of a rate."""
        return self.of < FEW

    @property
    def per_thousand(self) -> str:
        """``1.2``; empty where nothing was counted."""
        return f"{self.count * 1000 / self.of:.1f}" if self.of else ""

    @property
    def bounds(self) -> tuple[str, str]:
        """The Wilson interval of 95 %, per thousand."""
        low, high = wilson(self.count, max(self.of, self.count))
        return f"{low * 1000:.1f}", f"{high * 1000:.1f}"


def wilson(count: int, of: int, z: float = Z95) -> tuple[float, float]:
    """The Wilson score interval of ``count`` out of ``of``; everything is possible where nothing was tried."""
    if not of:
        return 0.0, 1.0
    share, square = count / of, z * z / of
    middle = (share + square / 2) / (1 + square)
    half = z * sqrt(share * (1 - share) / of + square / (4 * of)) / (1 + square)
    return (0.0 if count == 0 else max(middle - half, 0.0)), (1.0 if count == of else min(middle + half, 1.0))
