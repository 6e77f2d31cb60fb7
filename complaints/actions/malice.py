"""A complaint flagged as malicious: with evidence, judged by an officer, nothing public or counted before."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from complaints.actions.steps import given
from complaints.models import Complaint, MaliceFlag
from complaints.models.malice import MALICE_LIFECYCLE
from core import uploads
from core.actors import Actor
from core.audit import record
from core.errors import NotFound, WrongState
from core.permissions import require


@transaction.atomic
def flag_malice(complaint_id: int, reason: str, upload: UploadedFile, *, by: Actor) -> MaliceFlag:
    """The shop's boss says that a complaint is malicious, and why; without evidence it is not taken.

    Raises Invalid, WrongState while another flag waits or was upheld.
    """
    complaint = Complaint.objects.locked(complaint_id)
    require(by, "complaints.flag_malice", complaint)
    assert by.user is not None
    if complaint.malice_flags.exclude(status=MaliceFlag.Status.REJECTED).exists():
        raise WrongState("这件投诉已经提出过，等监管人员认定")
    text = given(reason, "reason", "写明为什么认为是恶意投诉")
    flag = MaliceFlag.objects.create(
        complaint=complaint, reason=text, evidence=uploads.store(upload, title="恶意投诉证据", by=by), raised_by=by.user
    )
    record("malice.raise", flag, by=by)
    return flag


@transaction.atomic
def judge_malice(flag_id: int, finding: str, *, by: Actor, uphold: bool) -> MaliceFlag:
    """An officer upholds the flag or does not; the complaint itself goes on all the same. Raises Invalid."""
    seen = MaliceFlag.objects.filter(pk=flag_id).first()
    if seen is None:
        raise NotFound
    Complaint.objects.locked(seen.complaint_id)
    flag, step = MaliceFlag.objects.locked(flag_id), "uphold" if uphold else "reject"
    require(by, MALICE_LIFECYCLE.steps[step].permission, flag)
    MALICE_LIFECYCLE.move(step, flag)
    flag.finding = given(finding, "finding", "写明认定的理由", 500)
    flag.decided_by, flag.decided_at = by.user, timezone.now()
    flag.save()
    record(f"malice.{step}", flag, by=by, reason=flag.finding)
    return flag
