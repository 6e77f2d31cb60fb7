"""24-hour mall tickets: a customer's trouble that the mall answers within a day of the clock, Sundays too."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from complaints.models.complaints import Complaint
from core.identifiers import grouped, public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, User
from core.models.people import WATCHERS, in_regions
from merchants.models import Mall, Store

if TYPE_CHECKING:
    from core.actors import Actor


class MallTicketQuerySet(LockingQuerySet["MallTicket"]):
    """Tickets as one asks for them."""

    def visible_to(self, by: Actor) -> MallTicketQuerySet:
        """One's own, those of the malls one manages, those of an officer's regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        own = Q(consumer=by.user) | Q(mall__in=access.malls())
        return self.filter(own | in_regions("mall__region__path", access.region_paths(*WATCHERS)))

    def unanswered(self) -> Self:
        """Those that wait for the mall, the most urgent first."""
        return self.filter(status=MallTicket.Status.OPEN).order_by("due_at", "id")

    def late(self, now: datetime) -> Self:
        """Those whose day is over without an answer."""
        return self.unanswered().filter(due_at__lt=now)


class MallTicket(models.Model):
    """One ticket for one mall, out of a complaint or from a customer who asked the mall first."""

    class Status(models.TextChoices):
        OPEN = "OPEN", "等商场答复"
        RESPONDED = "RESPONDED", "商场已答复"
        SOLVED = "SOLVED", "已解决"
        COMPLAINED = "COMPLAINED", "已转投诉"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.OPEN)
    mall = models.ForeignKey(Mall, models.PROTECT, related_name="tickets", verbose_name="商场")
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+", verbose_name="门店")
    complaint = models.ForeignKey(
        Complaint, models.PROTECT, null=True, related_name="mall_tickets", verbose_name="投诉"
    )
    consumer = models.ForeignKey(User, models.PROTECT, null=True, related_name="mall_tickets", verbose_name="顾客")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    text = models.CharField("什么事", max_length=1000)
    opened_at = models.DateTimeField("提出时间")
    # Hours of the clock: no calendar, no holidays.
    due_at = models.DateTimeField("答复期限")
    basis = models.CharField("依据", max_length=120)
    pack_id = models.CharField("规则版本", max_length=40)
    response = models.CharField("商场答复", max_length=1000, blank=True)
    responded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="答复人")
    responded_at = models.DateTimeField("答复时间", null=True)
    escalated_to = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="督办人")
    escalated_at = models.DateTimeField("督办时间", null=True)
    reopened = models.PositiveSmallIntegerField("没有解决的次数", default=0)
    reason = models.CharField("没有解决的原因", max_length=300, blank=True)
    ended_at = models.DateTimeField("办结时间", null=True)

    objects = MallTicketQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "商场客诉"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="mall_ticket_status_legal",
                condition=Q(status__in=["OPEN", "RESPONDED", "SOLVED", "COMPLAINED"]),
            ),
            models.CheckConstraint(
                name="mall_ticket_of_somebody", condition=Q(complaint__isnull=False) | Q(consumer__isnull=False)
            ),
            models.CheckConstraint(
                name="mall_ticket_response_said",
                condition=~Q(status="RESPONDED") | (~Q(response="") & Q(responded_at__isnull=False)),
            ),
            models.CheckConstraint(name="mall_ticket_forwards", condition=Q(due_at__gte=F("opened_at"))),
            models.UniqueConstraint(
                fields=["complaint"], condition=Q(status__in=["OPEN", "RESPONDED"]), name="one_ticket_of_complaint"
            ),
        ]
        indexes = [
            models.Index(fields=["mall", "due_at"], condition=Q(status="OPEN"), name="mall_tickets_waiting"),
            models.Index(fields=["consumer", "-id"], name="mall_tickets_of_consumer"),
        ]

    def __str__(self) -> str:
        return f"{self.mall} {self.code_grouped}"

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return grouped(self.code)

    @property
    def region(self) -> Region:
        """Where the mall is."""
        return self.mall.region

    @property
    def is_late(self) -> bool:
        """Whether the mall answered too late, or has not although its day is over."""
        return (self.responded_at or timezone.now()) > self.due_at and self.status != self.Status.COMPLAINED


MALL_TICKET_LIFECYCLE = Lifecycle(
    "complaints.MallTicket",
    "status",
    {
        "respond": Step(("OPEN",), "RESPONDED", "complaints.answer_mall_ticket", "答复"),
        "solve": Step(("RESPONDED",), "SOLVED", "complaints.end_mall_ticket", "已解决"),
        "reopen": Step(("RESPONDED",), "OPEN", "complaints.end_mall_ticket", "没有解决", caution=True),
        "complain": Step(("OPEN", "RESPONDED"), "COMPLAINED", "complaints.end_mall_ticket", "转为投诉", caution=True),
    },
)
