"""A consumer has died: who asks for the cards, with which papers, and what two officers made of it (民法典第1121条)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from core.crypto import PersonalText
from core.identifiers import public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import StoredFile, User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant
from prepaid.models.contracts import Contract
from prepaid.models.legacy_cards import LegacyCard
from prepaid.models.refunds import Refund

if TYPE_CHECKING:
    from core.actors import Actor


class HeirClaimQuerySet(LockingQuerySet["HeirClaim"]):
    """Requests of heirs as one asks for them."""

    def visible_to(self, by: Actor) -> HeirClaimQuerySet:
        """One's own, and those of the officer's regions; the shop learns only of the new holder."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        paths = by.user.access.region_paths(*WATCHERS)
        return self.filter(Q(heir=by.user) | in_regions("merchant__region__path", paths) & ~Q(status="DRAFT"))

    def open(self) -> HeirClaimQuerySet:
        """Those not at an end."""
        return self.filter(status__in=["DRAFT", "SUBMITTED", "RETURNED", "CHECKED"])

    def waiting(self) -> HeirClaimQuerySet:
        """Those an officer must answer."""
        return self.filter(status__in=[HeirClaim.Status.SUBMITTED, HeirClaim.Status.CHECKED])


class HeirClaim(models.Model):
    """One heir's request for the cards a person who died held in one shop."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "待提交"
        SUBMITTED = "SUBMITTED", "待核对"
        RETURNED = "RETURNED", "退回补正"
        CHECKED = "CHECKED", "待第二人复核"
        SETTLED = "SETTLED", "已办结"
        REJECTED = "REJECTED", "不予办理"
        WITHDRAWN = "WITHDRAWN", "已撤回"

    class Relation(models.TextChoices):
        SPOUSE = "SPOUSE", "配偶"
        CHILD = "CHILD", "子女"
        PARENT = "PARENT", "父母"
        SIBLING = "SIBLING", "兄弟姐妹"
        WILL = "WILL", "遗嘱指定"
        OTHER = "OTHER", "其他继承人"

    class Wish(models.TextChoices):
        REFUND = "REFUND", "退款到我的账户"
        TAKE_OVER = "TAKE_OVER", "卡转给我继续用"

    pii_key = models.UUIDField(default=uuid.uuid4, editable=False)
    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="heir_claims", verbose_name="商家")
    heir = models.ForeignKey(User, models.PROTECT, related_name="heir_claims", verbose_name="继承人")
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.DRAFT)
    relation = models.CharField("与逝者的关系", max_length=8, choices=Relation.choices)
    wish = models.CharField("要怎么办", max_length=9, choices=Wish.choices)
    deceased_name_ct = models.TextField(default="", blank=True)
    deceased_phone_ct = models.TextField(default="", blank=True)
    deceased_name = PersonalText()
    deceased_phone = PersonalText()
    contract_code = models.CharField("合同编号", max_length=16, blank=True)
    # Whom the name with the phone or the contract leads to; empty when nobody fits.
    holder = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="原持卡人")
    text = models.CharField("说明", max_length=300, blank=True)
    created_at = models.DateTimeField("提出时间", auto_now_add=True)
    submitted_at = models.DateTimeField("提交时间", null=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核对人")
    checked_at = models.DateTimeField("核对时间", null=True)
    finding = models.CharField("核对意见", max_length=300, blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="复核人")
    ended_at = models.DateTimeField("办结时间", null=True)

    objects = HeirClaimQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "继承办理"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="heir_claim_status_legal",
                condition=Q(
                    status__in=["DRAFT", "SUBMITTED", "RETURNED", "CHECKED", "SETTLED", "REJECTED", "WITHDRAWN"]
                ),
            ),
            models.CheckConstraint(name="heir_is_another", condition=Q(holder=None) | ~Q(holder=models.F("heir"))),
            models.CheckConstraint(
                name="heir_claim_by_two",
                condition=~Q(status="SETTLED")
                | Q(checked_by__isnull=False, approved_by__isnull=False) & ~Q(checked_by=models.F("approved_by")),
            ),
            models.UniqueConstraint(
                fields=["merchant", "heir"],
                condition=Q(status__in=["DRAFT", "SUBMITTED", "RETURNED", "CHECKED"]),
                name="one_open_heir_claim",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class HeirDocument(models.Model):
    """One paper of an heir."""

    class Kind(models.TextChoices):
        DEATH = "DEATH", "死亡证明"
        KINSHIP = "KINSHIP", "亲属关系证明或公证书"
        IDENTITY = "IDENTITY", "继承人身份证件"
        OTHER = "OTHER", "其他（遗嘱、其他继承人的同意书）"

    claim = models.ForeignKey(HeirClaim, models.PROTECT, related_name="documents", verbose_name="继承办理")
    kind = models.CharField("材料", max_length=8, choices=Kind.choices)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    added_at = models.DateTimeField("上传时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "继承材料"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.get_kind_display()


class HeirCard(models.Model):
    """One card that went to an heir, and its refund."""

    claim = models.ForeignKey(HeirClaim, models.PROTECT, related_name="cards", verbose_name="继承办理")
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, related_name="+", verbose_name="合同")
    legacy_card = models.ForeignKey(LegacyCard, models.PROTECT, null=True, related_name="+", verbose_name="老卡")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, related_name="+", verbose_name="退款")
    trouble = models.CharField("没退成的原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "继承的卡"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="heir_card_of_one",
                condition=Q(contract__isnull=False, legacy_card=None) | Q(contract=None, legacy_card__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.contract or self.legacy_card)


HEIR_CLAIM_LIFECYCLE = Lifecycle(
    "prepaid.HeirClaim",
    "status",
    {
        "submit": Step(("DRAFT", "RETURNED"), "SUBMITTED", "prepaid.change_heirclaim", "提交"),
        "withdraw": Step(
            ("DRAFT", "SUBMITTED", "RETURNED"), "WITHDRAWN", "prepaid.change_heirclaim", "撤回", caution=True
        ),
        "send_back": Step(("SUBMITTED",), "RETURNED", "prepaid.check_heirclaim", "退回补正"),
        "check": Step(("SUBMITTED",), "CHECKED", "prepaid.check_heirclaim", "核对无误（待第二人复核）"),
        "approve": Step(("CHECKED",), "SETTLED", "prepaid.approve_heirclaim", "复核同意，办理"),
        "reject": Step(
            ("SUBMITTED", "CHECKED"), "REJECTED", "prepaid.check_heirclaim", "不予办理", caution=True
        ),
    },
)  # fmt: skip
