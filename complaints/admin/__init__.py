"""What the regulator sees of complaints; importing registers the pages and the boxes on the merchant's dossier."""

from complaints.admin import (
    complaints,
    consultations,
    documents,
    dossier,
    escalations,
    imports,
    merging,
    publications,
    queue,
    reports,
    supervision,
)

__all__ = [
    "complaints",
    "consultations",
    "documents",
    "dossier",
    "escalations",
    "imports",
    "merging",
    "publications",
    "queue",
    "reports",
    "supervision",
]
