"""Whole conversations: a person, the playground, the real bot over HTTP, the real engine, and back."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from typing import Any

import numpy as np
import pytest
import skimage.data
from PIL import ExifTags, Image

from bot.logs import RedactingFormatter
from bot.playground import Person, Playground, Seen
from bot.types import KindredApplication
from engine.api import MATCHES, EngineAPI
from handlers.i18n.texts import texts_in
from tests.bot.harness import TIMEOUT, NewPerson, wait_until_idle, without_tags
from tests.bot.playground.schema import load
from tests.paint import PAINTINGS

EN = texts_in("en")

pytestmark = pytest.mark.usefixtures("bot")


async def ask(person: Person, text: str, count: int = 1) -> tuple[Seen, ...]:
    await person.say(text)
    return await person.replies(count, timeout=TIMEOUT)


async def replies_with_buttons(person: Person) -> tuple[Seen, ...]:
    """Return the next replies up to the first that has buttons: an album and what is said about it."""
    seen = list(await person.replies(timeout=TIMEOUT))
    while not seen[-1].buttons:
        seen += await person.replies(timeout=TIMEOUT)
    return tuple(seen)


async def check_still_answering(person: Person) -> None:
    (answer,) = await ask(person, "/help")
    assert "Send me any photo" in answer.text


def album_size(engine: EngineAPI) -> int:
    return min(MATCHES, engine.gallery.size)


def look_alikes(engine: EngineAPI) -> int:
    """The size of the album for a photo that the gallery has: it is not shown to itself."""
    return min(MATCHES, engine.gallery.size - 1)


def check_album(items: tuple[Seen, ...], size: int) -> str:
    """Check that these are one album of photos under one caption, and give the caption."""
    assert len(items) == size
    assert len({item.album for item in items}) == 1
    assert items[0].album
    assert all(item.photo for item in items)
    assert not any(item.text for item in items[1:])
    assert not any(item.buttons for item in items)
    return items[0].text


def check_found(seen: tuple[Seen, ...], words: str, engine: EngineAPI) -> Seen:
    """Check that these are a message about some words with buttons, and an album; give the message."""
    *album, said = seen
    assert said.text == f"Photos of {words}"
    assert said.buttons[-1] == ("👍", "👎")
    caption = check_album(tuple(album), album_size(engine))
    assert words not in caption
    assert engine.gallery.credit[:20] in caption
    return said


def check_description(seen: tuple[Seen, ...], question: Seen, engine: EngineAPI) -> None:
    *album, said = seen
    assert said.text
    assert said.wire["reply_to_message"]["message_id"] == question.id
    is_known = EN("known-photo", page="cat.jpg") in said.text
    caption = check_album(tuple(album), look_alikes(engine) if is_known else album_size(engine))
    assert engine.gallery.credit[:20] in caption
    assert all(re.search(rf"\b{number} \w+\.jpg", caption) for number in range(1, len(album) + 1))


async def test_a_photo_gets_an_album_and_then_its_caption_with_buttons(
    ada: Person, bot: KindredApplication, playground: Playground, photo: bytes, engine: EngineAPI
) -> None:
    question = await ada.send_photo(photo)
    check_description(await ada.replies(1 + look_alikes(engine), timeout=TIMEOUT), question, engine)
    await bot.bot.get_me()  # by now every call before is in the record of traffic
    calls = [call.method for call in playground.call_log if call.method not in {"getUpdates", "getMe"}]
    answered = [name for name in calls if name in {"sendChatAction", "sendMessage", "sendMediaGroup"}]
    assert answered[0] == "sendChatAction"
    assert answered.index("sendMediaGroup") < answered.index("sendMessage")
    assert all(call.ok for call in playground.call_log)


@pytest.mark.parametrize(
    ("name", "kind"), [("cat.jpg", "image/jpeg"), ("CAT.JPG", "application/octet-stream")]
)
async def test_an_image_file_is_answered_like_a_photo(
    ada: Person, photo: bytes, engine: EngineAPI, name: str, kind: str
) -> None:
    question = await ada.send_photo(photo, as_file=True, file_name=name, mime_type=kind)
    assert "document" in question.wire
    check_description(await ada.replies(1 + look_alikes(engine), timeout=TIMEOUT), question, engine)


async def test_unusual_images_are_answered_like_photos(ada: Person, photo: bytes, engine: EngineAPI) -> None:
    with Image.open(io.BytesIO(photo)) as opened:
        upright = opened.convert("RGB")
    turned = Image.Exif()
    turned[ExifTags.Base.Orientation] = 6  # to be turned a quarter to the right
    new: list[tuple[str, Image.Image, dict[str, Any]]] = [
        ("PNG", Image.new("RGB", (1, 1), "red"), {}),
        ("JPEG", PAINTINGS["sunset"]().convert("L"), {}),
    ]
    in_gallery: list[tuple[str, Image.Image, dict[str, Any]]] = [
        ("JPEG", upright.resize((2000, 100)), {}),
        ("PNG", upright.convert("RGBA"), {}),
        ("WEBP", upright, {"save_all": True, "append_images": [upright.rotate(180)]}),
        ("JPEG", upright.convert("CMYK"), {}),
        ("JPEG", upright.rotate(90, expand=True), {"exif": turned}),
    ]
    for number, (kind, image, options) in enumerate(new + in_gallery):
        known = number >= len(new)
        image.save(written := io.BytesIO(), kind, **options)
        question = await ada.send_photo(written.getvalue(), as_file=True, mime_type=f"image/{kind.lower()}")
        answers = await ada.replies(1 + (look_alikes(engine) if known else album_size(engine)), TIMEOUT)
        check_description(answers, question, engine)
        assert (EN("known-photo", page="cat.jpg") in answers[-1].text) is known


async def test_similar_words(ada: Person) -> None:
    (answer,) = await ask(ada, "/similar boy")
    assert answer.text.startswith("Words close to boy\nVery close:")
    assert "girl" in answer.text


async def test_an_analogy_as_a_command_and_as_plain_text(ada: Person) -> None:
    for text in ("/analogy man men woman", "man:men::woman:?", "Man is to men as woman is to …"):
        (answer,) = await ask(ada, text)
        assert answer.text.startswith("man is to men as woman is to women")


async def test_find_as_a_command_and_as_plain_text(ada: Person, engine: EngineAPI) -> None:
    for text in ("/find a dog running", "a dog running"):
        check_found(await ask(ada, text, 1 + album_size(engine)), "a dog running", engine)


async def test_a_query_can_add_and_subtract(ada: Person, engine: EngineAPI) -> None:
    check_found(await ask(ada, "cat + sofa", 1 + album_size(engine)), "cat + sofa", engine)
    (answer,) = await ask(ada, "- grass")
    assert "What would you like to see?" in answer.text
    await ada.press(answer, "ship - sail", timeout=TIMEOUT)
    check_found(await ada.replies(1 + album_size(engine), timeout=TIMEOUT), "ship - sail", engine)


async def test_a_word_is_answered_with_a_button_for_its_photos(ada: Person, engine: EngineAPI) -> None:
    (answer,) = await ask(ada, "Boy")
    assert answer.buttons == (("Photos of “boy”",),)
    await ada.press(answer, "Photos of “boy”", timeout=TIMEOUT)
    check_found(await ada.replies(1 + album_size(engine), timeout=TIMEOUT), "boy", engine)


async def test_the_greeting_offers_samples_that_work(ada: Person, engine: EngineAPI) -> None:
    (greeting,) = await ask(ada, "/start")
    assert "Send me any photo. I'll describe it and show you look-alikes." in greeting.text
    assert greeting.buttons == (("boy",), ("man:men::woman:?",), ("a dog running",))
    await ada.press(greeting, "boy", timeout=TIMEOUT)
    assert (await ada.replies(timeout=TIMEOUT))[0].text.startswith("Words close to boy")
    await ada.press(greeting, "man:men::woman:?", timeout=TIMEOUT)
    assert "is to women" in (await ada.replies(timeout=TIMEOUT))[0].text
    await ada.press(greeting, "a dog running", timeout=TIMEOUT)
    check_found(await ada.replies(1 + album_size(engine), timeout=TIMEOUT), "a dog running", engine)


async def test_a_double_press_is_answered_once(ada: Person) -> None:
    (greeting,) = await ask(ada, "/start")
    await asyncio.gather(
        ada.press(greeting, "boy", timeout=TIMEOUT), ada.press(greeting, "boy", timeout=TIMEOUT)
    )
    await ada.wait_for(lambda seen: seen.text.startswith("Words close to boy"), timeout=TIMEOUT)
    await check_still_answering(ada)
    assert sum(seen.text.startswith("Words close to boy") for seen in ada.messages) == 1


async def test_help_and_privacy(ada: Person) -> None:
    (answer,) = await ask(ada, "/help")
    assert "Send me any photo." in answer.text
    assert ("cat + sofa", "ship - sail") in answer.buttons
    assert "in memory only" in (await ask(ada, "/privacy"))[0].text


@pytest.mark.parametrize(
    ("command", "sample"),
    [
        ("similar", "boy"),
        ("analogy", "man:men::woman:?"),
        ("find", "a dog running"),
        ("alike", "boy girl"),
        ("map", "Map of words"),
    ],
)
async def test_a_command_without_words_offers_a_button_that_works(
    ada: Person, bot: KindredApplication, command: str, sample: str
) -> None:
    (answer,) = await ask(ada, f"/{command}")
    await ada.press(answer, sample, timeout=TIMEOUT)
    assert await ada.replies(timeout=TIMEOUT)
    await wait_until_idle(bot)
    await check_still_answering(ada)


async def test_similar_with_two_words_is_explained(ada: Person) -> None:
    assert (await ask(ada, "/similar polar bear"))[0].text == EN("one-word-only")
    await check_still_answering(ada)


async def test_an_unknown_word_is_reported(ada: Person) -> None:
    (answer,) = await ask(ada, "/similar xqzzyk<b>")
    assert answer.text == EN("one-word-only")
    (answer,) = await ask(ada, "/similar xqzzyk")
    assert "xqzzyk" in answer.text
    (answer,) = await ask(ada, "/analogy man men xqzzyk")
    assert "xqzzyk" in answer.text
    await check_still_answering(ada)


async def test_who_writes_in_another_script_is_told_which_languages_are_read(ada: Person) -> None:
    for text in ("כלב רץ על החוף", "كلب", "/find 海滩上的狗"):
        assert (await ask(ada, text))[0].text == EN("unknown-script")
    assert (await ask(ada, "🐶🏖️"))[0].text == without_tags(EN("problem-no-description"))
    await check_still_answering(ada)


async def test_an_unknown_word_as_plain_text_is_answered(ada: Person) -> None:
    (answer, *_) = await ask(ada, "xqzzyk")
    assert answer.text
    assert answer.text != EN("internal-error")
    await check_still_answering(ada)


async def test_a_text_of_telegrams_maximum_length_is_too_long(ada: Person) -> None:
    assert "too long: 4,096 characters" in (await ask(ada, "x" * 4_096))[0].text
    await check_still_answering(ada)


def truncated(photo: bytes) -> bytes:
    return photo[: len(photo) // 2]


def bomb() -> bytes:
    """A few kilobytes that unfold to 88 million pixels."""
    written = io.BytesIO()
    Image.new("1", (13_000, 6_800)).save(written, "PNG", optimize=True)
    assert written.tell() < 100_000
    return written.getvalue()


async def test_a_truncated_photo_is_reported(ada: Person, photo: bytes) -> None:
    await ada.send_photo(truncated(photo), as_file=True)
    assert "can't open" in (await ada.replies(timeout=TIMEOUT))[0].text
    await check_still_answering(ada)


async def test_a_text_file_named_like_a_photo_is_reported(ada: Person) -> None:
    await ada.send_photo(b"this is no photo " * 50, as_file=True, file_name="photo.jpg")
    assert "can't open" in (await ada.replies(timeout=TIMEOUT))[0].text
    await check_still_answering(ada)


async def test_an_image_with_too_many_pixels_is_reported(ada: Person) -> None:
    await ada.send_photo(bomb(), as_file=True, file_name="wide.png", mime_type="image/png")
    assert "13000 x 6800" in (await ada.replies(timeout=TIMEOUT))[0].text.replace("×", "x")
    await check_still_answering(ada)


async def test_a_file_that_is_no_picture_is_declined(ada: Person) -> None:
    await ada.send_photo(b"some words", as_file=True, file_name="notes.txt", mime_type="text/plain")
    assert (await ada.replies(timeout=TIMEOUT))[0].text == EN("unsupported-message")
    await check_still_answering(ada)


async def test_an_edited_message_is_ignored(ada: Person) -> None:
    question = await ada.say("/help")
    await ada.replies(timeout=TIMEOUT)
    await ada.edit(question, "/privacy")
    await check_still_answering(ada)
    assert not any("in memory only" in seen.text for seen in ada.messages)


async def test_help_does_not_wait_for_five_photos_of_another_person(
    ada: Person, new_person: NewPerson, engine: EngineAPI
) -> None:
    noise = np.random.default_rng(7)
    pictures = [Image.fromarray(noise.integers(0, 255, (480, 640, 3), dtype=np.uint8)) for _ in range(4)]
    pictures.append(Image.fromarray(skimage.data.astronaut()))
    sent = []
    for picture in pictures:
        written = io.BytesIO()
        picture.save(written, "JPEG")
        sent.append(await ada.send_photo(written.getvalue()))
    bob = new_person("Bob")
    await bob.say("/help")
    await bob.wait_for(lambda seen: seen.from_bot and seen.text.startswith(EN("help")[3:18]), TIMEOUT)
    everything = 4 * (1 + album_size(engine)) + 1 + look_alikes(engine)
    assert sum(item.from_bot for item in ada.messages) < everything
    async with asyncio.timeout(TIMEOUT):
        while sum(item.from_bot for item in ada.messages) < everything:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    answered = {
        item.wire["reply_to_message"]["message_id"]
        for item in ada.messages
        if "reply_to_message" in item.wire
    }
    assert {photo.id for photo in sent} <= answered


async def test_no_token_reaches_the_log(ada: Person, playground: Playground, photo: bytes) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(RedactingFormatter())
    chatter = logging.getLogger("httpx")
    level = chatter.level
    logging.getLogger().addHandler(handler)
    chatter.setLevel(logging.INFO)  # httpx writes whole addresses here
    try:
        await ada.send_photo(truncated(photo), as_file=True)
        await ada.replies(timeout=TIMEOUT)
    finally:
        chatter.setLevel(level)
        logging.getLogger().removeHandler(handler)
    assert "[token]" in written.getvalue()
    assert playground.token not in written.getvalue()


async def test_all_that_passes_between_bot_and_telegram_fits_the_schema(
    ada: Person, playground: Playground, photo: bytes, engine: EngineAPI
) -> None:
    schema = load()
    await ask(ada, "/start")
    for text in ("boy", "/similar boy", "man:men::woman:?", "/help", "/privacy", "/nonsense", "qwxz zzyzx"):
        await ask(ada, text)
    *_, found = await ask(ada, "/find a dog running", 1 + album_size(engine))
    await ada.press(found, "More like …", timeout=TIMEOUT)
    await ada.wait_for(lambda seen: "Back" in seen.data, TIMEOUT)
    await ada.press(found, "1", timeout=TIMEOUT)
    await ada.replies(1 + look_alikes(engine), timeout=TIMEOUT)
    await ada.press(found, "👍", timeout=TIMEOUT)
    await ada.send_photo(photo)
    *_, said = await ada.replies(1 + look_alikes(engine), timeout=TIMEOUT)
    for button in ("Another caption", "Why?", "Tags"):  # the first caption is a guess: there is no "Why?" yet
        await ada.wait_for(lambda seen, button=button: seen.id == said.id and button in seen.data, TIMEOUT)
        await ada.press(said, button, timeout=TIMEOUT)
    await ada.wait_for(lambda seen: seen.id == said.id and "Tags" not in seen.data, TIMEOUT)
    await ada.send_album([photo, photo])
    await ada.replies(2, timeout=TIMEOUT)
    await ada.send_photo(photo[:3000], as_file=True)
    await ada.replies(timeout=TIMEOUT)
    assert {"sendMediaGroup", "getFile", "sendChatAction"} <= {call.method for call in playground.call_log}
    assert not schema.faults(playground.call_log)
