"""What a person decides with buttons: the settings, edited in place, and to be forgotten.

s1:album:5  s1:quiet:1  s1:language:de  s1:language:     a choice; no language: that of the app
d1:yes  d1:no                                            whether to be forgotten
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest

from handlers.context import Context
from handlers.i18n.texts import LANGUAGES, Texts, texts_in
from handlers.preferences import load_preferences
from handlers.store import MAX_ALBUM, Preferences

SETTINGS, DELETION = "s1:", "d1:"
ALBUMS: Final = (1, 3, 5, MAX_ALBUM)
LANGUAGES_A_ROW = 3
CHOSEN = "✓ "

AnswerKeyboard = tuple[str, InlineKeyboardMarkup]


def panel(context: Context) -> AnswerKeyboard:
    """Show what a person chose, and what else there is."""
    texts, chosen = context.texts, context.preferences
    albums = [_choice(str(size), size == chosen.album, "album", str(size)) for size in ALBUMS]
    sounds = [
        _choice(texts(name), chosen.quiet is quiet, "quiet", str(int(quiet)))
        for name, quiet in (("settings-loud", False), ("settings-quiet", True))
    ]
    spoken = [_choice(texts("settings-app-language"), chosen.language is None, "language", "")]
    spoken += [
        _choice(texts_in(one)("language-name"), one == chosen.language, "language", one) for one in LANGUAGES
    ]
    rows = [spoken[at : at + LANGUAGES_A_ROW] for at in range(0, len(spoken), LANGUAGES_A_ROW)]
    return texts("settings"), InlineKeyboardMarkup([albums, sounds, *rows])


def deletion(texts: Texts) -> InlineKeyboardMarkup:
    """Ask once more."""
    buttons = (("delete-me-yes", "yes"), ("delete-me-no", "no"))
    return InlineKeyboardMarkup([
        [InlineKeyboardButton(texts(name), callback_data=DELETION + data)] for name, data in buttons
    ])  # fmt: skip


async def choose(update: Update, context: Context) -> None:
    """Keep a choice, and show it on the message itself."""
    pressed, message = _pressed(update)
    chosen = _chosen(context.preferences, (pressed.data or "").removeprefix(SETTINGS))
    if chosen is None or message is None:
        await _acknowledge(pressed, context.texts("expired"))
        return
    before = context.preferences
    await context.store.keep_preferences(pressed.from_user.id, chosen)
    await load_preferences(update, context)
    await _acknowledge(pressed)
    if chosen != before:
        await _edit(message, *panel(context))


async def delete_data(update: Update, context: Context) -> None:
    """Forget a person who wants it."""
    pressed, message = _pressed(update)
    if message is None or pressed.data not in (DELETION + "yes", DELETION + "no"):
        await _acknowledge(pressed, context.texts("expired"))
        return
    said, texts = "delete-me-kept", context.texts  # the language is among what is forgotten
    if pressed.data == DELETION + "yes":
        said = "delete-me-done" if await context.store.forget(pressed.from_user.id) else "delete-me-nothing"
        await load_preferences(update, context)
    await _acknowledge(pressed)
    await _edit(message, texts(said))


def _chosen(before: Preferences, data: str) -> Preferences | None:
    """Read a choice; it comes from the person's app, and may be of another version or made up."""
    subject, _, value = data.partition(":")
    read = _READERS.get(subject)
    return read(before, value) if read else None


def _album(before: Preferences, value: str) -> Preferences | None:
    return replace(before, album=int(value)) if value in map(str, ALBUMS) else None


def _quiet(before: Preferences, value: str) -> Preferences | None:
    return replace(before, quiet=value == "1") if value in ("0", "1") else None


def _language(before: Preferences, value: str) -> Preferences | None:
    return replace(before, language=value or None) if value in ("", *LANGUAGES) else None


_READERS: Final[dict[str, Callable[[Preferences, str], Preferences | None]]] = {
    "album": _album,
    "quiet": _quiet,
    "language": _language,
}


def _choice(label: str, chosen: bool, subject: str, value: str) -> InlineKeyboardButton:
    shown = f"{CHOSEN}{label}" if chosen else label
    return InlineKeyboardButton(shown, callback_data=f"{SETTINGS}{subject}:{value}")


def _pressed(update: Update) -> tuple[CallbackQuery, Message | None]:
    pressed = update.callback_query
    if pressed is None:
        raise TypeError("the handler of presses was given another kind of update")
    message = pressed.message
    return pressed, message if isinstance(message, Message) and message.is_accessible else None


async def _acknowledge(pressed: CallbackQuery, alert: str | None = None) -> None:
    with suppress(BadRequest):  # "query is too old": the press still counts
        await pressed.answer(alert, show_alert=alert is not None)


async def _edit(message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    with suppress(BadRequest):  # another press was faster: "message is not modified"
        await message.edit_text(text, reply_markup=keyboard)
