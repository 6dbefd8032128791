"""The glossary names files and identifiers that exist: whoever knows the term finds the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("bot", "engine", "handlers", "data", "tests")


def rows() -> Iterator[tuple[str, str]]:
    """The term and the place of each row."""
    for line in (ROOT / "docs" / "GLOSSARY.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4 and cells[0] not in {"term", "---"}:
            yield cells[0], cells[2]


@pytest.fixture(scope="module")
def code() -> set[str]:
    """Every word of the Python code."""
    files = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return {word for path in files for word in re.findall(r"\w+", path.read_text("utf-8"))}


@pytest.mark.parametrize(("term", "place"), [*rows()], ids=[term for term, _ in rows()])
def test_every_term_leads_to_code_that_exists(term: str, place: str, code: set[str]) -> None:
    names = re.findall(r"`([^`]+)`", place)
    assert names, f"{term} names no place"
    for name in names:
        if "/" in name:
            assert (ROOT / name).exists(), name
        else:
            assert set(name.split(".")) <= code, name
