"""What a case page is made of: panels of facts, tables and clocks, and the timeline from the audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.actors import ActorKind
from core.calendar import working_days_between
from core.clocks import Face, face, local, stopped
from core.models import AuditEvent, Role, User
from core.models.people import REGIONAL_ROLES
from core.money import yuan

SHOWN_EVENTS = 30
ALL_EVENTS = 500


@dataclass(frozen=True)
class Panel:
    """One box of a case page; ``template`` draws it and finds it as ``panel``."""

    title: str
    template: str
    data: Mapping[str, Any] = field(default_factory=dict)
    _: KW_ONLY
    note: str = ""
    url: str = ""
    link: str = ""
    flush: bool = False


def facts(title: str, pairs: Iterable[Sequence[Any]], *, as_list: bool = False, **more: Any) -> Panel:
    """Label and value; an empty value is left out."""
    shown = [pair for pair in pairs if pair[1] not in ("", None)]
    return Panel(title, "admin/panels/facts.html", {"facts": shown, "as_list": as_list}, **more)


def table(
    title: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    numeric: Sequence[int] = (),
    empty: str = "没有记录",
    **more: Any,
) -> Panel:
    """Rows with heads; ``numeric`` columns stand right. The first column leads the card on a phone."""
    cells = [[(heads[n], value, "r" if n in numeric else "", n == 0) for n, value in enumerate(row)] for row in rows]
    columns = [(head, "r" if n in numeric else "") for n, head in enumerate(heads)]
    return Panel(
        title, "admin/panels/table.html", {"heads": columns, "rows": cells, "empty": empty}, flush=True, **more
    )


@dataclass(frozen=True)
class CaseClock:
    """One clock in the head of a case: what for, its face, and how it was counted."""

    label: str
    face: Face
    note: str = ""

    @property
    def css(self) -> str:
        """The meaning of its colour."""
        return {"late": "is-danger", "soon": "is-warn", "stopped": ""}.get(self.face.level, "is-ok")


def day_clock(label: str, due: date, note: str = "", *, then: str = "") -> CaseClock:
    """A clock that runs in natural days."""
    return CaseClock(label, face(due, timezone.now(), then=then), note)


def workday_clock(label: str, due: date, note: str = "", *, then: str = "") -> CaseClock:
    """A clock that runs in working days."""
    left = working_days_between(local(timezone.now()).date(), due)
    return CaseClock(label, face(due, timezone.now(), unit="workday", left=left, then=then), note)


def hour_clock(label: str, due: datetime, note: str = "") -> CaseClock:
    """A clock that runs in hours (half a working day)."""
    return CaseClock(label, face(due, timezone.now(), unit="hour"), note)


def done_clock(label: str, text: str, note: str = "") -> CaseClock:
    """A clock that has come to its end in time."""
    return CaseClock(label, Face("", "check", text, ""), note)


def stopped_clock(label: str, reason: str) -> CaseClock:
    """A clock that stands still."""
    return CaseClock(label, stopped(reason))


def link(url: str, text: Any, note: Any = "") -> SafeString:
    """A link with a small second line."""
    small = format_html("<small>{}</small>", note) if note else ""
    return format_html('<a href="{}">{}</a>{}', url, text, small)


# Chinese words of audit verbs and of the facts worth showing; each app adds its own.
VERB_WORDS: dict[str, str] = {
    "membership.grant": "授予角色",
    "membership.end": "结束角色",
    "membership.set_pin": "设置收银口令",
    "user.delegate": "委托代办",
    "outbox.replay": "重放发件箱事项",
    "user.search_phone": "按手机号查找",
    "user.export": "导出列表",
    "user.forget_devices": "取消常用设备登记",
    "job.run_by_hand": "手工运行每日任务",
    "rate.add": "登记利率",
    "rate.correct": "更正利率",
    "api_client.create": "开通接口客户端",
}
FACT_WORDS: dict[str, str] = {
    "reason": "理由",
    "reasons": "原因",
    "purpose": "用途",
    "answer": "答复",
    "amount_fen": "金额",
    "total_fen": "应退",
    "locked_fen": "锁定",
    "hold_fen": "暂留",
    "paid_fen": "实付",
    "doubts": "疑点",
    "source": "来源",
    "topic": "主题",
    "on": "业务日",
    "start": "起",
    "end": "止",
    "days": "天数",
    "last4": "尾号",
    "place": "位置",
}
SYSTEM_NAMES = {ActorKind.CLIENT: "接口客户端", ActorKind.SYSTEM: "系统", ActorKind.CUSTODIAN: "存管银行"}


def said(facts_of_event: Mapping[str, Any]) -> str:
    """The facts of one audit line in words; numbers of rows and unknown keys are left out."""
    words = []
    for key, value in facts_of_event.items():
        if key not in FACT_WORDS or value in ("", None, []):
            continue
        if key.endswith("_fen"):
            value = f"¥{yuan(int(value))}"
        elif isinstance(value, list):
            value = "；".join(str(one) for one in value)
        words.append(f"{FACT_WORDS[key]}：{value}")
    changed = facts_of_event.get("changes")
    if isinstance(changed, dict):
        words += [f"{name}：{_pair(pair)}" for name, pair in changed.items()]
    return " · ".join(words)


def _pair(pair: Any) -> str:
    return " → ".join(str(one) for one in pair) if isinstance(pair, list) else str(pair)


class Names:
    """Names and roles of the people who acted: officers in full, everybody else masked. Two queries."""

    def __init__(self, events: Iterable[AuditEvent]) -> None:
        ids = {e.actor_id for e in events if e.actor_kind == ActorKind.USER and e.actor_id}
        self.people = {user.pk: user for user in User.objects.filter(pk__in=ids).prefetch_related("memberships")}

    def who(self, event: AuditEvent) -> str:
        """「陈立 区县业务审核」, 「沈** 商家负责人」 or 「系统」."""
        if event.actor_kind != ActorKind.USER:
            return SYSTEM_NAMES.get(ActorKind(event.actor_kind), "")
        user = self.people.get(event.actor_id or 0)
        if user is None:
            return ""
        held = [membership.role for membership in user.memberships.all()]
        role = event.acting_role or (held[0] if held else "")
        name = user.name if any(one in REGIONAL_ROLES for one in held) else str(user)
        return f"{name} {Role(role).label}" if role in Role.values else name


def timeline(targets: Sequence[tuple[str, Any]], *, limit: int = SHOWN_EVENTS) -> list[dict[str, Any]]:
    """What was done to the given objects (``("prepaid.Refund", 7)``), newest first."""
    wanted = Q(pk__in=[])
    for label, pk in targets:
        wanted |= Q(object_type=label, object_id=str(pk))
    events = list(AuditEvent.objects.filter(wanted).order_by("-id")[:limit])
    names = Names(events)
    return [
        {
            "title": VERB_WORDS.get(event.verb, event.verb),
            "at": event.at,
            "text": said(event.facts),
            "who": names.who(event),
            "kind": "now" if n == 0 else "",
        }
        for n, event in enumerate(events)
    ]
