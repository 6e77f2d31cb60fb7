"""Released money paid on days off too, where a place's rules allow it; locked money never before it is released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.calendar import calendar
from core.errors import WrongState
from core.jobs import JOBS
from core.models import Rule, RulePack, User
from core.rule_packs import forget_rules
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.early_settlement import early_for, regions_with_it
from prepaid.models import Contract, CustodyWarning, Filing, Level, RiskWarning, Settlement
from prepaid.offer_figures import figures_of
from tests.prepaid.scenes import consume, days, fresh, ledger_is_whole, refused, who
from tests.prepaid.test_settlements import register

pytestmark = pytest.mark.django_db


def day_off(after: int) -> date:
    """A day off so many days from now."""
    return next(day for n in range(30) if not calendar().is_working(day := days(after + n)))


@pytest.fixture
def allowed(merchant_a: Merchant) -> Iterator[Merchant]:
    """The district allows it after six months; the shop has been here a year and is exempt from filing."""
    pack = RulePack.objects.create(
        id="CN-330199.early", family="CN-330199.early", status="DRAFT", region_code="330199",
        effective_from=date(2025, 1, 1),
    )  # fmt: skip
    Rule.objects.create(
        pack=pack, key="settle.every_day", value=True, unit="", base="", basis="示范区规则", tag="S",
        conditions={"least_months": 6},
    )  # fmt: skip
    RulePack.objects.filter(pk=pack.pk).update(status="PUBLISHED")
    Merchant.objects.filter(pk=merchant_a.pk).update(reviewed_at=timezone.now() - timedelta(days=365))
    Filing.objects.create(merchant=merchant_a, status="EXEMPT_ESCROW")
    forget_rules()
    yield Merchant.objects.get(pk=merchant_a.pk)
    forget_rules()


def test_it_is_shipped_as_off(contract: Contract, owner_a: User) -> None:
    on = day_off(500)
    assert not early_for(contract.merchant, on).is_offered
    assert regions_with_it(on) == []
    register(contract.merchant, owner_a)
    consume(contract, fen=6_000)
    error = refused(WrongState, lambda: prepaid.order_settlement(contract.merchant_id, by=SYSTEM, on=on))
    assert error.code == "day_off"
    assert JOBS["prepaid.settle"].run(on, 1)["waiting"] == {"day_off": 1}
    assert "没有开通节假日结算" in figures_of(contract.merchant, on - timedelta(days=1), on).early


def test_where_it_is_on_the_shop_is_paid_on_a_day_off_and_nothing_locked_moves(
    allowed: Merchant, contract: Contract, owner_a: User
) -> None:
    on = day_off(540)
    register(allowed, owner_a)
    consume(contract, fen=6_000)
    locked = fresh(contract).locked_fen
    assert early_for(allowed, on).is_on
    assert regions_with_it(on) == [allowed.region_id]
    for shard in (0, 1):
        JOBS["prepaid.settle"].run(on, shard)
    made = Settlement.objects.get(merchant=allowed)
    assert (made.amount_fen, made.covers_to) == (5_000, on - timedelta(days=1))
    assert fresh(contract).locked_fen == locked
    assert "您适用" in figures_of(allowed, on - timedelta(days=1), on).early
    ledger_is_whole()


def test_each_condition_stands_in_the_way_and_says_so(
    allowed: Merchant, contract: Contract, owner_a: User, district_officer: User
) -> None:
    on = day_off(580)

    def why() -> tuple[str, ...]:
        return early_for(Merchant.objects.get(pk=allowed.pk), on).why

    assert why() == ()
    Merchant.objects.filter(pk=allowed.pk).update(reviewed_at=timezone.now() + timedelta(days=500))
    assert why() == ("入驻满 6 个月以后才有",)
    Merchant.objects.filter(pk=allowed.pk).update(reviewed_at=timezone.now() - timedelta(days=365))
    Filing.objects.filter(merchant=allowed).update(status="REQUIRED")
    assert why() == ("备案还没有办完",)
    Filing.objects.filter(merchant=allowed).update(status="EXEMPT_ESCROW")
    warned = CustodyWarning.objects.create(merchant=allowed, shortfall_fen=1, opened_on=on, due_on=on)
    assert why() == ("存管资金有缺口，还没有补足",)
    warned.delete()
    listed = RiskWarning.objects.create(merchant=allowed, level=Level.RED, opened_on=days(0))
    (said,) = why()
    assert said == "监管部门核查期间不适用" and "风险" not in said
    listed.delete()
    merchants.restrict(allowed.pk, "抽查", "整改期间", by=who(district_officer))
    assert why() == ("正在限制新发卡、停业或应急处置",)
    error = refused(WrongState, lambda: prepaid.order_settlement(allowed.pk, by=SYSTEM, on=on))
    assert error.code == "day_off"
