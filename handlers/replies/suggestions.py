"""Suggestions: buttons under a hint, so that nobody has to type what the hint says.

try:word  try:words-map  try:random    one of `SAMPLES` or `PLACES`, read in the language of the press
try:find-a-dog-running                 a command, encoded as in a deep link
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.i18n.samples import AFTER_ERRORS, SAMPLES
from handlers.i18n.texts import Texts
from handlers.keyboards.callback_data import MAX_BYTES
from handlers.queries import deep_links

PREFIX: Final = "try:"
# The commands of samples that would be read as something else.
SAMPLE_COMMANDS: Final[Mapping[str, str]] = {"pair": "/alike"}
# What needs no query, with the keys of the labels.
PLACES: Final[Mapping[str, str]] = {
    "words-map": "button-word-map",
    "images-map": "button-photo-map",
    "random": "button-random",
}
GREETING: Final = (("word",), ("riddle",), ("scene",))
HELP: Final = (("scene", "word"), ("riddle",), ("both", "without"), ("random",), ("words-map", "images-map"))


def suggestions(texts: Texts, rows: Sequence[Sequence[str]]) -> InlineKeyboardMarkup:
    """Return a keyboard of `SAMPLES` and `PLACES`, by their names."""
    labels = {**SAMPLES, **PLACES}
    return InlineKeyboardMarkup([
        [InlineKeyboardButton(texts(labels[name]), callback_data=PREFIX + name) for name in row]
        for row in rows
    ])  # fmt: skip


def command_keyboard(labelled: Sequence[tuple[str, str]]) -> InlineKeyboardMarkup | None:
    """Return a row of buttons that run commands such as "/find boy", each with its label.

    None if no command fits a button.
    """
    buttons = [
        InlineKeyboardButton(label, callback_data=PREFIX + payload)
        for label, command in labelled
        if (payload := deep_links.encode(command, MAX_BYTES - len(PREFIX), whole=True))
    ]
    return InlineKeyboardMarkup([buttons]) if buttons else None


def after_error(texts: Texts, key: str) -> InlineKeyboardMarkup | None:
    """Return the suggestions under the sentence of an error, if there are any."""
    rows = AFTER_ERRORS.get(key)
    return suggestions(texts, rows) if rows else None
