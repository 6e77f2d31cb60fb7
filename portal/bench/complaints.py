"""The 12315 desk over a million complaints: taking one in, an officer's queue, the board, the morning sweep.

``python -m portal.bench.complaints`` is the process that is measured. On standard input: "template" makes the one row
of each kind that the others are copied from, "intake SECONDS", "bare SECONDS", "queue N", "board N" and "pk N" call
pages through the whole HTTP stack and answer their rate, or the 95th percentile in milliseconds; "sweep" and "figures"
answer seconds and counts.
"""

import os
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from portal.bench import complaints_board
from portal.bench.metrics import Metric, at_least, at_most, median_ratio
from portal.bench.prepaid_custody import copy_rows
from portal.bench.workers import Workers
from portal.bench.world import World
from portal.embedded import roles
from portal.embedded.testrun import Bench

COMPLAINTS, OPEN, DUE, OFFICERS = 1_000_000, 60_000, 10_000, 400
STREETS = ("330199001", "330199002", "330199003", "330199004", "110101001", "310101002")
ROUNDS, SECONDS, PAGES = 5, 2, 120
IMPORTED = 10_000
FIRST = 1_000
NOW = "date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai'"
# The first ten thousand are due: four thousand ran out yesterday, the rest end within three days; then the later ones.
DUE_AT = f"""CASE WHEN n < {DUE * 2 // 5} THEN {NOW} - interval '1 day' WHEN n < {DUE} THEN {NOW} + interval '1 day'
    ELSE {NOW} + interval '40 days' + n * interval '1 second' END"""


def measure(data: Path) -> Iterator[tuple[str, Metric]]:
    """Every figure, on a cluster of its own."""
    bench = Bench.open(data)
    bench.sweep()
    cluster = bench.fresh(f"run-{os.getpid()}")
    try:
        made = World(bench, cluster)
        made.ask("ALTER SYSTEM SET max_wal_size = '4GB'", role=roles.SUPER)
        made.ask("SELECT pg_reload_conf()", role=roles.SUPER)
        worker = Workers(made.environment(), [()], module=__name__)
        worker.go("template")
        filled = _fill(made)
        yield from _queues(worker, filled)
        yield from complaints_board.boards(worker)
        yield from _sweeps(worker)
        yield from _intakes(worker)
        worker.stop()
        yield from _imports(made)
    finally:
        bench.remove(cluster)


def _sweeps(worker: Workers) -> Iterator[tuple[str, Metric]]:
    took, peak, warned, overdue, told = worker.go("sweep")[0]
    again = worker.go("sweep")[0][0]
    if warned + overdue < DUE:
        raise RuntimeError(f"{warned:.0f} were warned of and {overdue:.0f} taken upwards, not {DUE}")
    text = f"{overdue:.0f} 件提级，{warned:.0f} 件预警，通知 {told:.0f} 人，{peak:.0f} MB；再跑一次 {again:.2f} s"
    yield "complaints.sweep_1m_s", at_most(took, 10, "s", text)


def _intakes(worker: Workers) -> Iterator[tuple[str, Metric]]:
    ours, bare = [], []
    worker.go("intake 1")
    worker.go("bare 1")
    for _ in range(ROUNDS):
        bare.append(worker.go(f"bare {SECONDS}")[0][0])
        ours.append(worker.go(f"intake {SECONDS}")[0][0])
    text = f"登记 {median(ours):.0f}/s（审计、期限、短信承诺都在内），只插一行的页面 {median(bare):.0f}/s，同一进程"
    yield "complaints.intake_vs_insert_view", at_least(median_ratio(ours, bare), 0.35, "×", text)


def _imports(made: World) -> Iterator[tuple[str, Metric]]:
    """A process of its own: the memory of the others is not its."""
    worker = Workers(made.environment(), [()], module=__name__)
    took, peak, again = worker.go(f"import {IMPORTED}")[0]
    worker.stop()
    text = f"{IMPORTED:,} 行混合工单（投诉、举报、两样、咨询），{peak:.0f} MB；换个文件再导一次 {again:.1f} s"
    yield "complaints.import_10k_s", at_most(took, 20, "s", text)
    yield "complaints.import_10k_mb", at_most(peak, 150, "MB", "整个进程的峰值，含框架本身")


def _queues(worker: Workers, filled: float) -> Iterator[tuple[str, Metric]]:
    worker.go("queue 10")
    worker.go("pk 10")
    queue, pk = [], []
    for _ in range(ROUNDS):
        pk.append(worker.go(f"pk {PAGES}")[0][0])
        queue.append(worker.go(f"queue {PAGES}")[0][0])
    text = f"队列页 p95 {median(queue):.1f} ms，按主键读一件 p95 {median(pk):.2f} ms；百万件 {filled:.0f} s 备好"
    yield "complaints.queue_vs_pk_view", at_most(median_ratio(queue, pk), 10, "×", text)


