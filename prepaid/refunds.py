"""What a consumer gets back, line by line with the article. Exact, rounded up to the fen, never below 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from core.money import yuan

COURT = "法释〔2025〕4号"
ART_14, ART_15 = f"{COURT}第14条", f"{COURT}第15条"
ART_16 = f"{COURT}第16条"
ART_18_1, ART_18_2 = f"{COURT}第18条第1项", f"{COURT}第18条第2项"
ART_19, ART_20 = f"{COURT}第19条", f"{COURT}第20条"
ART_21, ART_22 = f"{COURT}第21条", f"{COURT}第22条"
ZHEJIANG_11 = "浙江省实施消法办法第11条"

USED_IN_COOLING_OFF = "七日内已部分使用的，按第18条还是第19条折算，法律没有写明；这里按对消费者有利的第18条计算。"
NO_LIST_PRICE = "合同没有载明优惠前单价，这里按合同平均单价折算；有市场价格证据的，可以按第19条调整。"
EXPIRED_BY_RATIO = "到期退款的已用部分怎样折算，条文没有写明；这里按已付与赠送的比例折算，或由双方约定延期。"
EXPIRED_NO_RULE = "本地没有到期余额怎样处理的规定；这里按不是消费者的原因折算，或由双方约定延期。"
RATE_UNKNOWN = "适用的利率还没有登记，这里先按 0 计；登记后补算，少算的由经营者补付。"
YEAR_OF_360 = "一年按 360 天还是 365 天折算，条文没有写明；这里按对消费者有利的 360 天计算。"
YEAR_DAYS, MILLION = 360, 1_000_000


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


class RateBase(StrEnum):
    """Where a rate of interest comes from (第16条)."""

    AGREED = "AGREED"
    LPR_1Y = "LPR_1Y"
    DEPOSIT_1Y = "DEPOSIT_1Y"
    CUSTODY = "CUSTODY"


RATE_NAMES = {
    RateBase.AGREED: "约定利率",
    RateBase.LPR_1Y: "合同成立时一年期LPR",
    RateBase.DEPOSIT_1Y: "合同成立时一年期定期存款基准利率",
    RateBase.CUSTODY: "存管账户实际利率",
}


def base_without_agreement(cause: Cause) -> RateBase:
    """Which public rate the part that is not supervised bears: LPR if the merchant caused the end, else deposits."""
    return RateBase.LPR_1Y if cause is Cause.MERCHANT else RateBase.DEPOSIT_1Y


@dataclass(frozen=True)
class Interest:
    """Interest from the day the contract ended (第17条): whole ``days``, rates a year in millionths, None = unknown.

    ``supervised_fen`` of the principal bears what the supervised account really earns, the rest ``rest_ppm``.
    An agreed rate goes before both.
    """

    days: int
    supervised_fen: int = 0
    custody_ppm: int | None = None
    rest_ppm: int | None = None
    agreed_ppm: int | None = None

    def __post_init__(self) -> None:
        """Refuse interest that runs backwards."""
        if min(self.days, self.supervised_fen, self.custody_ppm or 0, self.rest_ppm or 0, self.agreed_ppm or 0) < 0:
            raise ValueError("days and rates of interest are never negative")


@dataclass(frozen=True)
class Adjustment:
    """What an officer or the merchant adds for gifts, with the reason (第21条); only ever in the consumer's favour."""

    amount_fen: int
    reason: str


@dataclass(frozen=True)
class Facts:
    """A contract at the moment it ends: its kind, the cause, and each payment as a lot (oldest first).

    ``expiry_rule``: whether the region has a rule for what is left of an expired card (Zhejiang has).
    """

    kind: Kind
    cause: Cause
    lots: tuple[LotFacts, ...]
    interest: Interest | None = None
    adjustment: Adjustment | None = None
    expiry_rule: bool = True


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
    """The value a lot has delivered, rounded down, and why."""

    value_fen: int
    formula: str
    article: str
    open_point: str = ""


