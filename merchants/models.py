"""Merchants, their stores, what limits them, and the market-entity register they are checked against."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from core.crypto import PersonalText
from core.identifiers import grouped, public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Industry, Region, StoredFile, User
from core.models.people import WATCHERS, in_regions
from merchants.malls import Mall as Mall
from merchants.malls import MallMeasureCheck as MallMeasureCheck

if TYPE_CHECKING:
    from core.actors import Actor


# States in which a merchant is on public view and its console works.
LISTED = ("ACTIVE", "RESTRICTED", "EXITING", "EMERGENCY")


class MerchantQuerySet(LockingQuerySet["Merchant"]):
    """Merchants as one asks for them."""

    def visible_to(self, by: Actor) -> MerchantQuerySet:
        """Those ``by`` may open in full: own ones, and those of the officer's regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        return self.filter(Q(pk__in=access.merchants()) | in_regions("region__path", access.region_paths(*WATCHERS)))

    def public(self) -> MerchantQuerySet:
        """Those the public may look up: approved, and not gone."""
        return self.filter(status__in=LISTED)

    def taken_at(self, merchant_id: int) -> MerchantQuerySet:
        """Those whose cards the stores of a merchant take: itself, its chain, and the malls it is a tenant of."""
        chain = Q(chain__in=Chain.objects.filter(merchant=merchant_id).values("pk"))
        let_by = Store.objects.filter(merchant=merchant_id, tenant_since__isnull=False).values("mall")
        return self.filter(Q(pk=merchant_id) | chain | Q(malls__in=let_by))

    def awaiting_review(self) -> MerchantQuerySet:
        """Those an officer must answer, the most urgent first."""
        return self.filter(status=Merchant.Status.UNDER_REVIEW).order_by("review_due_at")


