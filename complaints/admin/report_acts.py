"""What may be done with a report: the forms and buttons of its page, and the Chinese of its audit lines."""

from __future__ import annotations

from typing import Any

from django import forms

from complaints import actions as complaints
from complaints.jurisdiction import advice_on
from complaints.models import Clock, EnforcementCase, ExtensionRequest, ViolationReport
from core.actors import Actor
from core.case_admin import Act, CaseForm, PurposeForm, ReasonForm
from core.case_panels import FACT_WORDS, VERB_WORDS
from core.errors import Invalid
from core.identifiers import clean_public_code
from core.models import Region
from prepaid.forms.console import YuanField

VERB_WORDS.update(
    {
        "report.found": "办理投诉中发现线索",
        "complaint.clue_found": "发现线索，转案件核查",
        "report.route": "分送承办单位",
        "report.send_back": "退回分送",
        "report.verify": "开始核查",
        "report.ask_extension": "申请延期",
        "report.extend": "负责人批准延期",
        "report.refuse_extension": "负责人不批准延期",
        "report.file": "立案",
        "report.not_file": "不予立案",
        "report.investigate": "开始调查",
        "report.decide": "作出处理决定",
        "report.publish": "公示处罚",
        "report.close": "办结",
        "report.mark_duplicate": "重复举报，不再处理",
        "report.merge": "并入先前的举报",
        "report.take_in": "并入新的举报，重新起算",
        "report.transfer": "移送",
        "report.tell": "告知举报人",
        "report.issue_document": "出具文书",
        "complaint.issue_document": "出具文书",
        "reporter.unmask": "查看举报人",
    }
)
FACT_WORDS.update(
    {"case_no": "立案号", "to": "移送到", "penalty": "处理", "fine_fen": "罚款", "confiscated_fen": "没收",
     "decision_no": "决定书文号", "title": "文号", "basis": "依据", "until": "公示到", "region": "地区",
     "first": "先前的举报", "into": "并入", "other": "并入的举报", "complaint": "投诉", "target": "对象"}
)  # fmt: skip


class RouteForm(CaseForm):
    """Which unit below, or the bureau that has power by what the portal knows."""

    region = forms.ChoiceField(label="承办单位所在地区", error_messages={"required": "选承办单位所在的地区"})

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["region"]
        if case is None:
            return
        # Its own bureau gave it to this station, or another bureau sent it here: then only the own ones.
        back = case.routed_from
        home = back if back and case.region.path.startswith(back.path) else case.region
        units = {one.pk: one.name for one in Region.objects.filter(path__startswith=home.path)[:200]}
        advice = advice_on(case)
        if advice and advice.moves and advice.to and not back:
            units = {advice.to.pk: advice.to.name} | units
            self.initial = {"region": advice.to.pk}
        field.choices = list(units.items())


class OtherForm(ReasonForm):
    """The report that came first, by its code."""

    first = forms.CharField(
        label="先前的举报编号", max_length=24, help_text="在下面「同一商家的举报」里",
        error_messages={"required": "填先前的举报编号"},
    )  # fmt: skip
    field_order = ("first", "reason")


class ClueForm(CaseForm):
    """What was found while a complaint was handled."""

    facts = forms.CharField(
        label="发现的违法线索",
        max_length=4000,
        min_length=5,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "写明发现了什么", "min_length": "至少写 5 个字"},
    )


class TransferForm(ReasonForm):
    """To whom."""

    to = forms.CharField(label="移送到哪个机关", max_length=100, error_messages={"required": "写明移送到哪个机关"})
    to_police = forms.BooleanField(label="涉嫌犯罪，移送公安机关（第42条）", required=False)
    field_order = ("to", "to_police", "reason")


class TellForm(CaseForm):
    """What the reporter is told, and by which law."""

    text = forms.CharField(
        label="告知的内容", max_length=1000, min_length=5, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="不要写举报人的姓名、电话", error_messages={"required": "写明告知什么"},
    )  # fmt: skip
    law = forms.CharField(
        label="依据的法律条款", max_length=200, required=False,
        help_text="2026年4月15日以前收到的举报按令20号第31条告知，可以不填；以后收到的要写明哪部法律要求告知",
    )  # fmt: skip


class DecideForm(CaseForm):
    """The decision."""

    penalty = forms.ChoiceField(
        label="处理", choices=EnforcementCase.Penalty.choices, error_messages={"required": "选处理结果"}
    )
    fine_fen = YuanField(label="罚款（元）", required=False)
    confiscated_fen = YuanField(label="没收（元）", required=False)
    law = forms.CharField(label="处罚依据", max_length=200, required=False)
    decision_no = forms.CharField(label="决定书文号", max_length=60, required=False)
    decision = forms.CharField(
        label="决定内容", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "写明决定内容"},
    )  # fmt: skip


def _other(data: dict[str, Any], by: Actor) -> int:
    """The report with the code that was typed. Raises Invalid."""
    code = clean_public_code(data["first"])
    found = ViolationReport.objects.visible_to(by).filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        raise Invalid(fields={"first": "没有这个编号的举报，请核对"})
    return found


def _identity(pk: int, data: dict[str, Any], by: Actor) -> list[tuple[str, str]]:
    shown = complaints.unseal_reporter(pk, data["purpose"], by=by)
    return [("姓名", shown["name"]), ("电话", shown["phone"]), ("地址", shown["address"])]


def _asked(case: ViolationReport) -> bool:
    return case.extension_requests.filter(status=ExtensionRequest.Status.ASKED).exists()


