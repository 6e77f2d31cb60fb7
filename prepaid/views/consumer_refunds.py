"""「我要退款」: why, how much by law and when, then the way of the money until it arrives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from core import clocks
from core.actors import Actor
from core.calendar import add_natural_days, business_date
from core.errors import Invalid
from core.money import yuan
from prepaid import actions as prepaid
from prepaid.facts import LotSum, lot_sums, payable_fen, refund_clock
from prepaid.forms.consumer import CAUSES, AccountForm, CauseForm, RefundForm
from prepaid.models import Contract, Refund, RefundShortfall
from prepaid.refunds import Line
from prepaid.statements import refund_steps
from prepaid.views.consumer import card_of, my_contract, my_refund, person
from prepaid.views.consumer_cards import Card
from prepaid.views.device import on_known_device
from prepaid.views.posting import act_once, fresh_key, opened_status, try_once

LIVE = (Contract.Status.ACTIVE, Contract.Status.PAUSED)
UNANSWERED = (Refund.Status.REQUESTED, Refund.Status.DISPUTED)


@dataclass(frozen=True)
class Quote:
    """What a refund would be if it were asked today. Amounts are fen."""

    cause: str
    sums: list[LotSum]
    total_fen: int
    payable_fen: int
    locked_fen: int
    answer_due_on: date
    pay_due_on: date
    pay_days: int
    basis: str

    @property
    def lines(self) -> list[tuple[int, Line]]:
        """Each line with the number of its lot."""
        return [(part.lot.no, line) for part in self.sums for line in part.lines]

    @property
    def several(self) -> bool:
        """Whether more than one payment is refunded."""
        return len(self.sums) > 1

    @property
    def open_points(self) -> list[str]:
        """What the law leaves open, each said once."""
        return list(dict.fromkeys(line.open_point for _, line in self.lines if line.open_point))

    @property
    def waiting_fen(self) -> int:
        """What waits for visits that are not settled; it follows when they are."""
        return self.total_fen - self.payable_fen - self.owed_fen

    @property
    def owed_fen(self) -> int:
        """What the law gives beyond the locked money: the merchant's debt."""
        return max(0, self.total_fen - self.locked_fen)


