"""Shapes of the district's figures, reference data and the machinery."""

from __future__ import annotations

from rest_framework import serializers

from core.api.fields import Hex
from core.api.shapes import Output
from core.models import JobRun, OutboxEvent


class OverviewOut(Output):
    """The district's figures, straight from the ledger."""

    as_of = serializers.DateField()
    locked_fen = serializers.IntegerField(help_text="现在锁定的全部预付款")
    merchants = serializers.IntegerField(help_text="公示的商家数")
    refunds_this_month = serializers.IntegerField()
    refunded_this_month_fen = serializers.IntegerField()


class RegionOut(Output):
    """One administrative division."""

    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.IntegerField(help_text="1 省 2 市 3 区县 4 街道")
    is_demo = serializers.BooleanField(help_text="演示用的虚构地区")


class IndustryOut(Output):
    """One trade."""

    code = serializers.IntegerField()
    name = serializers.CharField()
    prepaid_common = serializers.BooleanField(help_text="是否常见预付")


class AuditOut(Output):
    """One line of the audit trail of an object."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    verb = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.CharField()
    seq = serializers.IntegerField()
    actor_kind = serializers.IntegerField(help_text="1 人 2 接口客户端 3 系统 4 存管银行")
    actor_id = serializers.IntegerField(allow_null=True)
    acting_role = serializers.CharField()
    request_id = serializers.CharField()
    facts = serializers.DictField()
    hash = Hex()


class JobOut(Output):
    """One shard of one daily job of one business date."""

    id = serializers.IntegerField()
    job = serializers.CharField()
    business_date = serializers.DateField()
    shard = serializers.IntegerField()
    state = serializers.ChoiceField(choices=JobRun.State.choices)
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    result = serializers.DictField()
    error = serializers.CharField()


class OutboxOut(Output):
    """One effect that was promised."""

    id = serializers.UUIDField()
    topic = serializers.CharField()
    key = serializers.CharField()
    state = serializers.ChoiceField(choices=OutboxEvent.State.choices)
    attempts = serializers.IntegerField()
    next_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField()
