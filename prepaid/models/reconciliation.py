"""The custodian's statement beside our books: files, entries, every mismatch as a case, and each day's equations."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self, TypeVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Role, User
from core.permissions import has_role
from prepaid.models.payments import CustodianNotice

if TYPE_CHECKING:
    from core.actors import Actor

# The custody account lies in no region: those who look after the whole of it see its statement.
KEEPS_CUSTODY = has_role(Role.CITY, Role.PROVINCE, Role.AUDITOR, Role.SYSADMIN, Role.CUSTODIAN)


Row = TypeVar("Row", bound=models.Model)


class CustodyWideQuerySet(LockingQuerySet[Row]):
    """Rows about the whole custody account."""

    def visible_to(self, by: Actor) -> Self:
        """For the system, the custodian's staff, and officers who oversee the whole account."""
        return self if by.is_system or KEEPS_CUSTODY.test(by) else self.none()


class BankFileQuerySet(CustodyWideQuerySet["BankFile"]):
    """Files as one asks for them."""

    def last_of(self, on: date) -> BankFile | None:
        """The newest file of a day that is booked: its balances are those that count."""
        return self.filter(on=on, status=BankFile.Status.BOOKED).order_by("-finished_at").first()


class BankFile(models.Model):
    """One daily file of the custodian. The same bytes are one file for ever."""

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", "等待导入"
        READING = "READING", "导入中"
        BOOKED = "BOOKED", "已导入"
        REFUSED = "REFUSED", "没有通过"

    sha256 = models.CharField("摘要", max_length=64, unique=True)
    name = models.CharField("文件名", max_length=100)
    path = models.CharField("存放", max_length=120)
    size = models.BigIntegerField("大小")
    form = models.CharField("格式", max_length=8, blank=True)
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.RECEIVED)
    on = models.DateField("记账日", null=True)
    opening_fen = models.BigIntegerField("期初余额", null=True)
    closing_fen = models.BigIntegerField("期末余额", null=True)
    line_count = models.PositiveIntegerField("笔数", default=0)
    repeated_count = models.PositiveIntegerField("先前已导入", default=0)
    done_count = models.PositiveIntegerField("已办笔数", default=0)
    error = models.CharField("原因", max_length=300, blank=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="上传人")
    created_at = models.DateTimeField("收到时间", auto_now_add=True)
    finished_at = models.DateTimeField("完成时间", null=True)

    objects = BankFileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "存管日终文件"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="bank_file_status_legal", condition=Q(status__in=["RECEIVED", "READING", "BOOKED", "REFUSED"])
            ),
            models.CheckConstraint(
                name="bank_file_booked_is_whole",
                condition=~Q(status="BOOKED")
                | Q(on__isnull=False, opening_fen__isnull=False, closing_fen__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["on", "status"], name="bank_file_of_day")]

    def __str__(self) -> str:
        return self.name

    def waiting_lines(self) -> BankLineQuerySet:
        """Its entries that nothing of ours is equal to, in their order; found by the day, which is indexed."""
        return BankLine.objects.waiting().filter(file=self, booked_on=self.on or date.min).order_by("line_no")


BANK_FILE_LIFECYCLE = Lifecycle(
    "prepaid.BankFile",
    "status",
    {
        "read": Step(("RECEIVED", "READING"), "READING", "prepaid.read_bank_file", "导入"),
        "book": Step(("READING",), "BOOKED", "prepaid.read_bank_file", "导入完成"),
        "refuse": Step(("READING",), "REFUSED", "prepaid.read_bank_file", "不能导入"),
        "retry": Step(("REFUSED", "READING"), "RECEIVED", "prepaid.upload_bank_file", "再导入一次"),
    },
)


class BankLineQuerySet(CustodyWideQuerySet["BankLine"]):
    """Entries as one asks for them."""

    def waiting(self) -> Self:
        """Those that nothing of ours is equal to."""
        return self.filter(state__in=[BankLine.State.OPEN, BankLine.State.DIFFERS])


