"""「锁门」 from a customer's phone: what may begin the emergency path."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core.errors import NotFound
from core.identifiers import clean_public_code
from merchants.models import Merchant, Store
from prepaid.forms.malls import LockOutForm
from prepaid.views.malls import sent_lock_out
from prepaid.views.posting import opened_status


class ShopLockOutForm(LockOutForm):
    """With the store, where a shop has several."""

    store = forms.ChoiceField(label="哪家门店", error_messages={"required": "选门店", "invalid_choice": "选门店"})
    field_order = ("store",)

    def __init__(self, *args: object, stores: list[Store], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice: forms.ChoiceField = self.fields["store"]  # type: ignore[assignment]
        choice.choices = [(str(one.pk), one.name) for one in stores]
        if len(stores) == 1:
            choice.initial, choice.widget = str(stores[0].pk), forms.HiddenInput()


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody who holds a card of the shop reports its locked door."""
    shop = Merchant.objects.public().filter(public_code=clean_public_code(code)).first()
    stores = list(shop.stores.filter(is_open=True)) if shop else []
    if shop is None or not stores:
        raise NotFound
    form = ShopLockOutForm(request.POST or None, request.FILES or None, stores=stores)
    if request.method == "POST" and form.is_valid():
        store = next(one for one in stores if str(one.pk) == form.cleaned_data["store"])
        if sent_lock_out(request, store, form):
            messages.success(request, "已收到，辖区监管人员会核查。您的钱锁在存管银行，查实后会先冻结再退。")
            return redirect("portal:shop", shop.public_code)
    context = {"nav_current": "portal:shops", "shop": shop, "form": form}
    return render(request, "prepaid/consumer/lock_out.html", context, status=opened_status(form))
