"""What may be sent in about prepaid money: every field, its type and its limit."""

from __future__ import annotations

from rest_framework import serializers

from core.api.fields import Code, Fen, Identity, OneOf, Phone, Text, Whole, YesNo
from core.api.shapes import Input
from prepaid.models import Pause, Plan, Refund
from prepaid.models.plans import PaymentKind

MAX_USERS = 10


class ChangePlan(Input):
    """What changes of a plan that is not on sale."""

    name = Text(40, required=False)
    kind = OneOf(choices=Plan.Kind.choices, required=False)
    price_fen = Fen(required=False)
    bonus_fen = Fen(min_value=0, required=False)
    times_paid = Whole(required=False)
    times_bonus = Whole(required=False)
    list_price_fen = Fen(required=False, allow_null=True)
    periods = Whole(required=False, max_value=600)
    every = OneOf(choices=Plan.Every.choices, required=False)
    starts = OneOf(choices=Plan.Starts.choices, required=False)
    pause_days_max = Whole(required=False, max_value=3650)
    description = Text(500, required=False)
    refund_terms = Text(500, required=False)
    payment_kind = OneOf(choices=PaymentKind.choices, required=False)
    clauses = serializers.DictField(
        child=Text(500, allow_blank=True),
        required=False,
        help_text="合同其他必备条款：quality、scope 等，不填用模板",
    )
    extra_terms = Text(1000, required=False, allow_blank=True)
    no_show_times = Whole(required=False, max_value=100)
    no_show_hours = Whole(required=False, max_value=168)
    interest_ppm = Whole(
        required=False, allow_null=True, max_value=360_000, help_text="约定的退款年利率，百万分之；不约定按法律"
    )


class NewPlan(ChangePlan):
    """A plan to be drafted."""

    merchant = Code(help_text="商家公示编号")
    name = Text(40)
    kind = OneOf(choices=Plan.Kind.choices)
    price_fen = Fen()
    description = Text(500)
    refund_terms = Text(500)


class Price(Input):
    """A line of the price list; the same name again changes its price."""

    merchant = Code(help_text="商家公示编号")
    name = Text(30)
    price_fen = Fen()


class Offer(Input):
    """For whom a contract is drawn up."""

    plan = Identity()
    store = Identity()
    phone = Phone(help_text="持卡人手机号")
    name = Text(40, required=False, allow_blank=True)
    payer_phone = Phone(required=False, allow_blank=True, help_text="别人代付时填")
    user_phones = serializers.ListField(child=Phone(), required=False, max_length=MAX_USERS)


class Signature(Input):
    """Agreement to exactly the terms that were read."""

    terms_hash = Text(64, help_text="合同详情里的 terms_hash")


class TopUp(Input):
    """By which plan a card is topped up."""

    plan = Identity()


class NewUser(Input):
    """Who else may use the card."""

    phone = Phone()


class Rest(Input):
    """Why the card rests."""

    reason = OneOf(choices=Pause.ASKED)


class Use(Input):
    """What was done and what it costs: ``face_fen`` for stored value, ``times`` for count cards, else neither."""

    store = Identity()
    item = Text(30)
    face_fen = Fen(min_value=0, required=False)
    times = Whole(required=False)


class NewVisit(Use):
    """A visit on a contract."""

    contract = Code(help_text="合同编号")


class ShownVisit(Use):
    """A visit confirmed by the code the customer shows."""

    merchant = Code(help_text="商家公示编号")
    code = Text(8, min_length=8, help_text="顾客出示的八位付款码")


class Dispute(Input):
    """What is wrong with a visit."""

    reason = Text(300, required=False, allow_blank=True, default="")


class Correction(Input):
    """How much of a confirmed visit is given back, and why."""

    reason = Text(300)
    face_fen = Fen(min_value=0, required=False)
    times = Whole(required=False)


class NewRefund(Input):
    """Why the money is asked back."""

    contract = Code(help_text="合同编号")
    cause = OneOf(choices=Refund.Cause.choices)
    reason = Text(300, required=False, allow_blank=True)


class Refusal(Input):
    """Why the merchant does not agree, and what it thinks is due: that part is paid at once."""

    answer = Text(300)
    undisputed_fen = Fen(min_value=0, required=False, help_text="没有争议、马上先退的部分")


class Agreement(Input):
    """What the merchant adds for gifts not had yet (法释〔2025〕4号第21条)."""

    gift_fen = Fen(min_value=0, required=False, help_text="因赠品酌情多退")
    gift_reason = Text(200, required=False, allow_blank=True)


class Order(Input):
    """Why an officer orders the refund, and what is added for gifts."""

    reason = Text(300, help_text="写给对方和监管人员看的理由")
    gift_fen = Fen(min_value=0, required=False, help_text="因赠品酌情多退")


class Account(Input):
    """Another account of the same person."""

    account = Text(40)
    payee = Text(40)
    own_name = YesNo(required=False, help_text="平台还不知道您的姓名时填 true：payee 是您本人的姓名")


class NewFreeze(Input):
    """Whose money is to be frozen, or which contract's, and why."""

    merchant = Code(help_text="商家公示编号")
    contract = Code(required=False, help_text="只冻结一份合同时填")
    reason = Text(300)
