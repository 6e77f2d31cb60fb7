"""Who may do what with whistles, routed cases, mall tickets, ODR enrolments, agenda packs and monthly topics."""

from __future__ import annotations

from typing import Any

import rules

from complaints.case_rules import over
from complaints.departments import serves
from complaints.models import AgendaAction, MallTicket, OdrEnrolment
from complaints.models.matters import stands_for
from complaints.rules import HEADS, answers_for, is_no_party
from core.actors import Actor
from core.models import Role
from core.models.people import OFFICERS, WATCHERS
from core.permissions import has_role, is_client, is_person, is_system
from merchants.rules import manages, owns, works_for


@rules.predicate
def serves_department(by: Actor, obj: Any) -> bool:
    """An officer of the department that is asked, over the place of the case."""
    return serves(by, obj.department, obj.region.path)


@rules.predicate
def brought_ticket(by: Actor, obj: MallTicket) -> bool:
    """The customer whose trouble it is."""
    return bool(by.user and obj.consumer_id is not None and obj.consumer_id == by.user.pk)


@rules.predicate
def owns_action(by: Actor, obj: AgendaAction) -> bool:
    """The person named, or whoever stands in for them."""
    return obj.owner_id in stands_for(by)


# The shop's own people enrol it; whoever works there does not confirm it.
@rules.predicate
def shop_of(by: Actor, obj: OdrEnrolment) -> bool:
    """Anybody of the shop."""
    return bool(works_for.test(by, obj))


over_no_party = over(is_no_party)
officer_of_case = answers_for(*OFFICERS) & over_no_party

rules.add_perm("complaints.call_whistle", answers_for(*OFFICERS) & is_no_party)
# A whistle moves by itself when its departments have answered.
rules.add_perm("complaints.gather_whistle", is_system)
rules.add_perm("complaints.answer_whistle", serves_department)
rules.add_perm("complaints.keep_whistle", answers_for(*OFFICERS))
rules.add_perm("complaints.answer_referral", serves_department)
rules.add_perm("complaints.unmask_referral", serves_department)

rules.add_perm("complaints.open_mall_ticket", is_person & ~is_client)
rules.add_perm("complaints.send_mall_ticket", answers_for(*OFFICERS) & is_no_party)
rules.add_perm("complaints.answer_mall_ticket", manages)
rules.add_perm("complaints.end_mall_ticket", brought_ticket | (answers_for(*OFFICERS) & ~manages))
rules.add_perm("complaints.escalate_mall_ticket", is_system)

rules.add_perm("complaints.propose_odr_enrolment", is_system)
rules.add_perm("complaints.answer_odr_enrolment", owns)
rules.add_perm("complaints.confirm_odr_enrolment", answers_for(*OFFICERS) & ~shop_of)
rules.add_perm("complaints.suspend_odr_enrolment", is_system | (answers_for(*OFFICERS) & ~shop_of))

rules.add_perm("complaints.make_agenda", is_system)
rules.add_perm("complaints.keep_agenda", answers_for(*HEADS, Role.DISPATCHER))
rules.add_perm("complaints.do_agenda_action", owns_action)
rules.add_perm("complaints.nominate_topic", is_system | answers_for(*HEADS))
rules.add_perm("complaints.keep_topic", answers_for(*HEADS))

rules.add_perm("complaints.override_workload", answers_for(Role.LEADER, Role.CITY))
rules.add_perm("complaints.note_leave", is_system)
rules.add_perm("complaints.read_agenda", has_role(*WATCHERS))
