"""Shops that close: the notice, what each holder chose, and the run-off of a shop whose people are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from core.identifiers import public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import SmsMessage, User
from core.models.people import WATCHERS, in_regions
from merchants.malls import Mall
from merchants.models import Merchant, Store
from prepaid.models.contracts import Contract
from prepaid.models.refunds import Refund

if TYPE_CHECKING:
    from core.actors import Actor

# States in which everybody may read a notice, those in which holders choose, and those at an end.
PUBLIC = ("SALES_STOPPED", "SETTLING", "VERIFIED", "CLOSED", "EMERGENCY")
CHOOSING = ("SALES_STOPPED", "SETTLING")
BINDING = (*CHOOSING, "EMERGENCY", "VERIFIED", "CLOSED")
OVER = ("CLOSED", "WITHDRAWN")


class ClosingQuerySet(LockingQuerySet["ClosingNotice"]):
    """Notices as one asks for them."""

    def visible_to(self, by: Actor) -> ClosingQuerySet:
        """Published ones for everybody; drafts for the shop; the successor and the region's officers see theirs."""
        if by.is_system:
            return self
        seen = Q(status__in=PUBLIC)
        if by.user is not None and by.user.is_authenticated:
            access = by.user.access
            seen |= Q(merchant__in=access.merchants()) | Q(successor__in=access.merchants())
            seen |= Q(mall__in=access.malls())
            seen |= in_regions("merchant__region__path", access.region_paths(*WATCHERS))
        return self.filter(seen)

    def public(self) -> ClosingQuerySet:
        """Those on public view."""
        return self.filter(status__in=PUBLIC)

    def open(self) -> ClosingQuerySet:
        """Those not at an end."""
        return self.exclude(status__in=OVER)

    def stopping_sales(self, merchant_id: int, store_id: int | None) -> ClosingQuerySet:
        """Published notices by which a store (or its whole merchant) sells no more."""
        here = Q(store=None) | Q(store=store_id)
        return self.filter(here, merchant=merchant_id, status__in=PUBLIC)


class ClosingNotice(models.Model):
    """A merchant, or one of its stores, says in public that it will close, when and why (浙江办法第11条)."""

    class Status(models.TextChoices):
        DECLARED = "DECLARED", "已申报，未公告"
        PUBLISHED = "PUBLISHED", "已公告"
        SALES_STOPPED = "SALES_STOPPED", "已停止收款，正在通知"
        SETTLING = "SETTLING", "清退中"
        VERIFIED = "VERIFIED", "清退核验通过"
        CLOSED = "CLOSED", "已停业"
        EMERGENCY = "EMERGENCY", "失联应急处置"
        WITHDRAWN = "WITHDRAWN", "已撤回"

    class Reason(models.TextChoices):
        LEASE = "LEASE", "租约到期"
        LOSS = "LOSS", "经营困难"
        MOVE = "MOVE", "搬迁"
        SOLD = "SOLD", "转让"
        OTHER = "OTHER", "其他"
        ABSCONDED = "ABSCONDED", "商家失联"

    # What somebody may declare; that a shop vanished is an officer's word.
    DECLARED_REASONS = Reason.choices[:-1]

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="closings", verbose_name="商家")
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="门店")
    status = models.CharField("状态", max_length=13, choices=Status.choices, default=Status.DECLARED)
    reason = models.CharField("原因", max_length=9, choices=Reason.choices)
    note = models.CharField("说明", max_length=300, blank=True)
    in_mall = models.BooleanField("在商场里", default=False)
    # Declared by the mall for its tenant; then only the mall publishes or takes it back.
    mall = models.ForeignKey(Mall, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申报商场")
    closes_on = models.DateField("停业日")
    successor = models.ForeignKey(
        Merchant, models.PROTECT, null=True, blank=True, related_name="successions", verbose_name="接手商家"
    )
    accepted_at = models.DateTimeField("接手商家同意时间", null=True)
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申报人")
    declared_at = models.DateTimeField("申报时间", auto_now_add=True)
    published_at = models.DateTimeField("公告时间", null=True)
    notice_days = models.PositiveSmallIntegerField("须提前天数", default=0)
    notice_basis = models.CharField("依据", max_length=100, blank=True)
    short_days = models.PositiveSmallIntegerField("少提前天数", default=0)
    verified_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核验人")
    verified_at = models.DateTimeField("核验时间", null=True)
    remainder_fen = models.BigIntegerField("留待领取", default=0)
    remainder_note = models.CharField("留待领取的去向", max_length=200, blank=True)
    closed_at = models.DateTimeField("停业时间", null=True)

    objects = ClosingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "停业公告"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "store"], condition=~Q(status__in=OVER), nulls_distinct=False,
                name="one_open_closing",
            ),
            models.CheckConstraint(
                name="closing_successor_is_another",
                condition=Q(successor=None) | ~Q(successor=models.F("merchant")),
            ),
            models.CheckConstraint(
                name="closing_remainder_is_said",
                condition=Q(remainder_fen=0) | (Q(remainder_fen__gt=0) & ~Q(remainder_note="")),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.merchant} {self.get_status_display()}"

    @property
    def where(self) -> str:
        """What closes, as people call it."""
        return f"{self.merchant.brand_name}（{self.store.name}）" if self.store else self.merchant.brand_name

    @property
    def is_choosing(self) -> bool:
        """Whether holders choose now."""
        return self.status in CHOOSING

    def contracts(self) -> Any:
        """The merchant's contracts that this notice is about."""
        rows = Contract.objects.filter(merchant=self.merchant_id)
        return rows.filter(store=self.store_id) if self.store_id else rows


