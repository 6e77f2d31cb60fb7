"""The buttons that move a complaint between desks and levels."""

from __future__ import annotations

from complaints import actions as complaints
from complaints.forms import dispatch as forms
from complaints.models import Clock, Complaint
from complaints.models.complaints import OPEN
from core.case_admin import Act, ReasonForm

Status = Complaint.Status


def _is_open(case: Complaint) -> bool:
    return case.closed_at is None and case.status in OPEN


def _may_be_disputed(case: Complaint) -> bool:
    running = Clock.objects.of(case).running().filter(code=Clock.Code.JURISDICTION)
    return case.status == Status.ASSIGNED and case.routed_from_id is not None and not running.exists()


ACTS = {
    "send_back": Act(
        lambda pk, data, by: complaints.send_back(pk, data["reason"], by=by),
        lambda case: (
            f"退回 {case.routed_from.name}；没有处理权限的只能退回，不得自行移送（第41条）。"
            if case.routed_from
            else "退回分派台重新分派，受理期限照常计算。"
        ),
        form=ReasonForm,
        icon="back",
        done="已退回",
    ),
    "route": Act(
        lambda pk, data, by: complaints.route(pk, data["region"], data["reason"], by=by),
        lambda case: "转给有处理权限的区县，由那里分派；期限不重新起算。",
        form=forms.RouteForm,
        icon="out",
        done="已分送",
    ),
    "route_out": Act(
        lambda pk, data, by: complaints.route_out(pk, data["to_name"], data["reason"], by=by),
        lambda case: "分送给平台以外的部门后，这件投诉在这里办结，投诉人会收到去向。",
        form=forms.RouteOutForm,
        icon="out",
        label="分送其他部门",
        permission="complaints.assign_complaint",
        when=lambda case: case.status in (Status.REGISTERED, Status.ASSIGNED) and case.routed_from_id is None,
        caution=True,
        done="已分送，已告知投诉人",
    ),
    "dispute": Act(
        lambda pk, data, by: complaints.dispute_jurisdiction(pk, data["reason"], by=by),
        lambda case: "双方协商 7 个工作日；协商不成由共同的上级指定（第33条）。",
        form=ReasonForm,
        icon="scale",
        label="提出管辖争议",
        permission="complaints.send_back_complaint",
        when=_may_be_disputed,
        done="已提出，开始协商",
    ),
    "remind": Act(
        lambda pk, data, by: complaints.remind("complaint", pk, data["text"], by=by),
        lambda case: f"提醒 {case.handler.name if case.handler else '分派台'} 尽快办理；同一人一天只催一次。",
        form=forms.RemindForm,
        icon="clock",
        label="催办",
        permission="complaints.remind_complaint",
        when=_is_open,
        done="已催办",
    ),
    "escalate": Act(
        lambda pk, data, by: complaints.escalate(
            "complaint", pk, data["level"], int(data["owner"]), data["reason"], by=by
        ),
        lambda case: "提级后由写明的负责人督办，每周记一次进展，办结才解除。",
        form=forms.EscalateForm,
        icon="up",
        label="提级督办",
        permission="complaints.escalate_matter",
        when=_is_open,
        done="已提级",
    ),
}
