"""Logging: to stderr, with secrets redacted."""

from __future__ import annotations

import logging
import re
import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

TOKEN = re.compile(r"\d{5,}(?::|%3[Aa])[A-Za-z0-9_-]{20,}")
URL_LOGGERS = ("httpx", "httpcore", "aiohttp.access")  # they write whole URLs, token included
# At DEBUG they write messages, stored preferences, and where photos were taken.
PRIVATE_DATA_LOGGERS = ("telegram", "aiosqlite", "PIL")
MIN_SECRET_LENGTH = 4  # shorter ones would be redacted within ordinary words

_replacements: dict[str, str] = {}  # spellings of secrets, and what is written instead


def conceal(secret: str, name: str) -> None:
    """Redact a secret from now on: its name is written instead."""
    if len(secret) >= MIN_SECRET_LENGTH:
        _replacements.update(dict.fromkeys((secret, quote(secret), quote(secret, safe="")), f"[{name}]"))


def redact(text: str) -> str:
    """Replace every bot token and every known secret in a text."""
    for secret in sorted(_replacements, key=len, reverse=True):  # one may contain another
        text = text.replace(secret, _replacements[secret])
    return TOKEN.sub("[token]", text)


class RedactingFormatter(logging.Formatter):
    """Redacts the final text of a record, including its arguments and traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record, then redact it."""
        return redact(super().format(record))


def set_up(level: str) -> None:
    """Log the whole process to stderr, including uncaught errors and warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in URL_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in PRIVATE_DATA_LOGGERS:
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLogger().level))
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_thread_error


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger(__name__).critical("Kindred has to stop", exc_info=(kind, error, trace))


def _log_unraisable(event: UnraisableHookArgs) -> None:
    _log_error("Something went wrong while %s was given up", event.object, event.exc_value)


def _log_thread_error(event: threading.ExceptHookArgs) -> None:
    _log_error("The thread %s has ended", event.thread, event.exc_value)


def _log_error(message: str, subject: object, error: BaseException | None) -> None:
    logging.getLogger(__name__).error(message, subject, exc_info=error)
