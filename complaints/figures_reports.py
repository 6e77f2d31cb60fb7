"""What the pages of figures read: rollup rows only, so many months and counties, never a complaint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, F, Func, Sum

from complaints import figures
from complaints.figures import COUNTS, EFFICACY_FULL, EXTRA, Kpi, Mark, Sums, Value
from complaints.figures_sql import SUMS
from complaints.models import Cause, ComplaintRollup, FigureMonth
from complaints.models.figures import CountyQuerySet, next_month
from core.actors import Actor
from core.calendar import DAY
from core.clocks import local
from core.csv_export import plain_yuan
from core.models import Industry, Region
from core.rule_packs import NATION, rules

By = ComplaintRollup.By
COUNTIES_A_PAGE = 30
INDUSTRIES = 20
TOP = 5
MONTHS = 36
HISTORY_YEARS = 2


def _columns(*codes: str) -> tuple[Kpi, ...]:
    return tuple(kpi for kpi in (*COUNTS, *figures.KPIS) if kpi.code in codes)


COUNTY_COLUMNS = _columns(
    "complaints_received", "on_time_initial_check_rate", "on_time_completion_rate", "immediate_verification_rate",
    "response_rate", "satisfaction_rate", "recovered_amount",
)  # fmt: skip
PART_COLUMNS = _columns(
    "complaints_received", "complaints_closed", "on_time_initial_check_rate", "satisfaction_rate", "recovered_amount"
)


@dataclass(frozen=True)
class Line:
    """One figure of one area and month, with what it was before."""

    now: Value
    average: Value
    change: int | None
    streak: int

    @property
    def change_text(self) -> str:
        """Against the same month of last year."""
        return figures.change_text(self.now.kpi, self.change)


@dataclass(frozen=True)
class Part:
    """One county, industry or cause and its figures."""

    name: str
    code: str
    values: list[Value]
    score: str = ""
    rank: int = 0


@dataclass(frozen=True)
class Board:
    """The month of an area: its figures, those of its counties, industries and causes, and its score."""

    month: FigureMonth
    area: str
    packs: list[str]
    counts: list[Line]
    lines: list[Line]
    marks: list[Mark]
    counties: list[Part] = field(default_factory=list)
    more: str = ""
    industries: list[Part] = field(default_factory=list)
    causes: list[Part] = field(default_factory=list)

    @property
    def score(self) -> str:
        """Of 102, from January to the month."""
        return figures.score(self.marks)

    @property
    def full(self) -> int:
        """Of how many."""
        return EFFICACY_FULL

    @property
    def period(self) -> str:
        """From which day to which."""
        return period_of(self.month)

    @property
    def rule_version(self) -> str:
        """By which rules the limits ran, and by which formulas the figures are made."""
        return "、".join([*self.packs, figures.VERSION])


def period_of(month: FigureMonth) -> str:
    """「2026-10-01 至 2026-10-31」, or up to the day that is counted."""
    last = min(next_month(month.month), local(month.counted_until).date()) - DAY
    return f"{month.month} 至 {max(last, month.month)}"


def months() -> list[FigureMonth]:
    """The newest months with figures, the newest first."""
    return list(FigureMonth.objects.order_by("-month")[:MONTHS])


def month_of(text: str, known: Sequence[FigureMonth]) -> FigureMonth | None:
    """The month ``2026-10``, else the newest."""
    return next((row for row in known if f"{row.month:%Y-%m}" == text), known[0] if known else None)


def rows_of(by: Actor, county: str = "") -> CountyQuerySet:
    """The rollups ``by`` may read, of one county if it is named."""
    rows = ComplaintRollup.objects.visible_to(by).order_by()
    return rows.filter(county=county) if county else rows


def summed(rows: Any, *keys: str) -> list[dict[str, Any]]:
    """The sums of rows, together or by ``keys``; the figures of the apps above with them."""
    sums = {f"{name}_sum": Sum(name) for name in SUMS}
    for code in EXTRA:
        for place, end in enumerate(("num", "den")):
            sums[f"{code}__{end}"] = Sum(_Extra(F("extra"), code, place))
    if keys:
        return [_named(row, keys) for row in rows.values(*keys).annotate(**sums)]
    return [_named(rows.aggregate(**sums), ())]


class _Extra(Func):
    """One of the two numbers an app above has put on a row."""

    function = ""
    template = "(%(expressions)s)"

    def __init__(self, column: F, code: str, place: int) -> None:
        super().__init__(column, output_field=BigIntegerField())
        self.path = f"{{{code},{place}}}"

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        """``(extra #>> '{code,0}')::bigint``."""
        text, params = compiler.compile(self.source_expressions[0])
        return f"({text} #>> %s)::bigint", [*params, self.path]


def _named(row: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {key: row[key] for key in keys}
    found["sums"] = {name: row[f"{name}_sum"] or 0 for name in SUMS} | {
        f"{code}.{end}": row[f"{code}__{end}"] or 0 for code in EXTRA for end in ("num", "den")
    }
    return found


def history(rows: CountyQuerySet, month: date) -> dict[date, Sums]:
    """The sums of an area by month, this year and the one before."""
    since = date(month.year - HISTORY_YEARS + 1, 1, 1)
    found = summed(rows.filter(by=By.TOTAL, month__gte=since, month__lte=month), "month")
    return {row["month"]: row["sums"] for row in found}


def lines_of(kpis: Sequence[Kpi], past: dict[date, Sums], month: date) -> list[Line]:
    """Each figure of a month beside its average, last year's and its streak."""
    return [
        Line(
            figures.value(kpi, past.get(month, {})),
            figures.month_average(kpi, past, month),
            figures.year_on_year(kpi, past, month),
            figures.streak(kpi, past, month),
        )
        for kpi in kpis
    ]


def year_sums(past: dict[date, Sums], month: date) -> Sums:
    """What was added up from January to the month."""
    return figures.added(sums for on, sums in past.items() if on.year == month.year and on <= month)


def weights_on(month: date, region: str = NATION) -> list[figures.Weight]:
    """The weights of the efficacy score as they stood at the beginning of the month."""
    return figures.weights(rules(region, month))


def board(by: Actor, month: FigureMonth, *, county: str = "", after: str = "", parts: bool = True) -> Board:
    """The month as ``by`` may read it. So many queries, however many counties and complaints.

    ``county`` narrows it to one, ``after`` is the code of the last county of the page before.
    """
    rows = rows_of(by, county)
    past = history(rows, month.month)
    of_month = rows.filter(month=month)
    weights = weights_on(month.month, county or NATION)
    place = Region.objects.filter(pk=county).first() if county else None
    packs = of_month.filter(by=By.TOTAL).annotate(pack=Func(F("packs"), function="unnest"))
    found = Board(
        month=month,
        area=place.name if place else "全部辖区",
        packs=sorted(set(packs.values_list("pack", flat=True))),
        counts=lines_of(COUNTS, past, month.month),
        lines=lines_of(figures.kpis(), past, month.month),
        marks=figures.efficacy(year_sums(past, month.month), weights),
    )
    if not parts:
        return found
    counties, more = _counties(rows, month.month, after)
    return replace(found, counties=counties, more=more, industries=_industries(of_month), causes=_causes(of_month))


def _received(row: dict[str, Any]) -> int:
    return int(row["sums"]["received"])


def _part(name: str, code: str, row: dict[str, Any], columns: Sequence[Kpi]) -> Part:
    return Part(name, code, [figures.value(kpi, row["sums"]) for kpi in columns])


def _industries(rows: CountyQuerySet) -> list[Part]:
    """Those with the most complaints."""
    found = sorted(summed(rows.filter(by=By.INDUSTRY, received__gt=0), "industry"), key=_received, reverse=True)
    names = dict(Industry.objects.values_list("pk", "name"))
    return [
        _part(names.get(row["industry"], "没有归类"), str(row["industry"] or ""), row, PART_COLUMNS)
        for row in found[:INDUSTRIES]
    ]


def _causes(rows: CountyQuerySet) -> list[Part]:
    found = sorted(summed(rows.filter(by=By.CAUSE, received__gt=0), "cause"), key=_received, reverse=True)
    return [_part(Cause(row["cause"]).label, row["cause"], row, PART_COLUMNS) for row in found]


def _counties(rows: CountyQuerySet, month: date, after: str) -> tuple[list[Part], str]:
    """One page of counties in the order of their codes, each with its score of the year and its rank among all."""
    totals = rows.filter(by=By.TOTAL)
    year = summed(totals.filter(month__gte=month.replace(month=1), month__lte=month), "county")
    points = {row["county"]: _points(row["sums"], weights_on(month, row["county"])) for row in year}
    codes = sorted(code for code in points if code > after)[: COUNTIES_A_PAGE + 1]
    shown = codes[:COUNTIES_A_PAGE]
    now = {row["county"]: row for row in summed(totals.filter(month=month, county__in=shown), "county")}
    names = dict(Region.objects.filter(pk__in=shown).values_list("pk", "name"))
    ordered = sorted(points.values(), reverse=True)
    found = [
        replace(
            _part(names[code], code, now.get(code, {"sums": {}}), COUNTY_COLUMNS),
            score=f"{points[code] / 100:.2f}",
            rank=ordered.index(points[code]) + 1,
        )
        for code in shown
    ]
    return found, shown[-1] if len(codes) > COUNTIES_A_PAGE else ""


def _points(sums: Sums, weights: Sequence[figures.Weight]) -> int:
    return sum(mark.points for mark in figures.efficacy(sums, weights))


def county_names(by: Actor) -> list[tuple[str, str]]:
    """The counties that have figures, to choose one."""
    codes = rows_of(by).filter(by=By.TOTAL).values("county").distinct()
    return list(Region.objects.filter(pk__in=codes).order_by("pk").values_list("pk", "name")[:400])


EXPORT_HEADS = ("区县", "代码", "指标", "分子", "分母", "值", "同比", "月均", "期间", "规则版本", "公式")


def export_rows(by: Actor, month: FigureMonth, county: str = "") -> Iterator[tuple[Any, ...]]:
    """Every county and figure of a month, one a line, the whole area first. One query for all counties."""
    rows = rows_of(by, county).filter(by=By.TOTAL)
    since = date(month.month.year - HISTORY_YEARS + 1, 1, 1)
    places: dict[str, dict[date, Sums]] = {}
    for row in summed(rows.filter(month__gte=since, month__lte=month.month), "county", "month"):
        places.setdefault(row["county"], {})[row["month"]] = row["sums"]
    packs: dict[str, list[str]] = dict(rows.filter(month=month).values_list("county", "packs"))
    names = dict(Region.objects.filter(pk__in=places).values_list("pk", "name"))
    seen = {on for past in places.values() for on in past}
    everywhere: dict[date, Sums] = {
        on: figures.added(past[on] for past in places.values() if on in past) for on in seen
    }
    all_packs = sorted({pack for some in packs.values() for pack in some})
    areas: list[tuple[str, str, dict[date, Sums], list[str]]] = []
    if len(places) > 1:
        areas.append(("全部辖区", "", everywhere, all_packs))
    areas += [(names[code], code, places[code], packs.get(code, [])) for code in sorted(places)]
    for name, code, past, used in areas:
        version = "、".join([*used, figures.VERSION])
        for line in lines_of((*COUNTS, *figures.kpis()), past, month.month):
            yield _export_line(name, code, line, period_of(month), version)


def _export_line(name: str, code: str, line: Line, period: str, version: str) -> tuple[Any, ...]:
    kpi, now = line.now.kpi, line.now
    cells: tuple[Any, ...] = (now.num, now.den or None)
    if kpi.num.endswith("_fen"):
        cells = (plain_yuan(now.num), plain_yuan(now.den) if kpi.den else None)
    average = line.average.text
    return (name, code, kpi.label, *cells, now.text, line.change_text, average, period, version, kpi.formula)


def sentences(found: Board) -> list[str]:
    """The month in words: how much came in, from which trades and for which causes, and how it was done."""
    received, reported, _, closed = found.counts
    said = [
        (
            f"共收到投诉 {received.now.text} 件（同比 {received.change_text}）、举报 {reported.now.text} 件，"
            f"办结投诉 {closed.now.text} 件，挽回损失 {_line(found, 'recovered_amount').now.text}。"
        )
    ]
    for title, parts in (("事由", found.causes), ("行业", found.industries)):
        first = [f"{part.name} {part.values[0].text} 件" for part in parts[:TOP]]
        if first:
            said.append(f"{title}前 {len(first)} 位：{'、'.join(first)}。")
    full = [f"{line.now.kpi.label}（连续 {line.streak} 个月）" for line in found.lines if line.now.is_full]
    if full:
        said.append(f"满分的指标：{'、'.join(full)}。")
    missed = [
        f"{line.now.kpi.label} {line.now.text}（{line.now.fraction}，同比 {line.change_text}）"
        for line in found.lines
        if line.now.bp is not None and not line.now.is_full and not line.now.kpi.num.endswith("_fen")
    ]
    if missed:
        said.append(f"没有满分的指标：{'、'.join(missed)}。")
    lost = max(found.marks, key=lambda mark: mark.lost, default=None)
    if lost is not None:
        where = (
            f"失分最多的是「{lost.value.kpi.label}」，失 {lost.lost / 100:.2f} 分：{lost.why}。" if lost.lost else ""
        )
        said.append(f"效能评价当年累计 {found.score} 分（满分 {found.full}，权重待核）。{where}")
    return said


def _line(found: Board, code: str) -> Line:
    return next(line for line in found.lines if line.now.kpi.code == code)
