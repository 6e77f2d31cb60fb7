"""Contracts, their money and what was promised, over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.api.permissions import SignedInToWrite
from core.api.resources import NUMBER, Listed, Resource, verb
from core.calendar import business_date
from core.errors import Invalid
from core.transactions import durably
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.api import filters, inputs
from prepaid.api import serializers as shapes
from prepaid.api.assignments import CardVerbs
from prepaid.facts import lot_sums, payable_fen
from prepaid.models import Contract, Instalment, PaymentOrder, Plan, PriceItem, Refund, ShownCode, Transfer


def merchant_by_code(view: Resource, code: str) -> Merchant:
    """The merchant of that public code, if the caller may open it. Raises NotFound."""
    found: Merchant = view.find(Merchant.objects.visible_to(view.by), public_code=code)
    return found


class Plans(Listed):
    """套餐：those on sale for everybody, own drafts for the owner."""

    permission_classes = [SignedInToWrite]
    model, shape = Plan, shapes.PlanOut
    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class = filters.PlanFilter

    def rows(self) -> QuerySet[Any]:
        """On sale, or of a merchant the caller may open."""
        on_sale = Plan.objects.on_sale().values("pk")
        seen = Q(pk__in=on_sale) | Q(merchant__in=Merchant.objects.visible_to(self.by))
        return Plan.objects.filter(seen).select_related("merchant__region")

    @verb(shapes.PlanOut, inputs.NewPlan, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> Plan:
        """Draft a plan."""
        merchant = merchant_by_code(self, data.pop("merchant"))
        return prepaid.save_plan(merchant.pk, data, by=by)

    @extend_schema(request=inputs.ChangePlan, responses=shapes.PlanOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is sent of a plan that is not on sale."""
        plan, data = self.get_object(), self.checked(inputs.ChangePlan)
        durably(lambda: prepaid.save_plan(plan.merchant_id, data, by=self.by, plan_id=plan.pk))
        return Response(self.body_of(plan.pk))

    @verb(shapes.PlanOut)
    def publish(self, plan: Plan, data: dict[str, Any], by: Actor) -> Plan:
        """Put it on sale."""
        return prepaid.publish_plan(plan.pk, by=by)

    @verb(shapes.PlanOut)
    def withdraw(self, plan: Plan, data: dict[str, Any], by: Actor) -> Plan:
        """Take it off sale; contracts already signed go on."""
        return prepaid.withdraw_plan(plan.pk, by=by)


