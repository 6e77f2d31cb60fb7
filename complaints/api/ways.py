"""Whistles, mall tickets, ODR enterprises, agenda packs and monthly topics over the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import FilterSet
from rest_framework import serializers

from complaints import actions as complaints
from complaints.models import AgendaPack, Complaint, MallTicket, MonthlyTopic, OdrEnrolment, Whistle, WhistleCall
from core.actors import Actor
from core.api.fields import Code, Identity, Text
from core.api.resources import NUMBER, Listed, verb
from core.api.shapes import Input, Output, Reason, StatusText, WithSteps
from core.errors import NotFound
from core.identifiers import clean_public_code
from merchants.api.serializers import MerchantBrief
from merchants.models import Mall
from prepaid.api.filters import ByMerchant


class WhistleCallRow(Output):
    """What one department is asked, and made of it."""

    code = serializers.CharField()
    department = serializers.CharField(help_text="部门")
    status = serializers.ChoiceField(choices=WhistleCall.Status.choices)
    status_text = StatusText()
    need = serializers.CharField(source="whistle.need", help_text="要部门做什么")
    respondent = serializers.CharField(source="whistle.complaint.respondent", help_text="商家")
    region = serializers.CharField(source="whistle.complaint.region_id")
    called_at = serializers.DateTimeField(source="whistle.called_at")
    due_at = serializers.DateTimeField(source="whistle.clock.due_at", help_text="报到期限")
    answered_at = serializers.DateTimeField(allow_null=True, help_text="报到时间")


class WhistleCallOut(WhistleCallRow, WithSteps):
    """With the report."""

    reason = serializers.CharField()
    report = serializers.CharField(help_text="办理情况")
    reported_at = serializers.DateTimeField(allow_null=True)


class NewWhistle(Input):
    """To which departments, about which complaint, and what is needed."""

    complaint = Code()
    departments = serializers.ListField(child=serializers.CharField(max_length=20), min_length=1, max_length=8)
    need = Text(1000)


class WhistleOut(WithSteps):
    """One whistle with its departments."""

    code = serializers.CharField()
    status = serializers.ChoiceField(choices=Whistle.Status.choices)
    status_text = StatusText()
    complaint = serializers.CharField(source="complaint.code")
    need = serializers.CharField()
    called_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(source="clock.due_at")
    ended_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()
    departments = serializers.ListField(
        child=serializers.CharField(), source="department_names", help_text="请了哪些部门"
    )


class WhistleText(Input):
    """What was done."""

    text = Text(1000)


class Whistles(Listed):
    """吹哨：a station officer calls departments to a complaint."""

    model, shape = Whistle, WhistleOut

    def rows(self) -> QuerySet[Any]:
        """With case and departments."""
        return super().rows().select_related("complaint__region", "clock").prefetch_related("calls")

    @verb(WhistleOut, NewWhistle, on="all", status=201)
    def create(self, row: None, data: dict[str, Any], by: Actor) -> Whistle:
        """Call departments."""
        case = Complaint.objects.visible_to(by).filter(code=clean_public_code(data["complaint"])).first()
        if case is None:
            raise NotFound
        return complaints.call_whistle(case.pk, data["departments"], data["need"], by=by)

    @verb(WhistleOut, Reason)
    def resolve(self, row: Whistle, data: dict[str, Any], by: Actor) -> Whistle:
        """End it."""
        return complaints.resolve_whistle(row.pk, data["reason"], by=by)

    @verb(WhistleOut, Reason)
    def withdraw(self, row: Whistle, data: dict[str, Any], by: Actor) -> Whistle:
        """Take it back."""
        return complaints.withdraw_whistle(row.pk, data["reason"], by=by)


class WhistleCalls(Listed):
    """部门报到：a department's inbox; it reports in, acts and says what it did."""

    model, shape, row = WhistleCall, WhistleCallOut, WhistleCallRow

    def rows(self) -> QuerySet[Any]:
        """With the case."""
        more = ("whistle__clock", "whistle__complaint__merchant", "whistle__complaint__region")
        return super().rows().select_related(*more)

    @verb(WhistleCallOut)
    def accept(self, row: WhistleCall, data: dict[str, Any], by: Actor) -> WhistleCall:
        """Report in."""
        return complaints.accept_whistle(row.pk, by=by)

    @verb(WhistleCallOut, Reason)
    def refuse(self, row: WhistleCall, data: dict[str, Any], by: Actor) -> WhistleCall:
        """Not this department's business."""
        return complaints.refuse_whistle(row.pk, data["reason"], by=by)

    @verb(WhistleCallOut, WhistleText)
    def report(self, row: WhistleCall, data: dict[str, Any], by: Actor) -> WhistleCall:
        """What was done."""
        return complaints.report_whistle(row.pk, data["text"], by=by)


