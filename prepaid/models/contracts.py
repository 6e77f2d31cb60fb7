"""Contracts and the lots of money in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from core.identifiers import grouped, public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant, Store
from prepaid.models.ledger import LedgerAccount
from prepaid.models.plans import PaymentKind, Plan

if TYPE_CHECKING:
    from core.actors import Actor


# States of a Freeze in which money is held back.
FREEZE_HOLDS = ("IN_FORCE", "LIFT_PROPOSED")


class ContractQuerySet(LockingQuerySet["Contract"]):
    """Contracts as one asks for them."""

    def visible_to(self, by: Actor) -> ContractQuerySet:
        """Own contracts (holder, payer, users), the shop's, and those of an officer's regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        mine = (
            Q(holder=by.user)
            | Q(payer=by.user)
            | Q(pk__in=ContractUser.objects.filter(user=by.user).values("contract"))
        )
        shops = Q(merchant__in=access.merchants()) if access.merchants() else Q(pk__in=[])
        return self.filter(mine | shops | in_regions("merchant__region__path", access.region_paths(*WATCHERS)))

    def held_by(self, user: User) -> ContractQuerySet:
        """The cards a consumer sees under 我的预付: held, paid for, or used."""
        used = ContractUser.objects.filter(user=user).values("contract")
        return self.filter(Q(holder=user) | Q(payer=user) | Q(pk__in=used))

    def with_money(self) -> ContractQuerySet:
        """With the ledger account and freezes at hand, so that showing a balance costs no query."""
        frozen = Merchant.objects.filter(
            pk=OuterRef("merchant_id"), freezes__contract=None, freezes__status__in=FREEZE_HOLDS
        )
        related = self.select_related("account", "merchant", "merchant__region", "plan", "store")
        return related.annotate(merchant_is_frozen=Exists(frozen))


