"""一企一档: what the regulator sees and decides about a merchant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, CaseForm, PurposeForm, ReasonForm
from core.case_lists import ReadOnlyAdmin, column
from core.case_panels import FACT_WORDS, VERB_WORDS, CaseClock, Panel, done_clock, facts, hour_clock, link, table
from core.clocks import local
from core.templatetags.portal_ui import cn_datetime, moment, state, state_of
from merchants import actions as merchants
from merchants import review
from merchants.models import LIFECYCLE, Merchant, RegisterEntry, RegisterImport, Restriction, Store

VERB_WORDS.update(
    {
        "merchant.register": "登记草稿",
        "merchant.change": "修改登记信息",
        "merchant.attach_licence": "上传营业执照",
        "merchant.save_store": "保存门店",
        "merchant.submit": "提交审核",
        "merchant.auto_check": "自动核对",
        "merchant.approve": "审核通过",
        "merchant.send_back": "退回补正",
        "merchant.restrict": "限制新发卡",
        "merchant.lift_restriction": "解除一项限制",
        "merchant.close_store": "门店停业",
        "merchant.hire": "增加店员",
        "merchant.dismiss": "店员离职",
        "merchant.unmask": "查看完整信息",
    }
)
FACT_WORDS["uscc"] = "信用代码"


class SendBackForm(CaseForm):
    """What the merchant must mend, one line each."""

    reasons = forms.CharField(
        label="要补什么",
        help_text="一行一条，商家会逐条看到",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "写明要补什么，一行一条"},
    )

    def __init__(self, *args: Any, case: Merchant | None = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        if case is not None and case.checks:
            self.fields["reasons"].initial = "\n".join(str(doubt) for doubt in case.checks)


class LiftForm(CaseForm):
    """Which restriction ends."""

    restriction = forms.ChoiceField(
        label="解除哪一项", widget=forms.RadioSelect, error_messages={"required": "选一项要解除的限制"}
    )

    def __init__(self, *args: Any, case: Merchant | None = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        rows = case.restrictions.filter(lifted_at=None) if case is not None else Restriction.objects.none()
        choice: Any = self.fields["restriction"]
        choice.choices = [(str(row.pk), str(row)) for row in rows]
        if len(choice.choices) == 1:
            choice.initial = choice.choices[0][0]


def _unmask(pk: int, data: dict[str, Any], by: Actor) -> list[tuple[str, str]]:
    """The personal data, labelled, for the page that shows them once."""
    shown = merchants.unmask(pk, data["purpose"], by=by)
    return [("法定代表人或经营者", shown["legal_rep"]), ("联系电话", shown["contact_phone"])]


def _lifting(case: Merchant) -> str:
    left = case.restrictions.filter(lifted_at=None).count()
    after = "商家马上可以发售新卡" if left <= 1 else f"还有 {left - 1} 项限制，商家仍不能发售新卡"
    return f"现在有 {left} 项限制。解除后，{after}。"


class Doubts(admin.SimpleListFilter):
    """Whether the automatic check found something."""

    title = "自动核对"
    parameter_name = "doubts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Clean, or with doubts."""
        return [("no", "没有疑点"), ("yes", "有疑点")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list."""
        if self.value() == "no":
            return queryset.filter(checks=[])
        return queryset.exclude(checks=[]) if self.value() == "yes" else queryset


PanelMaker = Callable[[Merchant, Actor], list[Panel]]


@admin.register(Merchant)
class MerchantAdmin(CaseAdmin):
    """The dossier of one merchant. Apps above add their own boxes and buttons to it."""

    lifecycle = LIFECYCLE
    more_panels: ClassVar[list[PanelMaker]] = []
    more_side: ClassVar[list[PanelMaker]] = []
    more_states: ClassVar[list[Callable[[Merchant], list[SafeString]]]] = []
    more_audited: ClassVar[list[Callable[[Merchant], list[tuple[str, Any]]]]] = []
    list_display = ("name", "status_", "industry", "region", "review_due", "submitted")
    list_filter = ("status", Doubts, "kind", ("industry", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("industry", "region")
    search_fields = ("brand_name__icontains", "legal_name__icontains", "uscc__istartswith")
    search_help_text = "店招、执照名称、信用代码、公示编号；完整手机号要有办案权限"
    code_fields = ("public_code",)
    phone_fields = ("contact_phone_idx",)
    ordering = ("-id",)
    export_columns = (
        ("店招", lambda row: row.brand_name),
        ("营业执照名称", lambda row: row.legal_name),
        ("统一社会信用代码", lambda row: row.uscc),
        ("公示编号", lambda row: row.code_grouped),
        ("状态", lambda row: row.get_status_display()),
        ("行业", lambda row: row.industry.name),
        ("辖区", lambda row: row.region.name),
        ("提交时间", lambda row: row.submitted_at),
        ("审核期限", lambda row: row.review_due_at),
    )
    acts = {
        "approve": Act(
            lambda pk, data, by: merchants.approve(pk, by=by),
            lambda case: (
                f"通过后，{case.brand_name}（{case.uscc}）在网上公示，可以发布套餐、收预付款。"
                + (f"自动核对有 {len(case.checks)} 处疑点，请确认都已核实。" if case.checks else "自动核对没有疑点。")
            ),
            done="已通过，商家会收到短信",
        ),
        "send_back": Act(
            lambda pk, data, by: merchants.send_back(pk, data["reasons"].splitlines(), by=by),
            lambda case: f"退回后，{case.brand_name} 收到短信，补正后可以再次提交；现在的审核时限停止。",
            form=SendBackForm,
            icon="back",
            done="已退回，商家会逐条看到要补什么",
        ),
        "restrict": Act(
            lambda pk, data, by: merchants.restrict(pk, "监管人员", data["reason"], by=by),
            lambda case: f"限制后，{case.brand_name} 的在售套餐全部停售；已经售出的卡照常使用、照常退款。",
            form=ReasonForm,
            icon="stop",
            done="已限制新发卡",
        ),
        "unrestrict": Act(
            lambda pk, data, by: merchants.lift_restriction(int(data["restriction"]), by=by),
            _lifting,
            form=LiftForm,
            done="已解除这一项限制",
        ),
        "unmask": Act(
            _unmask,
            lambda case: (
                "显示负责人姓名和手机号，只显示一次；用途、时间和您的姓名写进办理记录（个人信息保护法第51条）。"
            ),
            form=PurposeForm,
            icon="eye",
            label="查看完整信息（须填理由）",
            permission="merchants.unmask_merchant",
            shows=True,
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Merchant]:
        """With what a case page reads."""
        return super().get_queryset(request).select_related("industry", "region", "licence_file", "reviewed_by")

    def get_urls(self) -> list[URLPattern]:
        """The review queue comes before the stock pages."""
        queue = self.admin_site.admin_view(self.review_view)
        return [path("review/", queue, name="merchants_merchant_review"), *super().get_urls()]

    def review_view(self, request: HttpRequest) -> HttpResponse:
        """The queue of those that wait for an answer, and the bulk approval of clean ones."""
        return review.queue(self, request)

    @column("商家", order="brand_name")
    def name(self, row: Merchant) -> str:
        """The sign."""
        return row.brand_name

    def second_line(self, row: Merchant) -> str:
        """The licence name."""
        return row.legal_name

    @column("状态", order="status")
    def status_(self, row: Merchant) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("审核期限", order="review_due_at")
    def review_due(self, row: Merchant) -> Any:
        """Only while the clock runs."""
        if row.status != Merchant.Status.UNDER_REVIEW or row.review_due_at is None:
            return ""
        return review.due_words(row.review_due_at)

    @column("提交", order="submitted_at")
    def submitted(self, row: Merchant) -> SafeString:
        """When it was handed in."""
        return moment(row.submitted_at)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to the queue."""
        tools = [{"url": self.url_of("review"), "icon": "inbox", "text": "审核队列"}]
        return super().changelist_view(request, {"list_tools": tools, **(extra_context or {})})

    def lead(self, case: Merchant) -> str:
        """What it is and where."""
        return f"{case.legal_name} · {case.industry.name} · {case.region.name} · 公示编号 {case.code_grouped}"

    def states(self, case: Merchant) -> list[SafeString]:
        """Its own state and what the apps above say."""
        return [state_of(case, "officer"), *(one for make in self.more_states for one in make(case))]

    def clocks(self, case: Merchant) -> list[CaseClock]:
        """The half working day of the review."""
        if case.review_due_at is None:
            return []
        if case.status in (Merchant.Status.SUBMITTED, Merchant.Status.UNDER_REVIEW):
            return [hour_clock("入驻审核", case.review_due_at, case.review_clock)]
        if case.reviewed_at is None:
            return []
        kept = case.reviewed_at <= case.review_due_at
        word = "按期办结" if kept else "超过半个工作日办结"
        return [
            done_clock("入驻审核", word, f"{cn_datetime(case.submitted_at)}提交 · {cn_datetime(case.reviewed_at)}办结")
        ]

    def audited(self, case: Merchant) -> list[tuple[str, Any]]:
        """Its own records and those of what hangs on it."""
        return [*super().audited(case), *(one for make in self.more_audited for one in make(case))]

    def panels(self, case: Merchant, by: Actor) -> list[Panel]:
        """What it declared, what is known, its stores and restrictions, and the boxes from above."""
        waiting = case.status in (Merchant.Status.SUBMITTED, Merchant.Status.UNDER_REVIEW)
        found = review.panels(case) if waiting else []
        found += [panel for make in self.more_panels for panel in make(case, by)]
        if not waiting:
            found += review.panels(case)
        return [*found, self._stores(case), self._restrictions(case)]

    def side(self, case: Merchant, by: Actor) -> list[Panel]:
        """The licence, the people (masked), and the boxes from above."""
        people = facts(
            "负责人",
            [
                ("法定代表人或经营者", f"{case.legal_rep[:1]}**" if case.legal_rep else ""),
                ("联系电话", review.masked(case.contact_phone)),
                ("审核人", case.reviewed_by.name if case.reviewed_by else ""),
            ],
            as_list=True,
        )
        return [*review.licence(case), *(p for make in self.more_side for p in make(case, by)), people]

    def _stores(self, case: Merchant) -> Panel:
        rows = [
            (
                format_html("<b>{}</b><small>{}</small>", store.name, store.address),
                store.region.name,
                review.lease_words(store.lease_end),
                store.actual_operator or "—",
                state("ok", "store", "营业中") if store.is_open else state("danger", "x", "已停业"),
            )
            for store in case.stores.select_related("region")
        ]
        return table("门店", ("门店", "街道", "租约到期", "实际经营者", "状态"), rows, empty="还没有填门店")

    def _restrictions(self, case: Merchant) -> Panel:
        rows = [
            (
                format_html("<b>{}</b><small>{}</small>", row.source, row.reason),
                row.opened_by.name if row.opened_by else "系统",
                cn_datetime(row.opened_at),
                cn_datetime(row.lifted_at) or state("warn", "alert", "生效中"),
            )
            for row in case.restrictions.select_related("opened_by")
        ]
        return table("限制", ("来源和原因", "提出人", "起", "止"), rows, empty="没有限制过新发卡")


class LeaseSoon(admin.SimpleListFilter):
    """Whose lease ends soon: the 90 days' notice comes due."""

    title = "租约"
    parameter_name = "lease"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Within 100 days, or over."""
        return [("100", "100 天内到期"), ("over", "已过期仍营业")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list."""
        today = local(timezone.now()).date()
        if self.value() == "100":
            return queryset.filter(is_open=True, lease_end__range=(today, today + timedelta(days=100)))
        return queryset.filter(is_open=True, lease_end__lt=today) if self.value() == "over" else queryset


@admin.register(Store)
class StoreAdmin(ReadOnlyAdmin):
    """Places of business; each leads to its merchant's dossier."""

    opens_case = False
    list_display = ("name_", "merchant_", "region", "lease", "actual_operator", "is_open")
    list_filter = (LeaseSoon, "is_open")
    list_select_related = ("merchant", "region")
    search_fields = ("name__icontains", "address__icontains", "merchant__brand_name__icontains")
    ordering = ("lease_end", "id")
    export_columns = (
        ("门店", lambda row: row.name),
        ("商家", lambda row: row.merchant.brand_name),
        ("街道", lambda row: row.region.name),
        ("地址", lambda row: row.address),
        ("租约到期", lambda row: row.lease_end),
        ("实际经营者", lambda row: row.actual_operator),
    )

    @column("门店", order="name")
    def name_(self, row: Store) -> str:
        """The name."""
        return row.name

    def second_line(self, row: Store) -> str:
        """The address."""
        return row.address

    @column("商家", order="merchant__brand_name")
    def merchant_(self, row: Store) -> SafeString:
        """The dossier."""
        return link(reverse("admin:merchants_merchant_change", args=[row.merchant_id]), row.merchant.brand_name)

    @column("租约到期", order="lease_end")
    def lease(self, row: Store) -> Any:
        """Warned of when near."""
        return review.lease_words(row.lease_end)


@admin.register(RegisterEntry)
class RegisterEntryAdmin(ReadOnlyAdmin):
    """The register, to look a business up."""

    opens_case = False
    list_display = ("legal_name", "uscc", "brand_name", "region_code", "address")
    search_fields = ("legal_name__startswith", "uscc__istartswith")
    search_help_text = "名称开头或信用代码开头"
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegisterEntry]:
        """Public data of the licence authority; the same for every officer."""
        return RegisterEntry.objects.order_by("-id")


@admin.register(RegisterImport)
class RegisterImportAdmin(ReadOnlyAdmin):
    """What was read in, and what was refused."""

    opens_case = False
    list_display = ("title", "started_at", "finished_at", "rows_", "added", "known", "refused")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegisterImport]:
        """The same for every officer."""
        return RegisterImport.objects.order_by("-id")

    @column("行数", order="rows", num=True)
    def rows_(self, row: RegisterImport) -> int:
        """Lines of the file."""
        return row.rows
