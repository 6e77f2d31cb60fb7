"""调度会商 for officers: what a meeting looks at, its minutes, and what it entrusted to whom."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints.actions.agenda_packs import checksum
from complaints.forms import ways as forms
from complaints.models import AgendaAction, AgendaPack
from complaints.models.agenda_packs import AGENDA_PACK_LIFECYCLE
from core.actors import Actor
from core.case_admin import Act, CaseAdmin
from core.case_lists import column
from core.case_panels import VERB_WORDS, CaseClock, Panel, day_clock, facts, link, table
from core.identifiers import grouped
from core.templatetags.portal_ui import cn_date, cn_datetime, state, state_of

VERB_WORDS.update(
    {
        "agenda_pack.make": "生成材料",
        "agenda_pack.hold": "写会议纪要",
        "agenda_pack.entrust": "交办",
        "agenda_pack.finish": "办结交办事项",
        "agenda_pack.lock": "锁定",
    }
)
CODE_LETTERS = 16


def _cell(value: Any, key: str) -> Any:
    """The first cell of a row leads to what it is about."""
    text = grouped(value) if isinstance(value, str) and len(value) == CODE_LETTERS and value.isalnum() else value
    kind, _, pk = key.partition(":")
    if not pk:
        return text
    app = "merchants" if kind == "merchant" else "complaints"
    try:
        return link(reverse(f"admin:{app}_{kind}_change", args=[pk]), text)
    except NoReverseMatch:
        return text


def section_panels(content: dict[str, Any]) -> list[Panel]:
    """The frozen tables as boxes."""
    return [
        table(
            one["title"], one["heads"],
            [[_cell(row[0], key), *row[1:]] for row, key in zip(one["rows"], one["keys"], strict=True)],
            empty="没有",
        )
        for one in content.get("sections", [])
    ]  # fmt: skip


def _entrust(pk: int, data: dict[str, Any], by: Actor) -> AgendaAction:
    return complaints.add_agenda_action(pk, data["text"], int(data["owner"]), data["due_on"], by=by)


def _may_do(case: AgendaPack) -> bool:
    return case.status == AgendaPack.Status.HELD and case.actions_open > 0


@admin.register(AgendaPack)
class AgendaPackAdmin(CaseAdmin):
    """One meeting; the job froze what it looks at."""

    lifecycle = AGENDA_PACK_LIFECYCLE
    list_help = "每天、每周一、每旬和每月 1 日早上自动生成，内容生成后不变；会后写纪要、交办到人，办结后锁定。"
    list_display = ("name", "status_", "region", "open_actions", "made_on")
    list_filter = ("kind", "status", ("region", admin.RelatedOnlyFieldListFilter), "ends_on")
    list_select_related = ("region",)
    ordering = ("-ends_on", "-id")
    empty_text = "还没有生成会商材料。"
    export_columns = (
        ("种类", lambda row: row.get_kind_display()),
        ("地区", lambda row: row.region.name),
        ("起", lambda row: row.starts_on),
        ("止", lambda row: row.ends_on),
        ("状态", lambda row: row.get_status_display()),
        ("校验值", lambda row: row.sha256),
    )
    acts = {
        "hold": Act(
            lambda pk, data, by: complaints.hold_agenda(pk, data["minutes"], by=by),
            lambda case: "写好纪要后可以交办事项，写明负责人和期限。", form=forms.MinutesForm, icon="doc",
            done="已写纪要，可以交办了",
        ),
        "entrust": Act(
            _entrust,
            lambda case: f"已交办 {case.actions.count()} 件，其中 {case.actions_open} 件没有办结。",
            form=forms.ActionForm, icon="plus", label="交办事项", permission="complaints.keep_agenda", done="已交办",
            when=lambda case: case.status == AgendaPack.Status.HELD,
        ),
        "finish": Act(
            lambda pk, data, by: complaints.finish_agenda_action(int(data["row"]), data["note"], by=by),
            lambda case: "只有负责人本人（或休假时的代办人）能写办理情况。", form=forms.FinishForm, icon="check",
            label="写办理情况", permission="complaints.read_agenda", when=_may_do, done="已办结",
        ),
        "lock": Act(
            lambda pk, data, by: complaints.lock_agenda(pk, by=by),
            lambda case: "锁定后不能再加交办事项，也不能改。", icon="lock", done="已锁定",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[AgendaPack]:
        """With how much of what was entrusted is open."""
        rows = super().get_queryset(request).select_related("region", "held_by")
        return rows.annotate(
            entrusted=Count("actions"), waiting=Count("actions", filter=Q(actions__done_at=None))
        )  # fmt: skip

    @column("会商", order="ends_on")
    def name(self, row: AgendaPack) -> str:
        """Its kind."""
        return row.get_kind_display()

    def second_line(self, row: AgendaPack) -> str:
        """Its days."""
        return row.period

    @column("状态", order="status")
    def status_(self, row: AgendaPack) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("交办未办结", num=True)
    def open_actions(self, row: Any) -> str:
        """Of how many."""
        return f"{row.waiting} / {row.entrusted}" if row.entrusted else "—"

    def heading(self, case: AgendaPack) -> str:
        """Region, kind, days."""
        return str(case)

    def lead(self, case: AgendaPack) -> str:
        """When it was made, and that it is unchanged."""
        same = "内容与生成时一致" if checksum(case.content) == case.sha256 else "内容与生成时不一致，请联系系统管理员"
        return f"{cn_date(case.made_on)} 生成 · {same} · 校验值 {case.sha256[:12]}"

    def clocks(self, case: AgendaPack) -> list[CaseClock]:
        """The nearest of what was entrusted."""
        first = case.actions.filter(done_at=None).first()
        return [day_clock("交办期限", first.due_on)] if first is not None else []

    def panels(self, case: AgendaPack, by: Actor) -> list[Panel]:
        """The frozen tables, the minutes, what was entrusted."""
        held = f"{case.held_by.name} {cn_datetime(case.held_at)}" if case.held_by else ""
        minutes = [facts("会议纪要", [("纪要", case.minutes, held)])] if case.minutes else []
        return [*section_panels(case.content), *minutes, *self._entrusted(case)]

    def _entrusted(self, case: AgendaPack) -> list[Panel]:
        cells = [
            (row.text, row.owner.name, cn_date(row.due_on), _done(row)) for row in case.actions.select_related("owner")
        ]
        heads = ("事项", "负责人", "期限", "办理情况")
        return [table("交办事项", heads, cells, empty="还没有交办")] if case.minutes else []


def _done(row: AgendaAction) -> Any:
    return f"{cn_datetime(row.done_at)} {row.note}" if row.done_at else state("hold", "hold", "办理中")
