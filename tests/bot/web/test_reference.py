"""docs/API.md is what `python -m bot api` prints, and has every operation."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import __main__ as command_line
from bot.web.operations import OPERATIONS, Operation
from bot.web.reference import COMMAND

PAGE = Path(__file__).resolve().parents[3] / "docs" / "API.md"


def test_the_page_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["api"]) == 0
    printed = capsys.readouterr().out
    assert PAGE.read_text(encoding="utf-8") == printed, f"regenerate it: {COMMAND} > docs/API.md"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_has_a_section_with_its_fields_and_an_example(operation: Operation) -> None:
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(f"\n### {operation.name}\n")
    section = rest.partition("\n### ")[0]
    assert operation.summary in section
    assert f"`{operation.method} {operation.path}`" in section
    for field in operation.request_model.model_fields:
        assert f"| `{field}`" in section
    assert "```sh\ncurl http" in section
