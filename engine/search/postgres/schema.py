"""The schema of the vectors, by version, and what the server must have for it."""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg import Connection, sql

from engine.database import IS_READ_ONLY, NEWER_SCHEMA, VARIABLE, complaint_about
from engine.errors import DatabaseError
from engine.search.postgres.connections import SCHEMA, Connections, Row

VERSION: Final = 1
MIN_EXTENSION_VERSION = (0, 8)  # the first that follows a graph further where a filter leaves too few
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"  # processes start side by side
CREATE_EXTENSION = "CREATE EXTENSION vector"
EXTENSION: Final = "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
HAS_SCHEMA: Final = "SELECT to_regclass(%s) IS NOT NULL"
CREATE: Final = sql.SQL("""
    CREATE SCHEMA IF NOT EXISTS {schema};
    CREATE TABLE {schema}.version (number INTEGER NOT NULL);
    INSERT INTO {schema}.version VALUES ({version});
""").format(schema=sql.Identifier(SCHEMA), version=VERSION)
NO_EXTENSION: Final = (
    f"{VARIABLE}: that PostgreSQL has no pgvector. Install it there (Debian: postgresql-16-pgvector, "
    "Docker: the image pgvector/pgvector), or leave KINDRED_INDEX unset."
)
MAY_NOT_CREATE: Final = (
    f"{VARIABLE}: the user may not create the extension. Let an administrator say, in that database: "
    "CREATE EXTENSION vector"
)


def prepare(connection: Connection[Row]) -> None:
    """Check the server, and create the extension and the schema where they are missing.

    Raises:
        DatabaseError: the server cannot be used as it is.
        psycopg.Error: it refuses something else.
    """
    check(connection)
    with connection.transaction():
        connection.execute(LOCK, (SCHEMA,))
        if extension_version(connection) is None:
            _create_extension(connection)
            Connections.settle(connection)
        if not has_schema(connection):
            connection.execute(CREATE)


def check(connection: Connection[Row]) -> None:
    """Check the server, and what is there of extension and schema; nothing is created.

    Raises:
        DatabaseError: it cannot be used as it is.
    """
    ((is_read_only,),) = connection.execute(IS_READ_ONLY).fetchall()
    if complaint := complaint_about(connection.info.server_version, is_read_only):
        raise DatabaseError(complaint)
    version = extension_version(connection)
    if version and tuple(int(part) for part in version.split(".")[:2]) < MIN_EXTENSION_VERSION:
        raise DatabaseError(
            f"{VARIABLE}: pgvector {version} is too old. Install 0.8 or newer there, then say, in that "
            "database: ALTER EXTENSION vector UPDATE"
        )
    if has_schema(connection):
        statement = sql.SQL("SELECT number FROM {}.version").format(sql.Identifier(SCHEMA))
        ((number,),) = connection.execute(statement).fetchall()
        if number > VERSION:
            raise DatabaseError(NEWER_SCHEMA)


def extension_version(connection: Connection[Row]) -> str | None:
    """Return the version of pgvector in this database; None if it was not created there."""
    row = connection.execute(EXTENSION).fetchone()
    return row[0] if row else None


def has_schema(connection: Connection[Row]) -> bool:
    """Return whether the schema exists."""
    ((exists,),) = connection.execute(HAS_SCHEMA, (f"{SCHEMA}.version",)).fetchall()
    return bool(exists)


def _create_extension(connection: Connection[Row]) -> None:
    try:
        connection.execute(CREATE_EXTENSION)
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(MAY_NOT_CREATE) from error
    except (psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedFile) as error:
        raise DatabaseError(NO_EXTENSION) from error
