"""Incidents and their claims over the API; proactive tasks for officers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from complaints import actions as complaints
from complaints.incident_reports import figures_of
from complaints.models import Cause, Incident, IncidentClaim, ProactiveTask
from core.actors import Actor
from core.api.fields import Code, Fen, Text
from core.api.resources import Listed, Public, verb
from core.api.shapes import Input, Output, Reason, StatusText, WithSteps
from core.errors import NotFound
from core.identifiers import clean_public_code
from merchants.api.serializers import MerchantBrief
from prepaid.api.filters import ByMerchant


class IncidentRow(Output):
    """An incident in a list."""

    code = serializers.CharField()
    merchant = MerchantBrief()
    status = serializers.ChoiceField(choices=Incident.Status.choices)
    status_text = StatusText()
    leader = serializers.CharField(source="leader.name", help_text="包案负责人")
    opened_on = serializers.DateField()
    closed_on = serializers.DateField(allow_null=True)


class IncidentEntryOut(Output):
    """One public line of the progress."""

    on = serializers.DateField()
    text = serializers.CharField()


class IncidentFiguresOut(Output):
    """How far it has come; amounts in fen."""

    complaints = serializers.IntegerField()
    closed_complaints = serializers.IntegerField()
    complainants = serializers.IntegerField()
    claims = serializers.IntegerField(help_text="登记的债权")
    claimants = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="还没有核对的债权")
    claimed_fen = serializers.IntegerField()
    allowed_fen = serializers.IntegerField()
    paid_fen = serializers.IntegerField()
    open_fen = serializers.IntegerField(help_text="核定还没退")
    locked_fen = serializers.IntegerField(help_text="全店锁定")
    unlocked_fen = serializers.IntegerField(help_text="全店未锁定")


class IncidentOut(IncidentRow):
    """An incident as everybody may know it."""

    summary = serializers.CharField()
    next_step = serializers.CharField()
    next_on = serializers.DateField(allow_null=True)
    outcome = serializers.CharField()
    figures = serializers.SerializerMethodField()
    entries = serializers.SerializerMethodField()

    @extend_schema_field(IncidentFiguresOut)
    def get_figures(self, row: Incident) -> Any:
        """The sums."""
        return IncidentFiguresOut(asdict(figures_of(row))).data

    @extend_schema_field(IncidentEntryOut(many=True))
    def get_entries(self, row: Incident) -> Any:
        """The public progress, the newest first."""
        return IncidentEntryOut(row.entries.public()[:50], many=True).data


class Incidents(ListModelMixin, RetrieveModelMixin, Public):
    """群体事件：public, kept by ETag; no personal data."""

    model, shape, row = Incident, IncidentOut, IncidentRow
    filterset_class = ByMerchant

    def rows(self) -> QuerySet[Any]:
        """All of them: what is on the public page."""
        return Incident.objects.select_related("merchant", "leader")


class IncidentClaimOut(WithSteps):
    """A claim, for its claimant and the officers of the place."""

    code = serializers.CharField()
    incident = serializers.CharField(source="incident.code")
    kind = serializers.ChoiceField(choices=IncidentClaim.Kind.choices)
    status = serializers.ChoiceField(choices=IncidentClaim.Status.choices)
    status_text = StatusText()
    claimant = serializers.CharField(source="claimant.masked_name", help_text="脱敏")
    card_name = serializers.CharField()
    claimed_fen = serializers.IntegerField()
    allowed_fen = serializers.IntegerField(allow_null=True)
    repaid_fen = serializers.IntegerField(help_text="锁定资金以外退还的")
    reason = serializers.CharField(help_text="核对意见")
    entered_at = serializers.DateTimeField()


class ClaimInput(Input):
    """One card: the portal's own by its code, any other by its name."""

    incident = Code()
    card_code = Code(required=False, help_text="本平台的合同或老卡编号")
    card_name = Text(40, required=False, help_text="平台外的卡：卡名或卡号")
    claimed_fen = Fen()
    note = Text(300, required=False)


