"""Malls, their ten measures and locked doors, as the regulator works on them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from core.actors import Actor
from core.calendar import business_date
from core.case_admin import Act, CaseAdmin, ReasonForm, put_on_form
from core.case_lists import column
from core.case_panels import VERB_WORDS, CaseClock, Panel, day_clock, facts, link, table
from core.errors import PortalError
from core.identifiers import clean_public_code
from core.models import Membership, Role
from core.templatetags.portal_ui import cn_date, cn_datetime, money, state, state_of
from core.transactions import durably
from merchants import actions as merchants
from merchants.malls import MEASURE_LIFECYCLE
from merchants.models import Mall, MallMeasureCheck, Merchant
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.admin.closings import AbscondedForm
from prepaid.admin.custody import OfShop
from prepaid.forms.malls import MallForm, ManagerForm
from prepaid.mall_reports import score_of, tenants_of
from prepaid.models import LockOutReport
from prepaid.models.lock_outs import LOCK_OUT_LIFECYCLE

VERB_WORDS.update(
    {
        "mall.register": "登记商场",
        "mall.appoint": "授予商场管理员",
        "mall.dismiss": "结束商场管理员",
        "merchant.say_mall": "填写所在商场",
        "merchant.confirm_tenant": "商场确认租户",
        "merchant.disown_tenant": "商场移出租户",
        "mall_measure.submit": "提交举措证据",
        "mall_measure.meet": "举措核查通过",
        "mall_measure.send_back": "举措证据退回",
        "mall_measure.lapse": "举措失效",
        "lock_out.report": "报告锁门",
        "lock_out.open_run_off": "查实锁门，提出应急处置",
        "lock_out.dismiss": "核查未停业",
    }
)


def picture(title: str, file: Any) -> list[Panel]:
    """A stored file as a panel; nothing without one."""
    if file is None:
        return []
    data = {
        "url": reverse("admin:stored_file", args=[file.pk]),
        "is_picture": file.media_type.startswith("image/"),
        "alt": title,
        "text": file.title,
    }
    return [Panel(title, "admin/panels/picture.html", data)]


@admin.register(Mall)
class MallAdmin(CaseAdmin):
    """One mall: who runs it, its tenants with what is locked, the measures."""

    list_display = ("name_", "region", "company_", "tenants_", "met_")
    list_select_related = ("region", "operator")
    search_fields = ("name__icontains", "company_name__icontains", "operator__legal_name__icontains")
    code_fields = ("public_code",)
    ordering = ("-id",)
    empty_text = "还没有登记商场。"
    export_columns = (
        ("商场", lambda row: row.name),
        ("街道", lambda row: row.region.name),
        ("运营公司", lambda row: row.company),
        ("租户", lambda row: row.tenant_count),
        ("已落实举措", lambda row: row.met_count),
    )
    acts = {
        "appoint": Act(
            lambda pk, data, by: merchants.appoint_mall_manager(pk, data["phone"], data["name"], by=by),
            lambda case: f"这个人登录后管理 {case.name}：看租户锁定的预付款，确认租户，替租户申报停业，报告锁门。",
            form=ManagerForm,
            icon="user",
            label="授予商场管理员",
            permission="merchants.appoint_mall_manager",
            done="已授予，用手机号登录",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mall]:
        """With the counts of tenants and of measures met."""
        found: QuerySet[Mall] = super().get_queryset(request).select_related("region", "operator", "registered_by")
        return found.annotate(
            tenant_count=Count(
                "stores", filter=Q(stores__is_open=True, stores__tenant_since__isnull=False), distinct=True
            ),
            met_count=Count("measures", filter=Q(measures__status="MET"), distinct=True),
        )

    def get_urls(self) -> list[URLPattern]:
        """Registering comes before the stock pages."""
        view = self.admin_site.admin_view(self.register_view)
        return [path("register/", view, name="merchants_mall_register"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to registering."""
        tools = [{"url": self.url_of("register"), "icon": "plus", "text": "登记商场"}]
        return super().changelist_view(request, {"list_tools": tools, **(extra_context or {})})

    def register_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a mall and who runs it."""
        by, form = Actor.of(request), MallForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            typed = data.pop("operator")
            merchant = Merchant.objects.public().filter(public_code=clean_public_code(typed)).first() if typed else None
            if typed and merchant is None:
                form.add_error("operator", "没有这个公示编号，请核对")
            else:
                try:
                    mall = durably(
                        lambda: merchants.register_mall(data | {"operator_id": merchant and merchant.pk}, by=by)
                    )
                    messages.success(request, f"已登记 {mall.name}，请授予管理员")
                    return redirect(self.url_of("change", mall.pk))
                except PortalError as error:
                    put_on_form(form, error)
        context = {
            **self.admin_site.each_context(request), "title": "登记商场", "case_title": "登记商场", "opts": self.opts,
            "list_url": self.url_of("changelist"), "back_url": self.url_of("changelist"),
            "effect": "登记后建立十条举措的核查表，全部待落实；租户在自己的店铺页填商场编号，由商场确认。",
            "icon": "plus", "form": form, "key": uuid.uuid4(),
        }  # fmt: skip
        return TemplateResponse(request, "admin/act.html", context, status=400 if form.errors else 200)

    @column("商场", order="name")
    def name_(self, row: Mall) -> str:
        """The name."""
        return row.name

    def second_line(self, row: Mall) -> str:
        """The address."""
        return row.address

    @column("运营公司")
    def company_(self, row: Mall) -> str:
        """Who runs it."""
        return row.company

    @column("租户", num=True)
    def tenants_(self, row: Mall) -> int:
        """Confirmed and open."""
        return int(row.tenant_count)  # type: ignore[attr-defined]

    @column("已落实举措", num=True)
    def met_(self, row: Mall) -> int:
        """Of the ten."""
        return int(row.met_count)  # type: ignore[attr-defined]

    def lead(self, case: Mall) -> str:
        """Where, who, and the number tenants type in."""
        return f"{case.region.name} {case.address} · {case.company} · 商场编号 {case.code_grouped}"

    def panels(self, case: Mall, by: Actor) -> list[Panel]:
        """The tenants with the nearest lease end first, and the measures."""
        found = tenants_of(case, business_date())
        cells = [
            (
                link(rows.case_url(row.store.merchant), row.store.merchant.brand_name, row.store.address),
                money(row.locked_fen) if row.store.tenant_since else "—",
                str(row.cards) if row.store.tenant_since else "—",
                cn_date(row.store.lease_end) or "没填",
                cn_date(row.notice_by) or "—",
                state_of(row.notice, "officer") if row.notice else _standing(row.store),
            )
            for row in found
        ]
        heads = ("租户", "锁定", "卡", "租约到期", "最迟公告", "停业")
        checks = list(case.measures.all())
        met, of = score_of(checks)
        lines = [
            (
                link(rows.case_url(row), row.title, row.wanted),
                state("hold", "hold", "等核查") if row.waits else state_of(row, "officer"),
                row.evidence or "—",
                cn_date(row.valid_to) or "—",
            )
            for row in checks
        ]
        return [
            table("租户", heads, cells, numeric=(1, 2), empty="还没有租户"),
            table(f"十条举措 {met}/{of}", ("举措", "状态", "证据", "有效至"), lines, note="示例口径"),
        ]

    def side(self, case: Mall, by: Actor) -> list[Panel]:
        """The operator's dossier and the managers."""
        today = business_date()
        found = Membership.objects.in_force(today).filter(mall_id=case.pk, role=Role.MALL_MANAGER)
        people: list[Any] = [("管理员", one.user.name, one.user.masked_phone) for one in found.select_related("user")]
        if case.operator:
            people.insert(0, ("运营商家", link(rows.case_url(case.operator), "一企一档")))
        return [facts("管理", people or [("管理员", "还没有")], as_list=True)]


