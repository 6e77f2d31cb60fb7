"""Visits, refunds and freezes over the API: what people and officers decide about money."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from core.actors import Actor
from core.api.resources import NUMBER, Listed, verb
from core.api.shapes import Reason
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.api import filters, inputs
from prepaid.api import serializers as shapes
from prepaid.models import Contract, Freeze, Refund, Visit


class Visits(Listed):
    """消费：asked for, confirmed, disputed, corrected."""

    model, shape, row = Visit, shapes.VisitOut, shapes.VisitRow
    filterset_class = filters.VisitFilter

    def rows(self) -> QuerySet[Any]:
        """With what the list shows."""
        return super().rows().select_related("contract", "merchant__region", "store", "staff")

    def _contract(self, code: str) -> Contract:
        found: Contract = self.find(Contract.objects.visible_to(self.by), code=code)
        return found

    @verb(shapes.VisitOut, inputs.NewVisit, scope="money", status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> Visit:
        """The shop asks the customer to confirm; the money is held, not paid."""
        contract = self._contract(data.pop("contract"))
        return prepaid.request_visit(contract.pk, data.pop("store"), data.pop("item"), by=by, **data)

    @verb(shapes.VisitOut, inputs.NewVisit, scope="money", status=201, on="all")
    def report(self, _: None, data: dict[str, Any], by: Actor) -> Visit:
        """The consumer says they were there: asked for and confirmed in one step."""
        contract = self._contract(data.pop("contract"))
        return prepaid.report_visit(contract.pk, data.pop("store"), data.pop("item"), by=by, **data)

    @verb(shapes.VisitOut, inputs.ShownVisit, scope="money", status=201, on="all")
    def redeem_code(self, _: None, data: dict[str, Any], by: Actor) -> Visit:
        """The code the customer shows is the confirmation: paid at once."""
        merchant = self.find(Merchant.objects.visible_to(by), public_code=data.pop("merchant"))
        return prepaid.redeem_shown_code(
            merchant.pk, data.pop("store"), data.pop("code"), data.pop("item"), by=by, **data
        )

    @verb(shapes.VisitOut, scope="money")
    def confirm(self, visit: Visit, data: dict[str, Any], by: Actor) -> Visit:
        """「是我消费的」: the held money is paid to the merchant."""
        return prepaid.confirm_visit(visit.pk, by=by)

    @verb(shapes.VisitOut, inputs.Dispute, scope="money")
    def dispute(self, visit: Visit, data: dict[str, Any], by: Actor) -> Visit:
        """「不对，我没消费」: the money stays held."""
        return prepaid.dispute_visit(visit.pk, data["reason"], by=by)

    @verb(shapes.VisitOut, scope="money")
    def withdraw(self, visit: Visit, data: dict[str, Any], by: Actor) -> Visit:
        """The shop takes it back; nothing is paid."""
        return prepaid.withdraw_visit(visit.pk, by=by)

    @verb(shapes.VisitOut, inputs.Correction, scope="money")
    def correct(self, visit: Visit, data: dict[str, Any], by: Actor) -> Visit:
        """Give a confirmed visit back, wholly or in part, within 15 days."""
        return prepaid.correct_visit(visit.pk, data.pop("reason"), by=by, **data)

    @verb(shapes.VisitOut, Reason, scope="money")
    def uphold(self, visit: Visit, data: dict[str, Any], by: Actor) -> Visit:
        """The officer finds that it took place: the held money is paid."""
        return prepaid.uphold_visit(visit.pk, data["reason"], by=by)

    @verb(shapes.VisitOut, Reason, scope="money")
    def reject(self, visit: Visit, data: dict[str, Any], by: Actor) -> Visit:
        """The officer finds that it did not: the held money is free again."""
        return prepaid.reject_visit(visit.pk, data["reason"], by=by)


class Refunds(Listed):
    """退款：the sum by law, the answer, the payout."""

    model, shape, row = Refund, shapes.RefundOut, shapes.RefundRow
    filterset_class = filters.RefundFilter

    def rows(self) -> QuerySet[Any]:
        """With what the list shows."""
        rows = super().rows().select_related("contract", "merchant__region")
        return rows if self.action == "list" else rows.select_related("part_of").prefetch_related("payouts")

    @verb(shapes.RefundOut, inputs.NewRefund, scope="money", status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> Refund:
        """「我要退款」. Within seven days and unused the shop is not asked."""
        contract = self.find(Contract.objects.visible_to(by), code=data.pop("contract"))
        return prepaid.request_refund(contract.pk, data.pop("cause"), by=by, **data)

    @verb(shapes.RefundOut, inputs.Agreement, scope="money")
    def agree(self, refund: Refund, data: dict[str, Any], by: Actor) -> Refund:
        """The merchant agrees: the money leaves the card at once."""
        return prepaid.agree_refund(refund.pk, by=by, **data)

    @verb(shapes.RefundOut, inputs.Refusal, scope="money")
    def refuse(self, refund: Refund, data: dict[str, Any], by: Actor) -> Refund:
        """The merchant does not agree; the money stays locked, except for an undisputed part that is paid at once."""
        return prepaid.refuse_refund(refund.pk, data.pop("answer"), by=by, **data)

    @verb(shapes.RefundOut, scope="money")
    def withdraw(self, refund: Refund, data: dict[str, Any], by: Actor) -> Refund:
        """The consumer changes their mind."""
        return prepaid.withdraw_refund(refund.pk, by=by)

    @verb(shapes.RefundOut, inputs.Order, scope="money")
    def order(self, refund: Refund, data: dict[str, Any], by: Actor) -> Refund:
        """An officer orders the refund the merchant refused."""
        return prepaid.order_refund(refund.pk, data.pop("reason"), by=by, **data)

    @verb(shapes.RefundOut, inputs.Account, scope="money")
    def change_account(self, refund: Refund, data: dict[str, Any], by: Actor) -> Refund:
        """After a failed payout: another account of the same person."""
        return prepaid.change_payout_account(refund.pk, data.pop("account"), data.pop("payee"), by=by, **data)


class Freezes(Listed):
    """资金冻结：one officer proposes, another signs."""

    model, shape = Freeze, shapes.FreezeOut
    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class = filters.FreezeFilter

    def rows(self) -> QuerySet[Any]:
        """With the people who signed."""
        people = ("proposed_by", "approved_by", "lift_proposed_by", "lift_approved_by")
        return super().rows().select_related("merchant__region", "contract", *people)

    @verb(shapes.FreezeOut, inputs.NewFreeze, scope="money", status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> Freeze:
        """Ask that the locked money of a merchant, or of one contract, is not paid to it."""
        merchant = self.find(Merchant.objects.visible_to(by), public_code=data["merchant"])
        contract = None
        if "contract" in data:
            rows = Contract.objects.visible_to(by).filter(merchant=merchant)
            contract = self.find(rows, code=data["contract"]).pk
        return prepaid.propose_freeze(merchant.pk, data["reason"], by=by, contract_id=contract)

    @verb(shapes.FreezeOut, scope="money")
    def approve(self, freeze: Freeze, data: dict[str, Any], by: Actor) -> Freeze:
        """The second officer signs."""
        return prepaid.approve_freeze(freeze.pk, by=by)

    @verb(shapes.FreezeOut, Reason, scope="money")
    def reject(self, freeze: Freeze, data: dict[str, Any], by: Actor) -> Freeze:
        """The second officer does not sign, and says why."""
        return prepaid.reject_freeze(freeze.pk, data["reason"], by=by)

    @verb(shapes.FreezeOut, Reason, scope="money")
    def propose_lift(self, freeze: Freeze, data: dict[str, Any], by: Actor) -> Freeze:
        """Ask that a freeze ends."""
        return prepaid.propose_lift(freeze.pk, data["reason"], by=by)

    @verb(shapes.FreezeOut, scope="money")
    def approve_lift(self, freeze: Freeze, data: dict[str, Any], by: Actor) -> Freeze:
        """The second officer signs: payments run again."""
        return prepaid.approve_lift(freeze.pk, by=by)

    @verb(shapes.FreezeOut, Reason, scope="money")
    def reject_lift(self, freeze: Freeze, data: dict[str, Any], by: Actor) -> Freeze:
        """The freeze stays, and the second officer says why."""
        return prepaid.reject_lift(freeze.pk, data["reason"], by=by)
