"""What a consumer gets back, line by line with the article. Exact, rounded up to the fen, never below 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor

from core.money import yuan

COURT = "法释〔2025〕4号"
ART_14, ART_15 = f"{COURT}第14条", f"{COURT}第15条"
ART_18_1, ART_18_2 = f"{COURT}第18条第1项", f"{COURT}第18条第2项"
ART_19, ART_20, ART_22 = f"{COURT}第19条", f"{COURT}第20条", f"{COURT}第22条"
ZHEJIANG_11 = "浙江省实施消法办法第11条"

USED_IN_COOLING_OFF = "七日内已部分使用的，按第18条还是第19条折算，法律没有写明；这里按对消费者有利的第18条计算。"
NO_LIST_PRICE = "合同没有载明优惠前单价，这里按合同平均单价折算；有市场价格证据的，可以按第19条调整。"
EXPIRED_BY_RATIO = "到期退款的已用部分怎样折算，条文没有写明；这里按已付与赠送的比例折算，或由双方约定延期。"


class Kind(StrEnum):
    """How the money was to be used up."""

    STORED_VALUE = "STORED_VALUE"
    COUNT = "COUNT"
    UNLIMITED_TERM = "UNLIMITED_TERM"
    PER_PERIOD = "PER_PERIOD"


class Cause(StrEnum):
    """Why the contract ends. MERCHANT stands for every cause that is not the consumer's."""

    MERCHANT = "MERCHANT"
    CONSUMER = "CONSUMER"
    COOLING_OFF = "COOLING_OFF"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class LotFacts:
    """One payment into a contract and what was used of it; only the fields of its kind are filled.

    STORED_VALUE: ``used_face_fen`` at face (gift included), or ``list_price_fen`` × ``times_used`` with a
    ``discount`` (0.8 is 20 % off), or ``used_value_fen`` where the value delivered is agreed. COUNT: times.
    UNLIMITED_TERM: days, where ``times_used`` tells whether it was used at all. PER_PERIOD: ``unserved_fen``.
    """

    paid_fen: int
    bonus_fen: int = 0
    used_face_fen: int = 0
    list_price_fen: int | None = None
    discount: Fraction = Fraction(1)
    times_paid: int = 0
    times_bonus: int = 0
    times_used: int = 0
    used_value_fen: int | None = None
    total_days: int = 0
    left_days: int = 0
    unserved_fen: int = 0

    def __post_init__(self) -> None:
        """Refuse facts that cannot be, instead of computing nonsense from them."""
        numbers = (
            self.paid_fen, self.bonus_fen, self.used_face_fen, self.list_price_fen or 0, self.times_paid,
            self.times_bonus, self.times_used, self.used_value_fen or 0, self.total_days, self.left_days,
            self.unserved_fen,
        )  # fmt: skip
        if min(numbers) < 0:
            raise ValueError("facts of a refund are never negative")
        if not 0 < self.discount <= 1:
            raise ValueError("a discount lies above 0 and at most at 1")
        if self.left_days > self.total_days:
            raise ValueError("more days left than the term has")
        if self.unserved_fen > self.paid_fen:
            raise ValueError("more left to serve than was paid")


@dataclass(frozen=True)
class Facts:
    """A contract at the moment it ends: its kind, the cause, and each payment as a lot (oldest first)."""

    kind: Kind
    cause: Cause
    lots: tuple[LotFacts, ...]


@dataclass(frozen=True)
class Line:
    """One step of the sum: signed ``amount_fen``, the formula, the article, what the law leaves open."""

    amount_fen: int
    label: str
    formula: str
    article: str
    open_point: str = ""


@dataclass(frozen=True)
class Statement:
    """The whole sum. The lines add up to ``total_fen``."""

    lines: tuple[Line, ...]
    total_fen: int

    @property
    def open_points(self) -> tuple[str, ...]:
        """What a human should look at, each said once."""
        return tuple(dict.fromkeys(line.open_point for line in self.lines if line.open_point))


@dataclass(frozen=True)
class _Used:
    """The value a lot has delivered, before rounding, and why."""

    value: Fraction
    formula: str
    article: str
    open_point: str = ""


def compute(facts: Facts) -> Statement:
    """The refund of a contract: what was paid less the value delivered (第15条), lot by lot.

    A value used is rounded down, so that the refund is rounded up to the whole fen. Raises ValueError for
    facts that contradict each other.
    """
    lines = tuple(line for lot in facts.lots for line in _lot_lines(facts.kind, facts.cause, lot))
    return Statement(lines, sum(line.amount_fen for line in lines))


def _lot_lines(kind: Kind, cause: Cause, lot: LotFacts) -> Iterable[Line]:
    if cause is Cause.COOLING_OFF and _untouched(kind, lot):
        yield Line(lot.paid_fen, "七日内未使用，退还本金", _yuan(lot.paid_fen), ART_14)
        return
    yield Line(lot.paid_fen, "已付预付款", _yuan(lot.paid_fen), ART_14 if cause is Cause.COOLING_OFF else ART_15)
    used = _used(kind, cause, lot)
    value_fen = floor(used.value)
    yield Line(-value_fen, "减：已提供商品或服务的价值", used.formula, used.article, used.open_point)
    excess = max(0, value_fen - lot.paid_fen)
    if excess or used.article == ART_19:
        formula = f"超出已付款 {_yuan(excess)}，经营者无权追补" if excess else "没有超出已付款"
        yield Line(excess, "折算价值超出已付款的部分不追补", formula, ART_20)


