"""A RED warning whose merchant cannot be reached becomes an emergency, proposed by one officer, signed by two."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from core.actors import Actor
from core.audit import record
from core.errors import WrongState
from core.permissions import require
from prepaid.actions.run_offs import propose_run_off
from prepaid.actions.warnings import locked_warning
from prepaid.models import Level, RunOff


@transaction.atomic
def run_off_of_warning(
    warning_id: int, reason: str, served_until: date, *, by: Actor, on: date | None = None
) -> RunOff:
    """Propose the emergency for a merchant at high risk that nobody can reach; a second officer signs.

    Raises WrongState below RED, and what ``propose_run_off`` raises.
    """
    row = locked_warning(warning_id)
    require(by, "prepaid.propose_run_off", row)
    if row.level != Level.RED:
        raise WrongState("高风险的才能从预警提出应急处置；查实失联的到一企一档提出")
    run_off = propose_run_off(row.merchant_id, reason, served_until, by=by, on=on)
    record("risk_warning.run_off", row, by=by, run_off=run_off.code, reason=run_off.reason)
    return run_off