class BankLine(models.Model):
    """One entry on the custody account, as the bank booked it; never changed but for what it was matched with.

    ``amount_fen`` is positive for money in. Of the other side only the last four characters are kept.
    """

    class State(models.TextChoices):
        BY_REF = "BY_REF", "流水号相符"
        BY_DETAILS = "BY_DETAILS", "金额、日期和对方相符"
        BY_HAND = "BY_HAND", "人工核对相符"
        DIFFERS = "DIFFERS", "金额不符"
        OPEN = "OPEN", "待核对"

    class Nature(models.TextChoices):
        NORMAL = "NORMAL", "收付"
        REVERSAL = "REVERSAL", "银行冲正"
        COURT = "COURT", "司法扣划"

    # The database does not look up the same file again for each of a million entries: the statement that writes them
    # has locked it, and files are never removed.
    file = models.ForeignKey(
        BankFile,
        models.PROTECT,
        related_name="lines",
        db_index=False,
        db_constraint=False,
        verbose_name="文件",
    )
    line_no = models.PositiveIntegerField("行号")
    bank_ref = models.CharField("银行流水号", max_length=64, unique=True)
    booked_on = models.DateField("记账日")
    amount_fen = models.BigIntegerField("金额")
    number = models.CharField("我方编号", max_length=40, blank=True)
    tail = models.CharField("对方尾号", max_length=4, blank=True)
    nature = models.CharField("性质", max_length=8, choices=Nature.choices, default=Nature.NORMAL)
    state = models.CharField("核对", max_length=10, choices=State.choices, default=State.OPEN)
    notice = models.OneToOneField(
        CustodianNotice, models.PROTECT, null=True, related_name="line", verbose_name="存管通知"
    )

    objects = BankLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "存管流水"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="bank_line_not_zero", condition=~Q(amount_fen=0)),
            models.CheckConstraint(
                name="bank_line_match_has_notice", condition=Q(state="OPEN") ^ Q(notice__isnull=False)
            ),
        ]
        indexes = [
            # Entries come in day by day: their place in the table says the day nearly for nothing.
            BrinIndex(fields=["booked_on"], name="bank_line_of_day", autosummarize=True),
            models.Index(fields=["booked_on"], condition=Q(state__in=["OPEN", "DIFFERS"]), name="bank_line_open"),
        ]

    def __str__(self) -> str:
        return self.bank_ref


class CaseQuerySet(CustodyWideQuerySet["ReconciliationCase"]):
    """Cases as one asks for them."""

    def open(self) -> Self:
        """Those that nobody has settled."""
        return self.exclude(status=ReconciliationCase.Status.RESOLVED)


