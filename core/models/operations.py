"""What keeps the portal honest: audit, outbox, job runs, idempotency keys."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class AuditEvent(models.Model):
    """One thing somebody did to one object; chained per object, append-only, partitioned by month.

    Written only by the SQL function ``audit_record`` (core/sql); this model reads.
    """

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField("时间")
    verb = models.CharField("事项", max_length=60)
    object_type = models.CharField("对象", max_length=40)
    object_id = models.CharField("编号", max_length=40)
    seq = models.IntegerField("序")
    actor_kind = models.SmallIntegerField("办理方")
    actor_id = models.BigIntegerField("办理人", null=True)
    acting_role = models.CharField("角色", max_length=200)
    ip = models.GenericIPAddressField("IP", null=True)
    request_id = models.CharField("请求号", max_length=40)
    facts = models.JSONField("内容")
    previous_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        managed = False
        db_table = "audit_event"
        verbose_name = verbose_name_plural = "操作记录"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type}:{self.object_id}"


class OutboxEvent(models.Model):
    """An effect that must happen, written in the same transaction as its cause. Payloads hold ids, no personal data."""

    class State(models.TextChoices):
        NEW = "NEW", "待处理"
        DONE = "DONE", "已完成"
        DEAD = "DEAD", "已停止重试"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    topic = models.CharField("主题", max_length=60)
    key = models.CharField("键", max_length=100)
    payload = models.JSONField("内容", default=dict)
    state = models.CharField("状态", max_length=4, choices=State.choices, default=State.NEW)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    next_at = models.DateTimeField("下次时间")
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    done_at = models.DateTimeField("完成时间", null=True)
    error = models.CharField("错误", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "发件箱"
        constraints = [models.UniqueConstraint(fields=["topic", "key"], name="outbox_once")]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="NEW"), name="outbox_due"),
            models.Index(fields=["-created_at"], name="outbox_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"


class JobRun(models.Model):
    """One shard of one daily job for one business date: exactly once, however many beats run."""

    class State(models.TextChoices):
        NEW = "NEW", "待运行"
        RUNNING = "RUNNING", "运行中"
        DONE = "DONE", "已完成"
        FAILED = "FAILED", "失败"

    job = models.CharField("任务", max_length=60)
    business_date = models.DateField("业务日")
    shard = models.PositiveSmallIntegerField("分片", default=0)
    state = models.CharField("状态", max_length=7, choices=State.choices, default=State.NEW)
    started_at = models.DateTimeField("开始", null=True)
    finished_at = models.DateTimeField("结束", null=True)
    result = models.JSONField("结果", default=dict)
    error = models.CharField("错误", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "每日任务"
        ordering = ["-business_date", "job", "shard"]
        constraints = [models.UniqueConstraint(fields=["job", "business_date", "shard"], name="job_once")]

    def __str__(self) -> str:
        return f"{self.job} {self.business_date} #{self.shard}"


class IdempotencyKey(models.Model):
    """One unsafe HTTP request that succeeded: the same key again gets the same answer. Kept 400 days."""

    principal = models.CharField("请求方", max_length=60)
    key = models.CharField("键", max_length=128)
    fingerprint = models.CharField("指纹", max_length=64)
    status = models.PositiveSmallIntegerField("状态码", null=True)
    # Where the object can be read again; the body itself is not kept, so no personal data is.
    reference = models.JSONField("结果", null=True)
    created_at = models.DateTimeField("时间", auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "幂等键"
        constraints = [models.UniqueConstraint(fields=["principal", "key"], name="idempotency_once")]

    def __str__(self) -> str:
        return f"{self.principal} {self.key}"
