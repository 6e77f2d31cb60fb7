"""Every address of the portal, read from the resolver: nobody can forget to list one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """One method of one address, as ``GET /api/v1/contracts/{code}``."""

    method: str
    path: str
    view: Callable[..., Any]

    @property
    def name(self) -> str:
        """How the matrix names it."""
        return f"{self.method} {self.path}"

    @property
    def holes(self) -> list[str]:
        """Names of the parameters in the address."""
        return re.findall(r"{(\w+)}", self.path)


def routes() -> list[Route]:
    """All of them, in a stable order."""
    found = {
        (method, path): Route(method, path, view)
        for path, view in _patterns(get_resolver().url_patterns, "/")
        for method in _methods(view)
    }
    return [found[key] for key in sorted(found, key=lambda key: (key[1], key[0]))]


def _patterns(patterns: list[Any], before: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    for entry in patterns:
        path = before + _plain(str(entry.pattern))
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def _plain(pattern: str) -> str:
    """A route or regular expression with ``{name}`` for each parameter."""
    text = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", re.sub(r"\(\?P<(\w+)>[^()]*\)", r"{\1}", pattern))
    return re.sub(r"[\^$]|\\Z", "", text).replace("\\.", ".").replace("/?", "").replace("\\/", "/")


def _methods(view: Callable[..., Any]) -> list[str]:
    """What a view answers to: its decorator says, or its class; GET and POST when nothing limits it."""
    actions = getattr(view, "actions", None)
    if actions:
        return [method.upper() for method in actions if method != "head"]
    shape = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if shape:
        return [m.upper() for m in shape.http_method_names if hasattr(shape, m) and m not in ("head", "options")]
    limited = _limit(view)
    return [method for method in limited or ("GET", "POST") if method != "HEAD"]


def _limit(view: Any) -> list[str] | None:
    """The methods named by ``require_GET`` and its like, found in the decorators' closures."""
    while view is not None:
        code = getattr(view, "__code__", None)
        cells = dict(zip(code.co_freevars, view.__closure__ or (), strict=True)) if code else {}
        if "request_method_list" in cells:
            return list(cells["request_method_list"].cell_contents)
        view = getattr(view, "__wrapped__", None)
    return None
