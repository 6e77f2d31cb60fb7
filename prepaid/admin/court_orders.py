"""Court orders on custody accounts, and what of custody stands on the merchant's dossier."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core import uploads
from core.actors import Actor
from core.calendar import business_date
from core.case_admin import Act, CaseAdmin, CaseForm, ReasonForm
from core.case_lists import column
from core.case_panels import Panel, facts, link
from core.csv_export import plain_yuan
from core.money import yuan
from core.templatetags.portal_ui import cn_datetime, money, state_of
from merchants.admin import MerchantAdmin
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.admin.custody import OfShop, check_facts, day_field
from prepaid.forms.console import YuanField
from prepaid.models import CourtOrder, CustodyAccount, CustodyCheck, CustodyWarning
from prepaid.models.custody import COURT_ORDER_LIFECYCLE


def _file(label: str) -> forms.FileField:
    return forms.FileField(label=label, required=False, help_text="JPG、PNG、WebP 图片或 PDF，10 MB 以内")


def _kept(data: dict[str, Any], title: str, by: Actor) -> Any:
    return uploads.store(data["file"], title=title, by=by) if data.get("file") else None


class CourtOrderForm(CaseForm):
    """What the court's paper says."""

    court = forms.CharField(label="法院", max_length=60, error_messages={"required": "填法院名称"})
    number = forms.CharField(label="文书号", max_length=60, error_messages={"required": "填文书号"})
    amount_fen = YuanField(label="冻结金额（元）", error_messages={"required": "填冻结金额"})
    starts_on = day_field("冻结起")
    until = day_field("冻结止", required=False, help_text="文书没有写止期就留空")
    file = _file("协助执行通知书或裁定书")


class AccountForm(CaseForm):
    """A merchant's special account."""

    kind = forms.ChoiceField(label="账户性质", choices=CustodyAccount.Kind.choices, widget=forms.RadioSelect)
    custodian = forms.CharField(label="存管银行", max_length=60, error_messages={"required": "填存管银行"})
    account = forms.CharField(label="账号", max_length=40, error_messages={"required": "填账号"})
    file = _file("存管协议")


