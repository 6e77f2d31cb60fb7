"""Coming-ins over the API: from official channels (12315, 12345) and from people themselves."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from complaints import actions as complaints
from complaints.actions import Kind, NewIntake, Party
from complaints.models import Cause, Channel, Intake, Receipt
from core.actors import Actor
from core.api.fields import Code, Fen, Identity, OneOf, Phone, Text, YesNo
from core.api.resources import Listed, verb
from core.api.shapes import Input, Output, StatusText
from core.errors import Invalid, NotFound
from merchants.models import Merchant
from prepaid.models import Contract

OF_SOURCES = ("source_no", "received_at", "reply_due_at")


class NewIntakeIn(Input):
    """One coming-in. ``kinds`` with both COMPLAINT and REPORT is split into two (第9条)."""

    channel = OneOf(choices=Channel.choices, default=Channel.API, help_text="官方渠道填自己的来源；个人不填")
    kinds = serializers.ListField(
        child=OneOf(choices=[one.value for one in Kind]), min_length=1, max_length=4,
        help_text="COMPLAINT 投诉、REPORT 举报、QUESTION 咨询、PETITION 信访",
    )  # fmt: skip
    text = Text(3900, help_text="经过：什么时候、发生了什么")
    claim = Text(500, required=False, help_text="投诉请求，个人投诉必填")
    claim_fen = Fen(required=False, help_text="涉及金额")
    report_text = Text(3900, required=False, help_text="举报部分，不填用 text")
    happened_on = serializers.DateField(required=False)
    happened_at = Text(200, required=False, help_text="违法行为发生地")
    cause = OneOf(choices=Cause.choices, default=Cause.OTHER)
    name = Text(40, required=False, help_text="姓名；投诉必填")
    phone = Phone(required=False, help_text="个人提交的用登录的号码，不看这里")
    address = Text(200, required=False, help_text="联系地址，个人投诉必填")
    anonymous = YesNo(required=False, help_text="匿名举报，只限官方渠道转来的")
    wants_result = YesNo(required=False, help_text="举报人要求告知结果")
    contract = Code(required=False, help_text="本人的预付合同")
    merchant = Code(required=False, help_text="商家公示编号")
    store = Identity(required=False, help_text="门店")
    respondent_name = Text(100, required=False, help_text="平台上没有的商家：名称")
    respondent_address = Text(200, required=False)
    region = Text(12, required=False, help_text="行政区划代码：没有商家或门店时必填；官方渠道写收到的地区")
    wants_odr = YesNo(required=False, help_text="愿意先和商家协商")
    source_no = Text(64, required=False, help_text="来源系统的编号：同一编号只登记一次")
    received_at = serializers.DateTimeField(required=False, help_text="来源收到的时间，带时区")
    reply_due_at = serializers.DateTimeField(required=False, help_text="来源要求答复的时间")


class IntakePartOut(Output):
    """What a coming-in became."""

    kind = serializers.SerializerMethodField(help_text="COMPLAINT、REPORT 或 CONSULTATION")
    code = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    reply_due_at = serializers.DateTimeField(allow_null=True)
    replied_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field({"type": "string", "enum": ["COMPLAINT", "REPORT", "CONSULTATION"]})
    def get_kind(self, row: Receipt) -> str:
        """Which of the three."""
        return "COMPLAINT" if row.complaint_id else "REPORT" if row.report_id else "CONSULTATION"

    def get_code(self, row: Receipt) -> str:
        """The code to ask by."""
        return row.matter.code

    def get_status(self, row: Receipt) -> str:
        """Its state."""
        matter = row.complaint or row.report or row.consultation
        return str(matter.status) if matter else ""


class IntakeOut(Output):
    """A coming-in and its parts."""

    code = serializers.CharField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    source_no = serializers.CharField()
    status = serializers.ChoiceField(choices=Intake.Status.choices)
    status_text = StatusText()
    received_at = serializers.DateTimeField()
    region = serializers.CharField(source="region_id")
    parts = IntakePartOut(many=True, source="receipts")


class Intakes(Listed):
    """来件：what the caller has filed or entered, and what became of it."""

    model, shape = Intake, IntakeOut

    def rows(self) -> QuerySet[Any]:
        """Only one's own: whose complaint goes with which report is told to nobody else."""
        assert self.by.user is not None
        parts = Receipt.objects.select_related("complaint", "report", "consultation")
        return Intake.objects.filed_by(self.by.user).prefetch_related(Prefetch("receipts", parts))

    @verb(IntakeOut, NewIntakeIn, scope="intake", status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> Intake:
        """Take a coming-in: split it, start its clocks, send the code to the person."""
        if data["channel"] == Channel.WEB or (data["channel"] == Channel.API and data.get("anonymous")):
            # A call keeps its caller: who wants to stay unknown files by the page.
            raise Invalid(fields={"channel": "个人用接口提交不填来源，也不能匿名；匿名举报请用网页"})
        if data["channel"] == Channel.API and (told := [name for name in OF_SOURCES if data.get(name)]):
            # A number leads to the coming-in that has it, and a date to the law of that day: neither is a person's.
            raise Invalid(fields=dict.fromkeys(told, "只有官方渠道转来的才填"))
        return complaints.file_intake(_new_intake(data, by), by=by)


def _new_intake(data: dict[str, Any], by: Actor) -> NewIntake:
    """The body as the action takes it; shops and cards by their codes. Raises NotFound."""
    party = Party(name=data.pop("name", ""), phone=data.pop("phone", ""), address=data.pop("address", ""))
    contract, merchant = data.pop("contract", ""), data.pop("merchant", "")
    found: dict[str, Any] = {}
    if contract:
        own = Contract.objects.visible_to(by).filter(code=contract)
        found["contract_id"] = own.values_list("pk", flat=True).first()
    if merchant:
        found["merchant_id"] = (
            Merchant.objects.public().filter(public_code=merchant).values_list("pk", flat=True).first()
        )
    if None in found.values():
        raise NotFound
    kinds = frozenset(Kind(one) for one in data.pop("kinds"))
    return NewIntake(
        kinds=kinds, party=party, store_id=data.pop("store", None), region_code=data.pop("region", ""), **found, **data
    )
