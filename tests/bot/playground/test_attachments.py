"""What people attach besides photos, as the bot receives it; and file ids that are sent again."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable

import pytest
from PIL import Image
from telegram import (
    Bot,
    InputMediaPhoto,
    Message,
    MessageOriginUser,
    PhotoSize,
)
from telegram.error import BadRequest

from bot.playground import Person, Playground
from bot.playground.telegram.api_errors import ImpossibleActionError
from tests.bot.playground.conftest import picture

pytestmark = pytest.mark.usefixtures("checked_against_schema")


async def given(bot: Bot) -> Message:
    message = (await bot.get_updates())[-1].message
    assert message is not None
    return message


async def size_of(thumbnail: PhotoSize | None) -> tuple[str | None, tuple[int, int]]:
    assert thumbnail is not None
    image = Image.open(io.BytesIO(await (await thumbnail.get_file()).download_as_bytearray()))
    assert image.size == (thumbnail.width, thumbnail.height)
    return image.format, image.size


async def test_a_static_sticker_is_a_webp_of_512_pixels(bot: Bot, ada: Person) -> None:
    await ada.send_sticker(picture(1000, 500, kind="PNG"))
    sticker = (await given(bot)).sticker
    assert sticker is not None
    assert (sticker.is_animated, sticker.is_video, sticker.width, sticker.height) == (False, False, 512, 256)
    image = Image.open(io.BytesIO(await (await sticker.get_file()).download_as_bytearray()))
    assert (image.format, image.size) == ("WEBP", (512, 256))
    with pytest.raises(ImpossibleActionError):
        await ada.send_sticker(b"no picture")


async def test_moving_stickers_say_so_and_may_have_a_thumbnail(bot: Bot, ada: Person) -> None:
    await ada.send_sticker(b"lottie", "animated")
    sticker = (await given(bot)).sticker
    assert sticker is not None
    assert (sticker.is_animated, sticker.is_video, sticker.thumbnail) == (True, False, None)
    await ada.send_sticker(b"webm", "video", picture(640, 640))
    sticker = (await given(bot)).sticker
    assert sticker is not None
    assert (sticker.is_animated, sticker.is_video) == (False, True)
    assert await size_of(sticker.thumbnail) == ("JPEG", (320, 320))


async def test_videos_and_animations_come_with_their_thumbnail(bot: Bot, ada: Person) -> None:
    await ada.send_video(b"moving", picture(1280, 720), caption="look")
    message = await given(bot)
    assert message.video is not None
    assert message.caption == "look"
    assert await size_of(message.video.thumbnail) == ("JPEG", (320, 180))
    await ada.send_animation(b"moving", picture(64, 48))
    message = await given(bot)
    assert message.animation is not None
    assert message.document is not None  # an animation is told as a file, too
    assert message.document.file_id == message.animation.file_id
    await ada.send_video(b"moving")
    assert (await given(bot)).video.thumbnail is None  # type: ignore[union-attr]


async def test_voices_places_and_other_kinds_arrive(bot: Bot, ada: Person) -> None:
    await ada.send_voice()
    assert (await given(bot)).voice is not None
    await ada.send_location(52.5, 13.4)
    assert (await given(bot)).location.latitude == 52.5  # type: ignore[union-attr]
    await ada.send_other(dice={"emoji": "🎲", "value": 4})
    assert (await given(bot)).dice.value == 4  # type: ignore[union-attr]
    with pytest.raises(ImpossibleActionError):
        await ada.send_location(91, 0)


async def test_a_forward_names_its_author(bot: Bot, ada: Person, grace: Person) -> None:
    hers = await grace.send_photo(picture(), caption="my hill")
    (forwarded,) = await ada.forward(hers)
    message = await given(bot)
    assert isinstance(message.forward_origin, MessageOriginUser)
    assert message.forward_origin.sender_user.id == grace.id
    assert (message.caption, message.photo[-1].file_id) == ("my hill", hers.photo)
    await ada.forward(forwarded)
    assert (await given(bot)).forward_origin == message.forward_origin
    album = await ada.forward(*await grace.send_album([picture(), picture(hue=90)]))
    assert len({seen.album for seen in album}) == 1


async def test_a_photo_in_a_reply_is_seen_through_the_reply(bot: Bot, ada: Person) -> None:
    photo = await ada.send_photo(picture())
    await ada.send_photo(picture(hue=90), caption="and this?", reply_to=photo)
    message = await given(bot)
    assert message.reply_to_message is not None
    assert message.reply_to_message.photo[-1].file_id == photo.photo


async def test_a_deep_link_carries_its_payload(bot: Bot, ada: Person) -> None:
    await ada.start("like-3_A")
    assert (await given(bot)).text == "/start like-3_A"
    for payload in ("a b", "a" * 65, "é"):
        with pytest.raises(ImpossibleActionError):
            await ada.start(payload)


async def test_people_may_have_strange_names_and_any_language(playground: Playground, bot: Bot) -> None:
    await playground.person("<b>Bob</b> & 👩‍👩‍👧", language="de").say("hello")
    assert ((await given(bot)).from_user.first_name, (await given(bot)).from_user.language_code) == (  # type: ignore[union-attr]
        "<b>Bob</b> & 👩‍👩‍👧",
        "de",
    )
    group = playground.group("Friends", playground.person("Ada", language="fr"))
    await playground.person("Ada", language="").say("hello")
    assert (await given(bot)).from_user.language_code is None  # type: ignore[union-attr]
    await group.member(playground.person("Ada", language="pt-br")).say("/help")
    assert (await given(bot)).from_user.language_code == "pt-br"  # type: ignore[union-attr]


async def test_a_file_id_is_sent_again_as_what_it_was(bot: Bot, ada: Person) -> None:
    photo, sticker = await ada.send_photo(picture()), await ada.send_sticker(picture())
    video = await ada.send_video(b"moving", picture())
    assert (await bot.send_photo(ada.id, photo.photo)).photo[-1].file_id == photo.photo
    wrong = {
        photo.wire["photo"][-1]["file_unique_id"]: "Wrong file identifier/http url specified",
        sticker.wire["sticker"]["file_id"]: "Can't use file of type sticker as photo",
        video.wire["video"]["thumbnail"]["file_id"]: "Can't use file of type thumbnail as photo",
    }
    for file_id, words in wrong.items():
        with pytest.raises(BadRequest, match=f"(?i){words}"):
            await bot.send_photo(ada.id, file_id)


Sending = Callable[[Bot, int, str], Awaitable[object]]
USES: dict[str, Sending] = {
    "sendPhoto": lambda bot, chat, file_id: bot.send_photo(chat, file_id),
    "sendMediaGroup": lambda bot, chat, file_id: bot.send_media_group(
        chat, [InputMediaPhoto(file_id), InputMediaPhoto(picture())]
    ),
}


@pytest.mark.parametrize("method", USES)
async def test_forgotten_file_ids_are_wrong_until_the_photo_is_sent_anew(
    playground: Playground, bot: Bot, ada: Person, method: str
) -> None:
    old = (await bot.send_photo(ada.id, picture())).photo[-1].file_id
    await bot.send_message(ada.id, "to be edited")
    playground.forget_files()
    with pytest.raises(BadRequest, match=r"(?i)wrong file identifier/HTTP URL specified"):
        await USES[method](bot, ada.id, old)
    with pytest.raises(BadRequest, match=r"(?i)wrong file_id"):
        await bot.get_file(old)
    assert playground.file(old)  # what was sent still stands in the chat
    new = (await bot.send_photo(ada.id, picture())).photo[-1].file_id
    assert await USES[method](bot, ada.id, new)
