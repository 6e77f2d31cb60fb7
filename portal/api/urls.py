"""Addresses of figures, reference data and the machinery."""

from rest_framework.routers import SimpleRouter

from portal.api import views

router = SimpleRouter(trailing_slash=False)
router.register("overview", views.Overview, basename="overview")
router.register("regions", views.Regions, basename="region")
router.register("industries", views.Industries, basename="industry")
router.register("audit", views.AuditTrail, basename="audit")
router.register("jobs", views.Jobs, basename="job")
router.register("outbox", views.Outbox, basename="outbox")
urlpatterns = router.urls
