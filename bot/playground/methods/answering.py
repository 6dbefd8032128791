"""Methods that answer callback queries and inline queries."""

from __future__ import annotations

from bot.playground.methods import content
from bot.playground.state import State
from bot.playground.telegram.api_errors import URL_NOT_FETCHED, bad_request
from bot.playground.telegram.inline import InlineAnswer, InlineResult
from bot.playground.telegram.limits import (
    ANSWER_CHARACTERS,
    INLINE_CACHE_SECONDS,
    INLINE_RESULTS,
    NEXT_OFFSET_BYTES,
    RESULT_ID_BYTES,
    START_PAYLOAD_PATTERN,
)
from bot.playground.telegram.parameters import Json, Parameters


async def answer_callback_query(state: State, parameters: Parameters) -> bool:
    """Handle `answerCallbackQuery`: check the text's length, and that the query is open and recent."""
    text = parameters.text("text")
    if len(text) > ANSWER_CHARACTERS:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = {"text": text, "alert": parameters.flag("show_alert"), "url": parameters.text("url")}
    state.callback_queries.answer(parameters.text("callback_query_id"), answer)
    return True


async def answer_inline_query(state: State, parameters: Parameters) -> bool:
    """Handle `answerInlineQuery`: check the query, the offset, the button and every result.

    Nothing is shown unless all of it is valid.
    """
    query_id = parameters.text("inline_query_id")
    state.inline.check_open(query_id)
    results = parameters.objects("results")
    _check_ids(results)
    if len(parameters.text("next_offset").encode()) > NEXT_OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    answer = InlineAnswer(
        tuple(InlineResult(result, _content(state, result)) for result in results),
        parameters.text("next_offset"),
        _button(parameters.mapping("button")),
        parameters.flag("is_personal"),
        parameters.integer("cache_time", INLINE_CACHE_SECONDS),
    )
    state.inline.answer(query_id, answer)
    return True


def _check_ids(results: list[Json]) -> None:
    if len(results) > INLINE_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    ids = [str(result.get("id", "")) for result in results]
    if not all(1 <= len(result_id.encode()) <= RESULT_ID_BYTES for result_id in ids):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(ids)) < len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")


def _content(state: State, result: Json) -> Json:
    """Return the fields of the message that a result becomes when it is chosen."""
    if result.get("reply_markup"):
        raise bad_request("inline query results with a reply_markup are not supported here")
    message = result.get("input_message_content")
    if result.get("type") == "article":
        if not result.get("title"):
            raise bad_request("ARTICLE_TITLE_EMPTY")
        return content.text_of_item(message or {})
    if result.get("type") != "photo":
        raise bad_request(f"can't parse inline query result: type {result.get('type')!r} is not known here")
    if "photo_file_id" not in result:
        raise bad_request(URL_NOT_FETCHED)
    photo = content.known_photo(state, str(result["photo_file_id"]))
    return content.text_of_item(message) if message else photo | content.caption_of_item(result)


def _button(button: Json) -> Json | None:
    if not button:
        return None
    if not button.get("text"):
        raise bad_request("SWITCH_PM_TEXT_EMPTY")
    payload = str(button.get("start_parameter", ""))
    if "web_app" not in button and not START_PAYLOAD_PATTERN.fullmatch(payload):
        raise bad_request("START_PARAM_INVALID")
    return button
