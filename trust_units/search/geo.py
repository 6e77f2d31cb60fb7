"""Places on the map: what phones and map services call a position, boxes first, exact metres after."""

from __future__ import annotations

import math
from typing import NamedTuple

DATUMS = ("wgs84", "gcj02", "bd09")
EARTH_M = 6_371_008.8
METRES_A_DEGREE = 111_195.0
# Without a radius the circle grows until it holds a page.
RADII_M = (1_000, 3_000, 10_000, 30_000)
MOST_RADIUS_M = 50_000
_AXIS, _FLATNESS = 6_378_245.0, 0.00669342162296594323
_BD = math.pi * 3000.0 / 180.0


class Point(NamedTuple):
    """WGS 84 degrees."""

    lng: float
    lat: float


class Box(NamedTuple):
    """West, south, east, north."""

    west: float
    south: float
    east: float
    north: float


def box_around(centre: Point, radius_m: float) -> Box:
    """The smallest box that holds the circle."""
    north = radius_m / METRES_A_DEGREE
    east = north / max(math.cos(math.radians(centre.lat)), 0.01)
    return Box(centre.lng - east, centre.lat - north, centre.lng + east, centre.lat + north)


def metres(one: Point, other: Point) -> float:
    """The way between two points on the globe (haversine)."""
    a, b = math.radians(one.lat), math.radians(other.lat)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(other.lng - one.lng) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def to_wgs84(lng: float, lat: float, datum: str) -> Point:
    """A position in one of ``DATUMS`` as WGS 84; outside China the datums are one."""
    if datum == "bd09":
        lng, lat = _gcj_of_bd(lng, lat)
        datum = "gcj02"
    if datum == "wgs84" or not _is_in_china(lng, lat):
        return Point(lng, lat)
    # The shift is known only forwards; two steps back are good to a centimetre.
    found = Point(lng, lat)
    for _ in range(3):
        shifted = to_gcj02(found)
        found = Point(found.lng + lng - shifted.lng, found.lat + lat - shifted.lat)
    return found


def to_gcj02(point: Point) -> Point:
    """Where Chinese maps draw a WGS 84 position."""
    if not _is_in_china(*point):
        return point
    x, y = point.lng - 105.0, point.lat - 35.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + _waves(x, y, y, 160, 320)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + _waves(x, x, x, 150, 300)
    angle = math.radians(point.lat)
    magic = 1 - _FLATNESS * math.sin(angle) ** 2
    root = math.sqrt(magic)
    north = north * 180.0 / ((_AXIS * (1 - _FLATNESS)) / (magic * root) * math.pi)
    east = east * 180.0 / (_AXIS / root * math.cos(angle) * math.pi)
    return Point(point.lng + east, point.lat + north)


def _waves(x: float, middle: float, last: float, strong: float, stronger: float) -> float:
    total = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    total += (20.0 * math.sin(middle * math.pi) + 40.0 * math.sin(middle / 3.0 * math.pi)) * 2.0 / 3.0
    slow = stronger * (math.sin(last * math.pi / 30.0))
    return total + (strong * math.sin(last / 12.0 * math.pi) + slow) * 2.0 / 3.0


def _gcj_of_bd(lng: float, lat: float) -> tuple[float, float]:
    x, y = lng - 0.0065, lat - 0.006
    length = math.sqrt(x * x + y * y) - 0.00002 * math.sin(y * _BD)
    angle = math.atan2(y, x) - 0.000003 * math.cos(x * _BD)
    return length * math.cos(angle), length * math.sin(angle)


def _is_in_china(lng: float, lat: float) -> bool:
    return 72.004 <= lng <= 137.8347 and 0.8293 <= lat <= 55.8271
