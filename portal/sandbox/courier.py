"""Delivers the bank's signed callbacks until the portal answers 2xx, in its own thread."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import requests
from standardwebhooks import Webhook

from portal.sandbox.book import Book

TICK_SECONDS = 0.2


class Courier(threading.Thread):
    """Looks for due payouts and callbacks a few times a second; what was not taken waits for its next try."""

    def __init__(self, book: Book, secret: str) -> None:
        super().__init__(name="courier", daemon=True)
        self.book = book
        self.webhook = Webhook(secret)
        self.stopping = threading.Event()

    def run(self) -> None:
        """Until stopped. Callbacks due together leave together, so a doubled one really races itself."""
        with ThreadPoolExecutor(4) as riders:
            while not self.stopping.wait(TICK_SECONDS):
                try:
                    self.book.settle_payouts()
                    list(riders.map(self.deliver, self.book.callbacks_due()))
                except sqlite3.OperationalError as error:
                    print(f"沙箱银行：账簿暂时不可用，稍后再试（{error}）", flush=True)

    def stop(self) -> None:
        """Finish the round under way, then end."""
        self.stopping.set()

    def deliver(self, callback: sqlite3.Row) -> None:
        """Sign with the time of this attempt, so that a retry is not taken for a replay."""
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": callback["bank_ref"],
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self.webhook.sign(callback["bank_ref"], now, callback["body"]),
        }
        body = callback["body"].encode()
        try:
            answer = requests.post(callback["url"], data=body, headers=headers, timeout=(3, 10), allow_redirects=False)
            delivered = answer.ok and not answer.is_redirect
        except requests.RequestException:
            delivered = False
        self.book.callback_tried(callback["id"], callback["attempts"] + 1, delivered)
