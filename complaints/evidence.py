"""Whether an officer may open a file that hangs on a complaint or report."""

from __future__ import annotations

from django.db.models import Q

from complaints.models import Complaint, MaliceFlag, ViolationReport
from core.actors import Actor
from core.models import StoredFile


def is_shown(file: StoredFile, by: Actor) -> bool:
    """Evidence, proofs and powers of attorney of matters ``by`` may see; of malice only those who judge it."""
    of_complaint = Q(attachments__file=file) | Q(settlement__proof=file) | Q(complainant__agent_proof=file)
    return (
        Complaint.objects.visible_to(by).filter(of_complaint).exists()
        or ViolationReport.objects.visible_to(by).filter(attachments__file=file).exists()
        or MaliceFlag.objects.visible_to(by).filter(evidence=file).exists()
    )
