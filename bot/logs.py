"""The log: one line a record, and never a token."""

from __future__ import annotations

import logging
import re
import sys
from types import TracebackType

TOKEN = re.compile(r"\d{5,}(?::|%3[Aa])[A-Za-z0-9_-]{20,}")
NOISY = ("httpx", "httpcore", "aiohttp.access")  # they write whole addresses, token included
TALKATIVE = ("telegram",)  # on DEBUG it writes people's messages, which are not ours to keep


def redact(text: str) -> str:
    """Replace every bot token in a text."""
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


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger(__name__).critical("Kindred has to stop", exc_info=(kind, error, trace))