class Contract(models.Model):
    """One agreement between a consumer and a merchant, with the terms of the day it was signed."""

    class Status(models.TextChoices):
        OFFERED = "OFFERED", "待签约"
        SIGNED = "SIGNED", "已签约待支付"
        ACTIVE = "ACTIVE", "履约中"
        PAUSED = "PAUSED", "暂停履约"
        COMPLETED = "COMPLETED", "履约完毕"
        REFUNDED = "REFUNDED", "已退款"
        TERMINATED = "TERMINATED", "合同已解除"

    PaymentKind = PaymentKind

    code = models.CharField("合同编号", max_length=16, unique=True, default=public_code, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.OFFERED)
    payment_kind = models.CharField("款项类型", max_length=8, choices=PaymentKind.choices, default=PaymentKind.PREPAID)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="contracts", verbose_name="发卡商家")
    seller = models.ForeignKey(Merchant, models.PROTECT, related_name="+", verbose_name="售卡商家")
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", verbose_name="售卡门店")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="contracts", verbose_name="套餐")
    kind = models.CharField("类型", max_length=14, choices=Plan.Kind.choices)
    holder = models.ForeignKey(User, models.PROTECT, related_name="held_contracts", verbose_name="持卡人")
    payer = models.ForeignKey(User, models.PROTECT, related_name="paid_contracts", verbose_name="付款人")
    sold_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办店员")
    account = models.OneToOneField(
        LedgerAccount, models.PROTECT, null=True, related_name="contract", verbose_name="资金账户"
    )
    terms = models.JSONField("签约条款")
    terms_hash = models.CharField("条款摘要", max_length=64)
    rule_pack = models.CharField("规则版本", max_length=30, blank=True)
    paid_fen = models.BigIntegerField("共付", default=0)
    refunded_fen = models.BigIntegerField("已退", default=0)
    offered_at = models.DateTimeField("开单时间", auto_now_add=True)
    signed_at = models.DateTimeField("签约时间", null=True)
    starts_on = models.DateField("起始日", null=True)
    ends_on = models.DateField("到期日", null=True)
    auto_release = models.BooleanField("自动付款", default=True)
    closed_at = models.DateTimeField("结束时间", null=True)
    lost_at = models.DateTimeField("挂失时间", null=True)

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "合同"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="contract_money", condition=Q(paid_fen__gte=models.F("refunded_fen"))),
            models.CheckConstraint(name="contract_refunded", condition=Q(refunded_fen__gte=0)),
            models.CheckConstraint(
                name="contract_status_legal",
                condition=Q(
                    status__in=[
                        "OFFERED",
                        "SIGNED",
                        "ACTIVE",
                        "PAUSED",
                        "COMPLETED",
                        "REFUNDED",
                        "TERMINATED",
                    ]
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-id"], name="contract_of_merchant"),
            models.Index(fields=["holder", "-id"], name="contract_of_holder"),
        ]

    def __str__(self) -> str:
        return grouped(self.code)

    @property
    def locked_fen(self) -> int:
        """Everything locked for this contract, held and frozen included."""
        return self.account.locked_fen if self.account else 0

    @property
    def held_fen(self) -> int:
        """Locked but claimed by a visit that waits or is disputed."""
        return self.account.held_fen if self.account else 0

    @property
    def available_fen(self) -> int:
        """Locked and free: locked less held."""
        return self.account.available_fen if self.account else 0

    @property
    def released_fen(self) -> int:
        """Paid to the merchant so far, corrections taken back."""
        return self.paid_fen - self.locked_fen - self.refunded_fen

    @property
    def is_frozen(self) -> bool:
        """Whether nothing is paid to the merchant, by an order on the card or on all of its; refunds still run."""
        if self.account and self.account.is_frozen:
            return True
        known = getattr(self, "merchant_is_frozen", None)
        if known is None:
            known = self.merchant.freezes.filter(contract=None, status__in=FREEZE_HOLDS).exists()
        return bool(known)

    @property
    def is_periodic(self) -> bool:
        """Whether money is released by the calendar and not by visits."""
        return self.kind in (Plan.Kind.UNLIMITED_TERM, Plan.Kind.PER_PERIOD)


CONTRACT_LIFECYCLE = Lifecycle(
    "prepaid.Contract",
    "status",
    {
        "sign": Step(("OFFERED",), "SIGNED", "prepaid.sign_contract", "确认签约"),
        "decline": Step(("OFFERED", "SIGNED"), "TERMINATED", "prepaid.decline_contract", "不办了", caution=True),
        "activate": Step(("SIGNED",), "ACTIVE", "prepaid.activate_contract", "到账生效"),
        "conclude": Step(("SIGNED",), "COMPLETED", "prepaid.conclude_contract", "办结"),
        "pause": Step(("ACTIVE",), "PAUSED", "prepaid.pause_contract", "停卡"),
        "resume": Step(("PAUSED",), "ACTIVE", "prepaid.pause_contract", "恢复使用"),
        "complete": Step(("ACTIVE",), "COMPLETED", "prepaid.complete_contract", "履约完毕"),
        "reopen": Step(("COMPLETED",), "ACTIVE", "prepaid.complete_contract", "更正后恢复"),
        "refund": Step(("ACTIVE", "PAUSED"), "REFUNDED", "prepaid.close_contract", "退款结清"),
    },
)


class ContractUser(models.Model):
    """Somebody besides the holder who may use the card and confirm visits (a family card)."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="users", verbose_name="合同")
    user = models.ForeignKey(User, models.PROTECT, verbose_name="使用人")

    class Meta:
        verbose_name = verbose_name_plural = "使用人"
        constraints = [models.UniqueConstraint(fields=["contract", "user"], name="contract_user_once")]

    def __str__(self) -> str:
        return str(self.user)


class Lot(models.Model):
    """One payment into a contract: its own gift, its own seven days, used up oldest first."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="lots", verbose_name="合同")
    no = models.PositiveIntegerField("批次")
    paid_fen = models.BigIntegerField("实付")
    bonus_fen = models.BigIntegerField("赠送", default=0)
    times_paid = models.PositiveIntegerField("次数", default=0)
    times_bonus = models.PositiveIntegerField("赠送次数", default=0)
    used_face_fen = models.BigIntegerField("已用面值", default=0)
    used_times = models.PositiveIntegerField("已用次数", default=0)
    held_face_fen = models.BigIntegerField("待确认面值", default=0)
    held_times = models.PositiveIntegerField("待确认次数", default=0)
    released_fen = models.BigIntegerField("已付商家", default=0)
    refunded_fen = models.BigIntegerField("已退", default=0)
    list_price_fen = models.BigIntegerField("单次原价", null=True)
    price_list = models.JSONField("价目", default=list)
    interest_ppm = models.PositiveIntegerField("约定退款年利率", null=True)
    paid_on = models.DateField("付款日")
    cooling_off_until = models.DateField("冷静期至")

    class Meta:
        verbose_name = verbose_name_plural = "充值批次"
        ordering = ["contract", "no"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "no"], name="lot_no_once"),
            models.CheckConstraint(
                name="lot_within_face",
                condition=Q(
                    used_face_fen__gte=0,
                    held_face_fen__gte=0,
                    used_face_fen__lte=models.F("paid_fen") + models.F("bonus_fen") - models.F("held_face_fen"),
                ),
            ),
            models.CheckConstraint(
                name="lot_within_times",
                condition=Q(used_times__lte=models.F("times_paid") + models.F("times_bonus") - models.F("held_times")),
            ),
            models.CheckConstraint(
                name="lot_money",
                condition=Q(
                    released_fen__gte=0,
                    refunded_fen__gte=0,
                    paid_fen__gte=models.F("released_fen") + models.F("refunded_fen"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.no} 笔"

    @property
    def face_left_fen(self) -> int:
        """Face value still to be spent, gift included, visits that wait taken out; none once it was given back."""
        return 0 if self.refunded_fen else self.paid_fen + self.bonus_fen - self.used_face_fen - self.held_face_fen

    @property
    def times_left(self) -> int:
        """Times still to be used, gifts included, visits that wait taken out."""
        return 0 if self.refunded_fen else self.times_paid + self.times_bonus - self.used_times - self.held_times


class Pause(models.Model):
    """A time in which the card rests: it shifts the term and does not count as used."""

    class Reason(models.TextChoices):
        ILLNESS = "ILLNESS", "生病"
        PREGNANCY = "PREGNANCY", "怀孕"
        RENOVATION = "RENOVATION", "门店装修"
        OTHER = "OTHER", "其他"
        NO_SERVICE = "NO_SERVICE", "店里没有服务记录"

    # What people may give as a reason; the last one only the daily check and an emergency write.
    ASKED = Reason.choices[:-1]

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="pauses", verbose_name="合同")
    reason = models.CharField("原因", max_length=10, choices=Reason.choices)
    starts_on = models.DateField("起")
    ended_on = models.DateField("止", null=True)
    days = models.PositiveSmallIntegerField("天数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "停卡"
        constraints = [
            models.UniqueConstraint(fields=["contract"], condition=Q(ended_on=None), name="one_open_pause"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.starts_on}"


class ShownCode(models.Model):
    """Eight digits a customer shows at the counter: for three minutes they are the confirmation, once."""

    contract = models.ForeignKey(Contract, models.CASCADE, verbose_name="合同")
    user = models.ForeignKey(User, models.CASCADE, verbose_name="出示人")
    code = models.CharField("付款码", max_length=8, db_index=True)
    expires_at = models.DateTimeField("到期")
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "付款码"

    def __str__(self) -> str:
        return f"code of {self.contract_id}"
