"""Who may do what when a shop goes over to somebody else."""

import rules

from merchants.rules import in_region_of, owns, works_for
from prepaid.rules import FREEZERS

rules.add_perm("prepaid.declare_succession", owns)
rules.add_perm("prepaid.settle_succession", in_region_of(*FREEZERS) & ~works_for)
