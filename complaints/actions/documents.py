"""The ten official forms: issued with a number of the bureau and the year, printed again as they were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from complaints import official_forms
from complaints.actions.numbers import next_number
from complaints.deadlines import start_day
from complaints.models import Complaint, DocumentCounter, IssuedDocument, ViolationReport
from complaints.official_forms import Subject
from complaints.sealing import keep_identity_out
from core.actors import Actor
from core.audit import record
from core.errors import Invalid, NotFound, WrongState
from core.identifiers import clean_public_code
from core.permissions import require

Kind = IssuedDocument.Kind
# The word of each kind in its number: 「示范区市监投受〔2026〕第3号」.
WORDS = {
    Kind.COMPLAINT_SHEET: "投登", Kind.REPORT_SHEET: "举登", Kind.ROUTING: "分送", Kind.ID_PROOF: "投证",
    Kind.ACCEPTANCE: "投受", Kind.REFUSAL: "投不受", Kind.MEDIATION: "投调通", Kind.TERMINATION: "投终",
    Kind.AGREEMENT: "投调", Kind.REPORT_RESULT: "举告",
}  # fmt: skip


@transaction.atomic
def issue_document(
    kind: int,
    subject: Subject,
    *,
    by: Actor,
    addressee: str = "",
    extra: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> IssuedDocument:
    """Issue one form of a case: filled in, numbered without gaps, its text kept.

    ``extra`` is what the officer wrote in by hand. Raises WrongState for a form that would not be true of the case,
    Invalid for another addressee or words that name a reporter.
    """
    case: Subject = type(subject).objects.locked(subject.pk)
    require(by, "complaints.issue_document", case)
    if kind not in official_forms.kinds_for(case):
        raise WrongState("案件现在的状态不能出这份文书")
    to = addressee or official_forms.addressees(kind)[0]
    if to not in official_forms.addressees(kind):
        raise Invalid(fields={"addressee": "选送达给谁"})
    if isinstance(case, ViolationReport):
        for name, text in (extra or {}).items():
            keep_identity_out(case, name, str(text))
    assert by.user is not None
    now = at or timezone.now()
    today = start_day(now)
    bureau, number = next_number(case.region, today.year, DocumentCounter.Series.FORM)
    title = f"{bureau.name}市监{WORDS[Kind(kind)]}〔{today.year}〕第{number}号"
    document = IssuedDocument(
        kind=kind, addressee=to, bureau=bureau, year=today.year, number=number, title=title,
        complaint=case if isinstance(case, Complaint) else None,
        report=case if isinstance(case, ViolationReport) else None,
        issued_by=by.user, issued_at=now,
    )  # fmt: skip
    body = render_to_string(
        official_forms.template_of(kind),
        {
            "f": official_forms.fields_of(kind, case, to, extra or {}),
            "title": title,
            "bureau": bureau.name,
            "issued_on": today,
            "is_report": isinstance(case, ViolationReport),
            "case_code": case.code_grouped,
        },
    )
    document.body, document.digest = body, sha256(body.encode()).hexdigest()
    document.save()
    record("document.issue", document, by=by, kind=document.get_kind_display(), title=title, case=case.code)
    record(f"{'complaint' if document.complaint else 'report'}.issue_document", case, by=by, title=title)
    return document


@transaction.atomic
def print_document(code: str, *, by: Actor) -> IssuedDocument:
    """The form as it was issued, for the officers of the case and whom it was written to; each look is recorded."""
    document = IssuedDocument.objects.visible_to(by).filter(code=clean_public_code(code)).first()
    if document is None:
        raise NotFound
    require(by, "complaints.print_document", document)
    record("document.print", document, by=by)
    return document


def find_document(title: str, code: str) -> IssuedDocument | None:
    """The form with this number and this check code, for anybody who holds the paper."""
    return (
        IssuedDocument.objects.filter(code=clean_public_code(code), title="".join(title.split()))
        .select_related("bureau")
        .first()
    )
