"""The words of incidents and claims, and the boxes that several pages show."""

from __future__ import annotations

from typing import Any

from complaints.models import Incident
from core.case_panels import FACT_WORDS, VERB_WORDS, Panel, link, table
from core.templatetags.portal_ui import cn_date, money, state_of
from prepaid.admin.rows import case_url

VERB_WORDS.update(
    {
        "incident.open": "立为群体事件",
        "incident.join": "并入投诉",
        "incident.leave": "移出一件投诉",
        "incident.accept": "批量受理",
        "incident.lead": "更换包案负责人",
        "incident.note": "写进展",
        "incident.settle": "转入清偿",
        "incident.reopen": "恢复登记债权",
        "incident.close": "办结",
        "complaint.leave_incident": "移出群体事件",
        "claim.enter": "登记债权",
        "claim.import": "导入债权清单",
        "claim.check": "核对通过",
        "claim.refuse": "不予登记",
        "claim.recheck": "重新核对",
        "claim.repaid": "登记另行退还",
        "claim.withdraw": "本人撤回登记",
        "claim.unmask": "查看完整信息",
        "representative.name": "推选代表人",
        "representative.choose": "同意由其代表",
        "representative.confirm": "确认代表人",
        "representative.end": "代表人退出",
        "proactive.find": "发现相似投诉",
        "proactive.take": "认领",
        "proactive.note": "记录进展",
        "proactive.close": "办结",
        "proactive.dismiss": "不需要办",
        "proactive.raise": "转群体事件",
    }
)
FACT_WORDS.update(
    {
        "leader": "包案负责人", "joined": "并入件数", "accepted": "受理件数", "refused": "未受理或未通过",
        "told": "短信人数", "added": "新登记", "known": "先前已有", "people": "人数", "cases": "件数", "how": "方式",
    }
)  # fmt: skip


def count_words(case: Incident) -> str:
    """How many complaints and claims there are, and how many wait."""
    claims = case.claims.standing()
    waiting = claims.filter(status="OPEN").count()
    left = case.complaints.open().count()
    return f"债权 {claims.count()} 笔（待核对 {waiting} 笔），没有办结的投诉 {left} 件"


def claim_rows(case: Incident, shown: int, url: str) -> Panel:
    """The register, those that wait first."""
    rows = case.claims.exclude(status="WITHDRAWN").select_related("claimant").order_by("checked_at", "-id")
    cells: list[tuple[Any, ...]] = [
        (
            link(case_url(row), row.claimant.masked_name or row.code_grouped, row.card_name),
            row.get_kind_display(),
            state_of(row, "officer"),
            money(row.claimed_fen),
            money(row.allowed_fen) if row.allowed_fen else "—",
            cn_date(row.entered_at),
        )
        for row in rows[:shown]
    ]
    heads = ("债权人", "类别", "状态", "申报", "核定", "登记")
    return table("债权登记", heads, cells, numeric=(3, 4), empty="还没有人登记债权", url=url, link="全部债权")
