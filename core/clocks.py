"""What a clock says: how long is left, until when, and the calendar that explains it.

Pure arithmetic on dates that somebody else counted; the counting itself is the calendar's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
SOON = 3
LONGEST_CALENDAR = timedelta(days=92)


def local(moment: datetime) -> datetime:
    """The moment as read on a clock in China; a naive one is taken to be that already."""
    return moment.astimezone(CHINA) if moment.tzinfo else moment.replace(tzinfo=CHINA)


def cn_date(day: date, today: date) -> str:
    """``10月12日``; the year is said only when it is not this one."""
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"


@dataclass(frozen=True)
class Why:
    """How a due date was counted. ``counted`` are the days that count, in order.

    The last of them is the due day, unless ``rolled_to`` says the law moved it off a day off.

    ``holidays`` are free by order of the State Council, ``makeup`` are weekend days that are worked,
    ``unknown`` lie beyond the published calendar; ``law`` names the article, ``version`` the rule version.
    """

    start: date
    counted: Sequence[date]
    sentence: str
    law: str = ""
    version: str = ""
    start_label: str = "收到"
    unit: str = "个工作日"
    holidays: Collection[date] = field(default=())
    makeup: Collection[date] = field(default=())
    unknown: Collection[date] = field(default=())
    rolled_to: date | None = None

    @property
    def due(self) -> date:
        """The last day."""
        return self.rolled_to or self.counted[-1]


class Counted(Protocol):
    """What the calendar hands over: a deadline and how it was counted."""

    @property
    def start(self) -> date: ...
    @property
    def due(self) -> date: ...
    @property
    def working(self) -> bool: ...
    @property
    def counted(self) -> tuple[date, ...]: ...
    @property
    def skipped(self) -> tuple[tuple[date, str], ...]: ...
    def explain(self) -> str:
        """The counting in words."""


PLAIN_DAY_OFF = "休息日"


def why(deadline: Counted, law: str = "", version: str = "", start_label: str = "收到") -> Why:
    """The explanation of a deadline the calendar has counted, ready to be drawn."""
    return Why(
        start=deadline.start,
        counted=deadline.counted,
        sentence=deadline.explain(),
        law=law,
        version=version,
        start_label=start_label,
        unit="个工作日" if deadline.working else "天",
        holidays=[day for day, reason in deadline.skipped if reason != PLAIN_DAY_OFF],
        makeup=[day for day in deadline.counted if deadline.working and day.weekday() > 4],
        rolled_to=deadline.due,
    )


@dataclass(frozen=True)
class Cell:
    """One day of the calendar: its class, its number, the small word above and the one below."""

    css: str
    label: str
    over: str
    under: str


@dataclass(frozen=True)
class Face:
    """What is read on a clock. ``level`` is empty (calm), ``soon``, ``late`` or ``stopped``."""

    level: str
    icon: str
    left: str
    until: str


def end_of(due: date | datetime) -> tuple[date, str]:
    """The last day and its hour in words: midnight is ``24:00`` of the day that ends, as people say it."""
    if not isinstance(due, datetime):
        return due, "24:00"
    due = local(due)
    if due.time() == time.min:
        return due.date() - timedelta(days=1), "24:00"
    if due.time() >= time(23, 59):
        return due.date(), "24:00"
    return due.date(), f"{due:%H:%M}"


def stopped(reason: str) -> Face:
    """A clock that stands still, with its reason."""
    return Face("stopped", "hold", "已暂停", reason)


def face(
    due: date | datetime,
    now: datetime,
    *,
    unit: str = "day",
    left: int | None = None,
    then: str = "",
    after: str = "",
) -> Face:
    """Read a clock.

    ``unit`` is ``workday`` (``left`` working days, counted by the caller, negative when late), ``day`` or
    ``hour``. ``then`` follows 前 (``前打款``); ``after`` says what happens by itself when the last day ends.
    """
    now = local(now)
    last, hour = end_of(due)
    if isinstance(due, datetime) and local(due) <= now and (left is None or left >= 0):
        left = min((last - now.date()).days, -1) if unit == "day" else 0
        late = f"逾期 {-left} 天" if left else "已逾期"
        return Face("late", "alert", late, f"{cn_date(last, now.date())} {hour} 到期")
    if unit == "hour":
        return _hours(due, now, then)
    if left is None and unit == "day":
        left = (last - now.date()).days
    until = f"{'今天' if last == now.date() else cn_date(last, now.date())} {hour} 前{then}"
    if left is None:
        return Face("", "clock", until, "")
    word = "个工作日" if unit == "workday" else "天"
    if left < 0:
        return Face("late", "alert", f"逾期 {-left} {word}", f"{cn_date(last, now.date())} 到期")
    if last == now.date():
        day = "今晚" if hour == "24:00" else "今天"
        return Face("soon", "clock", f"{day} {hour} 到期", after or until)
    return Face("soon" if left <= SOON else "", "clock", f"还剩 {left} {word}", until)


def _hours(due: date | datetime, now: datetime, then: str) -> Face:
    last, hour = end_of(due)
    end = datetime.combine(last, time.min if hour == "24:00" else time.fromisoformat(hour), CHINA)
    end += timedelta(days=1) if hour == "24:00" else timedelta()
    hours, minutes = divmod(max(int((end - now).total_seconds()) // 60, 0), 60)
    short = [f"{hours} 小时"] * bool(hours) + [f"{minutes} 分"] * bool(minutes and hours < SOON)
    day = "今天" if last == now.date() else cn_date(last, now.date())
    left = "还剩 " + (" ".join(short) or "不到 1 分")
    return Face("soon" if hours < 24 else "", "clock", left, f"{day} {hour} 前{then}")


def calendar(reason: Why, today: date) -> list[Cell]:
    """Whole weeks, Monday first, from the start day to the due day; empty when that is too long to draw."""
    due = reason.due
    if due - reason.start > LONGEST_CALENDAR:
        return []
    first = reason.start - timedelta(days=reason.start.weekday())
    days = (due - first).days + 7 - due.weekday()
    return [_cell(reason, first + timedelta(days=n), first, due, today) for n in range(days)]


def _cell(reason: Why, day: date, first: date, due: date, today: date) -> Cell:
    css, over, under = "", "", "\N{NO-BREAK SPACE}"
    label = f"{day.month}/{day.day}" if day == first or day.day == 1 else str(day.day)
    if day in reason.counted:
        css, under = "n", f"第{list(reason.counted).index(day) + 1}天"
    elif day == reason.start:
        css, under = "start", reason.start_label
    elif reason.start < day < due:
        under = "休" if day in reason.holidays else "不算"
    if day in reason.makeup:
        over = "班"
    elif day in reason.unknown:
        over = "未公布"
    if day == today:
        css, over = f"{css} today".strip(), "今天"
    if day == due:
        css, over = "due", "到期"
    return Cell(css, label, over, under)


def spoken(reason: Why) -> str:
    """The calendar in one sentence, for those who hear the page."""
    due = reason.due
    start = f"{reason.start.month}月{reason.start.day}日{reason.start_label}，当天不算"
    return f"{start}；第{len(reason.counted)}{reason.unit}期满，{due.month}月{due.day}日 24:00 前到期"
