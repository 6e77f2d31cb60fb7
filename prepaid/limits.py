"""What may be sold: caps, waiting time, names and transfers by the rule packs. Pure: facts in, breaches out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.money import yuan
from core.pack_schema import label_of, spec_of
from core.rule_packs import RuleValue
from prepaid.schedule import Every, nth_date

ENTERPRISE, INDIVIDUAL = "ENTERPRISE", "INDIVIDUAL"
RETAIL_CATERING = ("RETAIL", "LODGING_CATERING")
FORBIDDEN_IF = "issue.forbidden_if"
FULL_ESCROW, BY_INSTRUCTION = "escrow_full_coverage", "third_party_platform_and_consumer_instruction"


@dataclass(frozen=True)
class Seller:
    """Who sells: form (``ENTERPRISE`` or ``INDIVIDUAL``), sector, licence, and what stands open. Amounts in fen.

    ``listed`` are the codes of ``issue.forbidden_if`` that apply; ``revenue_fen`` and ``capital_fen`` come from the
    filing and are None while nobody declared them.
    """

    entity: str
    sector: str
    licensed_on: date | None = None
    issuer_class: str = ""
    escrow_is_full: bool = True
    listed: Sequence[str] = ()
    outstanding_fen: int = 0
    revenue_fen: int | None = None
    capital_fen: int | None = None


@dataclass(frozen=True)
class Offer:
    """One sale or top-up: what is paid, on what card, by whom. Amounts in fen.

    ``card_fen`` stands on the card already, ``consumer_fen`` on all cards of this consumer with this seller.
    ``by_instruction``: money leaves escrow only when the consumer says so, visit by visit.
    """

    seller: Seller
    on: date
    price_fen: int
    card_fen: int = 0
    consumer_fen: int = 0
    named: bool = True
    name_known: bool = True
    payer_is_entity: bool = False
    cash: bool = False
    by_instruction: bool = True
    valid_days: int | None = None


@dataclass(frozen=True)
class Breach:
    """One limit that is broken: figure and limit in the unit of the rule, the article, and what to do instead."""

    code: str
    figure: int
    limit: int
    basis: str
    tag: str
    advice: str


def in_scope(rule: RuleValue, *, sector: str, entity: str, issuer_class: str = "") -> bool:
    """Whether a rule is about such a seller; a rule without a scope is about everybody."""
    scope = (rule.conditions or {}).get("scope") or {}
    return (
        sector in scope.get("industries", [sector])
        and entity in scope.get("entity", [entity])
        and issuer_class in scope.get("issuer_class", [issuer_class])
        and "trade" not in scope
    )


def check_offer(offer: Offer, figures: Mapping[str, RuleValue], exemptions: Sequence[RuleValue]) -> list[Breach]:
    """Every limit that a sale would break, the gravest first; none means it may be sold.

    ``figures`` hold in the seller's region on the day; ``exemptions`` are all ``cap.exempt_if`` that stand there
    (浙江办法第10条第2款但书、杭州市政策).
    """
    rules = {
        key: rule
        for key, rule in figures.items()
        if in_scope(rule, sector=offer.seller.sector, entity=offer.seller.entity)
    }
    found = [*_may_issue(offer, rules)]
    if not _is_exempt(offer, exemptions):
        found += _caps(offer, rules)
    return [*found, *_total(offer, rules), *_payment(offer, rules), *_validity(offer, rules)]


def _breach(code: str, rule: RuleValue, figure: int, limit: int, advice: str) -> Breach:
    return Breach(code, figure, limit, rule.basis, rule.tag, advice)


def _may_issue(offer: Offer, rules: Mapping[str, RuleValue]) -> Iterator[Breach]:
    """Waiting time after the licence (浙江办法第10条) and who may not issue at all (北京条例第11条)."""
    wait, seller = rules.get("issue.min_months_since_licence"), offer.seller
    if wait is not None and seller.licensed_on is not None:
        first = nth_date(seller.licensed_on, int(wait.value), Every.MONTH)
        if offer.on < first:
            months = sum(nth_date(seller.licensed_on, n, Every.MONTH) <= offer.on for n in range(1, int(wait.value)))
            advice = f"领取营业执照满 {wait.value} 个月才能发卡，从 {first} 起可以"
            yield _breach("too_new", wait, months, int(wait.value), advice)
    yield from bars(seller.listed, rules)


def bars(listed: Sequence[str], rules: Mapping[str, RuleValue]) -> Iterator[Breach]:
    """Each ground among ``listed`` (codes of ``issue.forbidden_if``) that the region's rule names; none without one."""
    barred, spec = rules.get(FORBIDDEN_IF), spec_of(FORBIDDEN_IF)
    for code in listed:
        if barred is not None and code in barred.value:
            word = (spec.options or {}).get(code, code) if spec else code
            yield _breach("barred", barred, 1, 0, f"{word}，不得发卡；移出后再办")