def _untouched(kind: Kind, lot: LotFacts) -> bool:
    if kind is Kind.PER_PERIOD:
        return lot.unserved_fen == lot.paid_fen
    return not (lot.used_face_fen or lot.times_used or lot.used_value_fen)


def _used(kind: Kind, cause: Cause, lot: LotFacts) -> _Used:
    if kind is Kind.UNLIMITED_TERM:
        used = _used_of_term(lot)
    elif kind is Kind.PER_PERIOD:
        served = lot.paid_fen - lot.unserved_fen
        used = _Used(Fraction(served), f"已履行的各期合计 {_yuan(served)}", ART_15)
    elif cause is Cause.EXPIRED:
        return _used_when_expired(kind, lot)
    elif cause is Cause.CONSUMER:
        return _used_at_list_price(kind, lot)
    else:
        used = _used_at_contract_price(kind, lot)
    if cause is Cause.COOLING_OFF:
        return _Used(used.value, used.formula, used.article, USED_IN_COOLING_OFF)
    return used


def _used_of_term(lot: LotFacts) -> _Used:
    """Unlimited use counts by time, whoever ends it; days not used by choice are not given back."""
    if not lot.total_days:
        raise ValueError("an unlimited card needs the days of its term")
    gone = lot.total_days - lot.left_days
    formula = f"{_yuan(lot.paid_fen)} × 已过{gone}天 ÷ 共{lot.total_days}天"
    return _Used(Fraction(lot.paid_fen * gone, lot.total_days), formula, ART_22)


def _used_at_contract_price(kind: Kind, lot: LotFacts) -> _Used:
    """Not the consumer's cause: the discount stays, a gift counts in proportion to what was paid (第18条)."""
    if lot.used_value_fen is not None:
        return _Used(Fraction(lot.used_value_fen), f"双方确认的已用价值 {_yuan(lot.used_value_fen)}", ART_18_1)
    if kind is Kind.COUNT:
        times = lot.times_paid + lot.times_bonus
        formula = f"{_yuan(lot.paid_fen)} × 已用{lot.times_used}次 ÷ （{lot.times_paid}次＋赠{lot.times_bonus}次）"
        return _Used(Fraction(lot.paid_fen * lot.times_used, times or 1), formula, ART_18_2)
    if lot.list_price_fen is not None and not lot.bonus_fen:
        value = lot.list_price_fen * lot.discount * lot.times_used + lot.used_face_fen
        formula = f"原价 {_yuan(lot.list_price_fen)} × {_discount(lot.discount)} × {lot.times_used}次"
        if lot.used_face_fen:
            formula += f" ＋ 另用 {_yuan(lot.used_face_fen)}"
        return _Used(value, formula, ART_18_1)
    face = lot.used_face_fen + (lot.list_price_fen or 0) * lot.discount * lot.times_used
    whole = lot.paid_fen + lot.bonus_fen
    paid, bonus = _yuan(lot.paid_fen), _yuan(lot.bonus_fen)
    formula = f"已用面值 {_yuan(floor(face))} × {paid} ÷ （{paid}＋赠{bonus}）"
    return _Used(face * lot.paid_fen / Fraction(whole or 1), formula, ART_18_2)


def _used_at_list_price(kind: Kind, lot: LotFacts) -> _Used:
    """The consumer's own cause: what was used counts at the price before discount and gift (第19条)."""
    if lot.used_value_fen is not None:
        return _Used(Fraction(lot.used_value_fen), f"双方确认的已用价值 {_yuan(lot.used_value_fen)}", ART_19)
    if lot.list_price_fen is not None:
        value = Fraction(lot.list_price_fen * lot.times_used + lot.used_face_fen)
        formula = f"优惠前单价 {_yuan(lot.list_price_fen)} × {lot.times_used}次"
        if lot.used_face_fen:
            formula += f" ＋ 已用面值 {_yuan(lot.used_face_fen)}"
        return _Used(value, formula, ART_19)
    if kind is Kind.COUNT:
        formula = f"{_yuan(lot.paid_fen)} × 已用{lot.times_used}次 ÷ {lot.times_paid}次"
        value = Fraction(lot.paid_fen * lot.times_used, lot.times_paid or 1)
        return _Used(value, formula, ART_19, NO_LIST_PRICE)
    return _Used(Fraction(lot.used_face_fen), f"已用面值 {_yuan(lot.used_face_fen)}", ART_19)


def _used_when_expired(kind: Kind, lot: LotFacts) -> _Used:
    """A pay-per-use card past its date keeps its unused part in Zhejiang: refund it, or extend the card."""
    if lot.used_value_fen is not None:
        return _Used(Fraction(lot.used_value_fen), f"已用价值 {_yuan(lot.used_value_fen)}", ZHEJIANG_11)
    used = _used_at_contract_price(kind, lot)
    return _Used(used.value, used.formula, ZHEJIANG_11, EXPIRED_BY_RATIO)


def _discount(discount: Fraction) -> str:
    tenths = float(discount * 10)
    return "无折扣" if discount == 1 else f"{tenths:g}折"


def _yuan(fen: int) -> str:
    return f"¥{yuan(fen)}"
