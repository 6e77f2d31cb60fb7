"""Delegations to people's mediation over the API: both sides answer, the mediator begins and reports (第19条)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from complaints import actions as complaints
from complaints.models import MediationAssignment, Party
from core.actors import Actor
from core.api.fields import Fen, OneOf, Text, YesNo
from core.api.resources import NUMBER, Listed, verb
from core.api.shapes import Input, Output, StatusText, WithSteps


class DelegationRow(Output):
    """A delegation in a list."""

    id = serializers.IntegerField()
    complaint = serializers.CharField(source="complaint.code", help_text="投诉的查询码")
    status = serializers.ChoiceField(choices=MediationAssignment.Status.choices)
    status_text = StatusText()
    committee = serializers.CharField(help_text="调解组织")
    mediator = serializers.CharField(source="mediator.name", help_text="人民调解员")
    proposed_at = serializers.DateTimeField()
    complainant_agreed_at = serializers.DateTimeField(allow_null=True)
    merchant_agreed_at = serializers.DateTimeField(allow_null=True)


class DelegationOut(WithSteps, DelegationRow):
    """A delegation and how it ended."""

    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()
    agreed_fen = serializers.IntegerField(allow_null=True)
    judicial_no = serializers.CharField()
    judicial_on = serializers.DateField(allow_null=True)


class DelegationAnswer(Input):
    """Yes or no, and of whom where an officer writes it down."""

    agrees = YesNo()
    party = OneOf(choices=Party.choices, required=False)


class DelegationEnd(Input):
    """What came of it: with a sum it was agreed, without it was not."""

    outcome = Text(2000)
    agreed_fen = Fen(min_value=0, required=False)


class JudicialConfirmation(Input):
    """The court's number and day."""

    number = Text(60)
    on = serializers.DateField()


class DelegationFilter(django_filters.FilterSet):
    """By state and complaint."""

    status = django_filters.ChoiceFilter(choices=MediationAssignment.Status.choices)
    complaint = django_filters.CharFilter("complaint__code", max_length=16)


class Delegations(Listed):
    """委托人民调解：a mediator's own, and those of complaints the caller may see."""

    model, shape, row = MediationAssignment, DelegationOut, DelegationRow
    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class = DelegationFilter

    def rows(self) -> QuerySet[Any]:
        """With complaint and mediator."""
        return super().rows().select_related("complaint__region", "complaint__complainant", "mediator")

    @verb(DelegationOut, DelegationAnswer)
    def answer(self, row: MediationAssignment, data: dict[str, Any], by: Actor) -> MediationAssignment:
        """One side says yes or no; both yes, and it is the mediator's."""
        return complaints.consent_to_delegation(row.pk, by=by, **data)

    @verb(DelegationOut)
    def begin(self, row: MediationAssignment, data: dict[str, Any], by: Actor) -> MediationAssignment:
        """The mediator takes it up."""
        return complaints.begin_delegation(row.pk, by=by)

    @verb(DelegationOut, DelegationEnd)
    def end(self, row: MediationAssignment, data: dict[str, Any], by: Actor) -> MediationAssignment:
        """The mediator reports; the money moves when the officer writes the agreement."""
        return complaints.end_delegation(row.pk, data["outcome"], agreed_fen=data.get("agreed_fen"), by=by)

    @verb(DelegationOut, JudicialConfirmation)
    def confirm(self, row: MediationAssignment, data: dict[str, Any], by: Actor) -> MediationAssignment:
        """The court has confirmed the agreement."""
        return complaints.confirm_judicially(row.pk, data["number"], data["on"], by=by)
