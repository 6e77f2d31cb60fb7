"""Filings and quarterly reports over the API: the merchant's own, and those an officer answers."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core import uploads
from core.actors import Actor
from core.api.fields import Fen, OneOf, Text
from core.api.resources import Listed, verb
from core.api.shapes import Input, Output, Reason, StatusText, WithSteps
from core.calendar import business_date
from core.errors import NotFound
from core.permissions import require
from core.transactions import durably
from merchants.api.serializers import MerchantBrief
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.filing_facts import known_of, need_of
from prepaid.models import Filing, FilingDocument, FilingReport, IssuerClass


class ReasonOut(Output):
    """One condition of the law and whether it is met (null: it decides nothing)."""

    text = serializers.CharField()
    met = serializers.BooleanField(allow_null=True)
    basis = serializers.CharField()
    tag = serializers.CharField()


class NeedOut(Output):
    """Must the merchant file today, by when, and why."""

    status = serializers.CharField()
    since = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    pack = serializers.CharField(help_text="规则版本")
    reasons = ReasonOut(many=True)


class DocumentOut(Output):
    """One piece of evidence."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=FilingDocument.Kind.choices)
    added_at = serializers.DateTimeField()


class FilingRow(Output):
    """A filing in a list."""

    merchant = MerchantBrief()
    status = serializers.ChoiceField(choices=Filing.Status.choices)
    status_text = StatusText()
    issuer_class = serializers.CharField()
    number = serializers.CharField(allow_null=True, help_text="备案编号")
    due_on = serializers.DateField(allow_null=True)
    filed_on = serializers.DateField(allow_null=True)
    accepted_on = serializers.DateField(allow_null=True)


class FilingOut(FilingRow, WithSteps):
    """A filing in full."""

    need = ReasonOut(many=True)
    due_clock = serializers.CharField(help_text="期限怎么算的")
    started_on = serializers.DateField(allow_null=True)
    revenue_fen = serializers.IntegerField(allow_null=True, help_text="上年度主营业务收入")
    capital_fen = serializers.IntegerField(allow_null=True, help_text="注册资本")
    group_name = serializers.CharField()
    custody_bank = serializers.CharField()
    statement = serializers.CharField()
    pending = serializers.DictField(help_text="待受理的变更")
    return_reason = serializers.CharField()
    documents = DocumentOut(many=True)


class NewFiling(Input):
    """What an issuer declares; what is not sent stays."""

    issuer_class = OneOf(choices=IssuerClass.choices, required=False)
    started_on = serializers.DateField(required=False, allow_null=True)
    revenue_fen = Fen(min_value=0, required=False, allow_null=True)
    capital_fen = Fen(min_value=0, required=False, allow_null=True)
    group_name = Text(60, required=False, allow_blank=True)
    custody_bank = Text(60, required=False, allow_blank=True)
    statement = Text(500, required=False, allow_blank=True)


class NewDocument(Input):
    """One piece of evidence: JPEG, PNG, WebP or PDF of at most 10 MB."""

    kind = OneOf(choices=FilingDocument.Kind.choices)
    file = serializers.FileField()


class Remark(Input):
    """What the merchant says to the ledger's figures."""

    remark = Text(300, required=False, allow_blank=True, default="")


class ReportOut(Output):
    """One quarter of one issuer."""

    id = serializers.IntegerField()
    merchant = MerchantBrief()
    quarter_end = serializers.DateField()
    status = serializers.ChoiceField(choices=FilingReport.Status.choices)
    status_text = StatusText()
    due_on = serializers.DateField()
    basis = serializers.CharField()
    figures = serializers.DictField(child=serializers.IntegerField(), help_text="金额单位是分")
    remark = serializers.CharField()
    submitted_on = serializers.DateField(allow_null=True)


class FilingFilter(django_filters.FilterSet):
    """By merchant and state."""

    merchant = django_filters.CharFilter(field_name="merchant__public_code", max_length=24, help_text="商家公示编号")
    status = django_filters.ChoiceFilter(choices=Filing.Status.choices)


