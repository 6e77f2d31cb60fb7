"""Reports of private payment and suspected links, as the regulator works on them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core.actors import Actor
from core.calendar import business_date
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import column
from core.case_panels import VERB_WORDS, Panel, facts, link, table
from core.csv_export import plain_yuan
from core.templatetags.portal_ui import cn_date, money, state_of
from merchants.admin import MerchantAdmin
from merchants.likeness import WORDS
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.admin.custody import OfShop
from prepaid.admin.warnings import staff_table
from prepaid.models import ListedMerchant, MerchantLink, PrivatePaymentReport
from prepaid.models.warnings import MERCHANT_LINK_LIFECYCLE, PRIVATE_PAYMENT_LIFECYCLE

VERB_WORDS.update(
    {
        "private_payment.report": "收到私下收款举报",
        "private_payment.confirm": "私下收款查实，建议停售",
        "private_payment.reject": "私下收款未查实",
        "merchant_link.find": "发现疑似关联",
        "merchant_link.confirm": "认定关联",
        "merchant_link.dismiss": "认定不是关联",
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
