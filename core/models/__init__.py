"""Rows that every app shares."""

from core.models.files import StoredFile
from core.models.messages import PhoneCode, SmsMessage
from core.models.operations import AuditEvent, IdempotencyKey, JobRun, OutboxEvent
from core.models.people import Access, Delegation, Membership, Role, TrustedDevice, User
from core.models.rates import InterestRate
from core.models.reference import CalendarDay, Industry, Region, Rule, RulePack

__all__ = [
    "Access",
    "AuditEvent",
    "CalendarDay",
    "Delegation",
    "IdempotencyKey",
    "Industry",
    "InterestRate",
    "JobRun",
    "Membership",
    "OutboxEvent",
    "PhoneCode",
    "Region",
    "Role",
    "Rule",
    "RulePack",
    "SmsMessage",
    "StoredFile",
    "TrustedDevice",
    "User",
]
