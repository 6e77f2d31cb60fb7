"""The buttons of a complaint: each says in figures what will happen, then calls one action."""

from __future__ import annotations

from typing import Any

from complaints import actions as complaints
from complaints.actions import clocks
from complaints.deadlines import count
from complaints.forms import officer as forms
from complaints.models import Clock, Complaint, Disclosure, MaliceFlag, MediationAssignment, MediationMeeting
from complaints.models.complaints import OPEN
from core.actors import Actor
from core.calendar import business_date, calendar
from core.case_admin import Act, PurposeForm
from core.money import yuan
from core.templatetags.portal_ui import cn_date

Code, Status = Clock.Code, Complaint.Status
LATER = tuple(
    status for status in OPEN if status not in ("REGISTERED", "ODR_PENDING", "ASSIGNED", "ID_PROOF_REQUESTED")
)


def ends_on(case: Complaint, code: str) -> str:
    """The day a limit would end if it began today, with its length."""
    limit = clocks.limit_for(code, case.region_id, clocks.start_day(case.received_at))
    due = count(limit, business_date(), calendar()).due
    unit = "个工作日" if limit.unit == "working_day" else "日"
    return f"{limit.amount} {unit}，到 {cn_date(due)} 24:00（{limit.basis}）"


def _locked_said(case: Complaint) -> str:
    if case.contract is None:
        return "这件投诉没有关联锁定资金的合同，协议金额由商家直接付。"
    return (
        f"合同锁定 ¥{yuan(case.contract.locked_fen)}，其中现在能退 ¥{yuan(case.contract.available_fen)}。"
        "确认后按协议金额从锁定资金退给投诉人，马上交银行打款，合同随协议解除，锁定的余款付给商家；"
        "比锁定的多，就要写明多出的由商家直接付。"
    )


def live_assignment(case: Complaint) -> MediationAssignment | None:
    """The delegation that is not over."""
    return MediationAssignment.objects.live().filter(complaint=case).first()


def _agreed_assignment(case: Complaint) -> MediationAssignment | None:
    return case.mediation_assignments.filter(status=MediationAssignment.Status.AGREED).first()


def _open_flag(case: Complaint) -> MaliceFlag | None:
    return case.malice_flags.filter(status=MaliceFlag.Status.RAISED).first()


def _objected(case: Complaint) -> Disclosure | None:
    row = getattr(case, "disclosure", None)
    return row if row is not None and row.status != Disclosure.Status.WITHDRAWN else None


def _unrecorded(case: Complaint) -> MediationMeeting | None:
    return case.meetings.filter(recorded_at=None).order_by("-at").first()


def _owes_proof(case: Complaint) -> bool:
    settlement = getattr(case, "settlement", None)
    return settlement is not None and bool(settlement.direct_fen) and settlement.proved_at is None


def _wants_consent(case: Complaint) -> bool:
    consents = getattr(case, "mediation", None)
    return case.status in (Status.ACCEPTED, Status.MEDIATING) and not (consents and consents.agreed_by_both)


def _consent_to_delegation(pk: int, data: dict[str, Any], by: Actor) -> Any:
    row = MediationAssignment.objects.live().get(complaint=pk)
    return complaints.consent_to_delegation(row.pk, party=data["party"], agrees=data["agrees"] == "yes", by=by)


def _judge_malice(pk: int, data: dict[str, Any], by: Actor) -> Any:
    row = MaliceFlag.objects.get(complaint=pk, status=MaliceFlag.Status.RAISED)
    return complaints.judge_malice(row.pk, data["finding"], uphold=data["verdict"] == "uphold", by=by)


def _judge_disclosure(pk: int, data: dict[str, Any], by: Actor) -> Any:
    row = Disclosure.objects.get(complaint=pk)
    return complaints.judge_disclosure(row.pk, data["reason"], keep=data["verdict"] == "keep", by=by)


def _confirm(pk: int, data: dict[str, Any], by: Actor) -> Any:
    row = MediationAssignment.objects.filter(complaint=pk, status=MediationAssignment.Status.AGREED).latest("pk")
    return complaints.confirm_judicially(row.pk, data["number"], data["on"], by=by)


def _record(pk: int, data: dict[str, Any], by: Actor) -> Any:
    row = MediationMeeting.objects.filter(complaint=pk, recorded_at=None).latest("at")
    return complaints.record_meeting(row.pk, data["record"], by=by)


def _settle(pk: int, data: dict[str, Any], by: Actor) -> Any:
    return complaints.settle(
        pk, data["terms"], data["amount_fen"] or 0, direct_fen=data["direct_fen"] or 0, at_once=data["at_once"],
        perform_by=data["perform_by"], waived=data["waived"], by=by,
    )  # fmt: skip


