"""Early warning over the API: for officers the watch list, links and lists; for everybody the report 「私下收款」."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.api.fields import Code, Fen, OneOf, Text
from core.api.resources import NUMBER, Listed, verb
from core.api.shapes import Input, Output, Reason, StatusText, WithSteps
from core.errors import PortalError
from core.permissions import require
from core.transactions import durably
from merchants.api.serializers import MerchantBrief
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.api.filters import ByMerchant
from prepaid.bank_files.shelf import discard, shelve
from prepaid.models import (
    Level,
    ListedEntry,
    ListedMerchant,
    ListImport,
    MerchantLink,
    PrivatePaymentReport,
    RiskScore,
    RiskWarning,
)
from prepaid.risk_reports import with_scores


class SignalOut(Output):
    """One signal that counts."""

    code = serializers.CharField()
    words = serializers.CharField()
    figure = serializers.IntegerField()
    points = serializers.IntegerField()
    basis = serializers.CharField(help_text="依据的规则")


class ScoreOut(Output):
    """The score of a merchant now; it holds since ``on``."""

    id = serializers.IntegerField()
    merchant = MerchantBrief()
    on = serializers.DateField()
    points = serializers.IntegerField()
    change = serializers.IntegerField(help_text="与此前相比")
    level = serializers.ChoiceField(choices=Level.choices)
    reasons = SignalOut(many=True)


class RiskWarningOut(WithSteps):
    """A merchant on the watch list."""

    id = serializers.IntegerField()
    merchant = MerchantBrief()
    status = serializers.ChoiceField(choices=RiskWarning.Status.choices)
    status_text = StatusText()
    level = serializers.ChoiceField(choices=Level.choices)
    points = serializers.IntegerField()
    change = serializers.IntegerField(help_text="与此前相比")
    reasons = SignalOut(many=True, allow_null=True)
    opened_on = serializers.DateField()
    reason = serializers.CharField(help_text="研判意见")
    ended_on = serializers.DateField(allow_null=True)


class PrivatePaymentOut(WithSteps):
    """A report of private payment; never who told."""

    code = serializers.CharField()
    merchant = MerchantBrief()
    status = serializers.ChoiceField(choices=PrivatePaymentReport.Status.choices)
    status_text = StatusText()
    reported_on = serializers.DateField()
    happened_on = serializers.DateField(allow_null=True)
    amount_fen = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()
    finding = serializers.CharField()


class ReceivedOut(Output):
    """What the one who told gets back."""

    code = serializers.CharField()
    status = serializers.CharField()
    reported_on = serializers.DateField()


class LinkOut(WithSteps):
    """A merchant that shares people, phone or address with one that closed or was stopped."""

    id = serializers.IntegerField()
    merchant = MerchantBrief()
    other = MerchantBrief()
    status = serializers.ChoiceField(choices=MerchantLink.Status.choices)
    status_text = StatusText()
    matches = serializers.ListField(child=serializers.CharField(), help_text="phone、id_number、person、address")
    found_on = serializers.DateField()
    reason = serializers.CharField()


class ListedOut(Output):
    """A merchant on a list of others."""

    id = serializers.IntegerField()
    merchant = MerchantBrief()
    kind = serializers.ChoiceField(choices=ListedEntry.Kind.choices, source="entry.kind")
    listed_on = serializers.DateField(source="entry.listed_on")
    removed_on = serializers.DateField(source="entry.removed_on", allow_null=True)
    reason = serializers.CharField(source="entry.reason")


class ListImportOut(Output):
    """One list of others, and how far it is read."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=ListedEntry.Kind.choices, allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment]
    as_of = serializers.DateField()
    status = serializers.ChoiceField(choices=ListImport.Status.choices)
    status_text = StatusText()
    rows = serializers.IntegerField()
    done = serializers.IntegerField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    known = serializers.IntegerField()
    refused = serializers.IntegerField()
    bad_rows = serializers.ListField(source="errors", help_text="[行号, 原因]，最多 1,000 行")
    error = serializers.CharField(help_text="整份读不了的原因")


class NewListImport(Input):
    """A list as its authority publishes it: CSV or XLSX."""

    file = serializers.FileField()
    kind = OneOf(choices=ListedEntry.Kind.choices, help_text="没有写「名单」列的行算哪个名单")
    source = Text(100)  # type: ignore[assignment]
    as_of = serializers.DateField(help_text="名单日期")


class Judgement(Reason):
    """What the officer decides, and why."""

    step = OneOf(choices=["watch", "visit", "interview", "propose_stop", "dismiss"])


class NewReport(Input):
    """What happened; nothing but the shop is needed. Anonymous reports go by the page: a call keeps its caller."""

    merchant = Code(help_text="商家公示编号")
    text = Text(300, required=False)
    amount_fen = Fen(required=False)
    happened_on = serializers.DateField(required=False)


class WarningFilter(ByMerchant):
    """By merchant, level and decision."""

    level = django_filters.ChoiceFilter(choices=Level.choices)
    status = django_filters.ChoiceFilter(choices=RiskWarning.Status.choices)


