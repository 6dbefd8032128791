"""The menu of /settings, which is edited in place, and the confirmation of /delete_me.

s1:album:5  s1:quiet:1  s1:numbers:1  s1:language:de  s1:language:    a preference; "" follows the app
d1:yes  d1:no                                                         whether the user's data is deleted
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest

from handlers.context import Context
from handlers.i18n.texts import LANGUAGES, Texts, texts_in
from handlers.keyboards.answer_keyboard import CHECK_MARK
from handlers.messages.callbacks import acknowledge, callback_query, pressed_message
from handlers.middleware.preferences import load_preferences
from handlers.store import MAX_ALBUM_SIZE, Preferences

SETTINGS_PREFIX, DELETE_PREFIX = "s1:", "d1:"
ALBUM_SIZES: Final = (1, 3, 5, MAX_ALBUM_SIZE)
LANGUAGES_PER_ROW = 3


def settings_menu(context: Context) -> tuple[str, InlineKeyboardMarkup]:
    """Return the text and the keyboard of /settings, with the user's preferences checked."""
    texts, current = context.texts, context.preferences
    albums = [_button(str(size), size == current.album, "album", str(size)) for size in ALBUM_SIZES]
    sounds = [
        _button(texts(key), current.quiet is quiet, "quiet", str(int(quiet)))
        for key, quiet in (("settings-loud", False), ("settings-quiet", True))
    ]
    closeness = [
        _button(texts(key), current.numbers is numbers, "numbers", str(int(numbers)))
        for key, numbers in (("settings-words", False), ("settings-numbers", True))
    ]
    languages = [_button(texts("settings-app-language"), current.language is None, "language", "")]
    languages += [
        _button(texts_in(code)("language-name"), code == current.language, "language", code)
        for code in LANGUAGES
    ]
    starts = range(0, len(languages), LANGUAGES_PER_ROW)
    rows = [languages[start : start + LANGUAGES_PER_ROW] for start in starts]
    return texts("settings"), InlineKeyboardMarkup([albums, sounds, closeness, *rows])


def confirm_keyboard(texts: Texts) -> InlineKeyboardMarkup:
    """Return the keyboard that asks to confirm a deletion."""
    buttons = (("delete-me-yes", "yes"), ("delete-me-no", "no"))
    return InlineKeyboardMarkup([
        [InlineKeyboardButton(texts(key), callback_data=DELETE_PREFIX + choice)] for key, choice in buttons
    ])  # fmt: skip


async def choose(update: Update, context: Context) -> None:
    """Store a preference, and check it in the menu."""
    query = callback_query(update)
    message = pressed_message(query)
    chosen = _parse_choice(context.preferences, (query.data or "").removeprefix(SETTINGS_PREFIX))
    if chosen is None or message is None:
        await acknowledge(query, context.texts("expired"), alert=True)
        return
    before = context.preferences
    await context.store.keep_preferences(query.from_user.id, chosen)
    await load_preferences(update, context)
    await acknowledge(query)
    if chosen != before:
        await _edit(message, *settings_menu(context))


async def delete_data(update: Update, context: Context) -> None:
    """Delete the user's data if they confirm."""
    query = callback_query(update)
    message = pressed_message(query)
    if message is None or query.data not in (DELETE_PREFIX + "yes", DELETE_PREFIX + "no"):
        await acknowledge(query, context.texts("expired"), alert=True)
        return
    key, texts = "delete-me-kept", context.texts  # the language is deleted too
    if query.data == DELETE_PREFIX + "yes":
        key = "delete-me-done" if await context.store.forget(query.from_user.id) else "delete-me-nothing"
        await load_preferences(update, context)
    await acknowledge(query)
    await _edit(message, texts(key))


def _parse_choice(before: Preferences, data: str) -> Preferences | None:
    """Apply a choice to the preferences; return None for data of another version or an invented one."""
    name, _, value = data.partition(":")
    parse = _PARSERS.get(name)
    return parse(before, value) if parse else None


def _parse_album(before: Preferences, value: str) -> Preferences | None:
    return replace(before, album=int(value)) if value in map(str, ALBUM_SIZES) else None


def _parse_quiet(before: Preferences, value: str) -> Preferences | None:
    return replace(before, quiet=value == "1") if value in ("0", "1") else None


def _parse_numbers(before: Preferences, value: str) -> Preferences | None:
    return replace(before, numbers=value == "1") if value in ("0", "1") else None


def _parse_language(before: Preferences, value: str) -> Preferences | None:
    return replace(before, language=value or None) if value in ("", *LANGUAGES) else None


_PARSERS: Final[dict[str, Callable[[Preferences, str], Preferences | None]]] = {
    "album": _parse_album,
    "quiet": _parse_quiet,
    "numbers": _parse_numbers,
    "language": _parse_language,
}


def _button(label: str, checked: bool, name: str, value: str) -> InlineKeyboardButton:
    text = f"{CHECK_MARK} {label}" if checked else label
    return InlineKeyboardButton(text, callback_data=f"{SETTINGS_PREFIX}{name}:{value}")


async def _edit(message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    with suppress(BadRequest):  # another press was faster: "message is not modified"
        await message.edit_text(text, reply_markup=keyboard)
