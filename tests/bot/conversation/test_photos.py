"""Messages that show a picture, with a caption and without; and gallery images, which are uploaded once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from bot.playground import Exchange, Person, Playground, Seen
from bot.playground.people.attachments import StickerKind
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from engine.api import MATCHES, EngineAPI
from engine.errors import EmptyQueryError
from engine.results import Match
from handlers.i18n.texts import texts_in
from handlers.messages.chat_action import DELAY
from handlers.store import Preferences, StoreUnavailableError
from tests.bot.harness import TIMEOUT, ScriptedEngine, UpdateInjector, delayed

EN = texts_in("en")
STILL = EN("only-still")

pytestmark = pytest.mark.usefixtures("schema_checked")


@pytest_asyncio.fixture
async def injector(scripted_bot: KindredApplication, ada: Person, playground: Playground) -> UpdateInjector:
    await ada.say("/help")
    await ada.replies(timeout=TIMEOUT)
    return UpdateInjector(scripted_bot, ada)


def sent_albums(playground: Playground) -> list[Exchange]:
    return [call for call in playground.call_log if call.method in {"sendMediaGroup", "sendPhoto"}]


async def answered(ada: Person, question: Seen, size: int = MATCHES) -> tuple[Seen, ...]:
    """Wait for the album of a picture and the message under it; return the message first."""
    *album, said = await ada.replies(size + 1, TIMEOUT)
    assert said.reply_to == question.id
    assert all(seen.photo for seen in album)
    return said, *album


async def answered_whole(ada: Person, count: int) -> tuple[Seen, ...]:
    """Wait for an answer and until its handler has ended."""
    answer = await ada.replies(count, TIMEOUT)
    await ada.say("/help")
    await ada.replies(1, TIMEOUT)
    return answer


@pytest.mark.usefixtures("scripted_bot")
@pytest.mark.parametrize("kind", ["video", "animation", "animated sticker", "video sticker"])
async def test_the_thumbnail_of_a_moving_image_is_described_and_noted(
    ada: Person, scripted: ScriptedEngine, photo: bytes, kind: str
) -> None:
    if kind.endswith("sticker"):
        moves: StickerKind = "video" if kind.startswith("video") else "animated"
        question = await ada.send_sticker(b"moves", moves, photo)
    elif kind == "video":
        question = await ada.send_video(b"moves", photo)
    else:
        question = await ada.send_animation(b"moves", photo)
    said, *_ = await answered(ada, question)
    assert said.text.startswith(f"{STILL}\nA dog 0.")
    await ada.press(said, EN("button-caption"), TIMEOUT)
    again = await ada.wait_for(lambda seen: "A dog 1." in seen.text, TIMEOUT)
    assert again.text.startswith(STILL)


async def test_the_thumbnail_of_a_video_note_is_described(
    injector: UpdateInjector, ada: Person, playground: Playground, photo: bytes
) -> None:
    file_id = (await ada.send_photo(photo)).photo
    await ada.replies(1 + MATCHES, TIMEOUT)
    still = {"file_id": file_id, "file_unique_id": "A", "width": 90, "height": 90}
    await injector.deliver(
        video_note={"file_id": "A", "file_unique_id": "A", "length": 1, "duration": 1, "thumbnail": still}
    )
    said = [call for call in playground.call_log if call.method == "sendMessage"][-1]
    assert STILL in said.parameters["text"]


async def test_a_failed_download_is_reported(injector: UpdateInjector, playground: Playground) -> None:
    await injector.deliver(photo=[{"file_id": "gone", "file_unique_id": "A", "width": 90, "height": 90}])
    said = [call for call in playground.call_log if call.method == "sendMessage"][-1]
    assert said.parameters["text"] == EN("download-failed")


@pytest.mark.usefixtures("bot")
async def test_the_real_engine_describes_a_static_sticker(
    ada: Person, engine: EngineAPI, photo: bytes
) -> None:
    said, *_ = await answered(ada, await ada.send_sticker(photo), min(MATCHES, engine.gallery.size - 1))
    assert STILL not in said.text


@pytest.mark.usefixtures("scripted_bot")
async def test_the_caption_of_a_forwarded_photo_is_ignored(
    ada: Person, grace: Person, scripted: ScriptedEngine, photo: bytes
) -> None:
    original = await grace.send_photo(photo, caption="Read all about it")
    (passed,) = await ada.forward(original)
    await answered(ada, passed)
    assert scripted.calls[-1] == ("describe",)


@pytest.mark.usefixtures("scripted_bot")
@pytest.mark.parametrize("as_file", [False, True])
@pytest.mark.parametrize(
    ("words", "asked", "title"),
    [
        ("the cat", ("search_focused", "the cat"), "Like your photo, above all in the cat"),
        ("cat", ("search_focused", "cat"), "Like your photo, above all in cat"),
        ("- grass + beach", ("find", "- grass + beach", "photo"), "Like your photo, but - grass + beach"),
        ("+ snow", ("find", "+ snow", "photo"), "Like your photo, but + snow"),
        ("a t-shirt", ("search_focused", "a t-shirt"), "Like your photo, above all in a t-shirt"),
    ],
)
async def test_a_caption_focuses_the_search(
    ada: Person,
    scripted: ScriptedEngine,
    photo: bytes,
    words: str,
    asked: tuple[str, ...],
    title: str,
    as_file: bool,
) -> None:
    question = await ada.send_photo(photo, caption=words, as_file=as_file)
    said, album, *_ = await answered(ada, question)
    assert said.text.splitlines() == ["A dog 0.", title]
    assert title not in album.text
    assert asked in scripted.calls


@pytest.mark.usefixtures("scripted_bot")
async def test_a_reply_to_a_photo_focuses_the_search(
    ada: Person, scripted: ScriptedEngine, photo: bytes
) -> None:
    question = await ada.send_photo(photo)
    _, shown, *_ = await answered(ada, question)
    for original in (question, shown):  # a person's photo, and one of the bot's
        await ada.say("the cat", reply_to=original)
        said, *_ = await answered(ada, original)
        assert "above all in the cat" in said.text
        await ada.press(said, EN("button-more"), TIMEOUT)
        await ada.replies(MATCHES + 1, TIMEOUT)
    assert scripted.calls.count(("search_focused", "the cat")) == 4
    await ada.say("man:men::woman:?", reply_to=question)
    assert "is to women" in (await ada.replies(1, TIMEOUT))[0].text


@pytest.mark.usefixtures("bot")
async def test_the_real_engine_finds_other_images_for_other_captions(
    ada: Person, engine: EngineAPI, photo: bytes
) -> None:
    size = min(MATCHES, engine.gallery.size)
    orders = []
    for words in ("a cup of coffee", "- cat + rocket"):
        _, *album = await answered(ada, await ada.send_photo(photo, caption=words), size)
        orders.append([seen.photo for seen in album])
    assert orders[0] != orders[1]


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("words", "note"),
    [
        ("qwxz zzyzx", "photo-unknown-words"),
        ("שלום עולם", "photo-unknown-words"),
        ("😍😍", "photo-problem-no-description"),
        ("https://example.com", "photo-problem-address"),
        ("king is to mother", "photo-problem-incomplete-analogy"),
    ],
)
async def test_the_real_engine_says_why_it_ignores_a_caption(
    ada: Person, engine: EngineAPI, photo: bytes, words: str, note: str
) -> None:
    question = await ada.send_photo(photo, caption=words)
    said, *_ = await answered(ada, question, min(MATCHES, engine.gallery.size - 1))
    assert said.text.startswith(EN(note))


@pytest.mark.usefixtures("scripted_bot")
async def test_a_long_caption_is_ignored(ada: Person, scripted: ScriptedEngine, photo: bytes) -> None:
    await answered(ada, await ada.send_photo(photo, caption="once upon a time " * 50))
    assert scripted.calls == [("describe",)]


@pytest.mark.usefixtures("scripted_bot")
async def test_an_error_that_is_not_about_the_caption_is_reported(
    ada: Person, scripted: ScriptedEngine, photo: bytes
) -> None:
    scripted.error = EmptyQueryError("There is nothing to see.")
    await ada.send_photo(photo)
    assert (await ada.replies(1, TIMEOUT))[0].text == "There is nothing to see."


@pytest.mark.usefixtures("scripted_bot")
async def test_a_gallery_image_is_uploaded_once(
    ada: Person, scripted: ScriptedEngine, playground: Playground, store: SQLiteStore
) -> None:
    def uploads() -> list[int]:
        return [len(call.uploads) for call in sent_albums(playground)]

    for text, new in (("a dog", MATCHES), ("a dog", 0)):
        await ada.say(text)
        shown = await answered_whole(ada, 1 + MATCHES)
        assert uploads()[-1] == new
    first = await scripted.picture("0.jpg")
    assert await store.file_ids([first]) == (shown[0].photo,)
    scripted.matches = scripted.matches[5:9] + scripted.matches[50:53]
    await ada.say("some of them")
    await answered_whole(ada, 8)
    assert uploads()[-1] == 3
    media = json.loads(sent_albums(playground)[-1].parameters["media"])
    assert [item["media"].startswith("attach://") for item in media] == [False] * 4 + [True] * 3
    scripted.matches = scripted.matches[:1]
    await ada.say("one of them")
    await answered_whole(ada, 2)
    assert sent_albums(playground)[-1].method == "sendPhoto"
    assert uploads()[-1] == 0


@pytest.mark.usefixtures("scripted_bot")
@pytest.mark.parametrize("size", [1, 4])
async def test_lost_file_ids_are_replaced_at_once(
    ada: Person, scripted: ScriptedEngine, playground: Playground, size: int
) -> None:
    scripted.matches = scripted.matches[:size]
    for _ in range(2):
        await ada.say("a dog")
        await answered_whole(ada, 1 + size)
        playground.forget_files()
    await ada.say("a dog")
    await answered_whole(ada, 1 + size)
    outcomes = [(call.ok, len(call.uploads)) for call in sent_albums(playground)]
    assert outcomes == [(True, size), (False, 0), (True, size), (False, 0), (True, size)]
    await ada.say("a dog")
    await answered_whole(ada, 1 + size)
    assert (sent_albums(playground)[-1].ok, len(sent_albums(playground)[-1].uploads)) == (True, 0)


@pytest.mark.usefixtures("scripted_bot")
async def test_an_unusable_store_costs_an_upload_and_no_answer(
    ada: Person, store: SQLiteStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def full(*_: Any) -> Any:
        raise StoreUnavailableError("database or disk is full")

    monkeypatch.setattr(store, "file_ids", full)
    monkeypatch.setattr(store, "keep_file_ids", full)
    for _ in range(2):
        await ada.say("a dog")
        assert len(await ada.replies(1 + MATCHES, TIMEOUT)) == 1 + MATCHES
    assert "disk is full" in caplog.text
    monkeypatch.setattr(store, "keep_drawing", full)
    await ada.say("/map words")
    await ada.wait_for(lambda seen: seen.from_bot and bool(seen.photo) and not seen.album, TIMEOUT)
    word = await ada.say("boy")
    await ada.wait_for(lambda seen: seen.reply_to == word.id, TIMEOUT)
    assert not {EN("internal-error"), EN("store-unavailable")} & {seen.text for seen in ada.messages}


@pytest.mark.usefixtures("scripted_bot")
async def test_albums_obey_the_persons_preferences(
    ada: Person, store: SQLiteStore, playground: Playground, photo: bytes
) -> None:
    await ada.say("/help")
    await ada.replies(1, TIMEOUT)
    await store.keep_preferences(ada.id, Preferences(album=4, quiet=True))
    playground.call_log.clear()
    said, album, *_ = await answered(ada, await ada.send_photo(photo), 4)
    assert "Close: 1 0.jpg, 2 1.jpg, 3 2.jpg, 4 3.jpg" in album.text
    await ada.press(said, EN("button-more"), TIMEOUT)
    *_, page = await ada.replies(4 + 1, TIMEOUT)
    assert "(5–8)" in page.text
    await ada.press(said, EN("button-why"), TIMEOUT)
    await ada.replies(1, TIMEOUT)
    loud = [
        call.method
        for call in playground.call_log
        if call.method in {"sendMessage", "sendPhoto", "sendMediaGroup"}
        and call.parameters.get("disable_notification") != "true"
    ]
    assert not loud


@pytest.mark.usefixtures("scripted_bot")
async def test_weak_matches_are_marked(ada: Person, scripted: ScriptedEngine, photo: bytes) -> None:
    scripted.matches = tuple(Match(f"{n}.jpg", 0.1, confidence=0.1) for n in range(MATCHES))
    _, album, *_ = await answered(ada, await ada.send_photo(photo))
    assert EN("not-sure-photo") in album.text
    await ada.say("a dog running")
    album, *_ = await ada.replies(1 + MATCHES, TIMEOUT)
    assert EN("not-sure") in album.text


@pytest.mark.usefixtures("scripted_bot")
async def test_the_upload_action_comes_before_the_album(ada: Person, playground: Playground) -> None:
    await ada.say("a dog running")
    await answered_whole(ada, 1 + MATCHES)
    calls = [(call.method, call.parameters.get("action")) for call in playground.call_log]
    assert calls.index(("sendChatAction", "upload_photo")) < calls.index(("sendMediaGroup", None))


async def a_photo(ada: Person, photo: bytes) -> None:
    await ada.send_photo(photo)


async def a_photo_with_words(ada: Person, photo: bytes) -> None:
    await ada.send_photo(photo, caption="the cat")


async def an_album(ada: Person, photo: bytes) -> None:
    await ada.send_album([photo, photo])


async def a_description(ada: Person, _: bytes) -> None:
    await ada.say("a dog running")


async def a_word(ada: Person, _: bytes) -> None:
    await ada.say("/similar boy")


async def a_riddle(ada: Person, _: bytes) -> None:
    await ada.say("man:men::woman:?")


@pytest.mark.usefixtures("scripted_bot")
@pytest.mark.parametrize(
    "ask",
    [a_photo, a_photo_with_words, an_album, a_description, a_word, a_riddle],
    ids=lambda ask: ask.__name__,
)
async def test_a_chat_action_comes_before_the_answer(
    ada: Person,
    playground: Playground,
    scripted: ScriptedEngine,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[Person, bytes], Awaitable[None]],
) -> None:
    over = asyncio.Event()
    for verb in ("describe", "search_focused", "find", "similar", "analogy"):
        monkeypatch.setattr(scripted, verb, delayed(getattr(scripted, verb), over))
    await ask(ada, photo)
    async with asyncio.timeout(TIMEOUT):
        while not (signs := [call for call in playground.call_log if call.method == "sendChatAction"]):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert signs[0].ok
    assert DELAY < 1  # second: people see a sign by then
    over.set()
    await ada.replies(1, TIMEOUT)
