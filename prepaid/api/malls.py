"""Malls, their measures and locked doors over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Code, Identity, OneOf, Phone, Text
from core.api.resources import NUMBER, Listed, verb
from core.api.shapes import Input, Output, Reason, StatusText, WithSteps
from core.calendar import business_date
from core.models import Membership
from merchants import actions as merchants
from merchants.api.serializers import MerchantBrief
from merchants.models import Mall, MallMeasureCheck, Merchant, Store
from prepaid import actions as prepaid
from prepaid.api.closings import ClosingOut
from prepaid.api.serializers import Named
from prepaid.mall_reports import tenants_of
from prepaid.models import ClosingNotice, LockOutReport, RunOff


class MallRow(Output):
    """A mall in a list."""

    public_code = serializers.CharField()
    name = serializers.CharField()
    region = serializers.CharField(source="region_id")
    address = serializers.CharField()
    company = serializers.CharField(help_text="运营公司")


class TenantOut(Output):
    """One store of a mall; an unconfirmed one shows no figures."""

    store = Named()
    merchant = MerchantBrief(source="store.merchant")
    tenant_since = serializers.DateField(source="store.tenant_since", allow_null=True, help_text="商场确认日")
    cards = serializers.IntegerField()
    locked_fen = serializers.IntegerField()
    lease_end = serializers.DateField(source="store.lease_end", allow_null=True)
    notice_by = serializers.DateField(allow_null=True, help_text="最迟公告撤店的日子")
    closing = serializers.CharField(source="notice.code", default=None, allow_null=True)


class MallOut(MallRow):
    """A mall with its tenants."""

    operator = MerchantBrief(allow_null=True, help_text="发商场卡的商家")
    tenants = serializers.SerializerMethodField()

    @extend_schema_field(TenantOut(many=True))
    def get_tenants(self, mall: Mall) -> Any:
        """Those with the nearest lease end first."""
        return TenantOut(tenants_of(mall, business_date()), many=True).data


class MeasureRow(Output):
    """One of the ten measures in a list; 示例口径."""

    id = serializers.IntegerField()
    mall = serializers.CharField(source="mall.public_code")
    code = serializers.CharField()
    title = serializers.CharField()
    wanted = serializers.CharField(help_text="要什么证据")
    batch = serializers.IntegerField()
    status = serializers.ChoiceField(choices=MallMeasureCheck.Status.choices)
    status_text = StatusText()
    evidence = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    finding = serializers.CharField()
    valid_to = serializers.DateField(allow_null=True)


class MeasureOut(MeasureRow, WithSteps):
    """A measure with what may be done."""


class LockOutRow(Output):
    """A report of a locked door in a list."""

    code = serializers.CharField()
    merchant = MerchantBrief()
    store = Named()
    by_mall = serializers.CharField(source="mall.public_code", default=None, allow_null=True)
    status = serializers.ChoiceField(choices=LockOutReport.Status.choices)
    status_text = StatusText()
    seen_on = serializers.DateField()
    reported_on = serializers.DateField()
    text = serializers.CharField()
    finding = serializers.CharField()
    run_off = serializers.CharField(source="run_off.code", default=None, allow_null=True)


class LockOutOut(LockOutRow, WithSteps):
    """A report with what may be done."""


class NewMall(Input):
    """A mall and who runs it."""

    name = Text(60)
    region = Text(12, help_text="街道代码")
    address = Text(200)
    operator = Code(required=False, help_text="运营商家的公示编号")
    company_name = Text(100, required=False)
    company_uscc = Text(18, required=False)


class WhichStore(Input):
    """A store that says it is in the mall."""

    store = Identity()


class NewManager(Input):
    """Who manages the mall."""

    phone = Phone()
    name = Text(40)


class TenantClosing(WhichStore):
    """Which tenant leaves, when and why."""

    reason = OneOf(choices=ClosingNotice.DECLARED_REASONS)
    closes_on = serializers.DateField(help_text="最后营业的一天")
    note = Text(300, required=False, allow_blank=True)


class Evidence(Input):
    """What was done."""

    evidence = Text(500)


class NewLockOut(WhichStore):
    """Which store is locked, since when."""

    seen_on = serializers.DateField(required=False)
    text = Text(300, required=False, allow_blank=True, default="")


class Absconded(Reason):
    """How it was found out, and since when nobody was served."""

    served_until = serializers.DateField()


def mall_of_store(view: Any, pk: int) -> Any:
    """The mall after one of its stores changed."""
    return view.shape(view.get_object(), context=view.get_serializer_context()).data


def closing_body(view: Any, pk: int) -> Any:
    """The notice, freshly read."""
    rows = ClosingNotice.objects.visible_to(view.by).select_related("merchant__region", "store", "successor__region")
    return ClosingOut(view.find(rows, pk=pk), context=view.get_serializer_context()).data


class Malls(Listed):
    """商场：for its managers and the officers of the region."""

    model, shape, row = Mall, MallOut, MallRow
    lookup_field = "public_code"

    def rows(self) -> QuerySet[Any]:
        """With operator and place."""
        return super().rows().select_related("region", "operator__region")

    @verb(MallOut, NewMall, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> Mall:
        """Put a mall on record with its ten measures."""
        if "operator" in data:
            data["operator_id"] = self.find(Merchant.objects.public(), public_code=data.pop("operator")).pk
        return merchants.register_mall(data | {"region_id": data.pop("region")}, by=by)

    @verb(MallOut, NewManager, read=mall_of_store)
    def appoint(self, mall: Mall, data: dict[str, Any], by: Actor) -> Membership:
        """Let somebody manage it."""
        return merchants.appoint_mall_manager(mall.pk, data["phone"], data["name"], by=by)

    @verb(MallOut, WhichStore, read=mall_of_store)
    def confirm_tenant(self, mall: Mall, data: dict[str, Any], by: Actor) -> Store:
        """The store is a tenant: it takes the mall's cards."""
        return merchants.confirm_tenant(self.find(mall.stores.all(), pk=data["store"]).pk, by=by)

    @verb(MallOut, WhichStore, read=mall_of_store)
    def disown_tenant(self, mall: Mall, data: dict[str, Any], by: Actor) -> Store:
        """The store is no tenant, or no longer."""
        return merchants.disown_tenant(self.find(mall.stores.all(), pk=data["store"]).pk, by=by)

    @verb(ClosingOut, TenantClosing, status=201, read=closing_body)
    def declare_closing(self, mall: Mall, data: dict[str, Any], by: Actor) -> ClosingNotice:
        """A tenant leaves; public once published (`/closings/{code}/publish`)."""
        store = self.find(mall.stores.all(), pk=data.pop("store"))
        return prepaid.declare_for_tenant(store.pk, data.pop("reason"), data.pop("closes_on"), by=by, **data)


