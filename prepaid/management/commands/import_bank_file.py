"""``manage.py import_bank_file FILE``: the custodian's daily file, by hand."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.actors import SYSTEM
from core.errors import PortalError
from core.transactions import durably
from prepaid import actions as prepaid
from prepaid.bank_files.shelf import shelve
from prepaid.models import BankFile


class Command(BaseCommand):
    """Reads CSV (UTF-8 or GBK) and camt.053; the form is told by the content."""

    help = "导入存管银行的日终文件（CSV 或 camt.053）；同一文件重复导入不会重复入账"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path, help="日终文件")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Keep the file, import it here and now, and say what came of it."""
        if not file.is_file():
            raise CommandError(f"没有这个文件：{file}")
        try:
            with file.open("rb") as source:
                shelved = shelve(lambda into: shutil.copyfileobj(source, into, 1 << 20))
            received = durably(lambda: prepaid.receive_bank_file(shelved, file.name, by=SYSTEM))
            if received.status == BankFile.Status.BOOKED:
                self.stdout.write(f"这个文件 {received.finished_at:%Y-%m-%d} 已经导入过，没有重复入账")
                return
            if received.status == BankFile.Status.REFUSED:
                durably(lambda: prepaid.retry_bank_file(received.pk, by=SYSTEM))
            done = prepaid.import_bank_file(received.pk, by=SYSTEM)
        except PortalError as error:
            raise CommandError(error.message) from error
        if done.status == BankFile.Status.REFUSED:
            raise CommandError(f"{file.name} 没有导入：{done.error}")
        open_count = done.waiting_lines().count()
        self.stdout.write(
            f"{file.name}：{done.on} 共 {done.line_count} 笔，先前已导入 {done.repeated_count} 笔，"
            f"待核对 {open_count} 笔"
        )
