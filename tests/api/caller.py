"""Calling the API as somebody: a session, an API client's token, or nobody."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from core.actors import SYSTEM
from core.api.clients import create_client
from core.models import User
from merchants.models import Merchant

PREFIX = "/api/v1"


class Caller:
    """One who calls. Bodies are JSON; every unsafe call carries an Idempotency-Key unless told otherwise."""

    def __init__(self, user: User | None = None, token: str = "") -> None:
        self.client = Client(headers={"Authorization": f"Bearer {token}"} if token else None)
        if user:
            self.client.force_login(user, backend="core.auth.PhoneBackend")

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(PREFIX + path, query)

    def send(self, method: str, path: str, body: Any = None, *, key: str | None = "") -> Any:
        headers = {} if key is None else {"Idempotency-Key": key or uuid.uuid4().hex}
        data = body if isinstance(body, (bytes, str)) else json.dumps(body or {})
        return self.client.generic(method, PREFIX + path, data, content_type="application/json", headers=headers)

    def post(self, path: str, body: Any = None, *, key: str | None = "") -> Any:
        return self.send("POST", path, body, key=key)

    def did(self, path: str, body: Any = None) -> Any:
        """POST that must succeed; the answer's body."""
        answer = self.post(path, body)
        assert 200 <= answer.status_code < 300, (path, answer.status_code, answer.content.decode())
        return answer.json()

    def saw(self, path: str, **query: Any) -> Any:
        """GET that must succeed; the answer's body."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, (path, answer.status_code, answer.content.decode())
        return answer.json()


def client_of(merchant: Merchant, scope: str = "read write money") -> Caller:
    """An API client of the merchant with a token that is good for an hour."""
    made = create_client(merchant.pk, f"收银系统 {merchant.brand_name}", by=SYSTEM)
    application = Application.objects.get(client_id=made.client_id)
    token = uuid.uuid4().hex
    AccessToken.objects.create(
        application=application, token=token, scope=scope, expires=timezone.now() + timedelta(hours=1)
    )
    return Caller(token=token)
