"""A card that changes hands: given to somebody else, or to the same person's new number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from core.identifiers import public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import User
from core.models.people import WATCHERS, in_regions
from prepaid.models.contracts import Contract

if TYPE_CHECKING:
    from core.actors import Actor


class AssignmentQuerySet(LockingQuerySet["Assignment"]):
    """Assignments as one asks for them."""

    def visible_to(self, by: Actor) -> AssignmentQuerySet:
        """Those of both persons, of the shop, and of an officer's regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        return self.filter(
            Q(from_user=by.user)
            | Q(to_user=by.user)
            | Q(contract__merchant__in=access.merchants())
            | in_regions("contract__merchant__region__path", access.region_paths(*WATCHERS))
        )

    def running(self) -> AssignmentQuerySet:
        """Those that wait for somebody's word or for their day."""
        return self.filter(status__in=[Assignment.Status.PROPOSED, Assignment.Status.WAITING])


class Assignment(models.Model):
    """One notice that a contract's rights go to another person, or to the same person under another number."""

    class Kind(models.TextChoices):
        TRANSFER = "TRANSFER", "转给别人用"
        NEW_NUMBER = "NEW_NUMBER", "本人换手机号"
        INHERITED = "INHERITED", "继承"

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", "待受让人同意"
        WAITING = "WAITING", "等待期内，原号码可提出异议"
        EFFECTIVE = "EFFECTIVE", "已生效"
        DECLINED = "DECLINED", "受让人未同意"
        WITHDRAWN = "WITHDRAWN", "已撤回"
        STOPPED = "STOPPED", "原号码提出异议"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="assignments", verbose_name="合同")
    kind = models.CharField("类型", max_length=10, choices=Kind.choices)
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.PROPOSED)
    from_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="原持卡人")
    to_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="新持卡人")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    asked_at = models.DateTimeField("提出时间", auto_now_add=True)
    due_at = models.DateTimeField("等待期至", null=True)
    # 法释〔2025〕4号第11条: from here on the shop is bound, whether or not anybody has read it.
    notice_received_at = models.DateTimeField("通知到达商家", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "转让"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="assignment_to_another", condition=~Q(from_user=models.F("to_user"))),
            models.CheckConstraint(
                name="assignment_status_legal",
                condition=Q(status__in=["PROPOSED", "WAITING", "EFFECTIVE", "DECLINED", "WITHDRAWN", "STOPPED"]),
            ),
            models.CheckConstraint(
                name="assignment_effective_on_notice",
                condition=~Q(status="EFFECTIVE") | Q(notice_received_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["contract"], condition=Q(status__in=["PROPOSED", "WAITING"]), name="one_open_assignment"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(status="WAITING"), name="assignment_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.code}"


ASSIGNMENT_LIFECYCLE = Lifecycle(
    "prepaid.Assignment",
    "status",
    {
        "accept": Step(("PROPOSED",), "EFFECTIVE", "prepaid.accept_assignment", "同意接手"),
        "decline": Step(("PROPOSED",), "DECLINED", "prepaid.accept_assignment", "不接手", caution=True),
        "withdraw": Step(("PROPOSED",), "WITHDRAWN", "prepaid.withdraw_assignment", "撤回转让", caution=True),
        "object": Step(("WAITING",), "STOPPED", "prepaid.withdraw_assignment", "不是我换的", caution=True),
        "take_effect": Step(("WAITING",), "EFFECTIVE", "prepaid.end_assignment", "等待期满生效"),
    },
)
