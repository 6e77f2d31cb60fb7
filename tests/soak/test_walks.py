"""The walk of the suite along any order of actions, longer and along ways that no run has taken."""

import pytest
from hypothesis import settings

from tests.prepaid.test_actions_machine import BOUNDED, walk

WALKS_A_MINUTE = 40


@pytest.mark.django_db(transaction=True)
def test_any_order_of_actions_at_length(request: pytest.FixtureRequest) -> None:
    walks = max(int(request.config.getoption("--minutes") * WALKS_A_MINUTE), 1)
    walk(settings(BOUNDED, max_examples=walks, derandomize=False, database=None))
