"""The review clock: half a working day, as good bureaus promise."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.calendar import Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON, EVENING = time(12, 0), time(17, 30)


def half_working_day(submitted_at: datetime, calendar: Calendar) -> tuple[datetime, str]:
    """When half a working day from ``submitted_at`` ends, and why in one sentence.

    What comes in the morning is answered by 17:30, what comes later by noon of the next working day.
    """
    local = submitted_at.astimezone(SHANGHAI)
    if calendar.is_working(local.date()) and local.time() < NOON:
        due = datetime.combine(local.date(), EVENING, SHANGHAI)
        return due, "工作日上午提交，半个工作日到当天 17:30"
    day = local.date() + timedelta(days=1)
    while not calendar.is_working(day):
        day += timedelta(days=1)
    due = datetime.combine(day, NOON, SHANGHAI)
    return due, f"下午或休息日提交，半个工作日到下一个工作日 {day.month}月{day.day}日 12:00"