def compute(facts: Facts) -> Statement:
    """The refund of a contract: what was paid less the value delivered (第15条), lot by lot, then gifts and interest.

    A value used is rounded down and interest up, so that the refund is rounded up to the whole fen. Raises
    ValueError for facts that contradict each other.
    """
    lines = [line for lot in facts.lots for line in _lot_lines(facts, lot)]
    if facts.adjustment:
        lines.append(_adjustment_line(facts, sum(line.amount_fen for line in lines)))
    if facts.interest and facts.cause is not Cause.COOLING_OFF:  # 第14条 gives the principal back, no interest
        lines += _interest_lines(facts.cause, facts.interest, sum(line.amount_fen for line in lines))
    return Statement(tuple(lines), sum(line.amount_fen for line in lines))


def _lot_lines(facts: Facts, lot: LotFacts) -> Iterable[Line]:
    cooling_off = facts.cause is Cause.COOLING_OFF
    if cooling_off and _untouched(facts.kind, lot):
        yield Line(lot.paid_fen, "七日内未使用，退还本金", _yuan(lot.paid_fen), ART_14)
        return
    yield Line(lot.paid_fen, "已付预付款", _yuan(lot.paid_fen), ART_14 if cooling_off else ART_15)
    used = _used(facts, lot)
    yield Line(-used.value_fen, "减：已提供商品或服务的价值", used.formula, used.article, used.open_point)
    excess = max(0, used.value_fen - lot.paid_fen)
    if excess or used.article == ART_19:
        formula = f"超出已付款 {_yuan(excess)}，经营者无权追补" if excess else "没有超出已付款"
        yield Line(excess, "折算价值超出已付款的部分不追补", formula, ART_20)


def _adjustment_line(facts: Facts, refund_fen: int) -> Line:
    """More for gifts. Raises ValueError for less, or for more than was paid."""
    adjustment = facts.adjustment
    assert adjustment is not None
    if not 0 < adjustment.amount_fen <= sum(lot.paid_fen for lot in facts.lots) - refund_fen:
        raise ValueError("an adjustment for gifts only adds, up to what was paid")
    return Line(adjustment.amount_fen, "赠品酌情调整，多退给消费者", adjustment.reason, ART_21)


def _interest_lines(cause: Cause, interest: Interest, principal_fen: int) -> Iterable[Line]:
    """Interest on what is given back: as agreed; else the supervised part by its account, the rest by law."""
    if interest.agreed_ppm is not None:
        yield _interest_line(interest.days, principal_fen, RateBase.AGREED, interest.agreed_ppm)
        return
    supervised = min(principal_fen, interest.supervised_fen)
    if supervised or not principal_fen:
        yield _interest_line(interest.days, supervised, RateBase.CUSTODY, interest.custody_ppm)
    if principal_fen > supervised:
        base = base_without_agreement(cause)
        yield _interest_line(interest.days, principal_fen - supervised, base, interest.rest_ppm)


