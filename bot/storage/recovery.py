"""Recovery of a damaged SQLite file: it is set aside, and its readable rows move to a new one.

A bot that does not start is worse than one that lost some settings, as long as it says what was lost.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Final

SIDE_FILES: Final = ("-wal", "-shm")  # the endings of the files that SQLite keeps beside a database
DAMAGED_RETENTION: Final = 7 * 24 * 3600.0  # seconds: a damaged file holds people's settings, too
HEADER_BYTES: Final = 100  # page size and page count are in it (https://sqlite.org/fileformat.html)
MAX_EXTRA_PAGES: Final = 1_000  # pages added to a short file beyond twice its size
DAMAGE_CODES: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether the file itself is at fault, and not a lock, a full disk or the like."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGE_CODES


def recover(file: Path, schemas: Mapping[int, str]) -> str:
    """Set a damaged database aside, and build a new one from its readable rows.

    The new file is built beside the old one and replaces it only when it is complete. It has the schema of
    the old one, which has the columns that can be read there; whoever opens it migrates it.

    Args:
        file: The database.
        schemas: The schema of each version; the newest is used for a file whose version cannot be read.

    Returns:
        One line that says how many rows of each table were recovered.

    Raises:
        OSError, sqlite3.OperationalError: There is no room, or the folder cannot be written.
    """
    new, aside = file.with_name(f"{file.name}.new"), file.with_name(f"{file.name}.damaged-{_timestamp()}")
    new.unlink(missing_ok=True)
    with closing(sqlite3.connect(new, isolation_level=None)) as fresh, _readable_copy(file) as damaged:
        version = _readable_version(damaged, schemas)
        fresh.executescript(f"BEGIN; {schemas[version]} PRAGMA user_version = {version}; COMMIT;")
        kept = [_copy_rows(damaged, fresh, table) for table in _tables(fresh)]
    for ending in ("", *SIDE_FILES):
        with suppress(FileNotFoundError):
            file.with_name(file.name + ending).replace(aside.with_name(aside.name + ending))
    new.replace(file)
    return (
        f"{file} was damaged. What can be read was kept ({', '.join(kept)}), all else is lost: see {aside}."
    )


def delete_old_damaged_files(file: Path) -> None:
    """Delete the damaged files that were set aside more than `DAMAGED_RETENTION` ago."""
    for damaged in file.parent.glob(f"{file.name}.damaged-*"):
        with suppress(OSError):
            if damaged.stat().st_mtime < time.time() - DAMAGED_RETENTION:
                damaged.unlink()


@contextmanager
def _readable_copy(file: Path) -> Iterator[Path]:
    """Copy a database to read from, padded: SQLite reads nothing from one shorter than its header says."""
    with TemporaryDirectory(dir=file.parent, prefix=f"{file.name}.", suffix=".new") as folder:
        copy = Path(folder) / file.name
        for ending in ("", *SIDE_FILES[:1]):
            with suppress(FileNotFoundError):
                copyfile(file.with_name(file.name + ending), copy.with_name(copy.name + ending))
        header = copy.read_bytes()[:HEADER_BYTES]
        if len(header) == HEADER_BYTES:
            page_size = struct.unpack_from("!H", header, 16)[0]
            pages = struct.unpack_from("!I", header, 28)[0]
            # Bounded: a damaged header must not fill the disk.
            size = min(page_size * pages, 2 * copy.stat().st_size + page_size * MAX_EXTRA_PAGES)
            if copy.stat().st_size < size:
                os.truncate(copy, size)
        yield copy


def _readable_version(damaged: Path, schemas: Mapping[int, str]) -> int:
    (version,) = next(_rows(damaged, "PRAGMA user_version"), (0,))
    return version if isinstance(version, int) and version in schemas else max(schemas)


def _tables(database: sqlite3.Connection) -> list[str]:
    return [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def _copy_rows(damaged: Path, fresh: sqlite3.Connection, table: str) -> str:
    """Copy the readable rows of a table, from both ends: damage is seldom everywhere."""
    columns = [row[1] for row in fresh.execute(f"PRAGMA table_info({table})")]
    placeholders, key = ", ".join("?" * len(columns)), columns[0]
    fresh.execute("BEGIN")
    for order in ("ASC", "DESC"):
        for row in _rows(damaged, f"SELECT {', '.join(columns)} FROM {table} ORDER BY {key} {order}"):  # noqa: S608 - names from our schema
            with suppress(sqlite3.DatabaseError):  # the row does not fit the schema
                fresh.execute(f"INSERT OR IGNORE INTO {table} VALUES ({placeholders})", row)  # noqa: S608
    fresh.execute("COMMIT")
    return f"{table} {fresh.execute(f'SELECT count(*) FROM {table}').fetchone()[0]}"  # noqa: S608


def _rows(damaged: Path, query: str) -> Iterator[tuple[object, ...]]:
    """Yield rows until one cannot be read."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(damaged)) as database:
        database.text_factory = lambda text: text.decode(errors="replace")
        yield from database.execute(query)


def _timestamp() -> str:
    return time.strftime("%Y-%m-%d-%H%M%S", time.gmtime())