def _mediate(pk: int, data: dict[str, Any], by: Actor) -> Any:
    who = int(data["mediator"]) if data["mediator"] else None
    return complaints.mediate(pk, data["when"], data["place"], remote=data["remote"], mediator_id=who, by=by)


MEETING = "双方各收到一条短信，写明时间、地点和调解人员；短信不带链接。"
# In the order of the page: what comes next first, what ends it and what only looks last.
ACTS = {
    "accept": Act(
        lambda pk, data, by: complaints.accept(pk, by=by),
        lambda case: f"受理后告知双方，商家从现在起能看到这件投诉。调解期限 {ends_on(case, Code.MEDIATE)}。",
        done="已受理，已告知双方",
    ),
    "prove_id": Act(
        lambda pk, data, by: complaints.prove_identity(pk, data["id_number"], by=by),
        lambda case: "核对原件后登记，只保存摘要，不保存号码。",
        form=forms.IdForm,
        icon="user",
        done="已核验身份",
    ),
    "agree": Act(_settle, _locked_said, form=forms.SettlementForm, done="已达成协议，钱已按协议划出"),
    "notify": Act(
        lambda pk, data, by: complaints.notify(pk, reply=data["reply"], by=by),
        lambda case: f"双方各收到一条短信；回访期限 {ends_on(case, Code.CALLBACK)}。",
        form=forms.NotifyForm,
        icon="out",
        done="已告知双方，转入回访",
    ),
    "close": Act(
        lambda pk, data, by: complaints.close(pk, int(data["rating"]), data["text"], by=by),
        lambda case: (
            f"还不能办结：{case.settlement.unpaid}。"
            if getattr(case, "settlement", None) and case.settlement.unpaid
            else f"办结后拟公示办理结果，异议期过后公开；挽回损失 ¥{yuan(case.recovered_fen)}。"
        ),
        form=forms.CallBackForm,
        icon="call",
        done="已办结",
    ),
    "resume": Act(
        lambda pk, data, by: complaints.resume(pk, by=by),
        lambda case: "从今天起继续计算，中间的日子加到期限后面。",
        icon="clock",
        done="已恢复计时",
    ),
    "mediate": Act(_mediate, lambda case: MEETING, form=forms.MeetingForm, icon="scale", done="已通知双方"),
    "consent": Act(
        lambda pk, data, by: complaints.consent_to_mediation(pk, party=data["party"], note=data["note"], by=by),
        lambda case: "双方都同意才能调解（第18条）。当事人也可以自己登录同意。",
        form=forms.ConsentForm,
        label="登记同意调解",
        permission="complaints.handle_complaint",
        when=_wants_consent,
        done="已登记",
    ),
    "assign": Act(
        lambda pk, data, by: complaints.assign("complaint", pk, int(data["handler"]), override=data["override"], by=by),
        lambda case: f"分派后由承办人在 {ends_on(case, Code.ACCEPT)} 内决定是否受理（从收到之日起算）。",
        form=forms.HandlerForm,
        icon="inbox",
        done="已分派",
    ),
    "request_id_proof": Act(
        lambda pk, data, by: complaints.request_id_proof(pk, by=by),
        lambda case: f"投诉人要在期限内提供身份证明：{ends_on(case, Code.ID_PROOF)}。受理决定的期限照常计算。",
        icon="user",
        done="已要求提供身份证明",
    ),
    "offer_odr": Act(
        lambda pk, data, by: complaints.offer_odr(pk, by=by),
        lambda case: f"转给商家先协商：{ends_on(case, Code.ODR)}。协商不成自动转回，受理期限从转回那天起算。",
        icon="users",
        done="已转商家协商",
    ),
    "fail_odr": Act(
        lambda pk, data, by: complaints.leave_odr(pk, by=by, reason="监管人员收回"),
        lambda case: "从商家收回，分派和受理的期限从今天起算。",
        icon="back",
        done="已收回",
    ),
    "refuse": Act(
        lambda pk, data, by: complaints.refuse(pk, int(data["ground"]), data["reason"], by=by),
        lambda case: "投诉人会收到情形、理由和消费者权益保护法第39条的五种途径；这件投诉到此结束，全部期限停止。",
        form=forms.RefusalForm,
        icon="x",
        done="已决定不予受理，已告知投诉人",
    ),
    "meet": Act(
        _mediate,
        lambda case: MEETING,
        form=forms.MeetingForm,
        icon="calendar",
        label="再约一次调解",
        permission="complaints.handle_complaint",
        when=lambda case: case.status == Status.MEDIATING,
        done="已通知双方",
    ),
    "record_meeting": Act(
        _record,
        lambda case: f"记在 {cn_date(row.at)} 的那一次下面。" if (row := _unrecorded(case)) else "没有要记的调解。",
        form=forms.RecordForm,
        icon="doc",
        label="记录调解经过",
        permission="complaints.handle_complaint",
        when=lambda case: _unrecorded(case) is not None,
        done="已记录",
    ),
    "prove_payment": Act(
        lambda pk, data, by: complaints.prove_payment(pk, data["file"], by=by),
        lambda case: f"核实商家直接付的 ¥{yuan(case.settlement.direct_fen)} 已经付清；有了凭证才能办结。",
        form=forms.ProofForm,
        icon="bank",
        label="核实商家付款",
        permission="complaints.handle_complaint",
        when=_owes_proof,
        done="已核实付款",
    ),
    "suspend": Act(
        lambda pk, data, by: complaints.suspend(pk, data["pause"], data["note"], by=by),
        lambda case: "从今天起调解期限停住，恢复前的日子不计入（第21、22条）。",
        form=forms.SuspensionForm,
        icon="pause",
        done="已中止计时",
    ),
    "propose_delegation": Act(
        lambda pk, data, by: complaints.propose_delegation(pk, data["committee"], int(data["mediator"]), by=by),
        lambda case: "双方都同意后交人民调解员，期限照常计算；调解员不能再转给别人（第19条）。",
        form=forms.DelegationForm,
        icon="users",
        label="委托人民调解",
        permission="complaints.handle_complaint",
        when=lambda case: case.status in (Status.ACCEPTED, Status.MEDIATING) and live_assignment(case) is None,
        done="已征求双方意见",
    ),
    "consent_delegation": Act(
        _consent_to_delegation,
        lambda case: "一方不同意就不委托。",
        form=forms.DelegationConsentForm,
        label="登记委托答复",
        permission="complaints.handle_complaint",
        when=lambda case: (row := live_assignment(case)) is not None and row.status == "PROPOSED",
        done="已登记",
    ),
    "confirm_delegation": Act(
        _confirm,
        lambda case: "登记法院对调解协议的确认，协议可以强制执行。",
        form=forms.JudicialForm,
        icon="shield",
        label="登记司法确认",
        permission="complaints.handle_complaint",
        when=lambda case: _agreed_assignment(case) is not None,
        done="已登记",
    ),
    "note_contact": Act(
        lambda pk, data, by: complaints.note_contact(pk, data["side"], data["note"], reached=data["reached"], by=by),
        lambda case: "已经联系过，再记一次。" if case.first_contact_at else "第一次接通投诉人就完成 24 小时首次联系。",
        form=forms.ContactForm,
        icon="call",
        label="记一次联系",
        permission="complaints.note_contact",
        when=lambda case: case.status in OPEN,
        done="已记录",
    ),
    "terminate": Act(
        lambda pk, data, by: complaints.terminate(pk, int(data["ground"]), data["reason"], by=by),
        lambda case: f"终止后要告知双方：{ends_on(case, Code.TERMINATE_NOTICE)}。锁定的钱不动。",
        form=forms.TerminationForm,
        icon="stop",
        done="已终止调解，请告知双方",
    ),
    "judge_malice": Act(
        _judge_malice,
        lambda case: "认定以前不公开、不计分；不认定也不影响这件投诉继续办理。",
        form=forms.MaliceJudgementForm,
        icon="alert",
        label="认定是否恶意投诉",
        permission="complaints.handle_complaint",
        when=lambda case: _open_flag(case) is not None,
        done="已认定",
    ),
    "judge_disclosure": Act(
        _judge_disclosure,
        lambda case: "公示内容不含当事人姓名和金额，商家说明放在旁边。",
        form=forms.DisclosureForm,
        icon="eye",
        label="处理公示",
        permission="complaints.handle_complaint",
        when=lambda case: _objected(case) is not None,
        done="已处理",
    ),
    "reassign": Act(
        lambda pk, data, by: complaints.assign("complaint", pk, int(data["handler"]), override=data["override"], by=by),
        lambda case: f"现在由 {case.handler.name if case.handler else '无人'} 承办；换人不影响期限，办理记录会写明。",
        form=forms.HandlerForm,
        icon="users",
        label="更换承办人",
        permission="complaints.assign_complaint",
        when=lambda case: case.status in LATER,
        done="已更换承办人",
    ),
    "unmask": Act(
        lambda pk, data, by: list(complaints.unmask_complainant(pk, data["purpose"], by=by).items()),
        lambda case: "只显示一次，写明用途并留痕；一小时最多 30 次。",
        form=PurposeForm,
        icon="eye",
        label="查看完整信息（须填理由）",
        permission="complaints.unmask_complainant",
        shows=True,
    ),
}