class MallMeasures(Listed):
    """商圈十条举措：evidence by the mall, checks by officers."""

    model, shape, row = MallMeasureCheck, MeasureOut, MeasureRow
    lookup_field = "pk"
    lookup_value_regex = NUMBER

    def rows(self) -> QuerySet[Any]:
        """With the mall."""
        return super().rows().select_related("mall__region")

    @verb(MeasureOut, Evidence)
    def submit(self, row: MallMeasureCheck, data: dict[str, Any], by: Actor) -> MallMeasureCheck:
        """Hand the evidence in."""
        return merchants.submit_measure(row.pk, data["evidence"], by=by)

    @verb(MeasureOut)
    def meet(self, row: MallMeasureCheck, data: dict[str, Any], by: Actor) -> MallMeasureCheck:
        """The evidence does."""
        return merchants.meet_measure(row.pk, by=by)

    @verb(MeasureOut, Reason)
    def send_back(self, row: MallMeasureCheck, data: dict[str, Any], by: Actor) -> MallMeasureCheck:
        """It does not, and why."""
        return merchants.send_back_measure(row.pk, data["reason"], by=by)

    @verb(MeasureOut, Reason)
    def lapse(self, row: MallMeasureCheck, data: dict[str, Any], by: Actor) -> MallMeasureCheck:
        """It is no longer so."""
        return merchants.lapse_measure(row.pk, data["reason"], by=by)


class LockOuts(Listed):
    """锁门报告：one's own, one's mall's, and those of the officer's regions."""

    model, shape, row = LockOutReport, LockOutOut, LockOutRow

    def rows(self) -> QuerySet[Any]:
        """With shop, store and mall."""
        return super().rows().select_related("merchant__region", "store", "mall", "run_off")

    @verb(LockOutOut, NewLockOut, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> LockOutReport:
        """Tell that a store is locked; for its mall and holders of cards it takes."""
        return prepaid.report_lock_out(data["store"], data["text"], seen_on=data.get("seen_on"), by=by)

    @verb(LockOutOut, Absconded, scope="money", read=lambda self, pk: self.body_of(self.get_object().pk))
    def open_run_off(self, row: LockOutReport, data: dict[str, Any], by: Actor) -> RunOff:
        """Propose the emergency from it; a second officer signs (`/run-offs/{code}/approve`)."""
        return prepaid.open_run_off(row.pk, data["reason"], data["served_until"], by=by)

    @verb(LockOutOut, Reason)
    def dismiss(self, row: LockOutReport, data: dict[str, Any], by: Actor) -> LockOutReport:
        """The store was found open."""
        return prepaid.dismiss_lock_out(row.pk, data["reason"], by=by)