def _extendable(case: ViolationReport) -> bool:
    live = Clock.objects.of(case).running().filter(code__in=ExtensionRequest.Code.values, extended=False)
    return live.filter(extension__gt=0).exists() and not _asked(case)


ACTS = {
    "route": Act(
        lambda pk, data, by: complaints.route_report(pk, data["region"], by=by),
        lambda case: "分送后由那里的市场监管部门核查；无权处理的只能退回，不能再转给第三家（第41条）。",
        form=RouteForm, icon="out", done="已分送",
    ),
    "verify": Act(
        lambda pk, data, by: complaints.verify_report(pk, by=by),
        lambda case: f"由您承办，{case.received_at:%Y-%m-%d} 起 15 个工作日内核查完（第27条）。",
        icon="search", done="已开始核查",
    ),
    "ask_extension": Act(
        lambda pk, data, by: complaints.ask_extension(pk, data["reason"], by=by),
        lambda case: "申请不会马上延长，要由另一位负责人批准。",
        form=ReasonForm, icon="clock", label="申请延期", permission="complaints.handle_report", when=_extendable,
        done="已申请，等负责人批准",
    ),
    "approve_extension": Act(
        lambda pk, data, by: complaints.approve_extension(pk, by=by),
        lambda case: "批准后在原期限上接着算：核查再给 15 个工作日，案件再给 30 日。申请人不能自己批准。",
        icon="check", label="批准延期", permission="complaints.sign_report", when=_asked, done="已批准延期",
    ),
    "refuse_extension": Act(
        lambda pk, data, by: complaints.refuse_extension(pk, data["reason"], by=by),
        lambda case: "不批准的，原期限不变。",
        form=ReasonForm, icon="x", label="不批准延期", permission="complaints.sign_report", when=_asked,
        done="没有批准，原期限不变",
    ),
    "file": Act(
        lambda pk, data, by: complaints.file_report(pk, data["reason"], by=by),
        lambda case: "您作为负责人签批：立案后给立案号，90 日内作出处理决定。",
        form=ReasonForm, icon="check", done="已立案",
    ),
    "not_file": Act(
        lambda pk, data, by: complaints.not_file_report(pk, data["reason"], by=by),
        lambda case: "您作为负责人签批：不予立案，理由写进办理记录。",
        form=ReasonForm, icon="x", done="已记为不予立案",
    ),
    "investigate": Act(
        lambda pk, data, by: complaints.investigate_report(pk, by=by),
        lambda case: "记为调查中，期限不变。", icon="scale", done="已开始调查",
    ),
    "decide": Act(
        lambda pk, data, by: complaints.decide_report(pk, data, by=by),
        lambda case: "您作为负责人签批处理决定；有处罚的，20 个工作日内公示。",
        form=DecideForm, icon="doc", done="已作出处理决定",
    ),
    "publish": Act(
        lambda pk, data, by: complaints.publish_penalty(pk, by=by),
        lambda case: f"公示后，{case.respondent} 的公示页显示这项处罚，到公示期满自动撤下。",
        icon="eye", done="已公示",
    ),
    "tell": Act(
        lambda pk, data, by: complaints.tell_result(pk, data["text"], law=data["law"], by=by),
        lambda case: "按举报人留的手机号发短信；只有法律要求告知的才告知（第36条）。",
        form=TellForm, icon="user", label="告知举报人", permission="complaints.handle_report",
        when=lambda case: case.is_named and case.told_at is None and case.status in ("FILED", "NOT_FILED",
            "INVESTIGATING", "DECIDED", "PUBLISHED"), done="已告知",
    ),
    "close": Act(
        lambda pk, data, by: complaints.close_report(pk, by=by),
        lambda case: "办结后不能再改。", icon="doc", done="已办结",
    ),
    "send_back": Act(
        lambda pk, data, by: complaints.send_report_back(pk, data["reason"], by=by),
        lambda case: "退回分送单位，由它重新分送（第41条）。", form=ReasonForm, icon="back", done="已退回",
    ),
    "mark_duplicate": Act(
        lambda pk, data, by: complaints.mark_duplicate(pk, _other(data, by), data["reason"], by=by),
        lambda case: "同一举报人、同一事实、同一被举报人的，不再处理，并告诉举报人（第35条）。",
        form=OtherForm, icon="doc", done="已记为重复举报，已告知",
    ),
    "merge": Act(
        lambda pk, data, by: complaints.merge_report(pk, _other(data, by), data["reason"], by=by),
        lambda case: f"有新事实的并入先前的举报，核查期限从这一件的收到日 {case.received_at:%Y-%m-%d} 重算（第35条）。",
        form=OtherForm, icon="doc", done="已并件，期限重新起算",
    ),
    "transfer": Act(
        lambda pk, data, by: complaints.transfer_report(
            pk, data["to"], data["reason"], to_police=data["to_police"], by=by
        ),
        lambda case: "您作为负责人签批移送；移送后这里不再办理，计时停止。",
        form=TransferForm, icon="out", done="已移送",
    ),
    "identity": Act(
        _identity,
        lambda case: "显示举报人姓名、电话和地址，只显示一次；用途、时间和您的姓名写进办理记录（第37条）。",
        form=PurposeForm, icon="eye", label="查看举报人（须填理由）", permission="complaints.view_reporter_identity",
        when=lambda case: case.reporter_id is not None, caution=True, shows=True,
    ),
}  # fmt: skip
