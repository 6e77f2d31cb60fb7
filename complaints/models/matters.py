"""What complaints, reports and consultations have in common, and what came in before it was split into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

from core.identifiers import grouped, public_code
from core.locking import LockingQuerySet, Row
from core.models import Industry, Region, StoredFile, User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant, Store

if TYPE_CHECKING:
    from core.actors import Actor


class Channel(models.TextChoices):
    """How it came in (第8条 and the channels of good bureaus)."""

    WEB = "WEB", "网上"
    PLATFORM_12315 = "PLATFORM_12315", "12315 平台"
    HOTLINE_12315 = "HOTLINE_12315", "12315 热线"
    HOTLINE_12345 = "HOTLINE_12345", "12345 热线"
    COUNTER = "COUNTER", "窗口"
    MAIL = "MAIL", "来信"
    MALL = "MALL", "商场"
    MERCHANT_ODR = "MERCHANT_ODR", "商家 ODR"
    MEDIA = "MEDIA", "媒体"
    TRANSFER = "TRANSFER", "其他部门移送"
    API = "API", "接口"


class Level(models.TextChoices):
    """Who answers for it now: each level has a named owner."""

    STATION = "STATION", "市场监管所"
    COUNTY = "COUNTY", "区县"
    CITY = "CITY", "市级"
    LEADER = "LEADER", "领导包案"


class Cause(models.TextChoices):
    """What it is about, as figures count it."""

    REFUND = "REFUND", "退款难"
    CLOSED_SHOP = "CLOSED_SHOP", "停业、关门、失联"
    WRONG_CHARGE = "WRONG_CHARGE", "多扣、错扣"
    PRIVATE_PAYMENT = "PRIVATE_PAYMENT", "私下收款"
    SERVICE_CUT = "SERVICE_CUT", "涨价、服务缩水"
    CONTRACT_TERMS = "CONTRACT_TERMS", "不公平条款"
    FALSE_PROMOTION = "FALSE_PROMOTION", "虚假宣传"
    QUALITY = "QUALITY", "质量和安全"
    PERSONAL_DATA = "PERSONAL_DATA", "个人信息"
    OTHER = "OTHER", "其他"


class MatterQuerySet(LockingQuerySet[Row]):
    """Complaints, reports and consultations as officers ask for them."""

    OPEN: ClassVar[tuple[str, ...]] = ()

    def in_regions_of(self, by: Actor, *roles: str) -> Q:
        """Those in a region for which ``by`` answers."""
        assert by.user is not None
        return in_regions("region__path", by.user.access.region_paths(*(roles or WATCHERS)))

    def open(self) -> Self:
        """Those not at an end yet."""
        return self.filter(status__in=self.OPEN, closed_at=None)

    def handled_by(self, *users: int) -> Self:
        """The queue of an officer (and of those for whom they stand in), the most urgent first."""
        return self.open().filter(handler__in=users).order_by("next_due_at", "id")


def stands_for(by: Actor) -> set[int]:
    """The officer and those on leave whose work is theirs now."""
    if by.user is None or not by.user.is_authenticated:
        return set()
    return {by.user.pk, *(held.user_id for held in by.user.access.memberships)}


class Matter(models.Model):
    """One thing that the bureau must answer, against one respondent, in one jurisdiction."""

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    channel = models.CharField("来源", max_length=14, choices=Channel.choices)
    received_at = models.DateTimeField("收到时间")
    # The respondent: a merchant of the portal, or whoever the person named.
    merchant = models.ForeignKey(Merchant, models.PROTECT, null=True, related_name="%(class)ss", verbose_name="商家")
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+", verbose_name="门店")
    respondent_name = models.CharField("被投诉举报人", max_length=100, blank=True)
    respondent_address = models.CharField("被投诉举报人地址", max_length=200, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="管辖地")
    industry = models.ForeignKey(Industry, models.PROTECT, null=True, related_name="+", verbose_name="行业")
    cause = models.CharField("事由", max_length=15, choices=Cause.choices, default=Cause.OTHER)
    facts = models.TextField("事实", max_length=4000)
    level = models.CharField("层级", max_length=7, choices=Level.choices, default=Level.STATION)
    handler = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="承办人")
    assigned_at = models.DateTimeField("分派时间", null=True)
    # The nearest of the clocks that run; the queue is sorted by it.
    next_due_at = models.DateTimeField("最近的期限", null=True)
    first_contact_at = models.DateTimeField("首次联系时间", null=True)
    closed_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.code

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return grouped(self.code)

    @property
    def respondent(self) -> str:
        """The name the officer reads."""
        return self.merchant.brand_name if self.merchant else self.respondent_name


class IntakeQuerySet(LockingQuerySet["Intake"]):
    """What came in, as one asks for it."""

    def visible_to(self, by: Actor) -> IntakeQuerySet:
        """Own ones, those one has entered, and those of an officer's regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(self._filed_by(by.user) | in_regions("region__path", by.user.access.region_paths(*WATCHERS)))

    def filed_by(self, user: User) -> IntakeQuerySet:
        """Own ones and those one has entered: only these may be told which complaint and which report are one's."""
        return self.filter(self._filed_by(user))

    def _filed_by(self, user: User) -> Q:
        mine = Q(entered_by=user)
        for matter in ("complaint__complainant", "report__reporter", "consultation__person"):
            mine |= Q(pk__in=Receipt.objects.filter(**{f"{matter}__user": user}).values("intake"))
        return mine


