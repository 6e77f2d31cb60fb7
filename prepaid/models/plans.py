"""What a merchant offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet, Row
from merchants.models import Merchant

if TYPE_CHECKING:
    from core.actors import Actor


class OwnedQuerySet(LockingQuerySet[Row]):
    """Rows that hang on a merchant."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the merchants ``by`` may open."""
        return self.filter(merchant__in=Merchant.objects.visible_to(by))


class PlanQuerySet(OwnedQuerySet["Plan"]):
    """Plans as one asks for them."""

    def on_sale(self) -> Self:
        """What a consumer can buy today."""
        return self.filter(status=Plan.Status.ON_SALE, merchant__status=Merchant.Status.ACTIVE)


class PaymentKind(models.TextChoices):
    """What a payment is in law; only a prepayment is locked and runs under the prepaid rules."""

    PREPAID = "PREPAID", "预付"
    EARNEST = "EARNEST", "定金"
    DEPOSIT = "DEPOSIT", "押金"
    TRIAL = "TRIAL", "体验"
    VOUCHER = "VOUCHER", "券"


class Plan(models.Model):
    """One product with its terms; a contract copies them, so later changes never reach it."""

    class Kind(models.TextChoices):
        STORED_VALUE = "STORED_VALUE", "储值卡"
        COUNT = "COUNT", "次卡"
        UNLIMITED_TERM = "UNLIMITED_TERM", "期限卡（不限次）"
        PER_PERIOD = "PER_PERIOD", "按期服务"

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "草稿"
        ON_SALE = "ON_SALE", "在售"
        OFF_SALE = "OFF_SALE", "已下架"

    class Every(models.TextChoices):
        MONTH = "MONTH", "每月"
        WEEK = "WEEK", "每周"
        DAY = "DAY", "每天"

    class Starts(models.TextChoices):
        ON_PAYMENT = "ON_PAYMENT", "付款当天"
        FIRST_USE = "FIRST_USE", "第一次使用"

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="plans", verbose_name="商家")
    name = models.CharField("套餐名称", max_length=40)
    kind = models.CharField("类型", max_length=14, choices=Kind.choices)
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.DRAFT)
    price_fen = models.BigIntegerField("实付")
    bonus_fen = models.BigIntegerField("赠送金额", default=0)
    times_paid = models.PositiveIntegerField("次数", default=0)
    times_bonus = models.PositiveIntegerField("赠送次数", default=0)
    list_price_fen = models.BigIntegerField("单次原价", null=True, blank=True)
    periods = models.PositiveIntegerField("期数", default=0)
    every = models.CharField("每期", max_length=5, choices=Every.choices, default=Every.MONTH)
    starts = models.CharField("从何时算起", max_length=10, choices=Starts.choices, default=Starts.ON_PAYMENT)
    pause_days_max = models.PositiveSmallIntegerField("最多停卡天数", default=90)
    description = models.CharField("内容说明", max_length=500)
    refund_terms = models.CharField("退款约定", max_length=500)
    payment_kind = models.CharField("款项类型", max_length=8, choices=PaymentKind.choices, default=PaymentKind.PREPAID)
    clauses = models.JSONField("其他必备条款", default=dict, blank=True)
    extra_terms = models.CharField("补充约定", max_length=1000, blank=True)
    no_show_times = models.PositiveSmallIntegerField("爽约最多计几次", default=0)
    no_show_hours = models.PositiveSmallIntegerField("提前几小时取消不算爽约", default=0)
    # A year, in millionths; None: no agreement, so the rates of the law (法释〔2025〕4号第16条).
    interest_ppm = models.PositiveIntegerField("约定退款年利率", null=True, blank=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "套餐"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="plan_price_positive", condition=Q(price_fen__gt=0, bonus_fen__gte=0)),
            models.CheckConstraint(
                name="plan_kind_complete",
                condition=(
                    Q(kind="STORED_VALUE")
                    | Q(kind="COUNT", times_paid__gt=0)
                    | Q(kind__in=["UNLIMITED_TERM", "PER_PERIOD"], periods__gt=0)
                ),
            ),
            models.CheckConstraint(name="plan_status_legal", condition=Q(status__in=["DRAFT", "ON_SALE", "OFF_SALE"])),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def face_fen(self) -> int:
        """What the consumer can spend: paid and gift."""
        return self.price_fen + self.bonus_fen


PLAN_LIFECYCLE = Lifecycle(
    "prepaid.Plan",
    "status",
    {
        "publish": Step(("DRAFT", "OFF_SALE"), "ON_SALE", "prepaid.change_plan", "发布"),
        "withdraw": Step(("ON_SALE",), "OFF_SALE", "prepaid.change_plan", "下架", caution=True),
    },
)


class PriceItemQuerySet(OwnedQuerySet["PriceItem"]):
    """Prices as one asks for them."""


class PriceItem(models.Model):
    """One line of a merchant's price list; contracts keep the list of the day they were signed."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="price_items", verbose_name="商家")
    name = models.CharField("项目", max_length=30)
    price_fen = models.BigIntegerField("价格")
    is_active = models.BooleanField("在用", default=True)

    objects = PriceItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "价目"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="price_positive", condition=Q(price_fen__gt=0)),
            models.UniqueConstraint(fields=["merchant", "name"], name="price_item_once"),
        ]

    def __str__(self) -> str:
        return self.name
