"""Errors as application/problem+json (RFC 9457) with stable codes."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from core.errors import Invalid, NotAllowed, NotFound, NotSignedIn, PortalError, TooMany

RETRY_AFTER = 2
CSRF_REFUSED = "CSRF Failed"
BASE = "https://docs.anxinyufu.example/errors/"


def document(error: PortalError, request_id: str) -> dict[str, Any]:
    """The problem document of ``error``."""
    body: dict[str, Any] = {
        "type": f"{BASE}{error.code}",
        "title": type(error).message,
        "status": error.status,
        "code": error.code,
        "detail": error.message,
        "request_id": request_id,
    }
    if error.fields:
        body["errors"] = error.fields
    return body


def problem_response(error: PortalError, request_id: str) -> HttpResponse:
    """The problem as a plain Django response (outside the REST framework)."""
    response = JsonResponse(
        document(error, request_id),
        status=error.status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )
    if error.status in (429, 503):
        response["Retry-After"] = str(error.retry_after if isinstance(error, TooMany) else RETRY_AFTER)
    if error.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="api"'
    return response


def exception_handler(exception: Exception, context: dict[str, Any]) -> Response | HttpResponse | None:
    """The REST framework's hook: every error leaves in our form."""
    request = context["request"]
    error = translate(exception)
    if error is None:
        return None
    return problem_response(error, getattr(request, "request_id", ""))


def translate(exception: Exception) -> PortalError | None:
    """The PortalError that says what ``exception`` means; None for a defect of ours."""
    match exception:
        case PortalError():
            return exception
        case Http404() | exceptions.NotFound():
            return NotFound()
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return NotSignedIn(str(exception.detail) if isinstance(exception, exceptions.AuthenticationFailed) else "")
        case PermissionDenied() | exceptions.PermissionDenied():
            return _forged() if CSRF_REFUSED in str(exception) else NotAllowed()
        case exceptions.Throttled():
            return TooMany(retry_after=int(getattr(exception, "wait", None) or 60))
        case exceptions.ValidationError():
            return Invalid(fields=_flat(exception.detail))
        case exceptions.MethodNotAllowed():
            return _coded("method_not_allowed", 405, "这个地址不支持这种请求方法")
        case exceptions.UnsupportedMediaType():
            return _coded("unsupported_media_type", 415, "请求体要用 application/json")
        case exceptions.NotAcceptable():
            return _coded("not_acceptable", 406, "本接口只返回 application/json")
        case exceptions.APIException():
            return _coded("malformed", exception.status_code, str(exception.detail))
    return None


def _forged() -> PortalError:
    return NotAllowed("请求没有带有效的 CSRF 令牌：请刷新页面，或改用 OAuth2 令牌", code="csrf_failed")


def _coded(code: str, status: int, message: str) -> PortalError:
    error = PortalError(message, code=code)
    error.status = status
    return error


def _flat(detail: Any, prefix: str = "") -> dict[str, str]:
    """The REST framework's nested errors as ``field.path`` to one sentence."""
    if isinstance(detail, dict):
        found: dict[str, str] = {}
        for name, value in detail.items():
            found |= _flat(value, f"{prefix}.{name}" if prefix else str(name))
        return found
    if isinstance(detail, list) and detail and isinstance(detail[0], (dict, list)):
        found = {}
        for number, value in enumerate(detail):
            found |= _flat(value, f"{prefix}.{number}")
        return found
    text = "；".join(str(item) for item in detail) if isinstance(detail, list) else str(detail)
    return {prefix or "body": text}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 for a request Django itself refuses: a problem for the API, the page for people."""
    return _for_api(request, Invalid()) or defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same for 403."""
    return _for_api(request, NotAllowed()) or defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same for an address that does not exist."""
    return _for_api(request, NotFound()) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """The same for a defect of ours."""
    defect = _coded("internal", 500, "系统出错了，已记录；请凭请求号联系平台")
    return _for_api(request, defect) or defaults.server_error(request)


def _for_api(request: HttpRequest, error: PortalError) -> HttpResponse | None:
    if not request.path.startswith("/api/"):
        return None
    return problem_response(error, getattr(request, "request_id", ""))
