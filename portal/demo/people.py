"""The people of the demo: those who can sign in, and the many who only hold cards or own shops."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.contrib.auth.hashers import make_password

from core.actors import Actor
from core.crypto import blind_index
from core.models import Membership, Role, User
from portal.demo.names import DISTRICT

PASSWORD = "Anxin-demo-2026"  # noqa: S105 - printed at start, and seed_demo refuses to run in production
STAFF_PIN = "4826"
# The department beside the market bureau that has an officer at the portal.
DEPARTMENT = "文化旅游局"
_UNUSABLE = make_password(None)


@dataclass(frozen=True)
class Part:
    """One person who can sign in: what they are in the demo, their phone, and a role over the district."""

    key: str
    title: str
    name: str
    phone: str
    role: Role | None = None

    def login(self) -> dict[str, str]:
        """What the launcher prints of this person."""
        found = {"role": self.title, "name": self.name, "phone": self.phone, "password": PASSWORD}
        return found | ({"pin": f"收银口令 {STAFF_PIN}"} if self.key == "clerk" else {})


CAST = (
    Part("zhou", "消费者", "周桂芬", "13900000001"),
    Part("lin", "消费者（小象画室家长）", "林悦", "13900000002"),
    Part("shen", "商家负责人（青禾造型）", "沈丽", "13900000011"),
    Part("clerk", "店员（青禾造型）", "陈小雨", "13900000013"),
    Part("mall", "商场管理员（江南里购物中心）", "顾岚", "13900000028"),
    Part("chen", "区县业务审核", "陈立", "13900000021", Role.COUNTY_REVIEWER_A),
    Part("li", "区县综合审核（第二审核人）", "李静", "13900000022", Role.COUNTY_REVIEWER_B),
    Part("he", "包案领导", "何志强", "13900000023", Role.LEADER),
    Part("xu", "分派员", "许静怡", "13900000030", Role.DISPATCHER),
    Part("fang", "人民调解员", "方和", "13900000029", Role.MEDIATOR),
    Part("auditor", "审计员", "吴敏之", "13900000025", Role.AUDITOR),
    Part("sysadmin", "系统管理员", "郑向东", "13900000026", Role.SYSADMIN),
    Part("discipline", "纪检监督", "严守正", "13900000027", Role.DISCIPLINE),
    Part("culture", "部门人员（文化旅游局）", "程晓", "13900000031", Role.DEPARTMENT_OFFICER),
)


class Cast:
    """The people of ``CAST``, made and ready to act."""

    def __init__(self) -> None:
        self.users = {part.key: User.objects.enrol(part.phone, part.name) for part in CAST}
        # One hash for all: Argon2 is slow on purpose.
        User.objects.filter(pk__in=[user.pk for user in self.users.values()]).update(password=make_password(PASSWORD))
        Membership.objects.bulk_create(
            Membership(
                user=self.users[part.key],
                role=part.role,
                region_id=None if part.role is Role.SYSADMIN else DISTRICT,
                department=DEPARTMENT if part.role is Role.DEPARTMENT_OFFICER else "",
            )
            for part in CAST
            if part.role
        )

    def user(self, key: str) -> User:
        """The user behind a part."""
        return self.users[key]

    def by(self, key: str) -> Actor:
        """The actor behind a part; a role given a moment ago counts."""
        self.users[key].forget_access()
        return Actor.of_user(self.users[key])


def crowd(names: Iterator[str], phones: Iterator[str], size: int) -> list[User]:
    """People who cannot sign in, written in one go as ``User.objects.enrol`` would write each."""
    users = []
    for name, phone in islice(zip(names, phones, strict=False), size):
        user = User(phone_idx=blind_index("phone", phone), phone_last4=phone[-4:], pii_key=uuid.uuid4())
        user.phone, user.name, user.password = phone, name, _UNUSABLE
        users.append(user)
    return User.objects.bulk_create(users)
