"""A mall around a shop of the security tests, a door that was found locked, and a customer who inherits."""

from datetime import timedelta

from core.calendar import business_date
from core.models import Membership, Role, User
from merchants.models import Mall, MallMeasureCheck, Store
from prepaid.models import HeirClaim, LockOutReport
from tests.cast import STREET


def mall_rows(store: Store, consumer: User, officer: User, manager: User | None = None) -> None:
    """Rows as the actions leave them; ``manager`` runs the mall."""
    mall = Mall.objects.create(
        name=f"{store.name}商场", region_id=STREET, address="一路1号", company_name="示范商管公司",
        company_uscc="92330199MA2TXYT07Q", registered_by=officer,
    )  # fmt: skip
    MallMeasureCheck.objects.create(mall=mall, code="M01", title="核验执照", wanted="记录", batch=4)
    Store.objects.filter(pk=store.pk).update(mall=mall, tenant_since=business_date())
    if manager is not None:
        Membership.objects.create(user=manager, role=Role.MALL_MANAGER, mall_id=mall.pk)
    yesterday = business_date() - timedelta(days=1)
    LockOutReport.objects.create(
        merchant=store.merchant, store=store, mall=mall, reported_on=yesterday, seen_on=yesterday, reporter=consumer
    )
    claim = HeirClaim(
        merchant=store.merchant, heir=consumer, status="SUBMITTED", relation="CHILD", wish="REFUND"
    )  # fmt: skip
    claim.deceased_name = "周大山"
    claim.save()
