"""The officers' private calendars of due dates."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from core.locking import LockingQuerySet
from core.models import User


class CalendarFeed(models.Model):
    """The private address of one officer's calendar: signed over ``nonce``, dead when that is changed."""

    user = models.OneToOneField(User, models.PROTECT, related_name="+", verbose_name="人员")
    nonce = models.CharField(max_length=32, unique=True)
    made_at = models.DateTimeField("建立时间", default=timezone.now)

    objects = LockingQuerySet["CalendarFeed"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "日历订阅"

    def __str__(self) -> str:
        return f"{self.user} 的期限日历"
