"""What prepaid money looks like over the API. Amounts are fen, each followed by ``*_yuan``; people are masked."""

from __future__ import annotations

from rest_framework import serializers

from core.api.fields import Hex, Masked
from core.api.shapes import Output, StatusText, WithSteps
from merchants.api.serializers import MerchantBrief
from prepaid.models import (
    Contract,
    Freeze,
    Instalment,
    PaymentOrder,
    Payout,
    Plan,
    Refund,
    TransferKind,
    Visit,
)
from prepaid.models.plans import PaymentKind


class Named(Output):
    """A row of another kind: its id and what it is called."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class PlanOut(WithSteps):
    """A plan with its terms."""

    id = serializers.IntegerField()
    merchant = MerchantBrief()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Plan.Kind.choices)
    kind_text = serializers.CharField(source="get_kind_display")
    status = serializers.ChoiceField(choices=Plan.Status.choices)
    status_text = StatusText()
    price_fen = serializers.IntegerField(help_text="实付")
    bonus_fen = serializers.IntegerField(help_text="赠送")
    times_paid = serializers.IntegerField()
    times_bonus = serializers.IntegerField()
    list_price_fen = serializers.IntegerField(allow_null=True, help_text="单次原价")
    periods = serializers.IntegerField()
    every = serializers.ChoiceField(choices=Plan.Every.choices)
    starts = serializers.ChoiceField(choices=Plan.Starts.choices)
    pause_days_max = serializers.IntegerField()
    description = serializers.CharField()
    refund_terms = serializers.CharField()
    payment_kind = serializers.ChoiceField(choices=PaymentKind.choices, help_text="只有预付款锁定")
    clauses = serializers.DictField(child=serializers.CharField())
    extra_terms = serializers.CharField()
    no_show_times = serializers.IntegerField(help_text="爽约最多计几次")
    no_show_hours = serializers.IntegerField(help_text="提前几小时取消不算爽约")
    interest_ppm = serializers.IntegerField(allow_null=True, help_text="约定的退款年利率，百万分之")


class PriceOut(Output):
    """One line of a price list."""

    id = serializers.IntegerField()
    merchant = MerchantBrief()
    name = serializers.CharField()
    price_fen = serializers.IntegerField()


class LotOut(Output):
    """One payment into a contract."""

    no = serializers.IntegerField()
    paid_on = serializers.DateField()
    cooling_off_until = serializers.DateField(help_text="冷静期最后一天")
    paid_fen = serializers.IntegerField()
    bonus_fen = serializers.IntegerField()
    released_fen = serializers.IntegerField()
    refunded_fen = serializers.IntegerField()
    face_left_fen = serializers.IntegerField(help_text="还能消费的面值，含赠送")
    times_paid = serializers.IntegerField()
    times_bonus = serializers.IntegerField()
    times_left = serializers.IntegerField()


class ContractRow(Output):
    """A contract in a list, with where its money is."""

    code = serializers.CharField()
    status = serializers.ChoiceField(choices=Contract.Status.choices)
    status_text = StatusText()
    kind = serializers.ChoiceField(choices=Plan.Kind.choices)
    merchant = MerchantBrief()
    store = Named()
    plan = Named()
    holder = Masked()
    paid_fen = serializers.IntegerField(help_text="共付")
    locked_fen = serializers.IntegerField(help_text="锁定，含待确认和冻结")
    held_fen = serializers.IntegerField(help_text="待确认或有争议")
    available_fen = serializers.IntegerField(help_text="锁定减去待确认")
    released_fen = serializers.IntegerField(help_text="已付商家")
    refunded_fen = serializers.IntegerField(help_text="已退")
    is_frozen = serializers.BooleanField()
    offered_at = serializers.DateTimeField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)


class ContractOut(ContractRow, WithSteps):
    """A contract in full."""

    payment_kind = serializers.ChoiceField(choices=Contract.PaymentKind.choices)
    payer = Masked()
    sold_by = Masked(allow_null=True)
    lost_at = serializers.DateTimeField(allow_null=True, help_text="挂失时间")
    users = serializers.SerializerMethodField(help_text="其他使用人")
    auto_release = serializers.BooleanField(help_text="期限卡是否按期自动付给商家")
    signed_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    terms = serializers.DictField(help_text="签约时的条款，之后不再变")
    terms_hash = serializers.CharField()
    rule_pack = serializers.CharField()
    lots = LotOut(many=True)

    def get_users(self, contract: Contract) -> list[str]:
        """Masked."""
        return [str(row.user) for row in contract.users.select_related("user")]


class MovementOut(Output):
    """One movement of the ledger on this card: positive into it, negative out of it."""

    id = serializers.IntegerField()
    posted_at = serializers.DateTimeField()
    biz_date = serializers.DateField()
    kind = serializers.ChoiceField(choices=TransferKind.choices)
    kind_text = serializers.CharField(source="get_kind_display")
    amount_fen = serializers.IntegerField(source="signed_fen")
    balance_fen = serializers.IntegerField(source="card_balance_fen", allow_null=True, help_text="之后的锁定余额")
    ref_type = serializers.CharField(source="get_ref_type_display")
    ref_id = serializers.IntegerField()
    reverses = serializers.IntegerField(source="reverses_id", allow_null=True)
    hash = Hex()


class InstalmentOut(Output):
    """One period of a term card."""

    no = serializers.IntegerField()
    due_on = serializers.DateField()
    amount_fen = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Instalment.State.choices)
    state_text = serializers.CharField(source="get_state_display")


class LineOut(Output):
    """One step of a refund's sum, with its article of law."""

    lot = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    formula = serializers.CharField()
    article = serializers.CharField()
    amount_fen = serializers.IntegerField()
    open_point = serializers.CharField(help_text="法律没有写明之处")


