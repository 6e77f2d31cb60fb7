"""Shapes of merchants: what the public sees, what the owner and the officer see, what is sent in."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.fields import Code, Masked, OneOf, Phone, Text, Whole, YesNo
from core.api.shapes import Input, Output, StatusText, WithSteps
from core.identifiers import masked_name, masked_phone
from core.models import Industry, Region
from merchants import actions as merchants
from merchants.models import Merchant

DISTRICT_CODE = 12


class MerchantBrief(Output):
    """A merchant as other objects name it."""

    public_code = serializers.CharField()
    brand_name = serializers.CharField()


class PublicStore(Output):
    """A place of business as anyone may know it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    region = serializers.CharField(source="region_id")
    address = serializers.CharField()
    is_open = serializers.BooleanField()


class PublicMerchantRow(Output):
    """A merchant in the public list."""

    public_code = serializers.CharField()
    brand_name = serializers.CharField()
    legal_name = serializers.CharField()
    uscc = serializers.CharField(source="uscc_masked", help_text="中间四位隐去")
    status = serializers.ChoiceField(choices=Merchant.Status.choices)
    status_text = StatusText()
    industry = serializers.IntegerField(source="industry_id")
    industry_name = serializers.CharField(source="industry.name")
    region = serializers.CharField(source="region_id")
    region_name = serializers.CharField(source="region.name")


class PublicMerchant(PublicMerchantRow):
    """A merchant's public page."""

    stores = PublicStore(many=True)


class StoreOut(PublicStore):
    """A store as its owner and the officer see it."""

    lease_end = serializers.DateField(allow_null=True)
    license_holder = serializers.CharField()
    actual_operator = serializers.CharField()


class RegistrationRow(Output):
    """A registration in a list."""

    public_code = serializers.CharField()
    status = serializers.ChoiceField(choices=Merchant.Status.choices)
    status_text = StatusText()
    brand_name = serializers.CharField()
    legal_name = serializers.CharField()
    uscc = serializers.CharField()
    region = serializers.CharField(source="region_id")
    industry = serializers.IntegerField(source="industry_id")
    submitted_at = serializers.DateTimeField(allow_null=True)
    review_due_at = serializers.DateTimeField(allow_null=True)


class Registration(RegistrationRow, WithSteps):
    """A registration in full; personal data masked."""

    kind = serializers.ChoiceField(choices=Merchant.Kind.choices)
    licensed_on = serializers.DateField(allow_null=True)
    legal_rep = serializers.SerializerMethodField()
    contact_phone = serializers.SerializerMethodField()
    licence_sha256 = serializers.CharField(source="licence_file.sha256", default=None, allow_null=True)
    review_clock = serializers.CharField()
    reviewed_at = serializers.DateTimeField(allow_null=True)
    return_reasons = serializers.ListField(child=serializers.CharField())
    checks = serializers.ListField(child=serializers.CharField(), help_text="自动核对发现的疑点")
    stores = StoreOut(many=True)
    missing = serializers.SerializerMethodField(help_text="还没有填全的内容，逐项说明")

    def get_legal_rep(self, merchant: Merchant) -> str:
        """Masked."""
        return masked_name(merchant.legal_rep)

    def get_contact_phone(self, merchant: Merchant) -> str:
        """Masked."""
        return masked_phone(merchant.contact_phone)

    def get_missing(self, merchant: Merchant) -> dict[str, str]:
        """Empty once everything is there."""
        return merchants.missing(merchant)


class Missing(Output):
    """What a registration still lacks."""

    missing = serializers.DictField(child=serializers.CharField())


class CodeSent(Output):
    """Where the code went."""

    sent_to = serializers.CharField(help_text="隐去中间四位的手机号")


class RestrictionOut(Output):
    """One reason for which a merchant may not sell."""

    id = serializers.IntegerField()
    merchant = MerchantBrief()
    source = serializers.CharField()  # type: ignore[assignment]
    reason = serializers.CharField()
    opened_at = serializers.DateTimeField()
    opened_by = Masked(allow_null=True)
    lifted_at = serializers.DateTimeField(allow_null=True)


class ChangeRegistration(Input):
    """What the licence and the shop say; only what is sent is changed."""

    kind = OneOf(choices=Merchant.Kind.choices, required=False)
    legal_name = Text(100, required=False)
    brand_name = Text(60, required=False)
    industry = Whole(required=False, max_value=999)
    region = Text(DISTRICT_CODE, required=False, help_text="所在街道的行政区划代码")
    licensed_on = serializers.DateField(required=False)
    legal_rep = Text(40, required=False)
    id_number = Text(18, required=False, help_text="法定代表人身份证号；只保存核对码，用来和失信名单比对")
    contact_phone = Phone(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """With the trade and the street under the names the action knows, both of which must exist."""
        return known_places(attrs)


class NewRegistration(ChangeRegistration):
    """The first step of a registration."""

    uscc = Text(18, help_text="统一社会信用代码")
    legal_name = Text(100)
    brand_name = Text(60)
    industry = Whole(max_value=999)
    region = Text(DISTRICT_CODE, help_text="所在街道的行政区划代码")


class ChangeStore(Input):
    """What changes of a store."""

    name = Text(60, required=False)
    region = Text(DISTRICT_CODE, required=False, help_text="所在街道的行政区划代码")
    address = Text(200, required=False)
    lease_end = serializers.DateField(required=False, allow_null=True)
    license_holder = Text(100, required=False, allow_blank=True)
    actual_operator = Text(100, required=False, allow_blank=True)
    is_open = YesNo(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """With the street under the name the action knows; it must exist."""
        return known_places(attrs)


class NewStore(ChangeStore):
    """A store."""

    name = Text(60)
    region = Text(DISTRICT_CODE, help_text="所在街道的行政区划代码")
    address = Text(200)


class LicenceFile(Input):
    """The scanned licence."""

    file = serializers.FileField(max_length=200, help_text="10 MB 以内的 JPG、PNG、WebP 或 PDF")


class Submission(Input):
    """The code that proves the contact phone."""

    phone_code = Text(6)


class SendBack(Input):
    """What is to be mended, one sentence each."""

    reasons = serializers.ListField(child=Text(200), min_length=1, max_length=20)


class NewRestriction(Input):
    """Why a merchant may not sell, and who says so."""

    merchant = Code(help_text="商家公示编号")
    source = Text(40)  # type: ignore[assignment]
    reason = Text(200)


def known_places(attrs: dict[str, Any]) -> dict[str, Any]:
    """``industry`` and ``region`` as ``…_id``; raises where there is no such trade or place."""
    if "industry" in attrs:
        attrs["industry_id"] = attrs.pop("industry")
        if not Industry.objects.filter(pk=attrs["industry_id"]).exists():
            raise serializers.ValidationError({"industry": "没有这个行业代码，见 /api/v1/industries"})
    if "region" in attrs:
        attrs["region_id"] = attrs.pop("region")
        if not Region.objects.filter(pk=attrs["region_id"]).exists():
            raise serializers.ValidationError({"region": "没有这个行政区划代码，见 /api/v1/regions"})
    return attrs
