"""Addresses of the API of trust units."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from trust_units.api.checks import Draws, FeedbackSlips, Marks, Removals, SpotChecks
from trust_units.api.declarations import Declarations, PublishedDeclarations, TrustUnits
from trust_units.api.search import UnitSearch, UnitSuggest

router = SimpleRouter(trailing_slash=False)
router.register("declarations", Declarations, basename="declaration")
router.register("declarations-published", PublishedDeclarations, basename="declaration-published")
router.register("trust-units", TrustUnits, basename="trust-unit")
router.register("draws", Draws, basename="draw")
router.register("removals", Removals, basename="removal")
router.register("marks", Marks, basename="mark")
router.register("spot-checks", SpotChecks, basename="spot-check")
router.register("feedback-slips", FeedbackSlips, basename="feedback-slip")
urlpatterns = [
    path("units", UnitSearch.as_view(), name="units"),
    path("units/suggest", UnitSuggest.as_view(), name="unit_suggest"),
    *router.urls,
]
