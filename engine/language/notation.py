"""Notation: what is written in signs rather than in words, the same in every language.

man:men::woman:?        an analogy; also "man is to men as woman is to"
king - man + woman      word arithmetic, the same analogy
beach - people          a description with signs; "beach -people" and "cat+sofa", too
/similar boy            a command of words
"""

from __future__ import annotations

import re

from engine.results import IntentKind

_WORD = r"[^\W_]+(?:['-][^\W_]+)*"  # letters and digits, with hyphens and apostrophes inside
_FOURTH = rf"(\?+|\.+|_+|what|which|{_WORD})?\s*[?.!_]*"  # the fourth word, or its placeholder
_PLACEHOLDERS = {"what", "which"}
_ANALOGY_COLONS = re.compile(
    rf"({_WORD})\s*:\s*({_WORD})\s*(?:::|=|\bas\b)\s*({_WORD})\s*(?::\s*{_FOURTH}|[?.!_]*)"
)
_ANALOGY_SENTENCE = re.compile(
    rf"({_WORD})\s+(?:(?:is|are)\s+)?to\s+({_WORD}),?\s+(?:as|like|what)\s+"
    rf"({_WORD})\s+(?:(?:is|are)\s+)?to(?:\s+{_FOURTH}|\s*[?.!_]*)"
)
_ARITHMETIC = re.compile(rf"({_WORD})\s+[-−]\s+({_WORD})\s+\+\s+({_WORD})\s*(?:=\s*)?[?]*")
# As people write signs, looser than `engine.results.SIGN`: a sign stands between blanks, or before a word and
# after a blank; a plus also between two words.
_SIGN = re.compile(r"(?:^|(?<=\s))([+\-−])(?=\s|$|[^\W\d_])|(?<=[^\W\d_])(\+)(?=\s?[^\W\d_])")
_COMMAND = re.compile(r"/([a-z_]+)(?:@\w+)?(?:\s+(.*))?", re.IGNORECASE)
_AND = {"and", "und", "et", "y", "e", "и"}
COMMANDS = {
    "find": IntentKind.DESCRIPTION,
    "similar": IntentKind.SIMILAR,
    "alike": IntentKind.ALIKE,
    "analogy": IntentKind.ANALOGY,
    "caption": IntentKind.CAPTION,
    "help": IntentKind.HELP,
    "start": IntentKind.GREETING,
}


def bare_word(text: str) -> str | None:
    """Return the word that a text consists of, without punctuation, if it is one."""
    bare = text.strip("\"'.,;:!?()[]… ")
    return bare if re.fullmatch(_WORD, bare) else None


def analogy(text: str) -> tuple[str, str, str] | None:
    """Return a, b and c of "a is to b as c is to", in colons or in English words."""
    unquoted = text.replace('"', "").lower()
    match = _ANALOGY_COLONS.fullmatch(unquoted) or _ANALOGY_SENTENCE.fullmatch(unquoted)
    if match is None:
        return None
    a, b, c, d = match.groups()[:4]
    if a in _PLACEHOLDERS and d and d not in _PLACEHOLDERS:
        return (d, c, b)  # "what is to women as man is to men?"
    return None if {a, b, c} & _PLACEHOLDERS else (a, b, c)


def word_arithmetic(text: str) -> tuple[str, str, str] | None:
    """Return a, b and c of the analogy that "b - a + c" asks for."""
    match = _ARITHMETIC.fullmatch(text.lower().rstrip(" ."))
    return (match[2], match[1], match[3]) if match else None


def signed_parts(text: str) -> list[tuple[str, bool]] | None:
    """Split a text at its signs: each part, and whether it is subtracted; None without signs."""
    first, *rest = _SIGN.split(text.strip())
    if not rest:
        return None
    signs = [spaced or joined for spaced, joined in zip(rest[::3], rest[1::3], strict=True)]
    parts = [(first.strip(), False)] if first.strip() else []
    return [*parts, *((part.strip(), sign != "+") for sign, part in zip(signs, rest[2::3], strict=True))]


def words(arguments: str) -> list[str]:
    """Return the words that a command is about; "dog and cat" are two."""
    parts = [part for part in map(bare_word, re.split(r"[\s,;:]+", arguments.rstrip(" ?"))) if part]
    return [parts[0], parts[2]] if len(parts) == 3 and parts[1].lower() in _AND else parts


def command(text: str) -> tuple[IntentKind, str] | None:
    """Return the kind of a command, and its arguments."""
    match = _COMMAND.fullmatch(text)
    kind = match and COMMANDS.get(match[1].lower())
    return (kind, (match[2] or "").strip()) if match and kind else None
