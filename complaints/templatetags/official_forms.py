"""Blanks of the official forms: a value where it is known, a line to write on where it is not."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from complaints.models import Complaint, IssuedDocument, ViolationReport
from core.actors import Actor
from core.clocks import local

register = template.Library()
CHINESE = "一二三四五六七八九十"


@register.filter
def blank(value: Any, width: int = 8) -> SafeString:
    """``<u>value</u>``, or a line of ``width`` places."""
    text = "" if value is None else str(value).strip()
    return format_html("<u>{}</u>", text) if text else format_html("{}", "＿" * width)


@register.filter(expects_localtime=False)
def blank_date(value: date | datetime | None) -> SafeString:
    """「2026 年 4 月 10 日」 or three short lines."""
    if value is None:
        return mark_safe("＿＿＿＿ 年 ＿＿ 月 ＿＿ 日")
    day = local(value) if isinstance(value, datetime) else value
    return format_html("<u>{}</u> 年 <u>{}</u> 月 <u>{}</u> 日", day.year, day.month, day.day)


@register.filter
def ordinal(number: int | None) -> str:
    """「三」 for 3; a gap for none."""
    return CHINESE[number - 1] if number else "　"


@register.filter
def tick(value: bool | None) -> str:
    """「☑是 □否」; both open where nobody asked."""
    yes, no = ("☑" if value is True else "□"), ("☑" if value is False else "□")
    return f"{yes}是　{no}否"


@register.simple_tag(takes_context=True)
def papers_for(context: Context, matter: Complaint | ViolationReport) -> list[IssuedDocument]:
    """The forms of a matter that the reader of the page may open."""
    rows = IssuedDocument.objects.of(matter).visible_to(Actor.of(context["request"]))
    return list(rows.exclude(kind__in=[IssuedDocument.Kind.COMPLAINT_SHEET, IssuedDocument.Kind.ROUTING]))