class MallTicketRow(Output):
    """One ticket in a list."""

    code = serializers.CharField()
    status = serializers.ChoiceField(choices=MallTicket.Status.choices)
    status_text = StatusText()
    mall = serializers.CharField(source="mall.public_code", help_text="商场公示编号")
    text = serializers.CharField()
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="24 小时，节假日照算")
    is_late = serializers.BooleanField()


class MallTicketOut(MallTicketRow, WithSteps):
    """With the mall's answer."""

    response = serializers.CharField()
    responded_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(help_text="没有解决的原因")
    escalated_at = serializers.DateTimeField(allow_null=True)


class NewTicket(Input):
    """To which mall, and what."""

    mall = Code()
    store = Identity(required=False)
    text = Text(1000)


class TicketResponse(Input):
    """What the mall did."""

    response = Text(1000)


class MallTickets(Listed):
    """商场 24 小时客诉：a customer writes, the mall answers, the customer says whether it is solved."""

    model, shape, row = MallTicket, MallTicketOut, MallTicketRow

    def rows(self) -> QuerySet[Any]:
        """With the mall."""
        return super().rows().select_related("mall__region", "store")

    @verb(MallTicketOut, NewTicket, on="all", status=201)
    def create(self, row: None, data: dict[str, Any], by: Actor) -> MallTicket:
        """Tell a mall what is wrong."""
        mall = Mall.objects.filter(public_code=clean_public_code(data["mall"])).first()
        if mall is None:
            raise NotFound
        return complaints.open_mall_ticket(mall.pk, data["text"], store_id=data.get("store"), by=by)

    @verb(MallTicketOut, TicketResponse)
    def respond(self, row: MallTicket, data: dict[str, Any], by: Actor) -> MallTicket:
        """The mall's answer."""
        return complaints.respond_mall_ticket(row.pk, data["response"], by=by)

    @verb(MallTicketOut)
    def solve(self, row: MallTicket, data: dict[str, Any], by: Actor) -> MallTicket:
        """It is solved."""
        return complaints.solve_mall_ticket(row.pk, by=by)

    @verb(MallTicketOut, Reason)
    def reopen(self, row: MallTicket, data: dict[str, Any], by: Actor) -> MallTicket:
        """It is not solved."""
        return complaints.reopen_mall_ticket(row.pk, data["reason"], by=by)

    @verb(MallTicketOut)
    def complain(self, row: MallTicket, data: dict[str, Any], by: Actor) -> MallTicket:
        """On to the bureau."""
        return complaints.complain_of_ticket(row.pk, by=by)


class OdrEnrolmentOut(WithSteps):
    """One shop's enrolment, with the share kept in time: numerator and denominator."""

    id = serializers.IntegerField()
    merchant = MerchantBrief()
    status = serializers.ChoiceField(choices=OdrEnrolment.Status.choices)
    status_text = StatusText()
    proposed_on = serializers.DateField()
    complaints = serializers.IntegerField(help_text="统计期内投诉")
    days = serializers.IntegerField(help_text="统计期，0 为自愿申请")
    basis = serializers.CharField()
    reason = serializers.CharField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    due = serializers.IntegerField(help_text="到期的协商期限")
    on_time = serializers.IntegerField(help_text="其中按时办结")
    counted_on = serializers.DateField(allow_null=True)


