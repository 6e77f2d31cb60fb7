"""Finishing touches on the OpenAPI schema."""

from typing import Any

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
UNSAFE = {"409": "状态冲突或金额不够", "415": "请求体类型", "422": "幂等键用于不同内容", "503": "系统繁忙"}


def document_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation may answer with a problem document; say so once for all of them."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in result["paths"].values():
        for method, operation in path.items():
            if not isinstance(operation, dict):
                continue
            codes = SAFE if method == "get" else SAFE | UNSAFE
            for code, text in codes.items():
                operation["responses"].setdefault(code, {"description": text, "content": content})
    return result
