"""Inline mode: photos for what is typed in any chat, with and without a storage chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.playground import Group, Person, Playground
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from engine.results import Match
from handlers import inline_uploads
from handlers.i18n.texts import texts_in
from handlers.inline import MAX_RESULTS, PAGE_SIZE
from handlers.queries import deep_links
from tests.bot.harness import TIMEOUT, NewPerson, ScriptedEngine, build_bot, running_bot

EN = texts_in("en")

pytestmark = pytest.mark.usefixtures("schema_checked")


@pytest.fixture
def scripted(scripted: ScriptedEngine) -> ScriptedEngine:
    """The engine, with an address for each photo."""
    scripted.matches = tuple(
        Match(f"{n}.jpg", 0.5, f"https://example.org/{n}", 0.9 - n / 60) for n in range(60)
    )
    return scripted


@pytest.fixture
def storage(playground: Playground, ada: Person) -> Group:
    return playground.group("Storage", ada, with_bot=True)


@pytest_asyncio.fixture
async def storing_bot(
    settings: Settings, playground: Playground, scripted: ScriptedEngine, store: SQLiteStore, storage: Group
) -> AsyncIterator[KindredApplication]:
    """A bot with a storage chat."""
    application = build_bot(settings, playground, scripted, store, storage_chat=storage.id)
    async with running_bot(application, 5):
        yield application


@pytest.mark.usefixtures("storing_bot")
async def test_inline_results_have_photos_and_captions(
    ada: Person, grace: Person, playground: Playground, storage: Group
) -> None:
    shown = await ada.inline("dog running", timeout=TIMEOUT)
    assert len(shown.results) == PAGE_SIZE
    assert shown.button is None
    assert shown.personal  # the words are in Ada's language
    assert playground.file(shown.results[3].photo)
    there = playground.group("Elsewhere", ada, grace, with_bot=False)
    sent = await there.member(ada).choose(shown.results[0])
    assert sent.text == "“dog running” – fits well"
    assert sent.via_bot
    assert sent.entities[0]["url"] == "https://example.org/0"


@pytest.mark.usefixtures("storing_bot")
async def test_an_inline_result_sent_to_the_bot_is_described_without_its_caption(
    ada: Person, scripted: ScriptedEngine
) -> None:
    shown = await ada.inline("dog running", timeout=TIMEOUT)
    await ada.choose(shown.results[0])
    assert (await ada.replies(11, timeout=TIMEOUT))[0].text.startswith("Most like your photo\n")
    assert scripted.calls[-1] == ("describe",)


@pytest.mark.usefixtures("storing_bot")
async def test_gallery_images_are_uploaded_silently_and_once(
    ada: Person, playground: Playground, storage: Group
) -> None:
    await ada.inline("dog running", timeout=TIMEOUT)
    await ada.inline("dog runnin", timeout=TIMEOUT)
    brought = [call for call in playground.call_log if call.method == "sendMediaGroup"]
    assert len(brought) == 1
    assert brought[0].parameters["chat_id"] == str(storage.id)
    assert brought[0].parameters["disable_notification"] == "true"


@pytest.mark.usefixtures("storing_bot")
async def test_pages_follow_each_other_until_the_last(ada: Person) -> None:
    offset, ids = "", []
    while True:
        shown = await ada.inline("dog", offset, timeout=TIMEOUT)
        ids += [result.photo for result in shown.results]
        if not (offset := shown.next_offset):
            break
    assert len(ids) == len(set(ids)) == MAX_RESULTS


@pytest.mark.usefixtures("storing_bot")
@pytest.mark.parametrize("offset", ["x", "-1", "9" * 60, "99", "²"])
async def test_an_invalid_offset_is_harmless(ada: Person, offset: str) -> None:
    assert (await ada.inline("dog", offset, timeout=TIMEOUT)).next_offset in ("", str(PAGE_SIZE))


@pytest.mark.usefixtures("storing_bot")
async def test_a_single_image_is_uploaded(ada: Person, scripted: ScriptedEngine) -> None:
    scripted.matches = scripted.matches[:1]
    assert len((await ada.inline("dog", timeout=TIMEOUT)).results) == 1


@pytest.mark.usefixtures("scripted_bot")
async def test_without_a_storage_chat_only_cached_images_are_shown(ada: Person) -> None:
    shown = await ada.inline("dog running", timeout=TIMEOUT)
    assert not shown.results
    assert shown.button is not None
    assert deep_links.decode(shown.button["start_parameter"]) == "/find dog running"
    await ada.start(shown.button["start_parameter"])
    await ada.replies(11, timeout=TIMEOUT)
    known = await ada.inline("dog running!", timeout=TIMEOUT)
    assert len(known.results) == PAGE_SIZE
    assert known.button is None


@pytest.mark.usefixtures("scripted_bot")
async def test_an_empty_query_shows_cached_images(ada: Person, new_person: NewPerson) -> None:
    nothing = await ada.inline("", timeout=TIMEOUT)
    assert (len(nothing.results), nothing.button is not None) == (0, True)
    await ada.say("/map words")
    await ada.wait_for(lambda seen: bool(seen.photo), TIMEOUT)
    await ada.say("a dog running")
    album = [seen.photo for seen in (await ada.replies(11, timeout=TIMEOUT))[:-1]]
    shown = await new_person("Grace").inline(" ", timeout=TIMEOUT)
    assert {result.photo for result in shown.results} == set(album)  # and not the map
    assert not shown.personal


@pytest.mark.usefixtures("storing_bot")
async def test_lost_files_are_uploaded_again(ada: Person, playground: Playground) -> None:
    await ada.inline("dog", timeout=TIMEOUT)
    playground.forget_files()
    assert (await ada.inline("dogs", timeout=TIMEOUT)).button is not None
    assert len((await ada.inline("the dogs", timeout=TIMEOUT)).results) == PAGE_SIZE


@pytest.mark.usefixtures("storing_bot")
async def test_a_slow_upload_is_shown_at_the_next_query(
    ada: Person, playground: Playground, monkeypatch: pytest.MonkeyPatch, scripted: ScriptedEngine
) -> None:
    monkeypatch.setattr(inline_uploads, "UPLOAD_TIMEOUT", 0.0)
    shown = await ada.inline("dog", timeout=TIMEOUT)
    assert (shown.results, shown.button is not None) == ((), True)
    async with asyncio.timeout(TIMEOUT):
        while not (await ada.inline(f"dog{' ' * len(playground.call_log)}", timeout=TIMEOUT)).results:
            pass


@pytest.mark.usefixtures("storing_bot")
async def test_an_unusable_storage_chat_is_logged(
    ada: Person, storage: Group, caplog: pytest.LogCaptureFixture
) -> None:
    await storage.remove_bot()
    shown = await ada.inline("dog", timeout=TIMEOUT)
    assert shown.button is not None
    assert "KINDRED_STORAGE_CHAT takes no photos" in caplog.text


@pytest.mark.usefixtures("scripted_bot")
async def test_an_inline_query_is_translated(new_person: NewPerson, scripted: ScriptedEngine) -> None:
    await new_person("Hans", "de").inline("Hund", timeout=TIMEOUT)
    assert scripted.calls == [("find", "dog")]


@pytest.mark.usefixtures("scripted_bot")
async def test_an_unfinished_query_is_no_error(
    ada: Person, scripted: ScriptedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    for query in ("- ", "x" * 250, "\u200b"):
        assert not (await ada.inline(query, timeout=TIMEOUT)).results
    assert not caplog.records


async def test_an_inline_answer_that_is_too_late_is_dropped(
    settings: Settings, scripted: ScriptedEngine, store: SQLiteStore, caplog: pytest.LogCaptureFixture
) -> None:
    later = 0.0
    async with Playground(clock=lambda: 1_700_000_000 + later) as playground:
        asked, go_on = asyncio.Event(), asyncio.Event()
        find = scripted.find

        async def slow(text: str, count: int = 10, photo: bytes | None = None) -> tuple[Match, ...]:
            asked.set()
            await go_on.wait()
            return await find(text, count, photo)

        scripted.find = slow  # type: ignore[method-assign]
        ada = playground.person("Ada")
        async with running_bot(build_bot(settings, playground, scripted, store), 5):
            waiting = asyncio.create_task(ada.inline("dog", timeout=TIMEOUT))
            await asked.wait()
            later = 60.0
            go_on.set()
            await ada.say("/help")
            await ada.replies(timeout=TIMEOUT)
            waiting.cancel()
        late = [call for call in playground.call_log if call.method == "answerInlineQuery"]
        assert [call.ok for call in late] == [False]
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "WARNING")]
