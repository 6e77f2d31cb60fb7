"""Template tags of the visual language: money, icons, states, clocks, money bars, masks, links.

Presentation only: nothing here asks the database. ``docs/ui.md`` shows them in use.
"""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.http import HttpRequest
from django.template import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import clocks
from core import money as core_money
from core.looks import look_up

register = template.Library()

MINUS = "\N{MINUS SIGN}"


@register.filter
def yuan(fen: int | None) -> str:
    """``1,234.56`` from fen; nothing stays nothing."""
    return "" if fen is None else core_money.yuan(int(fen)).replace("-", MINUS)


@register.simple_tag
def money(fen: int | None, css: str = "") -> SafeString:
    """An amount as every page writes it: ¥1,234.56, the fen smaller, a minus before the ¥."""
    if fen is None:
        return format_html('<span class="faint">{}</span>', "—")
    whole, cents = yuan(abs(fen)).split(".")
    css = f"money {css}".strip()
    sign = MINUS if fen < 0 else ""
    return format_html('<span class="{}">{}¥{}<small>.{}</small></span>', css, sign, whole, cents)


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, css: str = "") -> SafeString:
    """A picture from the sprite, silent to screen readers: the word next to it speaks. Drawn once: pages have many."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f"icon {css}".strip(),
        static("portal/icons.svg"),
        name,
    )


@register.simple_tag
def state(kind: str, icon_name: str, text: str) -> SafeString:
    """One state, icon and word: ``kind`` is locked, hold, released, refunded, ok, warn or danger."""
    return format_html('<span class="state is-{}">{}{}</span>', kind, icon(icon_name), text)


@register.simple_tag
def state_of(thing: Any, audience: str = "consumer", status: str = "") -> SafeString:
    """The state of a model row, or of a ``"contract.ACTIVE"`` key, in the words of its audience.

    ``audience`` is ``consumer``, ``merchant`` or ``officer``. ``status`` overrides the row's own, for a
    state that is not its status (``{% state_of contract "consumer" "FROZEN" %}``).
    """
    if isinstance(thing, str):
        model, _, own = thing.partition(".")
    else:
        model, own = thing._meta.model_name, str(thing.status)
    look = look_up(model, status or own)
    return state(look.kind, look.icon, look.words(audience))


@register.simple_tag
def clock_face(due: date | datetime, unit: str = "day", left: int | None = None, **words: str) -> clocks.Face:
    """The words of a clock (level, icon, left, until) for pages that lay them out themselves."""
    return clocks.face(due, timezone.now(), unit=unit, left=left, **words)


@register.inclusion_tag("includes/clock.html")
def clock(
    due: date | datetime | None,
    unit: str = "day",
    left: int | None = None,
    why: clocks.Why | None = None,
    then: str = "",
    after: str = "",
    stopped: str = "",
    opened: bool = False,
) -> dict[str, Any]:
    """A due date that binds somebody: what is left, until when and, given ``why``, the calendar behind it.

    ``unit`` is ``workday`` (pass ``left``, negative when late), ``day`` or ``hour``; ``then`` follows 前;
    ``after`` says what happens by itself on the last evening; ``stopped`` is why the clock stands still.
    """
    shown: dict[str, Any] = {"why": why, "opened": opened}
    if stopped or due is None:
        return shown | {"face": clocks.stopped(stopped)}
    shown["face"] = clocks.face(due, timezone.now(), unit=unit, left=left, then=then, after=after)
    if why is not None and why.counted:
        today = clocks.local(timezone.now()).date()
        shown |= {"cells": clocks.calendar(why, today), "spoken": clocks.spoken(why)}
    return shown


BAR_WORDS = {
    "consumer": ("钱已锁定", "可用", "暂留", "已付给商家", "已退给您"),
    "merchant": ("钱已锁定", "顾客可用", "暂留", "已付给您", "已退给顾客"),
    "officer": ("预付款已锁定", "可用", "暂留", "已划拨经营者", "已退消费者"),
}
BAR_PARTS = ("available", "held", "released", "refunded")
BAR_KINDS = ("locked", "hold", "released", "refunded")


@register.inclusion_tag("includes/moneybar.html")
def moneybar(
    paid_fen: int,
    available_fen: int,
    held_fen: int = 0,
    released_fen: int = 0,
    refunded_fen: int = 0,
    audience: str = "consumer",
    in_row: bool = True,
    slim: bool = False,
    **words: str,
) -> dict[str, Any]:
    """Where the money of a card is, as one bar and one sentence, always in the same order.

    All amounts are fen. The brace spans what is locked (available + held); zero parts are left out of the
    key, except what was released. ``slim`` keeps bar and sentence only. Words may be given per part:
    ``title``, ``sum_note``, ``available_label``, ``available_note`` and so on for held, released, refunded.
    """
    title, *labels = BAR_WORDS[audience]
    amounts = (available_fen, held_fen, released_fen, refunded_fen)
    names = [words.get(f"{part}_label", label) for part, label in zip(BAR_PARTS, labels, strict=True)]
    whole = max(sum(amounts), 1)
    parts = []
    for n, (part, kind) in enumerate(zip(BAR_PARTS, BAR_KINDS, strict=True)):
        parts.append(
            {
                "kind": kind,
                "label": names[n],
                "note": words.get(f"{part}_note", ""),
                "fen": amounts[n],
                "x": _percent(sum(amounts[:n]), whole),
                "width": _percent(amounts[n], whole),
                "keyed": amounts[n] or part == "released",
            }
        )
    locked = available_fen + held_fen
    spoken = "，".join(f"{name} {yuan(fen)} 元" for name, fen in zip(names, amounts, strict=True))
    return {
        "title": words.get("title", title),
        "sum_note": words.get("sum_note", f"共付 ¥{yuan(paid_fen)}"),
        "locked_fen": locked,
        "brace": _percent(locked, whole) if locked else "",
        "parts": parts,
        "sentence": f"共 {yuan(paid_fen)} 元：{spoken}",
        "in_row": in_row,
        "slim": slim,
    }


def _percent(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.2f}%"


@register.inclusion_tag("includes/moneybar_unlocked.html")
def moneybar_unlocked(balance_fen: int, title: str = "余额（商家说）") -> dict[str, Any]:
    """An old card whose money is still with the shop: an empty dashed track and no brace."""
    sentence = f"老卡余额 {yuan(balance_fen)} 元，没有锁定"
    return {"title": title, "balance_fen": balance_fen, "sentence": sentence}


def _today() -> date:
    return clocks.local(timezone.now()).date()


def _day(value: date | datetime) -> date:
    return clocks.local(value).date() if isinstance(value, datetime) else value


@register.filter(expects_localtime=False)
def cn_date(value: date | datetime | None) -> str:
    """``10月12日`` in China's time; with the year when it is not this one."""
    return clocks.cn_date(_day(value), _today()) if value else ""


