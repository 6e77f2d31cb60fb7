"""Scene 5, the way in: one shop waits for the visit, one for the second reviewer, one is in publicity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import uploads
from core.actors import SYSTEM, Actor
from core.models import StoredFile
from merchants.models import RegisterEntry
from portal.demo.people import Cast
from portal.demo.shops import Shop
from trust_units import actions as trust
from trust_units.models import Answer, Declaration, UnitType

PROMISE = "明码标价，七天内没有使用可以退，投诉当天答复。"


def declare(cast: Cast, shops: Sequence[Shop], today: date) -> None:
    """Three shops declare through the same actions as the pages."""
    photo = _photo(cast.by("chen"))
    _, reviewed, published = (_declared(shop, photo, today) for shop in shops[:3])
    for row in (reviewed, published):
        _visited(row, cast, photo)
        trust.review_business(row.pk, "材料齐全，与核查一致，同意", by=cast.by("chen"), on=today)
    trust.review_general(published.pk, "核查属实，同意公示", by=cast.by("li"), on=today)


def _declared(shop: Shop, photo: StoredFile, today: date) -> Declaration:
    """The owner answers every criterion, promises and hands in; the rules find nothing to doubt."""
    by, merchant = Actor.of_user(shop.owner), shop.merchant
    RegisterEntry.objects.create(
        uscc=merchant.uscc, legal_name=merchant.legal_name, brand_name=shop.brand, address=shop.address,
        digest=f"demo-declared-{merchant.pk}",
    )  # fmt: skip
    row = trust.start_declaration(shop.store, UnitType.COMMITMENT, by=by, on=today)
    Answer.objects.filter(declaration=row).update(met=True)
    Answer.objects.filter(declaration=row, needs_evidence=True).update(evidence=photo)
    trust.promise(row.pk, PROMISE, by=by)
    trust.declare(row.pk, by=by)
    return trust.screen_declaration(row.pk, by=SYSTEM, on=today)


def _visited(row: Declaration, cast: Cast, photo: StoredFile) -> None:
    seen = dict.fromkeys(row.answers.values_list("criterion", flat=True), True)
    note = "到店核查，与申报一致"
    trust.record_visit(
        row.pk, cast.user("li"), note, [photo], by=cast.by("chen"), checklist=seen, position=(120.2108, 30.2084)
    )


def _photo(by: Actor) -> StoredFile:
    """A plain picture in place of real ones."""
    file = BytesIO()
    Image.new("RGB", (320, 240), "#0f4c5c").save(file, "JPEG")
    return uploads.store(SimpleUploadedFile("photo.jpg", file.getvalue(), "image/jpeg"), title="演示照片", by=by)
