"""The custodian's statement over the API: its daily files, every mismatch, money in suspense, each day's equations."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.api.fields import Text
from core.api.resources import NUMBER, Listed, Public, verb
from core.api.shapes import Input, Output, Reason, StatusText, WithSteps
from core.errors import NotFound
from core.permissions import require
from core.transactions import durably
from prepaid import actions as prepaid
from prepaid.bank_files.shapes import tail_of
from prepaid.bank_files.shelf import shelve
from prepaid.models import BankFile, BankLine, DailyEquation, ReconciliationCase, SuspenseItem

DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


class BankFileOut(WithSteps):
    """One daily file, how far its import is, and why it was refused."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField(help_text="字节")
    form = serializers.CharField(help_text="读出来的格式：CSV_UTF8、CSV_GBK、XLSX 或 CAMT")
    status = serializers.ChoiceField(choices=BankFile.Status.choices)
    status_text = StatusText()
    on = serializers.DateField(allow_null=True, help_text="记账日")
    opening_fen = serializers.IntegerField(allow_null=True)
    closing_fen = serializers.IntegerField(allow_null=True)
    line_count = serializers.IntegerField()
    done_count = serializers.IntegerField(help_text="已办笔数；等于 line_count 时办完")
    repeated_count = serializers.IntegerField(help_text="先前已导入")
    error = serializers.CharField(help_text="整份没有通过的原因和行号")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class BankLineOut(Output):
    """One entry of the bank that nothing of ours is equal to; positive is money in."""

    bank_ref = serializers.CharField()
    line_no = serializers.IntegerField()
    booked_on = serializers.DateField()
    amount_fen = serializers.IntegerField()
    number = serializers.CharField(help_text="我方编号")
    tail = serializers.CharField(help_text="对方账户尾号")
    nature = serializers.ChoiceField(choices=BankLine.Nature.choices)
    state = serializers.ChoiceField(choices=BankLine.State.choices)


class ReconciliationCaseOut(WithSteps):
    """One mismatch; ``difference_fen`` is what the bank has beyond our books because of it."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=ReconciliationCase.Kind.choices)
    kind_text = serializers.CharField(source="get_kind_display")
    status = serializers.ChoiceField(choices=ReconciliationCase.Status.choices)
    status_text = StatusText()
    on = serializers.DateField()
    difference_fen = serializers.IntegerField()
    bank_line = BankLineOut(source="line", allow_null=True)
    notice_ref = serializers.CharField(source="notice.bank_ref", default=None, allow_null=True, help_text="平台入账")
    resolution = serializers.CharField()
    opened_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)


class SuspenseItemRow(Output):
    """Money that matched nothing."""

    id = serializers.IntegerField()
    bank_ref = serializers.CharField()
    order_no = serializers.CharField(help_text="付款人写的单号")
    amount_fen = serializers.IntegerField()
    reason = serializers.CharField()
    status = serializers.ChoiceField(choices=SuspenseItem.Status.choices)
    status_text = StatusText()
    payer_tail = serializers.SerializerMethodField(help_text="付款账户尾号")
    return_no = serializers.CharField(allow_null=True)
    placed_order = serializers.CharField(source="placed_order.order_no", default=None, allow_null=True)
    decision = serializers.CharField()
    created_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)

    def get_payer_tail(self, item: SuspenseItem) -> str:
        """The last four characters; nobody's account number leaves in full."""
        return tail_of(item.payer)


class SuspenseItemOut(SuspenseItemRow, WithSteps):
    """Money that matched nothing, and what the caller may do with it."""


class DailyEquationOut(Output):
    """What must be equal at the end of a day, and by how much it was not."""

    on = serializers.DateField()
    holds = serializers.BooleanField(help_text="全部等式成立")
    bank_fen = serializers.IntegerField(allow_null=True, help_text="银行期末余额；没有日终文件时为空")
    ledger_fen = serializers.IntegerField(help_text="平台存管余额")
    difference_fen = serializers.IntegerField(allow_null=True)
    bank_only_fen = serializers.IntegerField()
    ours_only_fen = serializers.IntegerField()
    unexplained_fen = serializers.IntegerField(allow_null=True, help_text="必须是 0")
    sum_fen = serializers.IntegerField(help_text="全部账户合计，必须是 0")
    cards_off = serializers.IntegerField(help_text="余额或链条不符的卡，必须是 0")
    locked_fen = serializers.IntegerField()
    short_count = serializers.IntegerField(help_text="存管不足的商家，必须是 0")
    short_fen = serializers.IntegerField(help_text="存管缺口合计")
    clearing_fen = serializers.IntegerField()
    clearing_since = serializers.DateField(allow_null=True)
    suspense_fen = serializers.IntegerField()
    line_count = serializers.IntegerField()
    matched_count = serializers.IntegerField()
    checked_at = serializers.DateTimeField()


class MatchRateOut(Output):
    """How many of a day's bank entries are found in our books, one by one."""

    on = serializers.DateField(help_text="记账日")
    line_count = serializers.IntegerField(help_text="存管银行记账笔数")
    matched_count = serializers.IntegerField(help_text="逐笔对上")
    percent = serializers.CharField(source="percent_matched", allow_null=True, help_text="对上的比例，向下取到 0.01%")
    holds = serializers.BooleanField(help_text="当天各项等式都成立")
    checked_at = serializers.DateTimeField()


class NewBankFile(Input):
    """The custodian's file as it is: CSV in UTF-8 or GBK, XLSX, or camt.053."""

    file = serializers.FileField()


class SameAs(Reason):
    """Which of our notices the bank's entry is, and why."""

    bank_ref = Text(64, help_text="平台入账的银行流水号")


class Placing(Reason):
    """Which order the money was meant for, and why."""

    order_no = Text(16)


