"""What happens to words before the database is asked: one form, pieces, readings, meanings, places, cursors."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from trust_units.search import cursor as cursors
from trust_units.search import grams
from trust_units.search.asking import question_of
from trust_units.search.geo import Point, box_around, metres, to_gcj02, to_wgs84
from trust_units.search.likeness import likeness, one_away
from trust_units.search.normalise import core, fragments, normalise
from trust_units.search.pinyin import initials, readings, sound_of, spellings
from trust_units.search.places import Gazetteer, codes_of
from trust_units.search.planner import (
    Alike,
    Both,
    Either,
    Initials,
    InPlace,
    InTrade,
    Sounds,
    Where,
    Words,
    plan,
)
from trust_units.search.ranking import marks, rank_of

KNOWN = Gazetteer.of(
    [("33", "浙江省"), ("3301", "杭州市"), ("330106", "西湖区"), ("3305", "湖州市")],
    [(1, "美容美发", ["美发", "理发"]), (5, "餐饮", ["面馆"])],
)


@pytest.mark.parametrize(
    ("written", "norm"),
    [
        ("青禾造型", "青禾造型"),
        ("ＡＢＣ　美髮", "abc美发"),
        ("江 南—里·麵館！", "江南里面馆"),
        ("消費(fèi)者之家", "消费者之家"),
        ("製衣（杭州）", "制衣杭州"),
        ("Ⅷ號店", "viii号店"),
        ("", ""),
        ("……", ""),
        ("𠮷野家", "𠮷野家"),
    ],
)
def test_one_form(written: str, norm: str) -> None:
    assert normalise(written) == norm == normalise(norm)


def test_core_and_fragments() -> None:
    assert core(normalise("杭州青禾美发有限责任公司")) == "杭州青禾美发"
    assert core("上海佳禾快运有限公司南京浦珠路分公司") == "上海佳禾快运南京浦珠路"
    assert core("有限公司") == "有限公司"
    assert fragments("杭州　青禾·造型 ") == ["杭州", "青禾造型"]


def test_pieces_never_meet() -> None:
    assert grams.pairs("西湖") == [(ord("西") << 16 | ord("湖")) - (1 << 32)]
    assert grams.of_texts(["西湖", "西湖"]) == sorted({*grams.pairs("西湖"), ord("西"), ord("湖")})
    assert all(-(2**31) <= code < 2**31 for code in grams.of_texts(["龘龘", "\U00020bb7野", "zz"]))
    sounds = set(grams.of_syllables([1, 511, 511])) | set(grams.threes("aaazzz"))
    # The smallest pair of printable characters lies above them, the largest single character below.
    assert max(sounds) < grams.pairs("  ")[0] and min(sounds) > 0xFFFF
    assert grams.threes("a1bcd") == grams.threes("bcd")


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("重庆小面", "chong qing xiao mian"),
        ("乐清海鲜", "yue qing hai xian"),
        ("中国银行", "zhong guo yin hang"),
        ("曾记茶楼", "zeng ji cha lou"),
        ("绿茶", "lv cha"),
        ("六安瓜片", "lu an gua pian"),
    ],
)
def test_readings(name: str, reading: str) -> None:
    assert tuple(reading.split()) == readings(name)[0]
    assert readings(name) == readings(name, bulk=True)


def test_two_readings_and_spellings() -> None:
    sound = sound_of(["乐园"])
    assert " le yuan " in sound.text.split("|") and "ly" in sound.initials.split("|")
    assert initials(readings("青禾ktv")[0]) == "qhktv"
    assert {("xian",), ("xi", "an")} <= {way.syllables for way in spellings("xian") if not way.rest}
    assert [(way.syllables, way.rest) for way in spellings("qinghez")] == [(("qing", "he"), "z")]
    assert spellings("qhzx") == [] and spellings("lue")[0].syllables == ("lve",)
    assert len(spellings("xianganfangan" * 4)) <= 6


HANGZHOU, HUZHOU = codes_of("3301"), codes_of("3305")
IN_HANGZHOU = Both((Words(("青禾",)), InPlace((HANGZHOU,))))
SPOKEN = Sounds(("qing", "he", "zao", "xing"))
PLANS = [
    ("青禾", [Words(("青禾",)), Where(("青禾",)), Either((Sounds(("qing", "he")),))]),
    ("青禾造型", [Words(("青禾造型",)), Where(("青禾造型",)), Either((SPOKEN,)), Alike("青禾造型")]),
    ("杭州 青禾", [Either((Words(("杭州", "青禾")), IN_HANGZHOU)), Where(("杭州", "青禾"))]),
    ("杭州青禾", [Words(("杭州青禾",)), Where(("杭州青禾",)), IN_HANGZHOU]),
    ("qinghe", [Words(("qinghe",)), Either((Sounds(("qing",), "he"), Initials("qinghe")))]),
    ("hzmf", [Either((Initials("hzmf"), Both((InPlace((HANGZHOU, HUZHOU)), InTrade((1,))))))]),
    ("青he造型", [Words(("青he造型",)), Either((SPOKEN,))]),
    ("12号A座", [Words(("12号a座",)), Where(("12号a座",))]),
]


@pytest.mark.parametrize(("query", "steps"), PLANS)
def test_meanings_in_their_order(query: str, steps: list[object]) -> None:
    found = [step.condition for step in plan(query, KNOWN).steps]
    for wanted in steps:
        if isinstance(wanted, Either):
            held = [part for one in found if isinstance(one, Either) for part in one.parts]
            assert all(part in held for part in wanted.parts), found
        else:
            assert wanted in found, found
    tiers = [step.tier for step in plan(query, KNOWN).steps]
    assert tiers[0] == 2 and (tiers == sorted(tiers) or 4 in tiers)


@pytest.mark.parametrize("query", ["", "  ", "！！", "\u200b", "%", "_"])
def test_nothing_to_look_for(query: str) -> None:
    assert plan(query, KNOWN).steps == ()


def test_likeness() -> None:
    assert likeness("青禾型", ["青禾造型"]) > 60 > likeness("青禾造型", ["望江饭店"])
    assert likeness("青禾造形店铺", ["青禾"]) < likeness("青禾造形店铺", ["青禾造型店铺"])
    assert all(set(part) <= set(grams.of_texts(["青禾造型"])) for part in one_away("青禾造型"))
    assert marks("杭州青禾（总店）", ["青禾总店"]) == [(2, 7)] and marks("ＡＢ店", ["ab"]) == [(0, 2)]


def test_ranks() -> None:
    def rank(stars: int = 3, *, warned: bool = False, days: int | None = 10, upheld: int = 0) -> int:
        return rank_of(stars, no_reason=False, custody=True, warned=warned, days_since_check=days, upheld=upheld)

    assert rank(5) < rank(3) < rank(1) < rank(5, warned=True)
    assert rank(days=1) < rank(days=200) < rank(days=None) and rank(upheld=0) < rank(upheld=3)


def test_positions() -> None:
    here = Point(120.15, 30.28)
    drawn = to_gcj02(here)
    assert 400 < metres(here, drawn) < 700 and metres(to_wgs84(*drawn, "gcj02"), here) < 0.1
    # Published pair of the conversion: 116.404, 39.915.
    assert to_gcj02(Point(116.404, 39.915)) == pytest.approx((116.410244499, 39.916404281), abs=1e-8)
    assert to_wgs84(116.416627243787, 39.9227008132, "bd09") == pytest.approx((116.404, 39.915), abs=2e-5)
    assert to_wgs84(2.35, 48.85, "gcj02") == (2.35, 48.85)
    box = box_around(here, 1000)
    assert metres(here, Point(box.east, here.lat)) == pytest.approx(1000, rel=0.01)


def test_cursors_are_signed_and_belong_to_their_question() -> None:
    place = cursors.Place(2, 0, 1500, 77)
    made = cursors.write(place, "q='青禾'")
    assert cursors.read(made, "q='青禾'") == place
    for text, question in (
        (made, "q='望江'"),
        (made[:-2] + "xx", "q='青禾'"),
        ("x" * 5000, ""),
        ("", ""),
        ("a:b:c", ""),
    ):
        with pytest.raises(Invalid):
            cursors.read(text, question)


@pytest.mark.parametrize(
    "given",
    [
        {"utm": "1"}, {"q": "长" * 65}, {"limit": "0"}, {"limit": "51"}, {"limit": "٣"}, {"stars_min": "6"},
        {"near": "1"}, {"near": "200,30"}, {"near": "nan,nan"}, {"near": "1e9,1"}, {"region": "3"},
        {"region": "33;drop"}, {"industry": "x"}, {"sort": "best"}, {"sort": "distance"},
        {"datum": "mars", "near": "1,1"}, {"radius": "99999"}, {"custody": "yes"}, {"format": "xml"}, {"chain": "1.5"},
    ],
)  # fmt: skip
def test_parameters_are_checked(given: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        question_of((name, [value]) for name, value in given.items())
    assert set(refused.value.fields) & set(given)
    with pytest.raises(Invalid):
        question_of([("q", ["a", "b"])])


def test_parameters_are_understood() -> None:
    asked = question_of(
        [("q", [" 青禾 "]), ("region", ["3301,33"]), ("custody", ["1"]), ("stars_min", ["4"]), ("mall", [""])]
    )
    assert asked.q == "青禾" and asked.filters.flags == 2 and asked.filters.stars_min == 4
    assert asked.filters.places == (codes_of("3301"), codes_of("33"))
    assert codes_of("330106") == (330106000, 330107000) and codes_of("330106001") == (330106001, 330106002)
