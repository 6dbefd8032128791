"""The conversation at tg-auto-test, a Bot API within the process, that we did not write.

It sees what the bot hands to python-telegram-bot's transport, and reads HTML with a parser of its own:
what people would see, and which parts of it are bold or code. What it lacks:

- It asks for Python 3.12, but runs on 3.11.
- sendMediaGroup, editMessageReplyMarkup and answerInlineQuery: there it raises, which python-telegram-bot
  takes for a broken line. No sentence would pass that, so the bot says none.
- A pressed button brings along a message of the date 0. For Telegram that is one which cannot be reached
  any more, so every button has expired.
- A photo that was sent cannot be sent again by its number.
- It knows no <blockquote>, and menus of commands are kept by scope, not by language.
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
    home: Path, settings: Settings, engine: EngineAPI, store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Any]:
    """Somebody who writes to the real bot with the real engine; an answer shows one photo."""
    (packages,) = (home / "lib").glob("python3*/site-packages")
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
    async with client.conversation(BEA) as talk:
        await talk.send_message(text, parse_mode=None)
        return [await talk.get_response() for _ in range(count)]


def marked(message: Any, kind: str) -> list[str]:
    """Give the parts of a message that a kind of entity marks; these count UTF-16 units."""
    units = message.text.encode("utf-16-le")
    spans = [
        (2 * entity.offset, 2 * (entity.offset + entity.length))
        for entity in message.entities
        if type(entity).__name__ == f"MessageEntity{kind}"
    ]
    return [units[start:end].decode("utf-16-le") for start, end in spans]


def buttons(message: Any) -> list[list[str]]:
    return [[button.text for button in row] for row in message.buttons or ()]


async def check_photo(message: Any, title: str) -> None:
    assert marked(message, "Bold")[0].startswith(title)
    with Image.open(io.BytesIO(await message.download_media())) as shown:
        assert shown.format == "JPEG"


async def test_every_scope_has_its_menu(client: Any) -> None:
    for scope, names in (("all_private_chats", general.PRIVATE), ("all_group_chats", general.GROUP)):
        assert [entry["command"] for entry in client._request.get_scoped_commands(scope)] == list(names)


async def test_the_greeting_has_a_name_in_bold_and_samples(client: Any) -> None:
    (greeting,) = await ask(client, "/start")
    assert marked(greeting, "Bold") == ["Hello, I am Kindred."]
    assert buttons(greeting) == [["boy"], ["man:men::woman:?"], ["a dog running"]]


async def test_a_word_is_met_with_a_table_of_its_neighbours(client: Any) -> None:
    (answer,) = await ask(client, "Boy")
    assert marked(answer, "Bold") == ["boy"]
    (table,) = marked(answer, "Pre")
    assert "girl" in table
    assert "<" not in answer.text


async def test_photos_found_are_a_message_with_buttons_and_a_photo(client: Any) -> None:
    said, shown = await ask(client, "/find a dog <b> & a cat", 2)
    assert marked(said, "Code")[0] == "a dog <b> & a cat"
    assert buttons(said)[-1] == ["👍", "👎"]
    await check_photo(shown, "Photos for")


async def test_a_photo_is_met_with_a_caption_buttons_and_a_photo(client: Any, photo: bytes) -> None:
    async with client.conversation(BEA) as conversation:
        await conversation.send_file(photo)
        said, shown = await conversation.get_response(), await conversation.get_response()
    assert "<" not in said.text
    assert buttons(said)[-2:] == [[EN("button-why"), EN("button-tags")], ["👍", "👎"]]
    await check_photo(shown, "Most like your photo")


async def test_where_an_album_gets_lost_the_answer_stands(client: Any, store: SQLiteStore) -> None:
    await store.keep_preferences(BEA, Preferences())
    (said,) = await ask(client, "/find a dog running")
    assert buttons(said)[-1] == ["👍", "👎"]
    assert "sendMediaGroup" in [call.api_method for call in client._api_calls]
    assert "Send me a photo" in (await ask(client, "/help"))[0].text


async def test_a_button_of_a_message_out_of_reach_has_expired(client: Any) -> None:
    (greeting,) = await ask(client, "/start")
    assert (await greeting.click(text="boy")).message == EN("expired")


async def test_what_cannot_be_read_is_met_with_one_kind_sentence(client: Any) -> None:
    for text, sentence in (("/similar qqzzx", EN("unknown-word", word="qqzzx")), ("/find", EN("find-what"))):
        assert [answer.text for answer in await ask(client, text)] == [sentence]