def _interest_line(days: int, principal_fen: int, base: RateBase, ppm: int | None) -> Line:
    rate = "（未登记）" if ppm is None else f" {ppm / 10_000:g}%"
    amount = -(-principal_fen * days * (ppm or 0) // (YEAR_DAYS * MILLION))
    formula = (
        f"{_yuan(principal_fen)} × {RATE_NAMES[base]}{rate} × {days}天 ÷ {YEAR_DAYS}，自合同解除之日起算（第17条）"
    )
    unknown = RATE_UNKNOWN if ppm is None and days and principal_fen else ""
    return Line(amount, "利息", formula, ART_16, unknown or (YEAR_OF_360 if amount else ""))


def _untouched(kind: Kind, lot: LotFacts) -> bool:
    if kind is Kind.PER_PERIOD:
        return lot.unserved_fen == lot.paid_fen
    return not (lot.used_face_fen or lot.times_used or lot.used_value_fen)


def _used(facts: Facts, lot: LotFacts) -> _Used:
    kind, cause = facts.kind, facts.cause
    if kind is Kind.UNLIMITED_TERM:
        used = _used_of_term(lot)
    elif kind is Kind.PER_PERIOD:
        served = lot.paid_fen - lot.unserved_fen
        used = _Used(served, f"已履行的各期合计 {_yuan(served)}", ART_15)
    elif cause is Cause.EXPIRED:
        return _used_when_expired(facts, lot)
    elif cause is Cause.CONSUMER:
        return _used_at_list_price(kind, lot)
    else:
        used = _used_at_contract_price(kind, lot)
    if cause is Cause.COOLING_OFF:
        return _Used(used.value_fen, used.formula, used.article, USED_IN_COOLING_OFF)
    return used


def _used_of_term(lot: LotFacts) -> _Used:
    """Unlimited use counts by time, whoever ends it; days not used by choice are not given back."""
    if not lot.total_days:
        raise ValueError("an unlimited card needs the days of its term")
    gone = lot.total_days - lot.left_days
    formula = f"{_yuan(lot.paid_fen)} × 已过{gone}天 ÷ 共{lot.total_days}天"
    return _Used(lot.paid_fen * gone // lot.total_days, formula, ART_22)


def _used_at_contract_price(kind: Kind, lot: LotFacts) -> _Used:
    """Not the consumer's cause: the discount stays, a gift counts in proportion to what was paid (第18条)."""
    if lot.used_value_fen is not None:
        return _Used(lot.used_value_fen, f"双方确认的已用价值 {_yuan(lot.used_value_fen)}", ART_18_1)
    if kind is Kind.COUNT:
        times = lot.times_paid + lot.times_bonus
        formula = f"{_yuan(lot.paid_fen)} × 已用{lot.times_used}次 ÷ （{lot.times_paid}次＋赠{lot.times_bonus}次）"
        return _Used(lot.paid_fen * lot.times_used // (times or 1), formula, ART_18_2)
    # What was used, at the discounted price, in parts of a fen: a discount need not be a whole number of tenths.
    parts = lot.discount.denominator
    used = (lot.list_price_fen or 0) * lot.discount.numerator * lot.times_used + lot.used_face_fen * parts
    if lot.list_price_fen is not None and not lot.bonus_fen:
        formula = f"原价 {_yuan(lot.list_price_fen)} × {_discount(lot.discount)} × {lot.times_used}次"
        if lot.used_face_fen:
            formula += f" ＋ 另用 {_yuan(lot.used_face_fen)}"
        return _Used(used // parts, formula, ART_18_1)
    whole = lot.paid_fen + lot.bonus_fen
    paid, bonus = _yuan(lot.paid_fen), _yuan(lot.bonus_fen)
    formula = f"已用面值 {_yuan(used // parts)} × {paid} ÷ （{paid}＋赠{bonus}）"
    return _Used(used * lot.paid_fen // (parts * (whole or 1)), formula, ART_18_2)


def _used_at_list_price(kind: Kind, lot: LotFacts) -> _Used:
    """The consumer's own cause: what was used counts at the price before discount and gift (第19条)."""
    if lot.used_value_fen is not None:
        return _Used(lot.used_value_fen, f"双方确认的已用价值 {_yuan(lot.used_value_fen)}", ART_19)
    if lot.list_price_fen is not None:
        formula = f"优惠前单价 {_yuan(lot.list_price_fen)} × {lot.times_used}次"
        if lot.used_face_fen:
            formula += f" ＋ 已用面值 {_yuan(lot.used_face_fen)}"
        return _Used(lot.list_price_fen * lot.times_used + lot.used_face_fen, formula, ART_19)
    if kind is Kind.COUNT:
        formula = f"{_yuan(lot.paid_fen)} × 已用{lot.times_used}次 ÷ {lot.times_paid}次"
        return _Used(lot.paid_fen * lot.times_used // (lot.times_paid or 1), formula, ART_19, NO_LIST_PRICE)
    return _Used(lot.used_face_fen, f"已用面值 {_yuan(lot.used_face_fen)}", ART_19)


def _used_when_expired(facts: Facts, lot: LotFacts) -> _Used:
    """A pay-per-use card past its date keeps its unused part in Zhejiang: refund it, or extend the card."""
    used = _used_at_contract_price(facts.kind, lot)
    if not facts.expiry_rule:
        return _Used(used.value_fen, used.formula, used.article, EXPIRED_NO_RULE)
    open_point = EXPIRED_BY_RATIO if lot.used_value_fen is None else ""
    return _Used(used.value_fen, used.formula, ZHEJIANG_11, open_point)


def _discount(discount: Fraction) -> str:
    tenths = float(discount * 10)
    return "无折扣" if discount == 1 else f"{tenths:g}折"


def _yuan(fen: int) -> str:
    return f"¥{yuan(fen)}"
