"""The demo: the real bot against the playground, in the browser, without an account or a token."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from bot.app import build_application
from bot.credentials import SettingsError
from bot.lifecycle import opened_engine, serve
from bot.metrics import Metrics
from bot.playground import Playground
from bot.settings import Settings
from bot.storage.inbox import Inbox
from bot.storage.opening import opened_store
from bot.updates.dispatcher import Dispatcher
from bot.web import WebServer
from handlers.i18n.texts import texts_in
from handlers.replies.general import gallery_progress

Server = TypeVar("Server")


async def demo(settings: Settings, host: str, show: Callable[[str], None]) -> None:
    """Serve the playground and the explorer until the process is signalled to stop.

    Args:
        settings: The bot's settings.
        host: The address that the playground is bound to.
        show: Shows a line to the user.

    Raises:
        SettingsError: The playground cannot be bound to that address.
    """
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(opened_engine(settings))
        playground = await stack.enter_async_context(_playground(settings.playground_port, host))
        store = await stack.enter_async_context(opened_store(settings, playground.token))
        port = settings.web_port or _next_port(settings.playground_port)
        web = await stack.enter_async_context(_at_port(port, partial(WebServer, engine, metrics)))
        playground.show_notice(
            lambda language: " ".join(gallery_progress(texts_in(language), engine.gallery))
        )
        if engine.gallery.notice:
            show(engine.gallery.notice)
        endpoints = {"base_url": playground.base_url, "base_file_url": playground.base_file_url}
        application = build_application(
            settings.model_copy(update=endpoints), engine, store, token=playground.token, usage=metrics
        )
        # A temporary inbox: the playground ends with the process, and its update ids start again.
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="kindred-")))
        inbox = await stack.enter_async_context(Inbox.open(folder / "inbox.sqlite3"))
        dispatcher = Dispatcher(application, inbox, settings.concurrency)
        metrics.observe_waiting(lambda: dispatcher.waiting)
        ready = f"Kindred is ready: open {playground.address} in a browser. Ctrl-C stops it."
        ready += f"\nIts maps, to wander through: {web.address}"
        await serve(dispatcher, settings, lambda: show(ready))


@asynccontextmanager
async def _playground(port: int, host: str) -> AsyncIterator[Playground]:
    async with AsyncExitStack() as stack:
        try:
            playground = await stack.enter_async_context(_at_port(port, partial(Playground, host=host)))
        except OSError as error:
            raise SettingsError(
                f"KINDRED_PLAYGROUND_HOST: {host} cannot be used: {error.strerror}."
            ) from error
        yield playground


def _next_port(port: int) -> int:
    return port + 1 if 0 < port < 65535 else 0


@asynccontextmanager
async def _at_port(
    port: int, make: Callable[[int], AbstractAsyncContextManager[Server]]
) -> AsyncIterator[Server]:
    """Open a server at a port, or at a free one if another program has taken it."""
    async with AsyncExitStack() as stack:
        try:
            server = await stack.enter_async_context(make(port))
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            server = await stack.enter_async_context(make(0))
        yield server
