"""One gallery's vectors in PostgreSQL: a table with an HNSW index, which all processes of the gallery share.

Rows have the names of images, so that processes that indexed in another order use the same table; whoever
has new images adds them, and the graph grows with them. There is one table for each gallery and network: a
small gallery beside a large one needs no filter.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import psycopg
from psycopg import Connection, sql

from engine.gallery import image_classes
from engine.gallery.embeddings import ImageEmbeddings
from engine.gallery.near_duplicates import SIGNATURE_SIZE
from engine.search.postgres import schema
from engine.search.postgres.connections import SCHEMA, Connections, Row, reporting_errors

log = logging.getLogger(__name__)

CHUNK_SIZE: Final = 10_000  # rows that are read at once
# Bytes of a row in the graph while it is built, besides the vector: https://github.com/pgvector/pgvector#index-build-time
GRAPH_BYTES: Final = 2_000
MIN_MEMORY, MAX_MEMORY = 64 * 2**20, 4 * 2**30  # bytes for the building of a graph
COLUMNS: Final = sql.SQL("image, state, vector, signature, classes")
TABLE: Final = sql.SQL("""
    CREATE TABLE IF NOT EXISTS {table} (
        image TEXT COLLATE "C" PRIMARY KEY, state TEXT NOT NULL, vector HALFVEC({width}) NOT NULL,
        signature BYTEA NOT NULL, classes BYTEA NOT NULL
    )
""")
# The inner product of unit vectors orders as their cosine does, and is defined for a vector of zeros, too.
# With pgvector's defaults (16, 64) a photo of an event with a hundred others is linked to those alone, and a
# search does not find its way out: recall@10 falls to 0.6.
INDEX: Final = sql.SQL(
    "CREATE INDEX {index} ON {table} USING hnsw (vector halfvec_ip_ops) WITH (m = 32, ef_construction = 200)"
)
UPSERT: Final = sql.SQL("""
    INSERT INTO {table} SELECT * FROM changed ON CONFLICT (image) DO UPDATE
    SET (state, vector, signature, classes)
        = (EXCLUDED.state, EXCLUDED.vector, EXCLUDED.signature, EXCLUDED.classes)
""")
# Candidates come roughly in their order, which PostgreSQL would take for exact without the zero.
NEAREST: Final = sql.SQL("""
    WITH candidate AS MATERIALIZED (
        SELECT image, vector <#> %s::halfvec AS distance FROM {table} ORDER BY distance LIMIT %s
    )
    SELECT image FROM candidate ORDER BY distance + 0 LIMIT %s
