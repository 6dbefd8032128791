"""Updates that no person of the playground can send, and errors of a scripted engine."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.playground import Exchange, Person, Playground
from bot.playground.methods.registry import METHODS
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from bot.updates.parsing import parse_update
from engine.errors import BusyError, EngineError, UnknownWordError
from engine.results import Description, Match
from handlers.i18n.errors import error_sentence
from handlers.i18n.texts import texts_in
from handlers.messages import chat_action
from handlers.messages.downloads import MAX_DOWNLOAD_BYTES, content_of
from tests.bot.harness import TIMEOUT, NewPerson, ScriptedEngine, UpdateInjector, build_bot, running_bot

EN = texts_in("en")


@pytest_asyncio.fixture
async def injector(scripted_bot: KindredApplication, ada: Person, playground: Playground) -> UpdateInjector:
    await ada.say("/help")  # Telegram knows no chat with somebody who has said nothing yet
    await ada.replies(timeout=TIMEOUT)
    await scripted_bot.bot.get_me()  # by now the answer is in the record of traffic, too
    playground.call_log.clear()
    return UpdateInjector(scripted_bot, ada)


def sent(playground: Playground) -> list[Exchange]:
    return [
        call
        for call in playground.call_log
        if call.method.startswith("send") and call.method != "sendChatAction"
    ]


def texts(playground: Playground) -> list[str]:
    return [call.parameters.get("text", "") for call in sent(playground)]


def document(**fields: Any) -> dict[str, Any]:
    return {"file_id": "AAA", "file_unique_id": "A", **fields}


UNTAKEABLE: dict[str, dict[str, Any]] = {
    "video": {"video": document(width=1, height=1, duration=1)},
    "round video": {"video_note": document(length=1, duration=1)},
    "voice": {"voice": document(duration=1)},
    "music": {"audio": document(duration=1)},
    "place": {"location": {"latitude": 1.0, "longitude": 1.0}},
    "contact": {"contact": {"phone_number": "1", "first_name": "Bob"}},
    "dice": {"dice": {"emoji": "🎲", "value": 1}},
    "animation": {
        "animation": document(width=1, height=1, duration=1),
        "document": document(mime_type="image/gif", file_name="a.gif"),
    },
    "moving sticker": {
        "sticker": document(width=1, height=1, type="regular", is_animated=True, is_video=False),
    },
    "video sticker": {
        "sticker": document(width=1, height=1, type="regular", is_animated=False, is_video=True),
    },
    "file": {"document": document(mime_type="application/pdf", file_name="a.pdf")},
    "nameless file": {"document": document()},
    "poll": {
        "poll": {
            "id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
            "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
            "allows_revoting": False, "members_only": False,
        }
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", UNTAKEABLE)
async def test_an_unsupported_message_gets_one_sentence(
    injector: UpdateInjector, playground: Playground, kind: str
) -> None:
    await injector.deliver(**UNTAKEABLE[kind])
    assert texts(playground) == [EN("unsupported-message")]


async def test_the_largest_copy_of_a_photo_is_fetched(
    injector: UpdateInjector, playground: Playground
) -> None:
    sizes = [("small", 90), ("large", 1280), ("middle", 320)]
    await injector.deliver(
        photo=[{**document(width=side, height=side), "file_id": name} for name, side in sizes]
    )
    (fetched,) = [call for call in playground.call_log if call.method == "getFile"]
    assert fetched.parameters["file_id"] == "large"


async def test_a_file_over_the_limit_is_declined_before_it_is_fetched(
    injector: UpdateInjector, playground: Playground
) -> None:
    await injector.deliver(document=document(mime_type="image/png", file_size=MAX_DOWNLOAD_BYTES + 1))
    assert texts(playground) == [EN("file-too-large")]
    assert "getFile" not in {call.method for call in playground.call_log}
    await injector.deliver(document=document(mime_type="image/png", file_size=MAX_DOWNLOAD_BYTES))
    assert "getFile" in {call.method for call in playground.call_log}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("a dog running", ("search_focused", "a dog running")),
        ("/tags", ("tags",)),
        ("/caption", ("describe",)),
    ],
)
async def test_a_reply_to_a_photo_of_another_chat_is_about_that_photo(
    injector: UpdateInjector,
    scripted: ScriptedEngine,
    playground: Playground,
    ada: Person,
    photo: bytes,
    text: str,
    asked: tuple[str, ...],
) -> None:
    await ada.send_photo(photo)
    await ada.replies(11, timeout=TIMEOUT)
    (fetched,) = [call for call in playground.call_log if call.method == "getFile"]
    scripted.calls.clear()
    user = {"id": 5, "is_bot": False, "first_name": "Grace"}
    elsewhere = {
        "origin": {"type": "user", "date": 1, "sender_user": user},
        "photo": [document(width=320, height=320) | {"file_id": fetched.parameters["file_id"]}],
    }
    entities = [{"type": "bot_command", "offset": 0, "length": len(text)}] if text[0] == "/" else []
    await injector.deliver(text=text, entities=entities, external_reply=elsewhere)
    assert asked in scripted.calls


async def test_a_photo_on_the_disk_of_a_local_server_is_read_there(
    scripted_bot: KindredApplication,
    injector: UpdateInjector,
    playground: Playground,
    photo: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    file = tmp_path / "file_0.jpg"
    file.write_bytes(photo)
    ids = {"file_id": "AAA", "file_unique_id": "A"}

    async def get_file(*_: Any) -> dict[str, Any]:
        return ids | {"file_path": str(file)}

    monkeypatch.setitem(METHODS, "getfile", get_file)
    picture = [document(width=451, height=300)]
    await injector.deliver(photo=picture)
    assert any("A dog" in text for text in texts(playground))
    file.unlink()
    playground.call_log.clear()
    await injector.deliver(photo=picture)
    assert texts(playground) == [EN("download-failed")]
    assert "runs with --local, and its file file_0.jpg cannot be read" in caplog.text
    with file.open("wb") as large:
        large.truncate(MAX_DOWNLOAD_BYTES + 1)
    playground.call_log.clear()
    await injector.deliver(photo=picture)
    assert texts(playground) == [EN("file-too-large")]


async def test_a_photo_comes_from_the_server_even_if_the_working_folder_has_a_file_of_its_name(
    scripted_bot: KindredApplication,
    playground: Playground,
    ada: Person,
    photo: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await ada.send_photo(photo)
    await ada.replies(11, timeout=TIMEOUT)
    (fetched,) = [call for call in playground.call_log if call.method == "getFile"]
    bot, file_id = scripted_bot.bot, fetched.parameters["file_id"]
    address = (await bot.get_file(file_id)).file_path or ""
    content = await content_of(await bot.get_file(file_id))
    monkeypatch.chdir(tmp_path)
    of_its_name = tmp_path / address.removeprefix(f"{bot.base_file_url}/")
    of_its_name.parent.mkdir(parents=True, exist_ok=True)
    of_its_name.write_bytes(b"a file of this folder")
    assert await content_of(await bot.get_file(file_id)) == content


@pytest.mark.parametrize(
    "poll",
    [
        {"id": "1", "question": "?", "options": [], "type": "regular", "is_closed": False},  # an old server's
        "not even an object",
    ],
)
async def test_a_message_whose_poll_cannot_be_read_is_answered(
    scripted_bot: KindredApplication, ada: Person, poll: Any
) -> None:
    chat = {"id": ada.id, "type": "private", "first_name": "Ada"}
    message = {"message_id": 7, "date": 1_700_000_000, "chat": chat, "from": chat | {"is_bot": False}}
    update = parse_update({"update_id": 7, "message": message | {"poll": poll}}, scripted_bot.bot)
    assert update is not None
    await ada.start()
    await ada.replies(timeout=TIMEOUT)
    await scripted_bot.process_update(update)
    assert ada.messages[-1].text == EN("unsupported-message")
    assert parse_update({"update_id": 8, "message": message | {"chat": "nobody"}}, scripted_bot.bot) is None


async def test_a_text_longer_than_telegrams_maximum_is_reported(
    injector: UpdateInjector, playground: Playground
) -> None:
    await injector.deliver(text="x" * 5_000)
    assert len(texts(playground)) == 1
    assert "too long: 5,000 characters" in texts(playground)[0]


@pytest.mark.parametrize("kind", ["edited_message", "channel_post", "edited_channel_post"])
async def test_edits_and_channel_posts_are_ignored(
    injector: UpdateInjector, playground: Playground, kind: str
) -> None:
    command = {"type": "bot_command", "offset": 0, "length": 5}
    await injector.deliver(kind, text="/help", entities=[command])
    await injector.deliver(kind, text="boy")
    await injector.deliver(kind, photo=[document(width=1, height=1)])
    await injector.deliver(kind, **UNTAKEABLE["voice"])
    assert sent(playground) == []


async def test_service_messages_are_ignored(injector: UpdateInjector, playground: Playground) -> None:
    await injector.deliver(new_chat_title="Ada")
    await injector.deliver(delete_chat_photo=True)
    assert sent(playground) == []


async def test_a_single_match_is_sent_as_a_photo(
    injector: UpdateInjector, scripted: ScriptedEngine, playground: Playground
) -> None:
    scripted.matches = (Match("1.jpg", 0.9, "https://example.org/1"),)
    await injector.deliver(text="a dog running")
    answer, said = sent(playground)
    assert (answer.method, said.method) == ("sendPhoto", "sendMessage")
    assert "https://example.org/1" in answer.parameters["caption"]
    assert answer.ok


async def test_a_plain_word_without_a_vector_is_searched_for(
    injector: UpdateInjector, playground: Playground
) -> None:
    await injector.deliver(text="zebra")
    answer, said = sent(playground)
    assert (answer.method, said.method) == ("sendMediaGroup", "sendMessage")
    assert "<code>zebra</code>" in said.parameters["text"]
    assert "zebra" not in answer.parameters["media"]  # once is enough


async def test_answers_have_no_link_preview(injector: UpdateInjector, playground: Playground) -> None:
    await injector.deliver(text="boy")
    (answer,) = sent(playground)
    assert json.loads(answer.parameters["link_preview_options"])["is_disabled"]


async def test_a_search_without_matches_is_a_sentence(
    injector: UpdateInjector, scripted: ScriptedEngine, playground: Playground
) -> None:
    scripted.matches = ()
    await injector.deliver(text="a dog running")
    (answer,) = sent(playground)
    assert answer.method == "sendMessage"
    assert "no photos" in answer.parameters["text"]
    assert "reply_markup" not in answer.parameters


async def test_a_press_too_late_to_acknowledge_is_answered(
    injector: UpdateInjector, ada: Person, playground: Playground
) -> None:
    me = {"id": 1, "is_bot": True, "first_name": "Kindred"}
    chat = {"id": ada.id, "type": "private", "first_name": "Ada"}
    old = {"message_id": 5, "date": 1_700_000_000, "chat": chat, "from": me, "text": "Hello"}
    await injector.deliver("callback_query", id="1", chat_instance="1", data="try:word", message=old)
    (late,) = [call for call in playground.call_log if call.method == "answerCallbackQuery"]
    assert not late.ok
    assert "Words close to" in texts(playground)[0]


@pytest.mark.usefixtures("injector")
async def test_an_unknown_button_has_expired(scripted_bot: KindredApplication, ada: Person) -> None:
    for data in ("more:1", "try:", "try:nothing", "word", "try:word:2"):
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Press", callback_data=data)]])
        await scripted_bot.bot.send_message(ada.id, "Old message", reply_markup=keyboard)
        answer = await ada.press(ada.messages[-1], "Press", timeout=TIMEOUT)
        assert answer.alert
        assert answer.text == EN("expired")


async def test_a_press_on_an_inaccessible_message_has_expired(
    injector: UpdateInjector, ada: Person, playground: Playground
) -> None:
    person = {"id": ada.id, "is_bot": False, "first_name": "Ada"}
    gone = {"chat": {"id": ada.id, "type": "private"}, "message_id": 5, "date": 0}
    press = {"id": "1", "from": person, "chat_instance": "1", "data": "try:word"}
    for message in ({}, {"message": gone}):
        await injector.deliver("callback_query", **press, **message)
    answers = [call for call in playground.call_log if call.method == "answerCallbackQuery"]
    assert [call.parameters["text"] for call in answers] == [EN("expired"), EN("expired")]


@pytest.mark.parametrize("error", [BusyError(), UnknownWordError("boi", ("boy",)), UnknownWordError("<b>")])
async def test_an_engine_error_is_shown_as_its_sentence(
    scripted_bot: KindredApplication, scripted: ScriptedEngine, ada: Person, error: EngineError
) -> None:
    scripted.error = error
    await ada.say("/similar boi")
    assert (await ada.replies(timeout=TIMEOUT))[0].text == error_sentence(error)
    scripted.error = None
    await ada.say("/similar boy")
    assert "girl" in (await ada.replies(timeout=TIMEOUT))[0].text


async def test_an_unexpected_error_is_logged_and_answered_with_one_sentence(
    injector: UpdateInjector,
    scripted: ScriptedEngine,
    playground: Playground,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for error in (RuntimeError("secret detail"), BadRequest("Message is wrong")):
        playground.call_log.clear()
        scripted.error = error
        await injector.deliver(text="boy")
        assert texts(playground) == [EN("internal-error")]
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        (Forbidden, "bot was blocked by the user"),
        (RetryAfter, 5),
        (BadRequest, "Chat not found"),
        (BadRequest, "Not enough rights to send text messages to the chat"),
        (BadRequest, "TOPIC_CLOSED"),
    ],
)
async def test_a_refused_message_is_one_warning(
    injector: UpdateInjector,
    scripted: ScriptedEngine,
    playground: Playground,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[TelegramError],
    argument: Any,
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    scripted.error = kind(argument)
    await injector.deliver(text="boy")
    assert sent(playground) == []
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.levelname == "WARNING"
    assert record.exc_info is None


@pytest.mark.parametrize(
    "reason", ["Not enough rights to send photos to the chat", "CHAT_SEND_PHOTOS_FORBIDDEN"]
)
async def test_a_group_where_the_bot_may_send_no_photos_is_told(
    injector: UpdateInjector,
    scripted: ScriptedEngine,
    playground: Playground,
    caplog: pytest.LogCaptureFixture,
    reason: str,
) -> None:
    scripted.error = BadRequest(reason)
    await injector.deliver(text="boy")
    assert texts(playground) == [EN("photos-not-allowed")]
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("error", [TimedOut(), NetworkError("down")])
async def test_after_a_network_error_people_are_told_to_ask_again(
    injector: UpdateInjector, scripted: ScriptedEngine, playground: Playground, error: TelegramError
) -> None:
    scripted.error = error
    await injector.deliver(text="boy")
    assert texts(playground) == [EN("network-error")]


async def test_the_chat_action_is_renewed_while_a_photo_is_answered(
    scripted_bot: KindredApplication,
    scripted: ScriptedEngine,
    ada: Person,
    playground: Playground,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chat_action, "RENEWAL_INTERVAL", 0.01)
    enough = asyncio.Event()

    async def held(content: bytes, count: int = 10, captions: int = 1) -> Description:
        await enough.wait()
        return Description((), ())

    monkeypatch.setattr(scripted, "describe", held)
    await ada.send_photo(photo)
    async with asyncio.timeout(TIMEOUT):
        while [call.method for call in playground.call_log].count("sendChatAction") < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    enough.set()
    assert (await ada.replies(timeout=TIMEOUT))[0].text


async def test_waiting_photos_do_not_delay_another_person(
    scripted_bot: KindredApplication,
    scripted: ScriptedEngine,
    new_person: NewPerson,
    ada: Person,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    helped = asyncio.Event()

    async def held(content: bytes, count: int = 10, captions: int = 1) -> Description:
        await helped.wait()
        return Description((), ())

    monkeypatch.setattr(scripted, "describe", held)
    for _ in range(5):
        await ada.send_photo(photo)
    bob = new_person("Bob")
    await bob.say("/help")
    assert "Send me any photo" in (await bob.replies(timeout=TIMEOUT))[0].text
    helped.set()
    async with asyncio.timeout(TIMEOUT):
        while sum(seen.from_bot for seen in ada.messages) < 5:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_answers_in_progress_are_finished_at_shutdown(
    settings: Settings,
    playground: Playground,
    store: SQLiteStore,
    ada: Person,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scripted = ScriptedEngine()
    asked = asyncio.Event()

    async def slow(content: bytes, count: int = 10, captions: int = 1) -> Description:
        asked.set()
        await asyncio.sleep(0.2)
        return Description((), ())

    monkeypatch.setattr(scripted, "describe", slow)
    async with running_bot(build_bot(settings, playground, scripted, store), grace=5):
        await ada.send_photo(photo)
        await asked.wait()
    assert len(await ada.replies(timeout=0.01)) == 1


async def test_an_endless_answer_does_not_block_shutdown(
    settings: Settings,
    playground: Playground,
    store: SQLiteStore,
    ada: Person,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scripted = ScriptedEngine()
    asked, over = asyncio.Event(), asyncio.Event()

    async def endless(content: bytes, count: int = 10, captions: int = 1) -> Description:
        asked.set()
        await over.wait()
        raise Forbidden("too late")

    monkeypatch.setattr(scripted, "describe", endless)
    async with asyncio.timeout(TIMEOUT):
        async with running_bot(build_bot(settings, playground, scripted, store), grace=0.1):
            await ada.send_photo(photo)
            await asked.wait()
    over.set()
