"""保险与保函: what stands behind the cards besides locked money, handed in by the shop."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from core.calendar import business_date
from core.errors import NotAllowed, PortalError
from core.uploads import store as keep_file
from merchants.views.desk import Desk, for_shop, once_by_form, put_errors, shop_page
from prepaid import actions as prepaid
from prepaid.forms.guarantees import GuaranteeForm
from prepaid.models import CustodyCheck, Guarantee
from prepaid.views.posting import fresh_key


@for_shop()
@require_http_methods(["GET", "POST"])
def guarantees(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Those handed in with what the officer said, the last custody check, and a new one."""
    form = GuaranteeForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if not desk.is_owner:
            raise NotAllowed("保险与保函由负责人提交")
        if form.is_valid() and _handed_in(request, desk, form):
            messages.success(request, "已提交，市场监管所向出具机构核实后计入")
            return redirect("prepaid:guarantees")
    rows = Guarantee.objects.filter(merchant=desk.merchant).order_by("-pk")[:50]
    check = CustodyCheck.objects.filter(merchant=desk.merchant).order_by("-quarter_end", "-pk").first()
    context = {"rows": list(rows), "check": check, "form": form, "key": fresh_key(), "today": business_date()}
    return shop_page(request, desk, "prepaid/console/guarantees.html", context)


def _handed_in(request: HttpRequest, desk: Desk, form: GuaranteeForm) -> bool:
    data = dict(form.cleaned_data)
    upload, data["amount_fen"] = data.pop("file"), data.pop("amount")
    try:
        file = keep_file(upload, title="保险或保函", by=desk.by) if upload else None
        once_by_form(
            request, desk.by, lambda: prepaid.submit_guarantee(desk.merchant.pk, data, by=desk.by, file=file).pk
        )
    except PortalError as error:
        if error.status in (401, 403, 404):
            raise
        error.fields = {"amount" if name == "amount_fen" else name: text for name, text in error.fields.items()}
        put_errors(form, error)
        return False
    return True