""")
NEAREST_IN: Final = sql.SQL(
    "SELECT image FROM {table} WHERE image > %s AND image < %s ORDER BY vector <#> %s::halfvec LIMIT %s"
)
FETCH: Final = sql.SQL(
    "SELECT image, state, halfvec_send(vector), signature, classes FROM {table} WHERE image = ANY(%s)"
)
IS_INDEXED: Final = "SELECT count(*) FROM pg_index WHERE indrelid = to_regclass(%s) AND NOT indisprimary"


class VectorTable:
    """The table of one gallery and one network."""

    def __init__(self, url: str, key: str, width: int) -> None:
        """Connect to nothing yet.

        Args:
            url: the database.
            key: of gallery and network, see `engine.gallery.embeddings.gallery_key`.
            width: of the vectors.
        """
        self.name = f"images-{key.rstrip('-')}"
        self._connections, self._width = Connections(url), width
        names = {"table": sql.Identifier(SCHEMA, self.name), "index": sql.Identifier(f"nearest-{self.name}")}
        self._nearest, self._nearest_in = NEAREST.format(**names), NEAREST_IN.format(**names)
        self._names = names

    def close(self) -> None:
        """Close the connections that are idle."""
        self._connections.close()

    def nearest(self, vector: np.ndarray, count: int, folder: str = "", *, candidates: int = 0) -> list[str]:
        """Return the images nearest to a unit vector (J,), roughly in their order.

        Args:
            vector: the query.
            count: how many.
            folder: only images below this one, "2024/summer"; all if empty.
            candidates: images that are looked at, at least; pgvector looks at some hundreds anyway.

        Raises:
            psycopg.Error: the server is away, or refuses.
        """
        text = _literal(vector)
        if folder:  # "/" and "0" are neighbours
            rows = self._connections.fetch(self._nearest_in, (f"{folder}/", f"{folder}0", text, count))
        else:
            rows = self._connections.fetch(self._nearest, (text, max(count, candidates), count))
        return [image for (image,) in rows]

    def fetch(self, states: Mapping[str, str]) -> ImageEmbeddings:
        """Return the embeddings of images that are stored as of these states of their files.

        Raises:
            DatabaseError: the database cannot be used.
        """
        names, rows = list(states), list[Row]()
        with (
            reporting_errors(),
            self._connections.lent() as connection,
            connection.cursor(binary=True) as cursor,
        ):
            if self._exists(connection):
                for first in range(0, len(names), CHUNK_SIZE):
                    cursor.execute(FETCH.format(**self._names), (names[first : first + CHUNK_SIZE],))
                    rows += [row for row in cursor if row[1] == states[row[0]]]
        return _embeddings(rows, self._width)

    def update(self, embeddings: ImageEmbeddings, is_gone: Callable[[str], bool]) -> None:
        """Store what is new or has changed, remove what is gone, and index it.

        A process that is killed leaves the rows as they were, or all of them without an index.

        Args:
            embeddings: of the gallery, as far as this process knows.
            is_gone: whether the file of an image that it does not know is gone: others may have added it.

        Raises:
            DatabaseError: the database cannot be used.
        """
        with reporting_errors(), self._connections.lent() as connection:
            schema.prepare(connection)
            with connection.transaction():
                self._lock(connection)
                connection.execute(TABLE.format(**self._names, width=sql.Literal(self._width)))
                self._write(connection, embeddings, is_gone)
            with connection.transaction():
                self._lock(connection)
                if not self._is_indexed(connection):
                    self._build(connection)

    def status(self) -> tuple[int, bool] | None:
        """Return how many images are stored and whether they are indexed; None if there is no table.

        Raises:
            DatabaseError: the database cannot be used.
        """
        with reporting_errors(), self._connections.lent() as connection:
            schema.check(connection)
            if not self._exists(connection):
                return None
            ((count,),) = connection.execute(sql.SQL("SELECT count(*) FROM {table}").format(**self._names))
            return count, self._is_indexed(connection)

    def versions(self) -> tuple[str, str | None]:
        """Return the versions of PostgreSQL and of pgvector; None for one that is not there.

        Raises:
            DatabaseError: the database cannot be used.
        """
        with reporting_errors(), self._connections.lent() as connection:
            ((server,),) = connection.execute("SHOW server_version")
            return server.split()[0], schema.extension_version(connection)

    def _lock(self, connection: Connection[Row]) -> None:
        connection.execute(schema.LOCK, (self.name,))

    def _exists(self, connection: Connection[Row]) -> bool:
        ((exists,),) = connection.execute(schema.HAS_SCHEMA, (f'{SCHEMA}."{self.name}"',))
        return bool(exists)

    def _is_indexed(self, connection: Connection[Row]) -> bool:
        ((indexes,),) = connection.execute(IS_INDEXED, (f'{SCHEMA}."{self.name}"',))
        return bool(indexes)

    def _write(
        self, connection: Connection[Row], embeddings: ImageEmbeddings, is_gone: Callable[[str], bool]
    ) -> None:
        statement = sql.SQL("SELECT image, state FROM {table}").format(**self._names)
        stored: dict[str, str] = dict(connection.execute(statement).fetchall())
        states = embeddings.file_states
        changed = [
            row for row, image in enumerate(embeddings.images) if stored.get(image) != states.get(image, "")
        ]
        if changed and not stored:
            _copy(connection, self._names["table"], embeddings, changed)
            connection.execute(sql.SQL("ANALYZE {table}").format(**self._names))
        elif changed:
            like = sql.SQL("CREATE TEMPORARY TABLE changed (LIKE {table}) ON COMMIT DROP").format(
                **self._names
            )
            connection.execute(like)
            _copy(connection, sql.Identifier("changed"), embeddings, changed)
            connection.execute(UPSERT.format(**self._names))
        gone = [image for image in stored.keys() - set(embeddings.images) if is_gone(image)]
        if gone:
            statement = sql.SQL("DELETE FROM {table} WHERE image = ANY(%s)").format(**self._names)
            connection.execute(statement, (gone,))

    def _build(self, connection: Connection[Row]) -> None:
        """Build the index; in memory, or it takes many times as long."""
        ((rows,),) = connection.execute(sql.SQL("SELECT count(*) FROM {table}").format(**self._names))
        memory = min(max(rows * (2 * self._width + GRAPH_BYTES), MIN_MEMORY), MAX_MEMORY)
        connection.execute("SELECT set_config('maintenance_work_mem', %s, true)", (f"{memory // 1024}kB",))
        try:
            with connection.transaction():
                connection.execute(INDEX.format(**self._names))
        except psycopg.errors.DiskFull:
            # Processes that build together share memory, of which containers have 64 MB.
            connection.execute("SET LOCAL max_parallel_maintenance_workers = 0")
            connection.execute(INDEX.format(**self._names))


def _literal(vector: np.ndarray) -> str:
    """Return a vector as pgvector reads it, in half precision."""
    return f"[{','.join(map(str, vector.astype(np.float16).tolist()))}]"


def _copy(
    connection: Connection[Row], table: sql.Identifier, embeddings: ImageEmbeddings, rows: Sequence[int]
) -> None:
    """Write some rows of embeddings; a halfvec begins with its width and two bytes of zeros."""
    head = embeddings.matrix.shape[1].to_bytes(2, "big") + bytes(2)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(table, COLUMNS)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            image = embeddings.images[row]
            copy.write_row(
                (
                    image,
                    embeddings.file_states.get(image, ""),
                    head + embeddings.matrix[row].astype(">f2").tobytes(),
                    embeddings.signatures[row].tobytes(),
                    embeddings.classes[row].astype("<u2").tobytes(),
                )
            )


def _embeddings(rows: Sequence[Row], width: int) -> ImageEmbeddings:
    """Return what `_copy` wrote, with vectors of length 1."""
    images, states, vectors, signatures, classes = zip(*rows, strict=True) if rows else ((),) * 5
    halves = np.frombuffer(b"".join(vector[4:] for vector in vectors), ">f2")
    matrix = halves.reshape(-1, width).astype(np.float32)
    return ImageEmbeddings(
        tuple(images),
        matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-6),
        dict(zip(images, states, strict=True)),
        np.frombuffer(b"".join(signatures), np.uint8).reshape(-1, SIGNATURE_SIZE),
        np.frombuffer(b"".join(classes), "<u2").astype(np.uint16).reshape(-1, image_classes.TOP, 2),
    )
