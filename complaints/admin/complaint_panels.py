"""The boxes of a complaint's page: parties masked, its receipts, clocks, mediation, money, hints."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from complaints.actions import clocks
from complaints.dispatch import Way
from complaints.hints import hints_of
from complaints.jurisdiction import advice_on
from complaints.models import Clock, Complaint, Disclosure, ViolationReport
from complaints.models.clocks import Subject
from complaints.models.complaints import OPEN
from core.actors import Actor
from core.calendar import business_date
from core.case_panels import CaseClock, Panel, facts, hour_clock, link, stopped_clock, table
from core.clocks import face
from core.permissions import may
from core.templatetags.portal_ui import cn_date, cn_datetime, money, state, state_of
from prepaid.admin import rows
from prepaid.models import Contract, Refund

LATELY = 90


def head_clocks(case: Subject) -> list[CaseClock]:
    """The clocks that run or stand still, then those of the sources that wait for a reply."""
    today, now, found = business_date(), timezone.now(), []
    live = Clock.objects.of(case).filter(state__in=[Clock.State.RUNNING, Clock.State.PAUSED]).order_by("due_at")
    for clock in live:
        label = clock.get_code_display()
        if clock.state == Clock.State.PAUSED:
            found.append(stopped_clock(label, f"{cn_date(clock.paused_on)} 起中止"))
        elif clock.unit == "hour":
            found.append(hour_clock(label, clock.due_at, clock.basis))
        else:
            unit = "workday" if clock.unit == "working_day" else "day"
            left = clocks.days_left(clock, today)
            note = clock.basis + ("，放假安排未公布" if clock.provisional else "")
            note += f"，{clock.note}" if clock.note else ""
            found.append(CaseClock(label, face(clock.due_on, now, unit=unit, left=left), note))
    for receipt in case.receipts.filter(reply_due_at__isnull=False, replied_at=None).select_related("intake"):
        assert receipt.reply_due_at is not None
        found.append(hour_clock(f"{receipt.intake.get_channel_display()}答复", receipt.reply_due_at))
    return found


def clock_panel(case: Subject) -> Panel:
    """How each due date was counted, drawn as a calendar."""
    today, running, done = business_date(), [], []
    for clock in Clock.objects.of(case).order_by("due_at"):
        label, note = clock.get_code_display(), f"{clock.basis} · {clock.pack_id}"
        if clock.state in (Clock.State.STOPPED, Clock.State.DROPPED):
            when = "逾期完成" if clock.is_late else "完成" if clock.state == Clock.State.STOPPED else "停止"
            done.append(
                {
                    "label": label,
                    "note": f"{cn_datetime(clock.stopped_at)} {when}",
                    "state": state_of(f"clock.{clock.state}", "officer"),
                }
            )
            continue
        hours, working = clock.unit == "hour", clock.unit == "working_day"
        stands = clock.state == Clock.State.PAUSED
        running.append(
            {
                "label": label, "note": note, "due": clock.due_at if hours else clock.due_on,
                "unit": "hour" if hours else "workday" if working else "day",
                "left": clocks.days_left(clock, today), "why": clock.why(),
                "stopped": f"{cn_date(clock.paused_on)} 起中止" if stands else "",
            }
        )  # fmt: skip
    return Panel("期限怎么算的", "admin/complaints/clocks.html", {"rows": running, "done": done})


def people_table(case: Complaint) -> Panel:
    """Both sides, masked."""
    person = case.complainant
    checked = state("ok", "check", cn_date(person.id_checked_at)) if person.id_checked_at else "未要求"
    cells: list[tuple[Any, ...]] = [("投诉人", str(person), person.masked_phone, checked)]
    if person.agent_name_ct:
        proof = "有授权委托书" if person.agent_proof_id else "缺授权委托书"
        cells.append(("代理人", f"{person.agent_name[:1]}**", "已脱敏", proof))
    for joint in case.joint_complainants.select_related("complainant"):
        if joint.complainant_id != case.complainant_id:
            role = "共同投诉（代表人）" if joint.is_representative else "共同投诉"
            consent = "已同意和解或撤回" if joint.consented_at else "还没同意和解或撤回"
            cells.append((role, str(joint.complainant), joint.complainant.masked_phone, consent))
    shop: Any = case.respondent_name
    if case.merchant:
        shop = link(rows.case_url(case.merchant), case.merchant.brand_name, case.merchant.legal_name)
    told = f"{cn_datetime(case.merchant_told_at)} 告知" if case.merchant_told_at else "还没有告知"
    cells.append(("被投诉人", shop, case.respondent_address or "—", told))
    return table("当事人", ("身份", "姓名或名称", "联系", "核验"), cells, note="已脱敏 · 查看完整信息须填理由并留痕")


def receipts_table(case: Complaint) -> Panel:
    """Each source keeps its number and clock; the reply is written once."""
    found = list(case.receipts.select_related("intake"))
    cells = [
        (
            row.intake.get_channel_display(),
            row.intake.source_no or row.intake.code,
            cn_datetime(row.intake.received_at),
            f"{cn_datetime(row.reply_due_at)} 前答复" if row.reply_due_at else "结案后回填",
            state("ok", "check", cn_date(row.replied_at)) if row.replied_at else state("hold", "hold", "待答复"),
        )
        for row in found
    ]
    title = f"来件 {len(found)} 份" + ("，合一个案子" if len(found) > 1 else "")
    heads = ("来源", "原编号", "收到", "来件要求", "答复")
    return table(title, heads, cells, empty="没有来件", note="各留编号和时限，答复写一次")


def words(case: Complaint) -> Panel:
    """What is claimed, what happened, what the shop says, and how it was decided."""
    files = format_html_join(
        " ", '<a href="{}">{}</a>',
        (
            (reverse("admin:stored_file", args=[row.file_id]), str(row))
            for row in case.attachments.select_related("file")
        ),
    )  # fmt: skip
    pairs = [
        ("诉求", case.claim),
        ("诉求金额", money(case.claim_fen) if case.claim_fen is not None else ""),
        ("事由", case.get_cause_display()),
        ("来源", case.get_channel_display()),
        ("事实", case.facts),
        ("证据", files),
        ("退款争议", link(rows.case_url(case.refund), case.refund.code) if case.refund else ""),
        ("商家答复", case.merchant_reply),
        ("不予受理", case.get_refusal_display() if case.refusal else ""),
        ("终止调解", case.get_termination_display() if case.termination else ""),
        ("理由", case.reason),
        ("答复", case.reply),
        ("回访", f"{case.get_rating_display()} {case.rating_text}" if case.rating is not None else ""),
    ]
    return facts("诉求和事实", pairs)


def _agreed(at: datetime | None) -> str:
    return f"{cn_datetime(at)} 同意" if at else "还没同意"


def mediation_panels(case: Complaint, by: Actor) -> list[Panel]:
    """Consents, meetings, delegation, agreement; nothing before it was accepted."""
    consents, found = getattr(case, "mediation", None), []
    if consents or case.meetings.exists():
        pairs: list[Any] = [
            ("投诉人", _agreed(consents.complainant_agreed_at if consents else None)),
            ("被投诉人", _agreed(consents.merchant_agreed_at if consents else None)),
            ("中止", f"{consents.get_pause_display()}：{consents.pause_note}" if consents and consents.pause else ""),
        ]  # fmt: skip
        pairs += [
            (
                cn_datetime(row.at), row.record or "还没有记录",
                f"{row.where} · {row.mediator.name} · {cn_datetime(row.told_at)} 通知",
            )
            for row in case.meetings.select_related("mediator")
        ]  # fmt: skip
        found.append(facts("调解", pairs))
    cells = [
        (
            format_html("{}<small>{}</small>", row.committee, row.mediator.name),
            state_of(row, "officer"),
            row.outcome or "—",
            money(row.agreed_fen) if row.agreed_fen is not None else "—",
            row.judicial_no or "—",
        )
        for row in case.mediation_assignments.select_related("mediator")
    ]
    if cells:
        heads = ("调解组织", "状态", "结果", "协议金额", "司法确认")
        found.append(table("委托人民调解", heads, cells, numeric=(3,)))
    settlement = getattr(case, "settlement", None)
    if settlement:
        refund = settlement.refund
        pairs = [
            ("协议金额", money(settlement.amount_fen)),
            ("从锁定资金退", money(settlement.escrow_fen), refund.get_status_display() if refund else ""),
            ("商家直接付", money(settlement.direct_fen) if settlement.direct_fen else ""),
            ("付款凭证", cn_datetime(settlement.proved_at)),
            ("履行", "即时履行" if settlement.at_once else f"{cn_date(settlement.perform_by)} 前"),
            ("调解书", "应当制作（文书九）" if settlement.needs_document else "不制作"),
            ("协议内容", settlement.terms),
            ("退款", link(rows.case_url(refund), refund.code) if refund else ""),
        ]
        found.append(facts("调解协议", pairs))
    return found


def inner_panels(case: Complaint, by: Actor) -> list[Panel]:
    """What only those who handle it read: hints, and the shop's word that it is malicious."""
    if not may(by, "complaints.view_hints", case):
        return []
    found = [Panel("第17条提示", "admin/complaints/hints.html", {"hints": hints_of(case)})]
    cells = [
        (
            state_of(row, "officer"),
            format_html(
                '{}<small><a href="{}">看证据</a></small>',
                row.reason,
                reverse("admin:stored_file", args=[row.evidence_id]),
            ),
            row.finding or "—",
            f"{row.decided_by.name} {cn_datetime(row.decided_at)}" if row.decided_by else "等认定",
        )
        for row in case.malice_flags.select_related("decided_by")
    ]
    if cells:
        found.append(table("商家提出恶意投诉", ("状态", "说明", "认定意见", "认定人"), cells))
    return found


