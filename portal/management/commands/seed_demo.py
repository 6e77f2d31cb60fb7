"""``manage.py seed_demo``: the demo district into an empty database, in one transaction."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from core.models import Region, User
from merchants.models import Merchant
from portal.demo.bank_history import tell_bank
from portal.demo.district import seed
from portal.demo.names import DISTRICT
from portal.demo.people import CAST


class Command(BaseCommand):
    help = "在空的数据库里建立示范区：428 家公示商家，锁定资金 31,061,000.00 元"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the sample sign-ins go."""
        parser.add_argument("--logins", type=Path, help="示例账号写到这个文件（默认在数据目录）")

    def handle(self, *args: Any, verbosity: int, logins: Path | None, **options: Any) -> None:
        """Seed all or nothing, then write the sample sign-ins for the launcher to print."""
        _refuse()
        with transaction.atomic(), connection.cursor() as cursor:
            # One long transaction on purpose: a killed seeding leaves an empty database, not half a district.
            cursor.execute("SET LOCAL transaction_timeout = 0")
            seed(self.stdout.write if verbosity else lambda line: None)
            # The outbox rows wait for the dispatcher, which starts later: no bell needs to be rung for them.
            connection.run_on_commit.clear()
        folder = Path(os.environ.get("YFS_DATA") or Path(settings.MEDIA_ROOT).parent)
        logins = logins or folder / "sample_logins.json"
        _write(logins)
        tell_bank(logins.with_name("sandbox.sqlite3"))


def _refuse() -> None:
    if settings.IS_PROD:
        raise CommandError("演示数据的口令是公开的，不能放进正式环境")
    if User.objects.exists() or Merchant.objects.exists():
        raise CommandError("数据库里已经有数据：演示数据只能放进空的数据库，请换一个数据目录（./run up --data 目录）")
    if not Region.objects.filter(pk=DISTRICT).exists():
        raise CommandError("还没有基础数据：请先运行 manage.py load_reference --database owner")


def _write(path: Path) -> None:
    """Readable by their owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps([part.login() for part in CAST], ensure_ascii=False, indent=1) + "\n")
