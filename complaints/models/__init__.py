"""Rows of the 12315 desk."""

from complaints.models.clocks import Clock
from complaints.models.complaints import COMPLAINT_LIFECYCLE, Complaint
from complaints.models.consultations import CONSULTATION_LIFECYCLE, Consultation, ReplyTemplate
from complaints.models.contacts import Contact
from complaints.models.disclosures import DISCLOSURE_LIFECYCLE, Disclosure
from complaints.models.documents import DocumentCounter, IssuedDocument
from complaints.models.enforcement import CASE_LIFECYCLE, EXTENSION_LIFECYCLE, EnforcementCase, ExtensionRequest
from complaints.models.escalations import ESCALATION_LIFECYCLE, Escalation, EscalationNote, Reminder
from complaints.models.feeds import CalendarFeed
from complaints.models.imports import ORDER_IMPORT_LIFECYCLE, OrderImport
from complaints.models.malice import MALICE_LIFECYCLE, MaliceFlag
from complaints.models.matters import Attachment, Cause, Channel, Intake, Level, Receipt
from complaints.models.mediation import (
    ASSIGNMENT_LIFECYCLE,
    Mediation,
    MediationAssignment,
    MediationMeeting,
    Party,
    Settlement,
)
from complaints.models.people import Complainant, JointComplainant, Reporter
from complaints.models.publications import (
    TYPICAL_CASE_LIFECYCLE,
    WARNING_LIFECYCLE,
    ConsumerWarning,
    TypicalCase,
)
from complaints.models.reports import REPORT_LIFECYCLE, ViolationReport
from complaints.models.supervision import (
    INTERVIEW_LIFECYCLE,
    NOTICE_LIFECYCLE,
    RectificationItem,
    RegulatoryInterview,
    SupervisionNotice,
)

__all__ = [
    "ASSIGNMENT_LIFECYCLE",
    "CASE_LIFECYCLE",
    "COMPLAINT_LIFECYCLE",
    "CONSULTATION_LIFECYCLE",
    "DISCLOSURE_LIFECYCLE",
    "ESCALATION_LIFECYCLE",
    "EXTENSION_LIFECYCLE",
    "INTERVIEW_LIFECYCLE",
    "MALICE_LIFECYCLE",
    "NOTICE_LIFECYCLE",
    "ORDER_IMPORT_LIFECYCLE",
    "REPORT_LIFECYCLE",
    "TYPICAL_CASE_LIFECYCLE",
    "WARNING_LIFECYCLE",
    "Attachment",
    "CalendarFeed",
    "Cause",
    "Channel",
    "Clock",
    "Complainant",
    "Complaint",
    "Consultation",
    "ConsumerWarning",
    "Contact",
    "Disclosure",
    "DocumentCounter",
    "EnforcementCase",
    "Escalation",
    "EscalationNote",
    "ExtensionRequest",
    "Intake",
    "IssuedDocument",
    "JointComplainant",
    "Level",
    "MaliceFlag",
    "Mediation",
    "MediationAssignment",
    "MediationMeeting",
    "OrderImport",
    "Party",
    "Receipt",
    "RectificationItem",
    "RegulatoryInterview",
    "Reminder",
    "ReplyTemplate",
    "Reporter",
    "Settlement",
    "SupervisionNotice",
    "TypicalCase",
    "ViolationReport",
]
