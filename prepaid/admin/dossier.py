"""The money on a merchant's dossier: its bar, contracts, refunds, freezes, plans, and the proposal to freeze."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, ReasonForm
from core.case_panels import Panel, facts, table
from core.money import yuan
from core.templatetags.portal_ui import money, state
from merchants.admin import MerchantAdmin
from merchants.models import LISTED, Merchant
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.models import AccountKind, Contract, Freeze, LedgerAccount, Plan, Refund, RefundShortfall, Visit
from prepaid.models.contracts import FREEZE_HOLDS

ROWS = 10


def money_of(merchant: Merchant) -> dict[str, int]:
    """The sums over all contracts of a merchant, in fen, and how many hold money."""
    found = Contract.objects.filter(merchant=merchant).aggregate(
        paid=Sum("paid_fen"),
        refunded=Sum("refunded_fen"),
        locked=Sum("account__row_balance_fen"),
        held=Sum("account__held_fen"),
        contracts=Count("pk"),
        with_money=Count("pk", filter=Q(account__row_balance_fen__gt=0)),
    )
    sums = {name: value or 0 for name, value in found.items()}
    return {
        "paid_fen": sums["paid"],
        "refunded_fen": sums["refunded"],
        "locked_fen": sums["locked"],
        "held_fen": sums["held"],
        "available_fen": sums["locked"] - sums["held"],
        "released_fen": sums["paid"] - sums["locked"] - sums["refunded"],
        "contracts": sums["contracts"],
        "with_money": sums["with_money"],
    }


def _approved(merchant: Merchant) -> bool:
    return merchant.status in (*LISTED, Merchant.Status.EXITED)


def panels(merchant: Merchant, by: Actor) -> list[Panel]:
    """The money bar, contracts, refunds, freezes and plans; nothing before the first contract."""
    sums = money_of(merchant)
    freezes = list(merchant.freezes.select_related("proposed_by", "approved_by", "contract").order_by("-id")[:ROWS])
    whole = any(row.contract_id is None and row.status in FREEZE_HOLDS for row in freezes)
    plans = _plans(merchant)
    if not sums["contracts"]:
        return [plans] if _approved(merchant) else []
    contracts = (
        merchant.contracts.filter(account__isnull=False)
        .with_money()
        .select_related("holder")
        .order_by("-account__row_balance_fen")[:ROWS]
    )
    disputed = merchant.visits.filter(status=Visit.Status.DISPUTED).order_by("-id")[:ROWS]
    found = [
        Panel(
            f"预付资金 · {sums['contracts']} 份合同",
            "admin/panels/money.html",
            {"money": sums, "notice": "整个商家已冻结：停止划拨，退款照常。" if whole else ""},
            url=rows.list_url(Contract, merchant__id__exact=merchant.pk),
            link="全部合同",
        ),
        rows.contracts_table(contracts, note="锁定最多的在前"),
    ]
    if disputed:
        found.append(rows.visits_table(disputed, note="有异议，等处理"))
    return [
        *found,
        rows.refunds_table(
            merchant.refunds.order_by("-id")[:ROWS],
            url=rows.list_url(Refund, merchant__id__exact=merchant.pk),
            link="全部退款",
        ),
        rows.freezes_table(freezes),
        plans,
    ]


def _plans(merchant: Merchant) -> Panel:
    looks = {"ON_SALE": ("ok", "check"), "DRAFT": ("released", "doc"), "OFF_SALE": ("released", "x")}
    cells = [
        (
            format_html("<b>{}</b><small>{}</small>", plan.name, plan.get_kind_display()),
            money(plan.price_fen),
            money(plan.bonus_fen) if plan.bonus_fen else f"{plan.times_bonus} 次" if plan.times_bonus else "—",
            state(*looks[plan.status], plan.get_status_display()),
        )
        for plan in Plan.objects.filter(merchant=merchant)
    ]
    return table("套餐", ("套餐", "实付", "赠送", "状态"), cells, numeric=(1, 2), empty="还没有套餐")


def side(merchant: Merchant, by: Actor) -> list[Panel]:
    """What it is owed, what it owes, and its open matters."""
    if not _approved(merchant):
        return []
    payable = LedgerAccount.objects.with_balance().filter(
        kind=AccountKind.MERCHANT_PAYABLE, owner_id=merchant.pk
    ).first()  # fmt: skip
    balance = payable.balance_fen if payable else 0  # type: ignore[attr-defined]
    owed = RefundShortfall.objects.filter(merchant=merchant, settled_at=None).aggregate(sum=Sum("amount_fen"))["sum"]
    refunds = merchant.refunds.aggregate(
        disputed=Count("pk", filter=Q(status=Refund.Status.DISPUTED)),
        failed=Count("pk", filter=Q(status=Refund.Status.PAYOUT_FAILED)),
        open=Count("pk", filter=~Q(status__in=[Refund.Status.PAID, Refund.Status.WITHDRAWN])),
    )
    pairs: list[Any] = [
        ("待结算给商家", money(balance)),
        ("商家另欠消费者", money(owed) if owed else "没有"),
        ("在办退款", f"{refunds['open']} 笔"),
        ("退款争议", f"{refunds['disputed']} 笔"),
        ("划付失败", f"{refunds['failed']} 笔"),
    ]
    if payable:
        statement = reverse("admin:account_statement", args=[payable.pk])
        return [facts("往来", pairs, as_list=True, url=statement, link="应付流水")]
    return [facts("往来", pairs, as_list=True)]


def states(merchant: Merchant) -> list[SafeString]:
    """Whether all its money is frozen."""
    frozen = merchant.freezes.filter(contract=None, status__in=FREEZE_HOLDS).exists()
    return [state("danger", "snow", "资金冻结（停止划拨）")] if frozen else []


def audited(merchant: Merchant) -> list[tuple[str, Any]]:
    """The freezes' lines belong to the dossier too."""
    return [("prepaid.Freeze", pk) for pk in merchant.freezes.values_list("pk", flat=True)[:50]]


def _may_freeze(merchant: Merchant) -> bool:
    """Approved, and no order on the whole merchant is open."""
    ended = (Freeze.Status.REJECTED, Freeze.Status.LIFTED)
    return _approved(merchant) and not merchant.freezes.filter(contract=None).exclude(status__in=ended).exists()


def _effect(merchant: Merchant) -> str:
    sums = money_of(merchant)
    return (
        f"第二人复核同意后，{merchant.brand_name} 的 {sums['with_money']} 份合同、锁定 "
        f"¥{yuan(sums['locked_fen'])} 停止划拨给商家；消费者退款照常。现在提出不会马上冻结。"
    )


MerchantAdmin.more_panels.append(panels)
MerchantAdmin.more_side.append(side)
MerchantAdmin.more_states.append(states)
MerchantAdmin.more_audited.append(audited)
MerchantAdmin.acts["propose_freeze"] = Act(
    lambda pk, data, by: prepaid.propose_freeze(pk, data["reason"], by=by),
    _effect,
    form=ReasonForm,
    icon="snow",
    label="提出冻结（待第二人复核）",
    permission="prepaid.propose_freeze",
    when=_may_freeze,
    caution=True,
    done="已提出，等第二人复核",
)
