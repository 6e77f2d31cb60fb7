"""What the reader can do with a matter of their own: each step says first what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from complaints import actions as complaints
from complaints.actions import cases, mediation, odr
from complaints.actions.consumer_steps import add_evidence
from complaints.forms import intake as forms
from complaints.models import Complaint, ViolationReport
from complaints.views.track import NAV, delegation_of, disclosure_of, my_matter
from core.actors import SYSTEM, Actor
from core.errors import NotFound
from core.uploads import store as keep_file
from prepaid.views.posting import fresh_key, opened_status, try_once

Data = dict[str, Any]
Work = Callable[[Any, Data, Actor], Any]


@dataclass(frozen=True)
class OwnStep:
    """One step: what its page says, what it asks for, what it does, and what is said afterwards."""

    title: str
    effect: str
    button: str
    done: str
    work: Work
    form: type[Form] = Form
    icon: str = "check"
    caution: bool = False
    reports_too: bool = False


def _evidence(row: Complaint | ViolationReport, data: Data, by: Actor) -> Any:
    # Kept without a name: evidence of a report must not say who brought it.
    return add_evidence(row, keep_file(data["file"], title="补充材料", by=SYSTEM), by=by)


def _answer_delegation(agrees: bool) -> Work:
    def work(row: Complaint, data: Data, by: Actor) -> Any:
        asked = delegation_of(row)
        if asked is None:
            raise NotFound
        return complaints.consent_to_delegation(asked.pk, agrees=agrees, by=by)

    return work


def _object(row: Complaint, data: Data, by: Actor) -> Any:
    record = disclosure_of(row)
    if record is None:
        raise NotFound
    return complaints.object_to_disclosure(record.pk, data["reason"], by=by)


STEPS: dict[str, OwnStep] = {
    "withdraw": OwnStep(
        "撤回投诉", "撤回后监管部门不再办理这件投诉；同一件事以后还可以重新投诉。", "确认撤回", "已撤回。",
        lambda row, data, by: cases.withdraw(row.pk, by=by), icon="x", caution=True,
    ),
    "leave-odr": OwnStep(
        "不和商家谈了，转监管部门", "马上转给市场监管所，从今天起 7 个工作日内告诉您是否受理。", "转监管部门",
        "已转监管部门。", lambda row, data, by: odr.leave_odr(row.pk, by=by, reason=data["reason"]), forms.ReasonForm,
        icon="out",
    ),
    "reopen": OwnStep(
        "没有解决", "商家说已经谈妥。您说没有解决，就转市场监管所办理。", "没有解决，转监管部门", "已转监管部门。",
        lambda row, data, by: odr.reopen(row.pk, data["reason"], by=by), forms.ReasonForm, icon="out",
    ),
    "rate": OwnStep(
        "评价", "评价后这件投诉办结。", "提交评价", "谢谢您的评价。",
        lambda row, data, by: cases.close(row.pk, int(data["rating"]), data["text"], by=by), forms.RateForm,
    ),
    "identity": OwnStep(
        "提供身份证明", "监管所核对后决定是否受理。号码不保存，只留一个核对用的摘要。", "提交",
        "已提交，等监管所答复。",
        lambda row, data, by: complaints.prove_identity(row.pk, data["id_number"], by=by), forms.IdentityForm,
        icon="user",
    ),
    "evidence": OwnStep(
        "补充材料", "经办人会看到。照片里的位置信息会自动删除。", "上传", "已补充。",
        _evidence, forms.EvidenceForm, icon="doc", reports_too=True,
    ),
    "remind": OwnStep(
        "催办", "经办人会收到提醒。一天催一次就够，期限不会因此改变。", "催一下", "已提醒经办人。",
        lambda row, data, by: complaints.remind("complaint", row.pk, by=by), icon="clock",
    ),
    "consent": OwnStep(
        "同意由代表人处理", "您同意后，代表人可以替您和解或者撤回（第12条）。", "我同意", "已记下您的同意。",
        lambda row, data, by: complaints.consent_to_end(row.pk, by=by),
    ),
    "mediate": OwnStep(
        "同意调解", "双方都同意，监管所才能组织调解（第18条）。", "我同意调解", "已记下您同意调解。",
        lambda row, data, by: mediation.consent_to_mediation(row.pk, by=by), icon="scale",
    ),
    "delegate": OwnStep(
        "同意人民调解", "商家也同意后，由人民调解员调解，不收费，期限照常计算；调解员不能再转给别人（第19条）。",
        "我同意", "已记下您的答复。", _answer_delegation(True), icon="users",
    ),
    "no-delegate": OwnStep(
        "不同意人民调解", "不影响您的投诉，由市场监管所继续办理。", "不同意", "已记下您的答复。",
        _answer_delegation(False), icon="x", caution=True,
    ),
    "object": OwnStep(
        "对公示提出异议", "提出后先不公开，由监管人员核实处理，处理意见写在投诉页上。", "提出异议",
        "已提出异议，核实前不公开。", _object, forms.ReasonForm, icon="alert", caution=True,
    ),
}  # fmt: skip


@require_http_methods(["GET", "POST"])
def matter_step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Say what a step does, ask for what it needs, then take it."""
    row, wanted = my_matter(request, code), STEPS.get(step)
    if wanted is None or not (isinstance(row, Complaint) or (wanted.reports_too and isinstance(row, ViolationReport))):
        raise NotFound
    posted = request.method == "POST"
    form = wanted.form(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        data = form.cleaned_data

        def work(by: Actor) -> int:
            wanted.work(row, data, by)
            return row.pk

        if try_once(request, form, work):
            messages.success(request, wanted.done)
            return redirect("complaints:matter", row.code)
    context = {**NAV, "matter": row, "step": wanted, "form": form, "key": request.POST.get("key") or fresh_key()}
    return render(request, "complaints/consumer_step_confirm.html", context, status=opened_status(form))
