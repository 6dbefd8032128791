"""The address of the shared PostgreSQL, and what everyone who connects to it has in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from engine.errors import DatabaseError
from engine.settings import EngineSettings

VARIABLE: Final = "KINDRED_DATABASE_URL"
MIN_SERVER_VERSION = 14  # the oldest that PostgreSQL's authors still mend
NO_PSYCOPG: Final = (
    f"{VARIABLE}: PostgreSQL needs the package psycopg, which is not installed. From a checkout: "
    "make env ONLY=postgres; otherwise: pip install 'kindred[postgres]'"
)
# How soon a connection that leads nowhere is noticed: https://www.postgresql.org/docs/current/libpq-connect.html
CONNECT_OPTIONS: Final[dict[str, Any]] = {
    "connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3,
    "tcp_user_timeout": 10_000, "application_name": "kindred",
}  # fmt: skip
IS_READ_ONLY: Final = "SELECT current_setting('transaction_read_only')::bool"
NEWER_SCHEMA: Final = f"{VARIABLE}: a newer Kindred wrote there. Use that one, or another database."
BLANK = "\ufeff \t\r\n\v\f"  # around a secret; editors on Windows put a byte-order mark before a text


def read_secret(name: str, value: SecretStr | None, file: Path | None) -> str | None:
    """Return a secret from its variable or its file; None if in neither.

    Raises:
        ValueError: both are set, the file cannot be read or is empty; the message is for the host.
    """
    if value and file:
        raise ValueError(f"{name} and {name}_FILE: set one of the two, not both.")
    if value:
        return _not_blank(value.get_secret_value(), f"{name} is empty.")
    if file is None:
        return None
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text. Save it as UTF-8"
        raise ValueError(f"{name}_FILE: cannot read {file}: {reason}.") from None
    return _not_blank(text, f"{name}_FILE: {file} is empty.")


def check_address(url: str) -> str:
    """Return an address of a PostgreSQL database.

    Raises:
        ValueError: it is none; the message is for the host.
    """
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        scheme = ""
    if scheme not in {"postgresql", "postgres"}:
        raise ValueError(
            f"{VARIABLE}: this is no address of a PostgreSQL database. One begins with "
            "postgresql://, such as postgresql://USER:PASSWORD@HOST/NAME. For SQLite, leave it unset."
        )
    return url


def address_of_index(settings: EngineSettings) -> str:
    """Return the address of the database that holds the index.

    Raises:
        DatabaseError: the settings name none, or it is no address.
    """
    try:
        url = read_secret(VARIABLE, settings.database_url, settings.database_url_file)
        if url is None:
            raise ValueError(f"KINDRED_INDEX: postgresql needs a database. Name it with {VARIABLE}.")
        return check_address(url)
    except ValueError as error:
        raise DatabaseError(str(error)) from None


def complaint_about(server_version: int, is_read_only: bool) -> str | None:
    """Return why a server cannot be used, in a sentence for the host; None if it can.

    Args:
        server_version: as libpq gives it, 160014 for 16.14.
        is_read_only: the answer to `IS_READ_ONLY`.
    """
    major = server_version // 10_000
    if major < MIN_SERVER_VERSION:
        return f"{VARIABLE}: PostgreSQL {major} is too old. Kindred needs {MIN_SERVER_VERSION} or newer."
    if is_read_only:
        return f"{VARIABLE}: this server only reads, as a standby does. Name the primary one."
    return None


def refusal(error: Exception) -> str:
    """Return a sentence for the host on an error of psycopg."""
    import psycopg

    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return (
            f"{VARIABLE}: the user may not create what Kindred needs ({describe(error)}). Let the database's "
            f"owner say: GRANT CREATE ON DATABASE ... TO ..."
        )
    if isinstance(error, (psycopg.OperationalError, OSError)):
        return (
            f"{VARIABLE}: the database cannot be reached ({describe(error)}). Is PostgreSQL running there? "
            "Are host, port, user, password and name right?"
        )
    return f"{VARIABLE}: the database cannot be used: {describe(error)}."


def describe(error: BaseException) -> str:
    """Return what an error says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__


def _not_blank(secret: str, complaint: str) -> str:
    if not (bare := secret.strip(BLANK)):
        raise ValueError(complaint)
    return bare
