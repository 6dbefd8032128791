"""In groups the bot is silent unless it is addressed, and answers where it was addressed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import pytest
import pytest_asyncio

from bot.playground import Group, Person, Playground, Seen
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from handlers.i18n.texts import texts_in
from handlers.store import Preferences
from tests.bot.harness import (
    TIMEOUT,
    NewPerson,
    ScriptedEngine,
    UpdateInjector,
    delayed,
    wait_until_idle,
    wait_until_received,
)

EN = texts_in("en")
NAME = "kindred_playground_bot"

pytestmark = pytest.mark.usefixtures("scripted_bot", "schema_checked")


@pytest_asyncio.fixture
async def group(
    playground: Playground, scripted_bot: KindredApplication, ada: Person, grace: Person
) -> Group:
    """A group that has been greeted."""
    group = playground.group("Friends", ada, grace)
    await greeted(group, ada)
    return group


def of_bot(group: Group) -> Sequence[Seen]:
    return [seen for seen in group.messages if seen.from_bot]


async def ask(
    person: Person, group: Group, text: str, count: int = 1, about: Seen | None = None
) -> tuple[Seen, ...]:
    here = group.member(person)
    await here.say(text, about)
    return await here.replies(count, timeout=TIMEOUT)


async def greeted(group: Group, person: Person) -> Seen:
    return await group.member(person).wait_for(lambda seen: seen.from_bot, TIMEOUT)


async def test_a_group_is_greeted_once_when_the_bot_joins(group: Group, ada: Person) -> None:
    (hello,) = of_bot(group)
    assert f"/caption@{NAME}" in hello.text
    await group.promote_bot()
    await group.remove_bot()
    await group.add_bot()
    await group.member(ada).wait_for(lambda seen: seen.from_bot and seen.id > hello.id, TIMEOUT)
    assert len(of_bot(group)) == 2


async def test_votes_in_groups_are_counted_separately(
    group: Group, ada: Person, grace: Person, store: SQLiteStore
) -> None:
    *_, answer = await ask(ada, group, "/find a dog running", 11)
    await group.member(grace).press(answer, "👍", timeout=TIMEOUT)
    await ada.say("/find a dog running")
    *_, alone = await ada.replies(11, timeout=TIMEOUT)
    await ada.press(alone, "👎", timeout=TIMEOUT)
    assert await store.votes() == {"find": (0, 1), "find (groups)": (1, 0)}


async def test_the_vote_of_one_member_is_not_taken_back_by_another(
    group: Group, ada: Person, grace: Person, store: SQLiteStore
) -> None:
    *_, answer = await ask(ada, group, "/find a dog running", 11)
    await group.member(ada).press(answer, "👍", timeout=TIMEOUT)
    shown = await group.member(grace).wait_for(
        lambda seen: seen.id == answer.id and "👍" not in seen.data, TIMEOUT
    )
    assert shown.buttons
    assert await store.votes() == {"find (groups)": (1, 0)}


async def test_of_two_votes_at_once_a_group_gives_one(
    group: Group, ada: Person, grace: Person, store: SQLiteStore, scripted_bot: KindredApplication
) -> None:
    *_, answer = await ask(ada, group, "/find a dog running", 11)
    debouncer = scripted_bot.context_types.context.debouncer
    async with debouncer.voting:
        presses = [
            asyncio.create_task(group.member(person).press(answer, thumb, timeout=TIMEOUT))
            for person, thumb in ((ada, "👍"), (grace, "👎"))
        ]
        async with asyncio.timeout(TIMEOUT):
            while len(debouncer.voting._waiters or ()) < len(presses):  # noqa: ASYNC110 - there is no event
                await asyncio.sleep(0.001)
    await asyncio.gather(*presses)
    assert sum(map(sum, (await store.votes()).values())) == 1


async def test_messages_between_members_are_ignored(
    group: Group, ada: Person, grace: Person, photo: bytes, scripted_bot: KindredApplication
) -> None:
    (hello,) = of_bot(group)
    await group.promote_bot()  # from now on it is given everything
    first = await group.member(ada).say("boy")
    await group.member(grace).say("a dog running", first)
    await group.member(grace).say("what does @other_bot say?")
    await group.member(ada).say("/nonsense")
    await group.member(ada).say("/help@other_bot")
    await group.member(ada).send_photo(photo)
    await group.member(ada).send_album([photo, photo])
    await group.member(ada).send_voice()
    (answer,) = await ask(ada, group, f"/help@{NAME}")
    await wait_until_idle(scripted_bot)
    assert of_bot(group) == [hello, answer]


async def test_a_mention_is_answered(
    group: Group, ada: Person, grace: Person, scripted: ScriptedEngine, photo: bytes
) -> None:
    await group.promote_bot()
    question = await group.member(ada).say(f"@{NAME.upper()} a dog running")
    *_, answer = await group.member(ada).replies(11, timeout=TIMEOUT)
    assert answer.reply_to == question.id
    about = await group.member(grace).send_photo(photo)
    *_, said = await ask(ada, group, f"@{NAME}", 11, about)
    assert said.reply_to == about.id
    captioned = await group.member(ada).send_photo(photo, caption=f"look, @{NAME}")
    *_, said = await group.member(ada).replies(11, timeout=TIMEOUT)
    assert said.reply_to == captioned.id
    assert (await ask(ada, group, f"@{NAME}"))[0].text == EN("nothing-to-read")
    assert scripted.calls == [
        ("find", "a dog running"),
        ("describe",),
        ("search_focused", "look,"),
        ("captions",),
    ]


MENTION = {
    "text": f"@{NAME} boy",
    "entities": [{"type": "mention", "offset": 0, "length": len(NAME) + 1}],
}
OTHER_BOT = {"id": 77, "is_bot": True, "first_name": "Echo", "username": "echo_bot"}


@pytest.mark.parametrize(
    "content",
    [MENTION, {"text": f"/help@{NAME}", "entities": [{"type": "bot_command", "offset": 0, "length": 5}]}],
)
async def test_another_bot_is_not_answered(
    group: Group, ada: Person, scripted_bot: KindredApplication, content: dict[str, Any]
) -> None:
    before = of_bot(group)
    me = {"id": scripted_bot.bot.id, "is_bot": True, "first_name": "Kindred", "username": NAME}
    chat = {"id": group.id, "type": "supergroup", "title": "Friends"}
    answered = {"message_id": before[0].id, "date": 1, "chat": chat, "from": me, "text": "Hello"}
    await UpdateInjector(scripted_bot, ada).deliver(
        **{"chat": chat, "from": OTHER_BOT, "reply_to_message": answered, **content}
    )
    assert of_bot(group) == before


@pytest.mark.parametrize(
    ("account", "sender"),
    [
        ({"id": 1087968824, "username": "GroupAnonymousBot"}, "supergroup"),
        ({"id": 136817688, "username": "Channel_Bot"}, "channel"),
    ],
)
async def test_an_anonymous_admin_and_a_channel_are_answered(
    group: Group, ada: Person, scripted_bot: KindredApplication, account: dict[str, Any], sender: str
) -> None:
    before = of_bot(group)
    chat = {"id": group.id, "type": "supergroup", "title": "Friends"}
    sender_chat = chat if sender == "supergroup" else {"id": -1005, "type": sender, "title": "News"}
    author = {"is_bot": True, "first_name": "Somebody", **account}
    await UpdateInjector(scripted_bot, ada).deliver(
        **{"chat": chat, "from": author, "sender_chat": sender_chat, **MENTION}
    )
    assert "girl" in of_bot(group)[len(before)].text


@pytest.mark.parametrize(("beside", "offset"), [("\ud83d", 2), ("🙂", 1)])
async def test_a_mention_with_half_a_surrogate_pair_is_ignored(
    group: Group, ada: Person, scripted_bot: KindredApplication, beside: str, offset: int
) -> None:
    before = of_bot(group)
    mention = {"type": "mention", "offset": offset, "length": len(NAME) + 1}
    chat = {"id": group.id, "type": "supergroup", "title": "Many"}
    await UpdateInjector(scripted_bot, ada).deliver(
        chat=chat, text=f"{beside} @{NAME} boy", entities=[mention]
    )
    assert of_bot(group) == before


async def test_a_reply_to_the_bot_is_answered(group: Group, ada: Person, scripted: ScriptedEngine) -> None:
    (hello,) = of_bot(group)
    await ask(ada, group, "boy", 1, hello)
    assert scripted.calls == [("similar", "boy")]


async def test_a_command_in_reply_to_a_photo_is_about_it(
    group: Group, ada: Person, grace: Person, photo: bytes
) -> None:
    about = await group.member(grace).send_photo(photo)
    for command, count in ((f"/caption@{NAME}", 11), (f"/similar@{NAME}", 11), (f"/tags@{NAME}", 1)):
        *_, said = await ask(ada, group, command, count, about)
        assert said.text


async def test_answers_stay_in_their_topic(playground: Playground, ada: Person, photo: bytes) -> None:
    group = playground.group("Friends", ada, topics=True)
    await greeted(group, ada)
    topic = await group.topic("Photos")
    here = group.member(ada, topic)
    question = await here.say(f"/find@{NAME} a dog running")
    *album, said = await here.replies(11, timeout=TIMEOUT)
    assert said.reply_to == question.id
    about = await here.send_photo(photo)
    await here.say(f"/caption@{NAME}", about)
    described = await here.replies(11, timeout=TIMEOUT)
    await here.say(f"/similar@{NAME} xqzzyk polar")
    (error,) = await here.replies(timeout=TIMEOUT)
    assert {seen.thread for seen in (said, *album, *described, error)} == {topic}


async def test_greetings_and_help_are_short_in_groups(group: Group, ada: Person) -> None:
    assert (await ask(ada, group, f"/start@{NAME}"))[0].text.startswith(
        "Hello, I'm Kindred.\nReply to a photo"
    )
    assert (await ask(ada, group, f"/help@{NAME}"))[0].text.startswith("Reply to a photo with")


@pytest.mark.parametrize("command", ["settings", "delete_me"])
async def test_private_commands_link_to_the_private_chat(group: Group, ada: Person, command: str) -> None:
    (answer,) = await ask(ada, group, f"/{command}@{NAME}")
    assert answer.text == EN("only-in-private")
    url = answer.keyboard[0][0]["url"]
    assert url == f"https://t.me/{NAME}?start={command}"
    await ada.start(url.partition("=")[2])
    assert (await ada.replies(timeout=TIMEOUT))[0].buttons


async def test_each_member_of_a_group_is_read_in_their_language(
    playground: Playground, new_person: NewPerson, ada: Person, scripted: ScriptedEngine
) -> None:
    hans = new_person("Hans", "de")
    mixed = playground.group("Friends", ada, hans)
    await greeted(mixed, ada)
    await ask(hans, mixed, f"/similar@{NAME} Junge")
    await ask(ada, mixed, f"/similar@{NAME} boy")
    assert scripted.calls == [("similar", "boy"), ("similar", "boy")]


async def test_the_bot_requests_the_update_types_it_handles(
    scripted_bot: KindredApplication, playground: Playground, ada: Person
) -> None:
    await ada.say("/help")
    await ada.replies(timeout=TIMEOUT)
    asked = next(call for call in playground.call_log if call.method == "getupdates")
    assert (
        asked.parameters["allowed_updates"]
        == '["message", "callback_query", "inline_query", "my_chat_member"]'
    )


async def test_an_answer_follows_a_group_that_becomes_a_supergroup(
    playground: Playground,
    scripted: ScriptedEngine,
    scripted_bot: KindredApplication,
    ada: Person,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = playground.group("Small", ada, basic=True)
    await greeted(group, ada)
    go = asyncio.Event()
    monkeypatch.setattr(scripted, "describe", delayed(scripted.describe, go))
    here = group.member(ada)
    await here.say(f"/caption@{NAME}", await here.send_photo(photo))
    moved = await group.migrate()
    go.set()
    there = moved.member(ada)
    answer = await there.wait_for(lambda seen: seen.from_bot and "A dog" in seen.text, TIMEOUT)
    assert not answer.reply_to  # messages have other numbers there
    # Its album is still on its way, and the dispatcher would let the new group's question overtake it.
    await wait_until_idle(scripted_bot)
    assert len(of_bot(moved)) == 11
    assert len(of_bot(group)) == 1  # the greeting
    (similar,) = await ask(ada, moved, f"/similar@{NAME} boy")
    assert "girl" in similar.text


@pytest.mark.own_bot  # where few messages have been numbered yet
async def test_a_button_of_a_migrated_group_edits_no_other_message(
    playground: Playground, scripted_bot: KindredApplication, ada: Person, photo: bytes
) -> None:
    group = playground.group("Small", ada, basic=True)
    await greeted(group, ada)
    here = group.member(ada)
    seen = await here.send_photo(photo)
    await here.say(f"/caption@{NAME}", seen)
    answer = await here.wait_for(lambda one: one.from_bot and any(one.buttons), TIMEOUT)
    moved = await group.migrate()
    for _ in range(answer.id):  # until its number is taken there, too
        await ask(ada, moved, f"/similar@{NAME} boy")
    before = of_bot(moved)
    await here.press(answer, answer.buttons[0][0], TIMEOUT)
    await wait_until_idle(scripted_bot)
    assert of_bot(moved)[: len(before)] == before


async def test_removing_the_bot_while_it_answers_is_no_error(
    playground: Playground,
    scripted: ScriptedEngine,
    scripted_bot: KindredApplication,
    ada: Person,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    group = playground.group("Friends", ada)
    await greeted(group, ada)
    go = asyncio.Event()
    monkeypatch.setattr(scripted, "describe", delayed(scripted.describe, go))
    here = group.member(ada)
    await wait_until_idle(scripted_bot)
    await here.say(f"/caption@{NAME}", await here.send_photo(photo))
    await wait_until_received(scripted_bot)
    await group.remove_bot()
    go.set()
    await wait_until_idle(scripted_bot)
    assert "bot was kicked" in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(of_bot(group)) == 1
    assert await ask(ada, playground.group("Others", ada), f"/help@{NAME}")


async def test_a_deleted_accounts_preferences_are_deleted(
    scripted: ScriptedEngine,
    scripted_bot: KindredApplication,
    store: SQLiteStore,
    ada: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await ada.start()
    await ada.replies(1, TIMEOUT)
    go = asyncio.Event()
    monkeypatch.setattr(scripted, "similar", delayed(scripted.similar, go))
    await wait_until_idle(scripted_bot)
    await ada.say("boy")
    await wait_until_received(scripted_bot)
    await store.keep_preferences(ada.id, Preferences(album=3))
    await ada.delete_account()
    go.set()
    await wait_until_idle(scripted_bot)
    assert await store.preferences(ada.id) == Preferences()
