"""Reports of private payment, suspected links and lists of others, as the regulator works on them."""

from __future__ import annotations

import uuid
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from core.actors import Actor
from core.calendar import business_date
from core.case_admin import Act, CaseAdmin, CaseForm, ReasonForm, put_on_form
from core.case_lists import ReadOnlyAdmin, column
from core.case_panels import VERB_WORDS, Panel, facts, link, table
from core.csv_export import plain_yuan
from core.errors import PortalError
from core.permissions import may, require
from core.templatetags.portal_ui import cn_date, money, state, state_of
from merchants.admin import MerchantAdmin
from merchants.likeness import WORDS
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.admin.custody import OfShop, day_field
from prepaid.admin.warnings import staff_table
from prepaid.models import ListedEntry, ListedMerchant, ListImport, MerchantLink, PrivatePaymentReport
from prepaid.models.warnings import MERCHANT_LINK_LIFECYCLE, PRIVATE_PAYMENT_LIFECYCLE

VERB_WORDS.update(
    {
        "private_payment.report": "收到私下收款举报",
        "private_payment.confirm": "私下收款查实，建议停售",
        "private_payment.reject": "私下收款未查实",
        "merchant_link.find": "发现疑似关联",
        "merchant_link.confirm": "认定关联",
        "merchant_link.dismiss": "认定不是关联",
        "list.import": "开始导入名单",
        "list.imported": "导入名单完成",
        "list.restrict": "列入名单，停止新发卡",
        "list.lift": "移出名单，解除停止",
    }
)


