"""Settlements and custody over the API: what the shop is paid, what stands behind its cards, courts' freezes."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.api.fields import Code, Fen, OneOf, Text, Whole
from core.api.resources import NUMBER, Listed, verb
from core.api.shapes import Input, Output, Reason, StatusText, WithSteps
from merchants.api.serializers import MerchantBrief
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.api.filters import ByMerchant
from prepaid.models import (
    CourtOrder,
    CustodyAccount,
    CustodyCheck,
    CustodyWarning,
    Guarantee,
    MerchantDebt,
    PayoutAccount,
    Settlement,
    Transfer,
    Visit,
)
from prepaid.settlements import movements


class OfShop(Output):
    """A row about one merchant."""

    id = serializers.IntegerField()
    merchant = MerchantBrief()


class CaseOfShop(OfShop, WithSteps):
    """A row about one merchant that goes through states, with the steps open to the caller."""

    status_text = StatusText()


class AboutShop(Input):
    """What is stated about one merchant."""

    merchant = Code(help_text="商家公示编号")


class AccountOut(CaseOfShop):
    """Where a shop is paid, masked."""

    status = serializers.ChoiceField(choices=PayoutAccount.Status.choices)
    bank = serializers.CharField()
    last4 = serializers.CharField()
    is_own_name = serializers.BooleanField(help_text="与营业执照同名；否则是法定代表人（经营者）")
    effective_on = serializers.DateField()


class SettlementOut(Output):
    """One settlement; ``amount_fen`` is the sum of its movements and ``carried_fen``."""

    code = serializers.CharField()
    merchant = MerchantBrief()
    status = serializers.ChoiceField(choices=Settlement.Status.choices)
    status_text = StatusText()
    amount_fen = serializers.IntegerField()
    carried_fen = serializers.IntegerField(help_text="以前退回的（正）或此后退给顾客的（负）")
    covers_from = serializers.DateField(allow_null=True)
    covers_to = serializers.DateField()
    ordered_on = serializers.DateField()
    account = serializers.CharField(help_text="收款账户（脱敏）")
    bank_ref = serializers.CharField()
    failure = serializers.CharField()
    finished_at = serializers.DateTimeField(allow_null=True)


class PartOut(Output):
    """One movement that a settlement pays."""

    transfer = serializers.IntegerField(source="pk")
    kind_text = serializers.CharField(source="get_kind_display")
    posted_at = serializers.DateTimeField()
    biz_date = serializers.DateField()
    amount_fen = serializers.IntegerField(source="signed_fen")


class DebtOut(OfShop):
    """A correction done out of the next settlements."""

    visit = serializers.CharField(source="visit.code")
    amount_fen = serializers.IntegerField()
    reason = serializers.CharField()
    asked_on = serializers.DateField()
    settled_on = serializers.DateField(allow_null=True)


class CheckOut(OfShop):
    """One quarter's custody of one merchant."""

    quarter_end = serializers.DateField()
    checked_on = serializers.DateField()
    base_fen = serializers.IntegerField(help_text="核算基数")
    obligations_fen = serializers.IntegerField(help_text="当前预收余额")
    ratio_bp = serializers.IntegerField(help_text="存管比例，万分之")
    required_fen = serializers.IntegerField()
    locked_fen = serializers.IntegerField()
    custody_fen = serializers.IntegerField()
    guarantee_fen = serializers.IntegerField()
    shortfall_fen = serializers.IntegerField()
    basis = serializers.CharField()


class WarningOut(CaseOfShop):
    """A shortfall with its clock."""

    status = serializers.ChoiceField(choices=CustodyWarning.Status.choices)
    shortfall_fen = serializers.IntegerField()
    opened_on = serializers.DateField()
    due_on = serializers.DateField()
    basis = serializers.CharField()
    reason = serializers.CharField()
    met_on = serializers.DateField(allow_null=True)


class GuaranteeOut(CaseOfShop):
    """Insurance or a bank's guarantee."""

    kind = serializers.ChoiceField(choices=Guarantee.Kind.choices)
    status = serializers.ChoiceField(choices=Guarantee.Status.choices)
    issuer = serializers.CharField()
    number = serializers.CharField()
    amount_fen = serializers.IntegerField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField()
    reason = serializers.CharField()


