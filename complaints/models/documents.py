"""The ten official forms (2026 文书式样) as they were issued: numbered without gaps, their text kept as it was."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from complaints.models.complaints import Complaint
from complaints.models.reports import ViolationReport
from core.crypto import PersonalText
from core.identifiers import grouped, public_code
from core.locking import LockingQuerySet
from core.models import Region, User
from core.models.people import WATCHERS, in_regions

if TYPE_CHECKING:
    from core.actors import Actor

COUNTY_LETTERS = 6


def bureau_of(region: Region) -> Region:
    """The bureau that answers for a place: its county; the city's or province's own bureau above that."""
    if len(region.code) <= COUNTY_LETTERS:
        return region
    return Region.objects.get(pk=region.code[:COUNTY_LETTERS])


class DocumentCounter(models.Model):
    """The last number a bureau gave in a year; its row is locked while the next one is given."""

    class Series(models.TextChoices):
        FORM = "FORM", "投诉举报文书"
        NOTICE = "NOTICE", "监督提示单"
        CASE = "CASE", "立案"

    bureau = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="登记单位")
    year = models.PositiveSmallIntegerField("年度")
    series = models.CharField("编号种类", max_length=6, choices=Series.choices)
    last = models.PositiveIntegerField("最后编号", default=0)

    objects = LockingQuerySet["DocumentCounter"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文书编号"
        constraints = [models.UniqueConstraint(fields=["bureau", "year", "series"], name="one_document_counter")]

    def __str__(self) -> str:
        return f"{self.bureau_id} {self.year} {self.series} {self.last}"


class IssuedDocumentQuerySet(LockingQuerySet["IssuedDocument"]):
    """Issued forms as one asks for them."""

    def visible_to(self, by: Actor) -> IssuedDocumentQuerySet:
        """Those of an officer's regions, and those that were written to oneself or to the own shop."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        paths = by.user.access.region_paths(*WATCHERS)
        seen = in_regions("complaint__region__path", paths) | in_regions("report__region__path", paths)
        mine = Q(complaint__complainant__user=by.user, kind__in=IssuedDocument.TO_COMPLAINANT)
        shops = Q(complaint__merchant__in=by.user.access.merchants(), kind__in=IssuedDocument.TO_RESPONDENT)
        return self.filter(
            seen
            | (mine & ~Q(addressee=IssuedDocument.Addressee.RESPONDENT))
            | (shops & Q(complaint__merchant_told_at__isnull=False) & ~Q(addressee="COMPLAINANT"))
        )

    def of(self, subject: Complaint | ViolationReport) -> IssuedDocumentQuerySet:
        """Those of one case."""
        return self.filter(**{"complaint" if isinstance(subject, Complaint) else "report": subject})


class IssuedDocument(models.Model):
    """One form as it was issued; a reprint gives the same text."""

    class Kind(models.IntegerChoices):
        COMPLAINT_SHEET = 1, "投诉登记表"
        REPORT_SHEET = 2, "举报登记表"
        ROUTING = 3, "分送通知书"
        ID_PROOF = 4, "限期提供身份证明材料通知书"
        ACCEPTANCE = 5, "投诉受理决定书"
        REFUSAL = 6, "投诉不予受理决定书"
        MEDIATION = 7, "投诉调解通知书"
        TERMINATION = 8, "投诉终止调解决定书"
        AGREEMENT = 9, "投诉调解书"
        REPORT_RESULT = 10, "举报处理结果告知书"

    class Addressee(models.TextChoices):
        FILE = "FILE", "存档"
        COMPLAINANT = "COMPLAINANT", "投诉人"
        RESPONDENT = "RESPONDENT", "被投诉人"
        BOTH = "BOTH", "双方"
        REPORTER = "REPORTER", "举报人"
        UNIT = "UNIT", "承办单位"

    TO_COMPLAINANT = (4, 5, 6, 7, 8, 9)
    TO_RESPONDENT = (7, 8, 9)

    code = models.CharField("校验码", max_length=16, unique=True, default=public_code, editable=False)
    kind = models.PositiveSmallIntegerField("文书", choices=Kind.choices)
    addressee = models.CharField("送达", max_length=11, choices=Addressee.choices)
    bureau = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="登记单位")
    year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveIntegerField("编号")
    title = models.CharField("文号", max_length=60, unique=True)
    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, related_name="documents", verbose_name="投诉")
    report = models.ForeignKey(
        ViolationReport, models.PROTECT, null=True, related_name="documents", verbose_name="举报"
    )
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="出具人")
    issued_at = models.DateTimeField("出具时间")
    # The text as it was printed, encrypted because it names people; and its hash, by which a copy is told.
    pii_key = models.UUIDField(default=uuid.uuid4, editable=False)
    body_ct = models.TextField(default="")
    body = PersonalText()
    digest = models.CharField("摘要", max_length=64)

    objects = IssuedDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文书"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["bureau", "year", "number"], name="document_number_once"),
            models.CheckConstraint(
                name="document_of_one",
                condition=Q(complaint__isnull=False, report=None) | Q(complaint=None, report__isnull=False),
            ),
            models.CheckConstraint(name="document_kind_legal", condition=Q(kind__range=(1, 10))),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return grouped(self.code)

    @property
    def subject(self) -> Complaint | ViolationReport:
        """The case it belongs to."""
        found = self.complaint or self.report
        assert found is not None
        return found
