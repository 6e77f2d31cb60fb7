"""Checks over the API: draws, removals and marks for everybody; checks and slips for the shop and its officers."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.api.fields import OneOf, Text
from core.api.permissions import Anyone
from core.api.resources import Listed, Public, Resource, verb
from core.api.shapes import Input, Output, Reason, StatusText, WithSteps
from core.errors import NotFound
from trust_units import actions as trust
from trust_units import marks
from trust_units.draws import day_of
from trust_units.models import Draw, FeedbackSlip, Mode, Removal, SpotCheck, TrustUnit, UnitType

PLACE = ("unit__merchant", "unit__store", "unit__mall", "merchant", "store")
OUTCOMES = [("pass", "未发现问题"), ("find", "发现问题"), ("refuse", "拒绝检查")]


class DrawRow(Output):
    """A draw in a list."""

    day = serializers.DateField()
    candidates = serializers.IntegerField(help_text="候选单位数")
    quota = serializers.IntegerField(help_text="应抽数")
    list_sha256 = serializers.CharField(help_text="候选名单的 SHA-256")
    published_at = serializers.DateTimeField(help_text="名单公布时间")
    list_published_before_seed = serializers.BooleanField(source="is_blind")
    drawn_at = serializers.DateTimeField(allow_null=True)


class DrawOut(DrawRow):
    """A draw with all that replays it; the list itself is ``/transparency/draws/{day}.txt``."""

    nonce = serializers.CharField()
    seed_day = serializers.DateField(allow_null=True)
    merkle_root = serializers.CharField()
    sealed_at = serializers.DateTimeField(allow_null=True)
    seed = serializers.CharField()
    sample = serializers.ListField(child=serializers.CharField(), help_text="抽中单位的编号，按抽取次序")


class Draws(ListModelMixin, RetrieveModelMixin, Public):
    """抽查抽签：list first, seed afterwards, so that anybody draws the same again."""

    model, shape, row = Draw, DrawOut, DrawRow
    lookup_field = "day"
    lookup_value_regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def rows(self) -> QuerySet[Any]:
        """All of them."""
        return Draw.objects.all()

    def get_object(self) -> Any:
        """The draw of the day in the address. Raises NotFound, also for a day that no calendar has."""
        day = day_of(self.kwargs["day"])
        if day is None:
            raise NotFound
        return self.find(self.get_queryset(), day=day)


class RemovalOut(Output):
    """One removal with its public reason."""

    code = serializers.CharField(source="unit.code")
    name = serializers.CharField(source="unit.sign_name")
    unit_type = serializers.ChoiceField(choices=UnitType.choices, source="unit.unit_type")
    region = serializers.CharField(source="unit.region_id")
    status = serializers.ChoiceField(choices=Removal.Status.choices)
    status_text = StatusText()
    ground = serializers.CharField()
    reason = serializers.CharField()
    removed_at = serializers.DateTimeField()


class Removals(ListModelMixin, Public):
    """移除公示."""

    model, shape = Removal, RemovalOut

    def rows(self) -> QuerySet[Any]:
        """Those that took effect."""
        rows = Removal.objects.filter(removed_at__isnull=False)
        return rows.select_related("unit__merchant", "unit__store", "unit__mall")


class TrustMarkOut(Output):
    """The mark, signed with Ed25519 over the other fields: sorted names, UTF-8, no spaces."""

    format = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=UnitType.choices)
    verdict = serializers.ChoiceField(choices=list(marks.VERDICTS.items()))
    pool = serializers.ChoiceField(choices=TrustUnit.Status.choices)
    stars = serializers.IntegerField()
    valid_until = serializers.DateField(allow_null=True)
    custody = serializers.ChoiceField(choices=list(marks.CUSTODY.items()))
    removed_on = serializers.DateField(allow_null=True)
    reason = serializers.CharField(help_text="移除的理由")
    version = serializers.IntegerField()
    issued_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    kid = serializers.CharField()
    public_key = serializers.CharField()
    signature = serializers.CharField()


class Marks(Resource):
    """标识核验：the mark as it is this second; never kept on the way."""

    permission_classes = [Anyone]
    authentication_classes = []
    model, shape = TrustUnit, TrustMarkOut

    def rows(self) -> QuerySet[Any]:
        """Units that hold or held some trust."""
        return marks.marked().exclude(status=TrustUnit.Status.SELECTION, removals=None)

    @extend_schema(responses=TrustMarkOut)
    def retrieve(self, request: Request, **_: Any) -> Response:
        """One mark, signed now."""
        return Response(marks.signed(marks.words(self.get_object())))


class Found(Output):
    """One thing that is wrong."""

    code = serializers.CharField()
    text = serializers.CharField()


class SpotCheckOut(WithSteps):
    """One check."""

    code = serializers.CharField()
    mode = serializers.ChoiceField(choices=Mode.choices)
    status = serializers.ChoiceField(choices=SpotCheck.Status.choices)
    status_text = StatusText()
    day = serializers.DateField()
    place = serializers.CharField(source="place_name")
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    region = serializers.CharField(source="region_id")
    findings = Found(many=True)
    note = serializers.CharField()
    checked_at = serializers.DateTimeField(allow_null=True)


class Outcome(Input):
    """What came of a check."""

    outcome = OneOf(OUTCOMES)
    findings = serializers.ListField(child=Text(200), required=False, max_length=20, help_text="发现的问题，一项一条")
    note = Text(1000, required=False)


class SpotCheckFilter(django_filters.FilterSet):
    """By mode, state and day."""

    mode = django_filters.ChoiceFilter(choices=Mode.choices)
    status = django_filters.ChoiceFilter(choices=SpotCheck.Status.choices)
    day = django_filters.DateFilter()


class SpotChecks(Listed):
    """抽查：officers see those of their region and those they were sent to, shops what they were told."""

    model, shape = SpotCheck, SpotCheckOut
    filterset_class = SpotCheckFilter

    def rows(self) -> QuerySet[Any]:
        """With the place."""
        return super().rows().select_related(*PLACE, "region", "merchant__region")

    @verb(SpotCheckOut, Outcome)
    def record(self, row: SpotCheck, data: dict[str, Any], by: Actor) -> SpotCheck:
        """Write down what came of it; a finding becomes a feedback slip."""
        found = [{"code": "SITE", "text": text} for text in data.get("findings", [])]
        return trust.record_check(row.pk, data["outcome"], findings=found, note=data.get("note", ""), by=by)


class SlipOut(WithSteps):
    """One feedback slip."""

    code = serializers.CharField()
    status = serializers.ChoiceField(choices=FeedbackSlip.Status.choices)
    status_text = StatusText()
    place = serializers.CharField(source="spot_check.place_name")
    text = serializers.CharField(help_text="问题")
    issued_on = serializers.DateField()
    due_on = serializers.DateField(allow_null=True, help_text="现在这一步的期限")
    lapses = serializers.IntegerField(help_text="逾期次数")
    evidence_text = serializers.CharField()
    verdict = serializers.CharField(help_text="复核意见")


class SlipFilter(django_filters.FilterSet):
    """By state."""

    status = django_filters.ChoiceFilter(choices=FeedbackSlip.Status.choices)


class FeedbackSlips(Listed):
    """问题反馈单；evidence and verification need pictures and are given on the pages."""

    model, shape = FeedbackSlip, SlipOut
    filterset_class = SlipFilter

    def rows(self) -> QuerySet[Any]:
        """With the place."""
        check = [f"spot_check__{name}" for name in (*PLACE, "region", "merchant__region")]
        return super().rows().select_related(*check)

    @verb(SlipOut)
    def acknowledge(self, row: FeedbackSlip, data: dict[str, Any], by: Actor) -> FeedbackSlip:
        """Sign for it."""
        return trust.acknowledge_slip(row.pk, by=by)

    @verb(SlipOut, Reason)
    def extend(self, row: FeedbackSlip, data: dict[str, Any], by: Actor) -> FeedbackSlip:
        """Five more working days, once."""
        return trust.extend_slip(row.pk, data["reason"], by=by)

    @verb(SlipOut)
    def close(self, row: FeedbackSlip, data: dict[str, Any], by: Actor) -> FeedbackSlip:
        """Put right and verified."""
        return trust.close_slip(row.pk, by=by)
