"""A complaint the shop was told of, a report, and a report without a name, for each shop of the world."""

from __future__ import annotations

from django.utils import timezone

from complaints import actions as complaints
from complaints.actions import Kind, NewIntake, Party
from complaints.models import Complaint, Consultation, Intake, OrderImport, ViolationReport
from core.actors import Actor
from core.models import User
from merchants.models import Merchant
from prepaid.models import Contract


def complaint_rows(merchant: Merchant, consumer: User, card: Contract) -> None:
    """File them as the shop's customer does."""
    by, me = Actor.of_user(consumer), Party(name="顾客", address="示范路 8 号")
    both, report = frozenset({Kind.COMPLAINT, Kind.REPORT}), frozenset({Kind.REPORT})
    told = NewIntake(kinds=both, text="多扣了一次染发", claim="退回 100 元", party=me, contract_id=card.pk)
    hidden = NewIntake(kinds=report, text="价目表没有公示", anonymous=True, merchant_id=merchant.pk)
    for data in (told, hidden):
        complaints.file_intake(data, by=by)
    Complaint.objects.filter(merchant=merchant).update(merchant_told_at=timezone.now())


def complaint_of(merchant: Merchant) -> Complaint:
    """The complaint the shop was told of."""
    return Complaint.objects.get(merchant=merchant, claim="退回 100 元")


def intake_of(merchant: Merchant) -> Intake:
    """The coming-in it was part of."""
    return Intake.objects.get(receipts__complaint=complaint_of(merchant))


def hidden_report(merchant: Merchant) -> ViolationReport:
    """The one that nobody is kept with."""
    return ViolationReport.objects.get(merchant=merchant, reporter=None, found_in=None)


def order_import_of(merchant: Merchant) -> OrderImport:
    """A file of orders of the shop's place."""
    row, _ = OrderImport.objects.get_or_create(
        sha256=f"{merchant.pk:064d}", channel="MALL", region=merchant.region,
        defaults={"title": "orders.csv", "imported_by": merchant.registered_by},
    )  # fmt: skip
    return row


def question_of(merchant: Merchant) -> Consultation:
    """A question about the shop."""
    row, _ = Consultation.objects.get_or_create(
        merchant=merchant, region=merchant.region, channel="MALL", facts="怎么退卡",
        defaults={"received_at": timezone.now()},
    )  # fmt: skip
    return row
