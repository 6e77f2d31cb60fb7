"""Who may count, close and read the figures of the desk, and what its words in the audit are."""

import rules

from core.case_panels import FACT_WORDS, VERB_WORDS
from core.models.people import WATCHERS
from core.permissions import has_role, is_client, is_system

rules.add_perm("complaints.count_figures", is_system)
rules.add_perm("complaints.close_month", is_system)
rules.add_perm("complaints.read_figures", is_system | (~is_client & has_role(*WATCHERS)))

VERB_WORDS["figures.close"] = "月结，统计不再改动"
FACT_WORDS.update({"month": "月份", "digest": "校验值"})
