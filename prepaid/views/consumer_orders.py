"""Dropping a payment that was not made."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from core.money import yuan
from prepaid import actions as prepaid
from prepaid.models import Contract, PaymentOrder
from prepaid.views.consumer import my_contract
from prepaid.views.posting import act_once


@require_POST
def cancel_order(request: HttpRequest, code: str) -> HttpResponse:
    """「不付这一笔了」: the order is closed, nothing was paid; without one there is nothing to do."""
    contract = my_contract(request, code)
    order = PaymentOrder.objects.filter(contract=contract, status=PaymentOrder.Status.PENDING).first()
    if order is not None:
        act_once(request, lambda by: prepaid.cancel_order(order.pk, by=by).pk)
        messages.success(request, f"已取消 {yuan(order.amount_fen)} 元的付款，没有扣钱")
    signed = contract.status == Contract.Status.SIGNED
    return redirect("prepaid:contract_pay" if signed else "prepaid:contract", contract.code)
