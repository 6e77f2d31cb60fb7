"""Shops that go over to somebody else, over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import OneOf, Text
from core.api.resources import Listed, verb
from core.api.shapes import Input, Reason, StatusText, WithSteps
from merchants.api.serializers import MerchantBrief
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Succession


class SuccessionOut(WithSteps):
    """店铺易主：the contracts stay with their terms; sales wait."""

    code = serializers.CharField()
    merchant = MerchantBrief()
    kind = serializers.ChoiceField(choices=Succession.Kind.choices)
    status = serializers.ChoiceField(choices=Succession.Status.choices)
    status_text = StatusText()
    changes = serializers.DictField(help_text="字段：原来、现在；个人信息已脱敏")
    reason = serializers.CharField()
    declared = serializers.BooleanField(help_text="商家自己申报的")
    opened_at = serializers.DateTimeField()
    told_count = serializers.IntegerField()
    told_at = serializers.DateTimeField(allow_null=True)
    finding = serializers.CharField()
    settled_at = serializers.DateTimeField(allow_null=True)


class NewSuccession(Input):
    """What happens to the shop."""

    merchant = Text(24, help_text="商家公示编号")
    kind = OneOf(choices=Succession.Kind.choices)
    reason = Text(300, help_text="谁接手，老卡怎么办")


class Successions(Listed):
    """店铺易主：a shop's own, and those of an officer's regions."""

    model, shape = Succession, SuccessionOut

    def rows(self) -> QuerySet[Any]:
        """With the merchant."""
        return super().rows().select_related("merchant__region")

    @verb(SuccessionOut, NewSuccession, status=201, on="all")
    def create(self, obj: None, data: dict[str, Any], by: Actor) -> Succession:
        """The shop declares it; holders are told, sales stop."""
        merchant = self.find(Merchant.objects.visible_to(by).public(), public_code=data["merchant"])
        return prepaid.declare_succession(merchant.pk, data["kind"], data["reason"], by=by)

    @verb(SuccessionOut, Reason)
    def settle(self, row: Succession, data: dict[str, Any], by: Actor) -> Succession:
        """An officer found that somebody answers for the old cards."""
        return prepaid.settle_succession(row.pk, data["reason"], by=by)
