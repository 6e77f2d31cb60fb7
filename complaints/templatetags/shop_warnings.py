"""Warnings, penalties and the record of complaints on a shop's public page."""

from __future__ import annotations

from django import template
from django.utils import timezone

from complaints.models import ConsumerWarning, EnforcementCase, Incident
from complaints.public_record import PublicRecord, record_of
from core.clocks import local
from merchants.models import Merchant

register = template.Library()


@register.simple_tag
def warnings_of(shop: Merchant) -> list[ConsumerWarning]:
    """Warnings that name the shop, the newest first."""
    return list(ConsumerWarning.objects.public().filter(merchant=shop).order_by("-published_at"))


@register.simple_tag
def penalties_of(shop: Merchant) -> list[EnforcementCase]:
    """Its penalties on public view."""
    shown = EnforcementCase.objects.public(local(timezone.now()).date()).filter(report__merchant=shop)
    return list(shown.order_by("-published_on"))


@register.simple_tag
def complaint_record(shop: Merchant) -> PublicRecord:
    """Its public complaints of twelve months beside its redemptions."""
    return record_of(shop)


@register.simple_tag
def incident_of(shop: Merchant) -> Incident | None:
    """The incident in which its complaints are dealt with together, while it goes on."""
    return Incident.objects.open().filter(merchant=shop).select_related("leader").first()
