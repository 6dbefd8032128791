"""A damaged file of ours: set aside, and what can be read of it put into a new one.

A bot that does not start is worse than one that has forgotten a choice, as long as it says what it forgot.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Final

BESIDE: Final = ("-wal", "-shm")  # what SQLite keeps beside a database
KEPT: Final = 7 * 24 * 3600.0  # seconds that a damaged file is kept: people's choices are in it
HEAD: Final = 100  # bytes; size and number of the pages stand in them (sqlite.org/fileformat.html)
FEW: Final = 1_000  # pages
DAMAGE: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether the file itself is at fault, and not a lock, a full disk or the like."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGE


def recover(file: Path, schema: str, version: int) -> str:
    """Set a damaged database aside and make a new one of what can be read; say what was kept, in a line.

    The new one is made beside the old one and takes its place when it is whole.

    Raises:
        OSError, sqlite3.OperationalError: there is no room, or the folder cannot be written.
    """
    new, aside = file.with_name(f"{file.name}.new"), file.with_name(f"{file.name}.damaged-{_now()}")
    new.unlink(missing_ok=True)
    with closing(sqlite3.connect(new, isolation_level=None)) as fresh, _readable(file) as damaged:
        fresh.executescript(f"BEGIN; {schema} PRAGMA user_version = {version}; COMMIT;")
        kept = [_copy(damaged, fresh, table) for table in _tables(fresh)]
    for ending in ("", *BESIDE):
        with suppress(FileNotFoundError):
            file.with_name(file.name + ending).replace(aside.with_name(aside.name + ending))
    new.replace(file)
    return (
        f"{file} was damaged. What can be read was kept ({', '.join(kept)}), all else is lost: see {aside}."
    )


def forget_damaged(file: Path) -> None:
    """Delete what was set aside long ago."""
    for old in file.parent.glob(f"{file.name}.damaged-*"):
        with suppress(OSError):
            if old.stat().st_mtime < time.time() - KEPT:
                old.unlink()


@contextmanager
def _readable(file: Path) -> Iterator[Path]:
    """Copy a database to read from: of one that is shorter than it says, SQLite would read nothing."""
    with TemporaryDirectory(dir=file.parent, prefix=f"{file.name}.", suffix=".new") as folder:
        copy = Path(folder) / file.name
        for ending in ("", *BESIDE[:1]):
            with suppress(FileNotFoundError):
                copyfile(file.with_name(file.name + ending), copy.with_name(copy.name + ending))
        head = copy.read_bytes()[:HEAD]
        if len(head) == HEAD:
            page, pages = struct.unpack_from("!H", head, 16)[0], struct.unpack_from("!I", head, 28)[0]
            size = min(page * pages, 2 * copy.stat().st_size + page * FEW)  # a head that lies fills no disk
            if copy.stat().st_size < size:
                os.truncate(copy, size)
        yield copy


def _tables(database: sqlite3.Connection) -> list[str]:
    return [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def _copy(damaged: Path, fresh: sqlite3.Connection, table: str) -> str:
    """Copy the rows of a table that can be read, from both ends: damage is seldom everywhere."""
    columns = [row[1] for row in fresh.execute(f"PRAGMA table_info({table})")]
    marks, key = ", ".join("?" * len(columns)), columns[0]
    fresh.execute("BEGIN")
    for order in ("ASC", "DESC"):
        for row in _rows(damaged, f"SELECT {', '.join(columns)} FROM {table} ORDER BY {key} {order}"):  # noqa: S608 - names of our own
            with suppress(sqlite3.DatabaseError):  # no row of ours
                fresh.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)  # noqa: S608
    fresh.execute("COMMIT")
    return f"{table} {fresh.execute(f'SELECT count(*) FROM {table}').fetchone()[0]}"  # noqa: S608


def _rows(damaged: Path, query: str) -> Iterator[tuple[object, ...]]:
    """Give rows until one cannot be read."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(damaged)) as database:
        database.text_factory = lambda text: text.decode(errors="replace")
        yield from database.execute(query)


def _now() -> str:
    return time.strftime("%Y-%m-%d-%H%M%S", time.gmtime())
