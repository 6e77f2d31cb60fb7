"""API clients: made by a command, let in by client credentials, judged by scope."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from core.models import AuditEvent, User
from merchants.models import Merchant
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db


def made_by_command(merchant: Merchant) -> dict[str, str]:
    out = io.StringIO()
    call_command("create_api_client", merchant=merchant.public_code, name="收银系统", stdout=out, stderr=io.StringIO())
    return dict(line.split("=", 1) for line in out.getvalue().splitlines())


def token(pair: dict[str, str], scope: str = "read write money", grant: str = "client_credentials") -> object:
    return Caller().client.post("/oauth/token/", {"grant_type": grant, "scope": scope, **pair})


def test_a_client_gets_a_token_and_sees_its_merchant(merchant_a: Merchant, merchant_b: Merchant) -> None:
    pair = made_by_command(merchant_a)
    answer = token(pair)
    assert answer.status_code == 200, answer.content  # type: ignore[attr-defined]
    till = Caller(token=answer.json()["access_token"])  # type: ignore[attr-defined]
    assert [row["brand_name"] for row in till.saw("/registrations")["results"]] == ["A造型"]
    assert till.get(f"/registrations/{merchant_b.public_code}").status_code == 404
    line = AuditEvent.objects.get(verb="api_client.create")
    assert pair["client_secret"] not in str(line.facts)


def test_a_wrong_secret_another_grant_or_a_dead_account_get_nothing(merchant_a: Merchant) -> None:
    pair = made_by_command(merchant_a)
    assert token(pair | {"client_secret": "x"}).status_code == 401  # type: ignore[attr-defined]
    assert token(pair, grant="password").status_code in (400, 401)  # type: ignore[attr-defined]
    good = token(pair).json()["access_token"]  # type: ignore[attr-defined]
    User.objects.filter(memberships__role="API_CLIENT").update(is_active=False)
    answer = Caller(token=good).get("/contracts")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    assert Caller(token="made-up").get("/contracts").status_code == 401


def test_an_unknown_merchant_gets_no_client(merchant_a: Merchant) -> None:
    with pytest.raises(CommandError):
        call_command("create_api_client", merchant="X" * 16, name="收银系统")
