"""What the schema promises, asked for by a machine: no crash, no undocumented status, no answer of another form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.wsgi import application
from tests.security.samples import HOLES
from tests.security.slate import known_callers
from tests.security.world import World, undone

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Cases of an operation; every operation is asked, in so many parts, which two workers share.
EXAMPLES, PARTS = 8, 2


@pytest.fixture(autouse=True)
def open_connection() -> Iterator[None]:
    """The connection with the transaction stays open between requests, as in Django's test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_operation_keeps_its_word(world: World, part: int) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/schema/", application)
    cookies = [
        {name: morsel.value for name, morsel in world.callers[role].client.cookies.items()}
        for role in ("owner_a", "district_officer")
    ]
    operations, broken = [found.ok() for found in schema.get_all_operations()], []
    for operation in operations[part::PARTS]:
        try:
            _ask(operation, cookies, world)
        except FailureGroup as found_out:
            broken.append(f"{operation.label}: {found_out} {[str(e)[:600] for e in found_out.exceptions]}")
    assert broken == [], "\n".join(broken)
    assert len(operations) > 200


def _ask(operation: Any, cookies: list[dict[str, str]], world: World) -> None:
    """Some cases of one operation, each undone, by the shop or an officer; half about objects that exist."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), who=st.sampled_from(cookies))
    def ask(case: Any, who: dict[str, str]) -> None:
        begin = max((start for start in HOLES if operation.path.startswith(start)), key=len, default=None)
        if begin and case.path_parameters and len(str(case.body)) % 2:
            real = HOLES[begin](world, world.a)
            case.path_parameters.update({k: real.get(k, real.get("pk")) for k in case.path_parameters})
        with undone():
            case.call_and_validate(cookies=who, checks=CHECKS)

    with known_callers():
        ask()