class CustodyAccountOut(OfShop):
    """A special account, masked."""

    kind = serializers.ChoiceField(choices=CustodyAccount.Kind.choices)
    custodian = serializers.CharField()
    last4 = serializers.CharField()
    opened_on = serializers.DateField()
    closed_on = serializers.DateField(allow_null=True)


class CourtOrderOut(CaseOfShop):
    """A court's freeze."""

    status = serializers.ChoiceField(choices=CourtOrder.Status.choices)
    court = serializers.CharField()
    number = serializers.CharField()
    amount_fen = serializers.IntegerField()
    starts_on = serializers.DateField()
    until = serializers.DateField(allow_null=True)
    lift_reason = serializers.CharField()


class NewDebt(Input):
    """Give a visit back although the shop has been paid out."""

    visit = Code(help_text="消费编号")
    reason = Text(300)
    face_fen = Fen(required=False)
    times = Whole(min_value=1, required=False)


class NewGuarantee(AboutShop):
    """What the policy or the letter says."""

    kind = OneOf(choices=Guarantee.Kind.choices)
    issuer = Text(60)
    number = Text(60)
    amount_fen = Fen()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField()


class NewCustodyAccount(AboutShop):
    """A merchant's special account."""

    kind = OneOf(choices=CustodyAccount.Kind.choices)
    custodian = Text(60)
    account = Text(40)


class NewBalance(Input):
    """What the bank says it held at the end of a day."""

    on = serializers.DateField()
    balance_fen = Fen(min_value=0)
    source = Text(100)  # type: ignore[assignment]  # DRF has an attribute of this name


class NewCourtOrder(AboutShop):
    """What the court's paper says."""

    court = Text(60)
    number = Text(60)
    amount_fen = Fen()
    starts_on = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True, default=None)


class MoreTime(Reason):
    """Until when, and why."""

    due_on = serializers.DateField()


class SettlementFilter(ByMerchant):
    """By merchant, state and day."""

    status = django_filters.ChoiceFilter(choices=Settlement.Status.choices)
    ordered_on = django_filters.DateFilter()


class OfMerchant(Listed):
    """Rows of a merchant, by their number."""

    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class = ByMerchant

    def rows(self) -> QuerySet[Any]:
        """With the merchant."""
        return super().rows().select_related("merchant__region")

    def merchant_of(self, data: dict[str, Any]) -> Merchant:
        """The merchant a body names. Raises NotFound."""
        found: Merchant = self.find(Merchant.objects.visible_to(self.by), public_code=data.pop("merchant"))
        return found


class Settlements(Listed):
    """结算：what the shop was paid and what each payment is made of."""

    model, shape = Settlement, SettlementOut
    filterset_class = SettlementFilter

    def rows(self) -> QuerySet[Any]:
        """With merchant and account."""
        return super().rows().select_related("merchant__region", "account")

    @extend_schema(responses=PartOut(many=True), filters=False)
    @action(detail=True, filterset_class=None, paged_by=("id",))
    def movements(self, request: Request, code: str) -> Response:
        """The movements a settlement pays, oldest first."""
        rows: QuerySet[Transfer] = movements(self.get_object())
        return self.get_paginated_response(PartOut(self.paginate_queryset(rows), many=True).data)


class PayoutAccounts(OfMerchant):
    """收款账户：where shops are paid; registered on the console, where the phone is proved."""

    model, shape = PayoutAccount, AccountOut

    @verb(AccountOut, scope="money")
    def cancel(self, row: PayoutAccount, data: dict[str, Any], by: Actor) -> PayoutAccount:
        """Take a change back before it counts."""
        return prepaid.cancel_payout_account(row.pk, by=by)

    @verb(AccountOut, scope="money")
    def retry(self, row: PayoutAccount, data: dict[str, Any], by: Actor) -> PayoutAccount:
        """The account is in order: pay to it again."""
        return prepaid.retry_payout_account(row.pk, by=by)


