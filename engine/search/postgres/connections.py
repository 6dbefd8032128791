"""Connections to the schema of the vectors, lent to one thread at a time."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import psycopg
from psycopg import Connection
from psycopg.pq import TransactionStatus
from psycopg.sql import Composed

from engine.database import CONNECT_OPTIONS, refusal
from engine.errors import DatabaseError

SCHEMA: Final = "kindred_vectors"
# Candidates that pgvector looks at before it follows the graph further, 40 by default: because a statement
# asks for more of them, see `pg_index.IMAGES_PER_CANDIDATE`, or because a filter leaves too few.
EF_SEARCH: Final = 800
# Types and operators are in the schema that the extension was created in. Statements are planned anew each
# time: a plan for any vector and any number of rows would be kept for all.
SESSION: Final = """
    SELECT set_config('search_path', %s || ', ' || coalesce((
               SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace
               WHERE extname = 'vector'), 'public'), false),
           set_config('hnsw.ef_search', %s, false), set_config('hnsw.iterative_scan', 'relaxed_order', false)
"""

Row = tuple[Any, ...]


class Connections:
    """Connections to one database, made when they are needed. Thread-safe."""

    def __init__(self, url: str) -> None:
        """Connect to nothing yet."""
        self._url = url
        self._idle: list[Connection[Row]] = []
        self.close = weakref.finalize(self, _close_all, self._idle)

    @contextmanager
    def lent(self) -> Iterator[Connection[Row]]:
        """Lend a connection; it is used again if it is idle and whole afterwards.

        Raises:
            psycopg.Error: there is no server, or it refuses.
        """
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        finally:
            if connection.info.transaction_status == TransactionStatus.IDLE:
                self._idle.append(connection)
            else:
                connection.close()

    def fetch(self, statement: Composed, parameters: tuple[Any, ...] = ()) -> list[Row]:
        """Execute one statement that only reads, and return its rows.

        The server may have ended idle connections, as by a restart: a new one is tried, too.

        Raises:
            psycopg.Error: as `lent`.
        """
        while True:
            is_new = not self._idle
            try:
                with self.lent() as connection:
                    return connection.execute(statement, parameters).fetchall()
            except psycopg.OperationalError:
                if is_new:
                    raise
                _close_all(self._idle)

    def _connect(self) -> Connection[Row]:
        options = {"autocommit": True, "prepare_threshold": None, **CONNECT_OPTIONS}
        with ExitStack() as on_failure:
            connection = Connection.connect(self._url, **options)
            on_failure.callback(connection.close)
            self.settle(connection)
            on_failure.pop_all()
        return connection

    @staticmethod
    def settle(connection: Connection[Row]) -> None:
        """Choose a session's settings, once more after the extension was created."""
        connection.execute(SESSION, (SCHEMA, str(EF_SEARCH)))


@contextmanager
def reporting_errors() -> Iterator[None]:
    """Turn what psycopg raises in the block into one line for the host.

    Raises:
        DatabaseError: the database cannot be used.
    """
    try:
        yield
    except (psycopg.Error, OSError) as error:
        raise DatabaseError(refusal(error)) from error


def _close_all(connections: list[Connection[Row]]) -> None:
    while connections:
        connections.pop().close()
