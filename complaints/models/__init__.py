"""Rows of the 12315 desk."""

from complaints.models.agenda_packs import AGENDA_PACK_LIFECYCLE, AgendaAction, AgendaPack
from complaints.models.calls import CALL_LIFECYCLE, CallDraft
from complaints.models.clocks import Clock
from complaints.models.complaints import COMPLAINT_LIFECYCLE, Complaint
from complaints.models.consultations import CONSULTATION_LIFECYCLE, Consultation, ReplyTemplate
from complaints.models.contacts import Contact
from complaints.models.disclosures import DISCLOSURE_LIFECYCLE, Disclosure
from complaints.models.documents import DocumentCounter, IssuedDocument
from complaints.models.enforcement import CASE_LIFECYCLE, EXTENSION_LIFECYCLE, EnforcementCase, ExtensionRequest
from complaints.models.escalations import ESCALATION_LIFECYCLE, Escalation, EscalationNote, Reminder
from complaints.models.feeds import CalendarFeed
from complaints.models.figures import ComplaintRollup, FigureMonth, LatenessRollup, ShopMonth
from complaints.models.imports import ORDER_IMPORT_LIFECYCLE, OrderImport
from complaints.models.incidents import (
    CLAIM_LIFECYCLE,
    INCIDENT_LIFECYCLE,
    REPRESENTATIVE_LIFECYCLE,
    Incident,
    IncidentClaim,
    IncidentEntry,
    IncidentRepresentative,
    RepresentativeConsent,
)
from complaints.models.malice import MALICE_LIFECYCLE, MaliceFlag
from complaints.models.mall_tickets import MALL_TICKET_LIFECYCLE, MallTicket
from complaints.models.matters import Attachment, Cause, Channel, Intake, Level, Receipt
from complaints.models.mediation import (
    ASSIGNMENT_LIFECYCLE,
    Mediation,
    MediationAssignment,
    MediationMeeting,
    Party,
    Settlement,
)
from complaints.models.monthly_topics import MONTHLY_TOPIC_LIFECYCLE, MonthlyTopic, TopicMeasure
from complaints.models.odr_enrolments import ODR_ENROLMENT_LIFECYCLE, OdrEnrolment
from complaints.models.people import Complainant, JointComplainant, Reporter
from complaints.models.proactive import PROACTIVE_LIFECYCLE, ClusteredComplaint, ProactiveTask
from complaints.models.publications import (
    TYPICAL_CASE_LIFECYCLE,
    WARNING_LIFECYCLE,
    ConsumerWarning,
    TypicalCase,
)
from complaints.models.referrals import REFERRAL_LIFECYCLE, Referral
from complaints.models.reports import REPORT_LIFECYCLE, ViolationReport
from complaints.models.supervision import (
    INTERVIEW_LIFECYCLE,
    NOTICE_LIFECYCLE,
    RectificationItem,
    RegulatoryInterview,
    SupervisionNotice,
)
from complaints.models.whistles import WHISTLE_CALL_LIFECYCLE, WHISTLE_LIFECYCLE, Whistle, WhistleCall

__all__ = [
    "AGENDA_PACK_LIFECYCLE",
    "ASSIGNMENT_LIFECYCLE",
    "CALL_LIFECYCLE",
    "CASE_LIFECYCLE",
    "CLAIM_LIFECYCLE",
    "COMPLAINT_LIFECYCLE",
    "CONSULTATION_LIFECYCLE",
    "DISCLOSURE_LIFECYCLE",
    "ESCALATION_LIFECYCLE",
    "EXTENSION_LIFECYCLE",
    "INCIDENT_LIFECYCLE",
    "INTERVIEW_LIFECYCLE",
    "MALICE_LIFECYCLE",
    "MALL_TICKET_LIFECYCLE",
    "MONTHLY_TOPIC_LIFECYCLE",
    "NOTICE_LIFECYCLE",
    "ODR_ENROLMENT_LIFECYCLE",
    "ORDER_IMPORT_LIFECYCLE",
    "PROACTIVE_LIFECYCLE",
    "REFERRAL_LIFECYCLE",
    "REPORT_LIFECYCLE",
    "REPRESENTATIVE_LIFECYCLE",
    "TYPICAL_CASE_LIFECYCLE",
    "WARNING_LIFECYCLE",
    "WHISTLE_CALL_LIFECYCLE",
    "WHISTLE_LIFECYCLE",
    "AgendaAction",
    "AgendaPack",
    "Attachment",
    "CalendarFeed",
    "CallDraft",
    "Cause",
    "Channel",
    "Clock",
    "ClusteredComplaint",
    "Complainant",
    "Complaint",
    "ComplaintRollup",
    "Consultation",
    "ConsumerWarning",
    "Contact",
    "Disclosure",
    "DocumentCounter",
    "EnforcementCase",
    "Escalation",
    "EscalationNote",
    "ExtensionRequest",
    "FigureMonth",
    "Incident",
    "IncidentClaim",
    "IncidentEntry",
    "IncidentRepresentative",
    "Intake",
    "IssuedDocument",
    "JointComplainant",
    "LatenessRollup",
    "Level",
    "MaliceFlag",
    "MallTicket",
    "Mediation",
    "MediationAssignment",
    "MediationMeeting",
    "MonthlyTopic",
    "OdrEnrolment",
    "OrderImport",
    "Party",
    "ProactiveTask",
    "Receipt",
    "RectificationItem",
    "Referral",
    "RegulatoryInterview",
    "Reminder",
    "ReplyTemplate",
    "Reporter",
    "RepresentativeConsent",
    "Settlement",
    "ShopMonth",
    "SupervisionNotice",
    "TopicMeasure",
    "TypicalCase",
    "ViolationReport",
    "Whistle",
    "WhistleCall",
]
