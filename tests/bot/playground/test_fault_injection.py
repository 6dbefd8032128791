"""Injected faults: floods, errors, slow replies, cut connections; and the bot's message rates."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import Any

import pytest
from telegram import Bot, InputMediaPhoto
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.playground import Person, Playground
from tests.bot.playground.conftest import picture

pytestmark = pytest.mark.usefixtures("checked_against_schema")


@pytest.fixture(autouse=True)
def timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """PTB 22.8 warns at each flood that its seconds will change their type."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


def said(ada: Person) -> list[str]:
    return [seen.text for seen in ada.messages if seen.from_bot]


async def outcome(call: Any) -> str:
    try:
        await call
    except TelegramError as error:
        return type(error).__name__
    return "ok"


async def test_a_flood_names_its_seconds_and_is_over_after_the_calls_asked_for(
    playground: Playground, bot: Bot, ada: Person
) -> None:
    playground.faults.next("flood", "sendMessage", 2, seconds=7)
    for _ in range(2):
        with pytest.raises(RetryAfter) as flood:
            await bot.send_message(ada.id, "hi")
        assert playground.call_log[-1].reply == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 7",
            "parameters": {"retry_after": 7},
        }
        assert str(flood.value) == "Flood control exceeded. Retry in 0:00:07"
        assert await bot.send_chat_action(ada.id, "typing")  # another method
    assert await bot.send_message(ada.id, "hi")
    assert said(ada) == ["hi"]


async def test_a_refusal_that_nobody_waits_for_any_more_is_no_complaint(
    playground: Playground, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    playground.faults.next("slow", "sendMessage", seconds=0.3)
    with pytest.raises(TimedOut):
        await bot.send_message(404, "hi", read_timeout=0.05)
    await asyncio.sleep(0.5)
    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_a_flood_amid_an_album_is_a_bad_request_and_part_of_it_is_there(
    playground: Playground, bot: Bot, ada: Person
) -> None:
    album = [InputMediaPhoto(picture(hue=30 * n)) for n in range(4)]
    playground.faults.next("album_flood", seconds=8, sent=2)
    await bot.send_message(ada.id, "floods of albums touch nothing else")
    with pytest.raises(BadRequest, match="retry after 8"):
        await bot.send_media_group(ada.id, album)
    assert (playground.call_log[-1].reply["error_code"], len(ada.messages)) == (400, 4)
    assert len(await bot.send_media_group(ada.id, album)) == 4


async def test_an_error_does_nothing(playground: Playground, bot: Bot, ada: Person) -> None:
    playground.faults.next("error")
    with pytest.raises(NetworkError, match="Internal Server Error"):
        await bot.send_message(ada.id, "hi")
    assert playground.call_log[-1].reply["error_code"] == 500
    assert said(ada) == []


async def test_a_slow_answer_may_come_too_late_for_work_that_was_done(
    playground: Playground, bot: Bot, ada: Person
) -> None:
    playground.faults.next("slow", "sendMessage", seconds=0.3)
    started = time.monotonic()
    with pytest.raises(TimedOut):
        await bot.send_message(ada.id, "hi", read_timeout=0.1)
    await ada.wait_for(lambda seen: seen.text == "hi")
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize(("kind", "done"), [("cut_before", []), ("cut_after", ["hi"])])
async def test_a_line_is_cut_before_or_after_the_work(
    playground: Playground, bot: Bot, ada: Person, kind: Any, done: list[str]
) -> None:
    playground.faults.next(kind, "sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(ada.id, "hi")
    assert said(ada) == done
    assert playground.call_log[-1].fault == kind
    assert await bot.send_message(ada.id, "again")


@pytest.mark.parametrize("kind", ["error", "cut_before"])
async def test_fetching_a_file_fails_when_asked_to(
    playground: Playground, bot: Bot, ada: Person, kind: Any
) -> None:
    file = await bot.get_file((await ada.send_photo(picture())).photo)
    playground.faults.next("error", "sendMessage")
    playground.faults.next(kind, "download")
    with pytest.raises(NetworkError):
        await file.download_as_bytearray()
    assert await file.download_as_bytearray()


async def test_chance_is_the_same_for_the_same_seed(playground: Playground, bot: Bot, ada: Person) -> None:
    runs = []
    for seed in (7, 7, 8):
        playground.faults.at_random(seed, ["sendMessage"], error=0.3, cut_after=0.2, flood=0.1)
        runs.append([await outcome(bot.send_message(ada.id, str(n))) for n in range(30)])
        assert await bot.send_chat_action(ada.id, "typing")
    assert runs[0] == runs[1] != runs[2]
    assert {"ok", "NetworkError", "RetryAfter"} <= set(runs[0] + runs[2])
    playground.faults.clear()
    assert await outcome(bot.send_message(ada.id, "hi")) == "ok"
    with pytest.raises(ValueError, match="no such faults: smell"):
        playground.faults.at_random(7, smell=1)


async def test_polls_go_wrong_only_if_they_are_named(playground: Playground, bot: Bot) -> None:
    playground.faults.at_random(1, error=1)
    await bot.get_updates()
    playground.faults.next("error", "getUpdates")
    with pytest.raises(NetworkError):
        await bot.get_updates()


async def test_limits_are_kept_or_the_breach_is_named(playground: Playground, ada: Person) -> None:
    now = 1000.0
    async with Playground(clock=lambda: now) as playground:
        ada, grace = playground.person("Ada"), playground.person("Grace")
        await ada.say("/start")
        await grace.say("/start")
        group = playground.group("Friends", ada)
        async with Bot(playground.token, base_url=playground.base_url) as bot:
            await bot.send_media_group(ada.id, [InputMediaPhoto(picture())] * 10)
            await bot.send_media_group(grace.id, [InputMediaPhoto(picture())] * 10)
            assert playground.rates.most(1) == 20
            assert playground.rates.breaches() == []
            await bot.send_message(ada.id, "too fast")
            now += 1
            for _ in range(21):
                await bot.send_message(group.id, "hi")
                now += 2.5
        assert [playground.rates.most(1, one.id) for one in (ada, grace)] == [11, 10]
        assert playground.rates.breaches() == [
            f"a chat ({ada.id}): 2 in 1 s, not 1",
            f"a group ({group.id}): 21 in 60 s, not 20",
        ]


async def test_enforced_limits_refuse_what_is_too_fast() -> None:
    now = 1000.0
    async with Playground(clock=lambda: now) as playground:
        people = [playground.person(f"Person {n}") for n in range(31)]
        for person in people:
            await person.say("/start")
        group = playground.group("Friends", people[0])
        playground.rates.enforced = True
        async with Bot(playground.token, base_url=playground.base_url) as bot:
            results = await asyncio.gather(*(outcome(bot.send_message(one.id, "hi")) for one in people))
            assert (results.count("ok"), results.count("RetryAfter")) == (30, 1)
            now += 1
            both = await asyncio.gather(*(outcome(bot.send_photo(people[0].id, picture())) for _ in range(2)))
            assert sorted(both) == ["RetryAfter", "ok"]
            now += 1
            for number in range(20):
                assert await outcome(bot.send_message(group.id, str(number))) == "ok"
                assert await outcome(bot.send_message(group.id, str(number))) == "RetryAfter"
                now += 1
            with pytest.raises(RetryAfter):
                await bot.send_message(group.id, "the 21st")
            wait = playground.call_log[-1].reply["parameters"]["retry_after"]
            assert wait == 40
            now += wait
            assert await outcome(bot.send_message(group.id, "the 21st")) == "ok"
        assert playground.rates.breaches() == []