def _standing(store: Any) -> SafeString:
    return state_of(store.merchant, "officer") if store.tenant_since else state("hold", "hold", "待商场确认")


@admin.register(MallMeasureCheck)
class MeasureAdmin(CaseAdmin):
    """One measure of one mall: the evidence and the officer's finding."""

    lifecycle = MEASURE_LIFECYCLE
    list_display = ("title_", "mall", "status_", "submitted", "valid")
    list_filter = ("status", "batch")
    list_select_related = ("mall", "mall__region")
    search_fields = ("title__icontains", "mall__name__icontains")
    ordering = ("-submitted_at", "id")
    list_help = "示例口径：十条举措逐条有证据、有核查，一年后要重新提交。"
    export_columns = (
        ("商场", lambda row: row.mall.name),
        ("举措", lambda row: row.title),
        ("批次", lambda row: row.batch),
        ("状态", lambda row: row.get_status_display()),
        ("证据", lambda row: row.evidence),
        ("有效至", lambda row: row.valid_to),
    )
    acts = {
        "meet": Act(
            lambda pk, data, by: merchants.meet_measure(pk, by=by),
            lambda case: f"核查通过后，{case.mall.name} 的「{case.title}」一年内算已落实。",
            done="已核查通过",
        ),
        "send_back": Act(
            lambda pk, data, by: merchants.send_back_measure(pk, data["reason"], by=by),
            lambda case: "退回后商场看到意见，补好再提交。",
            form=ReasonForm, icon="back", done="已退回补充",
        ),
        "lapse": Act(
            lambda pk, data, by: merchants.lapse_measure(pk, data["reason"], by=by),
            lambda case: f"认定失效后，{case.mall.name} 的「{case.title}」不再算已落实，商场可以重新提交。",
            form=ReasonForm, icon="x", done="已认定失效",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[MallMeasureCheck]:
        """With mall, paper and officer."""
        related = ("mall", "mall__region", "file", "checked_by", "submitted_by")
        return super().get_queryset(request).select_related(*related)

    @column("举措", order="title")
    def title_(self, row: MallMeasureCheck) -> str:
        """Which."""
        return row.title

    def second_line(self, row: MallMeasureCheck) -> str:
        """What is asked for."""
        return row.wanted

    @column("状态", order="status")
    def status_(self, row: MallMeasureCheck) -> SafeString:
        """In the words of officers."""
        return state("hold", "hold", "等核查") if row.waits else state_of(row, "officer")

    @column("提交", order="submitted_at")
    def submitted(self, row: MallMeasureCheck) -> str:
        """When the evidence came."""
        return cn_datetime(row.submitted_at)

    @column("有效至", order="valid_to")
    def valid(self, row: MallMeasureCheck) -> str:
        """Until."""
        return cn_date(row.valid_to)

    def buttons(self, case: MallMeasureCheck, by: Actor) -> list[Any]:
        """Nothing to check before the mall has handed anything in."""
        return [one for one in super().buttons(case, by) if one.name == "lapse" or case.waits]

    def heading(self, case: MallMeasureCheck) -> str:
        """Mall and measure."""
        return f"{case.mall.name} · {case.title}"

    def lead(self, case: MallMeasureCheck) -> str:
        """What is asked for."""
        return f"第 {case.batch} 批 · 要的证据：{case.wanted}"

    def panels(self, case: MallMeasureCheck, by: Actor) -> list[Panel]:
        """The evidence, and what was found."""
        pairs = [
            ("证据", case.evidence),
            ("提交人", str(case.submitted_by) if case.submitted_by else "", cn_datetime(case.submitted_at)),
            ("核查意见", case.finding),
            ("核查人", case.checked_by.name if case.checked_by else "", cn_datetime(case.checked_at)),
            ("有效至", cn_date(case.valid_to)),
        ]
        return [facts("证据和核查", pairs), *picture("证据材料", case.file)]

    def side(self, case: MallMeasureCheck, by: Actor) -> list[Panel]:
        """The mall."""
        return [facts("相关", [("商场", link(rows.case_url(case.mall), case.mall.name))], as_list=True)]


@admin.register(LockOutReport)
class LockOutAdmin(OfShop, CaseAdmin):
    """One report of a locked door, and the way from it to the emergency."""

    lifecycle = LOCK_OUT_LIFECYCLE
    list_display = ("shop", "status_", "seen", "who", "reported_on")
    list_filter = ("status", "reported_on")
    list_select_related = ("merchant", "merchant__region", "mall", "reporter")
    search_fields = ("merchant__brand_name__icontains", "mall__name__icontains")
    code_fields = ("code",)
    ordering = ("-id",)
    list_help = "商场和持卡人报告的锁门。查实失联的在这里提出应急处置，由第二人复核后冻结、核算、退款。"
    empty_text = "没有锁门报告。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("商家", lambda row: row.merchant.brand_name),
        ("状态", lambda row: row.get_status_display()),
        ("发现日", lambda row: row.seen_on),
        ("核查结果", lambda row: row.finding),
    )
    acts = {
        "open_run_off": Act(
            lambda pk, data, by: prepaid.open_run_off(pk, data["reason"], data["served_until"], by=by),
            lambda case: (
                f"第二人复核同意后，马上冻结 {case.merchant.brand_name}、停止收款、通知每位持卡人，并逐人核算应退。"
                "现在提出不会马上冻结；同一商家的其他锁门报告一并办结。"
            ),
            form=AbscondedForm, icon="alert", done="已提出应急处置，等第二人复核",
        ),
        "dismiss": Act(
            lambda pk, data, by: prepaid.dismiss_lock_out(pk, data["reason"], by=by),
            lambda case: "核查没有停业的，报告人会收到短信。",
            form=ReasonForm, icon="x", done="已记为未停业",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[LockOutReport]:
        """With shop, mall and people."""
        related = ("merchant", "merchant__region", "store", "mall", "photo", "reporter", "decided_by", "run_off")
        return super().get_queryset(request).select_related(*related)

    @column("发现", order="seen_on")
    def seen(self, row: LockOutReport) -> str:
        """Since when."""
        return cn_date(row.seen_on)

    @column("报告人")
    def who(self, row: LockOutReport) -> str:
        """The mall, or a customer, masked."""
        return row.mall.name if row.mall else f"持卡人 {row.reporter}"

    def heading(self, case: LockOutReport) -> str:
        """The store."""
        return f"{case.store.name} 锁门"

    def lead(self, case: LockOutReport) -> str:
        """When and by whom."""
        return f"{cn_date(case.seen_on)}发现 · {self.who(case)}报告"

    def clocks(self, case: LockOutReport) -> list[CaseClock]:
        """Looked into within the day."""
        return [day_clock("核查", case.reported_on, "当天核查")] if case.status == "RECEIVED" else []

    def panels(self, case: LockOutReport, by: Actor) -> list[Panel]:
        """What was seen, the photo, other reports on the same merchant."""
        pairs = [("情况", case.text), ("核查结果", case.finding)]
        pairs.append(("核查人", case.decided_by.name if case.decided_by else ""))
        if case.run_off:
            pairs.append(("失联清退", link(rows.case_url(case.run_off), case.run_off.code)))
        others = case.merchant.lock_outs.exclude(pk=case.pk).select_related("mall", "reporter").order_by("-pk")[:20]
        cells = [
            (link(rows.case_url(row), cn_date(row.seen_on)), self.who(row), state_of(row, "officer")) for row in others
        ]
        return [
            facts("报告", pairs),
            *picture("锁门照片", case.photo),
            table("同一商家的其他报告", ("发现", "报告人", "状态"), cells, empty="没有"),
        ]
