"""The playground refuses what Telegram refuses, with the same error descriptions."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    ReplyParameters,
)
from telegram.error import BadRequest, TelegramError

from bot.playground import Person, Playground
from bot.playground.telegram.limits import DOWNLOAD_BYTES, PHOTO_UPLOAD_BYTES, QUERY_SECONDS, REQUEST_BYTES
from tests.bot.playground.conftest import picture

Call = Callable[[Bot, int], Awaitable[Any]]

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
WRONG_FILE = "wrong file identifier/HTTP URL specified"
HALF_A_PHOTO = picture()[:900]


def keyboard(data: str = "x", **button: Any) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("Go", **(button or {"callback_data": data}))]])


def media(count: int) -> list[InputMediaPhoto]:
    return [InputMediaPhoto("never looked at") for _ in range(count)]


def raw(method: str, **parameters: Any) -> Call:
    """Call past PTB's own checks; in capitals, which the Bot API allows, PTB lets it pass."""
    return lambda bot, chat: bot.do_api_request(method.upper(), {"chat_id": chat} | parameters)


REFUSALS: dict[str, Call] = {
    "chat not found": lambda bot, chat: bot.send_message(chat + 1, "hi"),
    "message text is empty": lambda bot, chat: bot.send_message(chat, " <b> </b>", parse_mode="HTML"),
    "message is too long": lambda bot, chat: bot.send_message(chat, "😀" * 2048 + "!"),
    "message caption is too long": lambda bot, chat: bot.send_photo(chat, picture(), caption="a" * 1025),
    "message to be replied not found": lambda bot, chat: bot.send_message(
        chat, "hi", reply_parameters=ReplyParameters(9999)
    ),
    "BUTTON_DATA_INVALID": lambda bot, chat: bot.send_message(
        chat, "hi", reply_markup=keyboard("é" * 32 + "!")
    ),
    "inline keyboard button URL 'ftp://x' is invalid: Wrong HTTP URL": lambda bot, chat: bot.send_message(
        chat, "hi", reply_markup=keyboard(url="ftp://x")
    ),
    "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard": raw(
        "sendMessage", text="hi", reply_markup=json.dumps({"inline_keyboard": [[{"text": "Go"}]]})
    ),
    "can't parse reply_markup JSON object": raw("sendMessage", text="hi", reply_markup="{"),
    "too many messages to send as an album": lambda bot, chat: bot.send_media_group(chat, media(11)),
    "media must include 2-10 items": lambda bot, chat: bot.send_media_group(chat, media(1)),
    "an album cannot have a reply_markup": lambda bot, chat: bot.send_media_group(
        chat, media(2), api_kwargs={"reply_markup": keyboard()}
    ),
    "can't parse InputMedia: type 'document' is not supported here": lambda bot, chat: bot.send_media_group(
        chat, [InputMediaPhoto(picture()), InputMediaDocument(picture())]
    ),
    WRONG_FILE: lambda bot, chat: bot.send_photo(chat, "AgACAgIAAxk_of_another_bot"),
    "failed to get HTTP URL content": lambda bot, chat: bot.send_photo(chat, "https://example.org/a.jpg"),
    "there is no photo in the request": raw("sendPhoto"),
    "file must be non-empty": lambda bot, chat: bot.send_photo(chat, b""),
    "IMAGE_PROCESS_FAILED": lambda bot, chat: bot.send_photo(chat, HALF_A_PHOTO),
    "PHOTO_INVALID_DIMENSIONS": lambda bot, chat: bot.send_photo(chat, picture(210, 10)),
    f"file of size {PHOTO_UPLOAD_BYTES + 1} bytes is too big for a photo; the maximum size is "
    f"{PHOTO_UPLOAD_BYTES} bytes": lambda bot, chat: bot.send_photo(chat, bytes(PHOTO_UPLOAD_BYTES + 1)),
    "wrong parameter action in request": lambda bot, chat: bot.send_chat_action(chat, "dancing"),
    "message to edit not found": lambda bot, chat: bot.edit_message_text("hi", chat, 9999),
    "message can't be edited": lambda bot, chat: bot.edit_message_text("hi", chat, 1),
    "message to delete not found": lambda bot, chat: bot.delete_message(chat, 9999),
    "query is too old and response timeout expired or query ID is invalid": (
        lambda bot, _: bot.answer_callback_query("1")
    ),
    "MESSAGE_TOO_LONG": lambda bot, _: bot.answer_callback_query("1", "a" * 201),
    "BOT_COMMAND_INVALID": lambda bot, _: bot.set_my_commands([("Help!", "all of it")]),
    "BOT_COMMAND_DESCRIPTION_INVALID": lambda bot, _: bot.set_my_commands([("help", "")]),
    "unsupported parse_mode": lambda bot, chat: bot.send_message(chat, "*hi*", parse_mode="Shouting"),
}  # fmt: skip


async def refusal(playground: Playground, call: Awaitable[Any]) -> dict[str, Any]:
    with pytest.raises(TelegramError):
        await call
    return playground.call_log[-1].reply


@pytest.mark.parametrize("words", REFUSALS)
async def test_the_refusal_says(playground: Playground, bot: Bot, ada: Person, words: str) -> None:
    reply = await refusal(playground, REFUSALS[words](bot, ada.id))
    assert reply == {"ok": False, "error_code": 400, "description": f"Bad Request: {words}"}
    assert not [seen for seen in ada.messages if seen.from_bot]


