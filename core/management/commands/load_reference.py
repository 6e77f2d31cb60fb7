"""``manage.py load_reference``: regions, industries, calendar and rule packs, as shipped."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS, connections

from core.reference import load_reference

LABELS = {
    "regions": "行政区划",
    "industries": "行业",
    "calendar": "工作日历",
    "packs": "规则包",
    "rules": "规则",
    "rates": "利率",
}


class Command(BaseCommand):
    """Brings the reference tables up to the shipped files; a second run changes nothing."""

    help = "装入行政区划、行业、工作日历和规则包（可重复执行）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """``--database`` chooses the connection, as in migrate."""
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many rows changed."""
        began = time.monotonic()
        changed = load_reference(connections[options["database"]])
        figures = "，".join(f"{LABELS[name]} {rows}" for name, rows in changed.items())
        if options["verbosity"]:
            self.stdout.write(f"基础数据已更新：{figures}（{time.monotonic() - began:.1f} 秒）")
