"""The offline verifier stands alone: sixty lines, the standard library, nothing of the portal."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "verify"
LINES, COLUMNS = 60, 120


def test_it_imports_only_the_standard_library() -> None:
    imported = set()
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {one.name.partition(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                imported.add((node.module or "").partition(".")[0])
    assert imported and imported <= sys.stdlib_module_names


def test_it_is_short_enough_to_be_read() -> None:
    lines = (FOLDER / "verify.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LINES and max(map(len, lines)) <= COLUMNS
