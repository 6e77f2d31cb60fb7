"""A shop that goes over to somebody else: the shop says so, the holder reads what that means for each card."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import NotAllowed, NotFound, PortalError
from core.identifiers import clean_public_code
from merchants.views.desk import Desk, for_shop, once_by_form, put_errors, shop_page
from prepaid import actions as prepaid
from prepaid.claims import LIVE
from prepaid.models import Contract, LegacyCard, Succession
from prepaid.models.legacy_cards import OWED
from prepaid.views.consumer import person
from prepaid.views.posting import fresh_key


class SuccessionForm(forms.Form):
    """What happens to the shop."""

    kind = forms.ChoiceField(label="什么情况", choices=Succession.Kind.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="谁接手，老卡怎么办",
        min_length=5,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "写明谁接手、老卡怎么办", "min_length": "至少写 5 个字"},
    )


@require_GET
def succession(request: HttpRequest, code: str) -> HttpResponse:
    """What changed, and for each own card: go on by the old terms, or the money back."""
    user = person(request)
    row = Succession.objects.concerning(user).filter(code=clean_public_code(code)).first()
    if row is None:
        raise NotFound
    cards = Contract.objects.filter(holder=user, merchant=row.merchant_id, status__in=LIVE).with_money()
    old = LegacyCard.objects.filter(holder=user, merchant=row.merchant_id, status__in=OWED)
    context = {"nav_current": "prepaid:my_prepaid", "row": row, "cards": list(cards), "old": list(old)}
    return render(request, "prepaid/successions/mine.html", context)


@for_shop()
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Declare it; afterwards, how far the telling and the officer are."""
    if not desk.is_owner:
        raise NotAllowed("只有负责人能申报")
    form = SuccessionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            once_by_form(
                request,
                desk.by,
                lambda: prepaid.declare_succession(desk.merchant.pk, given["kind"], given["reason"], by=desk.by).code,
            )
        except PortalError as error:
            put_errors(form, error)
        else:
            messages.success(request, "已申报，正在通知每位持卡人；市场监管所核实以前暂停办新卡。")
            return redirect("prepaid:merchant_succession")
    rows = list(Succession.objects.filter(merchant=desk.merchant)[:10])
    context = {
        "form": form,
        "current": next((row for row in rows if row.status == Succession.Status.OPEN), None),
        "rows": rows,
        "cards": Contract.objects.filter(merchant=desk.merchant, status__in=LIVE).count(),
        "old": LegacyCard.objects.filter(merchant=desk.merchant, status__in=OWED).count(),
        "key": fresh_key(),
    }
    return shop_page(request, desk, "prepaid/successions/declare.html", context)
