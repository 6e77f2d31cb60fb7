"""A merchant at high risk that cannot be reached: from the warning to the emergency, by two."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from core.errors import WrongState
from core.models import User
from prepaid import actions as prepaid
from prepaid.models import Contract, Level, RiskWarning, RunOff
from tests.prepaid.scenes import days, refused, unseen, verbs, who

pytestmark = pytest.mark.django_db


def listed(contract: Contract, level: str) -> RiskWarning:
    return RiskWarning.objects.create(merchant=contract.merchant, level=level, opened_on=days(0))


def test_only_high_risk_leads_to_the_emergency(
    contract: Contract, district_officer: User, other_officer: User, owner_a: User
) -> None:
    row, reason = listed(contract, Level.AMBER), "电话停机，上门无人"
    refused(WrongState, lambda: prepaid.run_off_of_warning(row.pk, reason, days(-1), by=who(district_officer)))
    RiskWarning.objects.update(level=Level.RED)
    for stranger in (other_officer, owner_a):
        by = who(stranger)
        unseen(lambda: prepaid.run_off_of_warning(row.pk, reason, days(-1), by=by))  # noqa: B023
    run_off = prepaid.run_off_of_warning(row.pk, reason, days(-1), by=who(district_officer))
    assert (run_off.status, run_off.reason) == ("PROPOSED", reason)
    assert verbs(row) == ["risk_warning.run_off"]
    refused(WrongState, lambda: prepaid.run_off_of_warning(row.pk, reason, days(-1), by=who(district_officer)))


def test_the_button_stands_on_a_red_warning(
    contract: Contract, district_officer: User, second_officer: User, signed_in: Any
) -> None:
    row, desk = listed(contract, Level.RED), signed_in(district_officer)
    case, act = (reverse(f"admin:prepaid_riskwarning_{name}", args=args) for name, args in (
        ("change", [row.pk]), ("act", [row.pk, "run_off"])
    ))  # fmt: skip
    assert "联系不上，提出应急处置" in desk.get(case).content.decode()
    body = {"reason": "电话停机，上门无人", "served_until": days(-1).isoformat(), "key": "run-off-1"}
    assert desk.post(act, body).status_code == 302
    run_off = RunOff.objects.get()
    assert "联系不上，提出应急处置" not in desk.get(case).content.decode()
    assert prepaid.approve_run_off(run_off.pk, by=who(second_officer)).status == "OPEN"
