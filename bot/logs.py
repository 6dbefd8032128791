"""The log: one line a record, and never a secret."""

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
NOISY = ("httpx", "httpcore", "aiohttp.access")  # they write whole addresses, token included
# On DEBUG they write people's messages, what is kept of them, and where their photos were taken.
TALKATIVE = ("telegram", "aiosqlite", "PIL")
SHORTEST = 4  # letters of a secret: what is shorter stands in every second word

_secrets: dict[str, str] = {}  # as they may be written, and what is written instead


def conceal(secret: str, name: str) -> None:
    """Keep a secret out of the log and out of complaints from now on, and put its name there."""
    if len(secret) >= SHORTEST:
        _secrets.update(dict.fromkeys((secret, quote(secret), quote(secret, safe="")), f"[{name}]"))


def redact(text: str) -> str:
    """Replace every bot token in a text, and every secret of this process."""
    for secret in sorted(_secrets, key=len, reverse=True):  # one may hold another
        text = text.replace(secret, _secrets[secret])
    return TOKEN.sub("[token]", text)


class RedactingFormatter(logging.Formatter):
    """Redacts the final text of a record: message, arguments, traceback and all."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record, then redact it."""
        return redact(super().format(record))


def set_up(level: str) -> None:
    """Send the log of the whole process to stderr, uncaught errors and warnings included."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLogger().level))
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_of_thread


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger(__name__).critical("Kindred has to stop", exc_info=(kind, error, trace))


def _log_unraisable(what: UnraisableHookArgs) -> None:
    _log_beside("Something went wrong while %s was given up", what.object, what.exc_value)


def _log_of_thread(what: threading.ExceptHookArgs) -> None:
    _log_beside("The thread %s has ended", what.thread, what.exc_value)


def _log_beside(sentence: str, what: object, error: BaseException | None) -> None:
    logging.getLogger(__name__).error(sentence, what, exc_info=error)
