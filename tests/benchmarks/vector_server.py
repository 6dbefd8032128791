"""A PostgreSQL with pgvector and memory for a large graph, and a table whose writing is timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import Connection, sql

from engine.gallery.embeddings import ImageEmbeddings
from engine.search.postgres.connections import SCHEMA, Row
from engine.search.postgres.vector_table import VectorTable
from tests.postgres import running_server

SHARED_BUFFERS = "2GB"  # room for the graph of a million vectors


class Server(NamedTuple):
    """A server that runs."""

    url: str
    pid: int
    is_kept: bool  # and its tables with it


@contextmanager
def running_vector_server(kept: Path | None = None) -> Iterator[Server]:
    """Run a server while the block runs; its data stays in a folder if one is given."""
    with running_server(kept) as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET shared_buffers = '{SHARED_BUFFERS}'")
        server.stop()
        server.start()
        yield Server(server.get_uri(), server.get_pid(), kept is not None)


class MeasuredTable(VectorTable):
    """A table that notes the seconds of its first writing and of its building."""

    written = built = 0.0

    def _write(
        self, connection: Connection[Row], embeddings: ImageEmbeddings, is_gone: Callable[[str], bool]
    ) -> None:
        start = time.perf_counter()
        super()._write(connection, embeddings, is_gone)
        self.written = self.written or time.perf_counter() - start

    def _build(self, connection: Connection[Row]) -> None:
        start = time.perf_counter()
        super()._build(connection)
        self.built = time.perf_counter() - start

    def sizes(self) -> tuple[float, float]:
        """Return the MB of the rows with their key, and of the graph."""
        size = "SELECT pg_relation_size(to_regclass(%s)), pg_total_relation_size(to_regclass(%s))"
        graph, table = f'{SCHEMA}."nearest-{self.name}"', f'{SCHEMA}."{self.name}"'
        with self._connections.lent() as connection:
            ((of_graph, of_all),) = connection.execute(size, (graph, table)).fetchall()
        return (of_all - of_graph) / 2**20, of_graph / 2**20

    @contextmanager
    def settings(self, chosen: Mapping[str, str]) -> Iterator[None]:
        """Change settings of the session of `nearest` while the block runs."""
        change, back = "SELECT set_config(%s, %s, false)", "SELECT current_setting(%s)"
        before = {}
        with self._connections.lent() as connection:
            for name, value in chosen.items():
                ((before[name],),) = connection.execute(back, (name,)).fetchall()
                connection.execute(change, (name, value))
        yield
        with self._connections.lent() as connection:
            for name, value in before.items():
                connection.execute(change, (name, value))

    def drop(self) -> None:
        """Remove the table."""
        with self._connections.lent() as connection:
            connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(SCHEMA, self.name)))
        self.close()
