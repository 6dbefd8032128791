"""Checks of `reply_markup`: what an inline keyboard may hold."""

from __future__ import annotations

from typing import Any, Final

from bot.playground.telegram.api_errors import ApiError, bad_request
from bot.playground.telegram.limits import BUTTONS, CALLBACK_DATA_BYTES
from bot.playground.telegram.parameters import Json, Parameters

BUTTON_ACTIONS: Final = frozenset({
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "pay", "callback_game",
    "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "copy_text",
})  # fmt: skip
OTHER_MARKUP: Final = frozenset({"keyboard", "remove_keyboard", "force_reply"})  # no part of a Message


def inline_keyboard(parameters: Parameters) -> Json:
    """Return the inline keyboard of a call as the field of a message, if there is one.

    Raises:
        ApiError: the keyboard is malformed or too large.
    """
    markup = parameters.mapping("reply_markup")
    if not markup or OTHER_MARKUP & markup.keys():
        return {}
    rows = markup.get("inline_keyboard")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    checked = [[_button(button) for button in row] for row in rows if row]
    if sum(map(len, checked)) > BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return {"reply_markup": {"inline_keyboard": checked}} if checked else {}


def _button(button: Any) -> Json:  # noqa: ANN401 - any JSON value
    if not isinstance(button, dict):
        raise _unparsable("expected an Object")
    if not isinstance(button.get("text"), str) or not button["text"].strip():
        raise _unparsable('field "text" must be a non-empty String')
    actions = BUTTON_ACTIONS & button.keys()
    if not actions:
        raise _unparsable("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise _unparsable("a button has exactly one action")
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


def _unparsable(description: str) -> ApiError:
    return bad_request(f"can't parse inline keyboard button: {description}")
