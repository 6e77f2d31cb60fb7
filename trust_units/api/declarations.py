"""Declarations over the API: the shop fills in and hands in, officers read where each one stands."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from core.actors import Actor
from core.api.fields import Identity, OneOf, Text, YesNo
from core.api.resources import Listed, Public, verb
from core.api.shapes import Input, Output, StatusText, WithSteps
from core.calendar import business_date
from merchants.models import Store
from trust_units import actions as trust
from trust_units.models import Declaration, TrustUnit, UnitType


class CriterionAnswerOut(Output):
    """One criterion with the shop's answer."""

    criterion = serializers.CharField()
    kind = serializers.ChoiceField(choices=[("HAVE", "有"), ("MUST_NOT", "无")])
    text = serializers.CharField()
    needs_evidence = serializers.BooleanField()
    has_evidence = serializers.SerializerMethodField()
    met = serializers.BooleanField(allow_null=True)
    statement = serializers.CharField()

    def get_has_evidence(self, row: Any) -> bool:
        """Whether a file was kept."""
        return row.evidence_id is not None


class DeclarationRow(Output):
    """A declaration in a list."""

    code = serializers.CharField()
    status = serializers.ChoiceField(choices=Declaration.Status.choices)
    status_text = StatusText()
    unit_type = serializers.ChoiceField(choices=UnitType.choices, source="unit.unit_type")
    sign_name = serializers.CharField(source="unit.sign_name")
    declared_at = serializers.DateTimeField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)


class DeclarationOut(DeclarationRow, WithSteps):
    """A declaration with its answers, and what the pre-screen doubts."""

    criteria_version = serializers.CharField()
    promise = serializers.CharField()
    answers = CriterionAnswerOut(many=True)
    doubts = serializers.ListField(child=serializers.CharField(), help_text="初审的疑点，由人决定")
    public_until = serializers.DateField(allow_null=True)
    reason = serializers.CharField(help_text="退回或不通过的理由")


class PublishedDeclarationOut(Output):
    """A unit in publicity."""

    code = serializers.CharField()
    unit_type = serializers.ChoiceField(choices=UnitType.choices, source="unit.unit_type")
    sign_name = serializers.CharField(source="unit.sign_name")
    address = serializers.CharField(source="unit.address")
    promise = serializers.CharField()
    public_until = serializers.DateField()


class NewDeclaration(Input):
    """One store and one kind of unit; a mall declares its district on its own page."""

    store = Identity(help_text="门店编号")
    unit_type = OneOf([choice for choice in UnitType.choices if choice[0] != UnitType.DISTRICT])


class CriterionAnswer(Input):
    """What the shop says on one criterion."""

    criterion = Text(40)
    met = YesNo()
    statement = Text(300, required=False)


class UnitPromise(Input):
    """The public promise."""

    promise = Text(500)


class DeclarationFilter(django_filters.FilterSet):
    """By state."""

    status = django_filters.ChoiceFilter(choices=Declaration.Status.choices)


class Declarations(Listed):
    """放心消费申报。"""

    model, shape, row = Declaration, DeclarationOut, DeclarationRow
    filterset_class = DeclarationFilter

    def rows(self) -> QuerySet[Any]:
        """With the unit and the answers."""
        units = ("unit__merchant", "unit__store", "unit__mall", "unit__region")
        return super().rows().select_related(*units).prefetch_related("answers")

    @verb(DeclarationOut, NewDeclaration, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> Declaration:
        """Begin a declaration of one store."""
        store = self.find(Store.objects.visible_to(by), pk=data["store"])
        return trust.start_declaration(store, data["unit_type"], by=by)

    @verb(DeclarationOut, CriterionAnswer)
    def answer(self, row: Declaration, data: dict[str, Any], by: Actor) -> Declaration:
        """Answer one criterion; its evidence is uploaded on the shop's page."""
        trust.answer_criterion(row.pk, data["criterion"], met=data["met"], statement=data.get("statement", ""), by=by)
        return row

    @verb(DeclarationOut, UnitPromise)
    def promise(self, row: Declaration, data: dict[str, Any], by: Actor) -> Declaration:
        """Write the public promise."""
        return trust.promise(row.pk, data["promise"], by=by)

    @verb(DeclarationOut)
    def declare(self, row: Declaration, data: dict[str, Any], by: Actor) -> Declaration:
        """Hand it in."""
        return trust.declare(row.pk, by=by)

    @verb(DeclarationOut)
    def ask_human(self, row: Declaration, data: dict[str, Any], by: Actor) -> Declaration:
        """Ask for a person instead of rules."""
        return trust.ask_for_person(row.pk, by=by)

    @verb(DeclarationOut)
    def withdraw(self, row: Declaration, data: dict[str, Any], by: Actor) -> Declaration:
        """Take it back."""
        return trust.withdraw_declaration(row.pk, by=by)


class PublishedDeclarations(ListModelMixin, RetrieveModelMixin, Public):
    """公示中的单位。"""

    model, shape = Declaration, PublishedDeclarationOut

    def rows(self) -> QuerySet[Any]:
        """Those in publicity today."""
        rows = Declaration.objects.filter(status=Declaration.Status.PUBLICITY, public_until__gte=business_date())
        return rows.select_related("unit__merchant", "unit__store", "unit__mall")


class TrustUnitOut(Output):
    """A unit of one's own, or of the officer's regions, in whatever pool."""

    code = serializers.CharField()
    unit_type = serializers.ChoiceField(choices=UnitType.choices)
    status = serializers.ChoiceField(choices=TrustUnit.Status.choices)
    status_text = StatusText()
    sign_name = serializers.CharField()
    address = serializers.CharField()
    stars = serializers.IntegerField()
    granted_on = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    cool_down_until = serializers.DateField(allow_null=True)


class TrustUnitFilter(django_filters.FilterSet):
    """By pool and kind."""

    status = django_filters.ChoiceFilter(choices=TrustUnit.Status.choices)
    unit_type = django_filters.ChoiceFilter(choices=UnitType.choices)


class TrustUnits(Listed):
    """放心消费单位（本店或本辖区）。"""

    model, shape = TrustUnit, TrustUnitOut
    filterset_class = TrustUnitFilter

    def rows(self) -> QuerySet[Any]:
        """With the place."""
        return super().rows().select_related("merchant", "store", "mall")
