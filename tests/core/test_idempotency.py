"""HTTP idempotency: one effect, one answer; another body is refused; a failure burns nothing."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from core.errors import Invalid, KeyReused, WrongState
from core.idempotency import Outcome, checked_key, fingerprint, once
from core.models import IdempotencyKey

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_repeat_gets_the_first_answer_and_no_second_effect() -> None:
    effects = []

    def work() -> tuple[int, int]:
        effects.append(1)
        return 201, 7

    assert once("USER:1", "key-0001", "a", work) == Outcome(201, 7, replayed=False)
    assert once("USER:1", "key-0001", "a", work) == Outcome(201, 7, replayed=True)
    assert once("USER:2", "key-0001", "a", work).replayed is False
    assert len(effects) == 2


def test_another_body_under_the_same_key_is_refused() -> None:
    once("USER:1", "key-0001", "a", lambda: (201, 1))
    with pytest.raises(KeyReused):
        once("USER:1", "key-0001", "b", lambda: (201, 1))


def test_a_refusal_does_not_burn_the_key() -> None:
    def refuse() -> tuple[int, int]:
        raise WrongState

    with pytest.raises(WrongState):
        once("USER:1", "key-0001", "a", refuse)
    assert not IdempotencyKey.objects.exists()
    assert once("USER:1", "key-0001", "a", lambda: (201, 1)).replayed is False


def test_sixteen_at_once_have_one_effect_and_sixteen_equal_answers() -> None:
    barrier, effects = Barrier(16), []

    def work() -> tuple[int, int]:
        effects.append(1)
        return 201, 9

    def call(_: int) -> Outcome:
        try:
            barrier.wait()
            return once("USER:1", "key-0001", "a", work)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(call, range(16)))
    assert len(effects) == 1
    assert {(a.status, a.reference) for a in answers} == {(201, 9)}
    assert sum(not a.replayed for a in answers) == 1


@pytest.mark.parametrize("key", [None, "", "short", "x" * 129, "中文中文中文中文", "with\nnewline"])
def test_a_key_that_cannot_be_one_is_refused(key: str | None) -> None:
    with pytest.raises(Invalid):
        checked_key(key)


def test_the_fingerprint_sees_content_not_order() -> None:
    assert fingerprint("POST", "/a", {"x": 1, "y": 2}) == fingerprint("POST", "/a", {"y": 2, "x": 1})
    assert fingerprint("POST", "/a", {"x": 1}) != fingerprint("POST", "/b", {"x": 1})
