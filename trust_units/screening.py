"""The pre-screen of a declaration: plain rules with their reasons, that anybody can read and check.

It may let a clean declaration through; it never refuses one. Every doubt goes to a person (个人信息保护法第24条).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

VERSION = "初审规则 1"
SMALLEST_AGE_DAYS = 90
COMPLAINTS_PER_THOUSAND, FEWEST_COMPLAINTS = 5, 3


@dataclass(frozen=True)
class Answered:
    """One criterion as the shop answered it."""

    text: str
    is_must: bool
    needs_evidence: bool
    met: bool | None
    has_evidence: bool


@dataclass(frozen=True)
class Background:
    """What the portal knows of the merchant on the day."""

    listed: bool
    licensed_on: date | None
    in_register: bool
    register_name_agrees: bool
    lists: tuple[str, ...]
    complaints: int
    visits: int
    custody_short: bool
    risk_red: bool
    hard_facts: tuple[str, ...]


@dataclass(frozen=True)
class Reason:
    """One rule: what it is called, whether it is met, and why in words."""

    code: str
    ok: bool
    words: str


def screen(answers: Sequence[Answered], known: Background, on: date) -> list[Reason]:
    """Every rule with its outcome; the declaration passes when all are met."""
    return [*_of_answers(answers), *_of_merchant(known, on)]


def passes(reasons: Sequence[Reason]) -> bool:
    """Whether no rule has a doubt."""
    return all(reason.ok for reason in reasons)


def _of_answers(answers: Sequence[Answered]) -> Iterator[Reason]:
    musts = [one for one in answers if one.is_must]
    unmet = [one.text for one in musts if not one.met]
    yield Reason("have", not unmet, "八有都做到了" if not unmet else "没有做到：" + "、".join(unmet))
    done = [one.text for one in answers if not one.is_must and not one.met]
    yield Reason("must_not", not done, "八无都做到了" if not done else "不能承诺：" + "、".join(done))
    bare = [one.text for one in answers if one.needs_evidence and not one.has_evidence]
    yield Reason("evidence", not bare, "要证据的都附了" if not bare else "缺证据：" + "、".join(bare))


def _of_merchant(known: Background, on: date) -> Iterator[Reason]:
    yield Reason("listed", known.listed, "商家已入驻、营业中" if known.listed else "商家还没有入驻，或者已经停业")
    yield Reason(
        "register",
        known.in_register and known.register_name_agrees,
        "与登记名录一致" if known.in_register and known.register_name_agrees else "登记名录里没有，或名称不一致",
    )
    old = known.licensed_on is not None and (on - known.licensed_on).days >= SMALLEST_AGE_DAYS
    yield Reason("age", old, f"成立满 {SMALLEST_AGE_DAYS} 天" if old else f"成立不满 {SMALLEST_AGE_DAYS} 天")
    on_list = "在名单上：" + "、".join(known.lists)
    yield Reason("lists", not known.lists, on_list if known.lists else "不在异常、失信名单")
    many = known.complaints >= FEWEST_COMPLAINTS and known.complaints * 1000 > COMPLAINTS_PER_THOUSAND * known.visits
    yield Reason(
        "complaints",
        not many,
        f"近 12 个月受理投诉 {known.complaints} 件、消费 {known.visits} 次"
        + ("" if not many else f"，超过每千次 {COMPLAINTS_PER_THOUSAND} 件"),
    )
    yield Reason("custody", not known.custody_short, "存管足额" if not known.custody_short else "存管不足，还没有补足")
    yield Reason("risk", not known.risk_red, "没有红色风险预警" if not known.risk_red else "有红色风险预警")
    standing = "未消除：" + "、".join(known.hard_facts)
    yield Reason("facts", not known.hard_facts, standing if known.hard_facts else "没有未消除的监管信息")