CLOSING_LIFECYCLE = Lifecycle(
    "prepaid.ClosingNotice",
    "status",
    {
        "publish": Step(("DECLARED",), "PUBLISHED", "prepaid.publish_closing", "发布停业公告", caution=True),
        "withdraw": Step(("DECLARED",), "WITHDRAWN", "prepaid.publish_closing", "撤回申报"),
        "stop_sales": Step(("PUBLISHED",), "SALES_STOPPED", "prepaid.run_closing", "停止收款"),
        "settle": Step(("SALES_STOPPED",), "SETTLING", "prepaid.run_closing", "通知完毕，开始清退"),
        "verify": Step(("SETTLING", "EMERGENCY"), "VERIFIED", "prepaid.verify_closing", "核验清退"),
        "close": Step(("VERIFIED",), "CLOSED", "prepaid.close_closing", "停业办结"),
        "emergency": Step(
            ("DECLARED", "PUBLISHED", "SALES_STOPPED", "SETTLING", "VERIFIED"), "EMERGENCY",
            "prepaid.run_closing", "转失联应急处置", caution=True,
        ),
    },
)  # fmt: skip


class HolderNoticeQuerySet(LockingQuerySet["HolderNotice"]):
    """What holders were told, as one asks for it."""

    def visible_to(self, by: Actor) -> HolderNoticeQuerySet:
        """Those of contracts ``by`` may see."""
        return self if by.is_system else self.filter(contract__in=Contract.objects.visible_to(by))

    def binding(self, contract: Contract) -> HolderNoticeQuerySet:
        """The notices by which the shop of a contract has no say in its refund (法释〔2025〕4号第13条第2项)."""
        return self.filter(contract=contract, notice__merchant=contract.merchant_id, notice__status__in=BINDING)

    def unsettled(self) -> HolderNoticeQuerySet:
        """Those whose contract still waits."""
        return self.filter(settled_at=None)


class HolderNotice(models.Model):
    """One contract of a closing shop: whether its holder was told and has read it, the choice, what came of it."""

    class Choice(models.TextChoices):
        REFUND = "REFUND", "退款"
        TRANSFER = "TRANSFER", "转到接手的店"
        USE_UP = "USE_UP", "停业前用完"

    notice = models.ForeignKey(ClosingNotice, models.PROTECT, related_name="holders", verbose_name="停业公告")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="closings", verbose_name="合同")
    message = models.ForeignKey(SmsMessage, models.PROTECT, null=True, related_name="+", verbose_name="短信")
    read_at = models.DateTimeField("已读时间", null=True)
    choice = models.CharField("选择", max_length=8, choices=Choice.choices, blank=True)
    chosen_at = models.DateTimeField("选择时间", null=True)
    by_default = models.BooleanField("到期未选，自动退款", default=False)
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, related_name="+", verbose_name="退款")
    settled_at = models.DateTimeField("办妥时间", null=True)
    trouble = models.CharField("没办成的原因", max_length=200, blank=True)

    objects = HolderNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "持卡人通知"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "contract"], name="holder_told_once"),
            models.CheckConstraint(
                name="choice_is_legal", condition=Q(choice__in=["", "REFUND", "TRANSFER", "USE_UP"])
            ),
        ]
        indexes = [
            models.Index(fields=["notice"], condition=Q(settled_at=None), name="holder_unsettled"),
            models.Index(fields=["notice"], condition=Q(message=None), name="holder_untold"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}/{self.contract_id}"
