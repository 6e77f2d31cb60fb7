"""Custody: the special accounts and guarantees behind prepaid money, how they cover it, and courts that freeze them."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from core.crypto import PersonalText
from core.lifecycle import Lifecycle, Step
from core.models import StoredFile, User
from merchants.models import Merchant, Restriction
from prepaid.models.plans import OwnedQuerySet


class CustodyAccountQuerySet(OwnedQuerySet["CustodyAccount"]):
    """Accounts as one asks for them."""

    def of(self, merchant_id: int) -> CustodyAccount | None:
        """The one in use."""
        return self.filter(merchant=merchant_id, closed_on=None).first()


class CustodyAccount(models.Model):
    """A special account at a custodian bank; whose money it is before the law, everybody may see."""

    class Kind(models.TextChoices):
        TRUST = "TRUST", "信托"
        NOTARY = "NOTARY", "公证提存"
        OWN = "OWN", "自有专户"

    pii_key = models.UUIDField(default=uuid.uuid4, editable=False)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="custody_accounts", verbose_name="商家")
    custodian = models.CharField("存管银行", max_length=60)
    kind = models.CharField("账户性质", max_length=6, choices=Kind.choices)
    last4 = models.CharField("尾号", max_length=4)
    account_ct = models.TextField(default="")
    account = PersonalText()
    agreement_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="存管协议")
    opened_on = models.DateField("启用日")
    closed_on = models.DateField("停用日", null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = CustodyAccountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "存管账户"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant"], condition=Q(closed_on=None), name="one_custody_account"),
            models.CheckConstraint(name="custody_account_span", condition=Q(closed_on__gte=F("opened_on"))),
        ]

    def __str__(self) -> str:
        return f"{self.custodian} ****{self.last4}"


class CustodyStatement(models.Model):
    """The closing balance of one custody account on one day, as its bank says."""

    account = models.ForeignKey(CustodyAccount, models.PROTECT, related_name="statements", verbose_name="存管账户")
    on = models.DateField("日期")
    balance_fen = models.BigIntegerField("余额")
    source = models.CharField("来源", max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = "存管余额"
        ordering = ["-on"]
        constraints = [
            models.UniqueConstraint(fields=["account", "on"], name="custody_statement_once"),
            models.CheckConstraint(name="custody_statement_not_negative", condition=Q(balance_fen__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.on}"


class GuaranteeQuerySet(OwnedQuerySet["Guarantee"]):
    """Guarantees as one asks for them."""

    def waiting(self) -> GuaranteeQuerySet:
        """Those an officer must check."""
        return self.filter(status="SUBMITTED")


class Guarantee(models.Model):
    """Insurance or a bank's guarantee that stands in for custody money while it is valid (试行办法第28条)."""

    class Kind(models.TextChoices):
        INSURANCE = "INSURANCE", "履约保证保险"
        BANK = "BANK", "银行保函"

    class Status(models.TextChoices):
        SUBMITTED = "SUBMITTED", "待核实"
        CONFIRMED = "CONFIRMED", "已核实"
        REJECTED = "REJECTED", "不予认可"

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="guarantees", verbose_name="商家")
    kind = models.CharField("类型", max_length=9, choices=Kind.choices)
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.SUBMITTED)
    issuer = models.CharField("出具机构", max_length=60)
    number = models.CharField("保单或保函号", max_length=60)
    amount_fen = models.BigIntegerField("保额")
    valid_from = models.DateField("有效期起")
    valid_to = models.DateField("有效期止")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="凭证")
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提交人")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核实人")
    reason = models.CharField("说明", max_length=300, blank=True)

    objects = GuaranteeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保险与保函"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="guarantee_positive", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(name="guarantee_span", condition=Q(valid_to__gte=F("valid_from"))),
            models.UniqueConstraint(
                fields=["issuer", "number"], condition=~Q(status="REJECTED"), name="guarantee_once"
            ),
        ]
        indexes = [models.Index(fields=["merchant", "valid_to"], name="guarantee_of_merchant")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


GUARANTEE_LIFECYCLE = Lifecycle(
    "prepaid.Guarantee",
    "status",
    {
        "confirm": Step(("SUBMITTED",), "CONFIRMED", "prepaid.decide_guarantee", "核实无误，计入"),
        "reject": Step(("SUBMITTED", "CONFIRMED"), "REJECTED", "prepaid.decide_guarantee", "不予认可", caution=True),
    },
)


class PrepaidBalance(models.Model):
    """What a merchant owed its cards at the end of a quarter: the base of the custody ratio."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="prepaid_balances", verbose_name="商家")
    quarter_end = models.DateField("季末")
    locked_fen = models.BigIntegerField("锁定余额")
    unlocked_fen = models.BigIntegerField("老卡余额", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "季末预收余额"
        ordering = ["-quarter_end", "merchant"]
        constraints = [models.UniqueConstraint(fields=["quarter_end", "merchant"], name="prepaid_balance_once")]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.quarter_end}"


class CustodyCheckQuerySet(OwnedQuerySet["CustodyCheck"]):
    """Checks as one asks for them."""

    def newest(self, merchant_id: int) -> CustodyCheck | None:
        """The last one of a merchant."""
        return self.filter(merchant=merchant_id).order_by("-quarter_end").first()

    def to_warn(self, quarter_end: date) -> CustodyCheckQuerySet:
        """Those that fall short and of which the merchant was not told yet."""
        told = CustodyWarning.objects.filter(merchant=OuterRef("merchant")).exclude(status="MET")
        return self.filter(~Exists(told), quarter_end=quarter_end, shortfall_fen__gt=0)


class CustodyWarningQuerySet(OwnedQuerySet["CustodyWarning"]):
    """Warnings as one asks for them."""

    def open(self) -> CustodyWarningQuerySet:
        """Those not made up yet."""
        return self.exclude(status="MET")

    def made_up(self, quarter_end: date) -> CustodyWarningQuerySet:
        """Those whose merchant falls short no more."""
        short = CustodyCheck.objects.filter(merchant=OuterRef("merchant"), quarter_end=quarter_end, shortfall_fen__gt=0)
        return self.open().filter(~Exists(short))

    def overdue(self, on: date) -> CustodyWarningQuerySet:
        """Those whose time is over."""
        return self.filter(status="WARNED", due_on__lt=on)


class CustodyCheck(models.Model):
    """How the money behind a merchant's cards compares with what the rule asks; one row a quarter, kept up daily."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="custody_checks", verbose_name="商家")
    quarter_end = models.DateField("上季末")
    checked_on = models.DateField("核算日")
    base_fen = models.BigIntegerField("上季末预收余额")
    obligations_fen = models.BigIntegerField("当前预收余额")
    ratio_bp = models.PositiveIntegerField("存管比例（万分之）")
    required_fen = models.BigIntegerField("应存管")
    locked_fen = models.BigIntegerField("平台锁定")
    custody_fen = models.BigIntegerField("专户余额")
    guarantee_fen = models.BigIntegerField("保险与保函")
    shortfall_fen = models.BigIntegerField("缺口")
    basis = models.CharField("依据", max_length=120, blank=True)

    objects = CustodyCheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "存管核算"
        ordering = ["-quarter_end", "-shortfall_fen", "merchant"]
        constraints = [
            models.UniqueConstraint(fields=["quarter_end", "merchant"], name="custody_check_once"),
            models.CheckConstraint(name="custody_shortfall_not_negative", condition=Q(shortfall_fen__gte=0)),
        ]
        indexes = [
            models.Index(fields=["quarter_end"], condition=Q(shortfall_fen__gt=0), name="custody_check_short"),
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.quarter_end}"

    @property
    def covered_fen(self) -> int:
        """Everything that counts towards what is asked."""
        return self.locked_fen + self.custody_fen + self.guarantee_fen


class CustodyWarning(models.Model):
    """A shortfall with its clock: made up in time, or new sales are stopped once an officer confirms."""

    class Status(models.TextChoices):
        WARNED = "WARNED", "限期补足"
        OVERDUE = "OVERDUE", "逾期，待确认停售"
        STOPPED = "STOPPED", "已停止新发卡"
        MET = "MET", "已补足"

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="custody_warnings", verbose_name="商家")
    status = models.CharField("状态", max_length=7, choices=Status.choices, default=Status.WARNED)
    shortfall_fen = models.BigIntegerField("缺口")
    opened_on = models.DateField("预警日")
    due_on = models.DateField("补足期限")
    basis = models.CharField("依据", max_length=120, blank=True)
    reason = models.CharField("说明", max_length=300, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="确认人")
    restriction = models.ForeignKey(Restriction, models.PROTECT, null=True, related_name="+", verbose_name="限制新发卡")
    met_on = models.DateField("补足日", null=True)

    objects = CustodyWarningQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "存管预警"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant"], condition=~Q(status="MET"), name="one_open_custody_warning"),
            models.CheckConstraint(
                name="custody_warning_status_legal", condition=Q(status__in=["WARNED", "OVERDUE", "STOPPED", "MET"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant} {self.get_status_display()}"


CUSTODY_WARNING_LIFECYCLE = Lifecycle(
    "prepaid.CustodyWarning",
    "status",
    {
        "lapse": Step(("WARNED",), "OVERDUE", "prepaid.check_custody", "逾期未补足"),
        "extend": Step(("WARNED", "OVERDUE"), "WARNED", "prepaid.decide_custody", "延长补足期限"),
        "stop": Step(("OVERDUE",), "STOPPED", "prepaid.decide_custody", "确认停止新发卡", caution=True),
        "meet": Step(("WARNED", "OVERDUE", "STOPPED"), "MET", "prepaid.check_custody", "已补足"),
    },
)


class CourtOrderQuerySet(OwnedQuerySet["CourtOrder"]):
    """Orders as one asks for them."""

    def in_force(self, on: date) -> CourtOrderQuerySet:
        """Those that bind the bank on a day."""
        return self.filter(
            Q(until=None) | Q(until__gte=on), starts_on__lte=on, status__in=["IN_FORCE", "LIFT_PROPOSED"]
        )


class CourtOrder(models.Model):
    """A court's order that freezes money in a merchant's custody account; settlement stops until two lift it."""

    class Status(models.TextChoices):
        IN_FORCE = "IN_FORCE", "冻结中"
        LIFT_PROPOSED = "LIFT_PROPOSED", "解除待复核"
        LIFTED = "LIFTED", "已解除"

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="court_orders", verbose_name="商家")
    status = models.CharField("状态", max_length=13, choices=Status.choices, default=Status.IN_FORCE)
    court = models.CharField("法院", max_length=60)
    number = models.CharField("文书号", max_length=60)
    amount_fen = models.BigIntegerField("冻结金额")
    starts_on = models.DateField("冻结起")
    until = models.DateField("冻结止", null=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="文书")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)
    lift_reason = models.CharField("解除理由", max_length=300, blank=True)
    lift_proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="解除提出人")
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="解除复核人")
    lifted_at = models.DateTimeField("解除时间", null=True)

    objects = CourtOrderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "法院冻结"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="court_order_positive", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(name="court_order_span", condition=Q(until__gte=F("starts_on"))),
            models.UniqueConstraint(fields=["merchant", "number"], name="court_order_once"),
            models.CheckConstraint(
                name="court_order_lift_by_two", condition=Q(lifted_by=None) | ~Q(lifted_by=F("lift_proposed_by"))
            ),
            models.CheckConstraint(
                name="court_order_lifted_is_signed", condition=~Q(status="LIFTED") | Q(lifted_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.court} {self.number}"


COURT_ORDER_LIFECYCLE = Lifecycle(
    "prepaid.CourtOrder",
    "status",
    {
        "propose_lift": Step(("IN_FORCE",), "LIFT_PROPOSED", "prepaid.record_court_order", "提出解除"),
        "approve_lift": Step(("LIFT_PROPOSED",), "LIFTED", "prepaid.lift_court_order", "复核同意解除"),
        "reject_lift": Step(("LIFT_PROPOSED",), "IN_FORCE", "prepaid.lift_court_order", "不同意解除", caution=True),
    },
)
