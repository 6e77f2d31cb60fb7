"""What officers judge of complaints over the API: flags of malice, and the public record after objections."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from complaints import actions as complaints
from complaints.models import Disclosure, MaliceFlag
from core.actors import Actor
from core.api.fields import Text, YesNo
from core.api.resources import NUMBER, Listed, verb
from core.api.shapes import Input, Reason, StatusText, WithSteps
from core.permissions import may


class MaliceFlagOut(WithSteps):
    """A shop's word that a complaint is malicious; the complainant never reads it."""

    id = serializers.IntegerField()
    complaint = serializers.CharField(source="complaint.code", help_text="投诉的查询码")
    status = serializers.ChoiceField(choices=MaliceFlag.Status.choices)
    status_text = StatusText()
    reason = serializers.CharField()
    raised_at = serializers.DateTimeField()
    finding = serializers.CharField(help_text="认定意见")
    decided_at = serializers.DateTimeField(allow_null=True)


class MaliceFinding(Input):
    """Malicious or not, and why."""

    uphold = YesNo()
    finding = Text(500)


class MaliceFilter(django_filters.FilterSet):
    """By state."""

    status = django_filters.ChoiceFilter(choices=MaliceFlag.Status.choices)


class MaliceFlags(Listed):
    """恶意投诉标记：the shop's own, and those of an officer's regions."""

    model, shape = MaliceFlag, MaliceFlagOut
    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class = MaliceFilter

    def rows(self) -> QuerySet[Any]:
        """With complaint and who is party to it."""
        return super().rows().select_related("complaint__region", "complaint__complainant")

    @verb(MaliceFlagOut, MaliceFinding)
    def judge(self, row: MaliceFlag, data: dict[str, Any], by: Actor) -> MaliceFlag:
        """An officer upholds it or not; the complaint goes on all the same."""
        return complaints.judge_malice(row.pk, data["finding"], uphold=data["uphold"], by=by)


class DisclosureOut(WithSteps):
    """What the public reads, or will read, of a complaint that is over."""

    id = serializers.IntegerField()
    complaint = serializers.CharField(source="complaint.code", help_text="投诉的查询码")
    status = serializers.ChoiceField(choices=Disclosure.Status.choices)
    status_text = StatusText()
    text = serializers.CharField(help_text="公示内容，没有姓名和金额")
    merchant_reply = serializers.CharField()
    drafted_on = serializers.DateField()
    objection_until = serializers.DateField(help_text="异议期至")
    published_on = serializers.DateField(allow_null=True)
    objection = serializers.SerializerMethodField(help_text="只有提出的人和处理的人看到")
    reason = serializers.CharField(help_text="处理意见")

    @extend_schema_field(serializers.CharField())
    def get_objection(self, obj: Disclosure) -> str:
        """What was objected, for who said it and who judges."""
        by: Actor = self.context["by"]
        own = obj.objected_by_id is not None and by.user is not None and obj.objected_by_id == by.user.pk
        return obj.objection if own or may(by, "complaints.judge_disclosure", obj) else ""


class DisclosureJudgement(Reason):
    """Public or not."""

    keep = YesNo(help_text="true：异议不成立，公示；false：不公示")


class DisclosureReply(Input):
    """The shop's words beside the record."""

    reply = Text(500)


class DisclosureFilter(django_filters.FilterSet):
    """By state and complaint."""

    status = django_filters.ChoiceFilter(choices=Disclosure.Status.choices)
    complaint = django_filters.CharFilter("complaint__code", max_length=16)


class Disclosures(Listed):
    """投诉公示：of the complaints the caller may see, also before they are public."""

    model, shape = Disclosure, DisclosureOut
    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class = DisclosureFilter

    def rows(self) -> QuerySet[Any]:
        """With complaint and who is party to it."""
        return super().rows().select_related("complaint__region", "complaint__complainant")

    @verb(DisclosureOut, DisclosureReply)
    def reply(self, row: Disclosure, data: dict[str, Any], by: Actor) -> Disclosure:
        """What the shop wants to stand beside it."""
        return complaints.reply_to_disclosure(row.pk, data["reply"], by=by)

    @verb(DisclosureOut, Reason, path="object")
    def object_to(self, row: Disclosure, data: dict[str, Any], by: Actor) -> Disclosure:
        """Either side objects within the window: nothing is public until an officer has looked."""
        return complaints.object_to_disclosure(row.pk, data["reason"], by=by)

    @verb(DisclosureOut, DisclosureJudgement)
    def judge(self, row: Disclosure, data: dict[str, Any], by: Actor) -> Disclosure:
        """An officer decides on the objection."""
        return complaints.judge_disclosure(row.pk, data["reason"], keep=data["keep"], by=by)
