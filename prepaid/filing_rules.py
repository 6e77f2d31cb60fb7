"""Who may do what with filings."""

import rules

from core.models import Role
from core.permissions import is_system
from merchants.rules import in_region_of, owns, works_for

FILING_OFFICERS = (
    Role.STATION_OFFICER,
    Role.COUNTY_REVIEWER_A,
    Role.COUNTY_REVIEWER_B,
    Role.LEADER,
    Role.CITY,
)

rules.add_perm("prepaid.decide_filing", is_system)
rules.add_perm("prepaid.change_filing", owns)
rules.add_perm("prepaid.accept_filing", in_region_of(*FILING_OFFICERS) & ~works_for)
rules.add_perm("prepaid.cancel_filing", owns | (in_region_of(*FILING_OFFICERS) & ~works_for))
