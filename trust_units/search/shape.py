"""Answers as JSON and as GeoJSON (RFC 7946), written once and at once: no serializer stands between row and text."""

from __future__ import annotations

from typing import Any

import orjson

from trust_units.search.conditions import CUSTODY, MALL, NO_REASON
from trust_units.search.facets import Facets
from trust_units.search.finder import Answer, Item
from trust_units.search.places import Gazetteer
from trust_units.search.retrieval import Shown

JSON, GEOJSON = "application/json", "application/geo+json"
TIERS = ("exact", "prefix", "contiguous", "all_words", "address", "sounds_alike", "looks_alike")


def as_json(answer: Answer, known: Gazetteer) -> bytes:
    """The page as JSON."""
    return orjson.dumps({"items": [_item(item, known) for item in answer.items], **_about(answer, known)})


def as_geojson(answer: Answer, known: Gazetteer) -> bytes:
    """The page as a FeatureCollection; a unit whose position is not known has no geometry."""
    features = []
    for item in answer.items:
        told = _item(item, known)
        position = told.pop("position")
        geometry = {"type": "Point", "coordinates": position} if position else None
        features.append({"type": "Feature", "id": told["code"], "geometry": geometry, "properties": told})
    return orjson.dumps({"type": "FeatureCollection", "features": features, **_about(answer, known)})


def suggested(rows: list[Shown], known: Gazetteer) -> bytes:
    """Suggestions as JSON."""
    items = [
        {"code": row.code, "text": row.sign_name or row.name, "address": row.address, "region": _region(row, known)}
        for row in rows
    ]
    return orjson.dumps({"items": items})


def _item(item: Item, known: Gazetteer) -> dict[str, Any]:
    row = item.row
    match = None
    if item.tier is not None:
        match = {"tier": TIERS[item.tier], "marks": item.marked}
    return {
        "code": row.code,
        "name": row.name,
        "sign_name": row.sign_name,
        "address": row.address,
        "region": _region(row, known),
        "industry": {"code": row.industry, "name": known.trade_names.get(row.industry, "")},
        "unit_type": row.unit_type,
        "status": row.status,
        "stars": row.stars,
        "no_reason": bool(row.flags & NO_REASON),
        "custody": bool(row.flags & CUSTODY),
        "mall": bool(row.flags & MALL),
        "position": None if row.lng is None or row.lat is None else (row.lng, row.lat),
        "distance_m": item.distance_m,
        "branches": item.branches,
        "chain": row.chain_id,
        "match": match,
    }


def _region(row: Shown, known: Gazetteer) -> dict[str, Any]:
    county = row.region_code // 1000
    return {"code": f"{county:06d}", "name": known.place_names.get(county * 1000, "")}


def _about(answer: Answer, known: Gazetteer) -> dict[str, Any]:
    total = None
    if answer.total is not None:
        total = {"value": answer.total, "relation": "gte" if answer.at_least else "eq"}
    return {
        "next": answer.next or None,
        "total": total,
        "did_you_mean": answer.did_you_mean or None,
        "facets": _facets(answer.facets, known) if answer.facets else None,
    }


def _facets(facets: Facets, known: Gazetteer) -> dict[str, Any]:
    return {
        "industry": [
            {"code": code, "name": known.trade_names.get(code, ""), "n": n} for code, n in facets.industry.most_common()
        ],
        "stars": [{"stars": stars, "n": facets.stars[stars]} for stars in sorted(facets.stars, reverse=True)],
        "no_reason": facets.flags["no_reason"],
        "custody": facets.flags["custody"],
        "mall": facets.flags["mall"],
    }
