"""Calls go down, news goes up: the whole wiring of our signals is the table in docs/architecture.md."""

import re
from pathlib import Path

from django.conf import settings
from django.dispatch import Signal

import complaints.signals
import merchants.signals
import prepaid.signals

MODULES = {"merchants": merchants.signals, "prepaid": prepaid.signals, "complaints": complaints.signals}


def wired() -> dict[str, list[str]]:
    """Each signal of ours with who listens."""
    table = {}
    for app, module in MODULES.items():
        for name, signal in vars(module).items():
            if isinstance(signal, Signal):
                table[f"{app}.{name}"] = sorted(str(key[0]) for key, *_ in signal.receivers)
    return table


def test_the_table_in_the_docs_is_the_wiring() -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+\.\w+)` \| ([^|]*) \|", text.split("## Signals")[1].split("\n## ")[0], re.MULTILINE)
    documented = {name: sorted(part.strip(" `") for part in who.split(",") if part.strip(" `—")) for name, who in rows}
    assert documented == wired()
