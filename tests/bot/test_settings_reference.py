"""docs/SETTINGS.md is what `python -m bot settings` prints, and complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import __main__ as command_line
from bot.settings import Settings
from bot.settings_reference import COMMAND
from engine.settings import variable_name

PAGE = Path(__file__).resolve().parents[2] / "docs" / "SETTINGS.md"


def test_the_page_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["settings"]) == 0
    printed = capsys.readouterr().out
    assert PAGE.read_text(encoding="utf-8") == printed, f"renew it: {COMMAND} > docs/SETTINGS.md"


def test_every_setting_has_one_row_with_a_description() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    cells = [row.split(" | ") for row in rows]
    assert sorted(row[0] for row in cells) == sorted(
        f"| `{variable_name(name, Settings)}`" for name in Settings.model_fields
    )
    assert all(len(row) == 4 and row[1] and row[3] for row in cells)


def test_the_page_names_no_path_of_the_machine_it_was_made_on() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert str(Path.home()) not in page
    assert str(PAGE.parents[1]) not in page
