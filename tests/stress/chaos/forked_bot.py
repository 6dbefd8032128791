"""The bot that the fork server starts: all of `python -m bot run`, but with a scripted engine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from bot import app, home_lock, run
from bot.__main__ import main
from bot.lifecycle import opened_engine
from bot.sending.rate_limiter import RateLimiter
from bot.sending.sliding_window import ChatThrottle, SendLimits
from bot.settings import Settings
from data.gallery import folder_gallery
from engine.api import CAPTIONS, MATCHES, EngineAPI
from engine.cluster.replica import Replica
from engine.photos import preprocess
from engine.results import Description, Match
from engine.settings import EngineSettings
from handlers.i18n.texts import SOURCE_LANGUAGE
from tests.bot.harness import ScriptedEngine
from tests.stress.chaos.fork_server import LOCK_TIMEOUT, RATE_FACTOR, SLOW_DISK
from tests.stress.chaos.slow_disk import slow_down

INFERENCE_SECONDS: Final = 0.05  # about what the real engine takes for a photo


class DelayedEngine(ScriptedEngine):
    """A scripted engine that takes as long as the real one for a photo, so that kills hit it at work.

    Its gallery is a folder of odd files, of which some are damaged. Albums are made of them as by the real
    engine.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._gallery = folder_gallery(folder, "odd")
        self.matches = tuple(Match(image, 0.9) for image in self._gallery.images)
        self._inference = asyncio.Lock()

    async def picture(self, image: str) -> bytes:
        return self._gallery.read(image)

    async def album_photo(self, image: str) -> bytes:
        return preprocess.album_jpeg(await self.picture(image))

    async def describe(self, photo: bytes, count: int = MATCHES, captions: int = CAPTIONS) -> Description:
        async with self._inference:
            await asyncio.sleep(INFERENCE_SECONDS)
        return await super().describe(photo, count, captions)


class DelayedReplica(Replica):
    """A replica of a delayed engine."""

    async def _open(self, settings: EngineSettings) -> Any:
        return DelayedEngine(Path(settings.gallery or "."))


class ScaledRateLimiter(RateLimiter):
    """A rate limiter whose windows are `factor` times shorter; all its pauses stay in real time."""

    factor = 1

    def __init__(self, limits: SendLimits, **options: Any) -> None:
        super().__init__(limits, **options)
        self._overall.period /= self.factor

    def _throttle(self, chat: int | str | None) -> ChatThrottle:
        is_new = (chat or 0) not in self._chats
        throttle = super()._throttle(chat)
        if is_new:
            for window in throttle.windows:
                window.period /= self.factor
        return throttle


def run_bot() -> int:
    """Run the bot until it ends, as the environment says; return its exit status."""
    _replace(run, "opened_engine", _open_delayed_engine)
    rate_factor = int(os.environ[RATE_FACTOR])
    if rate_factor > 1:
        ScaledRateLimiter.factor = rate_factor
        _replace(app, "RateLimiter", ScaledRateLimiter)
        _replace(
            app, "LANGUAGES", (SOURCE_LANGUAGE,)
        )  # of the command menus: two calls at each start, not fourteen
    if seconds := os.environ.get(LOCK_TIMEOUT):
        _replace(home_lock, "LOCK_TIMEOUT", float(seconds))
    if os.environ.get(SLOW_DISK):
        slow_down()
    return main(["run"])


@asynccontextmanager
async def _open_delayed_engine(settings: Settings) -> AsyncIterator[EngineAPI]:
    if settings.gallery is None:
        raise TypeError("the forked bot serves a folder")
    if settings.engine == "local":
        yield DelayedEngine(Path(settings.gallery))
        return
    from engine.cluster import deployment

    _replace(deployment, "Replica", DelayedReplica)
    _replace(deployment, "_start_indexer", lambda *_: None)
    async with opened_engine(settings) as engine:
        yield engine


def _replace(module: ModuleType, name: str, value: Any) -> None:
    if not hasattr(module, name):
        raise AttributeError(f"{module.__name__} has no {name}")
    setattr(module, name, value)
