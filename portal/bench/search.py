"""Searching 1.1 million trust units: what is found, how quick, beside the cheapest reads the same process can do.

The names are those of ``units.tsv.xz`` in the folder that ``--data`` names. ``python -m portal.bench.search`` is the
process that is measured; each line on standard input is an order and is answered by one line of numbers.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Any

from portal.bench.metrics import Metric, at_least, at_most, median_ratio, reported
from portal.bench.search_corpus import UNITS, units
from portal.bench.search_questions import KINDS, SOUNDED, TYPING, Question, made, read
from portal.bench.workers import Workers
from portal.bench.world import World
from portal.embedded import roles
from portal.embedded.testrun import TEST_DATA, Bench

EACH, ROUNDS, SECONDS = 70, 5, 2
FOUND = 20
PK = "SELECT unit_id, code, name, sign_name, address, stars FROM unit_search WHERE unit_id = %s"
ICONTAINS = """
SELECT unit_id, code, name, sign_name, address, stars FROM unit_search
 WHERE name ILIKE %s OR sign_name ILIKE %s OR address ILIKE %s LIMIT 20
"""
DEEP_ROW = "SELECT rank_no, unit_id FROM unit_search ORDER BY rank_no, unit_id OFFSET %s LIMIT 1"


def measure(data: Path, queries: Path | None = None, most: int = 0) -> Iterator[tuple[str, Metric]]:
    """Every figure, on a cluster of its own."""
    if not (data / UNITS).exists():
        print(f"  search：{data} 里没有 {UNITS}，用 --data 指明放名称的目录", flush=True)
        return
    bench = Bench.open(TEST_DATA)
    bench.sweep()
    cluster = bench.fresh(f"run-{os.getpid()}")
    try:
        world = World(bench, cluster)
        world.ask("ALTER SYSTEM SET max_wal_size = '4GB'", role=roles.SUPER)
        world.ask("SELECT pg_reload_conf()", role=roles.SUPER)
        worker = Workers({**world.environment(), "API_ANON_PER_MINUTE": "0"}, [(data, most)], module=__name__)
        rows, took = worker.go("load")[0]
        yield "search.build_1m_s", reported(took, "s", f"{rows:,.0f} 家，分词、写入、排序、建索引，两个进程")
        world.ask("VACUUM ANALYZE", role=roles.SUPER)
        yield from _questions(worker, queries)
        yield from _reads(worker)
        yield from _rates(worker)
        worker.stop()
    finally:
        bench.remove(cluster)


def _questions(worker: Workers, queries: Path | None) -> Iterator[tuple[str, Metric]]:
    asked = worker.go(f"questions {queries or EACH}")[0][0]
    count = len(KINDS)
    recall, mrr, *rest = worker.go("quality")[0]
    told = {kind: value for kind, value in zip(KINDS, rest[:count], strict=True) if value >= 0}
    worst = min((kind for kind in told if kind != "common2"), key=told.__getitem__)
    source = queries.name if queries else "按种子生成，19 类"
    yield "search.recall20", at_least(recall, 0.97, "", f"{asked:.0f} 个查询（{source}）")
    yield "search.recall20_worst_kind", at_least(told[worst], 0.95, "", f"最差的一类是 {worst}；常用词不计")
    yield "search.mrr", at_least(mrr, 0.95, "", "第一个对的排在第几，取倒数的平均")
    yield "search.common_precision", at_least(told.get("common2"), 1, "", "常用词的每个结果店名或店招里都有这个词")
    rounds = [worker.go("speed")[0] for _ in range(3)]
    pk, sub2, plain, every, common, top = (list(column) for column in zip(*rounds, strict=True))
    said = "p95 {:.2f} ms"
    yield (
        "search.sub2_vs_pk",
        at_most(median_ratio(sub2, pk), 5, "×", said.format(median(sub2)) + f"，按主键读 {median(pk):.3f} ms"),
    )
    yield (
        "search.plain_vs_pk",
        at_most(median_ratio(plain, pk), 20, "×", "没有错字、不是拼音的，" + said.format(median(plain))),
    )
    yield "search.p95_vs_pk", at_most(median_ratio(every, pk), 80, "×", said.format(median(every)))
    yield (
        "search.common_vs_pk",
        at_most(median_ratio(common, pk), 30, "×", said.format(median(common)) + f"，最慢 {median(top):.1f}"),
    )
    ours, theirs = worker.go("icontains 12")[0]
    yield (
        "search.vs_icontains",
        at_least(theirs / ours, 500, "×", f"两个字的词 p50 {ours:.2f} ms，icontains {theirs:.0f} ms"),
    )


def _reads(worker: Workers) -> Iterator[tuple[str, Metric]]:
    rounds = [worker.go("reads")[0] for _ in range(3)]
    pk, first, deep, facets = (list(column) for column in zip(*rounds, strict=True))
    text = f"第 1 页 {median(first):.2f} ms，第 1 万页 {median(deep):.2f} ms（p50）"
    yield "search.deep_page", at_most(median_ratio(deep, first), 1.5, "×", text)
    yield "search.facets_vs_pk", at_most(median_ratio(facets, pk), 10, "×", f"不带词的分面 p95 {median(facets):.2f} ms")


def _rates(worker: Workers) -> Iterator[tuple[str, Metric]]:
    rates: dict[str, list[float]] = defaultdict(list)
    names = ("hello", "same", "pk", "search", "framework")
    for name in names:
        worker.go(f"http {name} 0.3")
    for _ in range(ROUNDS):
        for name in names:
            rates[name].append(worker.go(f"http {name} {SECONDS}")[0][0])
    search = median(rates["search"])
    text = f"检索 {search:.0f}/s，按主键读一行的页面 {median(rates['pk']):.0f}/s，同一进程、同样的中间件"
    yield "search.http_vs_pk_view", at_least(median_ratio(rates["search"], rates["pk"]), 0.4, "×", text)
    text = f"同一查询写成 ListAPIView + ModelSerializer 是 {median(rates['framework']):.0f}/s"
    yield "search.http_vs_drf", at_least(median_ratio(rates["search"], rates["framework"]), 2, "×", text)
    text = f"304 {median(rates['same']):.0f}/s，什么也不做的页面 {median(rates['hello']):.0f}/s"
    yield "search.etag_vs_hello", at_least(median_ratio(rates["same"], rates["hello"]), 0.7, "×", text)


class _Measured:
    """What is measured: one process with one connection."""

    def __init__(self, folder: Path, most: int) -> None:
        from django.db import connection

        from trust_units.search.finder import commonness
        from trust_units.search.places import gazetteer

        self.folder, self.most = folder, most or None
        self.cursor = connection.cursor()
        self.questions: list[Question] = []
        self.ready = lambda: (gazetteer(), commonness(self.cursor))
        self.http: dict[str, Callable[[], Any]] = {}

    def load(self) -> list[float]:
        """Write and index all names."""
        from trust_units.search import index

        began = time.monotonic()
        rows = index.load((unit.entry() for unit in units(self.folder, self.most)), processes=2)
        return [rows, time.monotonic() - began]

    def prepare(self, source: str) -> list[float]:
        """Make or read the questions."""
        if source.isdecimal():
            self.questions = made(list(units(self.folder, self.most)), int(source))
        else:
            self.questions = read(Path(source))
        self.ready()
        return [len(self.questions)]

    def ask(self, query: str) -> Any:
        """One question as the API puts it."""
        from trust_units.search import finder

        return finder.answer(finder.Question(q=query, text=query, limit=FOUND), self.cursor)

    def quality(self) -> list[float]:
        """Recall among the first twenty, reciprocal rank, recall of each kind (-1: not asked)."""
        recalls: dict[str, list[float]] = defaultdict(list)
        ranks = []
        for question in self.questions:
            items = self.ask(question.query).items
            if not question.expected:
                word = question.query
                good = all(word in item.row.name or word in item.row.sign_name for item in items)
                recalls[question.kind].append(float(good))
                continue
            names, expected = [item.row.name for item in items], set(question.expected)
            signs = [item.row.sign_name for item in items]
            hits = [name in expected or sign in expected for name, sign in zip(names, signs, strict=True)]
            recalls[question.kind].append(min(1, sum(hits) / min(FOUND, len(question.expected))))
            ranks.append(next((1 / place for place, hit in enumerate(hits, 1) if hit), 0.0))
        asked = [value for kind, values in recalls.items() if kind != "common2" for value in values]
        return [fmean(asked), fmean(ranks), *(fmean(recalls[kind]) if recalls[kind] else -1 for kind in KINDS)]

    def speed(self) -> list[float]:
        """p95 in ms: by key, sub2, plain kinds, all, common words; the slowest common word."""
        took: dict[str, list[float]] = defaultdict(list)
        for question in self.questions:
            took["pk"].append(self.by_key())
            took[question.kind].append(_ms(partial(self.ask, question.query)))
        plain = [
            ms for kind, all_ms in took.items() if kind not in (*TYPING, *SOUNDED, "pk", "common2") for ms in all_ms
        ]
        every = [ms for kind, all_ms in took.items() if kind != "pk" for ms in all_ms]
        common = took["common2"] or [0, 0]
        return [*map(_p95, (took["pk"], took["sub2"] or plain, plain, every, common)), max(common)]

    def by_key(self) -> float:
        """One row by its key, in ms."""
        number = random.randint(1, 100_000)

        def one() -> None:
            self.cursor.execute(PK, [number])
            self.cursor.fetchone()

        return _ms(one)

    def icontains(self, count: int) -> list[float]:
        """p50 of two-character words: ours, and ILIKE over name, sign and address."""
        words = [question.query for question in self.questions if question.kind == "sub2"][:count]
        ours = [_ms(partial(self.ask, word)) for word in words for _ in range(5)]
        theirs = [_ms(partial(self._contains, word)) for word in words]
        return [median(ours), median(theirs)]

    def _contains(self, word: str) -> None:
        self.cursor.execute("SET statement_timeout = 0")
        self.cursor.execute(ICONTAINS, [f"%{word}%"] * 3)
        self.cursor.fetchall()

    def reads(self) -> list[float]:
        """p95 by key, p50 of the first and of the ten thousandth page, p95 of facets without words."""
        from trust_units.search import facets
        from trust_units.search.conditions import NOTHING_CHOSEN, Commonness
        from trust_units.search.retrieval import Search

        search = Search(self.cursor, Commonness({}))
        self.cursor.execute("SELECT count(*) FROM unit_search")
        rows = self.cursor.fetchone()[0]
        self.cursor.execute(DEEP_ROW, [min(200_000, rows // 2)])
        deep = self.cursor.fetchone()

        def page(after: tuple[int, int] | None) -> None:
            search.shown([row.unit_id for row in search.browse(NOTHING_CHOSEN, after, FOUND + 1)])

        return [
            _p95([self.by_key() for _ in range(300)]),
            median([_ms(lambda: page(None)) for _ in range(200)]),
            median([_ms(lambda: page(deep)) for _ in range(200)]),
            _p95([_ms(lambda: facets.of_places(self.cursor, NOTHING_CHOSEN)) for _ in range(200)]),
        ]

    def rate(self, name: str, seconds: float) -> list[float]:
        """Answers a second of one page through the whole HTTP stack."""
        self.http = self.http or _pages([one.query for one in self.questions if one.kind == "sub2"])
        call, done, began = self.http[name], 0, time.monotonic()
        while time.monotonic() - began < seconds:
            call()
            done += 1
        return [done / (time.monotonic() - began)]


def _pages(words: Sequence[str]) -> dict[str, Callable[[], Any]]:
    """Pages as the server calls them, by name; all behind the portal's middleware."""
    from importlib import import_module
    from urllib.parse import quote

    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    patterns = import_module(settings.ROOT_URLCONF).urlpatterns
    patterns[:0] = _bare_pages()
    application: Any = get_wsgi_application()

    def get(path: str, query: str = "", etag: str = "", wanted: int = 200) -> dict[str, str]:
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(),
            "wsgi.errors": sys.stderr, "wsgi.version": (1, 0), "REMOTE_ADDR": "127.0.0.1",
            **({"HTTP_IF_NONE_MATCH": etag} if etag else {}),
        }  # fmt: skip
        said: dict[str, Any] = {}
        response = application(environ, lambda status, headers: said.update(status=status, headers=dict(headers)))
        b"".join(response)
        response.close()
        if int(said["status"][:3]) != wanted:
            raise RuntimeError(f"{path}?{query}: {said['status']}")
        return dict(said["headers"])

    asked = [f"q={quote(word)}" for word in words]
    etag = get("/api/v1/units", asked[0])["ETag"]
    return {
        "hello": lambda: get("/bench/hello"),
        "same": lambda: get("/api/v1/units", asked[0], etag, 304),
        "pk": lambda: get(f"/bench/pk/{random.randint(1, 100_000)}"),
        "search": lambda: get("/api/v1/units", random.choice(asked)),
        "framework": lambda: get("/bench/framework", random.choice(asked)),
    }


