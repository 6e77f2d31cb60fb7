"""Reports as the tests of their lifecycle need them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from complaints.actions import clocks
from complaints.models import Clock, Complainant, Complaint, Reporter, ViolationReport
from core.crypto import blind_index
from core.identifiers import clean_phone
from merchants.models import Merchant

NAME, PHONE, ADDRESS = "欧阳举报", "13712345678", "示范区举报路9号"


def at(text: str) -> datetime:
    """A moment in China: ``at("2026-04-10 09:00")``."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def reporter(phone: str = PHONE, name: str = NAME, user: Any = None) -> Reporter:
    """Somebody who gave name, phone and address."""
    person = Reporter(user=user)
    person.name, person.phone, person.address = name, clean_phone(phone), ADDRESS
    person.phone_idx = blind_index("phone", person.phone)
    person.save()
    return person


def report(merchant: Merchant, received: str, who_told: Reporter | None = None, **more: Any) -> ViolationReport:
    """A registered report with its clocks."""
    row = ViolationReport.objects.create(
        **{
            "channel": "WEB", "received_at": at(received), "merchant": merchant, "store": merchant.stores.first(),
            "region": merchant.region, "industry": merchant.industry, "cause": "FALSE_PROMOTION",
            "facts": f"店里挂的牌子是假的，我是{NAME}，电话{PHONE}，可以作证", "reporter": who_told, **more,
        }
    )  # fmt: skip
    clocks.start(row, Clock.Code.ASSIGN, Clock.Code.VERIFY, at=row.received_at)
    row.save()
    return row


def complaint(merchant: Merchant, received: str = "2026-10-20 09:00", user: Any = None, **more: Any) -> Complaint:
    """A registered complaint of a person with name, phone and address."""
    person = Complainant(user=user)
    person.name, person.phone, person.address = "周桂芬", "+8613900000001", "示范区梅花路3号"
    person.phone_idx = blind_index("phone", person.phone)
    person.save()
    row = Complaint.objects.create(
        **{
            "channel": "WEB", "received_at": at(received), "merchant": merchant, "store": merchant.stores.first(),
            "region": merchant.region, "industry": merchant.industry, "cause": "REFUND", "complainant": person,
            "facts": "办卡后店里不给退款", "claim": "退还卡里的余额", **more,
        }
    )  # fmt: skip
    clocks.start(row, Clock.Code.ASSIGN, Clock.Code.ACCEPT, at=row.received_at)
    row.save()
    return row


def running(row: Any, code: str) -> Clock:
    """The clock of this code that runs."""
    return Clock.objects.of(row).running().get(code=code)
