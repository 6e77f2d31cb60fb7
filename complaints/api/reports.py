"""Reports over the API: officers handle those of their regions, reporters read how far their own are."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from complaints import actions as complaints
from complaints.api.evidence import EvidenceOut, NewEvidence, keep_evidence, once_with_file, shown
from complaints.api.matters import ClockOut
from complaints.models import Cause, EnforcementCase, ViolationReport
from complaints.sealing import without_identity
from core.actors import Actor
from core.api.fields import Code, Fen, OneOf, Text, YesNo
from core.api.resources import IDEMPOTENCY_KEY, Listed, verb
from core.api.shapes import Input, Output, Reason, StatusText, WithSteps
from core.errors import Invalid
from merchants.api.serializers import MerchantBrief
from prepaid.api.filters import ByMerchant


class CaseOut(Output):
    """The enforcement case."""

    status = serializers.ChoiceField(choices=EnforcementCase.Status.choices)
    case_no = serializers.CharField()
    filed_on = serializers.DateField(allow_null=True)
    penalty = serializers.CharField()
    fine_fen = serializers.IntegerField()
    confiscated_fen = serializers.IntegerField()
    law = serializers.CharField()
    decision_no = serializers.CharField()
    decided_on = serializers.DateField(allow_null=True)
    published_on = serializers.DateField(allow_null=True)
    public_until = serializers.DateField(allow_null=True)


class ReportRow(Output):
    """A report in a list; never who told."""

    code = serializers.CharField()
    status = serializers.ChoiceField(choices=ViolationReport.Status.choices)
    status_text = StatusText()
    merchant = MerchantBrief(allow_null=True)
    respondent = serializers.CharField()
    cause = serializers.ChoiceField(choices=Cause.choices)
    region = serializers.CharField(source="region_id")
    received_at = serializers.DateTimeField()
    next_due_at = serializers.DateTimeField(allow_null=True)


class ViolationReportOut(ReportRow, WithSteps):
    """A report as officers read it; never who told."""

    facts = serializers.SerializerMethodField(help_text="举报人信息已封存")
    reason = serializers.CharField()
    is_named = serializers.BooleanField(help_text="是否实名")
    found_in = serializers.CharField(source="found_in.code", default=None, allow_null=True, help_text="来自投诉")
    merged_into = serializers.CharField(source="merged_into.code", default=None, allow_null=True)
    transferred_to = serializers.CharField()
    told_at = serializers.DateTimeField(allow_null=True)
    told_basis = serializers.CharField()
    clocks = ClockOut(many=True)
    case = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField())
    def get_facts(self, obj: ViolationReport) -> str:
        """The facts under the seal."""
        return without_identity(obj, obj.facts)

    @extend_schema_field(CaseOut(allow_null=True))
    def get_case(self, obj: ViolationReport) -> Any:
        """The case, once there is one."""
        found = EnforcementCase.objects.filter(report=obj).first()
        return CaseOut(found).data if found else None


class OwnReportOut(Output):
    """A report as its reporter reads it: how it ends is told only where a law says so (令121号第36条)."""

    code = serializers.CharField()
    progress = serializers.CharField(help_text="已收到、办理中、已办结等")
    respondent = serializers.CharField()
    cause = serializers.ChoiceField(choices=Cause.choices)
    received_at = serializers.DateTimeField()
    merged_into = serializers.CharField(source="merged_into.code", default=None, allow_null=True)
    reply = serializers.CharField(help_text="告知的内容")
    told_at = serializers.DateTimeField(allow_null=True)


class Routing(Input):
    """Which unit."""

    region = Text(12, help_text="承办单位所在地区代码")


class OtherReport(Reason):
    """The report that came first."""

    first = Code(help_text="先前的举报编号")


class Transfer(Reason):
    """To whom."""

    to = Text(100)
    to_police = YesNo(default=False)


class Telling(Input):
    """What the reporter is told."""

    text = Text(1000)
    law = Text(200, required=False, allow_blank=True, help_text="要求告知的法律条款")


class Decision(Input):
    """What was decided."""

    penalty = OneOf(choices=EnforcementCase.Penalty.values)
    fine_fen = Fen(min_value=0, required=False)
    confiscated_fen = Fen(min_value=0, required=False)
    law = Text(200, required=False, allow_blank=True)
    decision_no = Text(60, required=False, allow_blank=True)
    decision = Text(1000)


class ReportFilter(ByMerchant):
    """By merchant, state and cause."""

    status = django_filters.ChoiceFilter(choices=ViolationReport.Status.choices)
    cause = django_filters.ChoiceFilter(choices=Cause.choices)


class MyReports(Listed):
    """我的举报：how far it is."""

    model, shape = ViolationReport, OwnReportOut

    def rows(self) -> QuerySet[Any]:
        """One's own."""
        return ViolationReport.objects.own(self.by).select_related("merchant", "merged_into")

    @extend_schema(
        request={"multipart/form-data": NewEvidence}, responses={201: EvidenceOut}, parameters=[IDEMPOTENCY_KEY]
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def evidence(self, request: Request, code: str) -> Response:
        """One more file while it is open; who brought it is not kept (第37条)."""
        row, data = self.get_object(), self.checked(NewEvidence)

        def work(by: Actor) -> None:
            keep_evidence(row, data["file"], by=by)

        return once_with_file(request, data, work, shown(row))


class Reports(Listed):
    """举报：for officers of the region; who told is not part of it."""

    model, shape, row = ViolationReport, ViolationReportOut, ReportRow
    filterset_class = ReportFilter

    def rows(self) -> QuerySet[Any]:
        """Those of the officer's regions."""
        rows = ViolationReport.objects.on_duty(self.by)
        return rows.select_related("merchant", "region", "reporter", "found_in", "merged_into")

    def first_of(self, code: str) -> int:
        """The report that came first. Raises Invalid."""
        found = self.rows().filter(code=code).values_list("pk", flat=True).first()
        if found is None:
            raise Invalid(fields={"first": "没有这个编号的举报，请核对"})
        return int(found)

    @verb(ViolationReportOut, Routing)
    def route(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """Give it to a unit below; a routed unit only sends it back."""
        return complaints.route_report(row.pk, data["region"], by=by)

    @verb(ViolationReportOut, Reason)
    def send_back(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """Back to the unit it came from."""
        return complaints.send_report_back(row.pk, data["reason"], by=by)

    @verb(ViolationReportOut)
    def verify(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """Begin to look into it."""
        return complaints.verify_report(row.pk, by=by)

    @verb(ViolationReportOut, Reason)
    def ask_extension(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """Ask a head for more time."""
        return complaints.ask_extension(row.pk, data["reason"], by=by).report

    @verb(ViolationReportOut)
    def approve_extension(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """Approve it; not who asked."""
        return complaints.approve_extension(row.pk, by=by).report

    @verb(ViolationReportOut, Reason)
    def refuse_extension(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """Do not approve it."""
        return complaints.refuse_extension(row.pk, data["reason"], by=by).report

    @verb(ViolationReportOut, Reason)
    def file(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """A head signs the filing."""
        return complaints.file_report(row.pk, data["reason"], by=by)

    @verb(ViolationReportOut, Reason)
    def not_file(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """A head signs that it is not filed."""
        return complaints.not_file_report(row.pk, data["reason"], by=by)

    @verb(ViolationReportOut)
    def investigate(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """Begin the investigation."""
        return complaints.investigate_report(row.pk, by=by)

    @verb(ViolationReportOut, Decision)
    def decide(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """A head signs the decision."""
        return complaints.decide_report(row.pk, data, by=by)

    @verb(ViolationReportOut)
    def publish(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """Put the penalty on public view."""
        return complaints.publish_penalty(row.pk, by=by)

    @verb(ViolationReportOut, Telling)
    def tell(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """Tell a named reporter, where a law says so."""
        return complaints.tell_result(row.pk, data["text"], law=data.get("law", ""), by=by)

    @verb(ViolationReportOut)
    def close(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """Everything is done."""
        return complaints.close_report(row.pk, by=by)

    @verb(ViolationReportOut, OtherReport)
    def mark_duplicate(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """The same person, fact and respondent: told so, not handled again."""
        return complaints.mark_duplicate(row.pk, self.first_of(data["first"]), data["reason"], by=by)

    @verb(ViolationReportOut, OtherReport)
    def merge(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """New facts join the report that came first; its limit begins anew."""
        return complaints.merge_report(row.pk, self.first_of(data["first"]), data["reason"], by=by)

    @verb(ViolationReportOut, Transfer)
    def transfer(self, row: ViolationReport, data: dict[str, Any], by: Actor) -> ViolationReport:
        """A head passes it on: to who has the power, or to the police."""
        return complaints.transfer_report(row.pk, data["to"], data["reason"], to_police=data["to_police"], by=by)