class Chain(models.Model):
    """Shops under one brand that take each other's cards; money settles to the one that served."""

    name = models.CharField("连锁品牌", max_length=60, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "连锁品牌"

    def __str__(self) -> str:
        return self.name


class Merchant(models.Model):
    """One business that takes prepayment, from its first draft on."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "草稿"
        SUBMITTED = "SUBMITTED", "待核对"
        UNDER_REVIEW = "UNDER_REVIEW", "待审核"
        RETURNED = "RETURNED", "退回补正"
        ACTIVE = "ACTIVE", "正常"
        RESTRICTED = "RESTRICTED", "限制新发卡"
        EXITING = "EXITING", "停业清退中"
        EMERGENCY = "EMERGENCY", "失联应急处置"
        EXITED = "EXITED", "已停业"

    class Kind(models.TextChoices):
        ENTERPRISE = "ENTERPRISE", "企业"
        INDIVIDUAL = "INDIVIDUAL", "个体工商户"

    pii_key = models.UUIDField(default=uuid.uuid4, editable=False)
    public_code = models.CharField("公示编号", max_length=16, unique=True, default=public_code, editable=False)
    status = models.CharField("状态", max_length=12, choices=Status.choices, default=Status.DRAFT)
    kind = models.CharField("主体类型", max_length=10, choices=Kind.choices, default=Kind.INDIVIDUAL)
    uscc = models.CharField("统一社会信用代码", max_length=18, db_index=True)
    legal_name = models.CharField("营业执照名称", max_length=100)
    brand_name = models.CharField("店招", max_length=60)
    industry = models.ForeignKey(Industry, models.PROTECT, verbose_name="行业")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="辖区")
    chain = models.ForeignKey(Chain, models.PROTECT, null=True, blank=True, verbose_name="连锁品牌")
    licensed_on = models.DateField("执照成立日期", null=True, blank=True)
    licence_file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="营业执照"
    )
    legal_rep_ct = models.TextField(default="", blank=True)
    contact_phone_ct = models.TextField(default="", blank=True)
    legal_rep = PersonalText()
    contact_phone = PersonalText()
    legal_rep_idx = models.CharField(max_length=32, blank=True, db_index=True)
    contact_phone_idx = models.CharField(max_length=32, blank=True, db_index=True)
    # Of the identity number only this is kept: it finds the person on the lists of the dishonest (北京条例第11条).
    legal_rep_id_idx = models.CharField(max_length=32, blank=True, db_index=True)
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    review_due_at = models.DateTimeField("审核期限", null=True, blank=True)
    review_clock = models.CharField("期限怎么算的", max_length=200, blank=True)
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    return_reasons = models.JSONField("退回原因", default=list, blank=True)
    checks = models.JSONField("自动核对", default=list, blank=True)

    objects = MerchantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "商家"
        ordering = ["-id"]
        constraints = [
            # One licence, one merchant; drafts and returned ones do not block another's attempt.
            models.UniqueConstraint(
                fields=["uscc"],
                condition=Q(status__in=["ACTIVE", "RESTRICTED", "EXITING", "EMERGENCY"]),
                name="one_merchant_per_licence",
            ),
            models.CheckConstraint(
                name="merchant_status_legal",
                condition=Q(
                    status__in=[
                        "DRAFT",
                        "SUBMITTED",
                        "UNDER_REVIEW",
                        "RETURNED",
                        "ACTIVE",
                        "RESTRICTED",
                        "EXITING",
                        "EMERGENCY",
                        "EXITED",
                    ]
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["review_due_at"], condition=Q(status="UNDER_REVIEW"), name="merchant_review_due"),
        ]

    def __str__(self) -> str:
        return self.brand_name

    @property
    def code_grouped(self) -> str:
        """The public code as people read it."""
        return grouped(self.public_code)

    @property
    def uscc_masked(self) -> str:
        """For public pages: ``92330100****7K``."""
        return f"{self.uscc[:8]}****{self.uscc[-2:]}"


LIFECYCLE = Lifecycle(
    "merchants.Merchant",
    "status",
    {
        "submit": Step(("DRAFT", "RETURNED"), "SUBMITTED", "merchants.change_merchant", "提交审核"),
        "auto_check": Step(("SUBMITTED",), "UNDER_REVIEW", "merchants.check_merchant", "自动核对"),
        "approve": Step(("UNDER_REVIEW",), "ACTIVE", "merchants.review_merchant", "通过"),
        "send_back": Step(
            ("SUBMITTED", "UNDER_REVIEW"), "RETURNED", "merchants.review_merchant", "退回补正", caution=True
        ),
        "restrict": Step(("ACTIVE",), "RESTRICTED", "merchants.restrict_merchant", "限制新发卡", caution=True),
        "unrestrict": Step(("RESTRICTED",), "ACTIVE", "merchants.restrict_merchant", "解除限制"),
        "begin_exit": Step(("ACTIVE", "RESTRICTED"), "EXITING", "merchants.change_merchant", "公告停业"),
        "enter_emergency": Step(
            ("ACTIVE", "RESTRICTED", "EXITING"), "EMERGENCY", "merchants.restrict_merchant", "失联应急", caution=True
        ),
        "leave": Step(("EXITING", "EMERGENCY"), "EXITED", "merchants.restrict_merchant", "办结停业"),
    },
)


class StoreQuerySet(LockingQuerySet["Store"]):
    """Stores as one asks for them."""

    def visible_to(self, by: Actor) -> StoreQuerySet:
        """The stores of the merchants ``by`` may open, and those in a mall ``by`` manages."""
        mine = Q(merchant__in=Merchant.objects.visible_to(by))
        if by.user is not None and by.user.is_authenticated and by.user.access.malls():
            mine |= Q(mall__in=by.user.access.malls())
        return self.filter(mine)

    def serving(self, merchant: Merchant) -> Self:
        """The open stores that take the cards of ``merchant``: its own, its chain's, the tenants' of a mall it runs."""
        takes = Q(merchant=merchant)
        if merchant.chain_id:
            takes |= Q(merchant__chain=merchant.chain_id, merchant__status__in=LISTED)
        takes |= Q(mall__operator=merchant, tenant_since__isnull=False, merchant__status__in=LISTED)
        return self.filter(takes, is_open=True)


class Store(models.Model):
    """One place of business; jurisdiction follows it."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="stores", verbose_name="商家")
    name = models.CharField("门店名称", max_length=60)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所在街道")
    address = models.CharField("地址", max_length=200)
    lease_end = models.DateField("租约到期", null=True, blank=True)
    license_holder = models.CharField("执照持有人", max_length=100, blank=True)
    actual_operator = models.CharField("实际经营者", max_length=100, blank=True)
    mall = models.ForeignKey(Mall, models.PROTECT, null=True, blank=True, related_name="stores", verbose_name="商场")
    # Said by the shop, confirmed by the mall: nobody makes a tenant of another, nor takes a mall's cards on its own.
    tenant_since = models.DateField("商场确认日", null=True, blank=True)
    is_open = models.BooleanField("营业中", default=True)

    objects = StoreQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "门店"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="tenant_of_a_mall", condition=Q(tenant_since=None) | Q(mall__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


class Restriction(models.Model):
    """One reason for which a merchant may not sell new prepayment; it is RESTRICTED while one is open."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="restrictions", verbose_name="商家")
    source = models.CharField("来源", max_length=40)
    reason = models.CharField("原因", max_length=200)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提出人")
    opened_at = models.DateTimeField("起", auto_now_add=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="解除人")
    lifted_at = models.DateTimeField("止", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "限制"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.source}：{self.reason}"


class RegisterEntry(models.Model):
    """One line of the market-entity register: what the licence authority knows of a business."""

    class Ended(models.TextChoices):
        CANCELLED = "CANCELLED", "已注销"
        REVOKED = "REVOKED", "已吊销"

    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True, db_index=True)
    legal_name = models.CharField("名称", max_length=200)
    brand_name = models.CharField("字号", max_length=100, blank=True)
    region_code = models.CharField("行政区划", max_length=12, blank=True)
    industry_code = models.PositiveSmallIntegerField("行业", null=True)
    address = models.CharField("住所", max_length=300, blank=True)
    # Empty while the licence stands. The newest line of a licence is the one that counts.
    state = models.CharField("登记状态", max_length=9, choices=Ended.choices, blank=True, default="")
    digest = models.CharField(max_length=32, unique=True)
    imported_by = models.ForeignKey("RegisterImport", models.PROTECT, null=True, related_name="entries")

    class Meta:
        verbose_name = verbose_name_plural = "登记名录"
        indexes = [
            models.Index(fields=["legal_name"], name="register_name"),
            models.Index(fields=["uscc"], condition=~Q(state=""), name="register_ended"),
        ]

    def __str__(self) -> str:
        return self.legal_name


class RegisterImport(models.Model):
    """One file of the register that was read in, with what came of each row that did not fit."""

    title = models.CharField("文件", max_length=200)
    started_at = models.DateTimeField("开始", auto_now_add=True)
    finished_at = models.DateTimeField("结束", null=True)
    rows = models.PositiveIntegerField("行数", default=0)
    added = models.PositiveIntegerField("新增", default=0)
    known = models.PositiveIntegerField("已有", default=0)
    refused = models.PositiveIntegerField("未通过", default=0)
    errors = models.JSONField("错误样例", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "名录导入"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


def merchant_of(obj: Any) -> int | None:
    """The merchant an object belongs to, however it hangs on one."""
    if isinstance(obj, Merchant):
        return obj.pk
    return getattr(obj, "merchant_id", None)
