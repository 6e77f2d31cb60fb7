"""Two hundred invented shops and nineteen kinds of questions; what is removed is found nowhere at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count, product
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.actors import SYSTEM
from merchants.models import Merchant
from tests.trust_units.scenes import granted
from trust_units import actions as trust
from trust_units import view_counts
from trust_units.models import TrustUnit, UnitSearch, UnitType, UnitViewCount
from trust_units.search import finder, index, version
from trust_units.search.entries import Entry
from trust_units.search.geo import Point
from trust_units.search.grams import of_texts
from trust_units.views import public_search

pytestmark = pytest.mark.django_db

BRANDS = ("青禾", "木梳", "春晓", "望江", "云栖", "知味", "乐清渔家", "重庆巷子", "蓝鲸", "小满")
TRADES = ((1, "美发"), (5, "餐饮"), (3, "健身"), (4, "艺术培训"))
PLACES = (
    ("330106001", "杭州", "杭州市西湖区文三路{}号", 120.13, 30.28),
    ("330203001", "宁波", "宁波市海曙区中山路{}号", 121.54, 29.87),
    ("330102001", "杭州", "杭州市上城区清泰街{}号", 120.18, 30.25),
    ("310101002", "上海", "上海市黄浦区南京东路{}号", 121.48, 31.24),
    ("440103001", "广州", "广州市荔湾区上下九路{}号", 113.24, 23.12),
)  # fmt: skip
LONERS = ("张云裁缝铺", "张芸裁缝铺", "ABC少儿英语", "龙井茶庄", "锦绣华庭足浴会所", "尚品皮具护理中心")


def entries() -> Iterator[Entry]:
    """The shops: each brand in each trade and place, then some that stand alone."""
    numbers = count(1)
    for number, (brand, trade, place) in zip(numbers, product(BRANDS, TRADES, PLACES), strict=False):
        region, city, address, lng, lat = place
        name = f"{city}{brand}{trade[1]}有限公司"
        yield Entry(
            unit_id=9_000_000 + number, rank_no=1000 + number, code=f"U{number:015d}", name=name,
            sign_name=f"{brand}{trade[1]}", address=address.format(number), region_code=int(region),
            industry=trade[0], stars=number % 6, flags=number % 4, unit_type="COMMITMENT", status="STAR",
            chain_id=BRANDS.index(brand) + 1, lng=lng + number / 10_000, lat=lat,
        )  # fmt: skip
    for number, name in zip(numbers, LONERS, strict=False):
        yield Entry(
            unit_id=9_000_000 + number, rank_no=5000 + number, code=f"U{number:015d}", name=name, sign_name="",
            address=f"示范区春风里{number}号", region_code=330199001, industry=37, stars=0, flags=0,
            unit_type="COMMITMENT", status="INCUBATION", chain_id=None, lng=None, lat=None,
        )  # fmt: skip


@pytest.fixture
def shops(monkeypatch: pytest.MonkeyPatch) -> int:
    public_search._places = finder._common = None
    monkeypatch.setattr(version, "KEPT_SECONDS", 0)
    return index.load(entries())


def found(query: str = "", **more: Any) -> finder.Answer:
    with connection.cursor() as cursor:
        return finder.answer(finder.Question(q=query, text=query, **more), cursor)


KINDS = [
    ("full_name", "杭州青禾美发有限公司", "杭州青禾美发有限公司"),
    ("sub2", "云栖", "云栖"),
    ("sub3", "栖美发", "云栖美发"),
    ("sub4plus", "巷子艺术培训", "重庆巷子艺术培训"),
    ("two_fragments", "蓝鲸 健身", "蓝鲸健身"),
    ("region_brand", "宁波 小满", "宁波小满"),
    ("region_brand, joined", "西湖望江餐饮", "杭州望江餐饮有限公司"),
    ("traditional", "藍鯨藝術培訓", "蓝鲸艺术培训"),
    ("noise", "【蓝鲸·健身】！", "蓝鲸健身"),
    ("full width", "ａｂｃ少儿", "ABC少儿英语"),
    ("brand_sign", "知味餐饮", "知味餐饮"),
    ("address", "上下九路", "广州"),
    ("initials", "lqyjmf", "乐清渔家美发"),
    ("pinyin", "yueqingyujia", "乐清渔家"),
    ("pinyin, other reading", "leqingyujia", "乐清渔家"),
    ("pinyin_prefix", "zhongqingxiangz", "重庆巷子"),
    ("pinyin_prefix, short", "lanj", "蓝鲸"),
    ("mixed", "蓝jing健身", "蓝鲸健身"),
    ("homophone", "蓝京健身", "蓝鲸健身"),
    ("missing", "锦绣庭足浴会所", "锦绣华庭足浴会所"),
    ("swapped", "锦绣庭华足浴会所", "锦绣华庭足浴会所"),
    ("extra", "尚品小皮具护理", "尚品皮具护理中心"),
    ("latin", "abc", "ABC少儿英语"),
    ("place and trade", "hzmf", "美发"),
]


def test_nineteen_kinds_of_questions(shops: int) -> None:
    assert shops == 206
    missed = []
    for kind, query, wanted in KINDS:
        items = found(query).items
        if not items or wanted not in items[0].row.name + items[0].row.sign_name:
            missed.append((kind, query, [item.row.name for item in items[:3]]))
    assert missed == []
    for word in ("美发", "餐饮"):
        assert all(word in item.row.name or word in item.row.sign_name for item in found(word, limit=50).items)
    # A homophone never stands beside what is literally there, only where nothing is.
    assert [item.row.name for item in found("张云").items] == ["张云裁缝铺"]
    alike = found("章云裁缝铺")
    assert {item.row.name for item in alike.items} == {"张云裁缝铺", "张芸裁缝铺"}
    assert alike.did_you_mean in ("张云裁缝铺", "张芸裁缝铺") and not found("张云").did_you_mean


def test_filters_facets_pages_and_places(shops: int) -> None:
    client = Client()

    def ask(**query: Any) -> dict[str, Any]:
        response = client.get("/api/v1/units", query)
        assert response.status_code == 200, response.content
        return dict(json.loads(response.content))

    everything = ask(limit=50)
    assert everything["total"] == {"value": 206, "relation": "eq"}
    assert sum(row["n"] for row in everything["facets"]["industry"]) == 206
    codes = [item["code"] for item in everything["items"]]
    while everything["next"]:
        everything = ask(limit=50, cursor=everything["next"])
        codes += [item["code"] for item in everything["items"]]
    assert len(codes) == len(set(codes)) == 206
    chosen = ask(q="青禾", region="3301", industry="1,5", limit=50)
    assert {item["region"]["code"][:4] for item in chosen["items"]} == {"3301"} and chosen["total"]["value"] == 4
    assert ask(region="3301", stars_min=3, custody=1)["total"]["value"] == len(
        [one for one in entries() if one.region_code // 100000 == 3301 and one.stars >= 3 and one.flags & 2]
    )
    first = ask(q="美发", limit=20)
    second = ask(q="美发", limit=20, cursor=first["next"])
    assert not {item["code"] for item in first["items"]} & {item["code"] for item in second["items"]}
    assert client.get("/api/v1/units", {"q": "餐饮", "cursor": first["next"]}).status_code == 400
    near = ask(near="120.13,30.28", sort="distance", limit=50)
    away = [item["distance_m"] for item in near["items"]]
    assert away == sorted(away) and len(away) >= 20
    shifted = ask(near="120.13471,30.27768", datum="gcj02", sort="distance", radius=3000)
    assert shifted["items"][0]["code"] == near["items"][0]["code"]
    drawn = client.get("/api/v1/units", {"q": "龙井"}, headers={"Accept": "application/geo+json"})
    assert drawn["Content-Type"] == "application/geo+json"
    assert json.loads(drawn.content)["features"][0]["geometry"] is None
    grouped = ask(q="青禾", group=1)
    assert [item["branches"] for item in grouped["items"]] == [20]
    assert ask(chain=1, limit=50)["items"][0]["sign_name"].startswith("青禾")
    begins = json.loads(client.get("/api/v1/units/suggest?q=lj").content)["items"]
    assert {one["text"] for one in begins} == {"龙井茶庄", *(f"蓝鲸{trade}" for _, trade in TRADES)}


def test_pages_show_what_was_found(shops: int) -> None:
    html = Client().get("/units/", {"q": "龍井"}).content.decode()
    assert "<mark>龙井</mark>茶庄" in html and "找到 1 家" in html
    assert "您是不是要找" in Client().get("/units/", {"q": "章云裁缝铺"}).content.decode()
    assert "等 20 家门店" in Client().get("/units/", {"q": "青禾", "utm_source": "x"}).content.decode()
    assert "没有找到这样的" in Client().get("/units/", {"q": "没有这家店啊"}).content.decode()
    assert "去掉所有条件" in Client().get("/units/", {"q": "龙井", "custody": "1"}).content.decode()
    assert "青禾美发" in Client().get("/units/suggest/", {"q": "青禾"}).content.decode()
    with CaptureQueriesContext(
        connection,
    ) as few:
        Client().get("/units/", {"q": "青"})
    with CaptureQueriesContext(connection) as many:
        Client().get("/units/", {"q": "美发"})
    assert len(many) <= len(few) + 1 <= 10


def test_nobody_is_asked_and_nothing_is_counted(shops: int) -> None:
    client = Client()
    with CaptureQueriesContext(connection) as asked:
        for query in ({"q": "青禾"}, {"q": "lanjing"}, {"region": "33"}, {"near": "120.13,30.28"}, {"q": "蓝金健深"}):
            assert client.get("/api/v1/units", query).status_code == 200
    statements = " ".join(query["sql"].upper() for query in asked.captured_queries)
    assert "COUNT(*) FROM" not in statements and "OFFSET" not in statements and "DJANGO_SESSION" not in statements
    answer = client.get("/api/v1/units", {"q": "青禾"})
    assert answer["Cache-Control"] == "public, max-age=15" and not answer.cookies and "Cookie" not in answer["Vary"]
    with CaptureQueriesContext(connection) as again:
        same = client.get("/api/v1/units", {"q": "青禾"}, headers={"If-None-Match": answer["ETag"]})
    assert same.status_code == 304 and len(again) == 1 and not same.content
    index.unpublish(9_000_001)
    changed = client.get("/api/v1/units", {"q": "青禾"}, headers={"If-None-Match": answer["ETag"]})
    assert changed.status_code == 200 and b"U000000000000001" not in changed.content


HOSTILE = (
    "'; DROP TABLE unit_search; --", "%", "_", "\\", "((((", "[a-z]*", "a" * 64, "𠮷" * 64, "\u202e青禾",
    "青\u200b禾", "{1,2}", "NULL", "\ufffd", "😀", "a1" * 32, "xi" * 32, "%s%s", "$$", "ﷺ", "ß" * 64,
)  # fmt: skip


def test_hostile_questions(shops: int) -> None:
    client = Client()
    for query in HOSTILE:
        for address in ("/api/v1/units", "/api/v1/units/suggest", "/units/", "/units/suggest/"):
            assert client.get(address, {"q": query}).status_code == 200, (address, query)
    for raw in ("q=%00", "q=%ED%A0%80%00", "foo=1", f"q={'x' * 70}", "cursor=WzAsMCww", "near=0", "q=a&q=b"):
        assert client.get(f"/api/v1/units?{raw}").status_code == 400, raw
    assert client.post("/api/v1/units").status_code in (403, 405)
    assert UnitSearch.objects.count() == 206


def _everywhere(word: str, code: str) -> list[str]:
    """The places where a unit can be found."""
    client = Client()
    addresses = {
        "search": f"/api/v1/units?q={word}", "browse": "/api/v1/units?limit=50&region=330199",
        "page": f"/units/?q={word}", "geo": "/api/v1/units?near=120.2,30.2&format=geojson",
    }  # fmt: skip
    seen = [name for name, address in addresses.items() if code in client.get(address).content.decode()]
    if word in client.get(f"/api/v1/units/suggest?q={word}").content.decode():
        seen.append("suggest")
    total = json.loads(client.get("/api/v1/units?region=330199").content)["total"]["value"]
    return [*seen, *(["facets"] if total else [])]


def test_a_removed_unit_is_found_nowhere(merchant_a: Merchant) -> None:
    unit = granted(merchant_a, stars=3)
    TrustUnit.objects.filter(pk=unit.pk).update(lng=120.2, lat=30.2)
    index.publish(TrustUnit.objects.get(pk=unit.pk))
    seen = _everywhere("A造型", unit.code)
    assert seen == ["search", "browse", "page", "geo", "suggest", "facets"]
    # The net: whoever changes the unit past the actions still removes it from the search.
    with transaction.atomic():
        TrustUnit.objects.filter(pk=unit.pk).update(status="REMOVED")
    assert _everywhere("A造型", unit.code) == []
    TrustUnit.objects.filter(pk=unit.pk).update(status="STAR")
    index.publish(TrustUnit.objects.get(pk=unit.pk))
    assert _everywhere("A造型", unit.code) == seen
    trust.warn_unit(unit.pk, "投诉查实", by=SYSTEM)
    assert UnitSearch.objects.get(pk=unit.pk).status == "WARNING"
    assert index.unpublish(unit.pk) == 1 and _everywhere("A造型", unit.code) == []


def test_several_kinds_of_trust_are_one_line(merchant_a: Merchant) -> None:
    returns = granted(merchant_a, unit_type=UnitType.NO_REASON_RETURN)
    assert list(UnitSearch.objects.values_list("unit_id", "flags")) == [(returns.pk, 3)]
    shown = granted(merchant_a, stars=2, unit_type=UnitType.DEMONSTRATION)
    assert list(UnitSearch.objects.values_list("unit_id", "flags")) == [(shown.pk, 3)]
    TrustUnit.objects.filter(pk=shown.pk).update(status="REMOVED")
    index.unpublish(shown.pk)
    assert list(UnitSearch.objects.values_list("unit_id", flat=True)) == [returns.pk]


def test_the_table_is_written_anew_in_the_order_of_rank(shops: int) -> None:
    index.unpublish(9_000_003)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE unit_search SET rank_no = 1, rev = nextval('unit_search_rev'), fresh = true WHERE unit_id = 9000050"
        )
        assert index.rebuild() == 205
        cursor.execute("SELECT unit_id, fresh FROM unit_search LIMIT 1")
        assert cursor.fetchone() == (9_000_050, False)
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 'unit_search'")
        assert cursor.fetchone() == (15,)
        cursor.execute("SELECT n FROM gram_df WHERE kind = 0 AND gram = %s", [of_texts(["龙井"])[0]])
        assert cursor.fetchone() is not None
        cursor.execute("SELECT count(*), sum(n) FROM facet_rollup WHERE scope = 0")
        assert cursor.fetchone()[1] == 205
    assert found("龙井").total == 1 and index.unpublish(9_000_050) == 1
    assert index.refresh(view_counts.business_date()) == 0 and UnitSearch.objects.count() == 0


def test_views_are_counted_in_batches() -> None:
    view_counts.write_views()
    for _ in range(view_counts.MOST_WAITING - 1):
        view_counts.count_view(7)
    assert not UnitViewCount.objects.exists()
    view_counts.count_view(8)
    view_counts.count_view(7)
    view_counts.write_views()
    assert dict(UnitViewCount.objects.values_list("unit_id", "n")) == {7: 50, 8: 1}


def test_circles_grow_until_a_page_is_full(shops: int) -> None:
    assert found(near=Point(120.13, 30.28), limit=5).items[0].distance_m < 3000  # type: ignore[operator]
    assert len(found(near=Point(120.13, 30.28), limit=40).items) == 40
    assert found(near=Point(100.0, 20.0)).items == []
