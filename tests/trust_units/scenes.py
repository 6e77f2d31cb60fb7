"""Scenes of trust units that several tests play."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import uploads
from core.actors import SYSTEM, Actor
from core.calendar import business_date
from core.models import StoredFile, User
from merchants.models import Merchant
from trust_units import actions as trust
from trust_units.models import TrustUnit, UnitType


def granted(
    merchant: Merchant, *, stars: int = 0, unit_type: UnitType = UnitType.COMMITMENT, on: date | None = None
) -> TrustUnit:
    """The first store of a merchant as a trust unit in the incubation pool, or in the star pool."""
    store = merchant.stores.first()
    assert store is not None
    unit = trust.enter_selection(store, unit_type, "街道推荐的商家", by=SYSTEM, on=on)
    unit = trust.grant_unit(unit.pk, "公示期满没有异议", by=SYSTEM, on=on)
    if stars:
        unit = trust.star_unit(unit.pk, stars, "年度后评价合格", by=SYSTEM, on=on)
    TrustUnit.objects.filter(pk=unit.pk).update(valid_until=date(business_date().year + 1, 12, 31))
    return TrustUnit.objects.get(pk=unit.pk)


def picture(by: User) -> StoredFile:
    """A picture somebody took."""
    file = BytesIO()
    Image.new("RGB", (8, 8), "white").save(file, "JPEG")
    return uploads.store(
        SimpleUploadedFile("photo.jpg", file.getvalue(), "image/jpeg"), title="照片", by=Actor.of_user(by)
    )
