"""Reviewing registrations: the queue, the bulk approval of clean ones, and declaration beside register."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.actors import Actor
from core.api.once import principal_of
from core.case_panels import Panel, hour_clock, table
from core.clocks import local
from core.errors import PortalError
from core.idempotency import fingerprint, once
from core.permissions import may
from core.templatetags.portal_ui import cn_date, mask_phone, state
from merchants import actions as merchants
from merchants.models import Merchant, RegisterEntry

if TYPE_CHECKING:
    from merchants.admin import MerchantAdmin

QUEUE_ROWS = 100
LEASE_SOON_DAYS = 100


def masked(phone: str) -> str:
    """``138****6688``."""
    return mask_phone(phone)


def due_words(due: datetime) -> SafeString:
    """A clock in a cell."""
    face = hour_clock("", due).face
    return format_html('<span class="clock {}"><b>{}</b><span>{}</span></span>', face.level, face.left, face.until)


def lease_words(lease_end: date | None) -> Any:
    """The end of the lease, warned of when it is near."""
    if lease_end is None:
        return "—"
    days = (lease_end - local(timezone.now()).date()).days
    if days > LEASE_SOON_DAYS:
        return cn_date(lease_end)
    word = f"还有 {days} 天" if days >= 0 else f"已过 {-days} 天"
    return format_html("{} {}", cn_date(lease_end), state("warn", "alert", word))


def panels(case: Merchant) -> list[Panel]:
    """What the automatic check doubts, and the declaration beside the register."""
    doubts = Panel(
        "自动核对",
        "admin/panels/notices.html",
        {"lines": case.checks, "clean": "没有发现疑点" if case.submitted_at else "提交后自动核对"},
        note="疑点要逐条核实，核对本身不决定结果",
    )
    found = [doubts] if case.status == Merchant.Status.UNDER_REVIEW else []
    if case.return_reasons:
        found.append(Panel("上次退回的原因", "admin/panels/notices.html", {"lines": case.return_reasons}))
    return [*found, _beside_register(case)]


def _beside_register(case: Merchant) -> Panel:
    """Each declared fact, what the register says, and whether they agree."""
    entry = RegisterEntry.objects.filter(uscc=case.uscc).exclude(uscc="").first()
    declared = [
        ("统一社会信用代码", case.uscc, entry.uscc if entry else ""),
        ("营业执照名称", case.legal_name, entry.legal_name if entry else ""),
        ("字号／店招", case.brand_name, entry.brand_name if entry else ""),
        ("主体类型", case.get_kind_display(), ""),
        ("成立日期", cn_date(case.licensed_on), ""),
        ("住所", "；".join(store.address for store in case.stores.all()), entry.address if entry else ""),
    ]
    rows = [(label, mine or "—", theirs or "—", _match(mine, theirs)) for label, mine, theirs in declared]
    note = "" if entry else "登记名录里没有这个信用代码"
    return table("申报与登记名录", ("项目", "商家申报", "登记名录", "比对"), rows, note=note)


def _match(mine: str, theirs: str) -> Any:
    if not theirs:
        return format_html('<span class="faint">{}</span>', "名录未载")
    return state("ok", "check", "一致") if mine == theirs else state("warn", "alert", "不一致")


def licence(case: Merchant) -> list[Panel]:
    """The scanned licence."""
    file = case.licence_file
    if file is None:
        return []
    data = {
        "url": reverse("admin:stored_file", args=[file.pk]),
        "is_picture": file.media_type.startswith("image/"),
        "alt": f"{case.legal_name} 的营业执照",
        "text": f"{file.title}（{max(1, file.size // 1024)} KB）",
    }
    return [Panel("营业执照", "admin/panels/picture.html", data)]


def queue(site_page: MerchantAdmin, request: HttpRequest) -> HttpResponse:
    """The registrations that wait, the most urgent first; ticked clean ones are approved after a preview."""
    by = Actor.of(request)
    rows = list(
        Merchant.objects.visible_to(by).awaiting_review().select_related("industry", "region")[: QUEUE_ROWS + 1]
    )
    more, rows = len(rows) > QUEUE_ROWS, rows[:QUEUE_ROWS]
    wanted = {pk for pk in request.POST.getlist("pk") if pk.isdigit()} if request.method == "POST" else set()
    chosen = [row for row in rows if str(row.pk) in wanted and is_clean(row)]
    if request.method == "POST" and request.POST.get("step") == "approve" and chosen:
        return _approve(site_page, request, chosen, by)
    if request.method == "POST" and not chosen:
        messages.warning(request, "先勾选要通过的商家；有疑点的要逐家打开核实。")
    context = {
        **site_page.admin_site.each_context(request),
        "title": "批量通过前再看一次" if chosen else "入驻审核",
        "rows": [(row, due_words(row.review_due_at) if row.review_due_at else "", is_clean(row)) for row in rows],
        "chosen": chosen,
        "more": more,
        "may_review": any(may(by, "merchants.review_merchant", row) for row in rows),
        "clean": sum(is_clean(row) for row in rows),
        "key": uuid.uuid4(),
        "review_url": site_page.url_of("review"),
    }
    return TemplateResponse(request, "admin/review_preview.html" if chosen else "admin/review.html", context)


def is_clean(row: Merchant) -> bool:
    """Whether nobody needs to look twice."""
    return row.status == Merchant.Status.UNDER_REVIEW and not row.checks


def _approve(site_page: MerchantAdmin, request: HttpRequest, chosen: list[Merchant], by: Actor) -> HttpResponse:
    """Approve each in a transaction of its own; those that are refused are named with the reason."""
    refused = []
    for row in chosen:
        key = f"approve:{row.pk}:{request.POST.get('key', '')}"[:128]
        print_ = fingerprint("POST", request.path, row.pk)
        try:
            once(principal_of(by), key, print_, lambda row=row: (200, bool(merchants.approve(row.pk, by=by))))  # type: ignore[misc]
        except PortalError as error:
            refused.append(f"{row.brand_name}：{error.message}")
    if len(chosen) > len(refused):
        messages.success(request, f"已通过 {len(chosen) - len(refused)} 家，商家会收到短信。")
    for line in refused:
        messages.error(request, f"没有通过 {line}")
    return redirect(site_page.url_of("review"))