async def test_what_just_fits_is_sent(bot: Bot, ada: Person) -> None:
    await bot.send_message(ada.id, f"<b>{'😀' * 2048}</b>", parse_mode="HTML")
    await bot.send_message(ada.id, "hi", reply_markup=keyboard("é" * 32))
    await bot.send_photo(ada.id, picture(200, 10), caption="a" * 1024)
    assert len([seen for seen in ada.messages if seen.from_bot]) == 3


async def test_nothing_is_sent_when_one_item_of_an_album_is_bad(bot: Bot, ada: Person) -> None:
    with pytest.raises(BadRequest):
        await bot.send_media_group(ada.id, [InputMediaPhoto(picture()), InputMediaPhoto("nothing")])
    assert len(ada.messages) == 1


async def test_an_edit_that_changes_nothing_is_refused(playground: Playground, bot: Bot, ada: Person) -> None:
    text = await bot.send_message(ada.id, "<b>hi</b>", parse_mode="HTML", reply_markup=keyboard())
    same = (
        bot.edit_message_text(
            "<b>hi</b> ", ada.id, text.message_id, parse_mode="HTML", reply_markup=keyboard()
        ),
        bot.edit_message_reply_markup(ada.id, text.message_id, reply_markup=keyboard()),
    )
    for edit in same:
        assert (await refusal(playground, edit))["description"] == f"Bad Request: {NOT_MODIFIED}"
    await bot.edit_message_text("hi", ada.id, text.message_id, reply_markup=keyboard())  # no longer bold


async def test_a_photo_has_no_text_to_edit(playground: Playground, bot: Bot, ada: Person) -> None:
    photo = await bot.send_photo(ada.id, picture())
    reply = await refusal(playground, bot.edit_message_text("ho", ada.id, photo.message_id))
    assert reply["description"] == "Bad Request: there is no text in the message to edit"


async def test_a_photo_of_an_album_takes_no_keyboard(playground: Playground, bot: Bot, ada: Person) -> None:
    first, _ = await bot.send_media_group(ada.id, [InputMediaPhoto(picture()), InputMediaPhoto(picture())])
    edit = bot.edit_message_reply_markup(ada.id, first.message_id, reply_markup=keyboard())
    assert (await refusal(playground, edit))["description"] == "Bad Request: message can't be edited"


async def test_a_document_is_not_a_photo(playground: Playground, bot: Bot, ada: Person) -> None:
    file = await ada.send_photo(picture(), as_file=True)
    reply = await refusal(playground, bot.send_photo(ada.id, file.wire["document"]["file_id"]))
    assert reply["description"] == "Bad Request: can't use file of type Document as Photo"


async def test_a_file_over_20_mb_cannot_be_fetched(playground: Playground, bot: Bot, ada: Person) -> None:
    large = await ada.send_photo(bytes(DOWNLOAD_BYTES + 1), as_file=True)
    reply = await refusal(playground, bot.get_file(large.wire["document"]["file_id"]))
    assert reply["description"] == "Bad Request: file is too big"
    reply = await refusal(playground, bot.get_file("nothing"))
    assert reply["description"] == "Bad Request: wrong file_id or the file is temporarily unavailable"


async def test_an_upload_over_50_mb_is_too_large(playground: Playground, bot: Bot, ada: Person) -> None:
    reply = await refusal(playground, bot.send_photo(ada.id, bytes(REQUEST_BYTES + 1)))
    assert reply == {"ok": False, "error_code": 413, "description": "Request Entity Too Large"}


@pytest.mark.parametrize("size", [(9_001, 1_000), (100, 2_001)])
async def test_a_photo_beyond_the_limits_of_its_sides_is_refused(
    playground: Playground, bot: Bot, ada: Person, size: tuple[int, int]
) -> None:
    reply = await refusal(playground, bot.send_photo(ada.id, picture(*size)))
    assert reply["description"] == "Bad Request: PHOTO_INVALID_DIMENSIONS"
    reply = await refusal(
        playground,
        bot.send_media_group(ada.id, [InputMediaPhoto(picture()), InputMediaPhoto(picture(*size))]),
    )
    assert "PHOTO_INVALID_DIMENSIONS" in reply["description"]


async def test_a_bot_cannot_write_first(playground: Playground, bot: Bot) -> None:
    stranger = playground.person("Grace")
    reply = await refusal(playground, bot.send_message(stranger.id, "hello?"))
    assert reply["description"] == "Bad Request: chat not found"


async def test_a_press_is_answered_once_and_in_time() -> None:
    now = 1000.0
    async with Playground(clock=lambda: now) as playground:
        ada = playground.person("Ada")
        await ada.say("/start")
        async with Bot(playground.token, base_url=playground.base_url) as bot:
            await bot.send_message(ada.id, "hi", reply_markup=keyboard())
            late, twice = ada.messages[-1], ada.messages[-1]
            for message, seconds in ((late, QUERY_SECONDS + 1), (twice, 0)):
                with pytest.raises(TimeoutError):
                    await ada.press(message, "Go", timeout=0)
                query = (await bot.get_updates(-1))[0].callback_query
                assert query is not None
                now += seconds
                if seconds:
                    reply = await refusal(playground, query.answer("late"))
                    assert "query is too old" in reply["description"]
                else:
                    assert await query.answer("in time")
                    assert (
                        "query is too old"
                        in (await refusal(playground, query.answer("again")))["description"]
                    )
