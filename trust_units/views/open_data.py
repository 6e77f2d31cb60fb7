"""Open data: the files of the night to take along, with a tag that says whether they are new."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_GET

from trust_units.actions.open_data import FILES, REMOVAL_HEADS, UNIT_HEADS, folder

COLUMNS = {"units.csv.gz": UNIT_HEADS, "removals.csv.gz": REMOVAL_HEADS}


@login_not_required
@require_GET
def open_data(request: HttpRequest) -> HttpResponse:
    """What files there are, from when, with which columns."""
    found = []
    for name, title in FILES.items():
        path = folder() / name
        made: dict[str, Any] = {"name": name, "title": title, "columns": "、".join(COLUMNS[name])}
        if path.is_file():
            seen = path.stat()
            made |= {"kib": -(-seen.st_size // 1024), "made_at": datetime.fromtimestamp(seen.st_mtime, UTC)}
        found.append(made)
    return render(request, "trust_units/open_data.html", {"files": found})


def _tag(request: HttpRequest, name: str) -> str | None:
    path = folder() / name
    if name not in FILES or not path.is_file():
        return None
    seen = path.stat()
    return f'"{seen.st_mtime_ns:x}-{seen.st_size:x}"'


@login_not_required
@require_GET
@cache_control(public=True, no_cache=True)
@condition(etag_func=_tag)
def open_data_file(request: HttpRequest, name: str) -> FileResponse:
    """One file; 304 for who has it already. Raises Http404."""
    path = folder() / name
    if name not in FILES or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/gzip")
