"""Agenda packs: what each regular meeting of a bureau looks at, frozen the morning it is made, and what it decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from complaints.models.matters import stands_for
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, User
from core.models.people import WATCHERS, in_regions

if TYPE_CHECKING:
    from core.actors import Actor


class AgendaPackQuerySet(LockingQuerySet["AgendaPack"]):
    """Packs as one asks for them."""

    def visible_to(self, by: Actor) -> AgendaPackQuerySet:
        """Those of an officer's regions, and of the bureau to which an officer's station belongs."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        paths = by.user.access.region_paths(*WATCHERS)
        above = {path[: n + 1] for path in paths for n, letter in enumerate(path) if letter == "/"}
        return self.filter(in_regions("region__path", paths) | Q(region__path__in=above))


class AgendaPack(models.Model):
    """One meeting of one bureau about one period. Its content is what the job found, and never changes."""

    class Kind(models.TextChoices):
        DAILY_LOOK = "DAILY_LOOK", "日看"
        DAILY_DISPATCH = "DAILY_DISPATCH", "日调度"
        WEEKLY_CHECK = "WEEKLY_CHECK", "周查"
        WEEKLY_CONSULT = "WEEKLY_CONSULT", "周会商"
        TENDAY_REVIEW = "TENDAY_REVIEW", "旬复盘"
        MONTHLY_SETTLEMENT = "MONTHLY_SETTLEMENT", "月结"
        MONTHLY_COMMENT = "MONTHLY_COMMENT", "月点评"

    class Status(models.TextChoices):
        OPEN = "OPEN", "待会商"
        HELD = "HELD", "已会商"
        LOCKED = "LOCKED", "已锁定"

    kind = models.CharField("种类", max_length=18, choices=Kind.choices)
    status = models.CharField("状态", max_length=6, choices=Status.choices, default=Status.OPEN)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="地区")
    starts_on = models.DateField("起")
    ends_on = models.DateField("止")
    made_on = models.DateField("生成日")
    # {"sections": [{"title", "heads", "rows", "keys"}]}: figures and numbers of cases, no personal data.
    content = models.JSONField("内容")
    sha256 = models.CharField("校验值", max_length=64)
    minutes = models.TextField("会议纪要", max_length=4000, blank=True)
    held_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="召集人")
    held_at = models.DateTimeField("会商时间", null=True)
    locked_at = models.DateTimeField("锁定时间", null=True)

    objects = AgendaPackQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调度会商"
        ordering = ["-ends_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "region", "starts_on"], name="one_agenda_pack_a_period"),
            models.CheckConstraint(
                name="agenda_pack_status_legal", condition=Q(status__in=["OPEN", "HELD", "LOCKED"])
            ),
            models.CheckConstraint(name="agenda_pack_forwards", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="agenda_pack_minutes_said",
                condition=Q(status="OPEN") | (~Q(minutes="") & Q(held_at__isnull=False)),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.region.name}{self.get_kind_display()} {self.period}"

    @property
    def period(self) -> str:
        """The days it is about."""
        return f"{self.starts_on}" if self.starts_on == self.ends_on else f"{self.starts_on} 至 {self.ends_on}"

    @property
    def actions_open(self) -> int:
        """How many of the things decided are not done."""
        return self.actions.filter(done_at=None).count()


AGENDA_PACK_LIFECYCLE = Lifecycle(
    "complaints.AgendaPack",
    "status",
    {
        "hold": Step(("OPEN",), "HELD", "complaints.keep_agenda", "写会议纪要"),
        "lock": Step(("HELD",), "LOCKED", "complaints.keep_agenda", "锁定", caution=True),
    },
)


class AgendaActionQuerySet(LockingQuerySet["AgendaAction"]):
    """Things decided, as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the packs ``by`` may see."""
        return self.filter(pack__in=AgendaPack.objects.visible_to(by))

    def owned_by(self, by: Actor) -> Self:
        """What one person, or somebody for whom they stand in, still has to do."""
        return self.filter(owner__in=stands_for(by), done_at=None)


class AgendaAction(models.Model):
    """One thing a meeting decided: what, by whom, by when, and what came of it."""

    pack = models.ForeignKey(AgendaPack, models.PROTECT, related_name="actions", verbose_name="会商")
    text = models.CharField("交办事项", max_length=300)
    owner = models.ForeignKey(User, models.PROTECT, related_name="agenda_actions", verbose_name="负责人")
    due_on = models.DateField("期限")
    done_at = models.DateTimeField("办结时间", null=True)
    note = models.CharField("办理情况", max_length=500, blank=True)

    objects = AgendaActionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "交办事项"
        ordering = ["due_on", "id"]
        constraints = [models.CheckConstraint(name="agenda_action_done_said", condition=Q(done_at=None) | ~Q(note=""))]
        indexes = [models.Index(fields=["owner", "due_on"], condition=Q(done_at=None), name="agenda_actions_open")]

    def __str__(self) -> str:
        return self.text
