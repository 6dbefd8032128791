"""The playground is a leaf: of the bot, only the demo depends on it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_only_the_demo_imports_the_playground() -> None:
    modules = [
        path.relative_to(ROOT)
        for name in ("bot", "handlers", "engine", "data")
        for path in (ROOT / name).rglob("*.py")
    ]
    importing = {
        path.as_posix()
        for path in modules
        if not path.is_relative_to("bot/playground") and "bot.playground" in (ROOT / path).read_text("utf-8")
    }
    assert importing == {"bot/demo.py"}
