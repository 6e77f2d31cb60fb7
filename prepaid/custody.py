"""How much money must stand behind prepaid cards, by the rule packs; and what everybody may see of it. No writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum

from core.models import RulePack
from core.rule_packs import NATION, RuleValue, rules
from prepaid.models import Contract, CourtOrder, CustodyAccount, CustodyCheck

# Sectors the ministry of commerce speaks for; Beijing calls them together COMMERCE.
COMMERCE = ("RETAIL", "LODGING_CATERING", "RESIDENT_SERVICE")
NEW_FOR = timedelta(days=365)
_SPECIAL = re.compile(r"min\(max\(([\d.]+)\*prev_year_main_revenue,(\d+)\),(\d+)\)")


@dataclass(frozen=True)
class CustodyRule:
    """What one kind of merchant owes: ``ratio_bp`` of its base once that is above ``over_fen``.

    ``by_quarter``: the base is the balance at the last quarter's end, else today's. ``offsets``: insurance and
    bank guarantees count (试行办法第28条).
    """

    ratio_bp: int
    over_fen: int
    by_quarter: bool
    offsets: bool
    basis: str
    special: SpecialLine | None = None


@dataclass(frozen=True)
class SpecialLine:
    """Above it everything must be covered: a part of last year's revenue, between two amounts (沪实施办法第11条)."""

    revenue_bp: int
    least_fen: int
    most_fen: int


@dataclass(frozen=True)
class Kind:
    """What of a merchant decides its rule: where it is, its trade, its form, its class as an issuer, its age."""

    jurisdiction: str
    sector: str
    entity: str
    issuer_class: str
    is_new: bool


def custody_rule(kind: Kind, figures: Mapping[str, RuleValue]) -> CustodyRule | None:
    """The rule for a kind of merchant out of the figures of its place and day; None where none asks for custody."""
    offset = figures.get("custody.offset")
    offsets = offset is not None and _in_scope(offset, kind)
    line = figures.get("custody.new_or_mall_line" if kind.is_new else "custody.general_line")
    if line is not None:
        special = None if kind.is_new else _special_line(figures.get("custody.special_line"))
        return CustodyRule(_bp(line.conditions["ratio"]), int(line.value), False, offsets, line.basis, special)
    local = figures.get("custody.ratio.COMMERCE")
    if local is not None and kind.sector in COMMERCE:
        threshold = figures.get("filing.threshold.COMMERCE.balance")
        over = int(threshold.value) - 1 if threshold else 0  # 达到 the threshold, not above it
        return CustodyRule(_bp(local.value), over, True, offsets, local.basis)
    by_class = figures.get(f"custody.ratio.{kind.issuer_class}") if kind.issuer_class else None
    if by_class is not None and _in_scope(by_class, kind):
        return CustodyRule(_bp(by_class.value), 0, True, offsets, by_class.basis)
    return None


def _special_line(value: RuleValue | None) -> SpecialLine | None:
    """The line out of its formula. Raises ValueError for a formula of another form, rather than guess."""
    if value is None:
        return None
    found = _SPECIAL.fullmatch(str(value.value))
    if found is None:
        raise ValueError(f"{value.pack_id} custody.special_line: {value.value}")
    return SpecialLine(_bp(found[1]), int(found[2]), int(found[3]))


def _in_scope(value: RuleValue, kind: Kind) -> bool:
    scope = (value.conditions or {}).get("scope") or {}
    return kind.sector in scope.get("industries", [kind.sector]) and kind.entity in scope.get("entity", [kind.entity])


def _bp(ratio: str) -> int:
    return int(Decimal(ratio) * 10_000)


def required_fen(rule: CustodyRule, quarter_fen: int, now_fen: int, revenue_fen: int | None = None) -> int:
    """What must stand behind the cards, in fen, rounded up: never against the consumer. The daily SQL says the same."""
    base = quarter_fen if rule.by_quarter else now_fen
    if rule.special is not None and revenue_fen is not None:
        part = revenue_fen * rule.special.revenue_bp // 10_000
        if base > min(max(part, rule.special.least_fen), rule.special.most_fen):
            return base
    return -(-base * rule.ratio_bp // 10_000) if base > rule.over_fen else 0


def last_quarter_end(on: date) -> date:
    """The last day of the quarter before ``on``'s."""
    return date(on.year, 3 * ((on.month - 1) // 3) + 1, 1) - timedelta(days=1)


def jurisdictions(regions: Iterable[str], on: date) -> dict[str, str]:
    """For each region the nearest one for which a rule pack speaks: few, however many streets there are."""
    spoken = set(
        RulePack.objects.filter(effective_from__lte=on).order_by().values_list("region_code", flat=True).distinct()
    )
    return {region: next((region[:n] for n in (12, 9, 6, 4, 2) if region[:n] in spoken), NATION) for region in regions}


def figures_of(jurisdiction: str, on: date) -> Mapping[str, RuleValue]:
    """All figures in force there."""
    return rules(jurisdiction, on)


@dataclass(frozen=True)
class Badge:
    """What the public sees: whose account holds the money, and how much of all prepaid money is locked."""

    locked_fen: int
    unlocked_fen: int
    account: CustodyAccount | None
    court_orders: int

    @property
    def share(self) -> int:
        """Per cent of prepaid money that is locked, rounded down; 100 where nothing is outside."""
        whole = self.locked_fen + self.unlocked_fen
        return 100 if not self.unlocked_fen else self.locked_fen * 100 // whole

    @property
    def share_text(self) -> str:
        """The share in words."""
        return f"{self.share}% 存管"


def badge(merchant_id: int, on: date) -> Badge:
    """The public's view of a merchant's custody, cards sold before joining as of the last check; four queries."""
    locked = Contract.objects.filter(merchant=merchant_id, account__row_balance_fen__gt=0).aggregate(
        sum=Sum("account__row_balance_fen")
    )["sum"]
    check = CustodyCheck.objects.newest(merchant_id)
    unlocked_fen = check.obligations_fen - check.locked_fen if check else 0
    account = CustodyAccount.objects.of(merchant_id)
    orders = CourtOrder.objects.in_force(on).filter(merchant=merchant_id).count()
    return Badge(locked or 0, unlocked_fen, account, orders)
