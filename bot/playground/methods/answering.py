"""Methods that answer what a person waits for: a pressed button, an inline query."""

from __future__ import annotations

from bot.playground.methods import content
from bot.playground.people.client import PAYLOAD
from bot.playground.state import Cloud
from bot.playground.telegram.api_errors import NO_FETCH, bad_request
from bot.playground.telegram.inline import Result, Shown
from bot.playground.telegram.keyboards import keyboard_of
from bot.playground.telegram.limits import (
    ANSWER_CHARACTERS,
    INLINE_CACHE_SECONDS,
    INLINE_RESULTS,
    NEXT_OFFSET_BYTES,
    RESULT_ID_BYTES,
)
from bot.playground.telegram.parameters import Json, Parameters


async def answer_callback_query(cloud: Cloud, given: Parameters) -> bool:
    """answerCallbackQuery."""
    if len(given.text("text")) > ANSWER_CHARACTERS:
        raise bad_request("MESSAGE_TOO_LONG")
    shown = {"text": given.text("text"), "alert": given.flag("show_alert"), "url": given.text("url")}
    cloud.presses.answer(given.text("callback_query_id"), shown)
    return True


async def answer_inline_query(cloud: Cloud, given: Parameters) -> bool:
    """answerInlineQuery: all of it is right, or nothing is shown."""
    number = given.text("inline_query_id")
    query = cloud.inline.query_of(number)
    results = given.objects("results")
    _check_ids(results)
    if len(given.text("next_offset").encode()) > NEXT_OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    shown = Shown(
        tuple(Result(result, _content(cloud, result), query) for result in results),
        given.text("next_offset"),
        _button(given.mapping("button")),
        given.flag("is_personal"),
        given.integer("cache_time", INLINE_CACHE_SECONDS),
    )
    cloud.inline.answer(number, shown)
    return True


def _check_ids(results: list[Json]) -> None:
    if len(results) > INLINE_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    ids = [str(result.get("id", "")) for result in results]
    if not all(1 <= len(one.encode()) <= RESULT_ID_BYTES for one in ids):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(ids)) < len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")


def _content(cloud: Cloud, result: Json) -> Json:
    """Read the message a result becomes when it is chosen."""
    keyboard = keyboard_of(result.get("reply_markup") or {})
    said = result.get("input_message_content")
    if result.get("type") == "article":
        if not result.get("title"):
            raise bad_request("ARTICLE_TITLE_EMPTY")
        return content.text_of_item(said or {}) | keyboard
    if result.get("type") != "photo":
        raise bad_request(f"can't parse inline query result: type {result.get('type')!r} is not known here")
    if "photo_file_id" not in result:
        raise bad_request(NO_FETCH)
    photo = content.known(cloud, "photo", str(result["photo_file_id"]))
    return (content.text_of_item(said) if said else photo | content.caption_of_item(result)) | keyboard


def _button(button: Json) -> Json | None:
    if not button:
        return None
    if not button.get("text"):
        raise bad_request("SWITCH_PM_TEXT_EMPTY")
    if "web_app" not in button and not PAYLOAD.fullmatch(str(button.get("start_parameter", ""))):
        raise bad_request("START_PARAM_INVALID")
    return button
