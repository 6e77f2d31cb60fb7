"""One of everything about reports, forms and supervision, for a shop of the security tests."""

from datetime import timedelta

from django.utils import timezone

from complaints.actions import clocks
from complaints.models import (
    Clock,
    Complainant,
    Complaint,
    ConsumerWarning,
    EnforcementCase,
    ExtensionRequest,
    IssuedDocument,
    RectificationItem,
    RegulatoryInterview,
    Reporter,
    SupervisionNotice,
    TypicalCase,
    ViolationReport,
)
from core.models import User
from merchants.models import Merchant


def report_rows(merchant: Merchant, consumer: User, proposer: User) -> None:
    """Rows as the actions leave them: the consumer reported and complained, ``proposer`` works on it."""
    now, letter = timezone.now(), merchant.brand_name[0]
    person = Reporter(user=consumer)
    person.name, person.phone = consumer.name, consumer.phone
    person.save()
    shared = {
        "channel": "WEB", "received_at": now, "merchant": merchant, "region": merchant.region, "facts": "挂假牌子",
    }  # fmt: skip
    ViolationReport.objects.create(**shared, reporter=person)
    report = ViolationReport.objects.create(**shared, reporter=person, status="VERIFYING", handler=proposer)
    clocks.start(report, Clock.Code.VERIFY, at=now)
    report.save()
    EnforcementCase.objects.create(report=report, status="VERIFYING")
    ExtensionRequest.objects.create(
        report=report, code="VERIFY", reason="案情复杂，需要鉴定", asked_by=proposer, asked_at=now
    )
    complainant = Complainant(user=consumer)
    complainant.name, complainant.phone = consumer.name, consumer.phone
    complainant.save()
    complaint = Complaint.objects.create(
        **shared, complainant=complainant, claim="退款", status="ACCEPTED", decided_at=now, handler=proposer
    )
    document = IssuedDocument(
        kind=5, addressee="COMPLAINANT", bureau_id="330199", year=2000, number=ord(letter), digest="0" * 64,
        title=f"示范区市监投受〔2000〕第{ord(letter)}号", complaint=complaint, issued_by=proposer, issued_at=now,
    )  # fmt: skip
    document.body = "<p>我局决定受理。</p>"
    document.save()
    notice = SupervisionNotice.objects.create(
        title=f"示范区市监提示〔2000〕第{ord(letter)}号", region=merchant.region, merchant=merchant, facts="没有公示",
        basis="消法实施条例第22条", due_on=now.date() + timedelta(days=9), issued_by=proposer, issued_at=now,
    )  # fmt: skip
    RectificationItem.objects.create(notice=notice, text="公示退卡规则")
    second = User.objects.exclude(pk=proposer.pk).earliest("pk")
    RegulatoryInterview.objects.create(
        merchant=merchant, topics="退款拖延", meets_at=now, place="区局", officer=proposer, second_officer=second
    )
    text = {"region": merchant.region, "title": "办卡先看锁定", "text": "钱没有锁定", "drafted_by": proposer}
    approved = {"approved_by": second, "approved_at": now}
    for status, more in (("PUBLISHED", {"published_at": now}), ("APPROVED", {})):
        ConsumerWarning.objects.create(
            **text, **approved, **more, merchant=merchant, advice="只扫官方收款码", status=status
        )
    TypicalCase.objects.create(**text)


def report_of(merchant: Merchant) -> ViolationReport:
    """The one that is being verified."""
    return merchant.violationreports.get(status="VERIFYING", extension_requests__isnull=False)


def first_report_of(merchant: Merchant) -> ViolationReport:
    """The one that came first."""
    return merchant.violationreports.filter(status="REGISTERED", reporter__isnull=False).earliest("pk")


def document_of(merchant: Merchant) -> IssuedDocument:
    """The decision that was written to the complainant."""
    return IssuedDocument.objects.get(year=2000, complaint__merchant=merchant)


def typical_case_of(merchant: Merchant) -> TypicalCase:
    """A draft, of either shop alike."""
    return TypicalCase.objects.filter(region=merchant.region, status="DRAFT").earliest("pk")
