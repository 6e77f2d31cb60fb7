"""The doors on the left of the regulator's pages, by matter, with what waits behind each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from django.urls import reverse

from complaints.admin import referrals
from core.actors import Actor
from core.permissions import may

SIGNED_TWICE = ("extensions", "warnings", "typical_cases", "freezes", "run_offs", "court_lifts", "risk_stops")


class Door(NamedTuple):
    """One link: its words, icon and address, and the names in ``workbench.counts`` of what waits behind it."""

    text: str
    icon: str
    name: str
    waits: tuple[str, ...] = ()
    danger: bool = False
    query: str = ""


class Group(NamedTuple):
    """The doors of one matter, for those with ``permission`` where it is named."""

    title: str
    doors: tuple[Door, ...]
    permission: str = ""


GROUPS = (
    Group(
        "今天",
        (
            Door("工作台", "home", "index"),
            Door("今日到期", "clock", "due"),
            Door("待第二人复核", "users", "second", SIGNED_TWICE, True),
        ),
    ),
    Group(
        "办件",
        (
            Door("入驻审核", "inbox", "merchants_merchant_review", ("review",)),
            Door("投诉", "chat", "complaints_complaint_changelist"),
            Door("退款", "back", "prepaid_refund_changelist", ("refunds",)),
            Door("消费争议", "scale", "prepaid_visit_changelist", ("visits",), query="?status__exact=DISPUTED"),
            Door("冻结", "snow", "prepaid_freeze_changelist", ("freezes",), True),
            Door("继承办理", "users", "prepaid_heirclaim_changelist", ("heirs",)),
            Door("停业清退", "out", "prepaid_closingnotice_changelist", ("closings",)),
            Door("锁门报告", "lock", "prepaid_lockoutreport_changelist", ("lock_outs",), True),
            Door("失联清退", "alert", "prepaid_runoff_changelist", ("run_offs",), True),
        ),
    ),
    Group(
        "举报与执法",
        (
            Door("投诉举报队列", "inbox", "complaints_queue", ("unassigned",)),
            Door("电话接听台", "call", "complaints_desk", ("calls",)),
            Door("咨询信访", "chat", "complaints_consultation_changelist"),
            Door("工单导入", "up", "complaints_orderimport_changelist"),
            Door("答复回填", "back", "complaints_replies"),
            Door("月度看板", "chart", "complaints_board"),
            Door("群体事件", "users", "complaints_incident_changelist", ("incidents",), True),
            Door("债权登记", "card", "complaints_incidentclaim_changelist"),
            Door("未诉先办", "search", "complaints_proactivetask_changelist", ("proactive",)),
            Door("吹哨报到", "alert", "complaints_whistle_changelist", ("whistles",)),
            Door("分送件", "out", "complaints_referral_changelist"),
            Door("商场客诉", "store", "complaints_mallticket_changelist", ("mall_tickets",), True),
            Door("ODR企业", "users", "complaints_odrenrolment_changelist", ("odr_enrolments",)),
            Door("调度会商", "calendar", "complaints_agendapack_changelist", ("agenda_actions",)),
            Door("每月一题", "chart", "complaints_monthlytopic_changelist"),
            Door("督办", "alert", "complaints_escalation_changelist", ("escalations",), True),
            Door("举报", "alert", "complaints_violationreport_changelist", ("reports",)),
            Door("案件", "scale", "complaints_enforcementcase_changelist"),
            Door("监督提示单", "doc", "complaints_supervisionnotice_changelist", ("notices",), True),
            Door("约谈", "users", "complaints_regulatoryinterview_changelist"),
            Door("消费警示", "eye", "complaints_consumerwarning_changelist", ("warnings",)),
            Door("典型案例", "doc", "complaints_typicalcase_changelist", ("typical_cases",)),
            Door("文书", "print", "complaints_issueddocument_changelist"),
        ),
    ),
    Group(
        "放心消费",
        (
            Door("放心消费申报", "inbox", "trust_units_declaration_changelist", ("declarations",)),
            Door("公示异议", "chat", "trust_units_objection_changelist"),
            Door("抽查", "search", "trust_units_spotcheck_changelist", ("spot_checks",)),
            Door("问题反馈单", "doc", "trust_units_feedbackslip_changelist", ("slips",), True),
            Door("移除与申诉", "shield-off", "trust_units_removal_changelist", ("removals",), True),
            Door("专项检查", "users", "trust_units_campaign_changelist"),
            Door("放心消费看板", "chart", "trust_board"),
            Door("无事不扰", "pause", "trust_units_nodisturbentry_changelist"),
            Door("年度后评价", "calendar", "trust_units_postevaluation_changelist"),
            Door("抽签", "scale", "trust_units_draw_changelist"),
            Door("评价标准", "doc", "trust_units_criteriaset_changelist"),
        ),
    ),
    Group(
        "风险预警",
        (
            Door("观察名单", "eye", "prepaid_riskwarning_changelist", ("risk",), True),
            Door("风险分", "chart", "prepaid_riskscore_changelist"),
            Door("私下收款举报", "alert", "prepaid_privatepaymentreport_changelist", ("private_payments",)),
            Door("疑似关联", "users", "prepaid_merchantlink_changelist", ("merchant_links",)),
            Door("列入名单的商家", "stop", "prepaid_listedmerchant_changelist"),
            Door("失信与异常名单", "doc", "prepaid_listedentry_changelist"),
        ),
    ),
    Group(
        "预付资金",
        (
            Door("锁定资金", "lock", "locked_board"),
            Door("合同", "card", "prepaid_contract_changelist"),
            Door("转让换绑", "right", "prepaid_assignment_changelist"),
            Door("老卡", "card", "prepaid_legacycard_changelist", ("legacy_cards",)),
            Door("老卡清单", "doc", "prepaid_cardimport_changelist"),
            Door("店铺易主", "users", "prepaid_succession_changelist", ("successions",)),
            Door("待查款项", "alert", "prepaid_suspenseitem_changelist", ("suspense",)),
            Door("存管回调", "bank", "prepaid_custodiannotice_changelist"),
            Door("商家结算", "bank", "prepaid_settlement_changelist", ("settlement_doubts",), True),
            Door("存管核算", "chart", "prepaid_custodycheck_changelist"),
            Door("存管预警", "clock", "prepaid_custodywarning_changelist", ("custody",), True),
            Door("保险与保函", "shield", "prepaid_guarantee_changelist", ("guarantees",)),
            Door("法院冻结", "scale", "prepaid_courtorder_changelist", ("court_orders",), True),
            Door("每日封账", "shield", "prepaid_seal_changelist"),
        ),
    ),
    Group(
        "对账",
        (
            Door("每日对账", "bank", "prepaid_dailyequation_changelist"),
            Door("对账差异", "alert", "prepaid_reconciliationcase_changelist", ("mismatches",), True),
            Door("日终文件", "doc", "prepaid_bankfile_changelist"),
        ),
        "prepaid.view_reconciliation",
    ),
    Group(
        "主体与规则",
        (
            Door("备案", "shield", "prepaid_filing_changelist", ("filings",)),
            Door("季度报告", "chart", "prepaid_filingreport_changelist"),
            Door("一企一档", "store", "merchants_merchant_changelist"),
            Door("商场", "store", "merchants_mall_changelist"),
            Door("商圈举措", "shield", "merchants_mallmeasurecheck_changelist", ("mall_measures",)),
            Door("登记名录", "doc", "merchants_registerentry_changelist"),
            Door("规则包", "scale", "core_rulepack_changelist", ("packs",)),
            Door("利率", "bank", "core_interestrate_changelist"),
            Door("工作日历", "calendar", "core_calendarday_changelist"),
            Door("行政区划", "pin", "core_region_changelist"),
            Door("行业", "filter", "core_industry_changelist"),
        ),
    ),
    Group(
        "运行与审计",
        (
            Door("任务与发件箱", "chart", "operations", ("overdue_jobs",), True),
            Door("操作记录", "shield", "core_auditevent_changelist"),
        ),
        "core.view_operations",
    ),
)


# All that an officer of another department has, with the number of things in the inbox.
DEPARTMENT = Group(
    "本部门",
    (
        Door("收件箱", "inbox", "department_inbox", ("inbox",), True),
        Door("吹哨报到", "alert", "complaints_whistlecall_changelist"),
        Door("分送件", "out", "complaints_referral_changelist"),
        Door("监督提示单", "doc", "complaints_supervisionnotice_changelist"),
    ),
)


def of_department(by: Actor) -> list[tuple[str, list[dict[str, Any]]]]:
    """The doors of an officer of another department."""
    counts = {"inbox": referrals.waiting_for(by)}
    return [(DEPARTMENT.title, [_link(door, counts) for door in DEPARTMENT.doors])]


def navigation(by: Actor, n: Mapping[str, int]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The groups this actor may see, each door with its count."""
    return [
        (group.title, [_link(door, n) for door in group.doors])
        for group in GROUPS
        if not group.permission or may(by, group.permission)
    ]


@cache
def _address(name: str) -> str:
    """Worked out once: every page has some sixty doors."""
    return reverse(f"admin:{name}")


def _link(door: Door, n: Mapping[str, int]) -> dict[str, Any]:
    return {
        "text": door.text,
        "icon": door.icon,
        "url": _address(door.name) + door.query,
        "count": sum(n.get(name, 0) for name in door.waits),
        "danger": door.danger,
    }
