"""Closing shops and run-offs, as the regulator works on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from core.actors import Actor
from core.calendar import business_date
from core.case_admin import Act, CaseAdmin, CaseForm, ReasonForm
from core.case_lists import column
from core.case_panels import CaseClock, Panel, day_clock, facts, link, table
from core.csv_export import plain_yuan
from core.money import yuan
from core.templatetags.portal_ui import cn_date, cn_datetime, money, state_of
from merchants.admin import MerchantAdmin
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.admin.contracts import ContractAdmin
from prepaid.closing_reports import outstanding, progress, run_off_progress
from prepaid.models import ClosingNotice, Contract, Pause, RunOff, RunOffClaim
from prepaid.models.closings import CLOSING_LIFECYCLE
from prepaid.models.run_offs import RUN_OFF_LIFECYCLE

SHOWN = 50


class RemainderForm(CaseForm):
    """Where the rest is kept, if anything is left."""

    reason = forms.CharField(
        label="没有退清的，提存或留存在哪里",
        help_text="全部退清的不用填；钱不会退给商家，本人随时可以来领",
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PlanForm(CaseForm):
    """The plan that was on the screen, by its hash."""

    plan = forms.CharField(widget=forms.HiddenInput, error_messages={"required": "请刷新后再看一遍方案"})

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.initial["plan"] = case.plan_hash if case else ""


class AbscondedForm(ReasonForm):
    """How it was found out, and since when nobody was served."""

    served_until = forms.DateField(
        label="最后提供服务日",
        help_text="从这天以后时间不扣；查不清的填发现关门的前一天",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "选最后提供服务日", "invalid": "日期写成 2026-03-01 这样"},
    )


def _left(case: ClosingNotice) -> str:
    said = outstanding(case, business_date()).said
    return f"还有 {said} 没有退清" if said else "全部退清"


@admin.register(ClosingNotice)
class ClosingAdmin(CaseAdmin):
    """One notice: its time, its holders, what they chose, and the verification at the end."""

    lifecycle = CLOSING_LIFECYCLE
    list_display = ("what", "status_", "closes", "published", "short")
    list_filter = ("status", "reason", ("merchant__industry", admin.RelatedOnlyFieldListFilter), "closes_on")
    list_select_related = ("merchant", "merchant__region", "store")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    code_fields = ("code",)
    export_columns = (
        ("商家", lambda row: row.where),
        ("状态", lambda row: row.get_status_display()),
        ("原因", lambda row: row.get_reason_display()),
        ("停业日", lambda row: row.closes_on),
        ("公告时间", lambda row: row.published_at),
        ("少提前天数", lambda row: row.short_days),
        ("留待领取（元）", lambda row: plain_yuan(row.remainder_fen)),
    )
    acts = {
        "verify": Act(
            lambda pk, data, by: prepaid.verify_closing(pk, data["reason"], by=by),
            lambda case: f"{_left(case)}。核验后商家不能再动这些钱，没领走的随时退给本人。",
            form=RemainderForm,
            icon="check",
            done="已核验",
        ),
        "close": Act(
            lambda pk, data, by: prepaid.close_closing(pk, by=by),
            lambda case: f"{case.where} 办结停业，公示页撤下。",
            icon="x",
            done="已办结停业",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClosingNotice]:
        """Those of the officer's regions: the public ones of other places are on the public page."""
        regions = Merchant.objects.visible_to(Actor.of(request)).values("pk")
        rows = super().get_queryset(request).filter(merchant__in=regions)
        return rows.select_related("merchant", "merchant__region", "store", "successor", "declared_by", "verified_by")

    @column("停业", order="id")
    def what(self, row: ClosingNotice) -> str:
        """The shop."""
        return row.where

    def second_line(self, row: ClosingNotice) -> str:
        """Where and why."""
        return f"{row.merchant.region.name} · {row.get_reason_display()}"

    @column("状态", order="status")
    def status_(self, row: ClosingNotice) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("停业日", order="closes_on")
    def closes(self, row: ClosingNotice) -> str:
        """The last day."""
        return cn_date(row.closes_on)

    @column("公告", order="published_at")
    def published(self, row: ClosingNotice) -> str:
        """When it became public."""
        return cn_datetime(row.published_at) if row.published_at else "未公告"

    @column("少提前", order="short_days", num=True)
    def short(self, row: ClosingNotice) -> str:
        """The violation, in days."""
        return f"{row.short_days} 天" if row.short_days else "—"

    def heading(self, case: ClosingNotice) -> str:
        """Shop and day."""
        return f"{case.where} 停业"

    def lead(self, case: ClosingNotice) -> str:
        """Why, and what is left."""
        return f"{case.get_reason_display()} · {cn_date(case.closes_on)} 停业 · {_left(case)}"

    def clocks(self, case: ClosingNotice) -> list[CaseClock]:
        """The last day, while people choose."""
        return [day_clock("停业日", case.closes_on, "到期没选的自动退款")] if case.is_choosing else []

    def panels(self, case: ClosingNotice, by: Actor) -> list[Panel]:
        """The notice, the telling, the choices, and what did not go through."""
        done = progress(case)
        notice = [
            ("停业日", cn_date(case.closes_on)),
            ("说明", case.note),
            ("须提前", f"{case.notice_days} 天" if case.notice_days else "", case.notice_basis),
            ("少提前（违规）", f"{case.short_days} 天" if case.short_days else ""),
            ("接手商家", str(case.successor) if case.successor else "", "已同意" if case.accepted_at else "未同意"),
            ("申报人", case.declared_by.name, cn_datetime(case.declared_at)),
            ("核验人", case.verified_by.name if case.verified_by else "", cn_datetime(case.verified_at)),
            ("留待领取", money(case.remainder_fen) if case.remainder_fen else "", case.remainder_note),
        ]
        told = [
            ("持卡人", f"{done['people']} 位", f"{done['holders']} 张卡"),
            ("已写短信", f"{done['told']} 张卡", f"发出 {done['sent']}，已读 {done['read']}"),
            ("退款", f"{done['refunds']} 张", f"到期自动 {done['silent']} 张"),
            ("转店 / 用到停业 / 没选", f"{done['transfers']} / {done['users']} / {done['open']} 张"),
            ("已办妥", f"{done['settled']} 张"),
            ("已到账", money(done["arrived_fen"]), f"{done['arrived']} 笔"),
            ("没办妥的还锁定", money(done["locked_fen"])),
        ]
        stuck = case.holders.unsettled().exclude(trouble="").select_related("contract__holder")[:SHOWN]
        problems = [
            (link(rows.case_url(row.contract), str(row.contract)), str(row.contract.holder), row.trouble)
            for row in stuck
        ]
        return [
            facts("公告", notice),
            facts("通知和选择", told),
            table("没办成的", ("合同", "持卡人", "原因"), problems, empty="没有"),
        ]

    def side(self, case: ClosingNotice, by: Actor) -> list[Panel]:
        """Where else to look."""
        links: list[Any] = [("商家", link(rows.case_url(case.merchant), "一企一档"))]
        links += [("失联清退", link(rows.case_url(row), row.code)) for row in case.run_offs.all()[:3]]
        if case.status not in ("DECLARED", "WITHDRAWN"):
            links.append(("公开页", link(reverse("prepaid:closing", args=[case.code]), "停业公告")))
        return [facts("相关", links, as_list=True)]


