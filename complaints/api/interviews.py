"""Regulatory interviews (约谈) over the API: called, held, promised, checked."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from complaints import actions as complaints
from complaints.models import RegulatoryInterview
from core.actors import Actor
from core.api.fields import Code, Identity, Text, YesNo
from core.api.resources import Listed, verb
from core.api.shapes import Input, Output, StatusText, WithSteps
from core.permissions import may, require
from merchants.api.serializers import MerchantBrief
from merchants.models import Merchant
from prepaid.api.filters import ByMerchant


class InterviewRow(Output):
    """An interview in a list."""

    code = serializers.CharField()
    status = serializers.ChoiceField(choices=RegulatoryInterview.Status.choices)
    status_text = StatusText()
    merchant = MerchantBrief()
    topics = serializers.CharField()
    meets_at = serializers.DateTimeField()
    place = serializers.CharField()


class InterviewOut(WithSteps, InterviewRow):
    """An interview: its minutes are for officers."""

    officer = serializers.CharField(source="officer.name")
    second_officer = serializers.CharField(source="second_officer.name")
    held_at = serializers.DateTimeField(allow_null=True)
    minutes = serializers.SerializerMethodField()
    commitments = serializers.CharField(help_text="商家承诺")
    due_on = serializers.DateField(allow_null=True)
    finding = serializers.CharField()
    kept = serializers.BooleanField(allow_null=True)

    @extend_schema_field(serializers.CharField())
    def get_minutes(self, obj: RegulatoryInterview) -> str:
        """What was said, for those who may hold it."""
        return obj.minutes if may(self.context["by"], "complaints.hold_interview", obj) else ""


class NewInterview(Input):
    """When, where, about what, with which second officer."""

    merchant = Code(help_text="商家公示编号")
    topics = Text(1000)
    meets_at = serializers.DateTimeField()
    place = Text(100)
    second_officer = Identity(help_text="约谈由两人进行")


class Minutes(Input):
    """What was said."""

    minutes = Text(4000)


class Commitment(Input):
    """What the merchant promised, and by when."""

    commitments = Text(1000)
    due_on = serializers.DateField()


class InterviewFinding(Input):
    """Whether the promise was kept."""

    finding = Text(1000)
    kept = YesNo()


class InterviewFilter(ByMerchant):
    """By merchant and state."""

    status = django_filters.ChoiceFilter(choices=RegulatoryInterview.Status.choices)


class Interviews(Listed):
    """约谈：of an officer's regions, and with the own shop."""

    model, shape, row = RegulatoryInterview, InterviewOut, InterviewRow
    filterset_class = InterviewFilter

    def rows(self) -> QuerySet[Any]:
        """With merchant and both officers."""
        return super().rows().select_related("merchant__region", "officer", "second_officer")

    @verb(InterviewOut, NewInterview, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> RegulatoryInterview:
        """Tell a merchant when and where two officers will talk to it."""
        merchant = self.find(Merchant.objects.visible_to(by), public_code=data.pop("merchant"))
        require(by, "complaints.call_interview", merchant)
        return complaints.call_interview(merchant.pk, data, by=by)

    @verb(InterviewOut, Minutes)
    def hold(self, row: RegulatoryInterview, data: dict[str, Any], by: Actor) -> RegulatoryInterview:
        """It was held; the minutes."""
        return complaints.hold_interview(row.pk, data["minutes"], by=by)

    @verb(InterviewOut, Commitment)
    def commit(self, row: RegulatoryInterview, data: dict[str, Any], by: Actor) -> RegulatoryInterview:
        """What the merchant promised."""
        return complaints.commit_interview(row.pk, data["commitments"], data["due_on"], by=by)

    @verb(InterviewOut, InterviewFinding)
    def check(self, row: RegulatoryInterview, data: dict[str, Any], by: Actor) -> RegulatoryInterview:
        """Whether it was kept."""
        return complaints.check_interview(row.pk, data["finding"], data["kept"], by=by)
