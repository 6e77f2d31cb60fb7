"""Writes docs/lifecycles.md from the tables in the code."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.lifecycle import REGISTRY, markdown


class Command(BaseCommand):
    """./run manage lifecycles"""

    help = "由代码里的状态表生成 docs/lifecycles.md"

    def handle(self, *args: Any, **options: Any) -> None:
        page = Path(settings.BASE_DIR) / "docs" / "lifecycles.md"
        page.write_text(markdown(REGISTRY.values()), encoding="utf-8")
        self.stdout.write(str(page))