class ReportFilter(django_filters.FilterSet):
    """By merchant and state."""

    merchant = django_filters.CharFilter(field_name="merchant__public_code", max_length=24, help_text="商家公示编号")
    status = django_filters.ChoiceFilter(choices=FilingReport.Status.choices)


class Filings(Listed):
    """备案：by the merchant's public code."""

    model, shape, row = Filing, FilingOut, FilingRow
    lookup_field = "merchant__public_code"
    filterset_class = FilingFilter

    def rows(self) -> QuerySet[Any]:
        """With what the details show."""
        return super().rows().select_related("merchant__region").prefetch_related("documents")

    def merchant(self) -> Merchant:
        """The merchant in the address, if the caller may open it. Raises NotFound."""
        rows = Merchant.objects.visible_to(self.by).public()
        found: Merchant = self.find(rows, public_code=self.kwargs["merchant__public_code"])
        return found

    @extend_schema(request=NewFiling, responses=FilingOut)
    def partial_update(self, request: Request, merchant__public_code: str) -> Response:
        """Write the form, or declare a change of a filing that was accepted."""
        merchant, data = self.merchant(), self.checked(NewFiling)
        filing = durably(lambda: prepaid.save_filing(merchant.pk, data, by=self.by))
        return Response(self.body_of(filing.pk))

    @extend_schema(responses=NeedOut)
    @action(detail=True)
    def need(self, request: Request, merchant__public_code: str) -> Response:
        """Whether this merchant must file today, by when and why."""
        known = known_of(self.merchant().pk)
        if known is None:
            raise NotFound
        return Response(NeedOut(need_of(known, business_date())).data)

    @extend_schema(request={"multipart/form-data": NewDocument}, responses={201: FilingOut})
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def documents(self, request: Request, merchant__public_code: str) -> Response:
        """Upload a piece of evidence."""
        merchant = self.merchant()
        require(self.by, "prepaid.change_filing", merchant)
        data = self.checked(NewDocument)
        title = FilingDocument.Kind(data["kind"]).label
        file = uploads.store(data["file"], title=title, by=self.by)
        document = durably(lambda: prepaid.add_document(merchant.pk, data["kind"], file, by=self.by))
        return Response(self.body_of(document.filing_id), status=201)

    @verb(FilingOut)
    def submit(self, filing: Filing, data: dict[str, Any], by: Actor) -> Filing:
        """Hand it in."""
        return prepaid.submit_filing(filing.merchant_id, by=by)

    @verb(FilingOut)
    def accept(self, filing: Filing, data: dict[str, Any], by: Actor) -> Filing:
        """Put it, or its change, on record."""
        return prepaid.accept_filing(filing.pk, by=by)

    @verb(FilingOut, Reason)
    def send_back(self, filing: Filing, data: dict[str, Any], by: Actor) -> Filing:
        """Return it, or its change, with what is missing."""
        return prepaid.return_filing(filing.pk, data["reason"], by=by)

    @verb(FilingOut, Reason)
    def cancel(self, filing: Filing, data: dict[str, Any], by: Actor) -> Filing:
        """End it once nothing is owed on any card."""
        return prepaid.cancel_filing(filing.pk, data["reason"], by=by)


class FilingReports(Listed):
    """季度报告：what an issuer reports of a quarter."""

    model, shape = FilingReport, ReportOut
    lookup_field, lookup_value_regex = "pk", "[0-9]{1,18}"
    filterset_class = ReportFilter

    def rows(self) -> QuerySet[Any]:
        """With the merchant."""
        return super().rows().select_related("merchant__region")

    @verb(ReportOut, Remark)
    def submit(self, report: FilingReport, data: dict[str, Any], by: Actor) -> FilingReport:
        """Confirm the ledger's figures."""
        return prepaid.submit_report(report.pk, by=by, **data)
