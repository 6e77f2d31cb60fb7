"""``manage.py check_vectors FILE``: do the engines give the answers worked out by hand? Needs no database."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from complaints.deadlines import DAY_UNITS, Limit, count, ends_at, limit_of, start_day
from core import calendar
from core.calendar import Deadline
from core.clocks import CHINA
from core.rule_packs import NATION, resolve, shipped_packs
from prepaid.refunds import Cause, Facts, Kind, LotFacts, compute

Vector = Mapping[str, Any]
LOT_FIELDS = {field.name for field in fields(LotFacts)}


def refund_differences(vector: Vector) -> Iterator[str]:
    """Where the refund engine departs from a ``refund`` vector: the total in fen, or an article not cited."""
    lots = vector.get("lots") or [vector]
    facts = Facts(Kind(vector["kind"]), Cause(vector["cause"]), tuple(_lot(lot) for lot in lots))
    statement = compute(facts)
    if statement.total_fen != vector["expected_refund_fen"]:
        yield f"退款应为 {vector['expected_refund_fen']} 分，算得 {statement.total_fen} 分"
    cited = {line.article for line in statement.lines}
    for article in vector.get("articles", []):
        # 第18条 is cited by its 第2项, and 第1条 not by 第18条.
        if not any(line == article or line.startswith(f"{article}第") for line in cited):
            yield f"没有引用 {article}"


def deadline_differences(vector: Vector) -> Iterator[str]:
    """Where the counting departs from a ``deadline`` vector.

    The limit is told (``days`` or ``hours`` with ``unit``, ``extension``, ``roll``), or is the ``rule`` that the rule
    packs give for the day of receipt. ``start`` is a day, or an instant read in China's time.
    """
    started = _moment(vector["start"] if "start" in vector else vector["received_on"])
    limit = _limit(vector, start_day(started))
    found: Deadline | None = None
    if limit.unit in DAY_UNITS:
        pauses = [(date.fromisoformat(a), date.fromisoformat(b)) for a, b in vector.get("pauses") or []]
        found = count(
            limit, start_day(started), calendar.published_calendar(), pauses=pauses, extended=bool(limit.extend)
        )
    elif limit.unit != "hour":
        raise ValueError(f"不认识的 unit {limit.unit}")
    due = ends_at(limit, started, found)
    expected = str(vector["expected_due"])
    told = found.due.isoformat() if found else f"{due.astimezone(CHINA):%Y-%m-%dT%H:%M:%S%z}"
    if len(expected) == 10 and found is None:
        # An hour clock that ends at midnight is over with the day before.
        told = (due.astimezone(CHINA) - timedelta(microseconds=1)).date().isoformat()
    if expected != told and (len(expected) == 10 or _moment(expected) != due):
        yield f"到期日应为 {expected}，算得 {told}"
    provisional = found.provisional if found else start_day(due) > calendar.published_calendar().published_until
    if found and provisional != vector.get("expected_provisional", provisional):
        yield f"是否暂定应为 {vector['expected_provisional']}，算得 {provisional}"


def _limit(vector: Vector, received_on: date) -> Limit:
    """The limit a vector tells of, or that of its rule on the day of receipt."""
    if "rule" in vector or "code" in vector:
        on = date.fromisoformat(vector.get("received_on") or received_on.isoformat())
        found = resolve(shipped_packs(), vector.get("region") or NATION, on)
        name = str(vector["rule"] if "rule" in vector else vector["code"]).lower().removeprefix("cmp_")
        key = LIMIT_NAMES.get(name, name)
        counting = found.get("counting")
        limit = limit_of(found[key], counting.value if counting else {})
        return limit if vector.get("extended") else replace(limit, extend=0)
    unit = str(vector.get("unit") or ("hour" if "hours" in vector else "working_day"))
    amount = vector["hours"] if "hours" in vector else vector["days"]
    extension = vector.get("extension") or 0
    if type(amount) is not int or type(extension) is not int or amount < 0:
        raise ValueError("days、hours 和 extension 要是不小于零的整数")
    return Limit(amount, unit.removesuffix("s"), "", "", extension, vector.get("roll") or "none")


def _moment(text: str) -> datetime:
    """A day (its beginning) or an instant; without a zone it is China's. 24:00 is the end of its day."""
    day, _, clock = str(text).partition("T")
    if clock.startswith("24:00"):
        return calendar.end_of_day(date.fromisoformat(day))
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=CHINA)