def _bare_pages() -> list[Any]:
    """A page that does nothing, one that reads a row by its key, and the search as the framework's tutorial has it."""
    from django.contrib.auth.decorators import login_not_required
    from django.db import connection
    from django.http import HttpResponse, JsonResponse
    from django.urls import path
    from rest_framework.generics import ListAPIView
    from rest_framework.serializers import ModelSerializer

    from trust_units.models import UnitSearch
    from trust_units.search.grams import pairs

    @login_not_required
    def hello(request: Any) -> HttpResponse:
        return HttpResponse(b"hello")

    @login_not_required
    def pk_view(request: Any, pk: int) -> JsonResponse:
        with connection.cursor() as cursor:
            cursor.execute(PK, [pk])
            return JsonResponse({"row": cursor.fetchone()})

    class Shape(ModelSerializer[UnitSearch]):
        class Meta:
            model = UnitSearch
            fields = "__all__"

    class Framework(ListAPIView[UnitSearch]):
        authentication_classes, permission_classes, pagination_class = (), (), None
        serializer_class = Shape

        def get_queryset(self) -> Any:
            word = self.request.query_params["q"]
            return UnitSearch.objects.extra(where=["grams @> %s::int[]"], params=[pairs(word)])[:FOUND]

    return [
        path("bench/hello", hello),
        path("bench/pk/<int:pk>", pk_view),
        path("bench/framework", login_not_required(Framework.as_view())),
    ]


def _ms(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1]


def _serve(folder: Path, most: int, lines: Iterator[str]) -> None:
    """Do what each line says."""
    import django

    django.setup()  # settings come from the environment the bench made
    measured = _Measured(folder, most)
    print("ready", flush=True)
    for line in lines:
        order, _, rest = line.strip().partition(" ")
        match order:
            case "questions":
                answer = measured.prepare(rest)
            case "icontains":
                answer = measured.icontains(int(rest))
            case "http":
                name, seconds = rest.split()
                answer = measured.rate(name, float(seconds))
            case _:
                answer = getattr(measured, order)()
        print(*answer, flush=True)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]), iter(sys.stdin.readline, ""))
