"""Supervision notices and consumer warnings over the API: the target answers, everybody reads what is published."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from complaints import actions as complaints
from complaints.models import ConsumerWarning, RectificationItem, SupervisionNotice
from core.actors import Actor
from core.api.fields import Code, Identity, Text
from core.api.resources import Listed, Public, verb
from core.api.shapes import Input, Output, Reason, StatusText, WithSteps
from core.errors import Invalid
from core.permissions import require
from merchants.api.serializers import MerchantBrief
from merchants.models import Merchant
from prepaid.api.filters import ByMerchant


class ItemOut(Output):
    """One thing to put right."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    note = serializers.CharField(help_text="整改情况")
    fixed_at = serializers.DateTimeField(allow_null=True)


class NoticeRow(Output):
    """A notice in a list."""

    code = serializers.CharField()
    title = serializers.CharField(help_text="文号")
    status = serializers.ChoiceField(choices=SupervisionNotice.Status.choices)
    status_text = StatusText()
    merchant = MerchantBrief(allow_null=True)
    department = serializers.CharField()
    due_on = serializers.DateField()
    issued_at = serializers.DateTimeField()


class NoticeOut(NoticeRow, WithSteps):
    """A notice with its items."""

    facts = serializers.CharField()
    basis = serializers.CharField()
    items = ItemOut(many=True)
    report_text = serializers.CharField()
    reported_at = serializers.DateTimeField(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    opinion = serializers.CharField()


class ConsumerWarningOut(Output):
    """A warning on public view, with the shop's reply beside it."""

    code = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    advice = serializers.CharField()
    merchant = MerchantBrief(allow_null=True)
    industry = serializers.CharField(source="industry.name", default=None, allow_null=True)
    region = serializers.CharField(source="region_id")
    published_at = serializers.DateTimeField()
    reply = serializers.CharField(help_text="商家回应")
    replied_at = serializers.DateTimeField(allow_null=True)


class ShopWarningOut(ConsumerWarningOut):
    """A warning as the shop it names reads it, before it is published too."""

    status = serializers.ChoiceField(choices=ConsumerWarning.Status.choices)
    status_text = StatusText()
    published_at = serializers.DateTimeField(allow_null=True)


class NewNotice(Input):
    """To a merchant, or to a department of a region."""

    merchant = Code(required=False, help_text="商家公示编号；不填就写地区和部门")
    region = Text(12, required=False, help_text="部门所在的行政区划代码")
    department = Text(20, required=False)
    facts = Text(2000)
    basis = Text(200, help_text="依据")
    due_on = serializers.DateField()
    items = serializers.ListField(child=Text(300), min_length=1, max_length=20, help_text="要整改什么，一项一条")


class Fix(Input):
    """What was done about one item."""

    item = Identity()
    note = Text(500)


class Said(Input):
    """Words."""

    text = Text(1000)


class NoticeFilter(ByMerchant):
    """By merchant and state."""

    status = django_filters.ChoiceFilter(choices=SupervisionNotice.Status.choices)


class SupervisionNotices(Listed):
    """监督提示单：the target acknowledges, puts right and reports; somebody else verifies."""

    model, shape, row = SupervisionNotice, NoticeOut, NoticeRow
    filterset_class = NoticeFilter

    def rows(self) -> QuerySet[Any]:
        """With target and items."""
        return super().rows().select_related("merchant", "region").prefetch_related("items")

    @verb(NoticeOut, NewNotice, status=201)
    def create(self, _: None, data: dict[str, Any], by: Actor) -> SupervisionNotice:
        """Tell a merchant, or a department, what to put right by when; numbered by bureau and year."""
        code, items = data.pop("merchant", ""), data.pop("items")
        if code:
            merchant = self.find(Merchant.objects.visible_to(by), public_code=code)
            require(by, "complaints.issue_notice_to_merchant", merchant)
            data["merchant_id"] = merchant.pk
        else:
            require(by, "complaints.issue_notices")
        return complaints.issue_notice(data, items, by=by)

    @verb(NoticeOut)
    def acknowledge(self, row: SupervisionNotice, data: dict[str, Any], by: Actor) -> SupervisionNotice:
        """The target has read it."""
        return complaints.acknowledge_notice(row.pk, by=by)

    @verb(NoticeOut, Fix)
    def fix(self, row: SupervisionNotice, data: dict[str, Any], by: Actor) -> SupervisionNotice:
        """What was done about one item."""
        item = RectificationItem.objects.filter(notice=row, pk=data["item"]).first()
        if item is None:
            raise Invalid(fields={"item": "提示单里没有这一项"})
        return complaints.fix_item(item.pk, data["note"], by=by).notice

    @verb(NoticeOut, Said)
    def report(self, row: SupervisionNotice, data: dict[str, Any], by: Actor) -> SupervisionNotice:
        """Everything is put right."""
        return complaints.report_rectified(row.pk, data["text"], by=by)

    @verb(NoticeOut, Reason, path="return")
    def send_back(self, row: SupervisionNotice, data: dict[str, Any], by: Actor) -> SupervisionNotice:
        """It is not put right yet."""
        return complaints.return_notice(row.pk, data["reason"], by=by)

    @verb(NoticeOut, Reason)
    def verify(self, row: SupervisionNotice, data: dict[str, Any], by: Actor) -> SupervisionNotice:
        """Verified by somebody who had no part in it."""
        return complaints.verify_notice(row.pk, data["reason"], by=by)

    @verb(NoticeOut)
    def close(self, row: SupervisionNotice, data: dict[str, Any], by: Actor) -> SupervisionNotice:
        """Off the list."""
        return complaints.close_notice(row.pk, by=by)


class Warnings(ListModelMixin, RetrieveModelMixin, Public):
    """消费警示：public, kept by ETag."""

    model, shape = ConsumerWarning, ConsumerWarningOut
    filterset_class = ByMerchant

    def rows(self) -> QuerySet[Any]:
        """Those on public view."""
        return ConsumerWarning.objects.public().select_related("merchant", "industry")


class ShopWarnings(Listed):
    """涉及本店的消费警示：the shop reads it once it is approved, and replies."""

    model, shape = ConsumerWarning, ShopWarningOut

    def rows(self) -> QuerySet[Any]:
        """Those that name the caller's shops."""
        shops = self.by.user.access.merchants() if self.by.user else set()
        rows = ConsumerWarning.objects.visible_to(self.by).filter(merchant__in=shops)
        return rows.select_related("merchant", "industry")

    @verb(ShopWarningOut, Said)
    def reply(self, row: ConsumerWarning, data: dict[str, Any], by: Actor) -> ConsumerWarning:
        """The shop's own words, shown beside the warning."""
        return complaints.reply_to_warning(row.pk, data["text"], by=by)
