"""What the one who complains or reports does along the way: more evidence."""

from __future__ import annotations

from django.db import transaction

from complaints.models import Attachment, Complaint, ViolationReport
from complaints.rules import is_joined, reports
from core.actors import SYSTEM, Actor
from core.audit import record
from core.errors import Invalid, NotAllowed, NotFound, WrongState
from core.models import StoredFile

# Evidence of one matter, however it came; more goes by mail.
MOST_FILES = 30


@transaction.atomic
def add_evidence(matter: Complaint | ViolationReport, file: StoredFile, *, by: Actor) -> Attachment:
    """One more file while the matter is open. Who brought it is not kept with a report (第37条).

    Raises NotFound, NotAllowed, WrongState once it is over, Invalid past the limit.
    """
    row = type(matter)._default_manager.locked(matter.pk)
    sealed = isinstance(row, ViolationReport)
    if not type(row).objects.visible_to(by).filter(pk=row.pk).exists():
        raise NotFound
    if not (reports if sealed else is_joined).test(by, row):
        raise NotAllowed
    if row.status not in type(row).objects.all().OPEN:
        raise WrongState("已经办结，不能再补充材料")
    if row.attachments.count() >= MOST_FILES:
        raise Invalid(fields={"file": f"最多 {MOST_FILES} 个文件，其余的请寄到监管所"})
    link = {"report": row} if sealed else {"complaint": row, "added_by": by.user}
    attachment = Attachment.objects.create(file=file, label=file.title, **link)
    verb = "report.add_evidence" if sealed else "complaint.add_evidence"
    record(verb, row, by=SYSTEM if sealed else by, file=file.pk)
    return attachment
