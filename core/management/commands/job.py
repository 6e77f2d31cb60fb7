"""Runs one daily job by hand."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import jobs
from core.calendar import business_date
from core.errors import PortalError


class Command(BaseCommand):
    """./run manage job prepaid.period_release --date 2026-03-01"""

    help = "运行某一业务日的每日任务；演示环境可以运行未来的日期"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="任务名，如 prepaid.period_release")
        parser.add_argument("--date", type=date.fromisoformat, help="业务日 YYYY-MM-DD，默认今天")

    def handle(self, *args: Any, **options: Any) -> None:
        on = options["date"] or business_date()
        try:
            results = jobs.run_day(options["name"], on, allow_future=settings.DEPLOY != "prod")
        except PortalError as error:
            raise CommandError(error.message) from error
        for shard, result in enumerate(results):
            self.stdout.write(f"{options['name']} {on} #{shard}: {result}")
