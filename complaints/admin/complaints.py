"""Complaints for regulators: the queue, and the page of one case with exactly the steps that may be taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from complaints.actions.leave import acts_for
from complaints.admin import complaint_panels as boxes
from complaints.admin.complaint_acts import ACTS
from complaints.admin.dispatch_acts import ACTS as DISPATCH_ACTS
from complaints.admin.documents import document_panel
from complaints.models import Complaint
from complaints.models.complaints import COMPLAINT_LIFECYCLE
from core.actors import Actor
from core.calendar import business_date, end_of_day
from core.case_admin import CaseAdmin
from core.case_lists import column
from core.case_panels import CaseClock, Panel
from core.clocks import face
from core.csv_export import plain_yuan
from core.models import Region
from core.models.people import OFFICERS, WATCHERS, in_regions
from core.money import yuan
from core.templatetags.portal_ui import cn_date, moment, state_of

More = list[Callable[[Complaint, Actor], list[Panel]]]


class Scope(admin.SimpleListFilter):
    """Whose: one's own queue first, then what nobody has, what is open, and everything."""

    title, parameter_name = "范围", "scope"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Four queues."""
        return [("mine", "我的在办"), ("free", "待分派"), ("open", "全部在办"), ("all", "全部")]

    def chosen(self) -> str:
        """What stands in the address, else the own queue; those who only look on see what is open."""
        found = self.value()
        return found if found in ("mine", "free", "open", "all") else self.default

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list."""
        user = request.user
        self.default = "mine" if user.access.has(*OFFICERS) else "open"  # type: ignore[union-attr]
        match self.chosen():
            case "mine":
                return queryset.filter(handler=user, closed_at=None)
            case "free":
                return queryset.filter(handler=None, closed_at=None)
            case "open":
                return queryset.filter(closed_at=None)
        return queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        """No 「all」 beside ours."""
        for value, label in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": self.chosen() == value, "query_string": query, "display": label}


