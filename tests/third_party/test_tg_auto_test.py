"""The conversation at tg-auto-test, a third-party Bot API inside the process.

It replaces python-telegram-bot's transport and has an HTML parser of its own, so that tests see what users
would see, and which parts are bold or code. What it lacks:

- It requires Python 3.12, but runs on 3.11.
- sendMediaGroup, editMessageReplyMarkup and answerInlineQuery: it raises an exception, which
  python-telegram-bot takes for a broken connection, and so the bot sends no error message either.
- The message of a callback query has the date 0. In Telegram such a message is inaccessible, so every button
  has expired.
- A sent photo cannot be sent again by its file id.
- It does not know <blockquote>, and stores command menus by scope, not by language.
"""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from bot.app import build_application
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from engine.api import EngineAPI
from handlers.i18n.texts import texts_in
from handlers.replies import general
from handlers.store import Preferences

EN = texts_in("en")
BEA = 9001

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def client(
    third_party: Path,
    settings: Settings,
    engine: EngineAPI,
    store: SQLiteStore,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Any]:
    """Return a user of the real bot with the real engine and one photo per answer."""
    (packages,) = (third_party / "lib").glob("python3*/site-packages")
    monkeypatch.setattr("sys.path", [*sys.path, str(packages)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Telethon's
        from tg_auto_test.test_utils.serverless_telegram_client import ServerlessTelegramClient
    application = build_application(settings, engine, store, token="123:ABC")
    client = ServerlessTelegramClient(lambda _: application, user_id=BEA)
    application.bot._request = (client._request, client._request)
    await store.keep_preferences(BEA, Preferences(album=1))
    await client.connect()
    yield client
    await client.disconnect()


async def ask(client: Any, text: str, count: int = 1) -> list[Any]:
    async with client.conversation(BEA) as conversation:
        await conversation.send_message(text, parse_mode=None)
        return [await conversation.get_response() for _ in range(count)]


def entity_texts(message: Any, kind: str) -> list[str]:
    """Return the texts of a message's entities of one kind; their offsets count UTF-16 units."""
    units = message.text.encode("utf-16-le")
    spans = [
        (2 * entity.offset, 2 * (entity.offset + entity.length))
        for entity in message.entities
        if type(entity).__name__ == f"MessageEntity{kind}"
    ]
    return [units[start:end].decode("utf-16-le") for start, end in spans]


def buttons(message: Any) -> list[list[str]]:
    return [[button.text for button in row] for row in message.buttons or ()]


async def assert_photo(message: Any) -> None:
    assert entity_texts(message, "Italic")[0].startswith("Photos:")
    with Image.open(io.BytesIO(await message.download_media())) as image:
        assert image.format == "JPEG"


async def test_every_scope_has_its_menu(client: Any) -> None:
    for scope, names in (("all_private_chats", general.PRIVATE), ("all_group_chats", general.GROUP)):
        assert [entry["command"] for entry in client._request.get_scoped_commands(scope)] == list(names)


async def test_the_greeting_has_a_name_in_bold_and_samples(client: Any) -> None:
    (greeting,) = await ask(client, "/start")
    assert entity_texts(greeting, "Bold") == ["Hello, I'm Kindred."]
    assert buttons(greeting) == [["boy"], ["man:men::woman:?"], ["a dog running"]]


async def test_a_word_is_answered_with_similar_words(client: Any) -> None:
    (answer,) = await ask(client, "Boy")
    assert entity_texts(answer, "Bold") == ["boy"]
    assert "girl" in answer.text
    assert "<" not in answer.text


async def test_a_search_is_answered_with_a_text_with_buttons_and_a_photo(client: Any) -> None:
    photo, text = await ask(client, "/find a dog <b> & a cat", 2)
    assert entity_texts(text, "Code")[0] == "a dog <b> & a cat"
    assert buttons(text)[-1] == ["👍", "👎"]
    await assert_photo(photo)


async def test_a_photo_is_answered_with_a_caption_buttons_and_a_photo(client: Any, photo: bytes) -> None:
    async with client.conversation(BEA) as conversation:
        await conversation.send_file(photo)
        shown, text = await conversation.get_response(), await conversation.get_response()
    assert "<" not in text.text
    assert buttons(text)[-1] == ["👍", "👎"]
    await assert_photo(shown)


async def test_without_albums_the_text_is_answered(client: Any, store: SQLiteStore) -> None:
    await store.keep_preferences(BEA, Preferences())
    (text,) = await ask(client, "/find a dog running")
    assert buttons(text)[-1] == ["👍", "👎"]
    assert "sendMediaGroup" in [call.api_method for call in client._api_calls]
    assert "Send me any photo" in (await ask(client, "/help"))[0].text


async def test_a_button_of_an_inaccessible_message_has_expired(client: Any) -> None:
    (greeting,) = await ask(client, "/start")
    assert (await greeting.click(text="boy")).message == EN("expired")


async def test_an_invalid_request_is_answered_with_one_sentence(client: Any) -> None:
    for text, sentence in (("/similar qqzzx", EN("unknown-word", word="qqzzx")), ("/find", EN("find-what"))):
        assert [answer.text for answer in await ask(client, text)] == [sentence]