@admin.register(PrivatePaymentReport)
class PrivatePaymentAdmin(OfShop, CaseAdmin):
    """One report: what happened, the photo, and what the officer found."""

    lifecycle = PRIVATE_PAYMENT_LIFECYCLE
    list_help = "消费者举报店员要求付到私人收款码。商家看不到举报人；匿名的我们也不知道是谁。"
    list_display = ("shop", "status_", "reported_on", "amount", "has_photo", "who")
    list_filter = ("status", "reported_on", ("merchant__industry", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("merchant", "merchant__region")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    code_fields = ("code",)
    ordering = ("-id",)
    empty_text = "没有私下收款的举报。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("商家", lambda row: row.merchant.brand_name),
        ("状态", lambda row: row.get_status_display()),
        ("举报日", lambda row: row.reported_on),
        ("金额（元）", lambda row: plain_yuan(row.amount_fen) if row.amount_fen else ""),
        ("核查结果", lambda row: row.finding),
    )
    acts = {
        "confirm": Act(
            lambda pk, data, by: prepaid.confirm_private_payment(pk, data["reason"], by=by),
            lambda case: (
                f"查实后计入 {case.merchant.brand_name} 的风险分，并建议停止新发卡，由另一名监管人员确认；现在不会停。"
            ),
            form=ReasonForm,
            icon="check",
            done="已查实，停售建议等另一人确认",
        ),
        "reject": Act(
            lambda pk, data, by: prepaid.reject_private_payment(pk, data["reason"], by=by),
            lambda case: "没有查实的不计入风险分，留名的举报人会收到短信。",
            form=ReasonForm,
            icon="x",
            done="已记为未查实",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrivatePaymentReport]:
        """With shop and photo."""
        rows_: QuerySet[PrivatePaymentReport] = super().get_queryset(request)
        return rows_.select_related("merchant", "merchant__region", "store", "photo", "reporter", "decided_by")

    @column("金额", order="amount_fen", num=True)
    def amount(self, row: PrivatePaymentReport) -> Any:
        """What was paid, if told."""
        return money(row.amount_fen) if row.amount_fen else ""

    @column("照片")
    def has_photo(self, row: PrivatePaymentReport) -> str:
        """Whether there is one."""
        return "有" if row.photo_id else ""

    @column("举报人")
    def who(self, row: PrivatePaymentReport) -> str:
        """Masked, or nobody."""
        return row.reporter.masked_name or row.reporter.masked_phone if row.reporter else "匿名"

    def heading(self, case: PrivatePaymentReport) -> str:
        """The shop."""
        return f"{case.merchant.brand_name} 私下收款举报"

    def lead(self, case: PrivatePaymentReport) -> str:
        """When."""
        happened = f" · {cn_date(case.happened_on)}发生" if case.happened_on else ""
        return f"{cn_date(case.reported_on)}举报{happened} · {self.who(case)}"

    def panels(self, case: PrivatePaymentReport, by: Actor) -> list[Panel]:
        """What was told, the photo, who sells in the shop."""
        pairs = [
            ("经过", case.text),
            ("金额", money(case.amount_fen) if case.amount_fen else ""),
            ("门店", case.store.name if case.store else ""),
            ("核查结果", case.finding),
            ("核查人", case.decided_by.name if case.decided_by else ""),
        ]
        found = [facts("举报内容", pairs)]
        if case.photo is not None:
            data = {
                "url": reverse("admin:stored_file", args=[case.photo.pk]),
                "is_picture": case.photo.media_type.startswith("image/"),
                "alt": "举报人拍的收款码",
                "text": case.photo.title,
            }
            found.append(Panel("照片", "admin/panels/picture.html", data))
        return [*found, staff_table(case.merchant)]


@admin.register(MerchantLink)
class MerchantLinkAdmin(OfShop, CaseAdmin):
    """A merchant that looks like one that closed, vanished or was restricted."""

    lifecycle = MERCHANT_LINK_LIFECYCLE
    list_help = "按负责人、手机号、门店地址的核对码比对，不显示号码。相同不等于有问题，由监管人员认定。"
    list_display = ("shop", "other_", "same", "status_", "found_on")
    list_filter = ("status", "found_on")
    list_select_related = ("merchant", "merchant__region", "other")
    search_fields = ("merchant__brand_name__icontains", "other__brand_name__icontains")
    ordering = ("-id",)
    empty_text = "没有发现换名再开的商家。"
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("停业或受限的商家", lambda row: row.other.brand_name),
        ("相同之处", lambda row: same(row)),
        ("状态", lambda row: row.get_status_display()),
    )
    acts = {
        "confirm": Act(
            lambda pk, data, by: prepaid.confirm_link(pk, data["reason"], by=by),
            lambda case: f"认定后，{case.merchant.brand_name} 与 {case.other.brand_name} 的关联计入风险分。",
            form=ReasonForm,
            icon="users",
            done="已认定，下次评分计入",
        ),
        "dismiss": Act(
            lambda pk, data, by: prepaid.dismiss_link(pk, data["reason"], by=by),
            lambda case: f"认定不是关联后，{case.merchant.brand_name} 不再因此计分，也不再提示。",
            form=ReasonForm,
            icon="x",
            done="已认定不是关联",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[MerchantLink]:
        """With both shops."""
        rows_: QuerySet[MerchantLink] = super().get_queryset(request)
        return rows_.select_related("merchant", "merchant__region", "other", "decided_by")

    @column("停业或受限的商家", order="other")
    def other_(self, row: MerchantLink) -> str:
        """The one before."""
        return f"{row.other.brand_name}（{row.other.get_status_display()}）"

    @column("相同之处")
    def same(self, row: MerchantLink) -> str:
        """What is the same, in words."""
        return same(row)

    def heading(self, case: MerchantLink) -> str:
        """Both."""
        return f"{case.merchant.brand_name} 与 {case.other.brand_name}"

    def lead(self, case: MerchantLink) -> str:
        """What is the same."""
        return f"{same(case)}相同 · {cn_date(case.found_on)}发现"

    def panels(self, case: MerchantLink, by: Actor) -> list[Panel]:
        """Both side by side, without numbers."""
        heads = ("商家", "状态", "信用代码", "辖区", "登记日")
        sides = [
            (one.brand_name, state_of(one, "officer"), one.uscc_masked, one.region.name, cn_date(one.created_at))
            for one in Merchant.objects.filter(pk__in=[case.merchant_id, case.other_id]).select_related("region")
        ]
        pairs = [("认定理由", case.reason), ("认定人", case.decided_by.name if case.decided_by else "")]
        return [table("两家商家", heads, sides), facts("认定", pairs)]


def same(row: MerchantLink) -> str:
    """「手机号、门店地址」."""
    return "、".join(WORDS.get(kind, kind) for kind in row.matches)


class ListForm(CaseForm):
    """A list as its authority publishes it."""

    file = forms.FileField(
        label="名单文件",
        help_text="CSV（UTF-8 或 GBK）或 Excel（.xlsx）；第一行写名称、统一社会信用代码或身份证号、列入日期",
        error_messages={"required": "选一个文件", "empty": "文件是空的"},
    )
    kind = forms.ChoiceField(label="哪个名单", choices=ListedEntry.Kind.choices)
    source = forms.CharField(label="来源", max_length=100, help_text="如「国家企业信用信息公示系统」")
    as_of = day_field("名单日期")


class PublicRows:
    """Lists that others publish: the same for every officer."""

    opens_case = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """All of them."""
        return self.model._default_manager.order_by("-id")  # type: ignore[attr-defined]


@admin.register(ListedEntry)
class ListedEntryAdmin(PublicRows, ReadOnlyAdmin):
    """What the lists say."""

    list_help = "从 CSV 或 Excel 导入。列入的商家每日自动停止新发卡，移出后自动恢复。个人只留核对码和姓氏。"
    list_display = ("name", "kind", "uscc", "listed_on", "removed_on", "reason")
    list_filter = ("kind", "listed_on")
    search_fields = ("name__startswith", "uscc__iexact")
    empty_text = "还没有导入名单。"

    def get_urls(self) -> list[URLPattern]:
        """The import comes before the stock pages."""
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name="prepaid_listedentry_import"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With the way to the import, for those who may."""
        tools = [{"url": self.url_of("import"), "icon": "doc", "text": "导入名单"}]
        shown = tools if may(Actor.of(request), "prepaid.import_list") else []
        return super().changelist_view(request, {"list_tools": shown, **(extra_context or {})})

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for the file, read it in, and say what came of it; the same file again changes nothing."""
        by = Actor.of(request)
        require(by, "prepaid.import_list")
        form = ListForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                run = self._read(form.cleaned_data, by)
            except PortalError as error:
                put_on_form(form, error)
            else:
                said = f"{run.rows} 行，新增 {run.added}，更新 {run.changed}，未通过 {run.refused}"
                messages.success(request, f"{run.title}：{said}。列入的商家今晚自动停止新发卡。")
                for line in run.errors[:10]:
                    messages.warning(request, f"第 {line['line']} 行：{line['reason']}")
                return redirect(self.url_of("changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": "导入名单",
            "case_title": "导入名单",
            "opts": self.opts,
            "list_url": self.url_of("changelist"),
            "back_url": self.url_of("changelist"),
            "effect": "同一行再导入不会重复；有移出日期的到期恢复。个人的身份证号只算成核对码，不保存。",
            "icon": "doc",
            "form": form,
            "key": uuid.uuid4(),
        }
        return TemplateResponse(request, "admin/act.html", context, status=400 if form.errors else 200)

    def _read(self, data: dict[str, Any], by: Actor) -> ListImport:
        with NamedTemporaryFile() as kept:
            for chunk in data["file"].chunks():
                kept.write(chunk)
            kept.flush()
            return prepaid.import_list(
                Path(kept.name), data["file"].name, data["kind"], data["source"], data["as_of"], by=by
            )


@admin.register(ListImport)
class ListImportAdmin(PublicRows, ReadOnlyAdmin):
    """What was read in, and what was refused."""

    list_display = ("title", "source", "as_of", "started_at", "rows_", "added", "changed", "refused")

    @column("行数", order="rows", num=True)
    def rows_(self, row: ListImport) -> int:
        """Lines of the file."""
        return row.rows


@admin.register(ListedMerchant)
class ListedMerchantAdmin(OfShop, ReadOnlyAdmin):
    """Merchants of the region that are on a list."""

    opens_case = False
    list_display = ("shop", "listed", "listed_on", "removed_on", "stopped")
    list_filter = ("entry__kind",)
    list_select_related = ("merchant", "entry", "restriction")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    ordering = ("-id",)
    empty_text = "辖区里没有列入名单的商家。"

    @column("名单", order="entry__kind")
    def listed(self, row: ListedMerchant) -> str:
        """Which."""
        return row.entry.get_kind_display()

    @column("列入日", order="entry__listed_on")
    def listed_on(self, row: ListedMerchant) -> str:
        """Since."""
        return cn_date(row.entry.listed_on)

    @column("移出日", order="entry__removed_on")
    def removed_on(self, row: ListedMerchant) -> str:
        """Until."""
        return cn_date(row.entry.removed_on)

    @column("新发卡")
    def stopped(self, row: ListedMerchant) -> SafeString:
        """Whether the stop is in force."""
        if row.restriction is None:
            return state("warn", "hold", "待停止")
        return state("ok", "check", "已恢复") if row.restriction.lifted_at else state("danger", "stop", "已停止")


def dossier_panels(merchant: Merchant, by: Actor) -> list[Panel]:
    """Lists in force and suspected links, where there are any."""
    today = business_date()
    listed = ListedMerchant.objects.visible_to(by).filter(merchant=merchant).select_related("entry")
    linked = MerchantLink.objects.visible_to(by).filter(merchant=merchant).exclude(status="DISMISSED")
    told = PrivatePaymentReport.objects.visible_to(by).filter(merchant=merchant).exclude(status="REJECTED")
    lines: list[tuple[Any, Any]] = [
        (row.entry.get_kind_display(), f"{cn_date(row.entry.listed_on)}列入")
        for row in listed.filter(Q(entry__removed_on=None) | Q(entry__removed_on__gt=today))[:10]
    ]
    lines += [("疑似关联", link(rows.case_url(row), row.other.brand_name, same(row))) for row in
              linked.select_related("other")[:10]]  # fmt: skip
    lines += [("私下收款举报", link(rows.case_url(row), cn_date(row.reported_on), row.get_status_display())) for row in
              told[:10]]  # fmt: skip
    return [facts("名单、关联和举报", lines, as_list=True)] if lines else []


MerchantAdmin.more_side.append(dossier_panels)
