"""The dispatcher process."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections

from core import jobs, outbox
from core.broker import broker_answers


class Command(BaseCommand):
    """Finds outbox rows that are due and rings for them; runs them itself while the broker is down."""

    help = "发件箱调度进程：找到到期的事项并敲铃；消息代理不可用时自己办理"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="办完到期的事项就退出")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        if options["once"]:
            while outbox.dispatch(run_here=True):
                pass
            return
        while not stop.is_set():
            try:
                close_old_connections()
                # Without a broker there is no beat either: keep the clock going too.
                here = not broker_answers()
                if here:
                    jobs.tick()
                found = outbox.dispatch(run_here=here)
            except OperationalError:
                found = 0
            stop.wait(0.05 if found >= 500 else 1.0)
