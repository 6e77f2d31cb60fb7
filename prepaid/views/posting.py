"""What every form of the pages shares: done once per form, and refusals shown on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.forms import Form
from django.http import HttpRequest

from core.actors import Actor
from core.api.once import principal_of
from core.errors import Invalid, PortalError
from core.idempotency import fingerprint, once

UNSTABLE = ("csrfmiddlewaretoken", "key")


def fresh_key() -> str:
    """A key for one form: sent twice, it acts once."""
    return str(uuid4())


def act_once(request: HttpRequest, work: Callable[[Actor], int]) -> int:
    """Do ``work(by) -> id`` once for the form's key, in a transaction of its own; a repeat returns the first id.

    Raises Invalid for a form without a key, and whatever ``work`` raises (then nothing was done).
    """
    key = request.POST.get("key", "")
    if not 8 <= len(key) <= 64 or not key.isascii():
        raise Invalid("页面已经过期，请返回刷新后再提交")
    by = Actor.of(request)
    body = {name: values for name, values in request.POST.lists() if name not in UNSTABLE}
    print_ = fingerprint("POST", request.path, body)
    return int(once(principal_of(by), key, print_, lambda: (200, work(by))).reference)


def show_on(form: Form, error: PortalError) -> None:
    """Put a refusal on the form, at its field where it has one, so that nothing typed is lost."""
    for name, text in error.fields.items():
        form.add_error(name if name in form.fields else None, text)
    if not error.fields:
        form.add_error(None, error.message)


def try_once(request: HttpRequest, form: Form, work: Callable[[Actor], int]) -> int | None:
    """``act_once`` for a form: the id, or None when the refusal now stands on the form."""
    try:
        return act_once(request, work)
    except PortalError as error:
        if error.status in (401, 403, 404):
            raise
        show_on(form, error)
        return None


def page_number(text: str | None) -> int | None:
    """A cursor from the address; anything else is the first page."""
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def opened_status(form: Any) -> int:
    """400 for a form that came back with errors."""
    return 400 if form is not None and form.errors else 200
