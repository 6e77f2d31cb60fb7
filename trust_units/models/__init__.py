"""Rows of the registry of trust units."""

from trust_units.models.checks import CHECK_LIFECYCLE, Campaign, Cause, Mode, SpotCheck
from trust_units.models.coverage import CoverageRow
from trust_units.models.criteria import CRITERIA_LIFECYCLE, CriteriaSet
from trust_units.models.declarations import (
    DECLARATION_LIFECYCLE,
    Answer,
    Declaration,
    Objection,
    Opinion,
    SitePhoto,
    SiteVisit,
)
from trust_units.models.draws import Draw, DrawList, PlanShard, WeeklyPlan
from trust_units.models.evaluations import EVALUATION_LIFECYCLE, Outcome, PostEvaluation
from trust_units.models.facts import HARD_FACTS, FactKind, SupervisionFact
from trust_units.models.no_disturb import NO_DISTURB_LIFECYCLE, NoDisturbEntry
from trust_units.models.removals import REMOVAL_LIFECYCLE, Removal
from trust_units.models.search import UnitSearch, UnitViewCount
from trust_units.models.slips import SLIP_LIFECYCLE, FeedbackSlip, SlipPhoto
from trust_units.models.units import PUBLIC, TRUSTED, UNIT_LIFECYCLE, PoolStay, TrustUnit, UnitType

__all__ = [
    "CHECK_LIFECYCLE",
    "CRITERIA_LIFECYCLE",
    "DECLARATION_LIFECYCLE",
    "EVALUATION_LIFECYCLE",
    "HARD_FACTS",
    "NO_DISTURB_LIFECYCLE",
    "PUBLIC",
    "REMOVAL_LIFECYCLE",
    "SLIP_LIFECYCLE",
    "TRUSTED",
    "UNIT_LIFECYCLE",
    "Answer",
    "Campaign",
    "Cause",
    "CoverageRow",
    "CriteriaSet",
    "Declaration",
    "Draw",
    "DrawList",
    "FactKind",
    "FeedbackSlip",
    "Mode",
    "NoDisturbEntry",
    "Objection",
    "Opinion",
    "Outcome",
    "PlanShard",
    "PoolStay",
    "PostEvaluation",
    "Removal",
    "SitePhoto",
    "SiteVisit",
    "SlipPhoto",
    "SpotCheck",
    "SupervisionFact",
    "TrustUnit",
    "UnitSearch",
    "UnitType",
    "UnitViewCount",
    "WeeklyPlan",
]
