"""Everything between an empty data directory and a portal worth opening, in one process."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand


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
            call_command("collect_static")
