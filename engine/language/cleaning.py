"""Cleaning of a message: invisible characters, compatibility forms, length; and addresses in it."""

from __future__ import annotations

import re
import unicodedata

from engine.api import MAX_TEXT_LENGTH
from engine.errors import BadInputError, EmptyQueryError

_COMMAND_NAME = re.compile(r"^/\w+(?:@\w+)?(?:\s|$)")
# By Unicode category: controls, format characters (zero-width, direction marks), lone surrogates.
_INVISIBLE = {"Cc": " ", "Cf": "", "Cs": ""}
_FOLDED = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "∷": "::", "∶": ":"}
)
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|\S+@[\w-]+\.\w\S*|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|de|fr|es|it|pt|br|ru|io|me"
    r"|info|eu|uk|us|app|dev|ai)\b(?:/\S*)?",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """Drop control characters, fold compatibility forms (full-width colons, smart quotes), collapse blanks.

    Raises:
        EmptyQueryError: nothing is left.
        BadInputError: more than `MAX_TEXT_LENGTH` characters are left, beside the name of a command.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_FOLDED)
    visible = (_INVISIBLE.get(unicodedata.category(char), char) for char in folded)
    collapsed = " ".join("".join(visible).split())
    if not collapsed:
        raise EmptyQueryError(key="nothing-to-read")
    if (length := len(_COMMAND_NAME.sub("", collapsed))) > MAX_TEXT_LENGTH:
        raise BadInputError(key="too-long", length=length, limit=MAX_TEXT_LENGTH)
    return collapsed


def without_addresses(text: str) -> str:
    """Return a text without web and mail addresses."""
    return " ".join(_ADDRESS.sub(" ", text).split())