def _frozen(case: RunOff) -> str:
    found = Contract.objects.filter(merchant=case.merchant_id, account__row_balance_fen__gt=0)
    fen = sum(found.values_list("account__row_balance_fen", flat=True))
    return (
        f"签后马上冻结 {case.merchant.brand_name} 的 {len(found)} 份合同、锁定 ¥{yuan(fen)}，停止划拨和新收款，"
        "通知每位持卡人，并逐人核算应退。"
    )


def _plan(case: RunOff) -> str:
    sums = run_off_progress(case)
    return (
        f"{sums['people']} 位消费者、{sums['claims']} 笔，依法应退 ¥{yuan(sums['entitled'])}：从各人锁定的钱退 "
        f"¥{yuan(sums['pays'])}，等争议 ¥{yuan(sums['waits'])}，缺口 ¥{yuan(sums['shortfall'])}。"
    )


@admin.register(RunOff)
class RunOffAdmin(CaseAdmin):
    """One emergency: the freeze, the claims, the plan by two, the payment."""

    more_panels: ClassVar[list[Callable[[RunOff, Actor], list[Panel]]]] = []  # boxes of apps above
    lifecycle = RUN_OFF_LIFECYCLE
    list_display = ("what", "status_", "proposer", "approver", "served")
    list_filter = ("status", "proposed_at")
    list_select_related = ("merchant", "merchant__region", "proposed_by", "approved_by")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    code_fields = ("code",)
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("状态", lambda row: row.get_status_display()),
        ("理由", lambda row: row.reason),
        ("最后服务日", lambda row: row.served_until),
        ("提出人", lambda row: row.proposed_by.name),
        ("复核人", lambda row: row.approved_by.name if row.approved_by else ""),
    )
    acts = {
        "approve": Act(
            lambda pk, data, by: prepaid.approve_run_off(pk, by=by), _frozen, icon="snow", done="已冻结，正在核算"
        ),
        "reject": Act(
            lambda pk, data, by: prepaid.reject_run_off(pk, data["reason"], by=by),
            lambda case: f"退回后，{case.merchant.brand_name} 照常营业；提出人可以补充理由再提。",
            form=ReasonForm, icon="back", done="已退回，没有冻结",
        ),
        "plan": Act(
            lambda pk, data, by: prepaid.plan_run_off(pk, by=by),
            lambda case: _plan(case) + "提出后由另一人复核，现在不退款。",
            icon="doc", done="方案已提出，等第二人复核",
        ),
        "approve_plan": Act(
            lambda pk, data, by: prepaid.approve_run_off_plan(pk, data["plan"], by=by),
            lambda case: _plan(case) + "签后按方案退回各人付款账户，改动一分钱都要重新复核。",
            form=PlanForm, icon="bank", done="已复核，正在按方案退款",
        ),
        "reject_plan": Act(
            lambda pk, data, by: prepaid.reject_run_off_plan(pk, data["reason"], by=by),
            lambda case: "退回后逐人重新核算，再提方案。",
            form=ReasonForm, icon="back", done="已退回，正在重新核算",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunOff]:
        """With everybody who signed."""
        people = ("proposed_by", "approved_by", "planned_by", "plan_approved_by")
        return super().get_queryset(request).select_related("merchant", "merchant__region", "closing", *people)

    @column("失联清退", order="id")
    def what(self, row: RunOff) -> str:
        """The shop."""
        return row.merchant.brand_name

    def second_line(self, row: RunOff) -> str:
        """Where."""
        return row.merchant.region.name

    @column("状态", order="status")
    def status_(self, row: RunOff) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("提出人")
    def proposer(self, row: RunOff) -> str:
        """The first officer."""
        return row.proposed_by.name

    @column("复核人")
    def approver(self, row: RunOff) -> str:
        """The second officer."""
        return row.approved_by.name if row.approved_by else ""

    @column("最后服务日", order="served_until")
    def served(self, row: RunOff) -> str:
        """Since when nobody was served."""
        return cn_date(row.served_until)

    def heading(self, case: RunOff) -> str:
        """The shop."""
        return f"{case.merchant.brand_name} 失联清退"

    def lead(self, case: RunOff) -> str:
        """The sums."""
        return (
            _plan(case) if case.status not in ("PROPOSED", "REJECTED") else f"最后服务日 {cn_date(case.served_until)}"
        )

    def panels(self, case: RunOff, by: Actor) -> list[Panel]:
        """Who signed what, the sums, and each claim with its shortfall, the largest first."""
        sums = run_off_progress(case)
        signed = [
            ("失联理由", case.reason),
            ("提出人", case.proposed_by.name, cn_datetime(case.proposed_at)),
            ("复核人", case.approved_by.name if case.approved_by else "等第二人复核", cn_datetime(case.approved_at)),
            ("方案提出人", case.planned_by.name if case.planned_by else "", cn_datetime(case.planned_at)),
            ("方案复核人", getattr(case.plan_approved_by, "name", ""), cn_datetime(case.plan_approved_at)),
            ("方案摘要", case.plan_hash[:16]),
        ]
        paid = [
            ("依法应退", money(sums["entitled"]), f"{sums['people']} 位，{sums['claims']} 笔"),
            ("从锁定的钱退", money(sums["pays"])),
            ("等争议消费", money(sums["waits"])),
            ("缺口", money(sums["shortfall"]), f"含未锁定 ¥{yuan(sums['unlocked'])}"),
            ("已交银行", money(sums["ordered_fen"]), f"{sums['ordered']} 笔"),
            ("已到账", money(sums["arrived_fen"]), f"{sums['arrived']} 笔，{sums['bounced']} 笔没打进去"),
            ("没办成", f"{sums['troubles']} 笔"),
        ]
        more = (panel for make in self.more_panels for panel in make(case, by))
        return [facts("签字", signed), facts("瀑布式清退", paid), _claims(case), *more]

    def side(self, case: RunOff, by: Actor) -> list[Panel]:
        """The rule of two, and where else to look."""
        links: list[Any] = [
            ("两人规则", "冻结和方案都要两人签，提出和复核不得是同一人，受委托代办时也一样。"),
            ("商家", link(rows.case_url(case.merchant), "一企一档")),
        ]
        if case.closing:
            links.append(("公告和公开进度", link(rows.case_url(case.closing), case.closing.code)))
        return [facts("相关", links, as_list=True)]


def _claims(case: RunOff) -> Panel:
    found = case.claims.select_related("contract", "holder", "refund").order_by("-shortfall_fen", "-pays_fen", "pk")
    cells = [_cell(row) for row in found[:SHOWN]]
    heads = ("债权", "消费者", "依法应退", "从锁定退", "缺口", "办到哪")
    return table(
        "每个人的应退", heads, cells, numeric=(2, 3, 4), empty="还没有核算", note=f"缺口大的在前，最多 {SHOWN} 笔"
    )


def _cell(row: RunOffClaim) -> tuple[Any, ...]:
    name = link(rows.case_url(row.contract), str(row.contract)) if row.contract else str(row)
    where = state_of(row.refund, "officer") if row.refund else row.trouble or "—"
    return name, str(row.holder or "—"), money(row.entitled_fen), money(row.pays_fen), money(row.shortfall_fen), where


def may_wind_up(merchant: Merchant) -> bool:
    """Whether the emergency can be proposed: the merchant is there and none is under way."""
    open_ones = merchant.run_offs.exclude(status__in=["REJECTED", "DONE"])
    return merchant.status in ("ACTIVE", "RESTRICTED", "EXITING") and not open_ones.exists()


def _panels(merchant: Merchant, by: Actor) -> list[Panel]:
    """Closings on the dossier, if there are any."""
    found = merchant.closings.select_related("store", "merchant").order_by("-pk")[:10]
    cells = [
        (
            link(rows.case_url(row), row.where, row.get_reason_display()),
            state_of(row, "officer"),
            cn_date(row.closes_on),
            f"少提前 {row.short_days} 天" if row.short_days else "—",
        )
        for row in found
    ]
    return [table("停业", ("公告", "状态", "停业日", "违规"), cells)] if cells else []


def _is_stopped(contract: Contract) -> bool:
    return Pause.objects.filter(contract=contract, reason=Pause.Reason.NO_SERVICE, ended_on=None).exists()


MerchantAdmin.more_panels.append(_panels)
MerchantAdmin.acts["propose_run_off"] = Act(
    lambda pk, data, by: prepaid.propose_run_off(pk, data["reason"], data["served_until"], by=by),
    lambda merchant: "第二人复核同意后，马上冻结、停止收款、通知每位持卡人，并逐人核算应退。现在提出不会马上冻结。",
    form=AbscondedForm,
    icon="alert",
    label="提出失联应急处置（待第二人复核）",
    permission="prepaid.propose_run_off",
    when=may_wind_up,
    caution=True,
    done="已提出，等第二人复核",
)
ContractAdmin.acts["resume_service"] = Act(
    lambda pk, data, by: prepaid.resume_service(pk, data["reason"], by=by, on=business_date()),
    lambda contract: "店里无服务记录，自动付款已停。恢复后停付的天数顺延，下一期起照常付给商家。",
    form=ReasonForm,
    icon="right",
    label="查实在营业，恢复按期付款",
    permission="prepaid.resume_service",
    when=_is_stopped,
    done="已恢复按期付款",
)