def quote(contract: Contract, cause: str, today: date) -> Quote:
    """The refund of a contract for a cause, with the days by which the shop must answer and the bank must pay."""
    sums = lot_sums(contract, cause, today)
    clock = refund_clock(contract, today)
    return Quote(
        cause, sums, sum(part.total_fen for part in sums),
        payable_fen(contract, sums), contract.locked_fen,
        clock.answer_due_on, clock.pay_due_on, clock.pay_days, clock.basis,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def request_refund(request: HttpRequest, code: str) -> HttpResponse:
    """Choose why; see the sum line by line and the dates; ask."""
    contract = my_contract(request, code)
    card, today = card_of(contract, person(request)), business_date()
    form = RefundForm(request.POST) if request.method == "POST" else None
    cause = request.POST.get("cause") or request.GET.get("cause") or ""
    choose = _choose(card, cause, today)
    if form is not None and form.is_valid():
        reason = form.cleaned_data["reason"]

        def work(by: Actor) -> int:
            if not choose.is_valid():
                raise Invalid("这个原因现在不适用，请选别的原因")
            return prepaid.request_refund(contract.pk, cause, by=by, reason=reason).pk

        pk = try_once(request, form, work)
        if pk:
            refund = Refund.objects.get(pk=pk)
            messages.success(request, f"已申请退款 ¥{yuan(refund.total_fen)}。")
            return redirect("prepaid:refund", refund.code)
    refundable = contract.status in LIVE and card.is_holder
    context: dict[str, Any] = {
        "nav_current": "prepaid:my_prepaid",
        "contract": contract,
        "card": card,
        "choose": choose,
        "refundable": refundable,
        "form": form or RefundForm(initial={"cause": cause}),
        "key": request.POST.get("key") or fresh_key(),
    }
    if refundable and cause and choose.is_valid():
        context |= {
            "quote": quote(contract, cause, today),
            "cause_text": {value: text for value, text, _ in CAUSES}[cause],
            "other": _other(contract, cause, today),
        }
    return render(request, "prepaid/consumer/refund_request.html", context, status=opened_status(form))


def _choose(card: Card, cause: str, today: date) -> CauseForm:
    """The causes that can apply to this card; the likely one is marked until one is chosen."""
    ends = card.contract.ends_on
    applies = {"cooling_off": card.fresh_until is not None, "expired": ends is not None and ends < today}
    if cause:
        return CauseForm({"cause": cause}, **applies)
    likely = Refund.Cause.COOLING_OFF if card.is_fresh else Refund.Cause.MERCHANT
    return CauseForm(initial={"cause": likely}, **applies)


def _other(contract: Contract, cause: str, today: date) -> Quote | None:
    """The sum for the other side's cause, to compare; only where it differs."""
    pair = {Refund.Cause.MERCHANT: Refund.Cause.CONSUMER, Refund.Cause.CONSUMER: Refund.Cause.MERCHANT}
    opposite = pair.get(Refund.Cause(cause))
    return quote(contract, opposite, today) if opposite else None


@require_GET
def refund(request: HttpRequest, code: str) -> HttpResponse:
    """Where the money is now."""
    row = my_refund(request, code)
    contract = row.contract
    today = business_date()
    payouts = list(row.payouts.all())
    owed = shortfall.amount_fen if (shortfall := RefundShortfall.objects.filter(refund=row).first()) else 0
    why = clocks.why(add_natural_days(row.requested_on, (row.pay_due_on - row.requested_on).days), start_label="申请")
    context = {
        "nav_current": "prepaid:my_prepaid",
        "refund": row,
        "contract": contract,
        "steps": refund_steps(row),
        "payouts": payouts,
        "failure": next((p.failure for p in payouts if p.failure), ""),
        "owed_fen": owed,
        "later_fen": row.total_fen - row.amount_fen - owed,
        "lines": [(line["lot"], line) for line in row.lines],
        "several": len({line["lot"] for line in row.lines}) > 1,
        "left": (row.pay_due_on - today).days,
        "why": why,
        "parts": list(row.parts.all()),
        "may_withdraw": row.status in UNANSWERED and contract.holder_id == person(request).pk,
        "open_points": list(dict.fromkeys(line["open_point"] for line in row.lines if line.get("open_point"))),
    }
    return render(request, "prepaid/consumer/refund.html", context)


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """「不退了」, before the money moves."""
    row = my_refund(request, code)
    if request.method == "POST":
        act_once(request, lambda by: prepaid.withdraw_refund(row.pk, by=by).pk)
        ended = row.contract.status == Contract.Status.REFUNDED
        messages.success(request, "已撤回，按商家认可的部分结清。" if ended else "已撤回退款申请，卡照常使用。")
        return redirect("prepaid:contract", row.contract.code)
    if row.status not in UNANSWERED:
        return redirect("prepaid:refund", row.code)
    context = {
        "nav_current": "prepaid:my_prepaid",
        "refund": row,
        "contract": row.contract,
        "card": card_of(row.contract, person(request)),
        "settled_fen": sum(part.amount_fen for part in row.parts.all()),
        "key": fresh_key(),
    }
    return render(request, "prepaid/consumer/refund_withdraw.html", context)


@require_http_methods(["GET", "POST"])
@on_known_device
def change_account(request: HttpRequest, code: str) -> HttpResponse:
    """The bank could not pay: another account in the person's own name."""
    row = my_refund(request, code)
    if request.method == "GET" and row.status != Refund.Status.PAYOUT_FAILED:
        return redirect("prepaid:refund", row.code)
    known = row.contract.payer.name or row.contract.holder.name
    asks_name = not person(request).name and not known
    form = AccountForm(request.POST or None, initial={"payee": known}, asks_name=asks_name)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data

        def work(by: Actor) -> int:
            own = data.get("own_name", False)
            return prepaid.change_payout_account(row.pk, data["account"], data["payee"], by=by, own_name=own).pk

        if try_once(request, form, work):
            messages.success(request, f"已换账户，银行正在打款 ¥{yuan(row.amount_fen)}。")
            return redirect("prepaid:refund", row.code)
    failed = row.payouts.exclude(failure="").first()
    context = {
        "nav_current": "prepaid:my_prepaid",
        "refund": row,
        "contract": row.contract,
        "form": form,
        "failure": failed.failure if failed else "",
        "key": request.POST.get("key") or fresh_key(),
    }
    return render(request, "prepaid/consumer/refund_account.html", context, status=opened_status(form))
