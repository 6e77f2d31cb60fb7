"""Who does a thing. Every action takes an Actor; there is no default."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.models import User


class ActorKind(IntEnum):
    """Stored in the ledger and the audit, inside the hash: numbers are never reused."""

    USER = 1
    CLIENT = 2
    SYSTEM = 3
    CUSTODIAN = 4


@dataclass(frozen=True)
class Actor:
    """The one who acts: a person, an API client, the system's own jobs, or the custodian bank."""

    kind: ActorKind
    id: int | None = None
    user: User | None = None
    request_id: str = ""
    ip: str | None = None
    acting_role: str = ""

    @property
    def is_system(self) -> bool:
        """Whether a job of ours acts, by nobody's order."""
        return self.kind is ActorKind.SYSTEM

    @classmethod
    def of_user(cls, user: User, **extra: Any) -> Actor:
        """The actor behind a signed-in person."""
        return cls(ActorKind.USER, user.pk, user, **extra)

    @classmethod
    def of(cls, request: HttpRequest) -> Actor:
        """The actor behind a request: the API client if one is authenticated, else the person."""
        user: Any = request.user
        client = getattr(request, "api_client", None)
        return cls(
            ActorKind.CLIENT if client else ActorKind.USER,
            client.pk if client else user.pk,
            user,
            request_id=getattr(request, "request_id", ""),
            ip=request.META.get("REMOTE_ADDR"),
        )


SYSTEM = Actor(ActorKind.SYSTEM)
CUSTODIAN = Actor(ActorKind.CUSTODIAN)
