"""What all commands of the command line share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from engine.settings import EngineSettings

Answer = dict[str, Any] | list[dict[str, Any]]  # as printed by --json
Command = Callable[[EngineSettings, argparse.Namespace], Answer]


class AddCommand(Protocol):
    """Adds a command to the parser."""

    def __call__(self, name: str, command: Command, *aliases: str) -> argparse.ArgumentParser:
        """Return the command's parser, with the options that all commands have."""


def program_name(installed: str, module: str) -> str:
    """Return what a person types: the installed command, or the module."""
    return installed if Path(sys.argv[0]).stem == installed else module


def positive_int(text: str) -> int:
    """Parse an integer of 1 or more; a type for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