@admin.register(CourtOrder)
class CourtOrderAdmin(OfShop, CaseAdmin):
    """A court froze the account: settlement stops; two officers lift it."""

    lifecycle = COURT_ORDER_LIFECYCLE
    list_display = ("shop", "status_", "court", "number", "amount", "starts_on", "until")
    list_filter = ("status", "starts_on")
    list_select_related = ("merchant",)
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact", "number__icontains")
    ordering = ("-id",)
    empty_text = "没有法院冻结。在「一企一档」里登记。"
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("法院", lambda row: row.court),
        ("文书号", lambda row: row.number),
        ("冻结金额（元）", lambda row: plain_yuan(row.amount_fen)),
        ("起", lambda row: row.starts_on),
        ("止", lambda row: row.until),
        ("状态", lambda row: row.get_status_display()),
    )
    acts = {
        "propose_lift": Act(
            lambda pk, data, by: prepaid.propose_court_lift(pk, data["reason"], by=by),
            lambda case: f"提出不会马上解除。第二人复核同意后，{case.merchant.brand_name} 恢复结算。",
            form=ReasonForm,
            icon="lock",
            done="已提出，等第二人复核",
        ),
        "approve_lift": Act(
            lambda pk, data, by: prepaid.approve_court_lift(pk, by=by),
            lambda case: (
                f"签后，{case.merchant.brand_name} 下一个工作日恢复结算，¥{yuan(case.amount_fen)} 的冻结解除。"
            ),
            icon="check",
            done="已解除",
        ),
        "reject_lift": Act(
            lambda pk, data, by: prepaid.reject_court_lift(pk, data["reason"], by=by),
            lambda case: f"不同意后，{case.merchant.brand_name} 继续停止结算。",
            form=ReasonForm,
            icon="x",
            done="继续冻结",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[CourtOrder]:
        """With both officers."""
        people = ("recorded_by", "lift_proposed_by", "lifted_by")
        return super().get_queryset(request).select_related("merchant", "merchant__region", "file", *people)

    @column("冻结金额", order="amount_fen", num=True)
    def amount(self, row: CourtOrder) -> SafeString:
        """For how much."""
        return money(row.amount_fen)

    def heading(self, case: CourtOrder) -> str:
        """The shop."""
        return f"{case.merchant.brand_name} 法院冻结"

    def lead(self, case: CourtOrder) -> str:
        """Court, number and sum."""
        return f"{case} · ¥{yuan(case.amount_fen)} · {case.starts_on} 至 {case.until or '解除为止'}"

    def panels(self, case: CourtOrder, by: Actor) -> list[Panel]:
        """Who and what."""
        pairs = [
            ("登记人", case.recorded_by.name, cn_datetime(case.recorded_at)),
            ("文书", case.file.title if case.file else "没有上传"),
            ("解除理由", case.lift_reason),
            ("解除提出人", case.lift_proposed_by.name if case.lift_proposed_by else ""),
            ("解除复核人", case.lifted_by.name if case.lifted_by else "", cn_datetime(case.lifted_at)),
        ]
        return [facts("冻结", pairs), check_facts(CustodyCheck.objects.newest(case.merchant_id))]


def panels(merchant: Merchant, by: Actor) -> list[Panel]:
    """The custody box of the dossier: the check, the account, what is open."""
    if merchant.status not in (Merchant.Status.ACTIVE, Merchant.Status.RESTRICTED):
        return []
    check = CustodyCheck.objects.newest(merchant.pk)
    account = CustodyAccount.objects.of(merchant.pk)
    warning = CustodyWarning.objects.open().filter(merchant=merchant).first()
    orders = CourtOrder.objects.in_force(business_date()).filter(merchant=merchant)
    pairs: list[Any] = [
        (
            "存管账户",
            link(rows.case_url(account), f"{account.get_kind_display()} {account}") if account else "平台存管",
        ),
        ("存管预警", link(rows.case_url(warning), warning.get_status_display()) if warning else "没有"),
        *(("法院冻结", link(rows.case_url(order), str(order)), f"¥{yuan(order.amount_fen)}") for order in orders),
    ]
    return [check_facts(check), facts("存管账户与冻结", pairs)] if check or account or warning or orders else []


def states(merchant: Merchant) -> list[SafeString]:
    """Whether a court holds its account."""
    held = CourtOrder.objects.in_force(business_date()).filter(merchant=merchant).first()
    return [state_of(held, "officer")] if held else []


def _approved(merchant: Merchant) -> bool:
    return merchant.status in (Merchant.Status.ACTIVE, Merchant.Status.RESTRICTED)


MerchantAdmin.more_panels.append(panels)
MerchantAdmin.more_states.append(states)
MerchantAdmin.acts["record_court_order"] = Act(
    lambda pk, data, by: prepaid.record_court_order(
        pk, {name: data[name] for name in ("court", "number", "amount_fen", "starts_on", "until")},
        by=by, file=_kept(data, "法院文书", by),
    ),
    lambda case: f"登记后立即生效：{case.brand_name} 停止结算，消费照记、退款照常登记；解除要两人复核。",
    form=CourtOrderForm,
    icon="scale",
    label="登记法院冻结",
    permission="prepaid.record_court_order",
    when=_approved,
    caution=True,
    done="已登记，结算已停止",
)  # fmt: skip
MerchantAdmin.acts["record_custody_account"] = Act(
    lambda pk, data, by: prepaid.record_custody_account(
        pk, data["kind"], data["custodian"], data["account"], by=by, file=_kept(data, "存管协议", by)
    ),
    lambda case: f"登记后，{case.brand_name} 的公示页写明账户性质和银行；原来登记的账户停用。",
    form=AccountForm,
    icon="bank",
    label="登记存管账户",
    permission="prepaid.record_custody",
    when=_approved,
    done="已登记存管账户",
)
