"""Every state machine: each state × each step, the page in docs, and the database's own list of states."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import rules
from django.apps import apps
from django.conf import settings

from core.errors import WrongState
from core.lifecycle import REGISTRY, Lifecycle, markdown
from core.looks import UNKNOWN, look_up

CYCLES = list(REGISTRY.values())
GRID = [
    pytest.param(cycle, step, status, id=f"{cycle.label}-{status}-{step}")
    for cycle in CYCLES
    for step in cycle.steps
    for status in sorted(apps.get_model(cycle.label).Status.values)
]


class Thing(SimpleNamespace):
    """Something that stands in a state."""

    def get_status_display(self) -> str:
        return str(self.status)


@pytest.mark.parametrize(("cycle", "step", "status"), GRID)
def test_a_step_is_taken_only_from_its_sources(cycle: Lifecycle, step: str, status: str) -> None:
    thing = Thing(status=status)
    if status in cycle.steps[step].sources:
        cycle.move(step, thing)
        assert thing.status == cycle.steps[step].target
    else:
        with pytest.raises(WrongState):
            cycle.move(step, thing)
        assert thing.status == status


@pytest.mark.parametrize("cycle", CYCLES, ids=lambda cycle: cycle.label)
def test_every_state_exists_and_every_permission_has_a_rule(cycle: Lifecycle) -> None:
    assert cycle.statuses() <= set(apps.get_model(cycle.label).Status.values)
    assert all(rules.perm_exists(step.permission) for step in cycle.steps.values())


@pytest.mark.parametrize("cycle", CYCLES, ids=lambda cycle: cycle.label)
def test_every_state_has_a_look_and_words(cycle: Lifecycle) -> None:
    model = apps.get_model(cycle.label)
    assert [status for status in model.Status.values if look_up(model._meta.model_name, status) is UNKNOWN] == []


def test_the_page_in_docs_is_up_to_date() -> None:
    page = Path(settings.BASE_DIR) / "docs" / "lifecycles.md"
    assert page.read_text(encoding="utf-8") == markdown(CYCLES), "run ./run manage lifecycles"
