"""The engines give the answers that were worked out by hand."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.management.commands.check_vectors import differences

VECTORS = Path(__file__).parents[1] / "vectors"
WORKED = [vector for file in sorted(VECTORS.glob("*.json")) for vector in json.loads(file.read_text("utf-8"))]


@pytest.mark.parametrize("vector", WORKED, ids=lambda vector: vector["name"])
def test_worked_example(vector: dict[str, Any]) -> None:
    assert differences(vector) == []


def test_the_command_counts_and_fails_on_a_difference(tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("check_vectors", *VECTORS.glob("*.json"), stdout=out)
    assert f"{len(WORKED)} passed, 0 failed" in out.getvalue()
    refund, due, version = (
        next(v for v in WORKED if v["type"] == kind) for kind in ("refund", "deadline", "rule_version")
    )
    wrong = [
        refund | {"expected_refund_fen": 1, "articles": ["第99条"]},
        due | {"expected_due": "2026-01-01", "expected_provisional": True},
        version | {"expected": {"order": 1}},
        {"type": "riddle", "name": "谜"},
        {"type": "refund", "name": "缺字段"},
    ]
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(wrong), "utf-8")
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("check_vectors", file, stdout=out)
    assert out.getvalue().count("\n") == 8
    assert out.getvalue().endswith("0 passed, 5 failed\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[{"type": "refund"', "JSON"),
        ("[“全角”]".encode("gbk"), "UTF-8"),
        (b"{}", "列表"),
        (b"[]", "列表"),
        (b"[" * 100_000, "JSON"),
        (None, "没有这个文件"),
    ],
)
def test_a_damaged_file_is_told_in_chinese(content: bytes | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / "damaged.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=said) as caught:
        call_command("check_vectors", file, stdout=io.StringIO())
    assert caught.value.returncode != 0


@pytest.mark.parametrize(
    "broken",
    [
        [1],
        {"paid_fen": "100"},
        {"paid_fen": 1.5},
        {"paid_fen": True},
        {"discount": "八折"},
        {"kind": "GOLD"},
        {"times_used": -1},
        {"used_face_fen": [1]},
    ],
)
def test_a_broken_example_fails_alone(broken: Any) -> None:
    good = next(vector for vector in WORKED if vector["type"] == "refund")
    assert differences({**good, **broken} if isinstance(broken, dict) else broken)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "bom.json"
    file.write_text(json.dumps(WORKED[:1]), "utf-8-sig")
    out = io.StringIO()
    call_command("check_vectors", file, stdout=out)
    assert out.getvalue() == "1 passed, 0 failed\n"
