"""商场客诉 for officers: what malls were asked, who answered late, and the button on a complaint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints.admin.complaints import ComplaintAdmin
from complaints.admin.queue import case_address
from complaints.forms import ways as forms
from complaints.models import Complaint, MallTicket
from complaints.models.complaints import OPEN
from complaints.models.mall_tickets import MALL_TICKET_LIFECYCLE
from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import column
from core.case_panels import VERB_WORDS, CaseClock, Panel, done_clock, facts, hour_clock, link, table
from core.clocks import face
from core.templatetags.portal_ui import cn_datetime, moment, state, state_of
from prepaid.admin.rows import case_url

VERB_WORDS.update(
    {
        "complaint.mall_ticket": "转商场答复",
        "mall_ticket.open": "提出",
        "mall_ticket.respond": "商场答复",
        "mall_ticket.solve": "已解决",
        "mall_ticket.reopen": "没有解决",
        "mall_ticket.complain": "转为投诉",
        "mall_ticket.escalate": "逾期督办",
    }
)


def may_send(case: Complaint) -> bool:
    """The store stands in a mall that knows it, and the mall is not asked yet."""
    if case.store is None or case.store.mall_id is None or case.store.tenant_since is None:
        return False
    waits = MallTicket.objects.filter(complaint=case, status__in=["OPEN", "RESPONDED"])
    return case.closed_at is None and case.status in OPEN and not waits.exists()


ComplaintAdmin.acts["mall_ticket"] = Act(
    lambda pk, data, by: complaints.send_mall_ticket(pk, data["text"], by=by),
    lambda case: f"{case.store.mall.name} 要在 24 小时内答复（节假日照算）；投诉本身的期限照走。",
    form=forms.TicketForm, icon="store", label="转商场 24 小时答复", permission="complaints.send_mall_ticket",
    when=may_send, done="已转商场",
)  # fmt: skip


def on_complaint(case: Complaint, by: Actor) -> list[Panel]:
    """What the mall was asked, and said."""
    cells = [
        (link(case_url(row), row.mall.name, cn_datetime(row.opened_at)), states_of(row), row.response or "—")
        for row in case.mall_tickets.select_related("mall").order_by("-pk")
    ]
    return [table("商场客诉", ("商场", "状态", "答复"), cells)] if cells else []


ComplaintAdmin.more_panels.append(on_complaint)


def states_of(row: MallTicket) -> SafeString:
    """Its state, and that it is late."""
    shown = state_of(row, "officer")
    return format_html("{} {}", shown, state("danger", "alert", "逾期")) if row.is_late else shown


class Lateness(admin.SimpleListFilter):
    """Those that wait, those that are late."""

    title, parameter_name = "期限", "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Two."""
        return [("waiting", "等商场答复"), ("late", "逾期没有答复")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list."""
        if self.value() == "waiting":
            return queryset.filter(status="OPEN")
        return queryset.filter(status="OPEN", due_at__lt=timezone.now()) if self.value() == "late" else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        """As Django has them."""
        return super().choices(changelist)


@admin.register(MallTicket)
class MallTicketAdmin(CaseAdmin):
    """One thing a mall was asked; it answers in its own console within the hours of the rule."""

    lifecycle = MALL_TICKET_LIFECYCLE
    list_help = "商场 24 小时内答复，节假日照算；逾期的当时就报给监管人员督办。"
    list_display = ("name", "status_", "mall_", "due", "escalated")
    list_filter = ("status", Lateness, "opened_at")
    list_select_related = ("mall__region", "store", "escalated_to", "complaint")
    search_fields = ("mall__name__icontains", "store__name__icontains")
    code_fields = ("code",)
    ordering = ("-id",)
    empty_text = "没有商场客诉。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("商场", lambda row: row.mall.name),
        ("门店", lambda row: row.store.name if row.store else ""),
        ("状态", lambda row: row.get_status_display()),
        ("提出时间", lambda row: row.opened_at),
        ("答复期限", lambda row: row.due_at),
        ("答复时间", lambda row: row.responded_at),
        ("是否逾期", lambda row: "是" if row.is_late else "否"),
    )
    acts = {
        "solve": Act(
            lambda pk, data, by: complaints.solve_mall_ticket(pk, by=by),
            lambda case: f"商场答复：{case.response}", done="已办结",
        ),
        "reopen": Act(
            lambda pk, data, by: complaints.reopen_mall_ticket(pk, data["reason"], by=by),
            lambda case: "商场要在 24 小时内再答复。", form=ReasonForm, icon="back", done="已退回商场",
        ),
        "complain": Act(
            lambda pk, data, by: complaints.complain_of_ticket(pk, by=by),
            lambda case: "登记一件来源为「商场」的投诉，按投诉的期限办理。", icon="out", done="已转为投诉",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[MallTicket]:
        """With the people."""
        more = ("mall__region", "store__merchant", "complaint", "consumer", "responded_by", "escalated_to", "opened_by")
        return super().get_queryset(request).select_related(*more)

    @column("客诉", order="id")
    def name(self, row: MallTicket) -> str:
        """Its number."""
        return row.code_grouped

    def second_line(self, row: MallTicket) -> str:
        """What it is about."""
        return row.text[:30]

    @column("状态", order="status")
    def status_(self, row: MallTicket) -> SafeString:
        """In the words of officers; late ones say so."""
        return states_of(row)

    @column("商场")
    def mall_(self, row: MallTicket) -> str:
        """Mall and store."""
        return f"{row.mall.name} {row.store.name if row.store else ''}".strip()

    @column("答复期限", order="due_at")
    def due(self, row: MallTicket) -> Any:
        """What is left of the hours."""
        if row.responded_at is not None or row.status != MallTicket.Status.OPEN:
            return moment(row.responded_at or row.ended_at)
        shown = face(row.due_at, timezone.now(), unit="hour")
        return format_html(
            '<span class="clock {}"><b>{}</b><span>{}</span></span>', shown.level, shown.left, shown.until
        )

    @column("督办人")
    def escalated(self, row: MallTicket) -> str:
        """Who looks after a late one."""
        return row.escalated_to.name if row.escalated_to else ""

    def heading(self, case: MallTicket) -> str:
        """The mall."""
        return f"{case.mall.name} 客诉 {case.code_grouped}"

    def clocks(self, case: MallTicket) -> list[CaseClock]:
        """The hours."""
        if case.responded_at is not None:
            return [
                done_clock("商场答复", f"{cn_datetime(case.responded_at)} 已答复", "逾期" if case.is_late else "按时")
            ]
        return [hour_clock("商场答复", case.due_at, case.basis)] if case.status == MallTicket.Status.OPEN else []

    def panels(self, case: MallTicket, by: Actor) -> list[Panel]:
        """What, and what the mall said."""
        pairs = [
            ("什么事", case.text),
            ("门店", case.store.name if case.store else ""),
            ("顾客", str(case.consumer) if case.consumer else ""),
            ("提出", cn_datetime(case.opened_at)),
            ("没有解决的原因", case.reason, f"第 {case.reopened} 次" if case.reopened else ""),
        ]
        answer = [
            ("商场答复", case.response, cn_datetime(case.responded_at)),
            ("督办人", case.escalated_to.name if case.escalated_to else "", cn_datetime(case.escalated_at)),
            ("办结", cn_datetime(case.ended_at) if case.ended_at else ""),
        ]
        return [facts("客诉", pairs), facts("商场", answer)]

    def side(self, case: MallTicket, by: Actor) -> list[Panel]:
        """Where else to look."""
        linked = case.complaint
        seen = linked is not None and Complaint.objects.visible_to(by).filter(pk=linked.pk).exists()
        url = link(case_address(linked), linked.code_grouped) if linked is not None and seen else ""
        return [facts("相关", [("商场", link(case_url(case.mall), case.mall.name)), ("投诉", url)], as_list=True)]
