"""Addresses of the merchant's console."""

from django.urls import URLPattern, path

from trust_units.views import console_checks, console_declarations, console_no_disturb

DECLARATION = "console/trust/declarations/<str:code>/"
urlpatterns: list[URLPattern] = [
    path("console/trust/", console_declarations.units, name="shop_units"),
    path("console/trust/no-disturb/", console_no_disturb.apply, name="shop_no_disturb"),
    path(DECLARATION, console_declarations.declaration, name="shop_declaration"),
    path(
        DECLARATION + "answers/<str:criterion>/",
        console_declarations.declaration_answer,
        name="shop_declaration_answer",
    ),
    path(DECLARATION + "<str:step>/", console_declarations.declaration_step, name="shop_declaration_step"),
    path("console/trust/checks/", console_checks.checks, name="shop_checks"),
    path("console/trust/slips/<str:code>/", console_checks.slip, name="shop_slip"),
    path("console/trust/slips/<str:code>/<str:step>/", console_checks.slip_step, name="shop_slip_step"),
    path("console/trust/removals/<int:pk>/", console_checks.removal, name="shop_removal"),
    path("console/trust/removals/<int:pk>/<str:step>/", console_checks.removal_step, name="shop_removal_step"),
    path("console/trust/plaque/<str:code>/", console_checks.plaque, name="plaque"),
]
