"""The daily job of supervision notices. The action decides."""

from __future__ import annotations

from datetime import date
from typing import Any

from complaints import actions as complaints
from complaints.models import SupervisionNotice
from core.actors import SYSTEM
from core.jobs import job
from prepaid.jobs import each


@job("complaints.notice_overdue", "监督提示单逾期", at="00:40")
def notice_overdue(on: date, shard: int) -> dict[str, Any]:
    """Notices whose limit has passed without a report are overdue."""
    late = SupervisionNotice.objects.filter(status__in=["ISSUED", "ACKNOWLEDGED", "RECTIFYING"], due_on__lt=on)
    pks = list(late.order_by("pk").values_list("pk", flat=True))
    return each(pks, lambda pk: complaints.lapse_notice(pk, by=SYSTEM, on=on))
