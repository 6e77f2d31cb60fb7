"""The names the search is measured with, and questions made from them: nineteen kinds, seeded."""

from __future__ import annotations

import csv
import lzma
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from trust_units.search.entries import Entry
from trust_units.search.geo import Point
from trust_units.search.ranking import rank_of

UNITS = "units.tsv.xz"
# A made position round a city, so that the map has something to find.
_CENTRES = (Point(120.15, 30.28), Point(121.47, 31.23), Point(116.40, 39.90), Point(104.06, 30.67))


@dataclass(frozen=True)
class Unit:
    """One line of the file."""

    number: int
    region: str
    industry: int
    stars: int
    no_reason: bool
    custody: bool
    sign: str
    name: str
    address: str

    def entry(self) -> Entry:
        """As the search takes it."""
        flags = self.no_reason | self.custody << 1
        rank = rank_of(
            self.stars, no_reason=self.no_reason, custody=self.custody, warned=False,
            days_since_check=self.number % 300, upheld=0,
        )  # fmt: skip
        centre = _CENTRES[self.number % len(_CENTRES)]
        spread = random.Random(self.number)
        return Entry(
            unit_id=self.number, rank_no=rank, code=f"{self.number:016d}", name=self.name, sign_name=self.sign,
            address=self.address, region_code=int(self.region.ljust(9, "0")), industry=self.industry,
            stars=self.stars, flags=flags, unit_type="COMMITMENT", status="STAR", chain_id=None,
            lng=round(centre.lng + spread.uniform(-1, 1), 6), lat=round(centre.lat + spread.uniform(-1, 1), 6),
        )  # fmt: skip


def units(folder: Path, most: int | None = None) -> Iterator[Unit]:
    """The lines of the file, at most so many."""
    with lzma.open(folder / UNITS, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        for number, row in enumerate(islice(rows, most), 1):
            region, industry, stars, no_reason, custody, sign, name, address = row
            yield Unit(
                number, region if len(region) == 6 else "0", int(industry), int(stars), no_reason == "1",
                custody == "1", sign, name, address,
            )  # fmt: skip
