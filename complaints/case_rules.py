"""Who may do what along the life of a complaint: mediation, settlement, malice, disclosure."""

from typing import Any

import rules

from complaints.rules import answers_for, complains, is_joined, is_no_party, is_respondent
from core.actors import Actor
from core.models import Role
from core.models.people import OFFICERS
from core.permissions import is_system
from merchants.rules import owns


def over(predicate: Any) -> Any:
    """The same question about the complaint an object belongs to."""

    @rules.predicate(f"over:{predicate.name}")
    def asked(by: Actor, obj: Any) -> bool:
        return bool(predicate.test(by, obj.complaint))

    return asked


@rules.predicate
def is_mediator_of(by: Actor, obj: Any) -> bool:
    """The people's mediator who was named, and still is one."""
    return bool(by.user and obj.mediator_id == by.user.pk and by.user.access.has(Role.MEDIATOR))


handles = answers_for(*OFFICERS) & is_no_party
is_boss_of = is_respondent & owns
officer_of = over(answers_for(*OFFICERS)) & over(is_no_party)

rules.add_perm("complaints.reopen_complaint", complains)
rules.add_perm("complaints.note_contact", answers_for(Role.DISPATCHER, *OFFICERS) & is_no_party)
rules.add_perm("complaints.consent_to_mediation", complains | is_respondent | handles)
rules.add_perm("complaints.consent_mediation", over(complains) | over(is_respondent) | officer_of)
rules.add_perm("complaints.mediate_assignment", is_mediator_of & over(is_no_party))
rules.add_perm("complaints.confirm_assignment", officer_of)
rules.add_perm("complaints.end_mediation", is_system | handles)
rules.add_perm("complaints.flag_malice", is_boss_of)
rules.add_perm("complaints.judge_malice", officer_of)
rules.add_perm("complaints.add_evidence", is_joined)
rules.add_perm("complaints.view_hints", handles)
rules.add_perm("complaints.publish_disclosure", is_system)
rules.add_perm("complaints.object_disclosure", over(complains) | over(is_boss_of))
rules.add_perm("complaints.reply_to_disclosure", over(is_boss_of))
rules.add_perm("complaints.judge_disclosure", officer_of)
