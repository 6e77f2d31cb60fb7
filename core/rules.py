"""Who may do what with the shared machinery."""

import rules

from core.models import Role
from core.models.people import OFFICERS
from core.permissions import has_role, is_person

is_keeper = has_role(Role.SYSADMIN)
sees_machinery = has_role(Role.SYSADMIN, Role.AUDITOR)

rules.add_perm("core.view_operations", sees_machinery)
rules.add_perm("core.replay_outboxevent", is_keeper)
rules.add_perm("core.run_job", is_keeper)
rules.add_perm("core.delegate_user", is_person)
rules.add_perm("core.search_phone", has_role(*OFFICERS))
