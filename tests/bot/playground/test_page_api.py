"""The page's API: events of the chat, and what the person at the page does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from telegram import (
    Bot,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
)

from bot.playground import Person, Playground
from tests.bot.harness import http_client
from tests.bot.playground.conftest import picture

pytestmark = pytest.mark.usefixtures("checked_against_schema")


class App:
    """A person's page."""

    def __init__(self, client: httpx.AsyncClient, name: str) -> None:
        self._client = client
        self._name = {"name": name}

    async def post(self, path: str, body: Any = None) -> Any:
        return self._json(await self._client.post(f"/api/{path}", json=body or {}, params=self._name))

    async def form(self, path: str, data: Any, **files: tuple[str, bytes, str]) -> Any:
        return self._json(await self._client.post(f"/api/{path}", data=data, files=files, params=self._name))

    async def events(self, count: int) -> list[Any]:
        """Return the first events of the chat."""
        found: list[Any] = []
        async with self._client.stream("GET", "/api/events", params=self._name) as response:
            async for line in response.aiter_lines():
                found += [json.loads(line.removeprefix("data: "))] if line.startswith("data: ") else []
                if len(found) == count:
                    break
        return found

    def _json(self, response: httpx.Response) -> Any:
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture
async def client(playground: Playground) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(base_url=playground.address) as client:
        yield client


@pytest.fixture
def app(client: httpx.AsyncClient) -> App:
    return App(client, "Ada")


async def last_message(bot: Bot) -> Any:
    return (await bot.get_updates())[-1].message


async def test_the_stream_begins_with_the_history(
    app: App, playground: Playground, bot: Bot, ada: Person
) -> None:
    playground.person("Ada", "de")
    await bot.set_my_commands([("help", "all of it")])
    await bot.send_message(ada.id, "hello")
    history, presence = await app.events(2)
    assert history["person"] == {"id": ada.id, "name": "Ada", "language": "de"}
    assert [message["text"] for message in history["messages"]] == ["/start", "hello"]
    assert history["profile"]["commands"] == [{"command": "help", "description": "all of it"}]
    assert presence["type"] == "presence"


async def test_a_new_name_is_a_new_person_and_no_name_is_a_friend(client: httpx.AsyncClient) -> None:
    for name, person in (("Ada", "Ada"), ("", "Friend")):
        (history,) = await App(client, name).events(1)
        assert (history["person"]["name"], history["messages"]) == (person, [])


async def test_the_language_of_the_app_is_changed(app: App, bot: Bot, ada: Person) -> None:
    assert await app.post("language", {"language": "de"}) == {"id": ada.id, "name": "Ada", "language": "de"}
    await app.post("say", {"text": "hallo"})
    assert (await last_message(bot)).from_user.language_code == "de"


async def test_texts_links_and_files_reach_the_bot(app: App, client: httpx.AsyncClient, bot: Bot) -> None:
    await app.post("say", {"text": "boy"})
    await app.post("start", {"payload": "abc"})
    album = {name: (f"{name}.jpg", picture(), "image/jpeg") for name in ("a", "b")}
    await app.form("files", {"caption": "two", "as_file": "false"}, **album)
    await app.form("files", {"as_file": "true"}, a=("a.png", picture(kind="PNG"), "image/png"))
    messages = [update.effective_message for update in await bot.get_updates()]
    texts = [message.text or message.caption for message in messages if message]
    assert texts == ["boy", "/start abc", "two", None, None]
    document = messages[-1].document if messages[-1] else None
    assert document is not None
    shown = await client.get(f"/api/media/{document.file_id}")
    assert (shown.headers["Content-Type"], shown.content) == ("image/png", picture(kind="PNG"))


async def test_messages_are_replied_to_and_edited(app: App, bot: Bot, ada: Person) -> None:
    photo = await ada.send_photo(picture())
    await app.post("say", {"text": "frist", "reply_to": photo.id})
    assert (await last_message(bot)).reply_to_message.photo
    await app.post("edit", {"message_id": ada.messages[-1].id, "text": "first"})
    assert (await bot.get_updates())[-1].edited_message.text == "first"  # type: ignore[union-attr]


