"""Addresses of the API of complaints."""

from rest_framework.routers import SimpleRouter

from complaints.api import cases, intakes, reports, supervision

router = SimpleRouter(trailing_slash=False)
router.register("intakes", intakes.Intakes, basename="intake")
router.register("complaints", cases.Complaints, basename="complaint")
router.register("reports", reports.Reports, basename="report")
router.register("my-reports", reports.MyReports, basename="my-report")
router.register("supervision-notices", supervision.SupervisionNotices, basename="supervision-notice")
router.register("warnings", supervision.Warnings, basename="warning")
router.register("shop-warnings", supervision.ShopWarnings, basename="shop-warning")
urlpatterns = router.urls
