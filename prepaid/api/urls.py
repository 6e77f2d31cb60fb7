"""Addresses of the API of prepaid money."""

from rest_framework.routers import SimpleRouter

from prepaid.api import cases, views

router = SimpleRouter(trailing_slash=False)
router.register("plans", views.Plans, basename="plan")
router.register("prices", views.Prices, basename="price")
router.register("contracts", views.Contracts, basename="contract")
router.register("payments", views.Payments, basename="payment")
router.register("visits", cases.Visits, basename="visit")
router.register("refunds", cases.Refunds, basename="refund")
router.register("freezes", cases.Freezes, basename="freeze")
urlpatterns = router.urls
