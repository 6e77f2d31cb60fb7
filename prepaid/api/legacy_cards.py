"""Cards sold before joining over the API: stated by the shop, answered by the consumer, settled by an officer."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.api.fields import Fen, Identity, Masked, OneOf, Phone, Text, Whole
from core.api.resources import Listed, verb
from core.api.shapes import Input, Output, StatusText, WithSteps
from core.calendar import business_date
from core.errors import Invalid
from core.permissions import require
from core.transactions import durably
from merchants.api.serializers import MerchantBrief
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.api.serializers import PaymentOut
from prepaid.api.views import payment_body
from prepaid.bank_files.shelf import shelve
from prepaid.card_import import MAX_BYTES, entry_of
from prepaid.models import CardImport, LegacyCard, LegacyUse, PaymentOrder, Plan


class LegacyCardOut(WithSteps):
    """老卡：its money is not locked."""

    code = serializers.CharField()
    merchant = MerchantBrief()
    holder = Masked()
    kind = serializers.ChoiceField(choices=LegacyCard.KINDS)
    name = serializers.CharField()
    bought_on = serializers.DateField()
    status = serializers.ChoiceField(choices=LegacyCard.Status.choices)
    status_text = StatusText()
    left_fen = serializers.IntegerField(help_text="现余额，没有锁定")
    left_times = serializers.IntegerField()
    stated_fen = serializers.IntegerField(help_text="商家登记")
    stated_times = serializers.IntegerField()
    claimed_fen = serializers.IntegerField(allow_null=True, help_text="消费者主张")
    claimed_times = serializers.IntegerField()
    remark = serializers.CharField()
    contract = serializers.CharField(source="contract.code", default=None, allow_null=True, help_text="转入的合同")


class LegacyUseOut(WithSteps):
    """One visit on an old card."""

    code = serializers.CharField()
    card = serializers.CharField(source="card.code")
    store = serializers.CharField(source="store.name")
    item = serializers.CharField()
    amount_fen = serializers.IntegerField()
    times = serializers.IntegerField()
    status = serializers.ChoiceField(choices=LegacyUse.Status.choices)
    status_text = StatusText()
    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class CardImportOut(Output):
    """One list of old cards, and how far it is."""

    id = serializers.IntegerField()
    merchant = MerchantBrief()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=CardImport.Status.choices)
    status_text = StatusText()
    row_count = serializers.IntegerField()
    done_count = serializers.IntegerField()
    added_count = serializers.IntegerField()
    known_count = serializers.IntegerField()
    refused_count = serializers.IntegerField()
    bad_rows = serializers.ListField(source="errors", help_text="[行号, 原因]，最多 1,000 行")
    error = serializers.CharField(help_text="整份读不了的原因")


class NewLegacyCard(Input):
    """One card the shop states."""

    merchant = Text(24, help_text="商家公示编号")
    phone = Phone()
    name = Text(40, required=False, allow_blank=True, default="")
    kind = OneOf(choices=LegacyCard.KINDS)
    card = Text(40, required=False, allow_blank=True, default="")
    left_fen = Fen(help_text="余额；次卡是剩下的次数一共值多少")
    times = Whole(required=False, default=0)
    bought_on = serializers.DateField()


class LegacyRest(Input):
    """What is left."""

    fen = Fen()
    times = Whole(required=False, default=0)
    remark = Text(300, required=False, allow_blank=True, default="")


class LegacyFinding(LegacyRest):
    """What is left, as an officer found, and why."""

    reason = Text(300)


class LegacyVisit(Input):
    """One visit."""

    store = Identity()
    item = Text(24)
    fen = Fen(min_value=0, required=False, default=0)
    times = Whole(required=False, default=0)


class LegacyMove(Input):
    """Under the terms of which plan the rest goes into escrow."""

    plan = Identity()
    store = Identity()


class NewCardImport(Input):
    """A list as XLSX or CSV of at most 10 MB."""

    merchant = Text(24, help_text="商家公示编号")
    file = serializers.FileField()


class LegacyFilter(django_filters.FilterSet):
    """By merchant and state."""

    merchant = django_filters.CharFilter(field_name="merchant__public_code", max_length=24, help_text="商家公示编号")
    status = django_filters.ChoiceFilter(choices=LegacyCard.Status.choices)


def _shop(view: Listed, code: str) -> Merchant:
    rows = Merchant.objects.visible_to(view.by).public()
    found: Merchant = view.find(rows, public_code=code)
    return found


def use_body(view: Any, pk: int) -> Any:
    """A visit, freshly read."""
    rows = LegacyUse.objects.visible_to(view.by).select_related("card__merchant__region", "store")
    return LegacyUseOut(view.find(rows, pk=pk), context=view.get_serializer_context()).data


class LegacyCards(Listed):
    """老卡：sold before the shop joined."""

    model, shape = LegacyCard, LegacyCardOut
    filterset_class = LegacyFilter

    def rows(self) -> QuerySet[Any]:
        """With both sides."""
        return super().rows().select_related("merchant__region", "holder", "contract")

    @verb(LegacyCardOut, NewLegacyCard, status=201, on="all")
    def create(self, obj: None, data: dict[str, Any], by: Actor) -> LegacyCard:
        """The shop states one card; stated again, it is the same card."""
        fen = data["left_fen"]
        row = {name: str(data[name]) for name in ("phone", "name", "card", "bought_on")}
        row |= {"balance": f"{fen // 100}.{fen % 100:02d}", "times": str(data["times"] or "")}
        entry = entry_of(row | {"kind": str(Plan.Kind(data["kind"]).label)}, business_date())
        return prepaid.add_legacy_card(_shop(self, data["merchant"]).pk, entry, by=by)

    @verb(LegacyCardOut)
    def confirm(self, card: LegacyCard, data: dict[str, Any], by: Actor) -> LegacyCard:
        """The holder: the balance is right."""
        return prepaid.confirm_legacy_card(card.pk, by=by)

    @verb(LegacyCardOut, LegacyRest)
    def dispute(self, card: LegacyCard, data: dict[str, Any], by: Actor) -> LegacyCard:
        """The holder says another balance."""
        return prepaid.dispute_legacy_card(card.pk, data["fen"], data["remark"], by=by, times=data["times"])

    @verb(LegacyCardOut)
    def deny(self, card: LegacyCard, data: dict[str, Any], by: Actor) -> LegacyCard:
        """The holder: this is not my card."""
        return prepaid.deny_legacy_card(card.pk, by=by)

    @verb(LegacyCardOut)
    def accept(self, card: LegacyCard, data: dict[str, Any], by: Actor) -> LegacyCard:
        """The shop agrees with what the consumer says."""
        return prepaid.accept_legacy_claim(card.pk, by=by)

    @verb(LegacyCardOut, LegacyFinding)
    def settle(self, card: LegacyCard, data: dict[str, Any], by: Actor) -> LegacyCard:
        """An officer says what is left."""
        return prepaid.settle_legacy_card(card.pk, data["fen"], data["reason"], by=by, times=data["times"])

    @verb(LegacyUseOut, LegacyVisit, status=201, read=use_body)
    def use(self, card: LegacyCard, data: dict[str, Any], by: Actor) -> LegacyUse:
        """The shop asks the holder to confirm a visit."""
        facts = {"fen": data["fen"], "times": data["times"]}
        return prepaid.ask_legacy_use(card.pk, data["store"], data["item"], by=by, **facts)

    @verb(LegacyCardOut)
    def ask_refund(self, card: LegacyCard, data: dict[str, Any], by: Actor) -> LegacyCard:
        """The holder wants the rest back from the shop; nothing locked is touched."""
        return prepaid.ask_legacy_refund(card.pk, by=by)

    @verb(LegacyCardOut)
    def withdraw_refund(self, card: LegacyCard, data: dict[str, Any], by: Actor) -> LegacyCard:
        """The holder goes on using the card."""
        return prepaid.withdraw_legacy_refund(card.pk, by=by)

    @verb(LegacyCardOut)
    def take_refund(self, card: LegacyCard, data: dict[str, Any], by: Actor) -> LegacyCard:
        """The holder has the money."""
        return prepaid.take_legacy_refund(card.pk, by=by)

    @verb(LegacyCardOut, LegacyMove)
    def offer_move(self, card: LegacyCard, data: dict[str, Any], by: Actor) -> LegacyCard:
        """The shop prepares to put the rest into escrow."""
        return prepaid.offer_legacy_move(card.pk, data["plan"], data["store"], by=by)

    @verb(PaymentOut, scope="money", status=201, read=payment_body)
    def pay_in(self, card: LegacyCard, data: dict[str, Any], by: Actor) -> PaymentOrder:
        """The order by which the shop pays the rest in."""
        return prepaid.pay_in_legacy(card.pk, by=by)

    @verb(LegacyCardOut)
    def stop_move(self, card: LegacyCard, data: dict[str, Any], by: Actor) -> LegacyCard:
        """Shop or holder leave it as it was."""
        return prepaid.stop_legacy_move(card.pk, by=by)


class LegacyUses(Listed):
    """老卡消费：visits on old cards."""

    model, shape = LegacyUse, LegacyUseOut

    def rows(self) -> QuerySet[Any]:
        """With card and store."""
        return super().rows().select_related("card__merchant__region", "store")

    @verb(LegacyUseOut)
    def confirm(self, use: LegacyUse, data: dict[str, Any], by: Actor) -> LegacyUse:
        """The holder: that was me."""
        return prepaid.confirm_legacy_use(use.pk, by=by)

    @verb(LegacyUseOut)
    def refuse(self, use: LegacyUse, data: dict[str, Any], by: Actor) -> LegacyUse:
        """The holder: that was not me."""
        return prepaid.refuse_legacy_use(use.pk, by=by)

    @verb(LegacyUseOut)
    def withdraw(self, use: LegacyUse, data: dict[str, Any], by: Actor) -> LegacyUse:
        """The shop takes it back."""
        return prepaid.withdraw_legacy_use(use.pk, by=by)


class CardImports(Listed):
    """老卡清单：lists of old cards."""

    model, shape = CardImport, CardImportOut
    lookup_field, lookup_value_regex = "pk", "[0-9]{1,18}"
    parser_classes = [MultiPartParser]

    def rows(self) -> QuerySet[Any]:
        """With the merchant."""
        return super().rows().select_related("merchant__region")

    @extend_schema(request={"multipart/form-data": NewCardImport}, responses={201: CardImportOut})
    def create(self, request: Request) -> Response:
        """Hand in a list; the same bytes of the same shop are the same list."""
        data = self.checked(NewCardImport)
        merchant, sent = _shop(self, data["merchant"]), data["file"]
        require(self.by, "prepaid.import_legacy_cards", merchant)
        if sent.size > MAX_BYTES:
            raise Invalid(fields={"file": "文件超过 10 MB，请分成几份"})
        shelved = shelve(lambda into: [into.write(chunk) for chunk in sent.chunks()])
        run = durably(lambda: prepaid.receive_card_import(merchant.pk, shelved, sent.name or "", by=self.by))
        return Response(self.body_of(run.pk), status=201)
