"""Refunds as the shop answers them: the sum by law, the clock, yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from core.calendar import business_date
from core.errors import PortalError
from core.looks import look_up
from core.money import yuan
from merchants.views.desk import Desk, for_shop, once_by_form, own, page_of, put_errors, shop_page
from prepaid import actions as prepaid
from prepaid.facts import lot_sums
from prepaid.forms.console import RefuseForm
from prepaid.models import Refund
from prepaid.models.refunds import REFUND_LIFECYCLE
from prepaid.refunds import Line
from prepaid.views.posting import fresh_key

Status = Refund.Status
OPEN_QUESTION = (Status.REQUESTED, Status.DISPUTED)


@dataclass(frozen=True)
class Sum:
    """A refund in figures, as it would be paid on the day asked: all fen."""

    lines: list[dict[str, object]]
    total_fen: int
    from_locked_fen: int
    to_shop_fen: int
    held_fen: int

    @property
    def owed_fen(self) -> int:
        """What the shop owes beyond the locked money."""
        return max(0, self.total_fen - self.from_locked_fen - self.held_fen)


@for_shop()
@require_GET
def refunds(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Those to answer first by their clock, then the rest."""
    rows = _own(desk)
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    chosen = request.GET.get("status", "")
    listed = rows.filter(status=chosen) if chosen in Status.values else rows.exclude(status=Status.REQUESTED)
    shown, before = page_of(listed.select_related("contract__holder", "contract__plan"), request)
    asked: list[Refund] = []
    if not chosen and not request.GET.get("before"):
        waiting = rows.filter(status=Status.REQUESTED).select_related("contract__holder", "contract__plan")
        asked = list(waiting.order_by("answer_due_on", "pk")[:100])
    context = {
        "asked": asked,
        "rows": shown,
        "before": before,
        "chosen": chosen,
        "filters": [("", "全部", sum(counts.values()))]
        + [(one, look_up("refund", one).words("merchant"), counts[one]) for one in Status.values if one in counts],
    }
    return shop_page(request, desk, "prepaid/console/refunds.html", context)


def _own(desk: Desk) -> QuerySet[Refund]:
    return Refund.objects.visible_to(desk.by).filter(merchant=desk.merchant)


def _one(desk: Desk, code: str) -> Refund:
    rows = _own(desk).select_related(
        "contract__holder", "contract__plan", "contract__account", "contract__merchant", "requested_by"
    )
    return own(rows, code=code)


def sum_of(refund: Refund, today: date) -> Sum:
    """The sum as it stands: made again while the question is open, since visits may have come between."""
    contract = refund.contract
    if refund.status not in OPEN_QUESTION:
        return Sum(list(refund.lines), refund.total_fen, refund.amount_fen, 0, contract.held_fen)
    sums = lot_sums(contract, refund.cause, refund.requested_on if contract.is_periodic else today)
    total = sum(part.total_fen for part in sums)
    pays = min(sum(part.payable_fen for part in sums), contract.available_fen)
    rest = 0 if contract.is_frozen else contract.available_fen - pays
    lines = [_line(part.lot.no, line) for part in sums for line in part.lines]
    return Sum(lines, total, pays, rest, contract.held_fen)


def _line(lot: int, line: Line) -> dict[str, object]:
    return {
        "lot": lot,
        "amount_fen": line.amount_fen,
        "label": line.label,
        "formula": line.formula,
        "article": line.article,
        "open_point": line.open_point,
    }


@for_shop()
@require_GET
def refund(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One refund: why, how much line by line, by when to answer, and what each answer does."""
    row = _one(desk, code)
    context = {
        "refund": row,
        "contract": row.contract,
        "sum": sum_of(row, business_date()),
        "steps": REFUND_LIFECYCLE.allowed(row, desk.by),
        "payout": row.payouts.order_by("-pk").first(),
        "shortfall": getattr(row, "shortfall", None),
        "open": row.status in OPEN_QUESTION,
    }
    return shop_page(request, desk, "prepaid/console/refund.html", context)


@for_shop()
@require_http_methods(["GET", "POST"])
def agree(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Yes, after the effect was read in figures."""
    row = _one(desk, code)
    if request.method == "POST":
        once_by_form(request, desk.by, lambda: prepaid.agree_refund(row.pk, by=desk.by).code)
        row.refresh_from_db()
        messages.success(request, f"已同意，{yuan(row.amount_fen)} 元由银行退给顾客")
        return redirect("prepaid:merchant_refund", row.code)
    if "agree" not in REFUND_LIFECYCLE.allowed(row, desk.by):
        return redirect("prepaid:merchant_refund", row.code)
    money = sum_of(row, business_date())
    context = {
        "refund": row,
        "contract": row.contract,
        "sum": money,
        "effect": _effect(money),
        "key": fresh_key(),
    }
    return shop_page(request, desk, "prepaid/console/refund_agree.html", context)


def _effect(money: Sum) -> str:
    said = [f"从锁定的钱里退给顾客 ¥{yuan(money.from_locked_fen)}，由银行打回付款账户，同意后不能撤回。"]
    if money.to_shop_fen:
        said.append(f"卡里其余 ¥{yuan(money.to_shop_fen)} 付给您。")
    if money.held_fen:
        said.append(f"有异议或待确认的 ¥{yuan(money.held_fen)} 继续暂留。")
    if money.owed_fen:
        said.append(f"锁定的钱不够，另有 ¥{yuan(money.owed_fen)} 要您自己付给顾客。")
    return "".join(said)


@for_shop()
@require_http_methods(["GET", "POST"])
def refuse(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """No, with the reason the customer and the officer will read."""
    row = _one(desk, code)
    form = RefuseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            once_by_form(
                request,
                desk.by,
                lambda: prepaid.refuse_refund(row.pk, form.cleaned_data["answer"], by=desk.by).code,
            )
        except PortalError as error:
            if error.status in (403, 404):
                raise
            put_errors(form, error)
        else:
            messages.success(request, "已答复不同意。钱仍然锁定，顾客可以投诉，由市场监管所处理")
            return redirect("prepaid:merchant_refund", row.code)
    if request.method == "GET" and "refuse" not in REFUND_LIFECYCLE.allowed(row, desk.by):
        return redirect("prepaid:merchant_refund", row.code)
    context = {"refund": row, "contract": row.contract, "form": form, "key": fresh_key()}
    return shop_page(request, desk, "prepaid/console/refund_refuse.html", context)
