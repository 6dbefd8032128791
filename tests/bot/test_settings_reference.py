"""The reference of settings is what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import __main__ as command_line
from bot.settings import Settings
from bot.settings_reference import COMMAND
from engine.settings import variable

PAGE = Path(__file__).resolve().parents[2] / "docs" / "SETTINGS.md"


def test_the_page_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["settings"]) == 0
    printed = capsys.readouterr().out
    assert PAGE.read_text(encoding="utf-8") == printed, f"renew it: {COMMAND} > docs/SETTINGS.md"


def test_every_setting_has_one_row_that_says_what_it_sets() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    told = [row.split(" | ") for row in rows]
    assert sorted(cells[0] for cells in told) == sorted(
        f"| `{variable(name, Settings)}`" for name in Settings.model_fields
    )
    assert all(len(cells) == 4 and cells[1] and cells[3] for cells in told)


def test_nothing_of_this_machine_is_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert str(Path.home()) not in page
    assert str(PAGE.parents[1]) not in page
