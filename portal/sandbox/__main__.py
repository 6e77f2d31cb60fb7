"""``python -m portal.sandbox --port P --db FILE``: opens the sandbox bank until SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
from argparse import ArgumentParser
from socketserver import ThreadingMixIn
from types import FrameType
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from portal.sandbox.app import Bank
from portal.sandbox.book import Book
from portal.sandbox.courier import Courier


class Server(ThreadingMixIn, WSGIServer):
    """One thread a request."""

    daemon_threads = True
    request_queue_size = 64


class Handler(WSGIRequestHandler):
    """Closes idle connections, and logs nothing: addresses carry order numbers."""

    timeout = 30

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main() -> int:
    """Serve until told to stop. Returns 2 where the bank must not open."""
    parser = ArgumentParser(prog="portal.sandbox", description="沙箱存管银行（只用于演示和测试）")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--db", required=True, metavar="FILE")
    options = parser.parse_args()
    if os.environ.get("DEPLOY") == "prod":
        print("沙箱存管银行不能在生产环境运行：请配置真实的存管机构。", file=sys.stderr)
        return 2
    secret = os.environ.get("CUSTODIAN_SECRET", "")
    if not secret:
        print("没有设置 CUSTODIAN_SECRET：银行与平台之间无法签名。", file=sys.stderr)
        return 2
    book = Book(options.db)
    bank = Bank(book, secret, os.environ.get("PUBLIC_URL", "http://127.0.0.1:8000"))
    signal.signal(signal.SIGTERM, _interrupt)
    with make_server(options.host, options.port, bank, Server, Handler) as server:
        courier = Courier(book, secret)
        courier.start()
        print(f"沙箱存管银行 http://{options.host}:{server.server_port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            courier.stop()
            courier.join(timeout=15)
    return 0


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
