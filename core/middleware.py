"""What surrounds each request: its number, and errors turned into pages or problem documents."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core.api.problems import problem_response
from core.errors import Invalid, PortalError
from core.identifiers import is_storable

Handler = Callable[[HttpRequest], HttpResponse]


class RequestMiddleware:
    """Gives each request a number for audit and logs, and refuses characters PostgreSQL cannot hold."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        if not all(map(is_storable, (request.path, *_parameters(request)))):
            response = answer(request, Invalid("内容里有无法保存的字符，请删去后重试"))
        else:
            response = self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        response["Permissions-Policy"] = "camera=(self), geolocation=(self), microphone=(), payment=()"
        return response


class SignInMiddleware(LoginRequiredMiddleware):
    """Asks who is there only where one must sign in: a public answer reads no session and does not vary with it."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Send people who must sign in to the sign-in page."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class PortalErrorMiddleware:
    """Turns our own errors into an answer: a page for people, problem+json for the API."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a PortalError that a view let through."""
        return answer(request, exception) if isinstance(exception, PortalError) else None


def answer(request: HttpRequest, error: PortalError) -> HttpResponse:
    """The answer to ``error`` in the caller's form."""
    if request.path.startswith("/api/"):
        return problem_response(error, getattr(request, "request_id", ""))
    return render(request, "errors/portal_error.html", {"error": error}, status=error.status)


def _parameters(request: HttpRequest) -> list[str]:
    """Query parameters, and form fields where the body is a form (JSON is checked by its parser)."""
    found = [text for pair in request.GET.lists() for text in (pair[0], *pair[1])]
    if request.method == "POST" and "form" in (request.content_type or ""):
        found += [text for pair in request.POST.lists() for text in (pair[0], *pair[1])]
    return found
