"""What chaos tests run in processes of their own: ``python -m tests.chaos.player ROLE ARGUMENT…``."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[2]


class Journal:
    """What was sent and what was acknowledged, on disk before anything else happens."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("a", encoding="utf-8")
        self.lock = threading.Lock()

    def note(self, **line: object) -> None:
        """Write one line and wait for the disk."""
        with self.lock:
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()
            os.fsync(self.file.fileno())


def read(path: Path) -> tuple[dict[str, int], dict[str, int]]:
    """(contract by key of everything sent, visit by key of everything acknowledged)."""
    sent: dict[str, int] = {}
    done: dict[str, int] = {}
    for text in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        line = json.loads(text)
        (sent if "contract" in line else done)[line["key"]] = line.get("contract", line.get("visit"))
    return sent, done


def scene(contracts: int) -> dict[str, object]:
    """A shop and as many paid cards of 100,000 yuan."""
    from tests.cast import make_plan, open_contract, person, shop

    merchant = shop("A", person("13900000011", "沈丽"))
    plan = make_plan(merchant, price_fen=10_000_000, bonus_fen=0)
    holder = person("13900000001", "周桂芬")
    return {"contracts": [open_contract(plan, holder).pk for _ in range(contracts)], "merchant": merchant.pk}


def consume(key: str, contract_id: int) -> int:
    """One visit of one yuan under an idempotency key; returns its number."""
    from core.actors import Actor
    from core.idempotency import fingerprint, once
    from prepaid import actions as prepaid
    from prepaid.models import Contract

    contract = Contract.objects.select_related("holder").get(pk=contract_id)
    by = Actor.of_user(contract.holder)

    def work() -> tuple[int, int]:
        return 201, prepaid.report_visit(contract_id, contract.store_id, "剪发", face_fen=100, by=by).pk

    return int(once("chaos", key, fingerprint("POST", "/visits", contract_id), work).reference)


def load(journal: Path, contracts: list[int]) -> None:
    """One thread a contract, until the database goes away."""
    book = Journal(journal)

    def run(contract: int) -> None:
        for number in count():
            key = f"load-{os.getpid()}-{contract}-{number:06d}"
            book.note(key=key, contract=contract)
            book.note(key=key, visit=consume(key, contract))

    def until_it_fails(contract: int) -> None:
        from django.db import Error

        from core.errors import PortalError

        try:
            run(contract)
        except (PortalError, Error) as error:
            print(type(error).__name__, flush=True)

    threads = [threading.Thread(target=until_it_fails, args=(contract,)) for contract in contracts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def retry(journal: Path) -> None:
    """Send everything again, with the same key, that was sent and never acknowledged; then two of each for luck."""
    sent, done = read(journal)
    book = Journal(journal)
    for key, contract in sent.items():
        if key not in done:
            book.note(key=key, visit=consume(key, contract))
    for key, visit in list(read(journal)[1].items())[-5:]:
        assert consume(key, sent[key]) == visit


def instalments(cards: int, periods: int) -> None:
    """As many cards, each with a period of one yuan due on each of the last days."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_open_account(30, 1)")
        (payee,) = cursor.fetchone()
        cursor.execute("SET statement_timeout = '120s'")
        cursor.execute(
            "SELECT ledger_schedule(card, %s, array(SELECT generate_series(1, %s)),"
            " array(SELECT current_date - 1 - n FROM generate_series(1, %s) n), array_fill(100::bigint, ARRAY[%s]))"
            " FROM (SELECT ledger_open_account(20, g) AS card FROM generate_series(1, %s) g) c",
            [payee, periods, periods, periods, cards],
        )
        cursor.execute(
            "SELECT ledger_post(1, 10, id, %s, 0, 'lot:' || id, 1, id, NULL, 3, NULL)"
            " FROM ledger_account WHERE kind = 20",
            [periods * 100],
        )


def refunds(number: int) -> None:
    """As many cards paid and given back the same day: each owes a payout."""
    from core.actors import Actor
    from prepaid import actions as prepaid
    from prepaid.models import Contract

    for pk in scene(number)["contracts"]:  # type: ignore[attr-defined]
        contract = Contract.objects.get(pk=pk)
        prepaid.request_refund(pk, "COOLING_OFF", by=Actor.of_user(contract.holder))


def tick() -> int:
    """What beat does each minute; how many job rows are new."""
    from core import jobs

    return jobs.tick()


def texts(first: int, number: int) -> float:
    """As many messages, each promised in a transaction of its own; returns the longest wait in seconds."""
    from django.db import transaction

    from core import messages

    longest = 0.0
    for n in range(first, first + number):
        began = time.monotonic()
        with transaction.atomic():
            messages.send("+8613900000001", f"第 {n} 条", key=f"chaos:{n}")
        longest = max(longest, time.monotonic() - began)
    return longest


ROLES: dict[str, Callable[..., object]] = {
    "scene": lambda n: scene(int(n)),
    "load": lambda path, *pks: load(Path(path), [int(pk) for pk in pks]),
    "retry": lambda path: retry(Path(path)),
    "instalments": lambda cards, periods: instalments(int(cards), int(periods)),
    "tick": tick,
    "refunds": lambda n: refunds(int(n)),
    "texts": lambda first, n: texts(int(first), int(n)),
}

if __name__ == "__main__":
    django.setup()
    print(json.dumps(ROLES[sys.argv[1]](*sys.argv[2:])), flush=True)
