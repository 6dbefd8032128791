"""The lines of `python -m bot check`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """The mark before a finding."""

    RIGHT = "✓"
    WRONG = "✗"
    ADVICE = "!"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        mark: Whether it is right or wrong.
        subject: What was checked.
        message: What was found, and what to do if it is not right.
    """

    mark: Mark
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.mark} {self.subject}: {self.message}"
