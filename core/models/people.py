"""People, what they may do and where, and who stands in for whom."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import make_password
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.crypto import PersonalText, blind_index
from core.identifiers import clean_phone, masked_name, masked_phone
from core.models.reference import Region


class UserManager(BaseUserManager["User"]):
    """People are found by the blind index of their phone, never by the number itself."""

    def by_phone(self, phone: str) -> User | None:
        """The user with this phone (any way of writing it), if there is one."""
        return self.filter(phone_idx=blind_index("phone", clean_phone(phone))).first()

    def enrol(self, phone: str, name: str = "", password: str | None = None) -> User:
        """The user with this phone, made without a password if new: a phone code activates it."""
        fresh = _new_user(clean_phone(phone), name, password)
        # The unique index decides a race of two tills enrolling one phone.
        self.bulk_create([fresh], ignore_conflicts=True)
        user = self.get(phone_idx=fresh.phone_idx)
        if name and not user.name_ct:
            user.name = name
            user.save(update_fields=["name_ct"])
        return user

    def enrol_many(self, people: Iterable[tuple[str, str]]) -> dict[str, User]:
        """Many at once, each ``(phone in E.164, name)``: who holds each phone. Four queries."""
        names: dict[str, str] = {}
        for e164, name in people:
            names[e164] = names.get(e164) or name
        index = {blind_index("phone", e164): e164 for e164 in names}
        known = set(self.filter(phone_idx__in=index).values_list("phone_idx", flat=True))
        fresh = [_new_user(e164, names[e164], None) for idx, e164 in index.items() if idx not in known]
        self.bulk_create(fresh, ignore_conflicts=True)
        found = {index[user.phone_idx]: user for user in self.filter(phone_idx__in=index)}
        unnamed = [user for e164, user in found.items() if names[e164] and not user.name_ct]
        for user in unnamed:
            user.name = names[user.phone]
        self.bulk_update(unnamed, ["name_ct"])
        return found

    def get_by_natural_key(self, username: str | None) -> User:
        """Django's way in; ``username`` is the phone's index."""
        return self.get(phone_idx=username)


def _new_user(e164: str, name: str, password: str | None) -> User:
    """A user that is not saved yet."""
    user = User(phone_idx=blind_index("phone", e164), phone_last4=e164[-4:], pii_key=uuid.uuid4())
    user.phone, user.name = e164, name
    user.password = make_password(password)
    return user


class User(AbstractBaseUser):
    """One person. The phone is the identity; name and phone are encrypted."""

    pii_key = models.UUIDField(default=uuid.uuid4, editable=False)
    phone_idx = models.CharField("手机号索引", max_length=32, unique=True)
    phone_last4 = models.CharField("手机尾号", max_length=4, db_index=True)
    phone_ct = models.TextField(default="", blank=True)
    name_ct = models.TextField(default="", blank=True)
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    phone = PersonalText()
    name = PersonalText()

    USERNAME_FIELD = "phone_idx"
    objects: UserManager = UserManager()

    class Meta:
        verbose_name = verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.masked_name or self.masked_phone

    @property
    def masked_phone(self) -> str:
        """``138****1234``."""
        return masked_phone(self.phone)

    @property
    def masked_name(self) -> str:
        """``王**``."""
        return masked_name(self.name)

    @cached_property
    def access(self) -> Access:
        """What this person may do, read once per user object (own roles and those delegated to them)."""
        return Access(self.pk, Membership.objects.held_by(self.pk, timezone.localdate()))

    def forget_access(self) -> None:
        """Read the roles again at the next question; works through the lazy user of a request, too."""
        self.__dict__.pop("access", None)

    # The admin asks these of a user; our rules answer instead of Django's permission tables.
    @property
    def is_staff(self) -> bool:
        """Whether the regulators' site opens for this person."""
        return self.is_active and self.access.is_regulator

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Model permissions of Django are not used; actions ask ``core.permissions``."""
        return False

    def has_perms(self, perms: Iterable[str], obj: Any = None) -> bool:
        """See ``has_perm``."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """Every regulator sees the site; each page scopes its own rows."""
        return self.is_staff


class Role(models.TextChoices):
    """Roles of domain.md §1j; a consumer needs none."""

    MERCHANT_OWNER = "MERCHANT_OWNER", "商家负责人"
    MERCHANT_STAFF = "MERCHANT_STAFF", "店员"
    MALL_MANAGER = "MALL_MANAGER", "商场管理员"
    ASSOCIATION = "ASSOCIATION", "行业协会"
    MEDIATOR = "MEDIATOR", "调解员"
    OBSERVER = "OBSERVER", "消费体察员"
    STATION_OFFICER = "STATION_OFFICER", "市场监管所人员"
    COUNTY_REVIEWER_A = "COUNTY_REVIEWER_A", "区县业务审核"
    COUNTY_REVIEWER_B = "COUNTY_REVIEWER_B", "区县综合审核"
    CITY = "CITY", "市级人员"
    PROVINCE = "PROVINCE", "省级人员"
    INSPECTOR_CROSS = "INSPECTOR_CROSS", "交叉检查人员"
    DISPATCHER = "DISPATCHER", "分派员"
    LEADER = "LEADER", "包案领导"
    DISCIPLINE = "DISCIPLINE", "纪检监督"
    DEPARTMENT_OFFICER = "DEPARTMENT_OFFICER", "部门人员"
    CUSTODIAN = "CUSTODIAN", "存管机构"
    AUDITOR = "AUDITOR", "审计员"
    SYSADMIN = "SYSADMIN", "系统管理员"
    SECADMIN = "SECADMIN", "安全管理员"
    API_CLIENT = "API_CLIENT", "接口客户端"


MERCHANT_ROLES = (Role.MERCHANT_OWNER, Role.MERCHANT_STAFF)
REGIONAL_ROLES = (
    Role.STATION_OFFICER,
    Role.COUNTY_REVIEWER_A,
    Role.COUNTY_REVIEWER_B,
    Role.CITY,
    Role.PROVINCE,
    Role.INSPECTOR_CROSS,
    Role.DISPATCHER,
    Role.LEADER,
    Role.DISCIPLINE,
    Role.AUDITOR,
    Role.DEPARTMENT_OFFICER,
)
# Officers decide; discipline, auditors and departments look on.
OFFICERS = (
    Role.STATION_OFFICER,
    Role.COUNTY_REVIEWER_A,
    Role.COUNTY_REVIEWER_B,
    Role.CITY,
    Role.PROVINCE,
    Role.LEADER,
)
WATCHERS = (*OFFICERS, Role.DISPATCHER, Role.DISCIPLINE, Role.AUDITOR)
KEEPERS = (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)
DELEGABLE = (*OFFICERS, Role.DISPATCHER)


class DatedQuerySet(models.QuerySet[Any]):
    """Rows with ``valid_from`` and ``valid_to``."""

    def in_force(self, on: date) -> DatedQuerySet:
        """Those that count on the day ``on``."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)


