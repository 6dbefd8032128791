"""The conversation at telemelya, a third-party Bot API server over HTTP.

What it lacks, and how these tests deal with that:

- getUpdates: it delivers by webhook only, without the secret in a header; `WebhookServer` is one.
- sendMediaGroup and setMyCommands answer 404, which python-telegram-bot takes for a wrong token.
- The message of a callback query is empty: it has no keyboard, no text, no reply, and the user as its
  sender. `WebhookServer` adds these; without them the bot can only acknowledge the press.
- Sent messages come back without `reply_to_message`, and with HTML as text instead of entities, so that the
  query of an answer cannot be read from it (for the next page of a search).
- Refusals come with status 200 and without a result.
- Groups, stickers, files, videos, edited and forwarded messages, albums of users, rates and limits.
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
from tests.third_party.harness import Json, SimulatedUser, WebhookServer, webhook_server

EN = texts_in("en")
TOKEN = "123456789:AAtelemelya_does_not_look_at_tokens_00"
UP, DOWN = "👍", "👎"

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def webhook(
    telemelya: str, settings: Settings, engine: EngineAPI, store: SQLiteStore
) -> AsyncIterator[WebhookServer]:
    """Run the real bot with the real engine and a webhook."""
    urls = {"base_url": f"{telemelya}/bot", "base_file_url": f"{telemelya}/file/bot"}
    application = build_application(settings.model_copy(update=urls), engine, store, token=TOKEN)
    async with webhook_server(application) as webhook:
        yield webhook


@pytest_asyncio.fixture(loop_scope="session")
async def bea(telemelya: str, webhook: WebhookServer) -> AsyncIterator[SimulatedUser]:
    """Return a user with a session of her own."""
    session = uuid.uuid4()
    headers = {"X-Test-Session": str(session), "Authorization": "Bearer anything"}
    base = f"{telemelya}/api/v1/test/"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=TIMEOUT) as control:
        yield SimulatedUser(control, webhook, session.int % 1_000_000_000)


def buttons(answer: Json) -> list[list[str]]:
    return [[button["text"] for button in row] for row in answer["reply_markup"]["inline_keyboard"]]


async def ask(user: SimulatedUser, text: str) -> Json:
    await user.send_text(text)
    return await user.next_call()


async def assert_still_answers(user: SimulatedUser) -> None:
    assert "Send me any photo" in (await ask(user, "/help"))["text"]


async def choose_one_photo_per_answer(user: SimulatedUser) -> None:
    await user.press(await ask(user, "/settings"), "1", with_message=False)
    assert (await user.next_call("editMessageText"))["reply_markup"]["inline_keyboard"][0][0]["text"] == "✓ 1"


async def test_a_bot_whose_menus_are_refused_still_answers(
    bea: SimulatedUser, caplog: pytest.LogCaptureFixture
) -> None:
    warnings = [record.getMessage() for record in caplog.get_records("setup")]
    assert any("command menu could not be set" in warning for warning in warnings)
    await assert_still_answers(bea)


async def test_the_greeting_offers_samples_that_work(bea: SimulatedUser) -> None:
    greeting = await ask(bea, "/start")
    assert buttons(greeting) == [["boy"], ["man:men::woman:?"], ["a dog running"]]
    await bea.press(greeting, "boy", with_message=False)
    assert (await bea.next_call("answerCallbackQuery"))["show_alert"] is False
    assert (await bea.next_call())["text"].startswith("Words close to <b>boy</b>")


async def test_a_word_is_answered_with_similar_words(bea: SimulatedUser) -> None:
    answer = await ask(bea, "Boy")
    assert answer["text"].startswith("Words close to <b>boy</b>")
    assert "girl" in answer["text"]


async def test_a_found_photo_is_uploaded_once_and_then_sent_by_file_id(bea: SimulatedUser) -> None:
    await choose_one_photo_per_answer(bea)
    sent = []
    for _ in range(2):
        await bea.send_text("/find a dog running")
        sent.append(await bea.next_call("sendPhoto"))
        answer = await bea.next_call("sendMessage")
        assert answer["text"].startswith("<b>Photos of</b> <code>a dog running</code>")
        assert buttons(answer)[-1] == [UP, DOWN]
    assert [photo["photo"][0]["file_size"] > 0 for photo in sent] == [True, False]
    assert sent[0]["file_id"] == sent[1]["file_id"]
    assert "<i>Photos:" in sent[0]["caption"]


async def test_photos_that_were_sent_are_inline_results(bea: SimulatedUser) -> None:
    await choose_one_photo_per_answer(bea)
    await bea.send_text("/find a dog running")
    sent = await bea.next_call("sendPhoto")
    answer = await bea.inline_query("a dog running")
    assert [result["photo_file_id"] for result in answer["results"]] == [sent["file_id"]]
    assert answer["raw"]["button"]["text"] == EN("inline-button")


async def test_a_photo_is_answered_with_a_caption_and_buttons_that_work(
    bea: SimulatedUser, photo: bytes
) -> None:
    await choose_one_photo_per_answer(bea)
    await bea.send_photo(photo)
    assert "<i>Photos:" in (await bea.next_call("sendPhoto"))["caption"]
    answer = await bea.next_call("sendMessage")
    assert buttons(answer)[-1] == [UP, DOWN]
    assert answer["raw"]["reply_parameters"]["message_id"] in bea.sent

    await bea.press(answer, UP)
    assert (await bea.next_call("answerCallbackQuery"))["text"] == EN("thanks-up")
    edited = await bea.next_call("editMessageReplyMarkup")
    assert buttons(edited)[-1] == [f"✓ {UP}", DOWN]

    await bea.press(answer, EN("button-tags"))
    assert (await bea.next_call())["text"].startswith("<b>Words for your photo</b>")
    edited = await bea.next_call("editMessageReplyMarkup")
    assert not any(EN("button-tags") in row for row in buttons(edited))

    await bea.press(answer, EN("button-caption"))
    edited = await bea.next_call("editMessageText")
    assert edited["message_id"] == answer["message_id"]
    assert edited["text"] != answer["text"]


async def test_without_albums_the_text_is_answered_and_the_error_is_reported(
    bea: SimulatedUser, photo: bytes
) -> None:
    for request in (bea.send_text("/find a dog running"), bea.send_photo(photo)):
        await request
        assert buttons(await bea.next_call())[-1] == [UP, DOWN]
        assert (await bea.next_call())["text"] == EN("internal-error")
    await assert_still_answers(bea)


async def test_a_press_without_a_keyboard_is_only_acknowledged(bea: SimulatedUser, photo: bytes) -> None:
    await choose_one_photo_per_answer(bea)
    await bea.send_photo(photo)
    _, answer = await bea.next_call("sendPhoto"), await bea.next_call("sendMessage")
    await bea.press(answer, UP, with_message=False)
    assert (await bea.next_call("answerCallbackQuery"))["text"] is None
    await assert_still_answers(bea)
    assert "editMessageReplyMarkup" not in [call["method"] for call in await bea.calls()]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/similar qqzzx", EN("unknown-word", word="qqzzx")),
        ("/find", EN("find-what")),
        ("/simular boy", EN("unknown-command-near", name="simular", near="similar")),
        ("- grass", EN("problem-only-negative")),
    ],
)
async def test_an_invalid_request_is_answered_with_one_sentence(
    bea: SimulatedUser, text: str, sentence: str
) -> None:
    assert (await ask(bea, text))["text"] == sentence
    await assert_still_answers(bea)
    assert sum(call["method"] == "sendMessage" for call in await bea.calls()) == 2


async def test_a_file_that_is_no_image_is_answered_with_one_sentence(bea: SimulatedUser) -> None:
    await bea.send_photo(b"no picture at all")
    assert (await bea.next_call())["text"] == EN("unreadable-photo")
    await assert_still_answers(bea)


async def test_a_photo_that_cannot_be_downloaded_is_answered_with_one_sentence(bea: SimulatedUser) -> None:
    await bea.send_file_id("unknown-file-id")
    assert (await bea.next_call())["text"] == EN("internal-error")
    await assert_still_answers(bea)
