"""Cards sold before the shop joined: their money never was in escrow; how they came in, are used, and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from core.identifiers import public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant, Store
from prepaid.models.contracts import Contract
from prepaid.models.plans import OwnedQuerySet, Plan

if TYPE_CHECKING:
    from core.actors import Actor

# States in which the shop owes what is left on the card.
OWED = ("UNCONFIRMED", "CONFIRMED", "DISPUTED", "MOVING", "REFUNDING")


class CardImport(models.Model):
    """One file of old cards a shop handed in. The same bytes of the same shop are one import, however often sent."""

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", "等待导入"
        READING = "READING", "导入中"
        DONE = "DONE", "已导入"
        REFUSED = "REFUSED", "读不了，整份退回"

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="card_imports", verbose_name="商家")
    name = models.CharField("文件名", max_length=100)
    path = models.CharField(max_length=80)
    sha256 = models.CharField("摘要", max_length=64)
    size = models.PositiveIntegerField("字节")
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.RECEIVED)
    row_count = models.PositiveIntegerField("行数", default=0)
    done_count = models.PositiveIntegerField("已办", default=0)
    added_count = models.PositiveIntegerField("新增", default=0)
    known_count = models.PositiveIntegerField("先前已有", default=0)
    refused_count = models.PositiveIntegerField("没有通过", default=0)
    errors = models.JSONField("没有通过的行", default=list, help_text="[行号, 原因]")
    error = models.CharField("退回原因", max_length=300, blank=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    finished_at = models.DateTimeField("办完时间", null=True)

    objects = OwnedQuerySet["CardImport"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "老卡导入"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sha256"], name="card_import_once"),
            models.CheckConstraint(
                name="card_import_adds_up",
                condition=Q(done_count=F("added_count") + F("known_count") + F("refused_count")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


CARD_IMPORT_LIFECYCLE = Lifecycle(
    "prepaid.CardImport",
    "status",
    {
        "read": Step(("RECEIVED", "READING"), "READING", "prepaid.read_card_import", "开始导入"),
        "finish": Step(("READING",), "DONE", "prepaid.read_card_import", "导入完成"),
        "refuse": Step(("READING",), "REFUSED", "prepaid.read_card_import", "整份退回"),
    },
)


class LegacyCardQuerySet(LockingQuerySet["LegacyCard"]):
    """Old cards as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Own cards, the shop's, and those of an officer's regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        return self.filter(
            Q(holder=by.user)
            | Q(merchant__in=access.merchants())
            | in_regions("merchant__region__path", access.region_paths(*WATCHERS))
        )

    def owed(self) -> Self:
        """Those on which something is still owed."""
        return self.filter(status__in=OWED, left_fen__gt=0)

    def listed_for(self, user: User) -> Self:
        """Those a person sees among all cards, the newest first; ``open_uses``: a visit waits. One query."""
        waiting = LegacyUse.objects.filter(card=OuterRef("pk"), status=LegacyUse.Status.REQUESTED)
        rows = self.filter(holder=user, status__in=OWED).select_related("merchant")
        return rows.annotate(open_uses=Exists(waiting)).order_by("-id")


