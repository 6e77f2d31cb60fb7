"""「私下收款」: the one-tap report that a shop asked to be paid past the escrow."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core.actors import SYSTEM, Actor
from core.errors import NotFound, PortalError
from core.identifiers import clean_public_code
from core.transactions import durably
from core.uploads import store as keep_file
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.forms.console import YuanField
from prepaid.views.posting import opened_status, show_on


class ReportForm(forms.Form):
    """Everything may stay empty: the tap itself is the report."""

    photo = forms.FileField(
        label="收款码或转账截图",
        required=False,
        help_text="可以不传。JPG、PNG、WebP 图片或 PDF，10 MB 以内，照片里的位置信息会自动删除",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
        error_messages={"empty": "文件是空的，请重新选择"},
    )
    amount = YuanField(label="付了多少（元）", required=False, help_text="没付、记不清的不用填")
    happened_on = forms.DateField(
        label="哪一天",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "日期写成 2026-08-01 这样"},
    )
    text = forms.CharField(
        label="经过",
        required=False,
        max_length=300,
        help_text="例如：店员让我扫他自己的微信，说便宜 200",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    anonymous = forms.BooleanField(label="匿名举报，不留我的名字和手机号", required=False)


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Tell it about one shop; signing in has proved the phone, which anonymous reports do not keep."""
    merchant = Merchant.objects.public().filter(public_code=clean_public_code(code)).first()
    if merchant is None:
        raise NotFound
    form = ReportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and _sent(request, merchant, form):
        messages.success(request, "已收到，辖区监管人员会核查。商家看不到是谁举报的。")
        return redirect("portal:shop", merchant.public_code)
    context = {"nav_current": "portal:shops", "shop": merchant, "form": form}
    return render(request, "prepaid/consumer/private_payment.html", context, status=opened_status(form))


def _sent(request: HttpRequest, merchant: Merchant, form: ReportForm) -> bool:
    """Keep the photo and the report; what is refused stands on the form."""
    data: dict[str, Any] = dict(form.cleaned_data)
    upload, hidden = data.pop("photo"), data["anonymous"]

    by = Actor.of(request)
    # No key of the form is kept: it would lead from an anonymous report back to its sender. Once a day and shop
    # is the action's own rule.
    try:
        photo = keep_file(upload, title="私下收款照片", by=SYSTEM if hidden else by) if upload else None
        given = {**data, "amount_fen": data["amount"]}
        durably(lambda: prepaid.report_private_payment(merchant.pk, given, by=by, photo=photo))
    except PortalError as error:
        if error.status in (401, 403, 404):
            raise
        error.fields = {"photo" if name == "file" else name: text for name, text in error.fields.items()}
        show_on(form, error)
        return False
    return True
