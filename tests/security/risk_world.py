"""One of everything about early warning, for a shop of the security tests."""

from core.calendar import business_date
from merchants.models import Merchant
from prepaid.models import (
    ListedEntry,
    ListedMerchant,
    ListImport,
    MerchantLink,
    PrivatePaymentReport,
    RiskScore,
    RiskWarning,
)


def risk_rows(merchant: Merchant) -> None:
    """Rows as the actions and jobs leave them."""
    today = business_date()
    RiskScore.objects.create(merchant=merchant, on=today, points=70, level="RED", reasons=[])
    RiskWarning.objects.create(merchant=merchant, level="RED", status=RiskWarning.Status.STOP_PROPOSED, opened_on=today)
    PrivatePaymentReport.objects.create(merchant=merchant, reported_on=today, reporter_idx=f"{merchant.pk}")
    file = ListImport.objects.create(title="名单.csv", source="公示系统", as_of=today)
    entry = ListedEntry.objects.create(
        kind=ListedEntry.Kind.ABNORMAL, uscc=merchant.uscc, name=merchant.legal_name, listed_on=today, file=file
    )
    ListedMerchant.objects.create(entry=entry, merchant=merchant)


def link_rows(one: Merchant, other: Merchant) -> None:
    """Each looks like the other."""
    for left, right in ((one, other), (other, one)):
        MerchantLink.objects.create(merchant=left, other=right, matches=["phone"], found_on=business_date())
