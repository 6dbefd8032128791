"""The scripts of the languages that are read."""

from __future__ import annotations

import unicodedata
from typing import Final

READ: Final = ("LATIN", "CYRILLIC")


def is_foreign(text: str) -> bool:
    """Return whether a text has letters, and all are of scripts in which no language is read.

    A command before them does not count.
    """
    words = text.split()
    letters = [letter for word in words[text.startswith("/") :] for letter in word if letter.isalpha()]
    return bool(letters) and not any(unicodedata.name(letter, "").startswith(READ) for letter in letters)
