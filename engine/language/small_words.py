"""Small words that decide how a message is read, by language: those of `small_words/`, a file a language.

Each line is a group and its words:

    nobody: nobody noone    people who are not there: "a beach with nobody on it"
    anybody: anyone         the same where it is negative
    determiners: the a      they belong to the noun after them
    articles: the a an      those among them that a description keeps
    only: only just         what follows is all that is wanted
    photos: photo picture   what a request begins with, not what it describes
    distinctive: uma        frequent words that no other language has
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("small_words")


@cache
def small_words(group: str, language: str | None = None) -> frozenset[str]:
    """Return the words of a group, in one language (two letters) or in all."""
    return frozenset(
        word
        for (of_group, of_language), words in _files().items()
        if of_group == group and language in (None, of_language)
        for word in words
    )


@cache
def _files() -> dict[tuple[str, str], list[str]]:
    """Return the words of all files, by group and language."""
    return {
        (group, file.stem): words.split()
        for file in FOLDER.glob("*.txt")
        for group, colon, words in (line.partition(":") for line in file.read_text("utf-8").splitlines())
        if colon
    }