def disclosure_panel(case: Complaint) -> list[Panel]:
    """What the public reads, and by when one may object."""
    row: Disclosure | None = getattr(case, "disclosure", None)
    if row is None:
        return []
    pairs = [
        ("状态", state_of(row, "officer"), f"异议期至 {cn_date(row.objection_until)}"),
        ("公示内容", row.text),
        ("商家说明", row.merchant_reply),
        ("异议", row.objection),
        ("处理意见", row.reason),
    ]
    return [facts("公示", pairs)]


def money_panels(case: Complaint) -> list[Panel]:
    """Where the money of its contract is."""
    if case.contract is None:
        return []
    note = f"{case.contract} · {cn_date(case.contract.signed_at)}签"
    return [rows.money_panel(case.contract, url=rows.case_url(case.contract), link=note)]


def what_then(case: Complaint) -> Panel:
    """What happens at the end of the clock."""
    clock = Clock.objects.of(case).running().order_by("due_at").first()
    if clock is None:
        return facts("到期怎么办", [("现在", "没有在走的期限")], as_list=True)
    what = {
        Clock.Code.MEDIATE: "谈不成，系统自动终止调解（第23条第5项），并须在 7 个工作日内告知双方。",
        Clock.Code.ODR: "商家没有解决，自动转回监管部门，受理期限从那天起算。",
        Clock.Code.ACCEPT: "必须作出受理或不予受理的决定并告知；逾期计入本局公开的逾期数。",
        Clock.Code.FIRST_CONTACT: "要联系上投诉人；逾期计入 24 小时响应率。",
        Clock.Code.ID_PROOF: "不提供身份证明的，可以按第16条第6项不予受理。",
    }.get(Clock.Code(clock.code), "逾期会预警、催办，直到办结。")  # fmt: skip
    return facts("到期怎么办", [(clock.get_code_display(), what, f"{cn_date(clock.due_on)} 24:00")], as_list=True)