@register.filter(expects_localtime=False)
def cn_datetime(value: datetime | None) -> str:
    """``9月28日 09:12`` in China's time; today's moments read ``今天 09:12``."""
    if not value:
        return ""
    day = "今天" if _day(value) == _today() else cn_date(value)
    return f"{day} {clocks.local(value):%H:%M}"


@register.simple_tag
def moment(value: date | datetime | None, css: str = "") -> SafeString:
    """A date or moment in a ``<time>`` element that machines can read too."""
    if not value:
        return SafeString("")
    if isinstance(value, datetime):
        words, iso = cn_datetime(value), clocks.local(value).isoformat(timespec="minutes")
    else:
        words, iso = cn_date(value), value.isoformat()
    return format_html('<time class="{}" datetime="{}">{}</time>', css, iso, words)


@register.filter
def percent(ppm: int | None) -> str:
    """``3.45%`` from millionths."""
    return "" if ppm is None else f"{ppm / 10_000:g}%"


@register.filter
def mask_phone(number: str | None) -> str:
    """``138****6688``; a short or landline number keeps its last four digits only."""
    number = str(number or "").removeprefix("+86")
    if len(number) < 8:
        return "*" * len(number)
    return f"{number[:3] if len(number) == 11 else ''}****{number[-4:]}"


@register.filter
def mask_name(name: str | None) -> str:
    """``周**``: the family name and at most two stars."""
    name = str(name or "")
    return name[:1] + "*" * min(max(len(name) - 1, 1), 2) if name else ""


@register.simple_tag(takes_context=True)
def querystring_with(context: Context, **changes: Any) -> str:
    """The address's query with some values changed; ``None`` or an empty one is taken out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        elif isinstance(value, list | tuple):
            query.setlist(name, [str(one) for one in value])
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.inclusion_tag("includes/nav_link.html", takes_context=True)
def nav_link(context: Context, name: str, text: str, icon_name: str = "", count: int | None = None) -> dict[str, Any]:
    """A door in a navigation, marked when one stands behind it; a part that is not installed has no door."""
    request: HttpRequest | None = context.get("request")
    try:
        url = reverse(name)
    except NoReverseMatch:
        return {}
    path = request.path if request else ""
    chosen = context.get("nav_current", "")
    here = chosen == name if chosen else path == url or (url != "/" and path.startswith(url))
    return {"url": url, "text": text, "icon": icon_name, "count": count, "current": here}


UNFRAMED = {"checkbox", "radio", "hidden", "range"}


@register.simple_tag
def widget_of(field: BoundField) -> SafeString:
    """A form field's control in our classes, marked when what was typed is wrong."""
    own = field.field.widget.attrs.get("class", "")
    kind = getattr(field.field.widget, "input_type", "")
    css = "form-select" if kind == "select" else "" if kind in UNFRAMED else "form-control"
    css = " ".join(part for part in (css, own, "invalid" if field.errors and css else "") if part)
    return field.as_widget(attrs={"class": css} if css else {})


@register.filter
def anchor(field: BoundField) -> str:
    """The id an error in this field leads to; a group of choices leads to its first one."""
    return f"{field.auto_id}_0" if field.use_fieldset else str(field.id_for_label)


@register.filter
def affix(field: BoundField) -> str:
    """The sign before a control (``¥``), set by the form as the widget's ``data-affix``."""
    return str(field.field.widget.attrs.get("data-affix", ""))


@register.filter
def error_count(form: BaseForm) -> int:
    """How many things in a form are to be put right."""
    return sum(len(errors) for errors in form.errors.values())
