"""Whose account holds prepaid money and how much of it is locked, as everybody may see it."""

from django import template

from core.calendar import business_date
from merchants.models import Merchant
from prepaid.custody import Badge, badge

register = template.Library()


@register.simple_tag
def custody_of(merchant: Merchant) -> Badge:
    """The custody of a merchant; four queries."""
    return badge(merchant.pk, business_date())
