"""Public reads are frozen as golden files, kept by ETag, and limited by address."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from core.models import User
from merchants.models import Merchant
from prepaid.models import Contract
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"


def same_as_golden(name: str, body: Any) -> None:
    """Compare with the committed answer; GOLDEN=write renews it."""
    path, text = GOLDEN / name, json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{name} has changed; GOLDEN=write renews it"


def test_public_answers_keep_their_form(contract: Contract, merchant_b: Merchant) -> None:
    for merchant, code in ((contract.merchant, "A" * 16), (merchant_b, "C" * 16)):
        Merchant.objects.filter(pk=merchant.pk).update(public_code=code)
    steady = {"as_of": "2026-03-01", "id": 1, "next": None}
    for name, path in {
        "overview.json": "/overview",
        "merchants.json": "/merchants",
        "merchant.json": f"/merchants/{'A' * 16}",
        "regions.json": "/regions?level=4&page_size=2",
        "industries.json": "/industries",
        "plans.json": f"/plans?merchant={'A' * 16}",
    }.items():
        body = Caller().client.get(f"/api/v1{path}").json()
        same_as_golden(name, _steadied(body, steady))


def _steadied(value: Any, steady: dict[str, Any]) -> Any:
    """With what differs from run to run put to fixed values."""
    if isinstance(value, dict):
        return {k: steady[k] if k in steady else _steadied(v, steady) for k, v in value.items()}
    return [_steadied(item, steady) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", ["/overview", "/regions", "/industries", "/merchants"])
def test_an_unchanged_answer_is_not_sent_again(merchant_a: Merchant, path: str) -> None:
    first = Caller().get(path)
    assert first["Cache-Control"] == "public, no-cache"
    again = Caller().client.get(f"/api/v1{path}", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_overview_follows_the_ledger(contract: Contract) -> None:
    body = Caller().saw("/overview")
    assert (body["locked_fen"], body["locked_yuan"], body["merchants"]) == (300_000, "3,000.00", 1)


def test_merchants_are_found_by_words_place_and_trade(merchant_a: Merchant, merchant_b: Merchant) -> None:
    def found(**query: Any) -> list[str]:
        return [row["brand_name"] for row in Caller().saw("/merchants", **query)["results"]]

    assert found() == ["B造型", "A造型"]
    assert found(q="A造") == ["A造型"]
    assert found(region="330199") == ["B造型", "A造型"]
    assert found(region="3302") == found(region="nowhere") == found(industry=999) == []
    assert Caller().get("/merchants", industry="x").status_code == 400


def test_pages_follow_each_other_by_cursor(merchant_a: Merchant, merchant_b: Merchant) -> None:
    first = Caller().saw("/merchants", page_size=1)
    second = Caller().client.get(first["next"]).json()
    assert [row["brand_name"] for page in (first, second) for row in page["results"]] == ["B造型", "A造型"]
    for cursor in ("x", "cD1hYmM=", "bz0xJnA9JTAw", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk="):
        assert Caller().get("/merchants", cursor=cursor).status_code in (200, 400, 404)


def test_too_many_calls_from_one_address_wait(settings: Any, merchant_a: Merchant, owner_a: User) -> None:
    settings.API_RATES = {"anon": 3, "token": 1}
    answers = [Caller().get("/overview") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[3]["Retry-After"]) <= 60
    assert answers[3].json()["code"] == "too_many"
    assert Caller(owner_a).get("/contracts").status_code == 200
    tries = [Caller().client.post("/oauth/token/", {"grant_type": "client_credentials"}) for _ in range(2)]
    assert [answer.status_code for answer in tries] == [401, 429]


def test_an_address_that_does_not_exist_is_a_problem_document() -> None:
    for path in ("/nothing", "/contracts/short", "/plans/99999999999999999999"):
        answer = Caller().get(path)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_the_committed_schema_is_the_one_in_force(tmp_path: Path) -> None:
    drawn = tmp_path / "openapi.json"
    call_command("spectacular", format="openapi-json", file=str(drawn), fail_on_warn=True, validate=True)
    kept = ROOT / "docs" / "openapi.json"
    if os.environ.get("GOLDEN") == "write":
        kept.write_text(drawn.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert json.loads(drawn.read_text("utf-8")) == json.loads(kept.read_text("utf-8")), (
        "docs/openapi.json is old: GOLDEN=write ./run test tests/api/test_public.py renews it"
    )


def test_the_schema_and_its_page_are_served() -> None:
    schema = Caller().client.get("/api/schema/").json()
    assert schema["openapi"].startswith("3.1")
    page = Caller().client.get("/api/docs/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "<style" not in text and "style=" not in text and "unsafe" not in page["Content-Security-Policy"]
    assert all("src=" in tag for tag in text.split("<script")[1:])
    script = Caller().client.get("/api/docs/?script=")
    assert (script.status_code, script["Content-Type"]) == (200, "application/javascript")
    assert "/api/schema/" in script.content.decode()