class Intake(models.Model):
    """One coming-in under one number of its source; split into complaint and report where it is both (第9条)."""

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", "待拆分"
        SPLIT = "SPLIT", "已拆分"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.RECEIVED)
    channel = models.CharField("来源", max_length=14, choices=Channel.choices)
    source_no = models.CharField("来源编号", max_length=64, blank=True)
    received_at = models.DateTimeField("收到时间")
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="管辖地")
    text = models.TextField("原文", max_length=4000)
    # Whose calls these are, without saying who: the keyed hash of the phone.
    phone_idx = models.CharField(max_length=32, blank=True)
    # The same words by the same person about the same shop within a minute are one coming-in.
    fingerprint = models.CharField(max_length=64, blank=True)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "来件"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "source_no"], condition=~Q(source_no=""), name="one_intake_per_source_no"
            ),
            models.CheckConstraint(name="intake_status_legal", condition=Q(status__in=["RECEIVED", "SPLIT"])),
        ]
        indexes = [
            models.Index(fields=["phone_idx", "-id"], name="intakes_of_phone"),
            models.Index(fields=["fingerprint", "-received_at"], name="intake_twins"),
        ]

    def __str__(self) -> str:
        return self.source_no or self.code


class ReceiptQuerySet(LockingQuerySet["Receipt"]):
    """Receipts as one asks for them."""

    def visible_to(self, by: Actor) -> ReceiptQuerySet:
        """Those of the intakes an officer sees."""
        return self.filter(intake__in=Intake.objects.visible_to(by))


class Receipt(models.Model):
    """One part of an intake on its way through one matter. A case has many: each keeps its number and clock.

    The reply is written once on the matter and sent in the form of each source.
    """

    intake = models.ForeignKey(Intake, models.PROTECT, related_name="receipts", verbose_name="来件")
    complaint = models.ForeignKey(
        "complaints.Complaint", models.PROTECT, null=True, related_name="receipts", verbose_name="投诉"
    )
    report = models.ForeignKey(
        "complaints.ViolationReport", models.PROTECT, null=True, related_name="receipts", verbose_name="举报"
    )
    consultation = models.ForeignKey(
        "complaints.Consultation", models.PROTECT, null=True, related_name="receipts", verbose_name="咨询"
    )
    # What the source asks for by when: a 12345 order has a date of its own.
    reply_due_at = models.DateTimeField("来源要求答复", null=True)
    replied_at = models.DateTimeField("答复时间", null=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "回执"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="receipt_of_one",
                condition=(
                    Q(complaint__isnull=False, report=None, consultation=None)
                    | Q(complaint=None, report__isnull=False, consultation=None)
                    | Q(complaint=None, report=None, consultation__isnull=False)
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["reply_due_at"], condition=Q(replied_at=None), name="receipt_reply_due"),
        ]

    def __str__(self) -> str:
        return str(self.intake)

    @property
    def matter(self) -> Matter:
        """The complaint, report or question this part runs through."""
        found: Matter | None = self.complaint or self.report or self.consultation
        assert found is not None
        return found


class Attachment(models.Model):
    """A file that belongs to a matter: evidence of either side, a power of attorney, a signed form."""

    complaint = models.ForeignKey(
        "complaints.Complaint", models.PROTECT, null=True, related_name="attachments", verbose_name="投诉"
    )
    report = models.ForeignKey(
        "complaints.ViolationReport", models.PROTECT, null=True, related_name="attachments", verbose_name="举报"
    )
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    label = models.CharField("说明", max_length=100, blank=True)
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提交人")
    added_at = models.DateTimeField("提交时间", auto_now_add=True)

    objects = LockingQuerySet["Attachment"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="attachment_of_one",
                condition=Q(complaint__isnull=False, report=None) | Q(complaint=None, report__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.label or str(self.file)
