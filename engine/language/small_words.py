"""Small words that decide how a message is read, by language: those of `small_words/`, a file a language.

Each line is a group and its words:

    nobody: nobody noone    people who are not there: "a beach with nobody on it"
    anybody: anyone         the same where it is negative
    determiners: the a      they belong to the noun after them
    only: only just         what follows is all that is wanted
    distinctive: uma        frequent words that no other language has
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("small_words")


@cache
def small_words(group: str, language: str = "*") -> frozenset[str]:
    """Return the words of a group, in one language or in all.

    Args:
        group: its name.
        language: two letters; "*" for all.
    """
    lines = (line for file in FOLDER.glob(f"{language}.txt") for line in file.read_text("utf-8").splitlines())
    return frozenset(
        word for line in lines if line.startswith(f"{group}:") for word in line.partition(":")[2].split()
    )
