"""Addresses of the merchants' API."""

from rest_framework.routers import SimpleRouter

from merchants.api import views

router = SimpleRouter(trailing_slash=False)
router.register("merchants", views.PublicMerchants, basename="merchant")
router.register("registrations", views.Registrations, basename="registration")
router.register("reviews", views.Reviews, basename="review")
router.register("restrictions", views.Restrictions, basename="restriction")
urlpatterns = router.urls
