"""Static files, collected once for each set of them."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

STAMP = ".collected"
# The API pages use Swagger only.
UNUSED = ["redoc"]


def static_fingerprint() -> str:
    """Names, sizes and times of every static file: the same means that nothing needs collecting."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(UNUSED):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


class Command(BaseCommand):
    """Needs no database, so that the launcher runs it while PostgreSQL starts."""

    help = "Collect static files when any changed since the last time."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        stamp = Path(settings.STATIC_ROOT) / STAMP
        fingerprint = static_fingerprint()
        if stamp.exists() and stamp.read_text() == fingerprint:
            return
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED)
        stamp.write_text(fingerprint)