def _is_exempt(offer: Offer, exemptions: Sequence[RuleValue]) -> bool:
    met = {FULL_ESCROW: offer.seller.escrow_is_full, BY_INSTRUCTION: offer.by_instruction}
    return any(met.get(str(rule.value), False) for rule in exemptions)


def _caps(offer: Offer, rules: Mapping[str, RuleValue]) -> Iterator[Breach]:
    """Face value and balance; a region's own cap stands in for the ministry's."""
    enterprise = offer.seller.entity == ENTERPRISE
    kind = "named" if offer.named else "unnamed"
    if enterprise:
        cap = rules.get(f"cap.enterprise.{kind}") or rules.get(f"cap.{kind}")
        figure = offer.card_fen + offer.price_fen
        what = "这张卡里的钱"
    else:
        cap = rules.get("cap.other.named_per_consumer" if offer.named else "cap.other.unnamed")
        figure = (offer.consumer_fen if offer.named else offer.card_fen) + offer.price_fen
        what = "同一位顾客在您店里的预付款"
    if cap is not None and figure > int(cap.value):
        room = max(0, int(cap.value) - (figure - offer.price_fen))
        advice = f"{what}不能超过 {yuan(int(cap.value))} 元，这次最多收 {yuan(room)} 元；全部存管的不受此限"
        yield _breach("over_cap", cap, figure, int(cap.value), advice)


def _total(offer: Offer, rules: Mapping[str, RuleValue]) -> Iterator[Breach]:
    """All that is owed on cards, against revenue or capital (试行办法第25条); an unknown base is not guessed."""
    seller = offer.seller
    if seller.licensed_on and offer.on < nth_date(seller.licensed_on, 12, Every.MONTH):
        key, base = "balance_cap.new_entity", seller.capital_fen
    elif seller.issuer_class == "GROUP":
        key, base = "balance_cap.group", seller.revenue_fen
    else:
        part = "retail_catering" if seller.sector in RETAIL_CATERING else "resident_service"
        key, base = f"balance_cap.{part}", seller.revenue_fen
    cap = rules.get(key)
    if cap is None or base is None:
        return
    limit, figure = int(Decimal(cap.value) * base), seller.outstanding_fen + offer.price_fen
    if figure > limit:
        advice = f"预收资金余额不能超过 {yuan(limit)} 元（{label_of(key)}），先履约或退款再卖"
        yield _breach("over_balance", cap, figure, limit, advice)


def _payment(offer: Offer, rules: Mapping[str, RuleValue]) -> Iterator[Breach]:
    """Names and transfers for large sums (国办发〔2011〕25号)."""
    name = rules.get("real_name.unnamed_from")
    if name is not None and not offer.name_known and offer.price_fen >= int(name.value):
        advice = f"一次 {yuan(int(name.value))} 元以上要实名登记，请填顾客姓名"
        yield _breach("name_needed", name, offer.price_fen, int(name.value), advice)
    transfer = rules.get("non_cash.entity_from" if offer.payer_is_entity else "non_cash.person_from")
    if transfer is not None and offer.cash and offer.price_fen >= int(transfer.value):
        who = "单位" if offer.payer_is_entity else "个人"
        advice = f"{who}一次付 {yuan(int(transfer.value))} 元以上要转账，不能收现金"
        yield _breach("cash_refused", transfer, offer.price_fen, int(transfer.value), advice)


def _validity(offer: Offer, rules: Mapping[str, RuleValue]) -> Iterator[Breach]:
    """A named card does not expire; one without a name is good for years."""
    if offer.valid_days is None:
        return
    named, least = rules.get("validity.named"), rules.get("validity.unnamed_min_years")
    if offer.named and named is not None and named.value == "none":
        yield _breach("expires", named, offer.valid_days, 0, "记名卡不得设有效期，请去掉")
    if not offer.named and least is not None and offer.valid_days < 365 * int(least.value):
        advice = f"不记名卡有效期至少 {least.value} 年"
        yield _breach("expires", least, offer.valid_days, 365 * int(least.value), advice)
