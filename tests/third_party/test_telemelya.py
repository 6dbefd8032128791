"""The conversation at telemelya, a Bot API server over HTTP that we did not write.

What it lacks, and what is done about it here:

- getUpdates: it delivers by webhook only, without the secret in a header; `Hook` is one.
- sendMediaGroup and setMyCommands answer 404, which python-telegram-bot takes for a wrong token.
- A pressed button brings along an empty message: no keyboard, no text, not what it replies to, and the
  person as its sender. `Hook` puts these in; without them a button only stops turning.
- Sent messages come back without `reply_to_message`, and with their HTML as text instead of entities, so
  that what words an answer was about cannot be read from it (the next page of a search).
- What it refuses comes with status 200 and without a result.
- Groups, stickers, files, videos, edited and forwarded messages, albums of people, rates and limits.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from bot.app import build_application
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from engine.api import EngineAPI
from handlers.i18n.texts import texts_in
from tests.bot.harness import TIMEOUT
from tests.third_party.harness import Hook, Json, Somebody, hooked

EN = texts_in("en")
TOKEN = "123456789:AAtelemelya_does_not_look_at_tokens_00"
UP, DOWN = "👍", "👎"

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def hook(
    telemelya: str, settings: Settings, engine: EngineAPI, store: SQLiteStore
) -> AsyncIterator[Hook]:
    """The real bot with the real engine, at its webhook."""
    there = {"base_url": f"{telemelya}/bot", "base_file_url": f"{telemelya}/file/bot"}
    application = build_application(settings.model_copy(update=there), engine, store, token=TOKEN)
    async with hooked(application) as hook:
        yield hook


@pytest_asyncio.fixture(loop_scope="session")
async def bea(telemelya: str, hook: Hook) -> AsyncIterator[Somebody]:
    """Somebody who writes to the bot."""
    session = uuid.uuid4()
    headers = {"X-Test-Session": str(session), "Authorization": "Bearer anything"}
    base = f"{telemelya}/api/v1/test/"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=TIMEOUT) as control:
        yield Somebody(control, hook, session.int % 1_000_000_000)


def buttons(answer: Json) -> list[list[str]]:
    return [[button["text"] for button in row] for row in answer["reply_markup"]["inline_keyboard"]]


async def ask(somebody: Somebody, text: str) -> Json:
    await somebody.say(text)
    return await somebody.heard()


async def still_answers(somebody: Somebody) -> None:
    assert "Send me a photo" in (await ask(somebody, "/help"))["text"]


async def choose_one_photo_an_answer(somebody: Somebody) -> None:
    await somebody.press(await ask(somebody, "/settings"), "1", whole=False)
    assert (await somebody.heard("editMessageText"))["reply_markup"]["inline_keyboard"][0][0]["text"] == "✓ 1"


async def test_a_bot_whose_menus_are_refused_answers_all_the_same(
    bea: Somebody, caplog: pytest.LogCaptureFixture
) -> None:
    refused = [record.getMessage() for record in caplog.get_records("setup")]
    assert any("command menu could not be set" in said for said in refused)
    await still_answers(bea)


async def test_the_greeting_offers_samples_that_work(bea: Somebody) -> None:
    greeting = await ask(bea, "/start")
    assert buttons(greeting) == [["boy"], ["man:men::woman:?"], ["a dog running"]]
    await bea.press(greeting, "boy", whole=False)
    assert (await bea.heard("answerCallbackQuery"))["show_alert"] is False
    assert (await bea.heard())["text"].startswith("Words near <b>boy</b>")


async def test_a_word_is_met_with_its_neighbours(bea: Somebody) -> None:
    answer = await ask(bea, "Boy")
    assert answer["text"].startswith("Words near <b>boy</b>")
    assert "girl" in answer["text"]


async def test_a_photo_that_was_found_is_sent_once_and_then_by_its_number(bea: Somebody) -> None:
    await choose_one_photo_an_answer(bea)
    sent = []
    for _ in range(2):
        answer = await ask(bea, "/find a dog running")
        assert answer["text"].startswith("<b>Photos for</b> <code>a dog running</code>")
        assert buttons(answer)[-1] == [UP, DOWN]
        sent.append(await bea.heard("sendPhoto"))
    assert [photo["photo"][0]["file_size"] > 0 for photo in sent] == [True, False]
    assert sent[0]["file_id"] == sent[1]["file_id"]
    assert sent[0]["caption"].startswith("<b>Photos for</b>")


async def test_what_was_sent_is_offered_in_any_chat(bea: Somebody) -> None:
    await choose_one_photo_an_answer(bea)
    await bea.say("/find a dog running")
    sent = await bea.heard("sendPhoto")
    offered = await bea.ask_inline("a dog running")
    assert [result["photo_file_id"] for result in offered["results"]] == [sent["file_id"]]
    assert offered["raw"]["button"]["text"] == EN("inline-button")


async def test_a_photo_is_met_with_a_caption_and_buttons_that_do_what_they_say(
    bea: Somebody, photo: bytes
) -> None:
    await choose_one_photo_an_answer(bea)
    await bea.send_photo(photo)
    answer = await bea.heard("sendMessage")
    assert buttons(answer)[-1] == [UP, DOWN]
    assert answer["raw"]["reply_parameters"]["message_id"] in bea.asked
    assert (await bea.heard("sendPhoto"))["caption"].startswith("<b>Most like your photo</b>")

    await bea.press(answer, UP)
    assert (await bea.heard("answerCallbackQuery"))["text"] == EN("thanks-up")
    thanked = await bea.heard("editMessageReplyMarkup")
    assert [UP, DOWN] not in buttons(thanked)

    await bea.press(answer, EN("button-tags"))
    assert (await bea.heard())["text"].startswith("<b>Single words for your photo</b>")
    assert buttons(await bea.heard("editMessageReplyMarkup"))[-1] == [EN("button-why")]

    await bea.press(answer, EN("button-caption"))
    other = await bea.heard("editMessageText")
    assert other["message_id"] == answer["message_id"]
    assert other["text"] != answer["text"]


async def test_where_albums_are_refused_the_answer_stands_and_one_sentence_tells(
    bea: Somebody, photo: bytes
) -> None:
    for ask_for_photos in (bea.say("/find a dog running"), bea.send_photo(photo)):
        await ask_for_photos
        assert buttons(await bea.heard())[-1] == [UP, DOWN]
        assert (await bea.heard())["text"] == EN("internal-error")
    await still_answers(bea)


async def test_a_press_that_brings_no_keyboard_along_is_only_acknowledged(
    bea: Somebody, photo: bytes
) -> None:
    await choose_one_photo_an_answer(bea)
    await bea.send_photo(photo)
    answer, _ = await bea.heard("sendMessage"), await bea.heard("sendPhoto")
    await bea.press(answer, UP, whole=False)
    assert (await bea.heard("answerCallbackQuery"))["text"] is None
    await still_answers(bea)
    assert "editMessageReplyMarkup" not in [call["method"] for call in await bea.calls()]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/similar qqzzx", EN("unknown-word", word="qqzzx")),
        ("/find", EN("find-what")),
        ("/simular boy", EN("unknown-command-near", name="simular", near="similar")),
        ("- grass", EN("only-minus")),
    ],
)
async def test_what_cannot_be_read_is_met_with_one_kind_sentence(
    bea: Somebody, text: str, sentence: str
) -> None:
    assert (await ask(bea, text))["text"] == sentence
    await still_answers(bea)
    assert sum(call["method"] == "sendMessage" for call in await bea.calls()) == 2


async def test_a_photo_that_is_none_is_met_with_one_kind_sentence(bea: Somebody) -> None:
    await bea.send_photo(b"no picture at all")
    assert (await bea.heard())["text"] == EN("unreadable-photo")
    await still_answers(bea)


async def test_a_photo_that_is_not_handed_out_is_met_with_one_kind_sentence(bea: Somebody) -> None:
    await bea.send_file_id("nobody-sent-this")
    assert (await bea.heard())["text"] == EN("internal-error")
    await still_answers(bea)
