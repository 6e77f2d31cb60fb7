"""Closing shops and run-offs over the API: declared, published, chosen, verified; proposed, signed, paid."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Code, Identity, Masked, OneOf, Text, YesNo
from core.api.permissions import SignedInToWrite
from core.api.resources import Listed, verb
from core.api.shapes import Input, Output, Reason, StatusText, WithSteps
from merchants.api.serializers import MerchantBrief
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.api.filters import ByMerchant
from prepaid.api.serializers import Named
from prepaid.closing_reports import progress, run_off_progress
from prepaid.models import ClosingNotice, Contract, HolderNotice, RunOff


class ClosingRow(Output):
    """A notice in a list."""

    code = serializers.CharField()
    merchant = MerchantBrief()
    store = Named(allow_null=True)
    status = serializers.ChoiceField(choices=ClosingNotice.Status.choices)
    status_text = StatusText()
    reason = serializers.ChoiceField(choices=ClosingNotice.Reason.choices)
    closes_on = serializers.DateField()
    published_at = serializers.DateTimeField(allow_null=True)
    short_days = serializers.IntegerField(help_text="比规定晚了几天公告，0 是及时")


class Sums(Output):
    """Figures only, no personal data."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.names:
            self.fields[name] = serializers.IntegerField(read_only=True)

    names: tuple[str, ...] = ()


class ClosingProgress(Sums):
    """How many were told, chose what and are settled."""

    names = (
        "holders", "people", "told", "sent", "read", "refunds", "silent", "transfers", "users", "open", "settled",
        "arrived_fen", "locked_fen",
    )  # fmt: skip


