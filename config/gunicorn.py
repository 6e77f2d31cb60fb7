"""The web server: two processes of four threads, the application loaded once before they fork."""

import os
from typing import Any

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = 2
threads = 4
preload_app = True
control_socket_disable = True
timeout = 30
graceful_timeout = 8
keepalive = 5
errorlog = "-"
loglevel = "warning"


def when_ready(server: Any) -> None:
    """Refuse to fork over an open database connection: two workers would talk on one socket."""
    from django.db import connections  # Django is set up by the application, loaded after this file

    open_ones = [alias for alias in connections if connections[alias].connection is not None]
    assert not open_ones, f"database connections open before fork: {open_ones}"


def post_fork(server: Any, worker: Any) -> None:
    """Each worker opens its own database connections."""
    from django.db import connections  # Django is set up by the application, loaded after this file

    connections.close_all()
