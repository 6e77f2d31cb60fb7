"""OAuth2 clients: how a merchant's own system gets in, and the one endpoint that gives it tokens."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from oauth2_provider.models import Application
from oauth2_provider.views import TokenView

from core import actions as core
from core.actors import Actor
from core.api.problems import problem_response
from core.audit import record
from core.crypto import blind_index
from core.errors import TooMany
from core.models import Role, User
from core.throttle import count


@dataclass(frozen=True)
class NewClient:
    """What the merchant's engineer needs; the secret is shown once and kept only as a hash."""

    client_id: str
    secret: str


@transaction.atomic
def create_client(
    merchant_id: int | None, name: str, *, by: Actor, region_id: str | None = None, channel: str = ""
) -> NewClient:
    """Open an API client with a service account of its own: for a merchant, or for a channel over a region."""
    account = User(phone_idx=blind_index("client", uuid.uuid4().hex), phone_last4="", pii_key=uuid.uuid4())
    account.name = name[:40]
    account.set_unusable_password()
    account.save()
    core.grant_membership(
        account.pk, Role.API_CLIENT, merchant_id=merchant_id, region_id=region_id, department=channel, by=by
    )
    secret = secrets.token_urlsafe(36)
    client = Application.objects.create(
        user=account,
        name=name[:255],
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
    )
    record("api_client.create", account, by=by, merchant=merchant_id, channel=channel, client=client.client_id)
    return NewClient(client.client_id, secret)


class ClientTokenView(TokenView):
    """``POST /oauth/token/``: id and secret against a token of an hour."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """A token, or 429 for an address that tries too often."""
        try:
            count(f"token:{request.META.get('REMOTE_ADDR')}", settings.API_RATES["token"])
        except TooMany as error:
            return problem_response(error, getattr(request, "request_id", ""))
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer
