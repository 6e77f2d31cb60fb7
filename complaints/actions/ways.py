"""The ways of working: whistles, routed cases, mall tickets, ODR enterprises, agenda packs, monthly topics, leave."""

from complaints.actions.agenda_packs import (
    add_agenda_action,
    finish_agenda_action,
    hold_agenda,
    lock_agenda,
    make_agenda_packs,
)
from complaints.actions.leave import (
    note_delegation,
    note_leave,
)
from complaints.actions.mall_tickets import (
    complain_of_ticket,
    escalate_mall_ticket,
    open_mall_ticket,
    reopen_mall_ticket,
    respond_mall_ticket,
    send_mall_ticket,
    solve_mall_ticket,
)
from complaints.actions.monthly_topics import (
    add_measure,
    assess_topic,
    choose_topic,
    drop_topic,
    execute_topic,
    finish_measure,
    nominate_topics,
    propose_topic,
)
from complaints.actions.odr_enrolments import (
    confirm_odr_enrolment,
    decline_odr,
    enrol_in_odr,
    propose_odr_enrolments,
    restore_odr_enrolment,
    send_back_odr_enrolment,
    suspend_odr_enrolment,
    volunteer_for_odr,
)
from complaints.actions.referrals import (
    answer_referral,
    confirm_referral,
    unmask_referral,
)
from complaints.actions.whistles import (
    accept_whistle,
    call_whistle,
    insist_on_whistle,
    refuse_whistle,
    report_whistle,
    resolve_whistle,
    withdraw_whistle,
)

__all__ = [
    "accept_whistle",
    "add_agenda_action",
    "add_measure",
    "answer_referral",
    "assess_topic",
    "call_whistle",
    "choose_topic",
    "complain_of_ticket",
    "confirm_odr_enrolment",
    "confirm_referral",
    "decline_odr",
    "drop_topic",
    "enrol_in_odr",
    "escalate_mall_ticket",
    "execute_topic",
    "finish_agenda_action",
    "finish_measure",
    "hold_agenda",
    "insist_on_whistle",
    "lock_agenda",
    "make_agenda_packs",
    "nominate_topics",
    "note_delegation",
    "note_leave",
    "open_mall_ticket",
    "propose_odr_enrolments",
    "propose_topic",
    "refuse_whistle",
    "reopen_mall_ticket",
    "report_whistle",
    "resolve_whistle",
    "respond_mall_ticket",
    "restore_odr_enrolment",
    "send_back_odr_enrolment",
    "send_mall_ticket",
    "solve_mall_ticket",
    "suspend_odr_enrolment",
    "unmask_referral",
    "volunteer_for_odr",
    "withdraw_whistle",
]
