"""``manage.py verify_seals``: recompute every sealed day from the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from prepaid import day_trees
from prepaid.models import Seal


class Command(BaseCommand):
    """Ends with an error and a line for each problem when a movement, a seal or a signature was changed."""

    help = "用账本逐日重算默克尔根，核对封账、前后相连和签名；有不符的逐行列出"

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, of one moment."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SET LOCAL statement_timeout = 0")
                cursor.execute("SET LOCAL transaction_timeout = 0")
            days = Seal.objects.count()
            found = list(day_trees.problems())
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"已封账 {days} 天，{len(found)} 处不符")
        self.stdout.write(f"已封账 {days} 天，逐日重算一致")
