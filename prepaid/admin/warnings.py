"""The watch list for regulators: level, points, reasons, what changed, and the officer's decision."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.actors import Actor
from core.calendar import business_date
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import ReadOnlyAdmin, column
from core.case_panels import FACT_WORDS, VERB_WORDS, Panel, facts, link, table
from core.money import yuan
from core.templatetags.portal_ui import cn_date, money, state, state_of
from merchants.admin import MerchantAdmin
from merchants.models import LISTED, Merchant
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.admin.custody import OfShop
from prepaid.admin.dossier import money_of
from prepaid.models import Level, RiskScore, RiskWarning
from prepaid.models.warnings import RISK_WARNING_LIFECYCLE
from prepaid.risk_reports import SALE_DAYS, sales_by_staff, with_scores

VERB_WORDS.update(
    {
        "risk_warning.open": "列入观察名单",
        "risk_warning.rise": "升为高风险，建议停售",
        "risk_warning.reopen": "风险上升，重新研判",
        "risk_warning.level": "风险等级变动",
        "risk_warning.end": "风险已降，移出名单",
        "risk_warning.watch": "持续关注",
        "risk_warning.visit": "安排上门核查",
        "risk_warning.interview": "安排约谈",
        "risk_warning.propose_stop": "建议停止新发卡",
        "risk_warning.stop": "确认停止新发卡",
        "risk_warning.lift": "解除停止新发卡",
        "risk_warning.dismiss": "排除风险",
    }
)
FACT_WORDS.update({"level": "等级", "points": "风险分"})
LOOKS = {Level.RED: ("danger", "alert"), Level.AMBER: ("warn", "alert"), Level.GREEN: ("ok", "check")}
HISTORY = 20
SHOWN_REASONS = 2


def level_state(level: str) -> SafeString:
    """The level with icon and word."""
    return state(*LOOKS[Level(level)], Level(level).label)


def moved(change: int, on: Any) -> SafeString:
    """「+12，8月3日起」."""
    if not change or on is None:
        return format_html('<span class="faint">{}</span>', "没有变动")
    return format_html('<span class="num">{}</span><small>{} 起</small>', f"{change:+d}", cn_date(on))


def reasons_table(reasons: list[dict[str, Any]], **more: Any) -> Panel:
    """Each reason with its points and the rule it stands on."""
    cells = [(one["words"], one["points"], format_html("<small>{}</small>", one["basis"])) for one in reasons]
    return table("原因", ("信号", "分", "依据"), cells, numeric=(1,), empty="没有发现风险信号", **more)


def _stops(case: RiskWarning) -> str:
    sums = money_of(case.merchant)
    return (
        f"确认后，{case.merchant.brand_name} 的在售套餐全部停售；已售出的 {sums['with_money']} 份合同、锁定 "
        f"¥{yuan(sums['locked_fen'])} 照常使用、照常退款（消法实施条例第22条第3款）。"
    )


def _judge(step: str, effect: str, icon: str, done: str) -> Act:
    return Act(
        lambda pk, data, by: prepaid.judge_warning(pk, step, data["reason"], by=by),
        lambda case: f"{case.merchant.brand_name}：{effect}",
        form=ReasonForm,
        icon=icon,
        done=done,
    )


@admin.register(RiskWarning)
class RiskWarningAdmin(OfShop, CaseAdmin):
    """Merchants on the watch list; never public, and not shown to the merchant."""

    lifecycle = RISK_WARNING_LIFECYCLE
    list_help = "每日 2:30 评分，只供监管人员研判，不公开。高风险的由系统建议停止新发卡，须由监管人员确认。"
    list_display = ("shop", "level_", "points_", "change_", "why", "status_", "opened_on")
    list_filter = ("level", "status", ("merchant__industry", admin.RelatedOnlyFieldListFilter), "opened_on")
    list_select_related = ("merchant", "merchant__region")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    ordering = ()
    empty_text = "没有需要关注的商家。"
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("辖区", lambda row: row.merchant.region.name),
        ("等级", lambda row: row.get_level_display()),
        ("风险分", lambda row: row.points),
        ("变动", lambda row: row.change),
        ("原因", lambda row: "；".join(one["words"] for one in row.reasons or [])),
        ("处置", lambda row: row.get_status_display()),
        ("列入日", lambda row: row.opened_on),
    )
    acts = {
        "stop": Act(lambda pk, data, by: prepaid.stop_for_risk(pk, by=by), _stops, icon="stop", done="已停止新发卡"),
        "visit": _judge("visit", "记为上门核查，核查后再写结果。", "pin", "已安排上门核查"),
        "interview": _judge("interview", "记为约谈，约谈后再写结果。", "users", "已安排约谈"),
        "watch": _judge("watch", "留在观察名单，每日评分。", "eye", "已记为持续关注"),
        "propose_stop": _judge(
            "propose_stop", "另一名监管人员确认后停止新发卡；现在不会停。", "stop", "已提出，等另一人确认"
        ),
        "dismiss": _judge("dismiss", "等级升高以前不再提示。", "x", "已排除，等级升高会重新提示"),
        "lift": Act(
            lambda pk, data, by: prepaid.lift_risk_stop(pk, data["reason"], by=by),
            lambda case: f"解除后，{case.merchant.brand_name} 没有其他限制的话马上可以发售新卡，并留在观察名单。",
            form=ReasonForm,
            done="已解除，继续观察",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[RiskWarning]:
        """With shop, score and who decided; the gravest first."""
        rows: QuerySet[RiskWarning] = super().get_queryset(request)
        return with_scores(rows).select_related("merchant", "merchant__region", "decided_by", "proposed_by")

    def second_line(self, row: RiskWarning) -> str:
        """Where it is."""
        return row.merchant.region.name

    @column("等级", order="level")
    def level_(self, row: RiskWarning) -> SafeString:
        """With icon and word."""
        return level_state(row.level)

    @column("风险分", order="points", num=True)
    def points_(self, row: Any) -> int:
        """The sum."""
        return int(row.points)

    @column("变动", order="change")
    def change_(self, row: Any) -> SafeString:
        """Since when."""
        return moved(row.change, row.scored_on)

    @column("主要原因")
    def why(self, row: Any) -> str:
        """The heaviest ones."""
        return "；".join(one["words"] for one in (row.reasons or [])[:SHOWN_REASONS])

    def heading(self, case: RiskWarning) -> str:
        """The shop."""
        return f"{case.merchant.brand_name} 风险研判"

    def lead(self, case: Any) -> str:
        """Points and since when."""
        since = f" · {cn_date(case.scored_on)}起 {case.change:+d}" if case.change else ""
        return f"风险分 {case.points}{since} · {cn_date(case.opened_on)}列入观察名单"

    def states(self, case: RiskWarning) -> list[SafeString]:
        """Level and decision."""
        return [level_state(case.level), state_of(case, "officer")]

    def panels(self, case: Any, by: Actor) -> list[Panel]:
        """Why, what was decided, how it went, who sold."""
        history = [
            (cn_date(one.on), one.points, moved(one.change, one.on), level_state(one.level))
            for one in RiskScore.objects.filter(merchant=case.merchant_id).order_by("-on")[:HISTORY]
        ]
        pairs = [
            ("研判意见", case.reason),
            ("研判人", case.decided_by.name if case.decided_by else ""),
            ("停售提出", case.proposed_by.name if case.proposed_by else _by_system(case)),
            ("移出日", cn_date(case.ended_on)),
        ]
        return [
            reasons_table(case.reasons or []),
            facts("研判", pairs),
            table("分数变动", ("日期", "分", "变动", "等级"), history, numeric=(1,), empty="还没有评分"),
            staff_table(case.merchant),
        ]


def _by_system(case: RiskWarning) -> str:
    return "系统（高风险）" if case.status == RiskWarning.Status.STOP_PROPOSED else ""


def staff_table(merchant: Merchant) -> Panel:
    """Who sold how much: one name with nearly everything, or none at all, is worth a question."""
    cells = [
        (one.name, one.cards, money(one.paid_fen), f"{one.share}%")
        for one in sales_by_staff(merchant.pk, business_date())
    ]
    heads = ("店员", "卡", "收款", "占比")
    return table(f"近 {SALE_DAYS} 天售卡按店员", heads, cells, numeric=(1, 2, 3), empty=f"近 {SALE_DAYS} 天没有售卡")


def dossier_panels(merchant: Merchant, by: Actor) -> list[Panel]:
    """The risk of an approved merchant on its dossier."""
    if merchant.status not in LISTED:
        return []
    score = RiskScore.objects.visible_to(by).latest_of(merchant.pk)
    warning = RiskWarning.objects.visible_to(by).open().filter(merchant=merchant).first()
    note = f"风险分 {score.points if score else 0} · {Level(score.level).label if score else Level.GREEN.label}，不公开"
    more = {"url": rows.case_url(warning), "link": "风险研判"} if warning else {}
    return [reasons_table(score.reasons if score else [], note=note, **more), staff_table(merchant)]


def dossier_states(merchant: Merchant) -> list[SafeString]:
    """The level, if it is not green; the page is for officers only."""
    warning = RiskWarning.objects.open().exclude(level=Level.GREEN).filter(merchant=merchant).first()
    return [level_state(warning.level)] if warning else []


MerchantAdmin.more_panels.append(dossier_panels)
MerchantAdmin.more_states.append(dossier_states)
MerchantAdmin.more_audited.append(
    lambda merchant: [("prepaid.RiskWarning", pk) for pk in merchant.risk_warnings.values_list("pk", flat=True)[:20]]
)


@admin.register(RiskScore)
class RiskScoreAdmin(OfShop, ReadOnlyAdmin):
    """Every merchant's score as it is now."""

    opens_case = False
    list_help = "所有商家现在的风险分；分数没有变动的日子不另记。"
    list_display = ("shop", "points", "level_", "change_", "why")
    list_filter = ("level", ("merchant__industry", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("merchant",)
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    ordering = ("-points", "-id")
    empty_text = "没有发现风险信号；每日 2:30 评分。"

    def get_queryset(self, request: HttpRequest) -> QuerySet[RiskScore]:
        """The newest of each."""
        return super().get_queryset(request).filter(is_latest=True).annotate(by=F("points") - F("before"))

    @column("等级", order="level")
    def level_(self, row: RiskScore) -> SafeString:
        """With icon and word."""
        return level_state(row.level)

    @column("变动", order="by")
    def change_(self, row: RiskScore) -> SafeString:
        """Since when."""
        return moved(row.change, row.on)

    @column("主要原因")
    def why(self, row: RiskScore) -> Any:
        """The heaviest ones, with the dossier behind."""
        words = "；".join(one["words"] for one in row.reasons[:SHOWN_REASONS])
        return link(rows.case_url(row.merchant), words or "—")
