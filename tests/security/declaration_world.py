"""Declarations of the shops of the security tests."""

from datetime import timedelta

from core.actors import SYSTEM
from core.calendar import business_date
from core.models import User
from merchants.models import Store
from trust_units import actions as trust
from trust_units.models import Answer, CriteriaSet, Declaration, NoDisturbEntry, Objection, PostEvaluation, UnitType


def declaration_rows(store: Store, consumer: User, officer: User) -> None:
    """A unit of the store in publicity, with an objection; and a version of the criteria somebody else drafted."""
    today = business_date()
    unit = trust.enter_selection(store, UnitType.DEMONSTRATION, "街道推荐", by=SYSTEM, on=today)
    row = Declaration.objects.create(
        unit=unit, status="PUBLICITY", criteria_version="示例口径", promise="明码标价，七天内退款", started_by=consumer,
        public_until=today + timedelta(days=5),
    )  # fmt: skip
    Answer.objects.create(
        declaration=row, no=1, criterion="have_prices", kind="HAVE", text="有明码标价", needs_evidence=False, met=True
    )
    Objection.objects.create(declaration=row, text="收过我的钱不给退", written_by=officer)
    NoDisturbEntry.objects.create(merchant=store.merchant, applied_by=consumer)
    PostEvaluation.objects.create(
        unit=unit, year=today.year, points=80, parts=[["START", 1, 60]], outcome="RECTIFY", evaluated_on=today
    )
    CriteriaSet.objects.get_or_create(
        note="改得更严一些", drafted_by=officer,
        defaults={"content": {"common": [], "by_type": {}, "by_industry": {}}, "effective_from": today},
    )  # fmt: skip
    trust.publish_open_data(by=SYSTEM)
