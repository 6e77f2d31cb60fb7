"""What lists of prepaid things can be narrowed by; every name is written out."""

from __future__ import annotations

import django_filters

from prepaid.models import Contract, Freeze, Plan, Refund, Visit


class ByMerchant(django_filters.FilterSet):
    """By the merchant's public code."""

    merchant = django_filters.CharFilter(field_name="merchant__public_code", max_length=24, help_text="商家公示编号")


class PlanFilter(ByMerchant):
    """By merchant, kind and state."""

    kind = django_filters.ChoiceFilter(choices=Plan.Kind.choices)
    status = django_filters.ChoiceFilter(choices=Plan.Status.choices)


class ContractFilter(ByMerchant):
    """By merchant and state."""

    status = django_filters.ChoiceFilter(choices=Contract.Status.choices)


class VisitFilter(ByMerchant):
    """By merchant, contract and state."""

    contract = django_filters.CharFilter(field_name="contract__code", max_length=24, help_text="合同编号")
    status = django_filters.ChoiceFilter(choices=Visit.Status.choices)


class RefundFilter(ByMerchant):
    """By merchant, contract and state."""

    contract = django_filters.CharFilter(field_name="contract__code", max_length=24, help_text="合同编号")
    status = django_filters.ChoiceFilter(choices=Refund.Status.choices)


class FreezeFilter(ByMerchant):
    """By merchant and state."""

    status = django_filters.ChoiceFilter(choices=Freeze.Status.choices)
