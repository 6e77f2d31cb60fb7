"""What a measurement is, and how a list of them is shown."""

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Metric:
    """One figure. ``goal`` is the least (or, for times and sizes, the most) that is good; None: only reported."""

    value: float | None
    goal: float | None
    unit: str
    reference: str
    ok: bool


def at_least(value: float | None, goal: float | None, unit: str, reference: str) -> Metric:
    """A figure that should be high."""
    return _metric(value, goal, unit, reference, lambda: (value or 0) >= (goal or 0))


def at_most(value: float | None, goal: float | None, unit: str, reference: str) -> Metric:
    """A figure that should be low."""
    return _metric(value, goal, unit, reference, lambda: value is not None and value <= (goal or 0))


def reported(value: float | None, unit: str, reference: str) -> Metric:
    """A figure without a goal."""
    return at_least(value, None, unit, reference)


def _metric(value: float | None, goal: float | None, unit: str, reference: str, good: Callable[[], bool]) -> Metric:
    rounded = None if value is None else round(value, 3)
    return Metric(rounded, goal, unit, reference, goal is None or good())


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median over rounds of ours ÷ theirs; both were measured in turn, so noise hits both."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


def median(values: Iterable[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def show(name: str, metric: Metric) -> None:
    """One line for people."""
    value = "—" if metric.value is None else f"{metric.value:g}"
    goal = "" if metric.goal is None else f"目标 {metric.goal:g}"
    mark = " " if metric.goal is None else "✓" if metric.ok else "✗"
    print(f"{mark} {name:36}{value:>10} {metric.unit:10} {goal:12} {metric.reference}", flush=True)


def as_json(metrics: dict[str, Metric]) -> str:
    """The one line for machines."""
    return json.dumps({"metrics": {name: asdict(metric) for name, metric in metrics.items()}}, ensure_ascii=False)
