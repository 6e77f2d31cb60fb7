"""凭证: one movement on paper, with the proof as a file; for the consumer and for the shop."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.errors import NotFound, WrongState
from merchants.views.desk import Desk, for_shop
from prepaid.models import AccountKind, LedgerAccount, Transfer
from prepaid.receipts import Receipt, receipts
from prepaid.views.consumer import my_contract


def _movement(account_id: int | None, pk: int) -> Transfer:
    """The movement of that number on this account. Raises NotFound."""
    found = Transfer.objects.signed_for(account_id).filter(pk=pk).first() if account_id else None
    if found is None:
        raise NotFound
    return found


def _file(receipt: Receipt) -> HttpResponse:
    """The proof as people keep it. Raises WrongState before the day is sealed."""
    if receipt.content is None:
        raise WrongState("这一天还没有封账，请明天早上 5 点以后再下载凭证", code="not_sealed_yet")
    name = f'attachment; filename="receipt-{receipt.transfer_id}.json"'
    headers = {"Content-Disposition": name, "Cache-Control": "private, no-store"}
    return HttpResponse(receipt.text, content_type="application/json", headers=headers)


def _page(request: HttpRequest, movement: Transfer, **context: Any) -> HttpResponse:
    receipt = receipts([movement.pk])[0]
    shown = {"movement": movement, "receipt": receipt, **context}
    return render(request, "prepaid/proofs/receipt.html", shown)


@require_GET
def receipt(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A movement of the reader's own card."""
    contract = my_contract(request, code)
    movement = _movement(contract.account_id, pk)
    return _page(
        request,
        movement,
        contract=contract,
        back=reverse("prepaid:contract", args=[contract.code]),
        file=reverse("prepaid:receipt_file", args=[contract.code, pk]),
    )


@require_GET
def receipt_file(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Its proof."""
    movement = _movement(my_contract(request, code).account_id, pk)
    return _file(receipts([movement.pk])[0])


def _payable(desk: Desk) -> int | None:
    account = LedgerAccount.objects.filter(kind=AccountKind.MERCHANT_PAYABLE, owner_id=desk.merchant.pk).first()
    return account.pk if account else None


@for_shop()
@require_GET
def shop_receipt(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """A movement of what the shop is owed."""
    movement = _movement(_payable(desk), pk)
    return _page(
        request,
        movement,
        merchant=desk.merchant,
        back=reverse("prepaid:merchant_money"),
        file=reverse("prepaid:shop_receipt_file", args=[pk]),
    )


@for_shop()
@require_GET
def shop_receipt_file(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Its proof."""
    return _file(receipts([_movement(_payable(desk), pk).pk])[0])
