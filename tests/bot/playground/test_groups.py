"""Groups: several people, privacy mode, topics, and the bot's membership."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Message, ReplyParameters, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.playground import Group, Person, Playground
from bot.playground.telegram.api_errors import ImpossibleActionError
from tests.bot.playground.conftest import picture

pytestmark = pytest.mark.usefixtures("checked_against_schema")

NAME = "kindred_playground_bot"


@pytest.fixture
def group(playground: Playground, ada: Person, grace: Person) -> Group:
    return playground.group("Friends", ada, grace)


async def heard(bot: Bot) -> list[Message]:
    """All messages the bot is given, those confirmed that it was given before."""
    updates = await bot.get_updates()
    if updates:
        await bot.get_updates(updates[-1].update_id + 1)
    return [update.message for update in updates if update.message]


async def last(bot: Bot, kind: str) -> Any:
    return getattr((await bot.get_updates())[-1], kind)


async def test_privacy_mode_gives_the_bot_its_commands_and_the_answers_to_it(
    bot: Bot, group: Group, ada: Person, grace: Person
) -> None:
    here, there = group.member(ada), group.member(grace)
    await heard(bot)
    for unheard in ("hello", f"/help@{NAME}x", "/help@other_bot", "say /help", f"@{NAME} hello"):
        await here.say(unheard)
    photo = await there.send_photo(picture(), caption="my hill")
    assert await heard(bot) == []
    said = [await here.say("/help"), await there.say(f"/help@{NAME.upper()}")]
    answer = await bot.send_message(group.id, "this")
    said.append(await here.say("thank you", reply_to=group.messages[-1]))
    said.append(await there.say("you too", reply_to=said[0]))
    said.append(await here.say(f"/caption@{NAME}", reply_to=photo))
    said.append(await here.send_photo(picture(), caption="/caption"))
    given = await heard(bot)
    assert [message.message_id for message in given] == [seen.id for seen in said if seen is not said[3]]
    assert given[2].reply_to_message == answer
    assert given[3].reply_to_message is not None
    assert given[3].reply_to_message.photo[-1].file_id == photo.photo
    assert given[3].reply_to_message.from_user.id == grace.id  # type: ignore[union-attr]
    assert {message.chat.type for message in given} == {"supergroup"}


async def test_an_administrator_is_given_everything(bot: Bot, group: Group, ada: Person) -> None:
    await group.promote_bot()
    await heard(bot)
    words = await group.member(ada).say("hello")
    assert [message.text for message in await heard(bot)] == ["hello"]
    assert group.bot_status == "administrator"
    assert await bot.delete_message(group.id, words.id)


async def test_edits_in_a_group_are_as_private_as_messages(bot: Bot, group: Group, ada: Person) -> None:
    here = group.member(ada)
    words, command = await here.say("hello"), await here.say("/find a dog")
    await heard(bot)
    await here.edit(words, "hello!")
    await here.edit(command, "/find a cat")
    edited = [update.edited_message for update in await bot.get_updates()]
    assert [message.text for message in edited if message] == ["/find a cat"]


async def test_members_press_and_each_is_answered(bot: Bot, group: Group, ada: Person, grace: Person) -> None:
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])
    await bot.send_message(group.id, "ready?", reply_markup=keys)
    await heard(bot)
    presses = [asyncio.create_task(group.member(one).press(group.messages[-1], "Go")) for one in (ada, grace)]
    await asyncio.sleep(0)
    updates = await bot.get_updates()
    for update in updates:
        query = update.callback_query
        assert query is not None
        await query.answer(f"thank you, {query.from_user.first_name}")
    assert [(await press).text for press in presses] == ["thank you, Ada", "thank you, Grace"]
    assert len({update.callback_query.chat_instance for update in updates}) == 1  # type: ignore[union-attr]


async def test_messages_of_a_group_are_numbered_apart(bot: Bot, group: Group, ada: Person) -> None:
    assert (await group.member(ada).say("/help")).id < (await ada.say("hello")).id + 2
    assert group.messages[0].id == 1


@pytest.mark.parametrize("basic", [True, False], ids=["group", "supergroup"])
async def test_the_bot_is_told_when_it_comes_and_goes(
    playground: Playground, bot: Bot, ada: Person, basic: bool
) -> None:
    group = playground.group("Friends", ada, basic=basic)
    kind = "group" if basic else "supergroup"
    changed, came = (await bot.get_updates())[-2:]
    assert changed.my_chat_member is not None
    assert (changed.my_chat_member.old_chat_member.status, changed.my_chat_member.new_chat_member.status) == (
        "left",
        "member",
    )
    assert came.message is not None
    assert came.message.new_chat_members[0].id == bot.id
    await bot.send_message(group.id, "hello")
    await group.remove_bot()
    assert (await last(bot, "my_chat_member")).new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match=f"bot was kicked from the {kind} chat"):
        await bot.send_message(group.id, "hello?")
    await group.member(ada).say("/help")
    assert (await last(bot, "my_chat_member")).new_chat_member.status == "kicked"
    await group.add_bot()
    assert (await last(bot, "message")).new_chat_members[0].id == bot.id


async def test_a_member_deletes_no_messages_of_others_and_a_stranger_is_no_member(
    bot: Bot, playground: Playground, group: Group, ada: Person
) -> None:
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(group.id, (await group.member(ada).say("mine")).id)
    with pytest.raises(ImpossibleActionError):
        group.member(playground.person("Stranger"))


async def test_whom_it_met_in_a_group_the_bot_cannot_write_to_first(
    bot: Bot, group: Group, grace: Person
) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(grace.id, "hello")
    await group.member(grace).say("/help")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(grace.id, "hello")


async def test_topics_keep_what_is_said_together(
    playground: Playground, bot: Bot, ada: Person, grace: Person
) -> None:
    group = playground.group("Forum", ada, grace, topics=True)
    photos, words = await group.topic("Photos"), await group.topic("Words")
    asked = await group.member(ada, photos).say("/help")
    general = await group.member(ada).say("/help")
    first, second = (await heard(bot))[-2:]
    assert (first.message_thread_id, first.is_topic_message, first.chat.is_forum) == (photos, True, True)
    assert first.reply_to_message is not None
    assert first.reply_to_message.forum_topic_created is not None  # nobody pressed reply
    assert (second.message_thread_id, second.is_topic_message, second.reply_to_message) == (None, None, None)
    there = await bot.send_message(group.id, "this", message_thread_id=photos)
    quoting = await bot.send_message(group.id, "this", reply_parameters=ReplyParameters(asked.id))
    assert (there.message_thread_id, quoting.message_thread_id) == (photos, photos)
    assert (group.messages[-1].reply_to, group.messages[-1].thread) == (asked.id, photos)
    assert await bot.send_chat_action(group.id, "typing", message_thread_id=words)
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(
            group.id, "no", message_thread_id=words, reply_parameters=ReplyParameters(general.id)
        )
    for unknown in (1, 9999):
        with pytest.raises(BadRequest, match="Message thread not found"):
            await bot.send_message(group.id, "no", message_thread_id=unknown)


async def test_a_reply_in_a_group_without_topics_has_a_thread_but_no_topic(
    bot: Bot, group: Group, ada: Person, grace: Person
) -> None:
    question = await group.member(ada).say("who?")
    await group.member(grace).say("/help", reply_to=question)
    (*_, given) = await heard(bot)
    assert (given.message_thread_id, given.is_topic_message) == (question.id, None)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(group.id, "no", message_thread_id=question.id)


async def test_who_blocks_the_bot_is_out_of_its_reach(bot: Bot, ada: Person) -> None:
    await ada.block()
    assert (await last(bot, "my_chat_member")).new_chat_member.status == "kicked"
    sent = (
        bot.send_message(ada.id, "hello?"),
        bot.send_photo(ada.id, picture()),
        bot.send_chat_action(ada.id, "typing"),
    )
    for call in sent:
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await call
    with pytest.raises(ImpossibleActionError, match="unblock"):
        await ada.say("hello")
    await ada.unblock()
    change: Update = (await bot.get_updates())[-1]
    assert change.my_chat_member is not None
    assert change.my_chat_member.new_chat_member.status == "member"
    assert await bot.send_message(ada.id, "welcome back")


async def test_a_group_that_becomes_a_supergroup_has_another_id_and_refuses_to_be_written_to(
    bot: Bot, playground: Playground, ada: Person, grace: Person
) -> None:
    group = playground.group("Small", ada, grace, basic=True)
    said = await bot.send_message(group.id, "here we are")
    await heard(bot)
    moved = await group.migrate()
    away, arrived = await heard(bot)
    assert (away.chat.id, away.chat.type, away.migrate_to_chat_id) == (group.id, "group", moved.id)
    assert (arrived.chat.id, arrived.chat.type) == (moved.id, "supergroup")
    assert (arrived.migrate_from_chat_id, arrived.message_id) == (group.id, 1)
    for call in (
        bot.send_message(group.id, "anybody?"),
        bot.send_chat_action(group.id, "typing"),
        bot.edit_message_text("nobody", group.id, said.message_id),
    ):
        with pytest.raises(ChatMigrated) as refused:
            await call
        assert refused.value.new_chat_id == moved.id
    reply = playground.call_log[-1].reply
    assert (reply["error_code"], reply["parameters"]) == (400, {"migrate_to_chat_id": moved.id})
    assert await bot.send_message(moved.id, "here we are again")
    await moved.member(ada).say("/help")
    with pytest.raises(ImpossibleActionError, match="supergroup now"):
        await group.member(ada).say("/help")
    with pytest.raises(ImpossibleActionError, match="only a basic group"):
        await moved.migrate()


async def test_who_has_left_telegram_is_out_of_the_bots_reach(bot: Bot, ada: Person) -> None:
    await ada.start()
    await ada.delete_account()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(ada.id, "hello?")
    with pytest.raises(ImpossibleActionError, match="deleted"):
        await ada.say("hello")
