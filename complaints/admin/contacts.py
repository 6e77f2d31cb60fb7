"""On the pages of complaints and questions: who was talked to, when, and the mark for insults and threats."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html

from complaints.actions import calls
from complaints.admin.complaints import ComplaintAdmin
from complaints.admin.consultations import ConsultationAdmin
from complaints.forms.desk import AbuseForm
from complaints.models import Complaint, Consultation
from core.actors import Actor
from core.case_admin import Act
from core.case_panels import Panel, table
from core.templatetags.portal_ui import cn_datetime, state

SHOWN = 30


def contacts_table(case: Complaint | Consultation, by: Actor) -> list[Panel]:
    """Every call with either side, the newest first; nothing where there was none."""
    cells = [
        (
            cn_datetime(row.at),
            f"{row.get_direction_display()} {row.get_side_display()}",
            row.note if row.reached else f"没接通。{row.note}",
            row.officer.name,
            format_html("{}<small>{}</small>", state("danger", "alert", "辱骂、威胁"), row.abuse_reason)
            if row.abusive
            else "—",
        )
        for row in case.contacts.select_related("officer")[:SHOWN]
    ]
    heads = ("时间", "联系", "内容", "人员", "标记")
    return [table("联系记录", heads, cells, note="标记只有监管人员能看到")] if cells else []


def _mark(pk: int, data: dict[str, Any], by: Actor) -> Any:
    return calls.mark_abuse(int(data["contact"]), data["reason"], abusive=data["verdict"] == "mark", by=by)


MARK = Act(
    _mark,
    lambda case: "标了的，这个号码下次来电提示两人接听或换人，分派时轮流承办；当事人看不到。标错了可以取消。",
    form=AbuseForm,
    icon="alert",
    label="标记辱骂、威胁",
    permission="complaints.mark_abuse",
    when=lambda case: case.contacts.filter(side="COMPLAINANT").exists(),
    done="已更新标记",
)
ComplaintAdmin.more_panels.append(contacts_table)
ComplaintAdmin.acts = ComplaintAdmin.acts | {"mark_abuse": MARK}
ConsultationAdmin.more_panels.append(contacts_table)
ConsultationAdmin.acts = ConsultationAdmin.acts | {"mark_abuse": MARK}