# Every request of somebody signed in asks this: as text it costs a tenth of what the query builder takes.
HELD = """
    SELECT m.*, r.name AS region_name, r.level AS region_level, r.path AS region_path, r.is_demo AS region_is_demo
    FROM core_membership m LEFT JOIN core_region r ON r.code = m.region_id
    WHERE m.valid_from <= %(on)s AND (m.valid_to IS NULL OR m.valid_to >= %(on)s)
        AND (m.user_id = %(user)s OR m.role = ANY(%(delegable)s) AND m.user_id IN (
            SELECT from_user_id FROM core_delegation
            WHERE to_user_id = %(user)s AND valid_from <= %(on)s AND valid_to >= %(on)s))
"""


class MembershipQuerySet(DatedQuerySet):
    """Memberships as one asks for them."""

    def held_by(self, user_id: int, on: date) -> Iterator[Membership]:
        """Those in force of a person on a day, and those of whom they stand in for, each with its region."""
        found = self.raw(HELD, {"user": user_id, "on": on, "delegable": [role.value for role in DELEGABLE]})
        for row in found:
            if row.region_id is not None:
                values = row.region_id, row.region_name, row.region_level, row.region_path, row.region_is_demo
                row.region = Region.from_db(self.db, ("code", "name", "level", "path", "is_demo"), values)
            yield row


