"""Questions of nineteen kinds made from the names themselves, seeded, each with the names that answer it."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from portal.bench.search_corpus import Unit
from trust_units.search.normalise import core, is_han, normalise, simplified
from trust_units.search.pinyin import initials, readings

COMMON = (
    "中国", "上海", "北京", "有限", "科技", "贸易", "美容", "美发", "超市", "酒店", "药店", "电器", "服装",
    "食品", "汽车", "建材", "家具", "广告", "装饰", "物流", "房产", "旅行", "教育", "培训", "健身", "餐饮",
    "百货", "医药", "电脑", "通讯", "银行",
)  # fmt: skip
KINDS = (
    "full_name", "sub2", "sub3", "sub4plus", "two_fragments", "region_brand", "traditional", "noise", "brand_sign",
    "address", "initials", "pinyin", "pinyin_prefix", "mixed", "homophone", "missing", "swapped", "extra", "common2",
)  # fmt: skip
TYPING = ("homophone", "missing", "swapped", "extra")
SOUNDED = ("initials", "pinyin", "pinyin_prefix", "mixed")
_CITIES = {
    "1101": "北京", "1201": "天津", "3101": "上海", "3301": "杭州", "3302": "宁波", "3303": "温州", "3201": "南京",
    "3205": "苏州", "4401": "广州", "4403": "深圳", "5101": "成都", "4201": "武汉", "6101": "西安", "3702": "青岛",
    "2102": "大连", "5001": "重庆", "3501": "福州", "3502": "厦门", "4301": "长沙", "4101": "郑州",
}  # fmt: skip
_SIGNS = "·！，、（）"
# A made-up question with more answers than fit on a page says little of the first twenty.
_MOST_ANSWERS = 200


@dataclass
class Question:
    """What is typed, of which kind, and the names of which any twenty should come."""

    query: str
    kind: str
    expected: list[str] = field(default_factory=list)


@dataclass
class _Wanted:
    """A question whose answers are all units with ``parts`` in their texts (or ``address``), found in one pass."""

    question: Question
    parts: tuple[str, ...]
    in_address: bool = False
    city: str = ""
    city_name: str = ""

    def fits(self, unit: Unit, name: str, sign: str, address: str) -> bool:
        """Whether ``unit`` answers it."""
        if self.in_address:
            return all(part in address for part in self.parts)
        here = not self.city or unit.region.startswith(self.city) or self.city_name in name
        return here and all(part in name or part in sign or part in core(name) for part in self.parts)


def made(units: Sequence[Unit], each: int, seed: int = 20260101) -> list[Question]:
    """``each`` questions of every kind, with their answers among ``units``; common words have none."""
    rng = random.Random(seed)
    wanted: list[_Wanted] = []
    for kind in KINDS[:-1]:
        make, got, tries = _MAKERS[kind], 0, 0
        while got < each and tries < 200 * each:
            tries += 1
            if found := make(rng, rng.choice(units)):
                found.question.kind = kind
                wanted.append(found)
                got += 1
    _answer(wanted, units)
    asked = [one.question for one in wanted if 0 < len(one.question.expected) <= _MOST_ANSWERS]
    return asked + [Question(word, "common2") for word in COMMON]


def read(path: Path) -> list[Question]:
    """Questions of somebody else: a line of JSON each."""
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return [Question(line["query"], line["kind"], line["expected"]) for line in lines]


def _answer(wanted: Iterable[_Wanted], units: Iterable[Unit]) -> None:
    """Fill in the expected names in one pass over all units."""
    by_pair: dict[str, list[_Wanted]] = defaultdict(list)
    for one in wanted:
        by_pair[one.parts[0][:2]].append(one)
    for unit in units:
        name, sign, address = normalise(unit.name), normalise(unit.sign), normalise(unit.address)
        seen = {text[at : at + 2] for text in (name, core(name), sign, address) for at in range(len(text) - 1)}
        for pair in seen & by_pair.keys():
            for one in by_pair[pair]:
                if len(one.question.expected) <= _MOST_ANSWERS and one.fits(unit, name, sign, address):
                    one.question.expected.append(unit.name)


def _part(rng: random.Random, text: str, least: int, most: int) -> str:
    """A piece of ``text`` of Chinese characters only; empty if there is none."""
    length = rng.randint(least, most)
    if len(text) < length:
        return ""
    at = rng.randint(0, len(text) - length)
    piece = text[at : at + length]
    return piece if all(map(is_han, piece)) else ""


def _plain(query: str, *parts: str, **more: str | bool) -> _Wanted | None:
    if not all(len(part) > 1 for part in parts):
        return None
    return _Wanted(Question(query, ""), parts, **more)  # type: ignore[arg-type]


def _bare(unit: Unit) -> str:
    return core(normalise(unit.name))


def _sub(least: int, most: int) -> Callable[[random.Random, Unit], _Wanted | None]:
    def make(rng: random.Random, unit: Unit) -> _Wanted | None:
        piece = _part(rng, normalise(unit.sign) if rng.random() < 0.3 else _bare(unit), least, most)
        return _plain(piece, piece)

    return make


def _full(rng: random.Random, unit: Unit) -> _Wanted | None:
    return _plain(unit.name, normalise(unit.name))


def _two(rng: random.Random, unit: Unit) -> _Wanted | None:
    name = _bare(unit)
    one, other = _part(rng, name[: len(name) // 2], 2, 2), _part(rng, name[len(name) // 2 :], 2, 3)
    return _plain(f"{one} {other}", one, other) if one and other and one != other else None


def _region(rng: random.Random, unit: Unit) -> _Wanted | None:
    city = _CITIES.get(unit.region[:4])
    sign = normalise(unit.sign)
    if not city or len(sign) < 2:
        return None
    return _plain(f"{city} {unit.sign}", sign, city=unit.region[:4], city_name=city)


@cache
def _traditional() -> dict[int, int]:
    return {plain: old for old, plain in simplified().items() if old <= 0xFFFF}


def _old_script(rng: random.Random, unit: Unit) -> _Wanted | None:
    piece = _part(rng, _bare(unit), 4, 8)
    old = piece.translate(_traditional())
    return _plain(old, piece) if old != piece and normalise(old) == piece else None


def _noise(rng: random.Random, unit: Unit) -> _Wanted | None:
    piece = _part(rng, _bare(unit), 4, 8)
    if not piece:
        return None
    at = rng.randint(1, len(piece) - 1)
    return _plain(f"  {piece[:at]}{rng.choice(_SIGNS)}{piece[at:]}{rng.choice(_SIGNS)} ", piece)


def _sign(rng: random.Random, unit: Unit) -> _Wanted | None:
    return _plain(unit.sign, normalise(unit.sign))


def _address(rng: random.Random, unit: Unit) -> _Wanted | None:
    piece = _part(rng, normalise(unit.address), 5, 9)
    return _plain(piece, piece, in_address=True)


def _spoken(rng: random.Random, unit: Unit, least: int, most: int) -> tuple[str, tuple[str, ...]] | None:
    piece = _part(rng, _bare(unit), least, most)
    return (piece, readings(piece)[0]) if piece else None


def _initials(rng: random.Random, unit: Unit) -> _Wanted | None:
    said = _spoken(rng, unit, 8, 11)
    return _plain(initials(said[1]), said[0]) if said else None


def _pinyin(rng: random.Random, unit: Unit) -> _Wanted | None:
    said = _spoken(rng, unit, 5, 8)
    return _plain("".join(said[1]), said[0]) if said else None


def _prefix(rng: random.Random, unit: Unit) -> _Wanted | None:
    said = _spoken(rng, unit, 5, 8)
    if not said or len(said[1][-1]) < 2:
        return None
    return _plain("".join(said[1][:-1]) + said[1][-1][: rng.randint(1, len(said[1][-1]) - 1)], said[0])


def _mixed(rng: random.Random, unit: Unit) -> _Wanted | None:
    said = _spoken(rng, unit, 5, 7)
    if not said:
        return None
    at = rng.randint(1, len(said[0]) - 2)
    return _plain(said[0][:at] + said[1][at] + said[0][at + 1 :], said[0])


@cache
def _homophones() -> dict[str, str]:
    """Common characters by their reading."""
    found: dict[str, list[str]] = defaultdict(list)
    for code in range(0x4E00, 0x9FA6):
        char = chr(code)
        if char.encode("gb2312", "ignore") and normalise(char) == char:
            found[readings(char)[-1][0]].append(char)
    return {reading: "".join(chars) for reading, chars in found.items()}


def _homophone(rng: random.Random, unit: Unit) -> _Wanted | None:
    said = _spoken(rng, unit, 5, 7)
    if not said:
        return None
    at = rng.randrange(len(said[0]))
    others = [char for char in _homophones().get(said[1][at], "") if char != said[0][at]]
    return _plain(said[0][:at] + rng.choice(others) + said[0][at + 1 :], said[0]) if others else None


def _missing(rng: random.Random, unit: Unit) -> _Wanted | None:
    piece = _part(rng, _bare(unit), 6, 9)
    at = rng.randint(1, max(len(piece) - 2, 1))
    return _plain(piece[:at] + piece[at + 1 :], piece) if piece else None


def _swapped(rng: random.Random, unit: Unit) -> _Wanted | None:
    piece = _part(rng, _bare(unit), 6, 9)
    at = rng.randint(1, max(len(piece) - 3, 1))
    if not piece or piece[at] == piece[at + 1]:
        return None
    return _plain(piece[:at] + piece[at + 1] + piece[at] + piece[at + 2 :], piece)


def _extra(rng: random.Random, unit: Unit) -> _Wanted | None:
    piece = _part(rng, _bare(unit), 5, 8)
    at = rng.randint(1, max(len(piece) - 1, 1))
    return _plain(piece[:at] + rng.choice("的一大小新老") + piece[at:], piece) if piece else None


_MAKERS: dict[str, Callable[[random.Random, Unit], _Wanted | None]] = {
    "full_name": _full, "sub2": _sub(2, 2), "sub3": _sub(3, 3), "sub4plus": _sub(4, 7), "two_fragments": _two,
    "region_brand": _region, "traditional": _old_script, "noise": _noise, "brand_sign": _sign, "address": _address,
    "initials": _initials, "pinyin": _pinyin, "pinyin_prefix": _prefix, "mixed": _mixed, "homophone": _homophone,
    "missing": _missing, "swapped": _swapped, "extra": _extra,
}  # fmt: skip


def lines(questions: Iterable[Question]) -> Iterator[str]:
    """Questions as lines of JSON."""
    for one in questions:
        yield json.dumps(vars(one), ensure_ascii=False)
