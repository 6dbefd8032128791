"""People of tests do what their apps can do, and receive what their apps show."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.playground import CallbackAnswer, Person, Playground
from bot.playground.telegram.api_errors import ImpossibleActionError
from tests.bot.playground.conftest import picture


async def test_a_photo_is_shrunk_upright_to_a_jpeg_in_sizes(playground: Playground, ada: Person) -> None:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    Image.open(io.BytesIO(picture(3000, 1500))).save(buffer, "JPEG", exif=exif)
    seen = await ada.send_photo(buffer.getvalue(), caption="a hill")
    assert [(size["width"], size["height"]) for size in seen.wire["photo"]] == [
        (45, 90),
        (160, 320),
        (640, 1280),
    ]
    image = Image.open(io.BytesIO(playground.file(seen.photo)))
    assert (image.format, image.size, seen.text) == ("JPEG", (640, 1280), "a hill")
    assert not image.getexif()


async def test_a_small_photo_has_one_size(ada: Person) -> None:
    assert len((await ada.send_photo(picture(80, 60))).wire["photo"]) == 1


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
async def test_other_formats_become_jpeg_too(playground: Playground, ada: Person, kind: str) -> None:
    seen = await ada.send_photo(picture(kind=kind))
    assert playground.file(seen.photo).startswith(b"\xff\xd8")


async def test_a_file_keeps_every_byte(playground: Playground, bot: Bot, ada: Person) -> None:
    content = picture(2000, 1000, kind="PNG")
    await ada.send_photo(content, as_file=True, file_name="hill.png", mime_type="image/png")
    update = (await bot.get_updates())[-1]
    document = update.effective_message.document  # type: ignore[union-attr]
    assert document is not None
    assert (document.file_name, document.mime_type, document.file_size) == (
        "hill.png",
        "image/png",
        len(content),
    )
    assert bytes(await (await document.get_file()).download_as_bytearray()) == content


@pytest.mark.parametrize("content", [b"no picture", picture()[:700], picture(2100, 100)])
async def test_what_no_app_can_show_goes_as_a_file(
    playground: Playground, ada: Person, content: bytes
) -> None:
    seen = await ada.send_photo(content)
    assert "photo" not in seen.wire
    assert playground.file(seen.wire["document"]["file_id"]) == content


async def test_an_album_comes_as_messages_of_one_group(bot: Bot, ada: Person) -> None:
    await ada.send_album([picture(hue=10), picture(hue=90), picture(hue=170)], caption="three")
    updates = (await bot.get_updates())[-3:]
    messages = [update.effective_message for update in updates]
    assert len({message.media_group_id for message in messages if message}) == 1
    assert [message.caption for message in messages if message] == ["three", None, None]
    with pytest.raises(ImpossibleActionError):
        await ada.send_album([picture()] * 11)


async def test_a_reply_carries_what_it_answers(bot: Bot, ada: Person) -> None:
    photo = await ada.send_photo(picture())
    await ada.say("/caption", reply_to=photo)
    message = (await bot.get_updates())[-1].effective_message
    assert message is not None
    assert message.reply_to_message is not None
    assert message.reply_to_message.photo[-1].file_id == photo.photo


async def test_replies_are_those_since_the_person_last_did_something(bot: Bot, ada: Person) -> None:
    await bot.send_message(ada.id, "before")
    await ada.say("now")
    waiting = asyncio.create_task(ada.replies(2))
    await bot.send_message(ada.id, "one")
    assert not waiting.done()
    await bot.send_message(ada.id, "two")
    assert [seen.text for seen in await waiting] == ["one", "two"]


async def test_waiting_in_vain_says_what_was_seen_instead(bot: Bot, ada: Person) -> None:
    await bot.send_message(ada.id, "something else")
    with pytest.raises(TimeoutError, match="something else"):
        await ada.replies(2, timeout=0.01)
    with pytest.raises(TimeoutError, match="something else"):
        await ada.wait_for(lambda seen: seen.text == "this", timeout=0.01)


async def test_a_press_reaches_the_bot_and_its_answer_the_person(bot: Bot, ada: Person) -> None:
    keys = [
        [InlineKeyboardButton("More", callback_data="m"), InlineKeyboardButton("Site", url="https://a.org")]
    ]
    await bot.send_message(ada.id, "hi", reply_markup=InlineKeyboardMarkup(keys))
    message = ada.messages[-1]
    pressing = asyncio.create_task(ada.press(message, "More"))
    await asyncio.sleep(0)
    query = (await bot.get_updates(-1))[0].callback_query
    assert query is not None
    assert (query.data, query.message.text) == ("m", "hi")  # type: ignore[union-attr]
    await query.answer("here", show_alert=True)
    assert await pressing == CallbackAnswer("here", alert=True)
    with pytest.raises(LookupError, match="More"):
        await ada.press(message, "Less")
    with pytest.raises(ImpossibleActionError):
        await ada.press(message, "Site")


async def test_people_are_apart(bot: Bot, playground: Playground, ada: Person) -> None:
    grace = playground.person("Grace")
    await grace.say("/start")
    await bot.send_message(grace.id, "hello Grace")
    assert playground.person("Grace") is grace
    assert [seen.text for seen in ada.messages] == ["/start"]
    assert [seen.text for seen in grace.messages] == ["/start", "hello Grace"]


async def test_nobody_says_nothing_or_too_much(ada: Person) -> None:
    for words in (" \n", "a" * 4097):
        with pytest.raises(ImpossibleActionError):
            await ada.say(words)
