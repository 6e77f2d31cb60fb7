"""What the public reads of a shop's filing."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from core.templatetags.portal_ui import state_of
from merchants.models import Merchant
from prepaid.models import Filing

register = template.Library()
PUBLIC = (
    Filing.Status.ACCEPTED, Filing.Status.CHANGED, Filing.Status.EXEMPT_ESCROW, Filing.Status.OVERDUE,
    Filing.Status.FILED,
)  # fmt: skip


@register.simple_tag
def filing_of(merchant: Merchant) -> Filing | None:
    """The filing as far as it is public: on record, exempt, handed in, or late. One query."""
    return Filing.objects.filter(merchant=merchant, status__in=PUBLIC).first()


@register.simple_tag
def filing_badge(filing: Filing | None) -> SafeString:
    """Icon and word: 已备案, 免予备案（全额存管）, 逾期未备案."""
    return state_of(filing) if filing else mark_safe("")