async def test_the_menu_is_that_of_the_narrowest_scope_and_the_language(
    app: App, bot: Bot, playground: Playground
) -> None:
    person = playground.person("Ada", "de")
    await person.say("/start")
    scopes = (None, BotCommandScopeAllPrivateChats(), BotCommandScopeChat(person.id))
    for number, scope in enumerate(scopes):
        await bot.set_my_commands([(f"help{number}", "all of it")], scope=scope)
        (history,) = await app.events(1)
        assert [one["command"] for one in history["profile"]["commands"]] == [f"help{number}"]
    await bot.set_my_commands([("hilfe", "alles")], scope=scopes[-1], language_code="de")
    (history,) = await app.events(1)
    assert [one["command"] for one in history["profile"]["commands"]] == ["hilfe"]


async def test_a_press_is_answered_by_an_event(app: App, bot: Bot, ada: Person) -> None:
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])
    sent = await bot.send_message(ada.id, "ready?", reply_markup=keys)
    query = (await app.post("press", {"message_id": sent.message_id, "row": 0, "column": 0}))["query"]
    events = asyncio.create_task(app.events(3))
    await asyncio.sleep(0.2)
    await bot.answer_callback_query(query, "thank you", show_alert=True)
    answer = (await events)[-1]
    assert (answer["type"], answer["query"], answer["text"], answer["alert"]) == (
        "answer",
        query,
        "thank you",
        True,
    )


async def test_inline_results_of_all_pages_can_be_chosen(app: App, bot: Bot, ada: Person) -> None:
    for offset, name in (("", "a"), ("1", "b")):
        asking = asyncio.create_task(app.post("inline", {"query": "dog", "offset": offset}))
        async with asyncio.timeout(10):
            while not (query := (await bot.get_updates(-1))[-1].inline_query) or query.offset != offset:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        article = InlineQueryResultArticle(name, f"Title {name}", InputTextMessageContent("chosen"))
        await query.answer([article], next_offset="1" if not offset else "")
        shown = await asking
    assert shown == {
        "results": [{"id": "b", "title": "Title b", "description": "", "photo": "", "text": "chosen"}],
        "next_offset": "",
        "button": None,
    }
    await app.post("choose", {"id": "a"})
    assert (ada.messages[-1].via_bot, ada.messages[-1].text) == (True, "chosen")


async def test_impossible_actions_are_answered_with_the_reason(client: httpx.AsyncClient) -> None:
    for path, body in (
        ("say", {"text": " "}),
        ("press", {"message_id": 1, "row": 0, "column": 0}),
        ("edit", {"message_id": 1, "text": "hi"}),
        ("choose", {"id": "a"}),
        ("start", {"payload": "a b"}),
    ):
        response = await client.post(f"/api/{path}", json=body)
        assert response.status_code == 400
        assert response.json()["error"]
    assert (await client.get("/api/media/nothing")).status_code == 404


async def test_a_file_that_is_no_plain_image_is_only_offered_for_download(
    client: httpx.AsyncClient, ada: Person
) -> None:
    seen = await ada.send_photo(b"<svg/>", as_file=True, file_name="a.svg", mime_type="image/svg+xml")
    response = await client.get(f"/api/media/{seen.wire['document']['file_id']}")
    assert response.headers["Content-Disposition"] == "attachment"
    assert response.headers["Content-Type"] == "application/octet-stream"


async def test_a_notice_is_shown_in_the_language_of_each_person(app: App, playground: Playground) -> None:
    playground.person("Ada", "de")
    playground.show_notice(lambda language: f"Noch 45 % ({language})")
    _, _, notice = await app.events(3)
    assert notice == {"type": "notice", "text": "Noch 45 % (de)"}


async def test_a_notice_changes_and_goes(app: App, playground: Playground) -> None:
    texts = iter(["45 %", "45 %", "46 %", ""])
    playground.show_notice(lambda _: next(texts, ""))
    events = await app.events(5)
    assert [event["text"] for event in events[2:]] == ["45 %", "46 %", ""]
