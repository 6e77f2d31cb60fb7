"""The shop's side of a closing: declare, publish, see who has chosen what; take over another shop's cards."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from core.calendar import business_date
from core.errors import NotFound, PortalError
from core.rule_packs import rule
from merchants.views.desk import Desk, for_shop, once_by_form, own, put_errors, shop_page
from prepaid import actions as prepaid
from prepaid.closing_reports import progress
from prepaid.forms.closings import DeclareForm
from prepaid.models import ClosingNotice, Contract
from prepaid.views.posting import fresh_key

STEPS = {"publish": "发布停业公告", "withdraw": "撤回申报", "accept": "同意接手"}


@for_shop()
@require_http_methods(["GET", "POST"])
def closing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Own notices with their progress, those of others who name this shop as successor, and a new declaration."""
    form = DeclareForm(request.POST or None, stores=desk.stores)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def work() -> str:
            return prepaid.declare_closing(
                desk.merchant.pk, given["reason"], given["closes_on"], note=given["note"], store_id=given["store"],
                in_mall=given["in_mall"], successor_id=given["successor"], by=desk.by,
            ).code  # fmt: skip

        try:
            code = once_by_form(request, desk.by, work).reference
        except PortalError as error:
            if error.status in (403, 404):
                raise
            put_errors(form, error)
        else:
            return redirect("prepaid:merchant_closing_step", code, "publish")
    notices = ClosingNotice.objects.filter(merchant=desk.merchant).exclude(status="WITHDRAWN")
    related = notices.select_related("merchant", "store", "successor", "mall").order_by("-pk")[:10]
    asking = ClosingNotice.objects.open().filter(successor=desk.merchant).select_related("merchant", "store")
    context = {
        "notices": [(row, progress(row)) for row in related],
        "asking": list(asking.exclude(status="DECLARED")[:10]),
        "may_declare": desk.is_owner and desk.merchant.status in ("ACTIVE", "RESTRICTED"),
        "form": form,
        "key": fresh_key(),
    }
    return shop_page(request, desk, "prepaid/console/closing.html", context)


@for_shop()
@require_http_methods(["GET", "POST"])
def closing_step(request: HttpRequest, desk: Desk, code: str, step: str) -> HttpResponse:
    """Ask once more with the effect in figures, then do it."""
    if step not in STEPS:
        raise NotFound
    rows = ClosingNotice.objects.select_related("merchant", "store", "successor")
    side = {"successor": desk.merchant} if step == "accept" else {"merchant": desk.merchant}
    notice = own(rows.filter(**side), code=code)
    if request.method == "POST":
        act = {
            "publish": prepaid.publish_closing,
            "withdraw": prepaid.withdraw_closing,
            "accept": prepaid.accept_succession,
        }[step]
        once_by_form(request, desk.by, lambda: act(notice.pk, by=desk.by).code)
        messages.success(request, _done(step))
        return redirect("prepaid:merchant_closing")
    if step != "accept" and notice.status != ClosingNotice.Status.DECLARED:
        return redirect("prepaid:merchant_closing")
    context: dict[str, Any] = {
        "notice": notice,
        "step": step,
        "title": STEPS[step],
        "effect": _effect(notice, step),
        "late": _late(notice) if step == "publish" else 0,
        "key": fresh_key(),
    }
    return shop_page(request, desk, "prepaid/console/closing_step.html", context)


def _late(notice: ClosingNotice) -> int:
    """By how many days a notice published today would be too short."""
    today = business_date()
    key = "exit.mall_notice_days" if notice.in_mall else "exit.notice_days"
    return max(0, int(rule(key, notice.merchant.region_id, today).value) - (notice.closes_on - today).days)


def _effect(notice: ClosingNotice, step: str) -> str:
    live = notice.contracts().filter(status__in=["ACTIVE", "PAUSED"])
    cards = live.count()
    if step == "publish":
        people = live.values("holder").distinct().count()
        return (
            f"发布后马上停止收新的预付款；{people} 位持卡人、{cards} 张卡会收到短信，自己选退款"
            f"{'、转到接手的店' if notice.successor else ''}或用到停业；到期没选的自动退款，不再经您同意。"
            "发布后不能撤回。"
        )
    if step == "withdraw":
        return "这份申报还没有公告，撤回后照常营业。"
    waiting = notice.holders.filter(choice="TRANSFER", settled_at=None).count()
    open_cards = Contract.objects.filter(pk__in=notice.holders.values("contract"), status__in=["ACTIVE", "PAUSED"])
    return (
        f"同意后，选择转过来的卡按原来的条款由您的店提供服务，锁定的钱还在银行，按消费付给您。现在有 {waiting} 张已选，"
        f"最多 {open_cards.count()} 张。"
    )


def _done(step: str) -> str:
    return {
        "publish": "已公告，停止收款，正在通知每位持卡人",
        "withdraw": "已撤回申报",
        "accept": "已同意接手，选了您店的卡正在转过来",
    }[step]
