"""`python -m bot run` with the real worker before an engine that breaks: `python -m tests.bot.broken_bot hangs`.

`hangs`: the thread that thinks never comes back from a photo. `dies`: it is gone. `sound`: neither.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from typing import Any, cast

from bot import __main__ as command_line
from bot import lifecycle
from engine import api
from engine.async_engine import AsyncEngine
from engine.results import Caption, Description, GalleryInfo, Match
from engine.service import Engine
from engine.settings import EngineSettings
from tests.bot.harness import jpeg
from tests.paint import PAINTINGS


class Broken:
    """What stands behind the worker."""

    image_size, ready = 64, True
    gallery = GalleryInfo("the test gallery", 3, "")

    def __init__(self, how: str) -> None:
        self._how = how

    def describe(self, *_: Any) -> Description:
        if self._how == "hangs":
            time.sleep(3_600)
        return Description((Caption("a dog", 0.9),), tuple(Match(f"{n}.jpg", 0.9) for n in range(3)))

    def find(self, text: str, count: int, _: object = None) -> tuple[Match, ...]:
        return (Match("0.jpg", 0.9),)

    def picture(self, image: str) -> bytes:
        return jpeg([*PAINTINGS.values()][int(image[0])]().resize((64, 48)))


if __name__ == "__main__":
    how = sys.argv[1]

    async def opened(settings: EngineSettings) -> AsyncEngine:
        """Put the worker before it."""
        worker = AsyncEngine(cast(Engine, Broken(how)), 32)
        if how == "dies":  # out of memory, as it takes up the first question
            thread = worker._inference.submit(threading.get_ident).result()
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(MemoryError))
        return worker

    lifecycle.open_engine = opened  # type: ignore[assignment]
    lifecycle.ENGINE_CLOSE_TIMEOUT = 1.0
    api.HANG_TIMEOUT = 1.0  # type: ignore[misc]
    sys.exit(command_line.main(["run"]))
