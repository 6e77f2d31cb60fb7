"""Addresses of figures, reference data and the machinery."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from portal.api import calculator, rules, views

router = SimpleRouter(trailing_slash=False)
router.register("regions", views.Regions, basename="region")
router.register("industries", views.Industries, basename="industry")
router.register("audit", views.AuditTrail, basename="audit")
router.register("jobs", views.Jobs, basename="job")
router.register("outbox", views.Outbox, basename="outbox")
urlpatterns = [
    path("overview", views.Overview.as_view({"get": "retrieve"}), name="overview"),
    path("refund-calculator", calculator.Calculator.as_view({"get": "retrieve"}), name="refund_calculator"),
    path("rules", rules.Rules.as_view({"get": "list"}), name="rules"),
    *router.urls,
]
