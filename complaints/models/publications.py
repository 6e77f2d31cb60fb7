"""What the bureau tells the public: consumer warnings with the merchant's reply beside, and typical cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from complaints.models.complaints import Complaint
from complaints.models.reports import ViolationReport
from core.identifiers import grouped, public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet, Row
from core.models import Industry, Region, User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant

if TYPE_CHECKING:
    from core.actors import Actor


class PublicationQuerySet(LockingQuerySet[Row]):
    """Texts for the public as one asks for them."""

    def public(self) -> Self:
        """Those on public view."""
        return self.filter(status="PUBLISHED")

    def visible_to(self, by: Actor) -> Self:
        """Published ones for everybody; drafts for officers of the region."""
        if by.is_system:
            return self
        seen = Q(status="PUBLISHED")
        if by.user is not None and by.user.is_authenticated:
            seen |= in_regions("region__path", by.user.access.region_paths(*WATCHERS))
        return self.filter(seen)


class ConsumerWarningQuerySet(PublicationQuerySet["ConsumerWarning"]):
    """Warnings as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Besides, the shop reads what will be said about it once it is approved, so that it can reply."""
        seen = super().visible_to(by)
        if by.is_system or by.user is None or not by.user.is_authenticated:
            return seen
        own = self.filter(merchant__in=by.user.access.merchants()).exclude(status="DRAFT")
        return seen | own


class Publication(models.Model):
    """One text that two people answer for: who drafted it and who approved it."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "草稿"
        APPROVED = "APPROVED", "已审批，待发布"
        PUBLISHED = "PUBLISHED", "已发布"
        WITHDRAWN = "WITHDRAWN", "已撤回"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.DRAFT)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="发布地区")
    industry = models.ForeignKey(Industry, models.PROTECT, null=True, related_name="+", verbose_name="行业")
    title = models.CharField("标题", max_length=80)
    text = models.TextField("正文", max_length=4000)
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="起草人")
    drafted_at = models.DateTimeField("起草时间", auto_now_add=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审批人")
    approved_at = models.DateTimeField("审批时间", null=True)
    published_at = models.DateTimeField("发布时间", null=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    reason = models.CharField("退回或撤回理由", max_length=300, blank=True)

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return grouped(self.code)


def _two_people(name: str) -> list[models.BaseConstraint]:
    return [
        models.CheckConstraint(name=f"{name}_by_two", condition=Q(approved_by=None) | ~Q(approved_by=F("drafted_by"))),
        models.CheckConstraint(
            name=f"{name}_status_legal", condition=Q(status__in=["DRAFT", "APPROVED", "PUBLISHED", "WITHDRAWN"])
        ),
        models.CheckConstraint(
            name=f"{name}_published_is_approved",
            condition=~Q(status="PUBLISHED") | Q(approved_by__isnull=False, published_at__isnull=False),
        ),
    ]


class ConsumerWarning(Publication):
    """Beware: of one merchant, or of a practice in an industry; the merchant's reply stands beside it (第38条)."""

    merchant = models.ForeignKey(
        Merchant, models.PROTECT, null=True, related_name="consumer_warnings", verbose_name="商家"
    )
    advice = models.CharField("提示", max_length=500)
    reply = models.CharField("商家回应", max_length=1000, blank=True)
    replied_at = models.DateTimeField("回应时间", null=True)

    objects = ConsumerWarningQuerySet.as_manager()

    class Meta(Publication.Meta):
        verbose_name = verbose_name_plural = "消费警示"
        constraints = [
            *_two_people("warning"),
            models.CheckConstraint(
                name="warning_scope", condition=Q(merchant__isnull=False) | Q(industry__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-published_at"], condition=Q(status="PUBLISHED"), name="warning_of_shop"),
        ]


class TypicalCase(Publication):
    """A case others can learn from, told without the people in it."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, related_name="+", verbose_name="投诉")
    report = models.ForeignKey(ViolationReport, models.PROTECT, null=True, related_name="+", verbose_name="举报")

    objects = PublicationQuerySet["TypicalCase"].as_manager()

    class Meta(Publication.Meta):
        verbose_name = verbose_name_plural = "典型案例"
        constraints = _two_people("typical_case")

    @property
    def merchant_id(self) -> int | None:
        """The respondent of the case it is told from."""
        source = self.complaint or self.report
        return source.merchant_id if source else None


def _life(label: str) -> Lifecycle:
    return Lifecycle(
        label,
        "status",
        {
            "approve": Step(("DRAFT",), "APPROVED", "complaints.approve_publication", "审批通过"),
            "return": Step(("APPROVED",), "DRAFT", "complaints.approve_publication", "退回修改", caution=True),
            "publish": Step(("APPROVED",), "PUBLISHED", "complaints.publish_publication", "发布"),
            "withdraw": Step(
                ("PUBLISHED", "APPROVED"), "WITHDRAWN", "complaints.approve_publication", "撤回", caution=True
            ),
        },
    )


WARNING_LIFECYCLE = _life("complaints.ConsumerWarning")
TYPICAL_CASE_LIFECYCLE = _life("complaints.TypicalCase")
