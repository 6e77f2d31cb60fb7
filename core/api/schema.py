"""The OpenAPI schema's finishing touches, and the page that shows it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.contrib.django_oauth_toolkit import DjangoOAuthToolkitScheme
from drf_spectacular.views import SpectacularSwaggerSplitView

from core.api.permissions import scope_of

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "稳定的错误代码，见 docs/api.md"},
        "detail": {"type": "string", "description": "给人看的中文说明"},
        "request_id": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
SAFE = {"400": "参数有误", "401": "未登录", "403": "无权限", "404": "没有找到", "429": "太频繁"}
UNSAFE = {
    "409": "状态冲突或金额不够",
    "415": "请求体类型",
    "422": "幂等键用于不同内容",
    "502": "存管银行没有受理",
    "503": "系统繁忙，稍后用同一个幂等键重试",
}


class ClientScheme(DjangoOAuthToolkitScheme):
    """Each operation names the scope it asks of an API client."""

    target_class = "core.api.authentication.ClientAuthentication"
    priority = 1

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:
        """One scope, the one the permission checks."""
        return {self.name: [scope_of(auto_schema.view, auto_schema.method)]}


class Documentation(SpectacularSwaggerSplitView):
    """``/api/docs/``: page and start-up script are two answers, so that no script stands inline (CSP)."""

    template_name = "portal/api_docs.html"
    authentication_classes = []


def document_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation may answer with a problem document; each is written once and referred to."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {
        f"Problem{code}": {"description": text, "content": content} for code, text in (SAFE | UNSAFE).items()
    }
    for path in result["paths"].values():
        for method, operation in path.items():
            for code in SAFE if method == "get" else SAFE | UNSAFE:
                operation["responses"].setdefault(code, {"$ref": f"#/components/responses/Problem{code}"})
            _close_bodies(operation, components["schemas"])
    return result


def _close_bodies(operation: dict[str, Any], shapes: dict[str, Any]) -> None:
    """Unknown fields are refused, so the schema of each body says so."""
    for body in operation.get("requestBody", {}).get("content", {}).values():
        name = body["schema"].get("$ref", "").rpartition("/")[2]
        if name:
            shapes[name]["additionalProperties"] = False