class Due(admin.SimpleListFilter):
    """How near the nearest limit is."""

    title, parameter_name = "期限", "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Late, today, within three days."""
        return [("late", "已逾期"), ("today", "今天到期"), ("soon", "三日内到期")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list."""
        now, tonight = timezone.now(), end_of_day(business_date())
        match self.value():
            case "late":
                return queryset.filter(next_due_at__lt=now)
            case "today":
                return queryset.filter(next_due_at__gte=now, next_due_at__lte=tonight)
            case "soon":
                return queryset.filter(next_due_at__gte=now, next_due_at__lte=tonight + timedelta(days=3))
        return queryset


class Place(admin.SimpleListFilter):
    """The regions for which the officer answers, one level down; a subtree is a prefix."""

    title, parameter_name = "管辖地", "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Counties and stations below one's own regions."""
        paths = request.user.access.region_paths(*WATCHERS)  # type: ignore[union-attr]
        below = Region.objects.filter(in_regions("path", paths)).order_by("path")[:60]
        return [(region.code, region.name) for region in below]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list."""
        region = Region.objects.filter(pk=self.value()).first() if self.value() else None
        return queryset.filter(region__path__startswith=region.path) if region else queryset


@admin.register(Complaint)
class ComplaintAdmin(CaseAdmin):
    """One dispute of a consumer with a shop, from registration to call-back."""

    lifecycle = COMPLAINT_LIFECYCLE
    acts = ACTS | DISPATCH_ACTS
    more_panels: ClassVar[More] = []
    more_side: ClassVar[More] = []
    list_help = "按最近的期限排序。筛选条件在地址里，可以收藏。"
    list_display = ("code_", "cause", "respondent_", "channel", "status_", "due", "handler_", "received")
    list_filter = (Scope, Due, "status", "cause", "channel", "level", Place)
    list_select_related = ("merchant", "handler")
    search_fields = (
        "merchant__brand_name__icontains", "respondent_name__icontains", "receipts__intake__source_no__iexact",
    )  # fmt: skip
    search_help_text = "投诉编号（可只输前几位）、来源编号、店招；完整手机号要有办案权限"
    code_fields = ("code",)
    phone_fields = ("complainant__phone_idx",)
    ordering = ("next_due_at", "id")
    empty_text = "这个范围里没有投诉。换一个范围，或清空筛选。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("来源", lambda row: row.get_channel_display()),
        ("收到时间", lambda row: row.received_at),
        ("被投诉人", lambda row: row.respondent),
        ("事由", lambda row: row.get_cause_display()),
        ("状态", lambda row: row.get_status_display()),
        ("层级", lambda row: row.get_level_display()),
        ("承办人", lambda row: row.handler.name if row.handler else ""),
        ("最近的期限", lambda row: row.next_due_at),
        ("诉求金额（元）", lambda row: plain_yuan(row.claim_fen) if row.claim_fen is not None else ""),
        ("挽回损失（元）", lambda row: plain_yuan(row.recovered_fen)),
        ("办结时间", lambda row: row.closed_at),
    )

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """The dossier of a shop leads to its complaints."""
        return lookup == "merchant__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Complaint]:
        """A case with its people and money; a list needs less."""
        found = super().get_queryset(request)
        if "object_id" not in (request.resolver_match.kwargs if request.resolver_match else {}):
            return found
        return found.select_related(
            "merchant__region", "handler", "region", "industry", "complainant", "contract__account", "contract__plan",
            "contract__merchant", "refund", "settlement__refund", "mediation", "disclosure",
        )  # fmt: skip

    def case_of(self, request: HttpRequest, object_id: str) -> Any:
        """The case, with who looks at it: what is proposed to them is among what they may see."""
        case = super().case_of(request, object_id)
        case.seen_by = Actor.of(request)
        return case

    @column("投诉", order="id")
    def code_(self, row: Complaint) -> str:
        """The code."""
        return row.code_grouped

    def second_line(self, row: Complaint) -> str:
        """The claim."""
        return row.claim[:30]

    @column("被投诉人")
    def respondent_(self, row: Complaint) -> str:
        """The shop."""
        return row.respondent

    @column("状态", order="status")
    def status_(self, row: Complaint) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("最近的期限", order="next_due_at")
    def due(self, row: Complaint) -> Any:
        """What is left until the nearest limit."""
        if row.next_due_at is None:
            return ""
        shown = face(row.next_due_at, timezone.now())
        return format_html(
            '<span class="clock {}"><b>{}</b><span>{}</span></span>', shown.level, shown.left, shown.until
        )

    @column("承办人")
    def handler_(self, row: Complaint) -> str:
        """The officer."""
        return row.handler.name if row.handler else "待分派"

    @column("收到", order="received_at")
    def received(self, row: Complaint) -> SafeString:
        """When."""
        return moment(row.received_at)

    def heading(self, case: Complaint) -> str:
        """Shop and what it is about."""
        return f"{case.respondent} {case.get_cause_display()}"

    def lead(self, case: Complaint) -> str:
        """Code, claim, handler."""
        claim = f"诉求 ¥{yuan(case.claim_fen)}" if case.claim_fen is not None else f"诉求：{case.claim[:40]}"
        away = acts_for(case.handler, business_date())
        handler = f"承办 {case.handler.name}" if case.handler else "待分派"
        handler += f"（{away.reason}，{cn_date(away.valid_to)}前由 {away.to_user.name} 代办）" if away else ""
        place = f"{case.region.name} · {case.get_level_display()}"
        return f"投诉 {case.code_grouped} · {claim} · {handler} · {place} · {cn_date(case.received_at)} 收到"

    def clocks(self, case: Complaint) -> list[CaseClock]:
        """Every limit that runs, and those of the sources."""
        return boxes.head_clocks(case)

    def panels(self, case: Complaint, by: Actor) -> list[Panel]:
        """People, receipts, words, money, mediation, hints."""
        return [
            boxes.people_table(case),
            boxes.receipts_table(case),
            boxes.words(case),
            *boxes.money_panels(case),
            *boxes.mediation_panels(case, by),
            boxes.clock_panel(case),
            *boxes.inner_panels(case, by),
            *boxes.disclosure_panel(case),
            *(panel for more in self.more_panels for panel in more(case, by)),
        ]

    def side(self, case: Complaint, by: Actor) -> list[Panel]:
        """What happens at the end of the clock, the shop, the forms."""
        more = (panel for more in self.more_side for panel in more(case, by))
        return [
            boxes.what_then(case),
            *boxes.whose_matter(case),
            *boxes.same_shop(case),
            document_panel(case, by),
            *more,
        ]

    def audited(self, case: Complaint) -> list[tuple[str, Any]]:
        """The lines of delegations and the public record belong to the case; who was called malicious does not."""
        return [
            (case._meta.label, case.pk),
            *(("complaints.MediationAssignment", row.pk) for row in case.mediation_assignments.all()),
            *([("complaints.Disclosure", case.disclosure.pk)] if hasattr(case, "disclosure") else []),
        ]
