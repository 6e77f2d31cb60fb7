"""Who may do what at the desk where things come in: spreadsheets, merging, the telephone, replies."""

import rules

from complaints.rules import HEADS, answers_for, is_no_party
from core.models import Role
from core.models.people import OFFICERS, WATCHERS
from core.permissions import has_role, is_client, is_system

DESK = (Role.DISPATCHER, *OFFICERS)

rules.add_perm("complaints.import_orders", ~is_client & has_role(*DESK))
rules.add_perm("complaints.import_orders_here", answers_for(*DESK))
rules.add_perm("complaints.read_order_import", is_system)

rules.add_perm("complaints.merge_complaint", answers_for(*DESK) & is_no_party)
rules.add_perm("complaints.export_replies", ~is_client & has_role(*DESK))

rules.add_perm("complaints.read_templates", ~is_client & has_role(*WATCHERS))
rules.add_perm("complaints.keep_template", ~is_client & has_role(*HEADS))

rules.add_perm("complaints.answer_calls", ~is_client & has_role(*DESK))
rules.add_perm("complaints.handle_call", ~is_client & answers_for(*DESK))
rules.add_perm("complaints.mark_abuse", ~is_client & answers_for(*DESK) & is_no_party)
