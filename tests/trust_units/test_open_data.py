"""The night writes the public files; who has them already is told so; nothing of a removed unit is sold as trusted."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from core.actors import SYSTEM
from core.calendar import business_date
from core.jobs import run_shard
from merchants.models import Merchant
from tests.trust_units.scenes import granted
from trust_units import actions as trust

pytestmark = pytest.mark.django_db


def test_the_files_of_the_night(
    merchant_a: Merchant, merchant_b: Merchant, client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    assert client.get("/open-data/units.csv.gz").status_code == 404
    assert "明天这里就有" in client.get("/open-data/").content.decode()
    gone, stays = granted(merchant_a), granted(merchant_b, stars=2)
    merchant_b.stores.update(address="=1+1号")
    trust.remove_for_fact(gone.pk, "CLOSED", "商家已停业", by=SYSTEM)
    assert run_shard("trust_units.open_data", business_date(), 0) == {"units": 1, "removals": 1}
    answer = client.get("/open-data/units.csv.gz")
    text = gzip.decompress(b"".join(answer)).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert len(text) == 2 and stays.code in text[1] and "'=1+1号" in text[1] and gone.code not in text[1]
    again = client.get("/open-data/units.csv.gz", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    removed = gzip.decompress((tmp_path / "open-data" / "removals.csv.gz").read_bytes()).decode("utf-8-sig")
    assert gone.code in removed and "商家已停业" in removed
    assert sorted(path.name for path in (tmp_path / "open-data").iterdir()) == ["removals.csv.gz", "units.csv.gz"]
    for name in ("..%2Fsecret", "units.csv", "."):
        assert client.get(f"/open-data/{name}").status_code == 404
    assert "放心消费单位" in client.get("/open-data/").content.decode()