class Returning(Reason):
    """Why, and to which account where the bank named none."""

    account = Text(32, required=False, allow_blank=True, default="")
    payee = Text(40, required=False, allow_blank=True, default="")


class BankFileFilter(django_filters.FilterSet):
    """By state and day."""

    status = django_filters.ChoiceFilter(choices=BankFile.Status.choices)
    on = django_filters.DateFilter(help_text="记账日")


class CaseFilter(django_filters.FilterSet):
    """By state, kind and day."""

    status = django_filters.ChoiceFilter(choices=ReconciliationCase.Status.choices)
    kind = django_filters.ChoiceFilter(choices=ReconciliationCase.Kind.choices)
    on = django_filters.DateFilter(help_text="记账日")


class SuspenseFilter(django_filters.FilterSet):
    """By state."""

    status = django_filters.ChoiceFilter(choices=SuspenseItem.Status.choices)


class BankFiles(Listed):
    """存管日终文件：handed in by the custodian or an officer, imported in the background."""

    model, shape = BankFile, BankFileOut
    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class = BankFileFilter

    def get_parsers(self) -> list[Any]:
        """A file comes as a form; the steps are JSON."""
        return [MultiPartParser()] if self.action_map.get("post") == "create" else super().get_parsers()

    @extend_schema(request={"multipart/form-data": NewBankFile}, responses={201: BankFileOut})
    def create(self, request: Request) -> Response:
        """Hand in a file; the same bytes are the same file and nothing is booked twice."""
        require(self.by, "prepaid.upload_bank_file")
        sent = self.checked(NewBankFile)["file"]
        shelved = shelve(lambda into: [into.write(chunk) for chunk in sent.chunks()])
        file = durably(lambda: prepaid.receive_bank_file(shelved, sent.name or "", by=self.by))
        return Response(self.body_of(file.pk), status=201)

    @verb(BankFileOut)
    def retry(self, file: BankFile, data: dict[str, Any], by: Actor) -> BankFile:
        """Import a refused or broken-off file once more."""
        return prepaid.retry_bank_file(file.pk, by=by)

    @extend_schema(responses=BankLineOut(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def lines(self, request: Request, **_: Any) -> Response:
        """Its first hundred entries that nothing of ours is equal to, in the order of the file."""
        return Response(BankLineOut(self.get_object().waiting_lines()[:100], many=True).data)


class ReconciliationCases(Listed):
    """对账差异：each mismatch between the bank's statement and our books."""

    model, shape = ReconciliationCase, ReconciliationCaseOut
    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class = CaseFilter

    def rows(self) -> QuerySet[Any]:
        """With both sides."""
        return super().rows().select_related("line", "notice")

    @verb(ReconciliationCaseOut)
    def take(self, case: ReconciliationCase, data: dict[str, Any], by: Actor) -> ReconciliationCase:
        """Take it over: from now on it has an owner."""
        return prepaid.take_case(case.pk, by=by)

    @verb(ReconciliationCaseOut, Reason)
    def resolve(self, case: ReconciliationCase, data: dict[str, Any], by: Actor) -> ReconciliationCase:
        """The owner writes what it came to."""
        return prepaid.resolve_case(case.pk, data["reason"], by=by)

    @verb(ReconciliationCaseOut, SameAs)
    def match(self, case: ReconciliationCase, data: dict[str, Any], by: Actor) -> ReconciliationCase:
        """The bank's entry and a notice of ours are one payment although their references differ."""
        return prepaid.match_case(case.pk, data["bank_ref"], data["reason"], by=by)

    @verb(ReconciliationCaseOut, Reason)
    def write_off(self, case: ReconciliationCase, data: dict[str, Any], by: Actor) -> ReconciliationCase:
        """The bank took back money that still lay in suspense."""
        return prepaid.write_off_reversed(case.pk, data["reason"], by=by)


class SuspenseItems(Listed):
    """待查款项：money that matched nothing."""

    model, shape, row = SuspenseItem, SuspenseItemOut, SuspenseItemRow
    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class = SuspenseFilter

    def rows(self) -> QuerySet[Any]:
        """With the order it was put to."""
        return super().rows().select_related("placed_order")

    @verb(SuspenseItemOut, Placing, scope="money")
    def place(self, item: SuspenseItem, data: dict[str, Any], by: Actor) -> SuspenseItem:
        """Put it to the order it was meant for."""
        return prepaid.place_suspense(item.pk, data["order_no"], data["reason"], by=by)

    @verb(SuspenseItemOut, Returning, scope="money", path="return")
    def give_back(self, item: SuspenseItem, data: dict[str, Any], by: Actor) -> SuspenseItem:
        """Order it paid back to whoever paid."""
        return prepaid.return_suspense(item.pk, data["reason"], by=by, account=data["account"], payee=data["payee"])


@extend_schema(parameters=[OpenApiParameter("on", {"type": "string", "format": "date"}, OpenApiParameter.PATH)])
class DailyEquations(Listed):
    """每日对账：the equations of each day."""

    model, shape = DailyEquation, DailyEquationOut
    lookup_field, lookup_value_regex = "on", DAY
    paged_by = ("-on",)

    def get_object(self) -> DailyEquation:
        """The day of the address. Raises NotFound, also for a day no calendar has."""
        try:
            on = date.fromisoformat(self.kwargs["on"])
        except ValueError:
            raise NotFound from None
        found: DailyEquation = self.find(self.get_queryset(), on=on)
        return found


class MatchRates(ListModelMixin, Public):
    """对账率：for everybody, how much of each day's bank statement is found in our books; newest first."""

    model, shape = DailyEquation, MatchRateOut
    paged_by = ("-on",)

    def rows(self) -> QuerySet[Any]:
        """The days that have a statement."""
        return DailyEquation.objects.published()
