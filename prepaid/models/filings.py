"""Filings (备案), their documents, and the quarterly reports that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from core.lifecycle import Lifecycle, Step
from core.models import StoredFile, User
from merchants.models import Merchant
from prepaid.models.plans import OwnedQuerySet

if TYPE_CHECKING:
    from core.actors import Actor


class IssuerClass(models.TextChoices):
    """How the ministry of commerce sorts issuers (试行办法第2、7条); it decides where a filing goes."""

    GROUP = "GROUP", "集团发卡企业"
    BRAND = "BRAND", "品牌发卡企业"
    SCALE = "SCALE", "规模发卡企业"
    OTHER = "OTHER", "其他发卡企业"
    INDIVIDUAL = "INDIVIDUAL", "个体工商户"


class FilingQuerySet(OwnedQuerySet["Filing"]):
    """Filings as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of merchants that were approved and that ``by`` may open."""
        return super().visible_to(by).filter(merchant__in=Merchant.objects.public())

    def waiting(self) -> FilingQuerySet:
        """Those an officer must answer."""
        return self.filter(status__in=[Filing.Status.FILED, Filing.Status.CHANGED])


class Filing(models.Model):
    """What one merchant declared as an issuer of prepaid cards, and where that stands.

    ``need`` holds the conditions the daily job looked at, with their articles. While a change waits, what is to
    change lies in ``pending`` and what was accepted stays public.
    """

    class Status(models.TextChoices):
        NOT_REQUIRED = "NOT_REQUIRED", "无须备案"
        REQUIRED = "REQUIRED", "应当备案"
        OVERDUE = "OVERDUE", "逾期未备案"
        FILED = "FILED", "待受理"
        ACCEPTED = "ACCEPTED", "已备案"
        CHANGED = "CHANGED", "变更待受理"
        CANCELLED = "CANCELLED", "已注销备案"
        EXEMPT_ESCROW = "EXEMPT_ESCROW", "全额存管免予备案"

    merchant = models.OneToOneField(Merchant, models.PROTECT, related_name="filing", verbose_name="商家")
    status = models.CharField("状态", max_length=13, choices=Status.choices, default=Status.NOT_REQUIRED)
    issuer_class = models.CharField("发卡企业类别", max_length=10, choices=IssuerClass.choices, blank=True)
    need = models.JSONField("为什么", default=list, blank=True)
    rule_pack = models.CharField("规则版本", max_length=30, blank=True)
    required_on = models.DateField("起算日", null=True, blank=True)
    due_on = models.DateField("备案期限", null=True, blank=True)
    due_clock = models.CharField("期限怎么算的", max_length=400, blank=True)
    started_on = models.DateField("开展发卡业务日期", null=True, blank=True)
    revenue_fen = models.BigIntegerField("上年度主营业务收入", null=True, blank=True)
    capital_fen = models.BigIntegerField("注册资本", null=True, blank=True)
    group_name = models.CharField("集团或品牌名称", max_length=60, blank=True)
    custody_bank = models.CharField("资金存管银行", max_length=60, blank=True)
    statement = models.CharField("发卡业务说明", max_length=500, blank=True)
    pending = models.JSONField("待受理的变更", default=dict, blank=True)
    number = models.CharField("备案编号", max_length=24, null=True, blank=True, unique=True)
    filed_on = models.DateField("提交日", null=True, blank=True)
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提交人")
    accepted_on = models.DateField("受理日", null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="受理人"
    )
    return_reason = models.CharField("退回原因", max_length=300, blank=True)
    cancelled_on = models.DateField("注销日", null=True, blank=True)

    objects = FilingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "备案"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="filing_status_legal",
                condition=Q(
                    status__in=[
                        "NOT_REQUIRED",
                        "REQUIRED",
                        "OVERDUE",
                        "FILED",
                        "ACCEPTED",
                        "CHANGED",
                        "CANCELLED",
                        "EXEMPT_ESCROW",
                    ]
                ),
            ),
            models.CheckConstraint(name="filing_overdue_has_due", condition=~Q(status="OVERDUE") | ~Q(due_on=None)),
            models.CheckConstraint(
                name="filing_accepted_has_number",
                condition=~Q(status__in=["ACCEPTED", "CHANGED"]) | Q(number__isnull=False, accepted_by__isnull=False),
            ),
            models.CheckConstraint(name="filing_by_two", condition=Q(accepted_by=None) | ~Q(accepted_by=F("filed_by"))),
            models.CheckConstraint(
                name="filing_money",
                condition=(Q(revenue_fen=None) | Q(revenue_fen__gte=0)) & (Q(capital_fen=None) | Q(capital_fen__gte=0)),
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(status="REQUIRED"), name="filing_due"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.merchant} {self.get_status_display()}"

    @property
    def stands(self) -> bool:
        """Whether a filing is on record."""
        return self.status in (Filing.Status.ACCEPTED, Filing.Status.CHANGED)


_OPEN = ("NOT_REQUIRED", "REQUIRED", "OVERDUE", "EXEMPT_ESCROW", "CANCELLED")
FILING_LIFECYCLE = Lifecycle(
    "prepaid.Filing",
    "status",
    {
        "require": Step(
            ("NOT_REQUIRED", "EXEMPT_ESCROW", "CANCELLED"), "REQUIRED", "prepaid.decide_filing", "应当备案"
        ),
        "exempt": Step(
            ("NOT_REQUIRED", "REQUIRED", "OVERDUE", "CANCELLED"), "EXEMPT_ESCROW", "prepaid.decide_filing", "免予备案"
        ),
        "release": Step(
            ("REQUIRED", "OVERDUE", "EXEMPT_ESCROW"), "NOT_REQUIRED", "prepaid.decide_filing", "无须备案"
        ),
        "lapse": Step(("REQUIRED",), "OVERDUE", "prepaid.decide_filing", "逾期"),
        "file": Step(_OPEN, "FILED", "prepaid.change_filing", "提交备案"),
        "accept": Step(("FILED", "CHANGED"), "ACCEPTED", "prepaid.accept_filing", "予以备案"),
        "send_back": Step(("FILED",), "REQUIRED", "prepaid.accept_filing", "退回补正", caution=True),
        "change": Step(("ACCEPTED",), "CHANGED", "prepaid.change_filing", "申报变更"),
        "refuse_change": Step(("CHANGED",), "ACCEPTED", "prepaid.accept_filing", "退回变更", caution=True),
        "cancel": Step(("ACCEPTED", "CHANGED"), "CANCELLED", "prepaid.cancel_filing", "注销备案", caution=True),
    },
)  # fmt: skip


class FilingDocument(models.Model):
    """One piece of evidence of a filing."""

    class Kind(models.TextChoices):
        LICENCE = "LICENCE", "营业执照"
        CUSTODY_AGREEMENT = "CUSTODY", "资金存管协议"
        RULES = "RULES", "发卡章程或合同文本"
        CARD = "CARD", "卡样"
        GUARANTEE = "GUARANTEE", "履约保证保险或保函"
        OTHER = "OTHER", "其他"

    filing = models.ForeignKey(Filing, models.PROTECT, related_name="documents", verbose_name="备案")
    kind = models.CharField("材料", max_length=9, choices=Kind.choices)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    added_at = models.DateTimeField("上传时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "备案材料"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.get_kind_display()


class FilingReportQuerySet(OwnedQuerySet["FilingReport"]):
    """Quarterly reports as one asks for them."""

    def owed(self) -> FilingReportQuerySet:
        """Those the merchant still owes."""
        return self.exclude(status=FilingReport.Status.SUBMITTED)


class FilingReport(models.Model):
    """What an issuer reports of one quarter; the figures come from the ledger, the merchant confirms them."""

    class Status(models.TextChoices):
        DUE = "DUE", "待报送"
        LATE = "LATE", "逾期未报"
        SUBMITTED = "SUBMITTED", "已报送"

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="filing_reports", verbose_name="商家")
    quarter_end = models.DateField("季度末")
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.DUE)
    due_on = models.DateField("报送期限")
    basis = models.CharField("依据", max_length=80, blank=True)
    figures = models.JSONField("数据", default=dict)
    remark = models.CharField("说明", max_length=300, blank=True)
    submitted_on = models.DateField("报送日", null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报送人"
    )

    objects = FilingReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "季度报告"
        ordering = ["-quarter_end", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "quarter_end"], name="filing_report_once"),
            models.CheckConstraint(
                name="filing_report_status_legal", condition=Q(status__in=["DUE", "LATE", "SUBMITTED"])
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(status="DUE"), name="filing_report_due")]

    def __str__(self) -> str:
        return f"{self.quarter_name} {self.merchant}"

    @property
    def quarter_name(self) -> str:
        """「2026年第三季度」."""
        return f"{self.quarter_end.year}年第{'一二三四'[(self.quarter_end.month - 1) // 3]}季度"

    @property
    def was_late(self) -> bool:
        """Whether it came after the due day."""
        return self.submitted_on is not None and self.submitted_on > self.due_on


FILING_REPORT_LIFECYCLE = Lifecycle(
    "prepaid.FilingReport",
    "status",
    {
        "submit": Step(("DUE", "LATE"), "SUBMITTED", "prepaid.change_filing", "报送"),
        "lapse": Step(("DUE",), "LATE", "prepaid.decide_filing", "逾期"),
    },
)
