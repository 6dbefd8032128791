"""Checks of `reply_markup`: what a keyboard may hold."""

from __future__ import annotations

from typing import Any, Final

from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.limits import BUTTONS, CALLBACK_DATA_BYTES
from bot.playground.telegram.parameters import Json, Parameters

ACTIONS: Final = frozenset({
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "pay", "callback_game",
    "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "copy_text",
})  # fmt: skip
OTHER_MARKUP: Final = frozenset({"keyboard", "remove_keyboard", "force_reply"})  # not part of a Message


def inline_keyboard(given: Parameters) -> Json:
    """Read the inline keyboard of a call as it will stand in the message."""
    return keyboard_of(given.mapping("reply_markup"))


def keyboard_of(markup: Json) -> Json:
    """Check a `reply_markup`: `{}` or `{"reply_markup": ...}` comes out."""
    if not markup or OTHER_MARKUP & markup.keys():
        return {}
    rows = markup.get("inline_keyboard")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    checked = [[_button(button) for button in row] for row in rows if row]
    if sum(map(len, checked)) > BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return {"reply_markup": {"inline_keyboard": checked}} if checked else {}


def _button(button: Any) -> Json:  # noqa: ANN401 - whatever JSON held
    if not isinstance(button, dict):
        raise _unparsed("expected an Object")
    if not isinstance(button.get("text"), str) or not button["text"].strip():
        raise _unparsed('field "text" must be a non-empty String')
    actions = ACTIONS & button.keys()
    if not actions:
        raise _unparsed("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise _unparsed("a button does one thing")
    _check_data(button)
    return dict(button)


def _check_data(button: Json) -> None:
    if (
        "callback_data" in button
        and not 1 <= len(str(button["callback_data"]).encode()) <= CALLBACK_DATA_BYTES
    ):
        raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button and not str(button["url"]).startswith(("http://", "https://", "tg://")):
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


def _unparsed(words: str) -> Exception:
    return bad_request(f"can't parse inline keyboard button: {words}")
