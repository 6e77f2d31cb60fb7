"""Requests of heirs over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core import uploads
from core.actors import Actor
from core.api.fields import Code, Masked, OneOf, Text
from core.api.resources import Listed, verb
from core.api.shapes import Input, Output, Reason, StatusText, WithSteps
from core.permissions import require
from core.transactions import durably
from merchants.api.serializers import MerchantBrief
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import HeirClaim, HeirDocument


class HeirPaperOut(Output):
    """A paper that was handed in."""

    kind = serializers.ChoiceField(choices=HeirDocument.Kind.choices)
    sha256 = serializers.CharField(source="file.sha256")
    added_at = serializers.DateTimeField()


class HeirCardOut(Output):
    """A card that went over."""

    contract = serializers.CharField(source="contract.code", default=None, allow_null=True)
    legacy_card = serializers.CharField(source="legacy_card.code", default=None, allow_null=True)
    refund = serializers.CharField(source="refund.code", default=None, allow_null=True)
    trouble = serializers.CharField(help_text="没退成的原因")


class HeirClaimRow(Output):
    """A request in a list."""

    code = serializers.CharField()
    merchant = MerchantBrief()
    heir = Masked()
    relation = serializers.ChoiceField(choices=HeirClaim.Relation.choices)
    wish = serializers.ChoiceField(choices=HeirClaim.Wish.choices)
    status = serializers.ChoiceField(choices=HeirClaim.Status.choices)
    status_text = StatusText()
    submitted_at = serializers.DateTimeField(allow_null=True)
    finding = serializers.CharField(help_text="核对意见")


class HeirClaimOut(HeirClaimRow, WithSteps):
    """A request with its papers and the cards that went over."""

    text = serializers.CharField()
    documents = HeirPaperOut(many=True)
    cards = HeirCardOut(many=True)


class NewHeirClaim(Input):
    """Who has died, who asks, and what is wanted."""

    merchant = Code(help_text="商家公示编号")
    deceased_name = Text(40)
    deceased_phone = Text(20, required=False)
    contract_code = Code(required=False, help_text="不知道手机号时填")
    relation = OneOf(choices=HeirClaim.Relation.choices)
    wish = OneOf(choices=HeirClaim.Wish.choices)
    own_name = Text(40, required=False, help_text="平台还不知道您的姓名时填")
    text = Text(300, required=False, allow_blank=True)


class NewPaper(Input):
    """JPEG, PNG, WebP or PDF of at most 10 MB."""

    kind = OneOf(choices=HeirDocument.Kind.choices)
    file = serializers.FileField()


class HeirClaims(Listed):
    """继承办理：one's own, and those of the officer's regions."""

    model, shape, row = HeirClaim, HeirClaimOut, HeirClaimRow

    def rows(self) -> QuerySet[Any]:
        """With shop, heir, papers and cards."""
        found = super().rows().select_related("merchant__region", "heir")
        return found.prefetch_related("documents__file", "cards__contract", "cards__legacy_card", "cards__refund")

    @verb(HeirClaimOut, NewHeirClaim, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> HeirClaim:
        """Begin a request; papers follow."""
        merchant = self.find(Merchant.objects.public(), public_code=data.pop("merchant"))
        return prepaid.claim_as_heir(merchant.pk, data, by=by)

    @extend_schema(request={"multipart/form-data": NewPaper}, responses={201: HeirClaimOut})
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def documents(self, request: Request, code: str) -> Response:
        """Upload a paper."""
        claim = self.get_object()
        require(self.by, "prepaid.change_heirclaim", claim)
        data = self.checked(NewPaper)
        file = uploads.store(data["file"], title=HeirDocument.Kind(data["kind"]).label, by=self.by)
        durably(lambda: prepaid.add_heir_document(claim.pk, data["kind"], file, by=self.by))
        return Response(self.body_of(claim.pk), status=201)

    @verb(HeirClaimOut)
    def submit(self, claim: HeirClaim, data: dict[str, Any], by: Actor) -> HeirClaim:
        """Hand it in, with death certificate, proof of kinship and one's own identity."""
        return prepaid.submit_heir_claim(claim.pk, by=by)

    @verb(HeirClaimOut)
    def withdraw(self, claim: HeirClaim, data: dict[str, Any], by: Actor) -> HeirClaim:
        """Take it back."""
        return prepaid.withdraw_heir_claim(claim.pk, by=by)

    @verb(HeirClaimOut, Reason)
    def send_back(self, claim: HeirClaim, data: dict[str, Any], by: Actor) -> HeirClaim:
        """Return it with what is missing."""
        return prepaid.send_back_heir_claim(claim.pk, data["reason"], by=by)

    @verb(HeirClaimOut, Reason)
    def check(self, claim: HeirClaim, data: dict[str, Any], by: Actor) -> HeirClaim:
        """The first officer compared papers and cards."""
        return prepaid.check_heir_claim(claim.pk, data["reason"], by=by)

    @verb(HeirClaimOut, scope="money")
    def approve(self, claim: HeirClaim, data: dict[str, Any], by: Actor) -> HeirClaim:
        """The second officer signs: the cards go over, and are refunded by wish."""
        return prepaid.approve_heir_claim(claim.pk, by=by)

    @verb(HeirClaimOut, Reason)
    def reject(self, claim: HeirClaim, data: dict[str, Any], by: Actor) -> HeirClaim:
        """The papers do not carry it."""
        return prepaid.reject_heir_claim(claim.pk, data["reason"], by=by)