class OfOfficers(Listed):
    """Rows that only officers of the region see."""

    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class: Any = ByMerchant

    def rows(self) -> QuerySet[Any]:
        """With the merchant."""
        return super().rows().select_related("merchant__region")


class RiskScores(OfOfficers):
    """风险分：every merchant's newest score."""

    model, shape = RiskScore, ScoreOut

    def rows(self) -> QuerySet[Any]:
        """The newest of each."""
        return super().rows().filter(is_latest=True)


class RiskWarnings(OfOfficers):
    """观察名单：merchants to look at, and what officers decided."""

    model, shape = RiskWarning, RiskWarningOut
    filterset_class = WarningFilter

    def rows(self) -> QuerySet[Any]:
        """With the newest score."""
        return with_scores(super().rows()).order_by("-id")

    @verb(RiskWarningOut, Judgement)
    def judge(self, row: RiskWarning, data: dict[str, Any], by: Actor) -> RiskWarning:
        """Record the decision: watch, visit, interview, propose a stop, or dismiss."""
        return prepaid.judge_warning(row.pk, data["step"], data["reason"], by=by)

    @verb(RiskWarningOut)
    def stop(self, row: RiskWarning, data: dict[str, Any], by: Actor) -> RiskWarning:
        """Confirm that no new cards are sold."""
        return prepaid.stop_for_risk(row.pk, by=by)

    @verb(RiskWarningOut, Reason)
    def lift(self, row: RiskWarning, data: dict[str, Any], by: Actor) -> RiskWarning:
        """End the stop and keep watching."""
        return prepaid.lift_risk_stop(row.pk, data["reason"], by=by)


class PrivatePayments(Listed):
    """私下收款举报：anybody signed in may tell; officers look into it."""

    model, shape = PrivatePaymentReport, PrivatePaymentOut
    filterset_class = ByMerchant

    def rows(self) -> QuerySet[Any]:
        """With the merchant."""
        return super().rows().select_related("merchant__region")

    def _received(self, pk: int) -> Any:
        """What the one who told may read."""
        return ReceivedOut(PrivatePaymentReport.objects.get(pk=pk)).data

    @verb(ReceivedOut, NewReport, status=201, read=_received)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> PrivatePaymentReport:
        """Tell that a shop asked to be paid past the escrow."""
        merchant = self.find(Merchant.objects.public(), public_code=data.pop("merchant"))
        return prepaid.report_private_payment(merchant.pk, data, by=by)

    @verb(PrivatePaymentOut, Reason)
    def confirm(self, row: PrivatePaymentReport, data: dict[str, Any], by: Actor) -> PrivatePaymentReport:
        """It is proved; a stop of sales is proposed."""
        return prepaid.confirm_private_payment(row.pk, data["reason"], by=by)

    @verb(PrivatePaymentOut, Reason)
    def reject(self, row: PrivatePaymentReport, data: dict[str, Any], by: Actor) -> PrivatePaymentReport:
        """It could not be proved."""
        return prepaid.reject_private_payment(row.pk, data["reason"], by=by)


class MerchantLinks(OfOfficers):
    """疑似关联：merchants that look like one that closed."""

    model, shape = MerchantLink, LinkOut

    def rows(self) -> QuerySet[Any]:
        """With both."""
        return super().rows().select_related("other__region")

    @verb(LinkOut, Reason)
    def confirm(self, row: MerchantLink, data: dict[str, Any], by: Actor) -> MerchantLink:
        """The same people are behind both."""
        return prepaid.confirm_link(row.pk, data["reason"], by=by)

    @verb(LinkOut, Reason)
    def dismiss(self, row: MerchantLink, data: dict[str, Any], by: Actor) -> MerchantLink:
        """It is chance."""
        return prepaid.dismiss_link(row.pk, data["reason"], by=by)


class ListedMerchants(OfOfficers):
    """列入名单的商家：by licence or legal representative."""

    model, shape = ListedMerchant, ListedOut

    def rows(self) -> QuerySet[Any]:
        """With the line of the list."""
        return super().rows().select_related("entry")


class ListImports(Listed):
    """名单导入：lists of others, read in the background."""

    model, shape = ListImport, ListImportOut
    lookup_field, lookup_value_regex = "pk", NUMBER
    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": NewListImport}, responses={201: ListImportOut})
    def create(self, request: Request) -> Response:
        """Hand in a list; the same bytes of the same day are the same list."""
        require(self.by, "prepaid.import_list")
        data = self.checked(NewListImport)
        sent = data["file"]
        shelved = shelve(lambda into: [into.write(chunk) for chunk in sent.chunks()])
        facts = (data["kind"], data["source"], data["as_of"])
        try:
            run = durably(lambda: prepaid.receive_list(shelved, sent.name or "", *facts, by=self.by))
        except PortalError:
            discard(shelved.path)
            raise
        return Response(self.body_of(run.pk), status=201)
