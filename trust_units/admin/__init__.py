"""Web admin of trust units."""

from trust_units.admin import checks, criteria, declarations, evaluations, no_disturb, objections, removals, slips

__all__ = ["checks", "criteria", "declarations", "evaluations", "no_disturb", "objections", "removals", "slips"]
