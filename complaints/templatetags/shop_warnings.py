"""Warnings and penalties on a shop's public page."""

from __future__ import annotations

from django import template
from django.utils import timezone

from complaints.models import ConsumerWarning, EnforcementCase
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
