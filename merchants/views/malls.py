"""The shop says in which mall a store stands."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from core.errors import NotAllowed, PortalError
from core.identifiers import clean_public_code
from core.transactions import durably
from merchants import actions
from merchants.models import Store
from merchants.views.desk import Desk, for_shop, own, put_errors, shop_page


class MallCodeForm(forms.Form):
    """The number a mall gives to its tenants."""

    mall = forms.CharField(
        label="商场编号",
        required=False,
        max_length=24,
        help_text="向商场要；商场确认后生效。不在商场里的留空",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@for_shop()
@require_http_methods(["GET", "POST"])
def store_mall(request: HttpRequest, desk: Desk, store_id: int) -> HttpResponse:
    """Ask for the mall's number; nothing counts before the mall confirms."""
    if not desk.is_owner:
        raise NotAllowed("只有负责人能改门店资料")
    store = own(Store.objects.filter(merchant=desk.merchant).select_related("mall"), pk=store_id)
    form = MallCodeForm(request.POST or None, initial={"mall": store.mall.code_grouped if store.mall else ""})
    if request.method == "POST" and form.is_valid():
        code = clean_public_code(form.cleaned_data["mall"])
        try:
            durably(lambda: actions.say_mall(store.pk, code, by=desk.by))
        except PortalError as error:
            put_errors(form, error)
        else:
            messages.success(request, "已保存，等商场确认" if code else "已保存：这家店不在商场里")
            return redirect("merchants:console_profile")
    return shop_page(request, desk, "merchants/store_mall.html", {"store": store, "form": form})