class LegacyCard(models.Model):
    """One card sold before joining. Nothing of it is in the ledger: the shop holds the money and owes ``left_fen``.

    ``stated_*`` is what the shop said, ``claimed_*`` the consumer's own word where it differs. A count card carries
    the value of its times, so that it can be refunded and counted as an obligation.
    """

    class Status(models.TextChoices):
        UNCONFIRMED = "UNCONFIRMED", "待消费者核对"
        CONFIRMED = "CONFIRMED", "消费者已确认"
        DISPUTED = "DISPUTED", "余额有争议"
        DENIED = "DENIED", "消费者否认"
        MOVING = "MOVING", "转入存管中"
        MOVED = "MOVED", "已转入存管"
        REFUNDING = "REFUNDING", "商家待退款"
        REFUNDED = "REFUNDED", "商家已退款"
        USED_UP = "USED_UP", "已用完"

    KINDS = ((Plan.Kind.STORED_VALUE, Plan.Kind.STORED_VALUE.label), (Plan.Kind.COUNT, Plan.Kind.COUNT.label))

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="legacy_cards", verbose_name="商家")
    holder = models.ForeignKey(User, models.PROTECT, related_name="legacy_cards", verbose_name="持卡人")
    kind = models.CharField("类型", max_length=14, choices=KINDS)
    name = models.CharField("卡名", max_length=40)
    bought_on = models.DateField("办卡日期")
    status = models.CharField("状态", max_length=11, choices=Status.choices, default=Status.UNCONFIRMED)
    stated_fen = models.BigIntegerField("商家登记余额")
    stated_times = models.PositiveIntegerField("商家登记次数", default=0)
    left_fen = models.BigIntegerField("现余额")
    left_times = models.PositiveIntegerField("现次数", default=0)
    claimed_fen = models.BigIntegerField("消费者主张余额", null=True)
    claimed_times = models.PositiveIntegerField("消费者主张次数", default=0)
    remark = models.CharField("说明", max_length=300, blank=True)
    natural_key = models.CharField(max_length=32, editable=False)
    source = models.ForeignKey(CardImport, models.PROTECT, null=True, related_name="cards", verbose_name="导入文件")
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    entered_at = models.DateTimeField("登记时间", auto_now_add=True)
    answered_at = models.DateTimeField("消费者核对时间", null=True)
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, related_name="legacy_cards", verbose_name="转入的合同"
    )
    ended_at = models.DateTimeField("结束时间", null=True)

    objects = LegacyCardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "老卡"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "natural_key"], name="legacy_card_once"),
            models.CheckConstraint(
                name="legacy_card_money",
                condition=Q(stated_fen__gt=0, left_fen__gte=0) & (Q(claimed_fen=None) | Q(claimed_fen__gt=0)),
            ),
            models.CheckConstraint(
                name="legacy_card_status_legal",
                condition=Q(
                    status__in=[
                        "UNCONFIRMED",
                        "CONFIRMED",
                        "DISPUTED",
                        "DENIED",
                        "MOVING",
                        "MOVED",
                        "REFUNDING",
                        "REFUNDED",
                        "USED_UP",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="legacy_card_moves_into_a_contract",
                condition=~Q(status__in=["MOVING", "MOVED"]) | Q(contract__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-id"], name="legacy_card_of_merchant"),
            models.Index(fields=["holder", "-id"], name="legacy_card_of_holder"),
        ]

    def __str__(self) -> str:
        return f"{self.merchant.brand_name}「{self.name}」"

    @property
    def is_owed(self) -> bool:
        """Whether the shop still owes what is left."""
        return self.status in OWED


LEGACY_CARD_LIFECYCLE = Lifecycle(
    "prepaid.LegacyCard",
    "status",
    {
        "confirm": Step(("UNCONFIRMED",), "CONFIRMED", "prepaid.answer_legacy_card", "余额对，确认"),
        "dispute": Step(("UNCONFIRMED",), "DISPUTED", "prepaid.answer_legacy_card", "余额不对", caution=True),
        "deny": Step(("UNCONFIRMED",), "DENIED", "prepaid.answer_legacy_card", "这不是我的卡", caution=True),
        "accept": Step(("DISPUTED",), "CONFIRMED", "prepaid.change_legacy_card", "按顾客说的改"),
        "settle": Step(("DISPUTED",), "CONFIRMED", "prepaid.settle_legacy_card", "认定余额"),
        "offer_move": Step(("CONFIRMED",), "MOVING", "prepaid.change_legacy_card", "把余额存进银行"),
        "stop_move": Step(("MOVING",), "CONFIRMED", "prepaid.stop_legacy_move", "先不存了", caution=True),
        "move": Step(("MOVING", "CONFIRMED"), "MOVED", "prepaid.activate_contract", "到账，转入存管"),
        "ask_refund": Step(("CONFIRMED",), "REFUNDING", "prepaid.answer_legacy_card", "要店里退款"),
        "withdraw_refund": Step(("REFUNDING",), "CONFIRMED", "prepaid.answer_legacy_card", "不退了，接着用"),
        "take_refund": Step(("REFUNDING",), "REFUNDED", "prepaid.answer_legacy_card", "退款收到了"),
        "use_up": Step(("CONFIRMED",), "USED_UP", "prepaid.answer_legacy_card", "用完"),
    },
)


class LegacyUseQuerySet(LockingQuerySet["LegacyUse"]):
    """Uses of old cards as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the cards ``by`` may see."""
        return self.filter(card__in=LegacyCard.objects.visible_to(by))


class LegacyUse(models.Model):
    """One visit on an old card: it counts only once the consumer has confirmed it, and moves no money."""

    class Status(models.TextChoices):
        REQUESTED = "REQUESTED", "待消费者确认"
        CONFIRMED = "CONFIRMED", "消费者已确认"
        REFUSED = "REFUSED", "消费者不认可"
        WITHDRAWN = "WITHDRAWN", "商家已撤回"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    card = models.ForeignKey(LegacyCard, models.PROTECT, related_name="uses", verbose_name="老卡")
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", verbose_name="门店")
    item = models.CharField("项目", max_length=24)
    amount_fen = models.BigIntegerField("扣金额")
    times = models.PositiveIntegerField("扣次数", default=0)
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.REQUESTED)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办店员")
    asked_at = models.DateTimeField("登记时间", auto_now_add=True)
    answered_at = models.DateTimeField("答复时间", null=True)

    objects = LegacyUseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "老卡消费"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="legacy_use_money", condition=Q(amount_fen__gte=0)),
            models.CheckConstraint(
                name="legacy_use_status_legal",
                condition=Q(status__in=["REQUESTED", "CONFIRMED", "REFUSED", "WITHDRAWN"]),
            ),
            # One at a time: what a second one would take depends on the answer to the first.
            models.UniqueConstraint(fields=["card"], condition=Q(status="REQUESTED"), name="one_open_legacy_use"),
        ]

    def __str__(self) -> str:
        return self.item


LEGACY_USE_LIFECYCLE = Lifecycle(
    "prepaid.LegacyUse",
    "status",
    {
        "confirm": Step(("REQUESTED",), "CONFIRMED", "prepaid.answer_legacy_use", "是我消费的"),
        "refuse": Step(("REQUESTED",), "REFUSED", "prepaid.answer_legacy_use", "不对，我没消费", caution=True),
        "withdraw": Step(("REQUESTED",), "WITHDRAWN", "prepaid.ask_legacy_use", "撤回"),
    },
)
