"""Complaints over the API, as far as the caller may see them."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from complaints.models import Cause, Channel, Clock, Complaint
from core.api.fields import Masked
from core.api.resources import Listed
from core.api.shapes import Output, StatusText, WithSteps
from merchants.api.serializers import MerchantBrief


class ClockOut(Output):
    """One limit of law on a matter, and by what it was counted."""

    code = serializers.ChoiceField(choices=Clock.Code.choices)
    state = serializers.ChoiceField(choices=Clock.State.choices)
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    provisional = serializers.BooleanField(help_text="放假安排未公布，公布后重新核定")
    stopped_at = serializers.DateTimeField(allow_null=True)
    basis = serializers.CharField()
    pack_id = serializers.CharField(help_text="规则版本")


class ComplaintRow(Output):
    """A complaint in the list."""

    code = serializers.CharField()
    status_text = StatusText()
    channel = serializers.ChoiceField(choices=Channel.choices)
    received_at = serializers.DateTimeField()
    merchant = MerchantBrief(allow_null=True)
    respondent = serializers.CharField(help_text="店招，或者登记的名称")
    region = serializers.CharField(source="region_id")
    cause = serializers.ChoiceField(choices=Cause.choices)
    next_due_at = serializers.DateTimeField(allow_null=True)
    status = serializers.ChoiceField(choices=Complaint.Status.choices)
    claim_fen = serializers.IntegerField(allow_null=True)


class ComplaintOut(WithSteps, ComplaintRow):
    """A complaint in full; the people of it masked."""

    contract = serializers.CharField(source="contract.code", allow_null=True, default=None)
    complainant = Masked()
    facts = serializers.CharField()
    claim = serializers.CharField()
    merchant_reply = serializers.CharField()
    reply = serializers.CharField()
    recovered_fen = serializers.IntegerField()
    clocks = ClockOut(many=True)


class ComplaintFilter(django_filters.FilterSet):
    """By state and shop."""

    status = django_filters.ChoiceFilter(choices=Complaint.Status.choices)
    merchant = django_filters.CharFilter("merchant__public_code", max_length=16)


class Complaints(Listed):
    """投诉：own ones, those against the own shop once it is told, those of an officer's regions."""

    model, shape, row = Complaint, ComplaintOut, ComplaintRow
    filterset_class = ComplaintFilter

    def rows(self) -> QuerySet[Any]:
        """With what lists and details show."""
        return super().rows().select_related("merchant__region", "region", "complainant", "contract")