def _fill(made: World) -> float:
    """A million complaints with a clock each, the newest open; seconds it took."""
    began = time.monotonic()
    streets = ",".join(f"'{code}'" for code in STREETS)
    street = f"(ARRAY[{streets}])[1 + n %% {len(STREETS)}]"
    officer = f"{FIRST} + n %% {OFFICERS}"
    is_open = f"n < {OPEN}"
    complaint = {
        "id": f"{FIRST} + n",
        "code": "'C' || lpad(n::text, 15, '0')",
        "status": f"CASE WHEN {is_open} THEN 'ASSIGNED' ELSE 'CLOSED' END",
        "handler_id": f"CASE WHEN {is_open} AND n %% 20 = 0 THEN NULL ELSE {officer} END",
        "next_due_at": f"CASE WHEN {is_open} THEN {DUE_AT} END",
    }
    clock = {
        "id": f"{FIRST} + n",
        "complaint_id": f"{FIRST} + n",
        "state": f"CASE WHEN {is_open} THEN 'RUNNING' ELSE 'STOPPED' END",
        "due_at": complaints_board.due_at(is_open, DUE_AT),
        "provisional": "false",
    }
    past_complaint, past_clock = complaints_board.past(is_open)
    for row, past in ((complaint, past_complaint), (clock, past_clock)):
        row |= past | {"region_id": f"CASE WHEN {is_open} THEN {street} ELSE {past['region_id']} END"}
    user = {
        "id": f"{FIRST} + n", "phone_idx": "'officer-' || n", "is_active": "true",
    }  # fmt: skip
    member = {"id": f"{FIRST} + n", "user_id": officer, "region_id": street}
    copy_rows(made, "core_user", user, 0, OFFICERS - 1)
    copy_rows(made, "core_membership", member, 0, OFFICERS - 1)
    for first in range(0, COMPLAINTS, 250_000):
        copy_rows(made, "complaints_complaint", complaint, first, first + 249_999)
        copy_rows(made, "complaints_clock", clock, first, first + 249_999)
    for table in ("complaints_complaint", "complaints_clock", "core_user", "core_membership"):
        made.ask(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))", role=roles.SUPER
        )
    made.ask("VACUUM ANALYZE", role=roles.SUPER)
    return time.monotonic() - began


def _template() -> None:
    """One officer of a station, a county and a city head, and one complaint as the action files it."""
    from complaints import actions as complaints
    from complaints.actions import NewIntake, Party
    from complaints.models import Channel, Clock
    from core.actors import SYSTEM
    from core.models import Membership, Role, User

    for phone, role, region in (
        ("13900000000", Role.STATION_OFFICER, STREETS[0]),
        ("13900000001", Role.COUNTY_REVIEWER_A, "330199"),
        ("13900000002", Role.CITY, "3301"),
        ("13900000003", Role.CITY, "11"),
        ("13900000004", Role.CITY, "31"),
    ):
        Membership.objects.create(user=User.objects.enrol(phone, "示范"), role=role, region_id=region)
    party = Party(name="王芳", phone="13900000009", address="示范区")
    complaints.file_intake(
        NewIntake(
            channel=Channel.PLATFORM_12315, source_no="0", text="办卡后门店关门，联系不上", party=party,
            respondent_name="示范理发店", respondent_address="示范路1号", region_code=STREETS[0], claim="退卡",
            claim_fen=100_000,
        ),
        by=SYSTEM,
    )  # fmt: skip
    # The template of all clocks is the decision, the first row by number.
    Clock.objects.exclude(code="ACCEPT").delete()


class _Callers:
    """People who call pages through the whole HTTP stack: one who complains, and officers with their queues."""

    def __init__(self) -> None:
        from django.conf import settings
        from django.test import Client
        from django.urls import path

        from core.models import User

        # By name: the bench may not import config, which knows everything.
        patterns = import_module(settings.ROOT_URLCONF).urlpatterns
        patterns += [path("bench/bare/", _bare_view()), path("bench/pk/<int:pk>/", _pk_view())]
        self.numbers = count()
        self.person = Client(SERVER_NAME="localhost")
        self.person.force_login(User.objects.enrol("13900000009", "王芳"), backend="core.auth.PhoneBackend")
        self.chief = Client(SERVER_NAME="localhost")
        self.chief.force_login(User.objects.enrol(complaints_board.CHIEF, "示范"), backend="core.auth.PhoneBackend")
        self.officers = []
        for user in User.objects.filter(pk__gte=FIRST)[:20]:
            officer = Client(SERVER_NAME="localhost")
            officer.force_login(user, backend="core.auth.PhoneBackend")
            self.officers.append(officer)

    def intake(self) -> None:
        """Send in one complaint."""
        n = next(self.numbers)
        body = {
            "kinds": ["COMPLAINT"],
            "text": f"办卡后门店关门，联系不上，第 {n} 次",
            "claim": "退卡",
            "claim_fen": 100_000,
            "name": "王芳",
            "address": "示范区幸福路8号",
            "respondent_name": f"示范理发店{n}",
            "respondent_address": "示范路1号",
            "region": STREETS[0],
        }
        key = f"bench-{os.getpid()}-{n}"
        self._made(
            self.person.post("/api/v1/intakes", body, content_type="application/json", headers={"Idempotency-Key": key})
        )

    def bare(self) -> None:
        """Call the view that does nothing but one INSERT."""
        self._made(self.person.post("/bench/bare/"))

    def queue(self) -> None:
        """Open the queue of one officer."""
        self._open("/admin/complaints/queue/")

    def pk(self) -> None:
        """Read one complaint by its key."""
        self._open(f"/bench/pk/{FIRST + random.randrange(OPEN)}/")

    def board(self) -> None:
        """Open the monthly board of the city."""
        self._open(complaints_board.BOARD, self.chief)

    def _made(self, answer: Any) -> None:
        if answer.status_code != 201:
            raise RuntimeError(f"{answer.status_code} {answer.content[:500]!r}")

    def _open(self, address: str, client: Any = None) -> None:
        answer = (client or random.choice(self.officers)).get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code} {answer.content[:500]!r}")


