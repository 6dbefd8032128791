"""The bot in the browser: the real bot against the playground, no account and no token needed."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from bot.app import build_application
from bot.lifetime import opened_engine, opened_store, serve
from bot.playground import Playground
from bot.settings import Settings


async def demo(settings: Settings, say: Callable[[str], None]) -> None:
    """Open the engine and the playground, and answer there until the process is told to stop."""
    async with (
        opened_engine(settings) as engine,
        _opened_playground(settings.playground_port) as playground,
        opened_store(settings, playground.token) as store,
    ):
        if engine.gallery.notice:
            say(engine.gallery.notice)
        here = {"base_url": playground.base_url, "base_file_url": playground.base_file_url}
        application = build_application(
            settings.model_copy(update=here), engine, store, token=playground.token
        )
        ready = f"Kindred is ready: open {playground.address} in a browser. Ctrl-C stops it."
        await serve(application, settings, lambda: say(ready))


@asynccontextmanager
async def _opened_playground(port: int) -> AsyncIterator[Playground]:
    """Open the playground at this port, or at a free one if another program has taken it."""
    async with AsyncExitStack() as stack:
        try:
            playground = await stack.enter_async_context(Playground(port))
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            playground = await stack.enter_async_context(Playground())
        yield playground