class OdrEnrolmentFilter(ByMerchant):
    """By merchant and state."""

    status = django_filters.ChoiceFilter(choices=OdrEnrolment.Status.choices)


class OdrEnrolments(Listed):
    """ODR企业：proposed by the system, answered by the shop, confirmed by an officer."""

    model, shape = OdrEnrolment, OdrEnrolmentOut
    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class = OdrEnrolmentFilter

    def rows(self) -> QuerySet[Any]:
        """With the shop."""
        return super().rows().select_related("merchant__region")

    @verb(OdrEnrolmentOut)
    def enrol(self, row: OdrEnrolment, data: dict[str, Any], by: Actor) -> OdrEnrolment:
        """The shop takes part."""
        return complaints.enrol_in_odr(row.pk, by=by)

    @verb(OdrEnrolmentOut, Reason)
    def decline(self, row: OdrEnrolment, data: dict[str, Any], by: Actor) -> OdrEnrolment:
        """The shop does not."""
        return complaints.decline_odr(row.pk, data["reason"], by=by)

    @verb(OdrEnrolmentOut)
    def confirm(self, row: OdrEnrolment, data: dict[str, Any], by: Actor) -> OdrEnrolment:
        """It counts from now on."""
        return complaints.confirm_odr_enrolment(row.pk, by=by)

    @verb(OdrEnrolmentOut, Reason)
    def suspend(self, row: OdrEnrolment, data: dict[str, Any], by: Actor) -> OdrEnrolment:
        """No new complaints go to the shop first."""
        return complaints.suspend_odr_enrolment(row.pk, data["reason"], by=by)


class AgendaPackRow(Output):
    """One pack in a list."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=AgendaPack.Kind.choices)
    status = serializers.ChoiceField(choices=AgendaPack.Status.choices)
    status_text = StatusText()
    region = serializers.CharField(source="region_id")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    sha256 = serializers.CharField(help_text="内容的校验值")


class AgendaPackOut(AgendaPackRow):
    """With what it looks at and what was decided."""

    content = serializers.JSONField(help_text="生成时冻结：sections 里每张表的 title、heads、rows、keys")
    minutes = serializers.CharField()
    held_at = serializers.DateTimeField(allow_null=True)


class AgendaPackFilter(FilterSet):
    """By kind."""

    kind = django_filters.ChoiceFilter(choices=AgendaPack.Kind.choices)


class AgendaPacks(Listed):
    """调度会商：日看、日调度、周查、周会商、旬复盘、月结、月点评 as the jobs froze them."""

    model, shape, row = AgendaPack, AgendaPackOut, AgendaPackRow
    lookup_field, lookup_value_regex = "pk", NUMBER
    filterset_class = AgendaPackFilter


class MonthlyTopicOut(Output):
    """One topic with its figure before and after."""

    id = serializers.IntegerField()
    month = serializers.DateField()
    title = serializers.CharField()
    cause = serializers.CharField()
    status = serializers.ChoiceField(choices=MonthlyTopic.Status.choices)
    status_text = StatusText()
    region = serializers.CharField(source="region_id")
    target = serializers.IntegerField(help_text="目标降幅（%）")
    before_from = serializers.DateField(allow_null=True)
    after_from = serializers.DateField(allow_null=True)
    days = serializers.IntegerField(help_text="两个时期各多少天")
    before_count = serializers.IntegerField(allow_null=True)
    after_count = serializers.IntegerField(allow_null=True)


class MonthlyTopics(Listed):
    """每月一题：with the same count for both periods."""

    model, shape = MonthlyTopic, MonthlyTopicOut
    lookup_field, lookup_value_regex = "pk", NUMBER

    def rows(self) -> QuerySet[Any]:
        """With the trade."""
        return super().rows().select_related("industry", "region")
