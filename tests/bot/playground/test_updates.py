"""getUpdates follows Telegram's rules: offsets confirm, one poller at a time, allowed update types."""

from __future__ import annotations

import asyncio
import time

import pytest
from telegram import Bot
from telegram.error import Conflict

from bot.playground import Person, Playground
from tests.bot.playground.conftest import polling


def texts(updates: object) -> list[str]:
    return [update.effective_message.text for update in updates]  # type: ignore[attr-defined]


@pytest.fixture
async def three(playground: Playground) -> Person:
    person = playground.person("Ada")
    for word in ("one", "two", "three"):
        await person.say(word)
    return person


async def test_updates_stay_until_they_are_confirmed(bot: Bot, three: Person) -> None:
    first = await bot.get_updates()
    assert texts(first) == texts(await bot.get_updates()) == ["one", "two", "three"]
    assert [update.update_id - first[0].update_id for update in first] == [0, 1, 2]


async def test_an_offset_confirms_and_drops_everything_below_it(bot: Bot, three: Person) -> None:
    first = await bot.get_updates()
    assert texts(await bot.get_updates(first[1].update_id)) == ["two", "three"]
    assert texts(await bot.get_updates()) == ["two", "three"]
    assert texts(await bot.get_updates(first[2].update_id + 1)) == []
    assert texts(await bot.get_updates()) == []


async def test_a_negative_offset_keeps_the_last_and_forgets_the_rest(bot: Bot, three: Person) -> None:
    assert texts(await bot.get_updates(-2)) == ["two", "three"]
    assert texts(await bot.get_updates()) == ["two", "three"]


async def test_a_limit_cuts_but_confirms_nothing(bot: Bot, three: Person) -> None:
    assert texts(await bot.get_updates(limit=2)) == ["one", "two"]
    assert texts(await bot.get_updates()) == ["one", "two", "three"]


async def test_no_more_than_a_hundred_come_at_once(bot: Bot, three: Person) -> None:
    for number in range(120):
        await three.say(str(number))
    assert len(await bot.get_updates()) == 100


async def test_a_long_poll_ends_as_soon_as_something_arrives(
    playground: Playground, bot: Bot, ada: Person
) -> None:
    await bot.get_updates(-1)
    await bot.get_updates(2**31 - 1)
    poll = await polling(playground, bot)
    assert not poll.done()
    await ada.say("now")
    assert texts(await asyncio.wait_for(poll, 5)) == ["now"]


async def test_a_long_poll_ends_empty_handed_in_time(bot: Bot) -> None:
    started = time.monotonic()
    assert await bot.get_updates(timeout=1) == ()
    assert 0.9 < time.monotonic() - started < 10


async def test_a_second_poller_ends_the_first_with_a_conflict(playground: Playground, bot: Bot) -> None:
    first = await polling(playground, bot)
    async with Bot(playground.token, base_url=playground.base_url) as other:
        second = asyncio.create_task(other.get_updates(timeout=1))
        with pytest.raises(Conflict):
            await asyncio.wait_for(first, 5)
        assert await second == ()
    reply = playground.call_log[-2].reply
    assert reply["error_code"] == 409
    assert reply["description"] == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )


async def test_only_the_kinds_asked_for_come_until_others_are_asked_for(bot: Bot, ada: Person) -> None:
    await bot.get_updates(2**31 - 1, allowed_updates=["callback_query"])
    await ada.say("unheard")
    await bot.get_updates(allowed_updates=["message"])
    message = await ada.say("heard")
    await ada.edit(message, "an edit is another kind")
    assert texts(await bot.get_updates()) == ["heard"]


async def test_an_edit_comes_as_an_edit(bot: Bot, ada: Person) -> None:
    message = await ada.say("frist")
    await ada.edit(message, "first")
    update = (await bot.get_updates())[-1]
    assert update.message is None
    assert update.edited_message is not None
    assert (update.edited_message.text, update.edited_message.edit_date is None) == ("first", False)


async def test_waiting_updates_are_dropped_on_demand(bot: Bot, three: Person) -> None:
    await bot.delete_webhook(drop_pending_updates=True)
    assert texts(await bot.get_updates()) == []


async def test_closing_the_playground_ends_a_long_poll_at_once(playground: Playground, bot: Bot) -> None:
    poll = await polling(playground, bot)
    started = time.monotonic()
    await playground.__aexit__(None, None, None)
    assert await poll == ()
    assert time.monotonic() - started < 10
