"""Seals for everybody, and receipts for those whose movement it is, over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request

from core.api.resources import NUMBER, Public, Resource
from core.api.shapes import Output
from core.errors import WrongState
from merchants.models import Merchant
from prepaid.api.serializers import Hex
from prepaid.models import AccountKind, Contract, LedgerAccount, Seal, Transfer
from prepaid.receipts import receipts


class SealOut(Output):
    """One sealed day; docs/adr/0008-daily-seals.md says what is signed."""

    day = serializers.DateField(source="biz_date")
    n = serializers.IntegerField(help_text="笔数")
    amount_sum_fen = serializers.IntegerField()
    merkle_root = Hex()
    prev_root = Hex()
    head = Hex()
    sealed_at = serializers.DateTimeField()
    kid = serializers.CharField(allow_null=True)
    public_key = Hex()
    signature = Hex()


class Seals(ListModelMixin, Public):
    """每日封账：the roots of every sealed day, newest first."""

    model, shape = Seal, SealOut
    paged_by = ("-biz_date",)

    def rows(self) -> QuerySet[Any]:
        """All of them."""
        return Seal.objects.all()


class Receipts(RetrieveModelMixin, Resource):
    """凭证：the proof of one movement of the caller's own, as the file that the offline verifier reads."""

    model, shape = Transfer, SealOut
    lookup_field, lookup_value_regex = "pk", NUMBER

    def rows(self) -> QuerySet[Any]:
        """Movements of contracts the caller may see, and of what their own shops are owed."""
        cards = Contract.objects.visible_to(self.by).values("account")
        shops = Merchant.objects.visible_to(self.by).values("pk")
        owed = LedgerAccount.objects.filter(kind=AccountKind.MERCHANT_PAYABLE, owner_id__in=shops).values("pk")
        seen = Q(debit__in=cards) | Q(credit__in=cards) | Q(debit__in=owed) | Q(credit__in=owed)
        return Transfer.objects.filter(seen)

    @extend_schema(
        responses={
            200: {"type": "object", "additionalProperties": True},
            409: OpenApiResponse(description="还没有封账"),
        }
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """The receipt, byte for byte. Raises WrongState before the day is sealed."""
        receipt = receipts([self.get_object().pk])[0]
        if receipt.content is None:
            raise WrongState("这一天还没有封账，请明天早上 5 点以后再取凭证", code="not_sealed_yet")
        return HttpResponse(receipt.text, content_type="application/json")
