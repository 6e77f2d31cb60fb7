"""Who complains and who reports. Reporters are a table of their own: their identity is sealed (总局令121号第37条)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from core.crypto import PersonalText
from core.identifiers import masked_name, masked_phone
from core.locking import LockingQuerySet
from core.models import User

if TYPE_CHECKING:
    from core.actors import Actor


class Person(models.Model):
    """Somebody who turned to the bureau; name, phone and address are encrypted."""

    pii_key = models.UUIDField(default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="用户")
    name_ct = models.TextField(default="", blank=True)
    phone_ct = models.TextField(default="", blank=True)
    address_ct = models.TextField(default="", blank=True)
    name = PersonalText()
    phone = PersonalText()
    address = PersonalText()
    phone_idx = models.CharField(max_length=32, blank=True, db_index=True)
    # Of the identity number only this is kept, once an officer asked for the proof (第10条).
    id_number_idx = models.CharField(max_length=32, blank=True)
    id_checked_at = models.DateTimeField("身份核验时间", null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.masked_name or self.masked_phone or "匿名"

    @property
    def masked_name(self) -> str:
        """``王**``."""
        return masked_name(self.name)

    @property
    def masked_phone(self) -> str:
        """``138****1234``."""
        return masked_phone(self.phone) if self.phone else ""


class Complainant(Person):
    """One person with a dispute of their own: true name, phone and address (第10条)."""

    # Somebody who speaks for them, with a power of attorney (第11条); a child for a parent, for example.
    agent_name_ct = models.TextField(default="", blank=True)
    agent_phone_ct = models.TextField(default="", blank=True)
    agent_name = PersonalText()
    agent_phone = PersonalText()
    agent_proof = models.ForeignKey(
        "core.StoredFile", models.PROTECT, null=True, related_name="+", verbose_name="授权委托书"
    )

    objects = LockingQuerySet["Complainant"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "投诉人"


class Reporter(Person):
    """Who told of a violation; read only with the permission ``complaints.view_reporter_identity`` and a purpose."""

    objects = LockingQuerySet["Reporter"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "举报人"


class JointComplainantQuerySet(LockingQuerySet["JointComplainant"]):
    """People of joint complaints as one asks for them."""

    def visible_to(self, by: Actor) -> JointComplainantQuerySet:
        """Those of the complaints ``by`` may see."""
        from complaints.models.complaints import Complaint  # people come first, complaints point to them

        return self.filter(complaint__in=Complaint.objects.visible_to(by))


class JointComplainant(models.Model):
    """One of two or more who complain together; at most two speak for the rest (第12条)."""

    complaint = models.ForeignKey(
        "complaints.Complaint", models.PROTECT, related_name="joint_complainants", verbose_name="投诉"
    )
    complainant = models.ForeignKey(Complainant, models.PROTECT, related_name="+", verbose_name="投诉人")
    is_representative = models.BooleanField("代表人", default=False)
    # Withdrawing and settling need the consent of those who are represented.
    consented_at = models.DateTimeField("同意时间", null=True)

    objects = JointComplainantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "共同投诉人"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "complainant"], name="joint_complainant_once"),
            models.CheckConstraint(
                name="joint_consent_of_represented", condition=Q(consented_at=None) | Q(is_representative=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.complainant)
