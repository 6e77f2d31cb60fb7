"""Everything between an empty data directory and a portal worth opening, in one process."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
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
    help = "Migrate as the owner, load reference data, seed an empty database, collect static files."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--empty", action="store_true", help="no demo data")
        parser.add_argument("--no-static", action="store_true", help="leave static files alone")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", database="owner", interactive=False, verbosity=options["verbosity"])
        call_command("load_reference", database="owner", verbosity=options["verbosity"])
        if not options["empty"] and not get_user_model().objects.exists():
            call_command("seed_demo", verbosity=options["verbosity"])
        if not options["no_static"]:
            self.collect_static()

    def collect_static(self) -> None:
        """Collect when any file changed since the last time."""
        stamp = Path(settings.STATIC_ROOT) / STAMP
        fingerprint = static_fingerprint()
        if stamp.exists() and stamp.read_text() == fingerprint:
            return
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED)
        stamp.write_text(fingerprint)
