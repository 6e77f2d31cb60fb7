"""What people read about their matter: what happens now, what comes next, what has happened. Pure words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.money import yuan


@dataclass(frozen=True)
class Event:
    """One line of the timeline, as includes/timeline.html reads it."""

    title: str
    at: datetime | None = None
    text: str = ""
    kind: str = ""
    who: str = ""


# What happens now; the second part is what the reader has to do, empty for nothing.
NOW: dict[str, tuple[str, str]] = {
    "complaint.REGISTERED": ("我们收到了，正在交给管这家店的市场监管所。", ""),
    "complaint.ODR_PENDING": ("商家正在和您协商，谈不成随时可以转给监管部门。", "商家联系您时请接听"),
    "complaint.ASSIGNED": ("监管所正在看您的材料，会在期限内告诉您是否受理。", ""),
    "complaint.ID_PROOF_REQUESTED": ("监管所需要核对您的身份，才能决定是否受理。", "请在期限内填身份证号"),
    "complaint.ACCEPTED": ("已经受理，监管所正在征求双方是否愿意调解。", ""),
    "complaint.NOT_ACCEPTED": ("监管所决定不予受理，原因和其他办法写在下面。", ""),
    "complaint.MEDIATING": ("监管所正在组织双方调解。", "请按通知的时间参加"),
    "complaint.SUSPENDED": ("正在检测鉴定或者更换经办人，这段时间不计入调解期限。", ""),
    "complaint.AGREED": ("双方达成一致，正在按协议办理。", ""),
    "complaint.TERMINATED": ("没能调成。您还可以走的其他途径写在下面。", ""),
    "complaint.CALLBACK": ("事情办完了，想听听您的评价。", "请评价"),
    "complaint.CLOSED": ("已经办结。", ""),
    "complaint.MERGED": ("和您先前的同一件事合并办理，看那一件就够。", ""),
    "complaint.ROUTED": ("已转给有权处理的部门，由他们答复您。", ""),
    "complaint.WITHDRAWN": ("您撤回了这件投诉。同一件事可以重新投诉。", ""),
    # How a report ends is told only where a law says so (第36条): these say no more than how far it is.
    "report.REGISTERED": ("我们收到了，正在交给有权查处的单位。", ""),
    "report.ROUTED": ("已交给有权查处的单位。", ""),
    "report.VERIFYING": ("正在办理。", ""),
    "report.FILED": ("正在办理。", ""),
    "report.INVESTIGATING": ("正在办理。", ""),
    "report.DECIDED": ("正在办理。", ""),
    "report.PUBLISHED": ("正在办理。", ""),
    "report.NOT_FILED": ("已经办结。法律规定要告知结果的，写在下面。", ""),
    "report.CLOSED": ("已经办结。法律规定要告知结果的，写在下面。", ""),
    "report.DUPLICATE": ("和先前的举报相同，不重复处理。", ""),
    "report.MERGED": ("和先前的举报合并核查。", ""),
    "report.TRANSFERRED": ("已移送有权机关。", ""),
    "consultation.OPEN": ("我们收到了，会在期限内答复。", ""),
    "consultation.ANSWERED": ("已经答复，写在下面。", ""),
    "consultation.ROUTED": ("这件事由别的部门管，怎么找写在下面。", ""),
}

NEXT: dict[str, tuple[str, str]] = {
    "complaint.REGISTERED": ("监管所决定是否受理", "收到之日起 7 个工作日内告诉您（第15条）。"),
    "complaint.ODR_PENDING": ("谈妥就办结，谈不成转监管部门", "商家有 10 个工作日。"),
    "complaint.ASSIGNED": ("受理后，双方调解", "最长 60 天。调解要双方都愿意；谈不成，会告诉您其他办法。"),
    "complaint.ID_PROOF_REQUESTED": ("核对身份后决定是否受理", "不提供身份证明，可能不予受理（第16条）。"),
    "complaint.ACCEPTED": ("双方都愿意，就开始调解", "最长 60 天，检测的时间不算。"),
    "complaint.MEDIATING": ("达成协议，或者终止调解", "谈不成，会告诉您其他办法。"),
    "complaint.CALLBACK": ("您评价后办结", ""),
    "report.REGISTERED": ("核查线索", "15 个工作日内核查，情况复杂可以再延长 15 个工作日。"),
    "report.ROUTED": ("核查线索", "15 个工作日内核查，情况复杂可以再延长 15 个工作日。"),
    "consultation.OPEN": ("答复", ""),
}

# What each line of the audit means to the people of the matter; lines not named here are the bureau's own affair.
PAST: dict[str, str] = {
    "complaint.register": "已收到您的投诉",
    "complaint.offer_odr": "先由商家和您协商",
    "complaint.answer": "商家答复",
    "complaint.settle_odr": "商家说已经和您谈妥",
    "complaint.fail_odr": "没有谈妥，转监管部门",
    "complaint.reopen": "您说没有解决，转监管部门",
    "complaint.assign": "已交市场监管所",
    "complaint.reassign": "换了经办人",
    "complaint.contact": "监管所打电话联系",
    "complaint.call_in": "您来电说明",
    "complaint.request_id_proof": "请您补充身份证明",
    "complaint.prove_id": "您提供了身份证明",
    "complaint.add_evidence": "您补充了材料",
    "complaint.joint_consent": "共同投诉人同意由代表人处理",
    "complaint.accept": "已受理",
    "complaint.refuse": "不予受理",
    "complaint.consent": "同意调解",
    "complaint.mediate": "开始调解",
    "complaint.suspend": "暂停计时",
    "complaint.resume": "恢复计时",
    "complaint.agree": "双方达成一致",
    "complaint.terminate": "终止调解",
    "complaint.notify": "已告知双方结果",
    "complaint.close": "您已评价，办结",
    "complaint.merge": "和先前的同一件事合并办理",
    "complaint.route": "已转有权处理的部门",
    "complaint.withdraw": "您撤回了投诉",
    "report.register": "已收到您的举报",
    "report.route": "已交有权查处的单位",
    "report.verify": "开始核查线索",
    "report.add_evidence": "您补充了材料",
    "report.tell": "已告知结果",
    "report.close": "已办结",
    "report.mark_duplicate": "和先前的举报相同",
    "report.merge": "和先前的举报合并核查",
    "report.transfer": "已移送有权机关",
    "consultation.register": "已收到您的问题",
    "consultation.answer": "已答复",
    "consultation.point": "请找有权处理的部门",
}


def key_of(model: str, status: str) -> str:
    """The key of a state in the tables above."""
    return f"{'report' if model == 'violationreport' else model}.{status}"


def timeline(key: str, lines: Iterable[tuple[str, datetime, Mapping[str, Any]]]) -> list[Event]:
    """Lines of the audit, oldest first, as the timeline shows them: what comes next, what is now, what was."""
    past = []
    for verb, at, facts in lines:
        if verb in PAST:
            past.append(Event(PAST[verb], at, said_to_people(verb, facts)))
    past.reverse()
    if past:
        first = past[0]
        past[0] = Event(first.title, first.at, first.text, "now")
    title, text = NEXT.get(key, ("", ""))
    return ([Event(title, text=text, kind="next")] if title else []) + past


def said_to_people(verb: str, facts: Mapping[str, Any]) -> str:
    """What the other side said, and sums; never a word the bureau wrote for itself."""
    parts = []
    if verb in ("complaint.answer", "complaint.settle_odr") and facts.get("answer"):
        parts.append(f"「{facts['answer']}」")
    if facts.get("amount_fen"):
        parts.append(f"{yuan(int(facts['amount_fen']))} 元")
    return " ".join(parts)