class QuoteOut(Output):
    """What a refund would give back today; nothing is written."""

    cause = serializers.ChoiceField(choices=Refund.Cause.choices)
    on = serializers.DateField()
    total_fen = serializers.IntegerField(help_text="按法律应退")
    payable_fen = serializers.IntegerField(help_text="其中可从锁定资金退")
    lines = LineOut(many=True)


class ShownCodeOut(Output):
    """Eight digits to show at the counter."""

    code = serializers.CharField()
    expires_at = serializers.DateTimeField()


class PaymentOut(Output):
    """An order at the custodian."""

    order_no = serializers.CharField()
    contract = serializers.CharField(source="contract.code")
    status = serializers.ChoiceField(choices=PaymentOrder.Status.choices)
    status_text = StatusText()
    amount_fen = serializers.IntegerField()
    bonus_fen = serializers.IntegerField()
    pay_url = serializers.CharField(help_text="付款人在存管银行付款的地址")
    created_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)


class VisitRow(Output):
    """A visit in a list."""

    code = serializers.CharField()
    contract = serializers.CharField(source="contract.code")
    merchant = MerchantBrief()
    store = Named()
    status = serializers.ChoiceField(choices=Visit.Status.choices)
    status_text = StatusText()
    started_by = serializers.ChoiceField(choices=Visit.StartedBy.choices)
    item = serializers.CharField()
    face_fen = serializers.IntegerField(help_text="面值")
    times = serializers.IntegerField()
    hold_fen = serializers.IntegerField(help_text="暂留")
    amount_fen = serializers.IntegerField(help_text="付给商家")
    corrected_fen = serializers.IntegerField(help_text="已冲回")
    requested_at = serializers.DateTimeField()
    confirm_due_on = serializers.DateField(help_text="这天过后不回应就算确认")
    settled_on = serializers.DateField(allow_null=True)
    pay_expected_on = serializers.DateField(allow_null=True)


class VisitOut(VisitRow, WithSteps):
    """A visit in full."""

    confirm_clock = serializers.CharField(help_text="期限怎么算的")
    reason = serializers.CharField()
    staff = Masked(allow_null=True)
    transfer = serializers.IntegerField(source="transfer_id", allow_null=True, help_text="流水号")


class PayoutOut(Output):
    """One try to pay a refund out."""

    payout_no = serializers.CharField()
    status = serializers.ChoiceField(choices=Payout.Status.choices)
    status_text = StatusText()
    amount_fen = serializers.IntegerField()
    to_origin = serializers.BooleanField(help_text="是否退回原付款账户")
    account_tail = serializers.SerializerMethodField()
    failure = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_account_tail(self, payout: Payout) -> str:
        """The last four digits."""
        return str(payout.account)[-4:]


class RefundRow(Output):
    """A refund in a list."""

    code = serializers.CharField()
    contract = serializers.CharField(source="contract.code")
    merchant = MerchantBrief()
    status = serializers.ChoiceField(choices=Refund.Status.choices)
    status_text = StatusText()
    cause = serializers.ChoiceField(choices=Refund.Cause.choices)
    total_fen = serializers.IntegerField(help_text="按法律应退")
    amount_fen = serializers.IntegerField(help_text="从锁定资金退")
    requested_on = serializers.DateField()
    answer_due_on = serializers.DateField()
    pay_due_on = serializers.DateField()
    paid_on = serializers.DateField(allow_null=True)


class RefundOut(RefundRow, WithSteps):
    """A refund in full, with its sum line by line and where the money is."""

    reason = serializers.CharField()
    clock = serializers.CharField(help_text="期限怎么算的")
    answered_on = serializers.DateField(allow_null=True)
    answer = serializers.CharField()
    part_of = serializers.CharField(
        source="part_of.code", default=None, allow_null=True, help_text="属于哪笔退款：无争议的部分，或消费了结后的补退"
    )
    lines = LineOut(many=True)
    payouts = PayoutOut(many=True)
    shortfall_fen = serializers.IntegerField(
        source="shortfall.amount_fen", default=None, allow_null=True, help_text="商家另欠"
    )


class FreezeOut(WithSteps):
    """A freeze and its two signatures."""

    id = serializers.IntegerField()
    merchant = MerchantBrief()
    contract = serializers.CharField(source="contract.code", default=None, allow_null=True)
    status = serializers.ChoiceField(choices=Freeze.Status.choices)
    status_text = StatusText()
    reason = serializers.CharField()
    locked_fen = serializers.IntegerField(help_text="提出时锁定的金额")
    proposed_by = Masked()
    proposed_at = serializers.DateTimeField()
    approved_by = Masked(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    lift_reason = serializers.CharField()
    lift_proposed_by = Masked(allow_null=True)
    lift_approved_by = Masked(allow_null=True)
    lifted_at = serializers.DateTimeField(allow_null=True)
