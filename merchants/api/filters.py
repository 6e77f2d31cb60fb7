"""What lists of merchants can be narrowed by; every name is written out."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from core.models import Region
from merchants.models import Merchant, Restriction


class PublicMerchantFilter(django_filters.FilterSet):
    """By words in the name, by place (and all below it), by trade."""

    q = django_filters.CharFilter(method="by_words", max_length=60, help_text="店招或执照名称里的字")
    region = django_filters.CharFilter(method="by_region", max_length=12, help_text="行政区划代码，含下级")
    industry = django_filters.NumberFilter(
        field_name="industry_id", min_value=0, max_value=999, decimal_places=0, help_text="行业代码"
    )

    class Meta:
        model = Merchant
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Shops whose sign or licence holds the words."""
        return rows.filter(Q(brand_name__icontains=value) | Q(legal_name__icontains=value))

    def by_region(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Shops in a place or below it; none for a code that does not exist."""
        place = Region.objects.filter(pk=value).first()
        return rows.filter(region__path__startswith=place.path) if place else rows.none()


class RegistrationFilter(django_filters.FilterSet):
    """By state."""

    status = django_filters.ChoiceFilter(choices=Merchant.Status.choices)

    class Meta:
        model = Merchant
        fields: list[str] = []


class RestrictionFilter(django_filters.FilterSet):
    """By merchant, and whether it still counts."""

    merchant = django_filters.CharFilter(field_name="merchant__public_code", max_length=24)
    open = django_filters.BooleanFilter(field_name="lifted_at", lookup_expr="isnull")

    class Meta:
        model = Restriction
        fields: list[str] = []
