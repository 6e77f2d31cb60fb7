"""What can be done about trust units. Pages, admin, API and jobs all come through here."""

from trust_units.actions.checks import (
    assign_check,
    publish_check,
    record_check,
    start_campaign,
    sweep_check,
)
from trust_units.actions.coverage import count_coverage
from trust_units.actions.criteria import (
    decide_criteria,
    draft_criteria,
)
from trust_units.actions.declarations import (
    answer_criterion,
    ask_for_person,
    declare,
    promise,
    start_declaration,
    withdraw_declaration,
)
from trust_units.actions.draws import draw_day, plan_week, publish_list
from trust_units.actions.evaluations import (
    accept_rectified,
    confirm_evaluation,
    confirm_evaluations,
    evaluate_year,
)
from trust_units.actions.facts import clear_fact, note_fact
from trust_units.actions.feed import refresh_facts
from trust_units.actions.no_disturb import (
    apply_no_disturb,
    decide_no_disturb,
    suspend_disturbed,
    visits_saved,
)
from trust_units.actions.open_data import publish_open_data
from trust_units.actions.pools import (
    enter_selection,
    grant_unit,
    renew_unit,
    restore_unit,
    star_unit,
    warn_unit,
)
from trust_units.actions.publicity import (
    answer_objection,
    grant_after_publicity,
    object_to,
)
from trust_units.actions.removals import (
    appeal_removal,
    confirm_removal,
    decide_appeal,
    drop_removal,
    propose_removal,
    remove_for_fact,
    repair_unit,
    state_case,
)
from trust_units.actions.reviews import (
    admit_declaration,
    give_association_opinion,
    record_visit,
    refuse_declaration,
    return_declaration,
    review_business,
    review_general,
    screen_declaration,
)
from trust_units.actions.slips import (
    acknowledge_slip,
    close_slip,
    extend_slip,
    lapse_slip,
    submit_evidence,
    verify_slip,
)

__all__ = [
    "accept_rectified",
    "acknowledge_slip",
    "admit_declaration",
    "answer_criterion",
    "answer_objection",
    "appeal_removal",
    "apply_no_disturb",
    "ask_for_person",
    "assign_check",
    "clear_fact",
    "close_slip",
    "confirm_evaluation",
    "confirm_evaluations",
    "confirm_removal",
    "count_coverage",
    "decide_appeal",
    "decide_criteria",
    "decide_no_disturb",
    "declare",
    "draft_criteria",
    "draw_day",
    "drop_removal",
    "enter_selection",
    "evaluate_year",
    "extend_slip",
    "give_association_opinion",
    "grant_after_publicity",
    "grant_unit",
    "lapse_slip",
    "note_fact",
    "object_to",
    "plan_week",
    "promise",
    "propose_removal",
    "publish_check",
    "publish_list",
    "publish_open_data",
    "record_check",
    "record_visit",
    "refresh_facts",
    "refuse_declaration",
    "remove_for_fact",
    "renew_unit",
    "repair_unit",
    "restore_unit",
    "return_declaration",
    "review_business",
    "review_general",
    "screen_declaration",
    "star_unit",
    "start_campaign",
    "start_declaration",
    "state_case",
    "submit_evidence",
    "suspend_disturbed",
    "sweep_check",
    "verify_slip",
    "visits_saved",
    "warn_unit",
    "withdraw_declaration",
]