class ReconciliationCase(models.Model):
    """One mismatch between the bank's statement and our books, with who looks into it and what it came to.

    ``difference_fen`` is what the bank has beyond our books because of it.
    """

    class Kind(models.TextChoices):
        MISSING_HERE = "MISSING_HERE", "银行有，平台没有"
        MISSING_AT_BANK = "MISSING_AT_BANK", "平台有，银行没有"
        AMOUNT_DIFFERS = "AMOUNT_DIFFERS", "金额不符"
        TWINS = "TWINS", "同额多笔，要人工核对"
        REVERSAL = "REVERSAL", "银行冲正"
        COURT = "COURT", "司法扣划"
        BALANCE = "BALANCE", "余额不衔接"
        UNEXPLAINED = "UNEXPLAINED", "差额无法解释"

    class Status(models.TextChoices):
        OPEN = "OPEN", "待认领"
        TAKEN = "TAKEN", "核对中"
        RESOLVED = "RESOLVED", "已办结"

    kind = models.CharField("差异", max_length=15, choices=Kind.choices)
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.OPEN)
    on = models.DateField("记账日")
    difference_fen = models.BigIntegerField("差额")
    line = models.OneToOneField(BankLine, models.PROTECT, null=True, related_name="case", verbose_name="存管流水")
    notice = models.ForeignKey(
        CustodianNotice, models.PROTECT, null=True, related_name="cases", verbose_name="存管通知"
    )
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    resolution = models.CharField("处理结果", max_length=300, blank=True)
    opened_at = models.DateTimeField("立案时间", auto_now_add=True)
    resolved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="办结人")
    resolved_at = models.DateTimeField("办结时间", null=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "对账差异"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="reconciliation_case_status_legal", condition=Q(status__in=["OPEN", "TAKEN", "RESOLVED"])
            ),
            models.CheckConstraint(
                name="reconciliation_case_resolved_says_how",
                condition=~Q(status="RESOLVED") | ~Q(resolution="") & Q(resolved_at__isnull=False),
            ),
            models.UniqueConstraint(fields=["notice"], condition=Q(line=None), name="one_case_a_notice"),
            models.UniqueConstraint(
                fields=["kind", "on"], condition=Q(line=None, notice=None), name="one_case_a_day_and_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["-on"], condition=~Q(status="RESOLVED"), name="reconciliation_case_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"


RECONCILIATION_CASE_LIFECYCLE = Lifecycle(
    "prepaid.ReconciliationCase",
    "status",
    {
        "take": Step(("OPEN",), "TAKEN", "prepaid.take_reconciliationcase", "我来办"),
        "resolve": Step(("TAKEN",), "RESOLVED", "prepaid.resolve_reconciliationcase", "写明结果，办结", caution=True),
        "match": Step(("OPEN", "TAKEN"), "RESOLVED", "prepaid.match_reconciliationcase", "核对为同一笔"),
        "explain": Step(("OPEN", "TAKEN"), "RESOLVED", "prepaid.explain_reconciliationcase", "后来对上，自动办结"),
    },
)


class EquationQuerySet(CustodyWideQuerySet["DailyEquation"]):
    """Days as one asks for them."""

    def published(self) -> Self:
        """Those with a statement of the bank: their match rate is public."""
        return self.filter(bank_fen__isnull=False)


class DailyEquation(models.Model):
    """What must be equal at the end of one day, and by how much it was not. Kept for every day; made anew on new facts.

    Money in custody is shown positive on both sides.
    """

    on = models.DateField("记账日", unique=True)
    sum_fen = models.BigIntegerField("全部账户合计")
    bank_fen = models.BigIntegerField("银行期末余额", null=True)
    ledger_fen = models.BigIntegerField("平台存管余额")
    bank_only_fen = models.BigIntegerField("银行已记、平台未记")
    ours_only_fen = models.BigIntegerField("平台已记、银行未记")
    cards_off = models.PositiveIntegerField("余额或链条不符的卡")
    locked_fen = models.BigIntegerField("锁定的预付款")
    short_count = models.PositiveIntegerField("存管不足的商家")
    short_fen = models.BigIntegerField("存管缺口合计", default=0)
    clearing_fen = models.BigIntegerField("在途款项")
    clearing_since = models.DateField("最早在途", null=True)
    suspense_fen = models.BigIntegerField("待查款项")
    line_count = models.PositiveIntegerField("银行笔数")
    matched_count = models.PositiveIntegerField("已对上")
    checked_at = models.DateTimeField("核算时间", auto_now=True)

    objects = EquationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "每日对账"
        ordering = ["-on"]
        constraints = [
            models.CheckConstraint(name="equation_matched_of_lines", condition=Q(matched_count__lte=F("line_count"))),
        ]

    def __str__(self) -> str:
        return str(self.on)

    @property
    def difference_fen(self) -> int | None:
        """What the bank has beyond our books; None without a statement."""
        return None if self.bank_fen is None else self.bank_fen - self.ledger_fen

    @property
    def unexplained_fen(self) -> int | None:
        """What of the difference no entry and no notice accounts for; must be zero."""
        found = self.difference_fen
        return None if found is None else found - self.bank_only_fen + self.ours_only_fen

    @property
    def match_rate(self) -> float | None:
        """The share of the bank's entries that are matched, in percent; None for a day without entries."""
        return self.matched_count * 100 / self.line_count if self.line_count else None

    @property
    def percent_matched(self) -> str | None:
        """``match_rate`` for everybody, rounded down: 100.00 means every single entry."""
        if not self.line_count:
            return None
        hundredths = self.matched_count * 10_000 // self.line_count
        return f"{hundredths // 100}.{hundredths % 100:02d}"

    @property
    def holds(self) -> bool:
        """Whether every equation holds: zero sum, bank equals books but for what is on its way, cards, custody."""
        return not (self.sum_fen or self.unexplained_fen or self.cards_off or self.short_count)
