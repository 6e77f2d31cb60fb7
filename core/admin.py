"""Reference data and the audit log, for reading; the rule packs have a module of their own."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core import pack_admin
from core.actors import Actor, ActorKind
from core.calendar import calendar
from core.case_admin import CaseAdmin
from core.case_lists import column
from core.case_panels import SYSTEM_NAMES, VERB_WORDS, Names, Panel, facts, said
from core.models import AuditEvent, CalendarDay, Industry, Region
from core.templatetags.portal_ui import cn_datetime, moment, state

__all__ = ["pack_admin"]


class ReferenceAdmin(CaseAdmin):
    """Data that changes by publication; the same for everybody on the site."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Every row."""
        return self.model._default_manager.all()


@admin.register(Region)
class RegionAdmin(ReferenceAdmin):
    """Administrative divisions."""

    opens_case = False
    list_display = ("code", "name", "level", "path", "is_demo")
    list_filter = ("level", "is_demo")
    search_fields = ("name__startswith", "code__startswith")
    search_help_text = "名称开头或代码开头"
    ordering = ("code",)


@admin.register(Industry)
class IndustryAdmin(ReferenceAdmin):
    """Trades and the words that betray them."""

    opens_case = False
    list_display = ("code", "name", "prepaid_common", "words")
    list_filter = ("prepaid_common",)
    search_fields = ("name__icontains",)
    ordering = ("code",)

    @column("关键词")
    def words(self, row: Industry) -> str:
        """As a line."""
        return "、".join(row.keywords)


@admin.register(CalendarDay)
class CalendarDayAdmin(ReferenceAdmin):
    """Working days as published; later ones are assumed."""

    opens_case = False
    list_display = ("day", "is_working", "holiday", "published_")
    list_filter = ("published", "is_working", "day")
    search_fields = ("holiday__icontains",)
    ordering = ("-day",)

    @column("公布")
    def published_(self, row: CalendarDay) -> SafeString:
        """Whether the State Council has said so."""
        return state("ok", "check", "已公布") if row.published else state("warn", "alert", "未公布，按周末推算")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Say until when the calendar is published."""
        text = f"国务院办公厅公布到 {calendar().published_until}；之后按周一至周五推算，期限标「未公布」。"
        return super().changelist_view(request, {"list_help": text, **(extra_context or {})})


SCOPED = (
    "merchants.Merchant",
    "prepaid.Contract",
    "prepaid.Visit",
    "prepaid.Refund",
    "prepaid.Freeze",
    "prepaid.Filing",
)


def kind_words(label: str) -> str:
    """What a kind of object is called: 合同 for ``prepaid.Contract``."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except LookupError:
        return label


def object_words(row: AuditEvent) -> str:
    """「合同 17」."""
    return f"{kind_words(row.object_type)} {row.object_id}"


class ByWhom(admin.SimpleListFilter):
    """People, clients, jobs or the bank."""

    title = "办理方"
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Each kind in words."""
        return [(str(ActorKind.USER.value), "人员"), *((str(k.value), word) for k, word in SYSTEM_NAMES.items())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list."""
        kind = self.value() or ""
        return queryset.filter(actor_kind=int(kind)) if kind.isdigit() else queryset


class ObjectKind(admin.SimpleListFilter):
    """What was acted on."""

    title = "对象"
    parameter_name = "object"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The kinds that matter to an auditor."""
        return [(label, kind_words(label)) for label in (*SCOPED, "core.Membership", "core.Delegation", "core.JobRun")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list."""
        return queryset.filter(object_type=self.value()) if self.value() else queryset


def audit_seen_by(by: Actor) -> QuerySet[AuditEvent]:
    """The machinery's lines, and those of cases in the auditor's regions; apps above are found by name."""
    wanted = Q(object_type__startswith="core.")
    for label in SCOPED:
        if apps.is_installed(label.split(".")[0]):
            rows = apps.get_model(label)._default_manager.visible_to(by)
            seen = rows.order_by().annotate(text_pk=Cast("pk", CharField())).values("text_pk")
            wanted |= Q(object_type=label, object_id__in=seen)
    return AuditEvent.objects.filter(wanted)


@admin.register(AuditEvent)
class AuditEventAdmin(CaseAdmin):
    """Who did what, for auditors."""

    view_permission = "core.view_operations"
    list_help = "每一行都与前一行连成链，任何人不能修改或删除。"
    list_display = ("verb_", "object_", "who", "said_", "at_", "ip")
    list_filter = ("at", ByWhom, ObjectKind)
    search_fields = ("verb__startswith", "object_id__exact", "request_id__exact")
    search_help_text = "事项（英文动词开头）、对象编号、请求号"
    ordering = ("-id",)
    export_columns = (
        ("时间", lambda row: row.at),
        ("事项", lambda row: VERB_WORDS.get(row.verb, row.verb)),
        ("对象", lambda row: f"{row.object_type} {row.object_id}"),
        ("办理方", lambda row: ActorKind(row.actor_kind).name),
        ("办理人", lambda row: row.actor_id),
        ("角色", lambda row: row.acting_role),
        ("内容", lambda row: said(row.facts)),
        ("校验值", lambda row: bytes(row.hash).hex()),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        """See ``audit_seen_by``."""
        return audit_seen_by(Actor.of(request)).order_by("-id")

    def prepare(self, rows: list[Any]) -> None:
        """Read the names of a whole page at once."""
        names = Names(rows)
        for row in rows:
            row.who_acted = names.who(row)

    @column("事项", order="verb")
    def verb_(self, row: AuditEvent) -> str:
        """In words."""
        return VERB_WORDS.get(row.verb, row.verb)

    def second_line(self, row: AuditEvent) -> str:
        """The verb."""
        return row.verb

    @column("对象")
    def object_(self, row: AuditEvent) -> str:
        """Kind and number."""
        return object_words(row)

    @column("办理人")
    def who(self, row: Any) -> str:
        """Name and role."""
        return str(row.who_acted)

    @column("内容")
    def said_(self, row: AuditEvent) -> str:
        """The facts in words."""
        return said(row.facts)

    @column("时间", order="at")
    def at_(self, row: AuditEvent) -> SafeString:
        """When."""
        return moment(row.at)

    def heading(self, case: AuditEvent) -> str:
        """In words."""
        return VERB_WORDS.get(case.verb, case.verb)

    def audited(self, case: AuditEvent) -> list[tuple[str, Any]]:
        """The whole chain of the object."""
        return [(case.object_type, case.object_id)]

    def panels(self, case: AuditEvent, by: Actor) -> list[Panel]:
        """The line as it stands in the chain."""
        pairs = [
            ("事项", case.verb),
            ("对象", object_words(case), f"{case.object_type} {case.object_id}"),
            ("链上第几行", case.seq),
            ("办理人", Names([case]).who(case)),
            ("时间", cn_datetime(case.at)),
            ("IP", case.ip),
            ("请求号", case.request_id),
            ("内容", said(case.facts)),
            ("校验值", bytes(case.hash).hex()),
            ("上一行校验值", bytes(case.previous_hash).hex()),
        ]
        return [facts("这一行", pairs, as_list=True)]
