"""The page's API beyond one private chat: people, groups, contents, inline queries, faults, traffic."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from telegram import (
    Bot,
    BotCommandScopeAllGroupChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
)
from telegram.error import NetworkError

from bot.playground import Group, Person, Playground
from tests.bot.playground.conftest import picture

pytestmark = pytest.mark.usefixtures("lawful")


class App:
    """A person's page: asks and is answered."""

    def __init__(self, client: httpx.AsyncClient, name: str) -> None:
        self._client = client
        self._name = name

    async def get(self, path: str, **query: Any) -> Any:
        return self._taken(await self._client.get(f"/api/{path}", params={"name": self._name} | query))

    async def post(self, path: str, body: Any = None, **query: Any) -> Any:
        where = {"name": self._name} | query
        return self._taken(await self._client.post(f"/api/{path}", json=body or {}, params=where))

    async def form(self, path: str, data: Any, **files: bytes) -> Any:
        parts = {name: (f"{name}.jpg", content, "image/jpeg") for name, content in files.items()}
        where = {"name": self._name}
        sent = await self._client.post(f"/api/{path}", data=data, files=parts, params=where)
        return self._taken(sent)

    async def events(self, count: int, **query: Any) -> list[Any]:
        found: list[Any] = []
        where = {"name": self._name} | query
        async with self._client.stream("GET", "/api/events", params=where) as response:
            async for line in response.aiter_lines():
                found += [json.loads(line.removeprefix("data: "))] if line.startswith("data: ") else []
                if len(found) == count:
                    break
        return found

    def _taken(self, response: httpx.Response) -> Any:
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture
async def client(playground: Playground) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=playground.address, trust_env=False) as client:
        yield client


@pytest.fixture
def app(client: httpx.AsyncClient) -> App:
    return App(client, "Ada")


async def given(bot: Bot) -> Any:
    return (await bot.get_updates())[-1].message


async def test_people_are_met_and_learn_languages(app: App, bot: Bot) -> None:
    await app.post("people", {"name": "Grace", "language": "de"})
    met = await app.post("people", {"name": "Ada"})
    assert [(one["name"], one["language"]) for one in await app.get("people")] == [
        ("Grace", "de"),
        ("Ada", "en"),
    ]
    await app.post("say", {"text": "hello"})
    assert (await given(bot)).from_user.id == met["id"]


async def test_a_group_with_topics_is_made_and_talked_in(
    app: App, client: httpx.AsyncClient, bot: Bot
) -> None:
    group = (await app.post("groups", {"title": "Forum", "people": ["Grace"], "topics": True}))["id"]
    topic = (await app.post("topics", {"title": "Photos"}, chat=group))["id"]
    (own, listed) = await app.get("chats")
    assert (own["type"], own["bot"]) == ("private", "left")
    assert listed == {
        "id": group, "type": "supergroup", "title": "Forum", "bot": "member",
        "people": ["Ada", "Grace"], "forum": True, "topics": [{"id": topic, "name": "Photos"}],
    }  # fmt: skip
    await App(client, "Grace").post("say", {"text": "/help"}, chat=group, topic=topic)
    message = await given(bot)
    assert (message.chat.id, message.message_thread_id, message.from_user.first_name) == (
        group,
        topic,
        "Grace",
    )
    (history,) = await app.events(1, chat=group)
    assert history["chat"] == listed
    assert history["messages"][-1]["text"] == "/help"


async def test_only_members_look_into_a_group(client: httpx.AsyncClient, playground: Playground) -> None:
    group = playground.group("Friends", playground.person("Ada"))
    for where in ({"chat": group.id}, {"chat": "x"}, {"chat": 5}, {"topic": 3}):
        said = await client.post("/api/say", json={"text": "hi"}, params={"name": "Grace"} | where)
        looked = await client.get("/api/events", params={"name": "Grace"} | where)
        assert (said.status_code, looked.status_code) == (400, 400)
        assert said.json()["error"]


async def test_all_kinds_are_sent(app: App, bot: Bot) -> None:
    for kind in ("sticker", "animated_sticker", "video_sticker", "video", "animation", "voice"):
        await app.form("send", {"kind": kind}, file=picture(), thumbnail=picture())
        message = await given(bot)
        assert getattr(message, kind.split("_")[-1]) is not None
    await app.post("send", {"kind": "location", "latitude": 52.5, "longitude": 13.4})
    assert (await given(bot)).location.longitude == 13.4
    await app.post("start", {"payload": "abc"})
    assert (await given(bot)).text == "/start abc"


async def test_messages_are_replied_to_edited_and_forwarded(
    app: App, bot: Bot, playground: Playground
) -> None:
    ada, grace = playground.person("Ada"), playground.person("Grace")
    group = playground.group("Friends", ada, grace)
    photo = await group.member(grace).send_photo(picture())
    await app.post("forward", {"message_ids": [photo.id], "from_chat": group.id, "hidden": True})
    assert (await given(bot)).forward_origin.sender_user_name == "Grace"
    await app.form("files", {"reply_to": str(ada.messages[-1].id)}, one=picture())
    assert (await given(bot)).reply_to_message.photo
    await app.post("say", {"text": "frist"})
    await app.post("edit", {"message_id": ada.messages[-1].id, "text": "first"})
    assert (await bot.get_updates())[-1].edited_message.text == "first"  # type: ignore[union-attr]


