"""Addresses of the API of complaints."""

from rest_framework.routers import SimpleRouter

from complaints.api import (
    cases,
    delegations,
    figures,
    incidents,
    intakes,
    interviews,
    judgements,
    reports,
    supervision,
    ways,
)

router = SimpleRouter(trailing_slash=False)
router.register("intakes", intakes.Intakes, basename="intake")
router.register("complaints", cases.Complaints, basename="complaint")
router.register("delegations", delegations.Delegations, basename="delegation")
router.register("malice-flags", judgements.MaliceFlags, basename="malice-flag")
router.register("disclosures", judgements.Disclosures, basename="disclosure")
router.register("interviews", interviews.Interviews, basename="interview")
router.register("reports", reports.Reports, basename="report")
router.register("my-reports", reports.MyReports, basename="my-report")
router.register("supervision-notices", supervision.SupervisionNotices, basename="supervision-notice")
router.register("warnings", supervision.Warnings, basename="warning")
router.register("shop-warnings", supervision.ShopWarnings, basename="shop-warning")
router.register("complaint-kpis", figures.Kpis, basename="complaint-kpi")
router.register("lateness", figures.LatenessList, basename="lateness")
router.register("complaint-records", figures.ComplaintRecords, basename="complaint-record")
router.register("incidents", incidents.Incidents, basename="incident")
router.register("incident-claims", incidents.IncidentClaims, basename="incident-claim")
router.register("proactive-tasks", incidents.ProactiveTasks, basename="proactive-task")
router.register("whistles", ways.Whistles, basename="whistle")
router.register("whistle-calls", ways.WhistleCalls, basename="whistle-call")
router.register("mall-tickets", ways.MallTickets, basename="mall-ticket")
router.register("odr-enrolments", ways.OdrEnrolments, basename="odr-enrolment")
router.register("agenda-packs", ways.AgendaPacks, basename="agenda-pack")
router.register("monthly-topics", ways.MonthlyTopics, basename="monthly-topic")
urlpatterns = router.urls
