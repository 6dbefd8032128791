"""Every test that SECURITY.md names exists, and every mitigation names a test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "SECURITY.md").read_text("utf-8").splitlines()
    if line.startswith("| ")
]


def test_every_named_test_exists() -> None:
    existing = {
        node.name
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    named = {name for row in TABLE for name in re.findall(r"`(test_\w+)`", row[-1])}
    assert len(named) > 20
    assert named - existing == set()


def test_every_mitigation_names_a_test_or_its_command() -> None:
    header, *rows = TABLE
    assert header == ["asset", "threat", "mitigation", "test"]
    for row in rows:
        assert len(row) == 4, row
        assert "`test_" in row[3] or "`make " in row[2], row