async def test_the_command_menu_is_that_of_the_chat_and_the_language(
    app: App, bot: Bot, playground: Playground
) -> None:
    group = playground.group("Friends", playground.person("Ada", "de"))
    await bot.set_my_commands([("help", "all of it")])
    await bot.set_my_commands([("caption", "say what it shows")], scope=BotCommandScopeAllGroupChats())
    await bot.set_my_commands([("hilfe", "alles")], language_code="de")
    for where, command in (({}, "hilfe"), ({"chat": group.id}, "caption")):
        (history,) = await app.events(1, **where)
        assert [one["command"] for one in history["profile"]["commands"]] == [command]


async def test_only_who_pressed_is_answered(
    app: App, client: httpx.AsyncClient, bot: Bot, playground: Playground
) -> None:
    ada, grace = playground.person("Ada"), playground.person("Grace")
    group = playground.group("Friends", ada, grace)
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])
    sent = await bot.send_message(group.id, "ready?", reply_markup=keys)
    mine = asyncio.create_task(app.events(3, chat=group.id))
    hers = asyncio.create_task(App(client, "Grace").events(3, chat=group.id))
    await asyncio.sleep(0.2)
    press = {"message_id": sent.message_id, "row": 0, "column": 0}
    query = (await app.post("press", press, chat=group.id))["query"]
    await bot.answer_callback_query(query, "thank you", show_alert=True)
    await bot.send_message(group.id, "done")
    answer = (await mine)[-1]
    assert (answer["type"], answer["query"], answer["text"], answer["alert"]) == (
        "answer",
        query,
        "thank you",
        True,
    )
    assert (await hers)[-1]["message"]["text"] == "done"


async def test_results_are_shown_and_chosen_over_the_page(app: App, bot: Bot, ada: Person) -> None:
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


async def test_the_bot_is_blocked_promoted_and_removed(
    app: App, client: httpx.AsyncClient, playground: Playground, ada: Person
) -> None:
    group: Group = playground.group("Friends", ada)
    for standing in ("administrator", "kicked", "member"):
        await app.post("bot", {"standing": standing}, chat=group.id)
        assert group.standing == standing
    await app.post("bot", {"standing": "kicked"})
    assert (await app.get("chats"))[0]["bot"] == "kicked"
    for standing in ("administrator", "left", "king"):
        refused = await client.post("/api/bot", json={"standing": standing}, params={"name": "Ada"})
        assert refused.status_code == 400


async def test_faults_are_set_and_shown(app: App, client: httpx.AsyncClient, bot: Bot, ada: Person) -> None:
    set_ = {"next": {"kind": "error", "method": "sendMessage"}, "enforced": True}
    told = await app.post("faults", set_ | {"random": {"seed": 7, "chances": {"slow": 0.1}}})
    assert (told["coming"][0]["kind"], told["chances"], told["enforced"]) == ("error", {"slow": 0.1}, True)
    with pytest.raises(NetworkError):
        await bot.send_message(ada.id, "hi")
    told = await app.post("faults", {"clear": True, "enforced": False})
    assert (told["coming"], told["chances"], told["enforced"], told["breaches"]) == ([], {}, False, [])
    await bot.send_message(ada.id, "hi")
    assert sum((await app.get("faults"))["by_second"].values()) == 1
    for wrong in (
        {"next": {"kind": "smell"}},
        {"next": {"colour": 1}},
        {"random": {"chances": {"smell": 1}}},
    ):
        assert (await client.post("/api/faults", json=wrong)).status_code == 400
    file_id = (await ada.send_photo(picture())).photo
    await app.post("faults", {"forget_files": True})
    with pytest.raises(NetworkError, match=r"(?i)wrong file"):
        await bot.send_photo(ada.id, file_id)


async def test_traffic_is_shown_newest_last_and_without_secrets(
    app: App, playground: Playground, bot: Bot, ada: Person
) -> None:
    await bot.get_updates(2**31 - 1)
    await bot.send_message(ada.id, f"my token is {playground.token}")
    first = await app.get("traffic")
    assert [one["method"] for one in first[-2:]] == ["getMe", "sendMessage"]
    assert first[-1]["parameters"]["text"] == first[-1]["reply"]["result"]["text"] == "my token is [token]"
    await bot.send_photo(ada.id, picture())
    await bot.set_webhook("http://127.0.0.1:9/", secret_token="secret")
    photo, hook = await app.get("traffic", after=first[-1]["number"])
    assert (photo["method"], list(photo["uploads"].values())) == ("sendPhoto", [len(picture())])
    assert hook["parameters"]["secret_token"] == "[token]"
