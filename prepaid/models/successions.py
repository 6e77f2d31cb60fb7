"""A shop goes over to somebody else, or takes another name: the old cards bind whoever runs it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.identifiers import public_code
from core.lifecycle import Lifecycle, Step
from core.models import User
from merchants.models import Merchant, Restriction
from prepaid.models.contracts import Contract
from prepaid.models.legacy_cards import OWED, LegacyCard
from prepaid.models.plans import OwnedQuerySet


class SuccessionQuerySet(OwnedQuerySet["Succession"]):
    """Successions as one asks for them."""

    def open(self) -> SuccessionQuerySet:
        """Those an officer has not settled; while one is open the shop may not sell."""
        return self.filter(status=Succession.Status.OPEN)

    def concerning(self, user: User) -> SuccessionQuerySet:
        """The open ones of shops in which this person holds a card in use or an old one. One query."""
        cards = Contract.objects.filter(holder=user, status__in=["ACTIVE", "PAUSED"]).values("merchant")
        old = LegacyCard.objects.filter(holder=user, status__in=OWED).values("merchant")
        rows = self.open().filter(Q(merchant__in=cards) | Q(merchant__in=old))
        return rows.select_related("merchant")


class Succession(models.Model):
    """One change of who stands behind the cards of a shop, declared by it or noticed; the contracts stay as they are.

    ``changes`` holds field → [before, after], personal ones masked. ``told_until`` is the last holder told.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", "待核实，暂停办新卡"
        SETTLED = "SETTLED", "已核实"

    class Kind(models.TextChoices):
        OWNER = "OWNER", "换经营者"
        RENAMED = "RENAMED", "店名或执照名称变更"
        ACCOUNT = "ACCOUNT", "收款人变更"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="ownership_changes", verbose_name="商家")
    kind = models.CharField("类型", max_length=7, choices=Kind.choices)
    status = models.CharField("状态", max_length=7, choices=Status.choices, default=Status.OPEN)
    changes = models.JSONField("变更", default=dict)
    reason = models.CharField("说明", max_length=300, blank=True)
    declared = models.BooleanField("商家申报", default=False)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="变更人")
    opened_at = models.DateTimeField("起", auto_now_add=True)
    restriction = models.ForeignKey(Restriction, models.PROTECT, related_name="+", verbose_name="限制")
    told_until = models.BigIntegerField(default=0)
    told_count = models.PositiveIntegerField("已通知", default=0)
    told_at = models.DateTimeField("通知完毕", null=True)
    finding = models.CharField("核实结果", max_length=300, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核实人")
    settled_at = models.DateTimeField("核实时间", null=True)

    objects = SuccessionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "店铺易主"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant"], condition=Q(status="OPEN"), name="one_open_succession"),
            models.CheckConstraint(name="succession_status_legal", condition=Q(status__in=["OPEN", "SETTLED"])),
            models.CheckConstraint(
                name="succession_settled_by_somebody", condition=Q(status="OPEN") | Q(settled_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant} {self.get_kind_display()}"


SUCCESSION_LIFECYCLE = Lifecycle(
    "prepaid.Succession",
    "status",
    {"settle": Step(("OPEN",), "SETTLED", "prepaid.settle_succession", "核实完毕，恢复办卡")},
)
