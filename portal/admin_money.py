"""Locked money by region and trade, and the statement of one ledger account."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.actors import Actor
from core.csv_export import export_table, plain_yuan
from core.errors import NotFound
from core.permissions import may
from merchants.models import Merchant
from portal import reports
from portal.admin_views import site_context
from prepaid.admin.rows import case_url
from prepaid.models import AccountKind, Contract, LedgerAccount, Transfer

PAGE = 50
GROUPINGS = {
    "region": ("merchant__region__name", "辖区"),
    "industry": ("merchant__industry__name", "行业"),
}


def _board(by: Actor, field: str) -> list[dict[str, Any]]:
    """Rows of one grouping, each with its name, share of the whole and width of its bar."""
    rows = reports.locked_by(field, Contract.objects.visible_to(by))
    whole = sum(row["locked_fen"] for row in rows) or 1
    most = max((row["locked_fen"] for row in rows), default=0) or 1
    return [
        {
            "name": row[field],
            "locked_fen": row["locked_fen"],
            "held_fen": row["held_fen"],
            "contracts": row["contracts"],
            "share": f"{row['locked_fen'] * 100 / whole:.1f}%",
            "held_width": f"{row['held_fen'] * 100 / most:.2f}%",
            "width": f"{(row['locked_fen'] - row['held_fen']) * 100 / most:.2f}%",
        }
        for row in rows
    ]


@require_GET
def locked_board(request: HttpRequest) -> HttpResponse:
    """Where the locked money is, straight from the ledger."""
    by = Actor.of(request)
    boards = [(key, label, _board(by, field)) for key, (field, label) in GROUPINGS.items()]
    rows = boards[0][2]
    totals = {name: sum(row[name] for row in rows) for name in ("locked_fen", "held_fen", "contracts")}
    context = {**site_context(request, "锁定资金"), "boards": boards, "totals": totals}
    return TemplateResponse(request, "admin/locked.html", context)


@require_GET
def locked_csv(request: HttpRequest) -> HttpResponseBase:
    """The board for a spreadsheet; ``by`` is region or industry."""
    if request.GET.get("by", "region") not in GROUPINGS:
        raise NotFound
    field, label = GROUPINGS[request.GET.get("by", "region")]
    rows = _board(Actor.of(request), field)
    return export_table(
        request,
        "locked",
        [label, "锁定（元）", "其中暂留（元）", "合同数", "占比"],
        ([row["name"], plain_yuan(row["locked_fen"]), plain_yuan(row["held_fen"]), row["contracts"], row["share"]]
         for row in rows),
    )  # fmt: skip


@require_GET
def account_statement(request: HttpRequest, account_id: int) -> HttpResponse:
    """Every movement of one account, newest first: a card's, what a merchant is owed, or a pot of the platform."""
    by = Actor.of(request)
    account = LedgerAccount.objects.with_balance().filter(pk=account_id).first()
    if account is None:
        raise NotFound
    owner, owner_url = _owner(account, by)
    before = request.GET.get("before", "")
    rows = Transfer.objects.signed_for(account_id).select_related("debit", "credit").order_by("-id")
    if before.isdigit():
        rows = rows.filter(pk__lt=int(before))
    page = list(rows[: PAGE + 1])
    context = {
        **site_context(request, "资金流水"),
        "account": account,
        "owner": owner,
        "owner_url": owner_url,
        "rows": [(row, row.credit if row.debit_id == account_id else row.debit) for row in page[:PAGE]],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "statement_url": reverse("admin:account_statement", args=[account_id]),
    }
    return TemplateResponse(request, "admin/statement.html", context)


def _owner(account: LedgerAccount, by: Actor) -> tuple[str, str]:
    """Whose account it is and the case it belongs to. Raises NotFound when ``by`` may not see that."""
    if account.kind == AccountKind.CARD_LOCKED:
        contract = Contract.objects.visible_to(by).filter(account=account).select_related("merchant").first()
        if contract:
            return f"{contract.merchant.brand_name} 合同 {contract}", case_url(contract)
    elif account.kind in (AccountKind.MERCHANT_PAYABLE, AccountKind.MERCHANT_RESERVE):
        merchant = Merchant.objects.visible_to(by).filter(pk=account.owner_id).first()
        if merchant:
            return merchant.brand_name, case_url(merchant)
    elif may(by, "core.view_operations"):
        return "平台", ""
    raise NotFound
