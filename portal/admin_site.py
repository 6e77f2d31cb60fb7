"""The regulators' site: stock Django admin, our look, our permissions."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from core.actors import Actor
from core.models import Membership
from core.models.people import REGIONAL_ROLES

# What an officer of another department may open: the inbox, what is asked of the department, the own password.
DEPARTMENT_PAGES = {
    "index", "login", "logout", "password_change", "password_change_done", "jsi18n", "department_inbox", "stored_file",
    "complaints_supervisionnotice_changelist", "complaints_supervisionnotice_change",
    "complaints_supervisionnotice_act", "complaints_supervisionnotice_history",
}  # fmt: skip
DEPARTMENT_MODELS = ("complaints_whistlecall_", "complaints_referral_")


class SupervisionAdminSite(AdminSite):
    """One site for every regulator; what each sees is cut by ``visible_to``."""

    site_header = "监管工作台"
    site_title = "监管工作台"
    index_title = "工作台"
    empty_value_display = "—"

    def has_permission(self, request: HttpRequest) -> bool:
        """Regulators and the keepers of the system; officers of other departments for what is asked of them."""
        user = request.user
        if not (user.is_authenticated and user.is_active and user.access.is_regulator):
            return False
        if not user.access.only_department:
            return True
        name = request.resolver_match.url_name or "" if request.resolver_match else ""
        return name in DEPARTMENT_PAGES or name.startswith(DEPARTMENT_MODELS)

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """By phone and password."""
        from portal.admin_views import OfficerSignInForm  # the site exists before the app registry is ready

        self.login_form = OfficerSignInForm
        return super().login(request, extra_context)

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only read-only pages; tables that other packages bring along have no place here."""
        from core.case_lists import ReadOnlyAdmin  # as above

        if admin_class is not None and issubclass(admin_class, ReadOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """The pages that are not one model's come first."""
        from complaints.admin import board, desk, queue, referrals, replies  # as above
        from complaints.views import calendar
        from portal import admin_money, admin_operations, admin_views
        from trust_units.admin import board as trust_board

        def page(address: str, view: Any, name: str) -> URLPattern:
            return path(address, self.admin_view(view), name=name)

        return [
            page("search/", admin_views.search, "search"),
            page("due/", admin_views.due, "due"),
            page("second/", admin_views.second, "second"),
            page("delegation/", admin_views.delegation, "delegation"),
            page("files/<int:file_id>/", admin_views.stored_file, "stored_file"),
            page("locked/", admin_money.locked_board, "locked_board"),
            page("locked.csv", admin_money.locked_csv, "locked_csv"),
            page("ledger/<int:account_id>/", admin_money.account_statement, "account_statement"),
            page("operations/", admin_operations.operations, "operations"),
            page("operations/replay/", admin_operations.replay, "operations_replay"),
            page("operations/run/", admin_operations.run_job, "operations_run"),
            page("complaints/inbox/", referrals.inbox, "department_inbox"),
            page("complaints/queue/", queue.queue, "complaints_queue"),
            page("complaints/assign/preview/", queue.preview, "complaints_preview"),
            page("complaints/assign/", queue.assign, "complaints_assign"),
            page("complaints/hand-over/", queue.hand_over, "complaints_hand_over"),
            page("complaints/desk/", desk.desk, "complaints_desk"),
            page("complaints/desk/<int:pk>/", desk.call, "complaints_call"),
            page("complaints/desk/<int:pk>/file/", desk.call_file, "complaints_call_file"),
            page("complaints/desk/<int:pk>/join/", desk.call_join, "complaints_call_join"),
            page("complaints/desk/<int:pk>/discard/", desk.call_discard, "complaints_call_discard"),
            page("complaints/replies/", replies.replies, "complaints_replies"),
            page("complaints/replies/export.csv", replies.export, "complaints_replies_export"),
            page("complaints/board/", board.board, "complaints_board"),
            page("complaints/board/export.csv", board.export, "complaints_board_export"),
            page("complaints/board/report/", board.report, "complaints_report"),
            page("complaints/calendar/", calendar.settings, "complaints_feed"),
            page("complaints/<str:kind>/<int:pk>/deadlines.ics", calendar.of_case, "complaints_deadlines"),
            page("trust/board/", trust_board.board, "trust_board"),
            page("trust/board/export.csv", trust_board.export, "trust_board_export"),
            *super().get_urls(),
        ]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The models of one app, for its own page; every other page has doors by matter (portal.doors)."""
        return super().get_app_list(request, app_label) if app_label else []

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the frame needs: who, of which office, and where to go, with counts."""
        context = super().each_context(request)
        if not context["has_permission"]:
            return context
        from portal import doors, workbench  # as above

        by = Actor.of(request)
        access = request.user.access  # type: ignore[union-attr]
        held: list[Membership] = access.memberships
        office = next((m for m in held if m.role in REGIONAL_ROLES), None)
        if access.only_department:
            person = {"officer_name": request.user.name, "officer_unit": _unit(office)}  # type: ignore[union-attr]
            return context | person | {"counts": {}, "nav_groups": doors.of_department(by)}
        counts = workbench.counts(by)
        return context | {
            "counts": counts,
            "nav_groups": doors.navigation(by, counts),
            "search_url": reverse("admin:search"),
            "global_query": request.GET.get("q", "") if request.path == reverse("admin:search") else "",
            "officer_name": request.user.name,  # type: ignore[union-attr]
            "officer_unit": _unit(office or next(iter(held), None)),
            "delegation_url": reverse("admin:delegation"),
        }

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The workbench: what is due, what waits for a second signature, and the district's figures."""
        from portal import workbench  # as above

        if request.user.is_authenticated and request.user.access.only_department:
            return redirect("admin:department_inbox")  # type: ignore[return-value]
        frame = self.each_context(request)
        context = {**frame, **workbench.index_context(request, frame.get("counts", {})), **(extra_context or {})}
        request.current_app = self.name
        return TemplateResponse(request, "admin/index.html", context)


def _unit(membership: Membership | None) -> str:
    """「示范区 区县业务审核」."""
    if membership is None:
        return ""
    place = f"{membership.region.name} " if membership.region else ""
    return f"{place}{membership.department or membership.get_role_display()}"