class Prices(Listed):
    """价目：the price lists of shops on public view, and one's own."""

    permission_classes = [SignedInToWrite]
    model, shape = PriceItem, shapes.PriceOut
    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class = filters.ByMerchant

    def rows(self) -> QuerySet[Any]:
        """Items in use."""
        seen = Q(merchant__in=Merchant.objects.public()) | Q(merchant__in=Merchant.objects.visible_to(self.by))
        return PriceItem.objects.filter(seen, is_active=True).select_related("merchant")

    @verb(shapes.PriceOut, inputs.Price, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> PriceItem:
        """Put an item on the list or change its price."""
        merchant = merchant_by_code(self, data["merchant"])
        return prepaid.set_price(merchant.pk, data["name"], data["price_fen"], by=by)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take an item off the list; signed contracts keep their own."""
        item = self.get_object()
        durably(lambda: prepaid.drop_price(item.merchant_id, item.pk, by=self.by))
        return Response(status=204)


def payment_body(view: Resource, pk: int) -> Any:
    """The order with the address where it is paid; the custodian is asked outside any transaction."""
    order = view.find(PaymentOrder.objects.visible_to(view.by).select_related("contract"), pk=pk)
    if order.status == PaymentOrder.Status.PENDING:
        order.pay_url = prepaid.pay_link(order.pk)
    return shapes.PaymentOut(order).data


def shown_code_body(view: Resource, pk: int) -> Any:
    """A code, for the person who shows it."""
    return shapes.ShownCodeOut(view.find(ShownCode.objects.filter(user=view.by.user), pk=pk)).data


class Contracts(CardVerbs, Listed):
    """合同：from offer to refund, and every movement of its money."""

    model, shape, row = Contract, shapes.ContractOut, shapes.ContractRow
    filterset_class = filters.ContractFilter

    def rows(self) -> QuerySet[Any]:
        """With the money at hand."""
        return Contract.objects.visible_to(self.by).with_money().select_related("holder", "payer")

    @verb(shapes.ContractOut, inputs.Offer, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> Contract:
        """Draw a contract up for the person with this phone."""
        plan, store = data.pop("plan"), data.pop("store")
        phones = tuple(data.pop("user_phones", ()))
        return prepaid.offer(plan, store, data.pop("phone"), user_phones=phones, by=by, **data)

    @verb(shapes.ContractOut, inputs.Signature)
    def sign(self, contract: Contract, data: dict[str, Any], by: Actor) -> Contract:
        """The holder agrees to the terms as read."""
        return prepaid.sign(contract.pk, by=by, **data)

    @verb(shapes.ContractOut)
    def decline(self, contract: Contract, data: dict[str, Any], by: Actor) -> Contract:
        """Drop a contract that was not paid."""
        return prepaid.decline(contract.pk, by=by)

    @verb(shapes.PaymentOut, scope="money", status=201, read=payment_body)
    def order_payment(self, contract: Contract, data: dict[str, Any], by: Actor) -> PaymentOrder:
        """The order of the first payment; the payer pays at ``pay_url``."""
        return prepaid.order_payment(contract.pk, by=by)

    @verb(shapes.PaymentOut, inputs.TopUp, scope="money", status=201, read=payment_body)
    def top_up(self, contract: Contract, data: dict[str, Any], by: Actor) -> PaymentOrder:
        """The order of a top-up by a plan of the same kind."""
        return prepaid.order_top_up(contract.pk, data["plan"], by=by)

    @verb(shapes.ContractOut, inputs.NewUser)
    def users(self, contract: Contract, data: dict[str, Any], by: Actor) -> Contract:
        """Let somebody else use the card."""
        prepaid.add_user(contract.pk, data["phone"], by=by)
        return contract

    @verb(shapes.ContractOut, inputs.Rest)
    def pause(self, contract: Contract, data: dict[str, Any], by: Actor) -> Contract:
        """Let the card rest; the term moves when it goes on."""
        return prepaid.pause(contract.pk, data["reason"], by=by)

    @verb(shapes.ContractOut)
    def resume(self, contract: Contract, data: dict[str, Any], by: Actor) -> Contract:
        """Go on after a pause."""
        return prepaid.resume(contract.pk, by=by)

    @verb(shapes.ShownCodeOut, scope="money", status=201, read=shown_code_body)
    def show_code(self, contract: Contract, data: dict[str, Any], by: Actor) -> ShownCode:
        """Eight digits for the counter, for three minutes."""
        return prepaid.show_code(contract.pk, by=by)

    @verb(shapes.ContractOut, scope="money")
    def stop_instalments(self, contract: Contract, data: dict[str, Any], by: Actor) -> Contract:
        """Nothing more goes to the merchant by itself, not even what is due today."""
        prepaid.stop_instalments(contract.pk, by=by)
        return contract

    @verb(shapes.ContractOut, scope="money")
    def restart_instalments(self, contract: Contract, data: dict[str, Any], by: Actor) -> Contract:
        """Let the periods to come be paid again."""
        prepaid.restart_instalments(contract.pk, by=by)
        return contract

    @extend_schema(responses=shapes.MovementOut(many=True), filters=False)
    @action(detail=True, filterset_class=None, paged_by=("-posted_at", "-id"))
    def statement(self, request: Request, code: str) -> Response:
        """Every movement of this card in the ledger, newest first."""
        account = self.get_object().account_id
        return self._paged(
            Transfer.objects.signed_for(account) if account else Transfer.objects.none(), shapes.MovementOut
        )

    @extend_schema(responses=shapes.InstalmentOut(many=True), filters=False)
    @action(detail=True, filterset_class=None, paged_by=("no",))
    def instalments(self, request: Request, code: str) -> Response:
        """The periods of a term card."""
        return self._paged(Instalment.objects.filter(account=self.get_object().account_id), shapes.InstalmentOut)

    def _paged(self, rows: QuerySet[Any], shape: Any) -> Response:
        return self.get_paginated_response(shape(self.paginate_queryset(rows), many=True).data)

    @extend_schema(
        responses=shapes.QuoteOut,
        parameters=[OpenApiParameter("cause", str, required=True, enum=Refund.Cause.values, description="退款原因")],
    )
    @action(detail=True, url_path="refund-quote", filterset_class=None)
    def refund_quote(self, request: Request, code: str) -> Response:
        """What a refund would give back today, line by line; nothing is written."""
        contract, cause, today = self.get_object(), request.query_params.get("cause"), business_date()
        if cause not in Refund.Cause.values:
            raise Invalid(fields={"cause": f"写明原因：{'、'.join(Refund.Cause.values)}"})
        sums = lot_sums(contract, cause, today)
        quote = {
            "cause": cause,
            "on": today,
            "total_fen": sum(part.total_fen for part in sums),
            "payable_fen": payable_fen(contract, sums),
            "lines": [{"lot": part.lot.no, **vars(line)} for part in sums for line in part.lines],
        }
        return Response(shapes.QuoteOut(quote).data)


class Payments(RetrieveModelMixin, Resource):
    """付款订单：what became of a payment."""

    model, shape = PaymentOrder, shapes.PaymentOut
    lookup_field = "order_no"

    def rows(self) -> QuerySet[Any]:
        """With the contract's code."""
        return super().rows().select_related("contract")
