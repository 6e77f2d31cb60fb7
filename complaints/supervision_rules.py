"""Who may do what with cases, forms, supervision notices, interviews, warnings and typical cases."""

from typing import Any

import rules

from complaints.models import ExtensionRequest, IssuedDocument, SupervisionNotice
from complaints.rules import HEADS, answers_for, is_no_party
from core.actors import Actor
from core.models import Role
from core.models.people import OFFICERS, WATCHERS
from core.permissions import has_role, is_system
from merchants.rules import in_region_of, owns, works_for

# A notice comes from above: heads of the bureau, the province, the discipline office.
ISSUERS = (*HEADS, Role.PROVINCE, Role.DISCIPLINE)


@rules.predicate
def is_another_than_asker(by: Actor, obj: ExtensionRequest) -> bool:
    """Who approves an extension is not who asked for it."""
    return bool(by.user and by.user.pk != obj.asked_by_id)


@rules.predicate
def is_another_than_drafter(by: Actor, obj: Any) -> bool:
    """Who approves a text is not who drafted it."""
    return bool(by.user and by.user.pk != obj.drafted_by_id)


@rules.predicate
def is_target(by: Actor, obj: SupervisionNotice) -> bool:
    """The shop's boss, or an officer of the department, to whom the notice is."""
    if by.user is None or not by.user.is_authenticated:
        return False
    if obj.merchant_id is not None:
        return bool(owns.test(by, obj))
    access = by.user.access
    return obj.department in access.departments and access.covers(obj.region.path, Role.DEPARTMENT_OFFICER)


@rules.predicate
def reads_as_target(by: Actor, obj: SupervisionNotice) -> bool:
    """Anybody of the shop, or the department."""
    return bool(is_target.test(by, obj) or (obj.merchant_id is not None and works_for.test(by, obj)))


@rules.predicate
def put_nothing_right(by: Actor, obj: SupervisionNotice) -> bool:
    """Who verifies is neither who reported nor who put an item right."""
    if by.user is None or obj.reported_by_id == by.user.pk:
        return False
    return obj.pk is None or not obj.items.filter(fixed_by=by.user).exists()


@rules.predicate
def is_addressee(by: Actor, obj: IssuedDocument) -> bool:
    """To whom the form was written: ``visible_to`` knows no other reader who is not an officer."""
    if by.user is None or not by.user.is_authenticated or obj.complaint is None:
        return False
    complainant = obj.complaint.complainant.user_id == by.user.pk
    return complainant or (obj.complaint.merchant_id is not None and works_for.test(by, obj.complaint))


@rules.predicate
def answers_for_case(by: Actor, obj: IssuedDocument) -> bool:
    """An officer of the place, in no matter of their own."""
    return bool((answers_for(*OFFICERS, Role.DISPATCHER) & is_no_party).test(by, obj.subject))


rules.add_perm("complaints.approve_extension", answers_for(*HEADS) & is_no_party & is_another_than_asker)
# The button on a report's page; the request itself is asked once more, for who made it.
rules.add_perm("complaints.sign_report", answers_for(*HEADS) & is_no_party)
rules.add_perm("complaints.view_enforcementcase", is_system | answers_for(*WATCHERS))

rules.add_perm("complaints.issue_document", answers_for(*OFFICERS) & is_no_party)
rules.add_perm("complaints.print_document", is_addressee | answers_for_case)

rules.add_perm("complaints.issue_notice", answers_for(*ISSUERS) & is_no_party)
rules.add_perm("complaints.issue_notices", has_role(*ISSUERS))
# The buttons on a merchant's dossier.
rules.add_perm("complaints.issue_notice_to_merchant", in_region_of(*ISSUERS) & ~works_for)
rules.add_perm("complaints.call_interview", in_region_of(*OFFICERS) & ~works_for)
rules.add_perm("complaints.answer_notice", is_target)
rules.add_perm("complaints.verify_notice", answers_for(*ISSUERS, *OFFICERS) & is_no_party & put_nothing_right)
rules.add_perm("complaints.sweep_notices", is_system)
rules.add_perm("complaints.view_notice", is_system | reads_as_target | answers_for(*WATCHERS))

rules.add_perm("complaints.hold_interview", answers_for(*OFFICERS) & is_no_party)
rules.add_perm("complaints.draft_publication", answers_for(*OFFICERS) & is_no_party)
rules.add_perm("complaints.approve_publication", answers_for(*HEADS) & is_no_party & is_another_than_drafter)
rules.add_perm("complaints.publish_publication", answers_for(*OFFICERS) & is_no_party)
rules.add_perm("complaints.reply_warning", owns)
