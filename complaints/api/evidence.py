"""Files over the API: multipart, checked by content, once for each key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.actions.consumer_steps import add_evidence
from complaints.models import Attachment, Complaint, ViolationReport
from core.actors import SYSTEM, Actor
from core.api.fields import Text
from core.api.once import answer_once
from core.api.shapes import Input, Output
from core.uploads import store

TITLE = "补充材料"


class NewEvidence(Input):
    """JPEG, PNG, WebP or PDF of at most 10 MB."""

    file = serializers.FileField()


class NewMaliceFlag(NewEvidence):
    """Why a complaint is malicious, and the evidence."""

    reason = Text(1000)


class EvidenceOut(Output):
    """A file that was kept: pictures are drawn anew, so its digest is not that of what was sent."""

    title = serializers.CharField(source="label")
    media_type = serializers.CharField(source="file.media_type")
    size = serializers.IntegerField(source="file.size")
    sha256 = serializers.CharField(source="file.sha256")
    added_at = serializers.DateTimeField()


def once_with_file(
    request: Request, data: dict[str, Any], work: Callable[[Actor], Any], read: Callable[[Any], Any]
) -> Response:
    """``answer_once`` for a form with a file: the same key with other bytes is refused."""
    sent: UploadedFile = data["file"]
    digest = hashlib.sha256()
    for chunk in sent.chunks():
        digest.update(chunk)
    sent.seek(0)
    body = {**{name: value for name, value in data.items() if name != "file"}, "file": digest.hexdigest()}
    return answer_once(request, work, read, body=body)


def keep_evidence(matter: Complaint | ViolationReport, file: UploadedFile, *, by: Actor) -> Attachment:
    """Keep one more file; with a report nothing says who brought it (第37条)."""
    # Not read before it is allowed: `add_evidence` asks again, with the matter locked.
    return add_evidence(matter, store(file, title=TITLE, by=SYSTEM), by=by)


def shown(matter: Complaint | ViolationReport) -> Callable[[Any], Any]:
    """How an answer reads the file that was added last; a key of a report leads to nothing."""
    return lambda _: EvidenceOut(matter.attachments.select_related("file").latest("pk")).data
