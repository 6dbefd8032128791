"""Standard output of the commands: it may be closed (`| head`), or on a full device."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence


class OutputError(Exception):
    """Standard output cannot be written; `str(error)` is one line, or empty if its reader has enough."""


def print_line(text: str = "", *, end: str = "\n") -> None:
    """Print a text, and what is still in the buffer, at once.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        print(text, end=end, flush=True)  # noqa: T201 - the place that prints
    except OSError as error:
        _discard_output()
        closed = isinstance(error, BrokenPipeError)
        message = "" if closed else f"Standard output cannot be written: {error.strerror}."
        raise OutputError(message) from None


def parse(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse arguments, those of the process by default; a help that is asked for is printed at once.

    Raises:
        OutputError: the help cannot be written.
        SystemExit: after the help, and for arguments that cannot be parsed.
    """
    try:
        return parser.parse_args(arguments)
    except SystemExit:
        print_line(end="")
        raise


def _discard_output() -> None:
    """Send what is still in the buffer nowhere: Python would complain of it at its end."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