class Membership(models.Model):
    """One role of one person: in a merchant, in a mall, or over a region and all below it."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="用户")
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    region = models.ForeignKey("core.Region", models.PROTECT, null=True, blank=True, verbose_name="辖区")
    # Plain numbers: core knows no app above it. The merchants app adds the foreign keys in the database.
    merchant_id = models.BigIntegerField("商家", null=True, blank=True, db_index=True)
    mall_id = models.BigIntegerField("商场", null=True, blank=True)
    department = models.CharField("部门", max_length=20, blank=True)
    pin = models.CharField("收银口令", max_length=200, blank=True)
    valid_from = models.DateField("起", default=timezone.localdate)
    valid_to = models.DateField("止", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        constraints = [
            models.CheckConstraint(
                name="membership_scope_fits_role",
                condition=(
                    Q(role__in=[*MERCHANT_ROLES, Role.API_CLIENT], merchant_id__isnull=False, region=None)
                    # The client of an official channel; ``department`` names the channel.
                    | Q(role=Role.API_CLIENT, region__isnull=False, merchant_id=None)
                    | Q(role__in=REGIONAL_ROLES, region__isnull=False, merchant_id=None)
                    | Q(role=Role.MALL_MANAGER, mall_id__isnull=False)
                    | Q(
                        role__in=["ASSOCIATION", "MEDIATOR", "OBSERVER", "CUSTODIAN", "SYSADMIN", "SECADMIN"],
                        merchant_id=None,
                    )
                ),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "merchant_id", "mall_id", "region"],
                condition=Q(valid_to=None),
                nulls_distinct=False,
                name="one_open_membership",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"


class Delegation(models.Model):
    """While ``from_user`` is away, ``to_user`` acts with their roles; the audit names both."""

    from_user = models.ForeignKey(User, models.PROTECT, related_name="delegated_to", verbose_name="委托人")
    to_user = models.ForeignKey(User, models.PROTECT, related_name="delegated_by", verbose_name="受托人")
    reason = models.CharField("原因", max_length=100)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止")

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "委托代办"
        constraints = [
            models.CheckConstraint(name="delegate_to_another", condition=~Q(from_user=models.F("to_user"))),
            models.CheckConstraint(name="delegation_ends", condition=Q(valid_to__gte=models.F("valid_from"))),
        ]

    def __str__(self) -> str:
        return f"{self.from_user} → {self.to_user}"


class TrustedDevice(models.Model):
    """A browser on which this person proved the phone; for 90 days it confirms visits without a code."""

    user = models.ForeignKey(User, models.CASCADE, related_name="devices", verbose_name="用户")
    token_hash = models.CharField(max_length=64, unique=True)
    label = models.CharField("设备", max_length=80, blank=True)
    created_at = models.DateTimeField("加入时间", auto_now_add=True)
    expires_at = models.DateTimeField("到期时间")

    class Meta:
        verbose_name = verbose_name_plural = "常用设备"

    def __str__(self) -> str:
        return self.label


class Access:
    """The memberships in force of one person, asked in the words of the rules."""

    def __init__(self, user_id: int, memberships: Iterable[Membership]) -> None:
        self.user_id, self.memberships = user_id, list(memberships)

    @property
    def key(self) -> tuple[object, ...]:
        """All that the rules can ask of it: whoever has the same key sees the same."""
        held = (
            (m.user_id, m.role, m.region and m.region.path, m.merchant_id, m.mall_id, m.department)
            for m in self.memberships
        )
        return self.user_id, *held

    @property
    def acting(self) -> str:
        """The roles held, as the audit keeps them; one that is held for somebody away names that person by id."""
        held = (m.role if m.user_id == self.user_id else f"{m.role}←{m.user_id}" for m in self.memberships)
        return ",".join(sorted(set(held)))

    def has(self, *roles: str) -> bool:
        """Whether any of ``roles`` is held, anywhere."""
        return any(m.role in roles for m in self.memberships)

    def merchants(self, *roles: str) -> set[int]:
        """Ids of the merchants in which one of ``roles`` is held (both merchant roles by default)."""
        wanted = roles or (*MERCHANT_ROLES, Role.API_CLIENT)
        return {m.merchant_id for m in self.memberships if m.merchant_id and m.role in wanted}

    def malls(self) -> set[int]:
        """Ids of the malls this person manages."""
        return {m.mall_id for m in self.memberships if m.mall_id and m.role == Role.MALL_MANAGER}

    def region_paths(self, *roles: str) -> tuple[str, ...]:
        """Path prefixes of the regions in which one of ``roles`` is held."""
        return tuple(m.region.path for m in self.memberships if m.region and m.role in roles)

    def covers(self, path: str, *roles: str) -> bool:
        """Whether ``path`` lies in a region in which one of ``roles`` is held."""
        return any(path.startswith(prefix) for prefix in self.region_paths(*roles))

    @property
    def is_regulator(self) -> bool:
        """Whether the regulators' site is for this person."""
        return self.has(*REGIONAL_ROLES, *KEEPERS)

    @property
    def only_department(self) -> bool:
        """Whether this is an officer of another department, who sees what is asked of it and nothing else."""
        return self.has(Role.DEPARTMENT_OFFICER) and not self.has(*WATCHERS, *KEEPERS, Role.INSPECTOR_CROSS)

    @property
    def departments(self) -> set[str]:
        """Departments for which this person answers."""
        return {m.department for m in self.memberships if m.department}


def in_regions(field: str, paths: Iterable[str]) -> Q:
    """The filter for rows whose region path (``field``) lies in one of ``paths``; nothing if there are none."""
    query = Q(pk__in=[])
    for prefix in paths:
        query |= Q(**{f"{field}__startswith": prefix})
    return query
