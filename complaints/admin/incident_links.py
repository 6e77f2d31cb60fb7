"""The ways to an incident: opened on the merchant's dossier, linked from its complaints and its run-off."""

from __future__ import annotations

from typing import Any

from complaints import actions as complaints
from complaints.admin.complaints import ComplaintAdmin
from complaints.forms import incidents as forms
from complaints.models import Complaint, Incident
from core.actors import Actor
from core.case_admin import Act, ReasonForm
from core.case_panels import Panel, facts, link
from core.templatetags.portal_ui import state_of
from merchants.admin import MerchantAdmin
from merchants.models import Merchant
from prepaid.admin.closings import RunOffAdmin
from prepaid.admin.rows import case_url


def _open(pk: int, data: dict[str, Any], by: Actor) -> Incident:
    more = {"next_step": data["next_step"], "next_on": data["next_on"]}
    return complaints.open_incident(pk, int(data["leader"]), data["summary"], by=by, **more)


def _open_effect(case: Merchant) -> str:
    found = Complaint.objects.open().filter(merchant=case, incident=None).count()
    return (
        f"{case.brand_name} 没有办结的 {found} 件投诉统一办理，各件的编号和期限不变；马上有一张公开进度页，"
        "消费者可以在上面登记债权。"
    )


MerchantAdmin.acts["open_incident"] = Act(
    _open, _open_effect, form=forms.OpenForm, icon="users", label="立为群体事件",
    permission="complaints.open_incident_of_merchant", done="已立项，在「群体事件」里办理",
    when=lambda case: not Incident.objects.open().filter(merchant=case).exists()
    and Complaint.objects.open().filter(merchant=case).exists(),
)  # fmt: skip


def _incident_link(merchant_id: int | None, by: Actor) -> list[Panel]:
    """The way to the incident, on the pages of its shop, its complaints and its run-off."""
    if merchant_id is None:
        return []
    row = Incident.objects.visible_to(by).filter(merchant=merchant_id).select_related("leader").order_by("-pk").first()
    if row is None:
        return []
    way = link(case_url(row), row.code_grouped)
    pairs = [("现在", state_of(row, "officer")), ("包案负责人", row.leader.name), ("办理", way)]
    return [facts("群体事件", pairs, as_list=True)]


MerchantAdmin.more_panels.append(lambda case, by: _incident_link(case.pk, by))
RunOffAdmin.more_panels.append(lambda case, by: _incident_link(case.merchant_id, by))
ComplaintAdmin.more_side.append(lambda case, by: _incident_link(case.merchant_id, by) if case.incident_id else [])
ComplaintAdmin.acts["leave_incident"] = Act(
    lambda pk, data, by: complaints.leave_incident(pk, data["reason"], by=by),
    lambda case: "移出后单独办理，期限照旧。", form=ReasonForm, icon="out", label="移出群体事件",
    permission="complaints.handle_complaint", when=lambda case: case.incident_id is not None, done="已移出",
)  # fmt: skip
