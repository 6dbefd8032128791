"""`python -m bot run` with the real `AsyncEngine` over an engine that may break.

`python -m tests.bot.broken_bot hangs`: the inference thread never comes back from a photo. `dies`: the thread
is gone. `works`: neither.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from types import SimpleNamespace
from typing import Any, cast

from bot import __main__ as command_line
from bot import lifecycle
from engine import api
from engine.async_engine import AsyncEngine
from engine.photos.decoder_pool import DecoderPool
from engine.results import Caption, Description, GalleryInfo, Intent, IntentKind, Match, WordMatch
from engine.service import Engine
from engine.settings import EngineSettings
from tests.bot.harness import jpeg
from tests.paint import PAINTINGS

MATCHES = tuple(Match(f"{n}.jpg", 0.9) for n in range(3))


class BreakableEngine:
    """The synchronous engine behind `AsyncEngine`; a method that it lacks is a bug that people meet."""

    image_size = 64
    gallery = GalleryInfo("the test gallery", 3, "")
    live_gallery = SimpleNamespace(maintain=lambda: None, next_image=lambda: None, close=lambda: None)

    def __init__(self, failure: str) -> None:
        self._failure = failure

    def describe(self, *_: Any) -> Description:
        if self._failure in {"hangs", "stays"}:
            time.sleep(3_600)
        return Description((Caption("a dog", 0.9),), MATCHES)

    def understand(self, text: str, language: str | None = None, *, with_photo: bool = False) -> Intent:
        return Intent(IntentKind.SIMILAR, words=(text,))

    def find(self, text: str, count: int, _: object = None) -> tuple[Match, ...]:
        return MATCHES[:1]

    def similar(self, word: str, count: int) -> tuple[WordMatch, ...]:
        return (WordMatch("girl", 0.9),)

    def picture(self, image: str) -> bytes:
        return jpeg([*PAINTINGS.values()][int(image[0])]().resize((64, 48)))

    def album_photo(self, picture: bytes) -> bytes:
        return picture


if __name__ == "__main__":
    failure = sys.argv[1]

    async def open_engine(settings: EngineSettings) -> AsyncEngine:
        """Put the real worker in front of it."""
        decoders = DecoderPool() if failure == "works" else None
        engine = AsyncEngine(cast(Engine, BreakableEngine(failure)), 32, decoders)
        if failure == "dies":  # out of memory, as the thread takes up the first question
            thread = engine._inference.executor.submit(threading.get_ident).result()
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(MemoryError))
        return engine

    lifecycle.open_engine = open_engine  # type: ignore[assignment]
    lifecycle.ENGINE_CLOSE_TIMEOUT = 3_600 if failure == "stays" else 0.5
    lifecycle.STOP_MARGIN = 0.5 if failure == "stays" else 8
    lifecycle.HANG_CHECK_INTERVAL = 0.1
    lifecycle.HEARTBEAT_INTERVAL = 0.1
    api.HANG_TIMEOUT = 1.0 if failure in {"hangs", "dies"} else 3_600.0  # type: ignore[misc]
    sys.exit(command_line.main(["run"]))
