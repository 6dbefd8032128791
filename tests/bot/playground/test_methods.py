"""python-telegram-bot calls the methods over HTTP and receives what Telegram would return."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReplyParameters,
)
from telegram.constants import ChatAction
from telegram.error import EndPointNotFound, InvalidToken

from bot.playground import Person, Playground
from tests.bot.harness import http_client
from tests.bot.playground.conftest import picture

KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="more")]])


async def test_the_bot_has_a_name(bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.first_name, me.username, me.is_bot) == ("Kindred", "kindred_playground_bot", True)


async def test_a_wrong_token_is_unauthorized(playground: Playground) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("123456:" + "x" * 35, base_url=playground.base_url):
            pass
    assert playground.call_log[-1].reply == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_an_unknown_method_is_not_found(playground: Playground, bot: Bot) -> None:
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendPigeon")
    assert playground.call_log[-1].reply == {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_a_text_with_markup_becomes_text_and_entities(bot: Bot, ada: Person) -> None:
    message = await bot.send_message(
        ada.id, "<b>Hi</b> &lt;you&gt; /help", parse_mode="HTML", reply_markup=KEYBOARD
    )
    assert message.text == "Hi <you> /help"
    assert [(entity.type, entity.offset, entity.length) for entity in message.entities] == [
        ("bold", 0, 2),
        ("bot_command", 9, 5),
    ]
    assert message.reply_markup == KEYBOARD
    assert ada.messages[-1].buttons == (("More",),)


async def test_a_reply_quotes_the_message_it_answers(bot: Bot, ada: Person) -> None:
    question = await ada.say("what?")
    message = await bot.send_message(ada.id, "this", reply_parameters=ReplyParameters(question.id))
    assert message.reply_to_message is not None
    assert message.reply_to_message.text == "what?"


async def test_a_reply_to_nothing_is_sent_when_that_is_allowed(bot: Bot, ada: Person) -> None:
    lost = ReplyParameters(9999, allow_sending_without_reply=True)
    assert (await bot.send_message(ada.id, "this", reply_parameters=lost)).reply_to_message is None


async def test_a_photo_comes_in_sizes_that_can_be_fetched(
    playground: Playground, bot: Bot, ada: Person
) -> None:
    message = await bot.send_photo(ada.id, picture(1600, 1200), caption="<i>a hill</i>", parse_mode="HTML")
    assert [(size.width, size.height) for size in message.photo] == [(90, 68), (320, 240), (1280, 960)]
    assert (message.caption, message.caption_entities[0].type) == ("a hill", "italic")
    for size in message.photo:
        content = bytes(await (await size.get_file()).download_as_bytearray())
        assert content == playground.file(size.file_id)
        assert len(content) == size.file_size
        assert Image.open(io.BytesIO(content)).size == (size.width, size.height)


async def test_a_photo_is_sent_again_by_its_id(bot: Bot, ada: Person) -> None:
    first = await bot.send_photo(ada.id, picture())
    again = await bot.send_photo(ada.id, first.photo[0].file_id)
    assert again.photo == first.photo


@pytest.mark.parametrize("count", [2, 10])
async def test_an_album_shares_a_group_and_one_caption(bot: Bot, ada: Person, count: int) -> None:
    album = [InputMediaPhoto(picture(hue=20 * n)) for n in range(count)]
    messages = await bot.send_media_group(ada.id, album, caption="hills")
    assert len({message.media_group_id for message in messages}) == 1
    assert [message.caption for message in messages] == ["hills"] + [None] * (count - 1)
    assert [seen.album for seen in ada.messages[-count:]] == [messages[0].media_group_id] * count


async def test_an_album_may_hold_known_photos(bot: Bot, ada: Person) -> None:
    known = (await bot.send_photo(ada.id, picture())).photo[-1].file_id
    assert len(await bot.send_media_group(ada.id, [InputMediaPhoto(known), InputMediaPhoto(picture())])) == 2


async def test_a_text_is_edited_and_loses_its_keyboard(bot: Bot, ada: Person) -> None:
    sent = await bot.send_message(ada.id, "wait", reply_markup=KEYBOARD)
    edited = await bot.edit_message_text("done", ada.id, sent.message_id)
    assert edited.text == "done"  # type: ignore[union-attr]
    assert edited.edit_date is not None  # type: ignore[union-attr]
    assert (ada.messages[-1].text, ada.messages[-1].buttons) == ("done", ())


async def test_a_keyboard_is_edited(bot: Bot, ada: Person) -> None:
    sent = await bot.send_photo(ada.id, picture(), caption="one")
    await bot.edit_message_reply_markup(ada.id, sent.message_id, reply_markup=KEYBOARD)
    assert (ada.messages[-1].buttons, ada.messages[-1].edited) == ((("More",),), False)
    await bot.edit_message_reply_markup(ada.id, sent.message_id)
    assert (ada.messages[-1].text, ada.messages[-1].buttons) == ("one", ())


async def test_a_message_is_deleted(bot: Bot, ada: Person) -> None:
    sent = await bot.send_message(ada.id, "wait")
    assert await bot.delete_message(ada.id, sent.message_id)
    assert [seen.text for seen in ada.messages] == ["/start"]


async def test_commands_are_kept_per_scope_and_language(bot: Bot, ada: Person) -> None:
    await bot.set_my_commands([BotCommand("help", "all of it")])
    await bot.set_my_commands(
        [("start", "begin")], scope=BotCommandScopeAllPrivateChats(), language_code="de"
    )
    assert await bot.get_my_commands() == (BotCommand("help", "all of it"),)
    german = await bot.get_my_commands(BotCommandScopeAllPrivateChats(), "de")
    assert [command.command for command in german] == ["start"]


async def test_a_chat_action_is_taken(bot: Bot, ada: Person) -> None:
    assert await bot.send_chat_action(ada.id, ChatAction.UPLOAD_PHOTO)


async def test_parameters_may_come_in_the_address_a_form_or_json(playground: Playground, ada: Person) -> None:

    url = f"{playground.base_url}{playground.token}/sendMessage"
    said = {"chat_id": str(ada.id), "text": "hello"}
    async with http_client() as client:
        for reply in (
            await client.get(url, params=said),
            await client.post(url, data=said),
            await client.post(url, json=said | {"chat_id": ada.id, "disable_notification": True}),
            await client.post(url.replace("sendMessage", "SENDMESSAGE"), params=said),
        ):
            assert reply.json()["result"]["text"] == "hello"
        broken = await client.post(url, content=b"{", headers={"Content-Type": "application/json"})
    assert broken.json()["error_code"] == 400
