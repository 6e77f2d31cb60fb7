"""``manage.py import_register FILE``: the market-entity register against which registrations are checked."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from core.errors import PortalError
from merchants.register import Tally, import_register


class Command(BaseCommand):
    """Reads XLSX, or CSV or TSV (.xz and .gz too) in UTF-8 or GBK, header in Chinese or English."""

    help = "导入市场主体登记名录（XLSX，或 CSV/TSV，可带 .xz 或 .gz）；同一文件重复导入不会重复增加"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="名录文件")
        parser.add_argument("--limit", type=int, help="只读前 N 行")
        parser.add_argument("--errors", type=Path, help="把没有通过的每一行写到这个 CSV")
        parser.add_argument("--database", default="owner", help="用哪个数据库连接（要能建临时表）")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"没有这个文件：{path}")
        with tqdm(total=path.stat().st_size, unit="B", unit_scale=True, desc="名录", disable=None) as bar:

            def show(read: int, tally: Tally) -> None:
                bar.update(read - bar.n)
                bar.set_postfix_str(f"{tally.rows} 行，新增 {tally.added}，未通过 {tally.refused}")

            try:
                run = import_register(
                    path,
                    database=options["database"],
                    limit=options["limit"],
                    errors_to=options["errors"],
                    progress=show,
                )
            except (PortalError, OSError, EOFError) as error:
                raise CommandError(f"{error}。已写入的批次保留，修好文件后重新运行即可接着导入") from error
        self.stdout.write(f"{path.name}：{run.rows} 行，新增 {run.added}，已有 {run.known}，未通过 {run.refused}")
        for line in run.errors[:5]:
            self.stdout.write(f"  第 {line['line']} 行：{line['reason']}")
