"""Who may do what with the yearly post-evaluation and the no-disturb list."""

from __future__ import annotations

import rules

from complaints.rules import answers_for
from core.permissions import is_client, is_system
from merchants.rules import owns, works_for
from trust_units.rules import HEADS, over_unit

rules.add_perm("trust_units.evaluate", is_system)
rules.add_perm("trust_units.count_coverage", is_system)
rules.add_perm("trust_units.publish_open_data", is_system)
rules.add_perm("trust_units.confirm_evaluation", over_unit(*HEADS))
rules.add_perm("trust_units.apply_no_disturb", owns & ~is_client)
rules.add_perm("trust_units.decide_no_disturb", is_system | (answers_for(*HEADS) & ~works_for))
