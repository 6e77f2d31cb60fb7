"""What the shop is paid: each settlement with its movements, and the account it goes to."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.calendar import business_date
from core.csv_export import export_table, plain_yuan
from core.errors import NotAllowed, NotFound, PortalError
from core.transactions import durably
from merchants.views.desk import Desk, for_shop, own, page_of, put_errors, shop_page
from prepaid import actions as prepaid
from prepaid.forms.settlements import PayoutAccountForm
from prepaid.models import PayoutAccount, RefType, Settlement, Transfer, Visit
from prepaid.models.settlements import PAYOUT_ACCOUNT_LIFECYCLE
from prepaid.settlements import movements, position

PENDING_CODE = "payout_account_code"
EXPORT_ROWS = 50_000
SHOWN = 200


def _own(desk: Desk) -> QuerySet[Settlement]:
    return Settlement.objects.visible_to(desk.by).filter(merchant=desk.merchant).select_related("account")


@for_shop()
@require_GET
def settlements(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every settlement, newest first."""
    rows, before = page_of(_own(desk), request)
    return shop_page(request, desk, "prepaid/console/settlements.html", {"rows": rows, "before": before})


@for_shop()  # type: ignore[arg-type]
@require_GET
def settlements_csv(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """The settlements for a spreadsheet."""
    heads = ["结算单号", "结算日", "包含的业务日", "金额（元）", "结转（元）", "状态", "收款账户", "银行流水号"]
    rows = (
        [row.code, row.ordered_on, span(row), plain_yuan(row.amount_fen), plain_yuan(row.carried_fen),
         row.get_status_display(), str(row.account), row.bank_ref]
        for row in _own(desk).order_by("-pk")[:EXPORT_ROWS].iterator(chunk_size=2000)
    )  # fmt: skip
    return export_table(request, "settlements", heads, rows)


def span(settlement: Settlement) -> str:
    """The days whose releases it pays, in words."""
    first, last = settlement.covers_from, settlement.covers_to
    if first is None:
        return f"{last} 及以前"
    return str(last) if first == last else f"{first} 至 {last}"


@for_shop()
@require_GET
def settlement(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One settlement: where it went, what it is made of, line by line, adding up to the fen."""
    row = own(_own(desk), code=code)
    lines = list(movements(row)[: SHOWN + 1])
    context = {
        "settlement": row,
        "span": span(row),
        "lines": _with_items(lines[:SHOWN]),
        "more": len(lines) > SHOWN,
        "moved_fen": row.amount_fen - row.carried_fen,
    }
    return shop_page(request, desk, "prepaid/console/settlement.html", context)


@for_shop()  # type: ignore[arg-type]
@require_GET
def settlement_csv(request: HttpRequest, desk: Desk, code: str) -> HttpResponseBase:
    """The movements of one settlement for a spreadsheet; its last line is what was carried."""
    row = own(_own(desk), code=code)

    def lines() -> object:
        for one in movements(row)[:EXPORT_ROWS].iterator(chunk_size=2000):
            yield [one.pk, one.posted_at, one.biz_date, one.get_kind_display(), plain_yuan(one.signed_fen)]  # type: ignore[attr-defined]
        if row.carried_fen:
            yield ["", "", row.ordered_on, "结转", plain_yuan(row.carried_fen)]

    heads = ["流水号", "时间", "业务日", "事由", "金额（元）"]
    return export_table(request, f"settlement-{row.code}", heads, lines())  # type: ignore[arg-type]


def _with_items(lines: list[Transfer]) -> list[tuple[Transfer, str]]:
    """The movements with what was done for the money; one query."""
    wanted = [line.ref_id for line in lines if line.ref_type in (RefType.VISIT, RefType.CORRECTION)]
    items = dict(Visit.objects.filter(pk__in=wanted).values_list("pk", "item"))
    return [
        (line, items.get(line.ref_id, "") if line.ref_type in (RefType.VISIT, RefType.CORRECTION) else "")
        for line in lines
    ]


@for_shop()
@require_http_methods(["GET", "POST"])
def payout_account(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The account the shop is paid to; a first one counts at once, a change after three days."""
    if not desk.is_owner:
        raise NotAllowed("只有负责人能改收款账户")
    shop = desk.merchant
    form = PayoutAccountForm([name for name in (shop.legal_name, shop.legal_rep) if name], request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            # No transaction around it: a wrong code must stay counted.
            row = prepaid.set_payout_account(
                shop.pk, given["account"], given["payee"], given["bank"], by=desk.by, phone_code=given["code"]
            )
        except PortalError as error:
            put_errors(form, error)
        else:
            request.session.pop(PENDING_CODE, None)
            waits = row.status == PayoutAccount.Status.WAITING
            later = f"{row.effective_on:%m月%d日}起用新账户，在那以前还打到原账户"
            when = later if waits else "从下一次结算起打到这个账户"
            messages.success(request, f"已登记尾号 {row.last4}，{when}")
            return redirect("prepaid:payout_account")
    place = position(shop.pk, business_date())
    context = {
        "form": form,
        "place": place,
        "sent": request.session.get(PENDING_CODE, {}).get(str(shop.pk)),
        "steps": PAYOUT_ACCOUNT_LIFECYCLE.allowed(place.account, desk.by) if place.account else [],
    }
    return shop_page(request, desk, "prepaid/console/payout_account.html", context)


@for_shop()
@require_POST
def payout_account_code(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Send the code to the shop's contact phone."""
    code = prepaid.send_account_code(desk.merchant.pk, by=desk.by)
    # No message leaves the demo: the next page shows what it would have said.
    shown = code if settings.SMS_BACKEND == "console" else ""
    request.session[PENDING_CODE] = {str(desk.merchant.pk): shown}
    messages.success(request, "验证码已发到店铺登记的手机")
    return redirect("prepaid:payout_account")


@for_shop()
@require_POST
def payout_account_step(request: HttpRequest, desk: Desk, pk: int, step: str) -> HttpResponse:
    """Take a change back, or try an account again that the bank could not pay."""
    row = own(PayoutAccount.objects.visible_to(desk.by).filter(merchant=desk.merchant), pk=pk)
    acts = {"cancel": prepaid.cancel_payout_account, "retry": prepaid.retry_payout_account}
    if step not in acts:
        raise NotFound
    durably(lambda: acts[step](row.pk, by=desk.by))
    said = {"cancel": "已撤回更换，照旧打到原账户", "retry": "下一个工作日再打一次"}
    messages.success(request, said[step])
    return redirect("prepaid:payout_account")
