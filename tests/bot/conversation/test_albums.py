"""Several photos sent as one album get one answer, and none of them is lost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bot.playground import Person, Playground, Seen
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from engine.api import EngineAPI
from engine.results import Match
from handlers.i18n.texts import texts_in
from handlers.messages import media_groups
from tests.bot.harness import (
    TIMEOUT,
    ScriptedEngine,
    UpdateInjector,
    build_bot,
    jpeg,
    running_bot,
    wait_until_idle,
)

EN = texts_in("en")
CompleteAfter = Callable[[int], None]

pytestmark = pytest.mark.usefixtures("schema_checked")


@pytest.fixture(scope="session")
def pictures(photo: bytes) -> list[bytes]:
    """Three pictures."""
    noise = np.random.default_rng(3).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    return [photo, jpeg(Image.fromarray(noise)), jpeg(Image.new("RGB", (160, 120), (40, 90, 200)))]


@pytest.fixture
def complete_after(monkeypatch: pytest.MonkeyPatch) -> CompleteAfter:
    """Take an album for complete once it has so many pieces, instead of waiting for another one."""
    return partial(monkeypatch.setattr, media_groups, "MAX_MESSAGES")


def from_bot(person: Person) -> list[Seen]:
    return [seen for seen in person.messages if seen.from_bot]


@pytest.mark.parametrize("as_file", [False, True])
async def test_an_album_gets_one_list_and_one_album_of_best_matches(
    bot: KindredApplication,
    ada: Person,
    complete_after: CompleteAfter,
    playground: Playground,
    engine: EngineAPI,
    pictures: list[bytes],
    as_file: bool,
) -> None:
    if as_file:  # else the pause tells that the album is complete
        complete_after(4)
    questions = await ada.send_album([*pictures, pictures[0]], as_file=as_file)
    *album, said = await ada.replies(1 + 4, TIMEOUT)
    lines = [line for line in said.text.splitlines() if line[:2] in {"1.", "2.", "3.", "4."}]
    assert [line[:2] for line in lines] == ["1.", "2.", "3.", "4."]
    content = pictures[0] if as_file else playground.file(questions[0].photo)
    best = (await engine.captions(content))[0]
    assert ("i can't tell" if best.is_weak else best.text) in lines[0].lower()
    assert lines[0][2:] == lines[3][2:]
    assert said.reply_to == questions[0].id
    assert said.buttons == (("1", "2", "3", "4"), ("👍", "👎"))
    assert len({seen.photo for seen in album}) == len(album) == 4  # the fourth got the next best
    assert {seen.album for seen in album} == {album[0].album}
    assert re.search(r"\b4 \w+\.jpg", album[0].text)
    await wait_until_idle(bot)
    assert len(from_bot(ada)) == 5


@pytest.mark.usefixtures("bot")
async def test_an_unreadable_photo_of_an_album_has_an_error_line(
    ada: Person, pictures: list[bytes], complete_after: CompleteAfter
) -> None:
    complete_after(3)
    broken = pictures[0][: len(pictures[0]) // 2]
    await ada.send_album([pictures[1], broken, pictures[2]], as_file=True)
    *album, said = await ada.replies(1 + 2, TIMEOUT)
    (line,) = [line for line in said.text.splitlines() if line.startswith("2.")]
    assert "can't open" in line
    assert len(album) == 2
    assert re.search(r"\b3 \w+\.jpg", album[0].text)
    assert not re.search(r"\b2 \w+\.jpg", album[0].text)


@pytest.mark.usefixtures("scripted_bot")
async def test_albums_of_two_people_at_once_stay_apart(
    ada: Person, grace: Person, pictures: list[bytes], scripted: ScriptedEngine
) -> None:
    await asyncio.gather(ada.send_album(pictures), grace.send_album(pictures[:2]))
    for person, count in ((ada, 3), (grace, 2)):
        *album, said = await person.replies(1 + count, TIMEOUT)
        assert f"Your {count} photos" in said.text
        assert len(album) == count
    assert scripted.calls == [("describe",)] * 5


@pytest.mark.usefixtures("scripted_bot")
async def test_each_photo_of_an_album_gets_another_match(
    ada: Person, pictures: list[bytes], scripted: ScriptedEngine, complete_after: CompleteAfter
) -> None:
    complete_after(3)
    scripted.matches = (Match("1.jpg", 0.9), Match("2.jpg", 0.8))
    await ada.send_album(pictures)
    *album, _ = await ada.replies(1 + 2, TIMEOUT)
    assert album[0].text.splitlines()[1] == "Close: 1 1.jpg, 2 2.jpg"


def piece(message_id: int, file_id: str, group: str = "7") -> dict[str, Any]:
    size = {"file_id": file_id, "file_unique_id": file_id, "width": 9, "height": 9}
    return {"message_id": message_id, "media_group_id": group, "photo": [size]}


async def test_the_list_follows_the_order_of_sending_not_of_arrival(
    scripted_bot: KindredApplication,
    ada: Person,
    playground: Playground,
    photo: bytes,
    complete_after: CompleteAfter,
) -> None:
    complete_after(2)
    question = await ada.send_photo(photo)
    await ada.replies(11, TIMEOUT)
    injector = UpdateInjector(scripted_bot, ada)
    await asyncio.gather(*(injector.deliver(**piece(number, question.photo)) for number in (902, 901)))
    await ada.replies(11 + 1 + 2, TIMEOUT)
    told = [call for call in playground.call_log if "Your 2 photos" in call.parameters.get("text", "")]
    assert '"message_id": 901' in told[0].parameters["reply_parameters"]


async def test_a_late_photo_of_an_album_is_answered_alone(
    scripted_bot: KindredApplication, ada: Person, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_groups, "QUIET_PERIOD", 0.05)
    question = await ada.send_photo(photo)
    await ada.replies(11, TIMEOUT)
    injector = UpdateInjector(scripted_bot, ada)
    for number in (901, 902):
        await injector.deliver(**piece(number, question.photo))
        await ada.wait_for(lambda seen: "Your photo" in seen.text, TIMEOUT)
        await ada.replies(11 + 2 * (number - 900), TIMEOUT)
    assert sum("Your photo" in seen.text for seen in from_bot(ada)) == 2


async def test_an_album_that_keeps_growing_is_answered_after_the_longest_wait(
    scripted_bot: KindredApplication, ada: Person, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_groups, "QUIET_PERIOD", 1_000.0)
    monkeypatch.setattr(media_groups, "MAX_WAIT", 0.5)
    question = await ada.send_photo(photo)
    await ada.replies(11, TIMEOUT)
    injector = UpdateInjector(scripted_bot, ada)
    async with asyncio.timeout(TIMEOUT), asyncio.TaskGroup() as coming:
        for number in range(901, 909):
            coming.create_task(injector.deliver(**piece(number, question.photo)))
            await asyncio.sleep(0.1)
    told = [seen.text.split()[1] for seen in from_bot(ada) if seen.text.startswith("Your ")]
    assert sum(1 if count == "photo" else int(count) for count in told) == 8  # one alone is "Your photo"


@pytest.mark.usefixtures("scripted_bot")
async def test_ten_photos_are_a_complete_album(
    ada: Person, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_groups, "QUIET_PERIOD", 1_000.0)
    monkeypatch.setattr(media_groups, "MAX_WAIT", 1_000.0)
    await ada.send_album([photo] * 10)
    *_, said = await ada.replies(1 + 10, TIMEOUT)
    assert "Your 10 photos" in said.text


async def test_an_album_that_is_being_collected_when_the_bot_stops_is_answered(
    settings: Settings,
    playground: Playground,
    store: SQLiteStore,
    ada: Person,
    pictures: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(media_groups, "QUIET_PERIOD", 0.5)
    application = build_bot(settings, playground, ScriptedEngine(), store)
    async with running_bot(application, grace=TIMEOUT):
        await ada.send_album(pictures)
        async with asyncio.timeout(TIMEOUT):
            while "sendChatAction" not in {call.method for call in playground.call_log}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    *album, said = await ada.replies(1 + 3, 0.01)
    assert "Your 3 photos" in said.text
    assert len(album) == 3


async def test_an_album_without_pictures_is_declined_once(
    scripted_bot: KindredApplication, ada: Person, complete_after: CompleteAfter
) -> None:
    complete_after(3)
    await asyncio.gather(
        *(
            ada.send_other(document=document, media_group_id="9")  # type: ignore[arg-type]
            for document in [{"file_id": "A", "file_unique_id": "A", "mime_type": "application/pdf"}] * 3
        )
    )
    assert (await ada.replies(1, TIMEOUT))[0].text == EN("unsupported-message")
    await wait_until_idle(scripted_bot)
    assert len(from_bot(ada)) == 1


@pytest.mark.usefixtures("scripted_bot")
async def test_a_file_that_is_no_picture_has_an_error_line_in_its_album(
    ada: Person, photo: bytes, playground: Playground, complete_after: CompleteAfter
) -> None:
    complete_after(2)
    first, *_ = await ada.send_album([photo, b"some words"], as_file=True)
    *_, said = await ada.replies(1 + 2, TIMEOUT)
    video = {"file_id": "A", "file_unique_id": "A", "width": 1, "height": 1, "duration": 1}
    await ada.send_other(video=video, media_group_id="9")  # type: ignore[arg-type]
    await ada.send_other(document=first.wire["document"], media_group_id="9")
    *_, said = await ada.replies(1 + 1, TIMEOUT)
    assert f"1. {EN('not-a-picture')}" in said.text
    assert "2. A dog 0." in said.text


async def test_an_error_with_an_album_is_reported_once(
    scripted_bot: KindredApplication,
    ada: Person,
    pictures: list[bytes],
    scripted: ScriptedEngine,
    caplog: pytest.LogCaptureFixture,
    complete_after: CompleteAfter,
) -> None:
    complete_after(3)
    scripted.error = RuntimeError("secret detail")
    await ada.send_album(pictures)
    assert [seen.text for seen in await ada.replies(1, TIMEOUT)] == [EN("internal-error")]
    assert "secret detail" in caplog.text
    await wait_until_idle(scripted_bot)
    assert len(from_bot(ada)) == 1


@pytest.mark.usefixtures("scripted_bot")
async def test_a_photo_of_an_album_is_chosen_by_its_number(
    ada: Person, pictures: list[bytes], scripted: ScriptedEngine, complete_after: CompleteAfter
) -> None:
    complete_after(3)
    questions = await ada.send_album(pictures)
    *_, said = await ada.replies(3 + 1, TIMEOUT)
    await ada.press(said, "2", TIMEOUT)
    answer = await ada.wait_for(lambda seen: seen.reply_to == questions[1].id, TIMEOUT)
    assert answer.text == "A dog 0."
    assert answer.buttons[0] == (EN("button-more"), EN("button-caption"))
    assert not any(seen.text == EN("looking") for seen in ada.messages)  # the notice is gone again
    assert scripted.calls.count(("describe",)) == 4


@pytest.mark.usefixtures("scripted_bot")
async def test_a_thumb_under_an_albums_answer_counts(
    ada: Person, pictures: list[bytes], store: SQLiteStore, complete_after: CompleteAfter
) -> None:
    complete_after(3)
    await ada.send_album(pictures)
    *_, said = await ada.replies(1 + 3, TIMEOUT)
    await ada.press(said, "👍", TIMEOUT)
    assert await store.votes() == {"album": (1, 0)}