class ClosingOut(ClosingRow, WithSteps):
    """A notice in full, with how far it has come."""

    note = serializers.CharField()
    in_mall = serializers.BooleanField()
    successor = MerchantBrief(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    notice_days = serializers.IntegerField(help_text="须提前天数")
    notice_basis = serializers.CharField()
    remainder_fen = serializers.IntegerField(help_text="留待本人领取")
    remainder_note = serializers.CharField()
    progress = serializers.SerializerMethodField()

    @extend_schema_field(ClosingProgress)
    def get_progress(self, notice: ClosingNotice) -> Any:
        """The sums."""
        return ClosingProgress(progress(notice)).data


class HolderNoticeOut(Output):
    """What became of one card of a closing shop."""

    notice = serializers.CharField(source="notice.code")
    contract = serializers.CharField(source="contract.code")
    choice = serializers.CharField(help_text="REFUND、TRANSFER、USE_UP，空是还没选")
    by_default = serializers.BooleanField(help_text="到期没选，自动退款")
    chosen_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    refund = serializers.CharField(source="refund.code", default=None, allow_null=True)
    trouble = serializers.CharField(help_text="没办成的原因")


class NewClosing(Input):
    """What closes, when and why."""

    merchant = Code(help_text="商家公示编号")
    store = Identity(required=False, help_text="只关一家店时填")
    reason = OneOf(choices=ClosingNotice.DECLARED_REASONS)
    closes_on = serializers.DateField(help_text="最后营业的一天")
    note = Text(300, required=False, allow_blank=True)
    in_mall = YesNo(required=False)
    successor = Code(required=False, help_text="接手的店的公示编号")


class NewChoice(Input):
    """For which card, and what."""

    contract = Code(help_text="合同编号")
    choice = OneOf(choices=HolderNotice.Choice.choices)


class Remainder(Input):
    """Where the rest is kept; empty when nothing is left."""

    reason = Text(200, required=False, allow_blank=True, default="")


class NewRunOff(Input):
    """Whose people are gone, how it was found out, and since when nobody was served."""

    merchant = Code(help_text="商家公示编号")
    reason = Text(300)
    served_until = serializers.DateField()


class SignedPlan(Input):
    """The plan that was read, by its hash."""

    plan_hash = Text(64)


def choice_body(view: Any, pk: int) -> Any:
    """The holder's own row."""
    rows = HolderNotice.objects.visible_to(view.by).select_related("notice", "contract", "refund")
    return HolderNoticeOut(view.find(rows, pk=pk)).data


class Closings(Listed):
    """停业公告：public once published; who chose what is seen by nobody but the holder."""

    model, shape, row = ClosingNotice, ClosingOut, ClosingRow
    permission_classes = [SignedInToWrite]
    filterset_class = ByMerchant

    def rows(self) -> QuerySet[Any]:
        """With the shops."""
        return super().rows().select_related("merchant__region", "store", "successor__region")

    @verb(ClosingOut, NewClosing, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> ClosingNotice:
        """Declare; nothing is public yet."""
        merchant = self.find(Merchant.objects.visible_to(by), public_code=data.pop("merchant"))
        if "successor" in data:
            data["successor_id"] = self.find(Merchant.objects.public(), public_code=data.pop("successor")).pk
        if "store" in data:
            data["store_id"] = data.pop("store")
        return prepaid.declare_closing(merchant.pk, data.pop("reason"), data.pop("closes_on"), by=by, **data)

    @verb(ClosingOut)
    def publish(self, notice: ClosingNotice, data: dict[str, Any], by: Actor) -> ClosingNotice:
        """Make it public: sales stop at once, every holder is told."""
        return prepaid.publish_closing(notice.pk, by=by)

    @verb(ClosingOut)
    def withdraw(self, notice: ClosingNotice, data: dict[str, Any], by: Actor) -> ClosingNotice:
        """Drop it before it is public."""
        return prepaid.withdraw_closing(notice.pk, by=by)

    @verb(ClosingOut)
    def accept(self, notice: ClosingNotice, data: dict[str, Any], by: Actor) -> ClosingNotice:
        """The successor agrees to serve the cards by their old terms."""
        return prepaid.accept_succession(notice.pk, by=by)

    @verb(HolderNoticeOut, NewChoice, scope="money", read=choice_body)
    def choose(self, notice: ClosingNotice, data: dict[str, Any], by: Actor) -> HolderNotice:
        """The holder's word: refund at once, over to the successor, or use up."""
        contract = self.find(Contract.objects.visible_to(by), code=data["contract"])
        row = self.find(HolderNotice.objects.filter(notice=notice), contract=contract)
        return prepaid.choose_settlement(row.pk, data["choice"], by=by)

    @verb(ClosingOut, Remainder)
    def verify(self, notice: ClosingNotice, data: dict[str, Any], by: Actor) -> ClosingNotice:
        """The officer finds that nothing is owed any more, or that the rest is kept for its owners."""
        return prepaid.verify_closing(notice.pk, data["reason"], by=by)

    @verb(ClosingOut)
    def close(self, notice: ClosingNotice, data: dict[str, Any], by: Actor) -> ClosingNotice:
        """The end."""
        return prepaid.close_closing(notice.pk, by=by)


class RunOffProgress(Sums):
    """The sums of the plan, and how much of it was paid."""

    names = (
        "claims", "people", "entitled", "pays", "waits", "shortfall", "unlocked", "ordered", "ordered_fen", "arrived",
        "arrived_fen", "bounced", "troubles",
    )  # fmt: skip


class RunOffRow(Output):
    """A run-off in a list."""

    code = serializers.CharField()
    merchant = MerchantBrief()
    status = serializers.ChoiceField(choices=RunOff.Status.choices)
    status_text = StatusText()
    served_until = serializers.DateField()
    proposed_at = serializers.DateTimeField()


class RunOffOut(RunOffRow, WithSteps):
    """A run-off with its signatures and sums; amounts are fen."""

    reason = serializers.CharField()
    closing = serializers.CharField(source="closing.code", default=None, allow_null=True)
    proposed_by = Masked()
    approved_by = Masked(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    planned_by = Masked(allow_null=True)
    plan_hash = serializers.CharField(help_text="复核时要带上")
    plan_approved_by = Masked(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    progress = serializers.SerializerMethodField()

    @extend_schema_field(RunOffProgress)
    def get_progress(self, run_off: RunOff) -> Any:
        """The sums."""
        return RunOffProgress(run_off_progress(run_off)).data


class RunOffs(Listed):
    """失联清退：two officers freeze, two sign the plan, the money goes back."""

    model, shape, row = RunOff, RunOffOut, RunOffRow
    filterset_class = ByMerchant

    def rows(self) -> QuerySet[Any]:
        """With the people who signed."""
        people = ("proposed_by", "approved_by", "planned_by", "plan_approved_by")
        return super().rows().select_related("merchant__region", "closing", *people)

    @verb(RunOffOut, NewRunOff, scope="money", status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> RunOff:
        """Ask that a merchant whose people are gone is frozen and wound up."""
        merchant = self.find(Merchant.objects.visible_to(by), public_code=data["merchant"])
        return prepaid.propose_run_off(merchant.pk, data["reason"], data["served_until"], by=by)

    @verb(RunOffOut, scope="money")
    def approve(self, run_off: RunOff, data: dict[str, Any], by: Actor) -> RunOff:
        """The second officer signs the freeze."""
        return prepaid.approve_run_off(run_off.pk, by=by)

    @verb(RunOffOut, Reason, scope="money")
    def reject(self, run_off: RunOff, data: dict[str, Any], by: Actor) -> RunOff:
        """The second officer does not sign."""
        return prepaid.reject_run_off(run_off.pk, data["reason"], by=by)

    @verb(RunOffOut, scope="money")
    def plan(self, run_off: RunOff, data: dict[str, Any], by: Actor) -> RunOff:
        """Hand the counted claims in as the plan."""
        return prepaid.plan_run_off(run_off.pk, by=by)

    @verb(RunOffOut, SignedPlan, scope="money")
    def approve_plan(self, run_off: RunOff, data: dict[str, Any], by: Actor) -> RunOff:
        """The second officer signs the plan with this hash."""
        return prepaid.approve_run_off_plan(run_off.pk, data["plan_hash"], by=by)

    @verb(RunOffOut, Reason, scope="money")
    def reject_plan(self, run_off: RunOff, data: dict[str, Any], by: Actor) -> RunOff:
        """The second officer sends the plan back."""
        return prepaid.reject_run_off_plan(run_off.pk, data["reason"], by=by)
