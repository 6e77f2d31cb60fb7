"""What reports, supervision notices and warnings bring to the workbench: counts, and second signatures."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from complaints.models import ConsumerWarning, ExtensionRequest, SupervisionNotice, TypicalCase, ViolationReport
from core.actors import Actor
from core.permissions import may
from prepaid.admin.rows import case_url

ROWS = 40


def waiting(by: Actor) -> dict[str, QuerySet[Any]]:
    """What to count for the doors on the left."""
    reports = ViolationReport.objects.filter(ViolationReport.objects.in_regions_of(by))
    return {
        "reports": reports.open(),
        "extensions": ExtensionRequest.objects.visible_to(by).filter(status="ASKED"),
        "notices": SupervisionNotice.objects.visible_to(by).filter(status__in=["REPORTED", "OVERDUE", "ESCALATED"]),
        "warnings": ConsumerWarning.objects.visible_to(by).filter(status="DRAFT"),
        "typical_cases": TypicalCase.objects.visible_to(by).filter(status="DRAFT"),
    }


def signatures(by: Actor) -> list[dict[str, Any]]:
    """Extensions and texts that wait for a second officer; what this officer asked for says 等别人."""
    return [*_extensions(by), *_texts(by, ConsumerWarning, "消费警示"), *_texts(by, TypicalCase, "典型案例")]


def _extensions(by: Actor) -> list[dict[str, Any]]:
    rows = ExtensionRequest.objects.visible_to(by).filter(status="ASKED")
    return [
        {
            "title": f"{row.report.respondent} {row.get_code_display()}延期",
            "who": row.asked_by.name,
            "at": row.asked_at,
            "own": bool(by.user and row.asked_by_id == by.user.pk),
            "may": may(by, "complaints.approve_extension", row),
            "url": case_url(row.report),
            "sign_url": reverse("admin:complaints_violationreport_act", args=[row.report_id, "approve_extension"]),
            "return_url": reverse("admin:complaints_violationreport_act", args=[row.report_id, "refuse_extension"]),
        }
        for row in rows.select_related("report__merchant", "report__region", "report__reporter", "asked_by")[:ROWS]
    ]


def _texts(by: Actor, model: Any, word: str) -> list[dict[str, Any]]:
    rows = model.objects.visible_to(by).filter(status="DRAFT").select_related("drafted_by", "region")
    label = f"admin:complaints_{model._meta.model_name}"
    return [
        {
            "title": f"{word} {row.title}",
            "who": row.drafted_by.name,
            "at": row.drafted_at,
            "own": bool(by.user and row.drafted_by_id == by.user.pk),
            "may": may(by, "complaints.approve_publication", row),
            "url": case_url(row),
            "sign_url": reverse(f"{label}_act", args=[row.pk, "approve"]),
            "return_url": reverse(f"{label}_change", args=[row.pk]),
        }
        for row in rows[:ROWS]
    ]
