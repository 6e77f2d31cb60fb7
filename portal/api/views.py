"""The district's figures, reference data, the audit trail and the machinery."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from core import actions as core
from core.actors import Actor
from core.api.permissions import Keeper, Regulator
from core.api.resources import Listed, Public, Resource, verb
from core.errors import Invalid
from core.identifiers import clean_public_code
from core.models import AuditEvent, Industry, JobRun, OutboxEvent, Region
from merchants.models import Merchant
from portal import reports
from portal.api import filters
from portal.api import serializers as shapes
from prepaid.models import Contract, Freeze, Plan, Refund, Visit

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# What an audit trail can be asked of, and by which public name.
AUDITED: dict[str, tuple[Any, str]] = {
    "merchant": (Merchant, "public_code"),
    "contract": (Contract, "code"),
    "visit": (Visit, "code"),
    "refund": (Refund, "code"),
    "freeze": (Freeze, "pk"),
    "plan": (Plan, "pk"),
}


class Overview(Public):
    """总览：the figures of the home page."""

    model, shape = Region, shapes.OverviewOut

    @extend_schema(responses=shapes.OverviewOut)
    def retrieve(self, request: Request) -> Response:
        """Every fen locked, every merchant on public view, this month's refunds."""
        return Response(shapes.OverviewOut(reports.overview()).data)


class Regions(ListModelMixin, Public):
    """行政区划."""

    model, shape = Region, shapes.RegionOut
    filterset_class = filters.RegionFilter
    paged_by = ("code",)

    def rows(self) -> QuerySet[Any]:
        """All of them."""
        return Region.objects.all()


class Industries(ListModelMixin, Public):
    """行业."""

    model, shape = Industry, shapes.IndustryOut
    paged_by = ("code",)

    def rows(self) -> QuerySet[Any]:
        """All of them."""
        return Industry.objects.all()


class AuditTrail(ListModelMixin, Resource):
    """操作记录：who did what to an object, newest first."""

    permission_classes = [Regulator]
    model, shape = AuditEvent, shapes.AuditOut

    def rows(self) -> QuerySet[Any]:
        """The lines of the object that was asked for, if the caller may open it. Raises Invalid, NotFound."""
        kind, _, name = self.request.query_params.get("object", "").partition(":")
        if kind not in AUDITED:
            raise Invalid(fields={"object": f"写成 类型:编号，类型有 {'、'.join(AUDITED)}"})
        model, field = AUDITED[kind]
        if field == "pk" and not (name.isascii() and name.isdigit() and len(name) <= 18):
            raise Invalid(fields={"object": "编号要填数字"})
        wanted = name if field == "pk" else clean_public_code(name)
        obj = self.find(model.objects.visible_to(self.by), **{field: wanted})
        return AuditEvent.objects.filter(object_type=model._meta.label, object_id=str(obj.pk))

    @extend_schema(parameters=[OpenApiParameter("object", str, required=True, description="例如 contract:合同编号")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The trail of one object."""
        return super().list(request, *args, **kwargs)


class Jobs(ListModelMixin, Resource):
    """每日任务."""

    permission_classes = [Keeper]
    model, shape = JobRun, shapes.JobOut
    filterset_class = filters.JobFilter

    def rows(self) -> QuerySet[Any]:
        """Every run."""
        return JobRun.objects.all()


class Outbox(Listed):
    """发件箱：what was promised and whether it was done."""

    permission_classes = [Keeper]
    model, shape = OutboxEvent, shapes.OutboxOut
    lookup_field, lookup_value_regex = "pk", UUID
    filterset_class = filters.OutboxFilter
    paged_by = ("-created_at", "-id")

    def rows(self) -> QuerySet[Any]:
        """Every promise."""
        return OutboxEvent.objects.all()

    @verb(shapes.OutboxOut)
    def replay(self, event: OutboxEvent, data: dict[str, Any], by: Actor) -> OutboxEvent:
        """Try a dead one again from the start."""
        return core.replay_outbox_event(str(event.pk), by=by)
