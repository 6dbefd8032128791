"""`python -m bot demo` with a scripted engine: `python -m tests.bot.scripted_demo`."""

from __future__ import annotations

import sys
from dataclasses import replace

from bot import __main__ as command_line
from bot import lifecycle
from engine.settings import EngineSettings
from tests.bot.harness import ScriptedEngine

NOTICE = "Only a few photos."


async def open_engine(settings: EngineSettings) -> ScriptedEngine:
    """Return an engine that has something to say about its gallery."""
    engine = ScriptedEngine()
    engine.gallery = replace(engine.gallery, notice=NOTICE)
    return engine


if __name__ == "__main__":
    lifecycle.open_engine = open_engine  # type: ignore[assignment]
    sys.exit(command_line.main(["demo"]))
