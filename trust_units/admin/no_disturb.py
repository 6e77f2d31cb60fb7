"""The no-disturb list for the county: who asks, who is on it, whom something suspended."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import column
from core.case_panels import Panel, facts, link
from core.templatetags.portal_ui import cn_date, cn_datetime, state_of
from prepaid.admin.rows import case_url
from trust_units import actions as trust
from trust_units.models import NO_DISTURB_LIFECYCLE, NoDisturbEntry


def _act(step: str, effect: str, icon: str = "check") -> Act:
    def run(pk: int, data: dict[str, Any], by: Actor) -> NoDisturbEntry:
        return trust.decide_no_disturb(pk, step, data["reason"], by=by)

    return Act(run, lambda case: effect, form=ReasonForm, icon=icon)


@admin.register(NoDisturbEntry)
class NoDisturbEntryAdmin(CaseAdmin):
    """One business; what suspends it happens by itself, the way back is the county's."""

    lifecycle = NO_DISTURB_LIFECYCLE
    list_display = ("merchant_", "status_", "listed_on", "valid_until")
    list_filter = ("status",)
    list_select_related = ("merchant__region",)
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    list_help = "名单上的商家抽查权重降到三成，不低于下限；有投诉被受理或受到处罚，当晚自动暂停。"
    empty_text = "没有申请，也没有在名单上的商家。"
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("状态", lambda row: row.get_status_display()),
        ("列入日", lambda row: row.listed_on),
        ("有效期至", lambda row: row.valid_until),
    )
    acts = {
        "list": _act("list", "列入后抽查权重降到三成，有效一年；投诉、处罚会自动暂停。"),
        "refuse": _act("refuse", "不予列入，商家看到理由，可以再申请。", "x"),
        "suspend": _act("suspend", "暂停期间按平常的权重抽查。", "stop"),
        "resume": _act("resume", "恢复后从现在起重新计算无事。"),
        "remove": _act("remove", "移出后按平常的权重抽查，商家可以再申请。", "x"),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[NoDisturbEntry]:
        """With the business and the people."""
        return super().get_queryset(request).select_related("merchant__region", "applied_by", "decided_by")

    @column("商家", order="id")
    def merchant_(self, row: NoDisturbEntry) -> str:
        """Its brand."""
        return row.merchant.brand_name

    @column("状态", order="status")
    def status_(self, row: NoDisturbEntry) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    def panels(self, case: NoDisturbEntry, by: Actor) -> list[Panel]:
        """What is known of the entry."""
        pairs = [
            ("商家", link(case_url(case.merchant), case.merchant.brand_name)),
            ("申请", f"{case.applied_by.name} {cn_datetime(case.applied_at)}"),
            ("列入日", cn_date(case.listed_on) if case.listed_on else ""),
            ("有效期至", cn_date(case.valid_until) if case.valid_until else ""),
            ("理由", case.reason),
            ("决定人", case.decided_by.name if case.decided_by else ""),
        ]
        return [facts("无事不扰", pairs)]