def _rate(call: Callable[[], None], seconds: int) -> list[float]:
    done, began = 0, time.monotonic()
    while time.monotonic() - began < seconds:
        call()
        done += 1
    return [done / (time.monotonic() - began)]


def _p95(call: Callable[[], None], pages: int) -> list[float]:
    took = []
    for _ in range(pages):
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) * 1000)
    return [quantiles(took, n=20)[-1]]


def _asked() -> dict[str, Callable[[int], list[float]]]:
    """What can be asked of the process, each with a number of seconds or of pages."""
    callers = _Callers()
    return {
        "intake": lambda n: _rate(callers.intake, n),
        "bare": lambda n: _rate(callers.bare, n),
        "queue": lambda n: _p95(callers.queue, n),
        "board": lambda n: _p95(callers.board, n),
        "pk": lambda n: _p95(callers.pk, n),
    }


def _bare_view() -> Any:
    """A page with one INSERT and nothing else, behind the same sign-in."""
    from django.http import JsonResponse
    from django.utils import timezone
    from django.views.decorators.csrf import csrf_exempt

    from complaints.models import Intake

    @csrf_exempt
    def bare(request: Any) -> JsonResponse:
        row = Intake.objects.create(
            channel="API", received_at=timezone.now(), region_id=STREETS[0], text="办卡后门店关门，联系不上"
        )
        return JsonResponse({"id": row.pk}, status=201)

    return bare


def _pk_view() -> Any:
    """A page that reads one complaint by its key, behind the same sign-in."""
    from django.http import JsonResponse

    from complaints.models import Complaint

    def pk_view(request: Any, pk: int) -> JsonResponse:
        row = Complaint.objects.get(pk=pk)
        return JsonResponse({"code": row.code, "status": row.status})

    return pk_view


def _sweep() -> list[float]:
    from complaints import actions as complaints
    from core.actors import SYSTEM
    from core.calendar import business_date

    began = time.monotonic()
    done = complaints.sweep_clocks(business_date(), by=SYSTEM)
    took, peak = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [took, peak, done["warned"], done["overdue"], done["told"]]


def _import(count: int) -> list[float]:
    """Take in a file of that many rows, then the same rows in another file; seconds, megabytes, seconds again."""
    from complaints import actions as complaints
    from core.actors import SYSTEM, Actor
    from core.models import User
    from prepaid.bank_files.shelf import shelve

    kinds = ("投诉", "举报", "投诉举报", "咨询")
    head = "工单编号,类型,诉求内容,姓名,联系电话,被投诉单位,管辖地,登记时间,诉求金额"
    user = User.objects.by_phone("13900000001")
    assert user is not None
    took = []
    for end in ("\n", "\n\n"):

        def fill(into: Any, end: str = end) -> None:
            into.write(f"{head}{end}".encode())
            for n in range(count):
                said = f"办卡后门店关门联系不上第{n}次"
                row = f"B{n},{kinds[n % 4]},{said},王芳,1370{n:07d},示范店{n},{STREETS[0]},2026-10-08 09:30,1200\n"
                into.write(row.encode())

        run = complaints.receive_orders(shelve(fill), "bench", "HOTLINE_12345", "330199", by=Actor.of_user(user))
        began = time.monotonic()
        run = complaints.read_orders(run.pk, by=SYSTEM)
        took.append(time.monotonic() - began)
        if run.added + run.known != count:
            raise RuntimeError(f"{run.refused} rows were refused: {run.errors[:3]} {run.error}")
    return [took[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, took[1]]


def _serve(lines: Sequence[str] | Iterator[str]) -> None:
    """Do what each line says."""
    import django

    django.setup()  # settings come from the environment the bench made
    asked: dict[str, Callable[[int], list[float]]] = {}
    print("ready", flush=True)
    for line in lines:
        order, _, number = line.strip().partition(" ")
        if order == "template":
            _template()
            answer = [0.0]
        elif order == "import":
            answer = _import(int(number))
        elif order == "sweep":
            answer = _sweep()
        elif order == "figures":
            answer = complaints_board.count()
        else:
            asked = asked or _asked()
            answer = asked[order](int(number))
        print(*answer, flush=True)


if __name__ == "__main__":
    _serve(iter(sys.stdin.readline, ""))
