"""How the tests of the regulators' pages read a page and press a button."""

import re
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from core.models import User

SignIn = Callable[[User], Client]


def text_of(response: Any) -> str:
    """The page as people read it, without tags and extra space."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def change_url(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def act_url(row: Any, name: str) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_act", args=[row.pk, name])


def press(client: Client, row: Any, name: str, **data: Any) -> Any:
    """Open the confirmation and send it."""
    page = client.get(act_url(row, name))
    key = re.search(r'name="key" value="([^"]+)"', page.content.decode())
    return client.post(act_url(row, name), {"key": key.group(1) if key else "no-key-given", **data})