def whose_matter(case: Complaint | ViolationReport) -> list[Panel]:
    """Which bureau has power and by which article, for the dispatcher; nothing once it cannot move any more."""
    advice = advice_on(case)
    if advice is None:
        return []
    pairs = [(name, f"{one.ground}，依据{one.article}") for name, one in advice.competent]
    way = {Way.KEEP: "由这里办理", Way.ROUTE: "分送", Way.SEND_BACK: "退回"}[advice.decision.way]
    to = advice.to.name if advice.moves and advice.to else ""
    return [facts("属地", [*pairs, ("建议", f"{way}{to}", advice.decision.reason)], as_list=True)]


def same_shop(case: Complaint) -> list[Panel]:
    """The shop in figures, and its dossier."""
    if case.merchant is None:
        return []
    since = business_date() - timedelta(days=LATELY)
    others = Complaint.objects.filter(merchant=case.merchant).aggregate(
        open=Count("pk", filter=Q(status__in=OPEN)), all=Count("pk")
    )
    refused = Refund.objects.filter(
        merchant=case.merchant,
        status=Refund.Status.DISPUTED,
        requested_on__gte=since,
    ).count()
    held = Contract.objects.filter(merchant=case.merchant).aggregate(
        holders=Count("holder", distinct=True), locked=Sum("account__row_balance_fen")
    )
    here = reverse("admin:complaints_complaint_changelist")
    pairs = [
        ("在办投诉", link(f"{here}?scope=all&merchant__id__exact={case.merchant_id}", f"{others['open']} 件")),
        (f"近 {LATELY} 天拒退", f"{refused} 次"),
        ("持卡人", f"{held['holders']} 人"),
        ("锁定", money(held["locked"] or 0)),
        ("商家", link(rows.case_url(case.merchant), "一企一档")),
    ]
    return [facts("同一家店", pairs, as_list=True)]
