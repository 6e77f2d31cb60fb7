"""Due dates as a calendar file (RFC 5545). Pure; nothing in it says who complained or about whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from complaints.models import Clock
from core.clocks import local

LONGEST_LINE = 75


def calendar_file(name: str, clocks: Iterable[Clock], *, now: datetime, host: str) -> str:
    """One all-day event for each limit in days, one moment for each in hours, with an alarm a day before."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//prepaid-portal//complaints//ZH",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_text(name)}",
        "X-WR-TIMEZONE:Asia/Shanghai",
    ]
    for clock in clocks:
        lines += _event(clock, now, host)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(clock: Clock, now: datetime, host: str) -> list[str]:
    subject = clock.complaint or clock.report or clock.consultation
    assert subject is not None
    said = f"{clock.get_code_display()}到期 {subject.code_grouped}"
    told = f"{clock.basis}，规则版本 {clock.pack_id}"
    if clock.provisional:
        told += "；放假安排未公布，暂定"
    if clock.unit == "hour":
        when = [f"DTSTART:{_utc(clock.due_at)}", f"DTEND:{_utc(clock.due_at)}"]
    else:
        due = clock.due_on
        when = [f"DTSTART;VALUE=DATE:{due:%Y%m%d}", f"DTEND;VALUE=DATE:{due + timedelta(days=1):%Y%m%d}"]
    return [
        "BEGIN:VEVENT",
        f"UID:clock-{clock.pk}@{host}",
        f"DTSTAMP:{_utc(now)}",
        *when,
        f"SUMMARY:{_text(('【暂定】' if clock.provisional else '') + said)}",
        f"DESCRIPTION:{_text(told)}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(said)}",
        "TRIGGER:-P1D",
        "END:VALARM",
        "END:VEVENT",
    ]


def _utc(moment: datetime) -> str:
    return f"{local(moment).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    for letter, safe in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(letter, safe)
    return text


def _folded(line: str) -> list[str]:
    """Lines of at most 75 octets, never cut inside a character; a continued one begins with a space."""
    parts, size, part = [], 0, ""
    for letter in line:
        octets = len(letter.encode())
        if size + octets > LONGEST_LINE:
            parts.append(part)
            part, size = " ", 1
        part, size = part + letter, size + octets
    return [*parts, part]
