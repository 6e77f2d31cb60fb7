"""Merchants over the API: the public list, registration, review and restrictions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core import uploads
from core.actors import Actor
from core.api.permissions import Regulator
from core.api.resources import NUMBER, Listed, Public, Resource, verb
from core.api.shapes import Nothing
from core.identifiers import masked_phone
from core.models.people import WATCHERS, in_regions
from core.permissions import require
from core.transactions import durably
from merchants import actions as merchants
from merchants.api import filters
from merchants.api import serializers as shapes
from merchants.models import Merchant, Restriction, Store


class PublicMerchants(ListModelMixin, RetrieveModelMixin, Public):
    """查商家：approved merchants, for everybody."""

    model, shape, row = Merchant, shapes.PublicMerchant, shapes.PublicMerchantRow
    lookup_field = "public_code"
    filterset_class = filters.PublicMerchantFilter

    def rows(self) -> QuerySet[Any]:
        """Approved, with their trade and place."""
        return Merchant.objects.public().select_related("industry", "region").prefetch_related("stores")


class Registrations(Listed):
    """商家入驻：own registrations, and those of an officer's regions."""

    model, shape, row = Merchant, shapes.Registration, shapes.RegistrationRow
    lookup_field = "public_code"
    filterset_class = filters.RegistrationFilter

    def rows(self) -> QuerySet[Any]:
        """With what the details show."""
        return super().rows().select_related("licence_file", "region").prefetch_related("stores")

    @verb(shapes.Registration, shapes.NewRegistration, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> Merchant:
        """Open a draft; the caller becomes its boss."""
        return merchants.register(data.pop("uscc"), data, by=by)

    @extend_schema(request=shapes.ChangeRegistration, responses=shapes.Registration)
    def partial_update(self, request: Request, public_code: str) -> Response:
        """Change what is sent; everything else stays."""
        merchant, data = self.get_object(), self.checked(shapes.ChangeRegistration)
        durably(lambda: merchants.change(merchant.pk, data, by=self.by))
        return Response(self.body_of(merchant.pk))

    @verb(shapes.StoreOut, shapes.NewStore, status=201, read=lambda self, pk: self.store_body(pk))
    def stores(self, merchant: Merchant, data: dict[str, Any], by: Actor) -> Store:
        """Add a store."""
        return merchants.save_store(merchant.pk, data, by=by)

    @extend_schema(request=shapes.ChangeStore, responses=shapes.StoreOut)
    @action(detail=True, methods=["patch"], url_path=f"stores/(?P<store_id>{NUMBER})")
    def change_store(self, request: Request, public_code: str, store_id: str) -> Response:
        """Change what is sent of a store."""
        merchant, data = self.get_object(), self.checked(shapes.ChangeStore)
        store = durably(lambda: merchants.save_store(merchant.pk, data, by=self.by, store_id=int(store_id)))
        return Response(self.store_body(store.pk))

    def store_body(self, pk: int) -> Any:
        """One store as its owner sees it."""
        return shapes.StoreOut(self.find(Store.objects.visible_to(self.by), pk=pk)).data

    @extend_schema(request={"multipart/form-data": shapes.LicenceFile}, responses=shapes.Registration)
    @action(detail=True, methods=["put"], parser_classes=[MultiPartParser])
    def licence(self, request: Request, public_code: str) -> Response:
        """Upload the scanned licence; it replaces an earlier one."""
        merchant = self.get_object()
        require(self.by, "merchants.change_merchant", merchant)
        upload = self.checked(shapes.LicenceFile)["file"]
        file = uploads.store(upload, title="营业执照", by=self.by)
        durably(lambda: merchants.attach_licence(merchant.pk, file, by=self.by))
        return Response(self.body_of(merchant.pk))

    @extend_schema(responses=shapes.Missing)
    @action(detail=True)
    def missing(self, request: Request, public_code: str) -> Response:
        """What the registration still lacks, field by field."""
        return Response({"missing": merchants.missing(self.get_object())})

    @verb(
        shapes.CodeSent,
        status=202,
        path="phone-code",
        read=lambda self, pk: {"sent_to": masked_phone(self.find(self.get_queryset(), pk=pk).contact_phone)},
    )
    def phone_code(self, merchant: Merchant, data: dict[str, Any], by: Actor) -> Merchant:
        """Send the code that proves the contact phone; six an hour at most."""
        merchants.send_register_code(merchant.pk, by=by)
        return merchant

    @verb(shapes.Registration, shapes.Submission)
    def submit(self, merchant: Merchant, data: dict[str, Any], by: Actor) -> Merchant:
        """Hand the registration in; it is checked and goes to the officer."""
        return merchants.submit(merchant.pk, by=by, **data)


class Reviews(Listed):
    """入驻审核：what waits for an officer, the most urgent first."""

    permission_classes = [Regulator]
    model, shape, row = Merchant, shapes.Registration, shapes.RegistrationRow
    lookup_field = "public_code"
    paged_by = ("review_due_at", "id")

    def rows(self) -> QuerySet[Any]:
        """Of the officer's regions: those that wait in the list, all of them by code."""
        assert self.by.user is not None
        mine = in_regions("region__path", self.by.user.access.region_paths(*WATCHERS))
        rows = Merchant.objects.awaiting_review() if self.action == "list" else Merchant.objects.all()
        return rows.filter(mine).select_related("licence_file", "region").prefetch_related("stores")

    @verb(shapes.Registration)
    def approve(self, merchant: Merchant, data: dict[str, Any], by: Actor) -> Merchant:
        """Admit the merchant."""
        return merchants.approve(merchant.pk, by=by)

    @verb(shapes.Registration, shapes.SendBack)
    def send_back(self, merchant: Merchant, data: dict[str, Any], by: Actor) -> Merchant:
        """Return it with what is to be mended."""
        return merchants.send_back(merchant.pk, data["reasons"], by=by)


class Restrictions(ListModelMixin, Resource):
    """限制新发卡：reasons for which merchants may not sell."""

    permission_classes = [Regulator]
    model, shape = Restriction, shapes.RestrictionOut
    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class = filters.RestrictionFilter

    def rows(self) -> QuerySet[Any]:
        """Of the officer's regions."""
        seen = Merchant.objects.visible_to(self.by)
        return Restriction.objects.filter(merchant__in=seen).select_related("merchant", "opened_by")

    @verb(shapes.RestrictionOut, shapes.NewRestriction, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> Restriction:
        """Stop new sales of a merchant; cards already sold go on."""
        merchant = self.find(Merchant.objects.visible_to(by), public_code=data["merchant"])
        return merchants.restrict(merchant.pk, data["source"], data["reason"], by=by)

    @verb(shapes.RestrictionOut, Nothing)
    def lift(self, restriction: Restriction, data: dict[str, Any], by: Actor) -> Restriction:
        """Take the reason away."""
        return merchants.lift_restriction(restriction.pk, by=by)