class Debts(OfMerchant):
    """从结算里退回：corrections that come out of the next settlements."""

    model, shape = MerchantDebt, DebtOut

    def rows(self) -> QuerySet[Any]:
        """With the visit."""
        return super().rows().select_related("visit")

    @verb(DebtOut, NewDebt, scope="money", status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> MerchantDebt:
        """Give a visit back: at once while the money is there, else out of the next settlements."""
        visit = self.find(Visit.objects.visible_to(by), code=data.pop("visit"))
        return prepaid.owe_correction(visit.pk, data.pop("reason"), by=by, **data)


class CustodyChecks(OfMerchant):
    """存管核算：what must stand behind the cards and what does."""

    model, shape = CustodyCheck, CheckOut


class CustodyWarnings(OfMerchant):
    """存管预警：shortfalls and what officers decide."""

    model, shape = CustodyWarning, WarningOut

    @verb(WarningOut)
    def stop(self, row: CustodyWarning, data: dict[str, Any], by: Actor) -> CustodyWarning:
        """Confirm that no new cards are sold until it is made up."""
        return prepaid.stop_sales_for_custody(row.pk, by=by)

    @verb(WarningOut, MoreTime)
    def extend(self, row: CustodyWarning, data: dict[str, Any], by: Actor) -> CustodyWarning:
        """Give more time."""
        return prepaid.extend_custody_warning(row.pk, data["due_on"], data["reason"], by=by)


class Guarantees(OfMerchant):
    """保险与保函：handed in, checked by an officer, counted while valid."""

    model, shape = Guarantee, GuaranteeOut

    @verb(GuaranteeOut, NewGuarantee, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> Guarantee:
        """Hand one in; it does not count yet."""
        return prepaid.submit_guarantee(self.merchant_of(data).pk, data, by=by)

    @verb(GuaranteeOut)
    def confirm(self, row: Guarantee, data: dict[str, Any], by: Actor) -> Guarantee:
        """Checked with the issuer: it counts."""
        return prepaid.confirm_guarantee(row.pk, by=by)

    @verb(GuaranteeOut, Reason)
    def reject(self, row: Guarantee, data: dict[str, Any], by: Actor) -> Guarantee:
        """It does not count."""
        return prepaid.reject_guarantee(row.pk, data["reason"], by=by)


class CustodyAccounts(OfMerchant):
    """存管账户：special accounts and their balances by day."""

    model, shape = CustodyAccount, CustodyAccountOut

    @verb(CustodyAccountOut, NewCustodyAccount, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> CustodyAccount:
        """Put an account on record; the one before it is closed."""
        return prepaid.record_custody_account(self.merchant_of(data).pk, **data, by=by)

    @verb(CustodyAccountOut, NewBalance)
    def balance(self, row: CustodyAccount, data: dict[str, Any], by: Actor) -> CustodyAccount:
        """What it held at the end of a day; the same day again corrects it."""
        prepaid.record_custody_balance(row.pk, **data, by=by)
        return row


class CourtOrders(OfMerchant):
    """法院冻结：recorded by one officer, lifted by two."""

    model, shape = CourtOrder, CourtOrderOut

    @verb(CourtOrderOut, NewCourtOrder, scope="money", status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> CourtOrder:
        """Record a court's freeze; settlement stops."""
        return prepaid.record_court_order(self.merchant_of(data).pk, data, by=by)

    @verb(CourtOrderOut, Reason, scope="money")
    def propose_lift(self, row: CourtOrder, data: dict[str, Any], by: Actor) -> CourtOrder:
        """Ask that it is lifted."""
        return prepaid.propose_court_lift(row.pk, data["reason"], by=by)

    @verb(CourtOrderOut, scope="money")
    def approve_lift(self, row: CourtOrder, data: dict[str, Any], by: Actor) -> CourtOrder:
        """The second officer signs."""
        return prepaid.approve_court_lift(row.pk, by=by)

    @verb(CourtOrderOut, Reason, scope="money")
    def reject_lift(self, row: CourtOrder, data: dict[str, Any], by: Actor) -> CourtOrder:
        """The freeze stays."""
        return prepaid.reject_court_lift(row.pk, data["reason"], by=by)