class Allowed(Reason):
    """What is owed, and what shows it."""

    allowed_fen = Fen()


class IncidentClaimFilter(django_filters.FilterSet):
    """By incident and state."""

    incident = django_filters.CharFilter(field_name="incident__code", max_length=24, help_text="群体事件编号")
    status = django_filters.ChoiceFilter(choices=IncidentClaim.Status.choices)


class IncidentClaims(Listed):
    """债权登记：one's own for claimants, those of the place for officers; who entered one does not check it."""

    model, shape = IncidentClaim, IncidentClaimOut
    filterset_class = IncidentClaimFilter

    def rows(self) -> QuerySet[Any]:
        """With incident and claimant."""
        return super().rows().select_related("incident__merchant__region", "claimant")

    @verb(IncidentClaimOut, ClaimInput, status=201)
    def create(self, row: None, data: dict[str, Any], by: Actor) -> IncidentClaim:
        """Register what the shop owes the caller on one card."""
        found = Incident.objects.filter(code=clean_public_code(data["incident"])).first()
        if found is None:
            raise NotFound
        own = {name: data.get(name, "") for name in ("card_code", "card_name", "note")}
        return complaints.file_claim(found.pk, claimed_fen=data["claimed_fen"], by=by, **own)

    @verb(IncidentClaimOut)
    def withdraw(self, row: IncidentClaim, data: dict[str, Any], by: Actor) -> IncidentClaim:
        """The claimant takes it back."""
        return complaints.withdraw_claim(row.pk, by=by)

    @verb(IncidentClaimOut, Allowed)
    def check(self, row: IncidentClaim, data: dict[str, Any], by: Actor) -> IncidentClaim:
        """An officer finds what is owed."""
        return complaints.check_claim(row.pk, data["allowed_fen"], data["reason"], by=by)

    @verb(IncidentClaimOut, Reason)
    def refuse(self, row: IncidentClaim, data: dict[str, Any], by: Actor) -> IncidentClaim:
        """It is not owed, or not shown."""
        return complaints.refuse_claim(row.pk, data["reason"], by=by)


class ProactiveTaskOut(WithSteps):
    """A cluster of similar complaints and what is done about it."""

    code = serializers.CharField()
    status = serializers.ChoiceField(choices=ProactiveTask.Status.choices)
    status_text = StatusText()
    merchant = MerchantBrief(allow_null=True)
    region = serializers.CharField(source="region_id")
    cause = serializers.ChoiceField(choices=Cause.choices)
    people = serializers.IntegerField()
    usual = serializers.IntegerField(help_text="往期均值，百分之一人")
    threshold = serializers.IntegerField()
    basis = serializers.CharField()
    since = serializers.DateField()
    proposed_on = serializers.DateField()
    done = serializers.CharField()


class ProactiveFilter(ByMerchant):
    """By merchant and state."""

    status = django_filters.ChoiceFilter(choices=ProactiveTask.Status.choices)


class ProactiveTasks(Listed):
    """未诉先办：similar complaints of late, for the officers of the place."""

    model, shape = ProactiveTask, ProactiveTaskOut
    filterset_class = ProactiveFilter

    def rows(self) -> QuerySet[Any]:
        """With shop and place."""
        return super().rows().select_related("merchant", "region")

    @verb(ProactiveTaskOut)
    def take(self, row: ProactiveTask, data: dict[str, Any], by: Actor) -> ProactiveTask:
        """Look into it."""
        return complaints.take_task(row.pk, by=by)

    @verb(ProactiveTaskOut, Reason)
    def close(self, row: ProactiveTask, data: dict[str, Any], by: Actor) -> ProactiveTask:
        """What was done, and the end."""
        return complaints.close_task(row.pk, data["reason"], by=by)

    @verb(ProactiveTaskOut, Reason)
    def dismiss(self, row: ProactiveTask, data: dict[str, Any], by: Actor) -> ProactiveTask:
        """Nothing to be done, and why."""
        return complaints.dismiss_task(row.pk, data["reason"], by=by)