def rule_version_differences(vector: Vector) -> Iterator[str]:
    """Where the rule packs name another order or another limit for a day of receipt."""
    rules = resolve(shipped_packs(), NATION, date.fromisoformat(vector["received_on"]))
    for name, expected in vector["expected"].items():
        rule = rules.get(LIMIT_NAMES.get(name, name))
        found: Any = rule.value if rule else None
        if rule and isinstance(expected, Mapping):
            found = {"days": rule.value, "unit": rule.unit, "extension": rule.conditions.get("extend", 0)}
            found = {part: found.get(part) for part in expected}
        if found != expected:
            yield f"{name} 应为 {expected}，查得 {found}"


# What people who write examples call the figures of the rule packs.
LIMIT_NAMES = {
    "order": "complaint.order",
    "acceptance": "accept",
    "mediation": "mediate",
    "termination_notice": "terminate_notice",
    "verification": "verify",
    "clue_verify": "verify",
    "rpt_verify": "verify",
    "filing_notice": "report_filing_notice",
    "jur_dispute": "jurisdiction_dispute",
    "odr_settle": "odr",
}
CHECKS: dict[str, Callable[[Vector], Iterator[str]]] = {
    "refund": refund_differences,
    "deadline": deadline_differences,
    "rule_version": rule_version_differences,
}


def differences(vector: Any) -> list[str]:
    """All differences of one vector; a vector the engines cannot read is a difference too."""
    if not isinstance(vector, Mapping):
        return ["不是一个例子：每个例子要写成 {…}"]
    check = CHECKS.get(str(vector.get("type")))
    if check is None:
        return [f"不认识的类型 {vector.get('type')!r}，只认识 {'、'.join(CHECKS)}"]
    try:
        return list(check(vector))
    except KeyError as error:
        return [f"缺少 {error.args[0]}，无法计算"]
    except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
        return [f"内容有误，无法计算：{type(error).__name__} {error}"]


def read(file: Path) -> list[Any]:
    """The vectors of a file. Raises CommandError, in Chinese, for one that cannot be read."""
    try:
        # utf-8-sig also reads plain UTF-8; a float would not keep a discount like 0.85 exact.
        vectors = json.loads(file.read_text("utf-8-sig"), parse_float=str)
    except FileNotFoundError:
        raise CommandError(f"没有这个文件：{file}", returncode=2) from None
    except OSError as error:
        raise CommandError(f"读不了 {file}：{error.strerror}", returncode=2) from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} 不是 UTF-8 编码的文本，请另存为 UTF-8 再试", returncode=2) from None
    except (json.JSONDecodeError, RecursionError) as error:
        where = f"第 {error.lineno} 行第 {error.colno} 列" if isinstance(error, json.JSONDecodeError) else "嵌套太深"
        raise CommandError(f"{file} 不是完整的 JSON（{where}），文件可能已损坏", returncode=2) from None
    if not isinstance(vectors, list) or not vectors:
        raise CommandError(f"{file} 里没有例子：最外层要是一个非空的列表 […]", returncode=2)
    return vectors


class Command(BaseCommand):
    """Checks the refund, deadline and rule-version engines against a file of worked examples."""

    help = "用算好的例子核对退款、期限和规则版本"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One or more JSON files of vectors."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        """Print each difference, then the count; fails when anything differs."""
        passed = failed = 0
        for vectors in [read(file) for file in files]:
            for number, vector in enumerate(vectors, 1):
                found = differences(vector)
                passed, failed = (passed, failed + 1) if found else (passed + 1, failed)
                name = vector.get("name") if isinstance(vector, Mapping) else None
                for line in found:
                    self.stdout.write(f"{name or f'第 {number} 个'}：{line}")
        self.stdout.write(f"{passed} passed, {failed} failed")
        if failed:
            raise CommandError("与算好的例子不一致", returncode=1)


def _lot(values: Vector) -> LotFacts:
    """The lot a vector tells of; null is the same as not told."""
    known = {name: value for name, value in values.items() if name in LOT_FIELDS and value is not None}
    if "discount" in known:
        known["discount"] = Fraction(str(known["discount"]))
    for name, value in known.items():
        if name != "discount" and type(value) is not int:
            raise ValueError(f"{name} 要是整数")
    return LotFacts(**{"paid_fen": values["paid_fen"], **known})
