"""The buttons under answers: the real bot over HTTP, mostly with a scripted engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.playground import Person, Playground, Seen
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from engine.api import CAPTIONS, MATCHES, EngineAPI
from engine.results import Caption, Match
from handlers.i18n.texts import texts_in
from handlers.keyboards.callback_data import MAX_PAGES, Action, ButtonAction, SubjectKind
from handlers.store import StoreUnavailableError
from tests.bot.harness import (
    TIMEOUT,
    NewPerson,
    ScriptedEngine,
    UpdateInjector,
    build_bot,
    delayed,
    running_bot,
)

EN = texts_in("en")
MORE, NEXT, LIKE, BACK = EN("button-more"), EN("button-next"), EN("button-pick"), EN("button-close")
CAPTION, WHY, TAGS = EN("button-caption"), EN("button-why"), EN("button-tags")
UP, DOWN = "👍", "👎"

pytestmark = pytest.mark.usefixtures("schema_checked")


@dataclass
class Chat:
    """A person in a chat, and short names for what they do."""

    person: Person
    playground: Playground

    async def ask(self, text: str) -> Seen:
        """Ask for photos; the answer is the message with the buttons."""
        await self.person.say(text)
        return (await self.person.replies(MATCHES + 1, TIMEOUT))[-1]

    async def show(self, photo: bytes, words: str = "") -> Seen:
        await self.person.send_photo(photo, caption=words)
        return (await self.person.replies(MATCHES + 1, TIMEOUT))[-1]

    async def press(self, message: Seen, button: str, count: int) -> tuple[Seen, ...]:
        """Press a button and wait for so many messages."""
        await self.person.press(message, button, TIMEOUT)
        return await self.person.replies(count, TIMEOUT)

    async def until(self, message: Seen, *gone: str) -> Seen:
        """Wait until buttons are gone from a message."""
        return await self.person.wait_for(
            lambda seen: seen.id == message.id and not set(gone) & seen.data.keys(), TIMEOUT
        )

    async def changed(self, message: Seen, button: str) -> Seen:
        """Wait until a button says something else, or is gone."""
        return await self.person.wait_for(
            lambda seen: seen.id == message.id and seen.data.get(button) != message.data[button], TIMEOUT
        )

    async def with_button(self, message: Seen, button: str) -> Seen:
        return await self.person.wait_for(lambda seen: seen.id == message.id and button in seen.data, TIMEOUT)

    def now(self, message: Seen) -> Seen:
        return next(seen for seen in self.person.messages if seen.id == message.id)

    def from_bot(self) -> int:
        return sum(seen.from_bot for seen in self.person.messages)


@pytest.fixture
def chat(ada: Person, playground: Playground) -> Chat:
    return Chat(ada, playground)


@pytest_asyncio.fixture
async def scripted_chat(scripted_bot: KindredApplication, chat: Chat) -> AsyncIterator[Chat]:
    yield chat


async def test_an_answer_to_a_photo_has_its_keyboard(scripted_chat: Chat, photo: bytes) -> None:
    answer = await scripted_chat.show(photo)
    assert answer.buttons == ((MORE, CAPTION), (WHY, TAGS), (UP, DOWN))
    assert answer.text == "A dog 0."


async def test_a_search_result_has_its_keyboard(scripted_chat: Chat) -> None:
    assert (await scripted_chat.ask("a dog running")).buttons == ((NEXT, LIKE), (UP, DOWN))


@pytest.mark.parametrize("words", ["", "the dog", "- grass + beach"])
async def test_pages_follow_each_other_up_to_the_last(
    scripted_chat: Chat, scripted: ScriptedEngine, photo: bytes, words: str
) -> None:
    answer = await scripted_chat.show(photo, words)
    photo_message = answer.reply_to
    for page in range(1, MAX_PAGES):
        *album, following = await scripted_chat.press(answer, MORE, MATCHES + 1)
        assert len({item.album for item in album}) == 1
        assert f"({10 * page + 1}–{10 * page + 10})" in following.text
        assert words in following.text
        assert following.reply_to == photo_message
        assert MORE not in (await scripted_chat.until(answer, MORE)).data
        answer = following
    assert MORE not in answer.data
    method = "find" if "+" in words else "search_focused" if words else "describe"
    assert [call[0] for call in scripted.calls].count(method) == MAX_PAGES


async def test_the_last_page_of_a_small_gallery_has_no_next_button(
    scripted_chat: Chat, scripted: ScriptedEngine
) -> None:
    scripted.matches = scripted.matches[:13]
    answer = await scripted_chat.ask("a dog running")
    *_, last = await scripted_chat.press(answer, NEXT, 3 + 1)
    assert last.buttons == ((LIKE,),)
    assert (await scripted_chat.until(answer, NEXT)).buttons == ((LIKE,), (UP, DOWN))


async def test_captions_rotate_in_place(scripted_chat: Chat, photo: bytes) -> None:
    answer = await scripted_chat.show(photo)
    before = scripted_chat.from_bot()
    for number in (1, 2, 0, 1):
        await scripted_chat.person.press(answer, CAPTION, TIMEOUT)
        shown = await scripted_chat.person.wait_for(
            lambda seen, number=number: seen.id == answer.id and seen.text == f"A dog {number}.",
            TIMEOUT,
        )
        assert shown.buttons == answer.buttons
        assert shown.edited
    assert scripted_chat.from_bot() == before


async def test_why_replies_with_a_picture_and_tags_with_words(scripted_chat: Chat, photo: bytes) -> None:
    answer = await scripted_chat.show(photo)
    (picture,) = await scripted_chat.press(answer, WHY, 1)
    assert picture.photo
    assert picture.reply_to == answer.id
    assert picture.text.startswith("A dog 0.")
    await scripted_chat.until(answer, WHY)
    (tags,) = await scripted_chat.press(answer, TAGS, 1)
    assert tags.text.endswith("dog · grass")
    assert tags.reply_to == answer.id
    assert (await scripted_chat.until(answer, TAGS)).buttons == ((MORE, CAPTION), (UP, DOWN))


@pytest.mark.parametrize(("thumb", "votes"), [(UP, (1, 0)), (DOWN, (0, 1))])
async def test_a_vote_counts_once_and_is_thanked(
    scripted_chat: Chat, store: SQLiteStore, photo: bytes, thumb: str, votes: tuple[int, int]
) -> None:
    for answer, kind in (
        (await scripted_chat.show(photo), "describe"),
        (await scripted_chat.show(photo, "the dog"), "focus"),
        (await scripted_chat.ask("a dog running"), "find"),
    ):
        thanks = await scripted_chat.person.press(answer, thumb, TIMEOUT)
        assert "Thanks" in thanks.text
        assert not thanks.alert
        await scripted_chat.with_button(answer, f"✓ {thumb}")
        assert (await store.votes())[kind] == votes


async def test_a_thumb_can_be_changed_and_taken_back(scripted_chat: Chat, store: SQLiteStore) -> None:
    answer = await scripted_chat.ask("a dog running")
    await scripted_chat.person.press(answer, UP, TIMEOUT)
    voted = await scripted_chat.with_button(answer, f"✓ {UP}")
    await scripted_chat.person.press(voted, DOWN, TIMEOUT)
    voted = await scripted_chat.with_button(answer, f"✓ {DOWN}")
    assert voted.buttons[-1] == (UP, f"✓ {DOWN}")
    assert await store.votes() == {"find": (0, 1)}
    taken_back = await scripted_chat.person.press(voted, f"✓ {DOWN}", TIMEOUT)
    assert taken_back.text == EN("thanks-back")
    assert (await scripted_chat.with_button(answer, DOWN)).buttons[-1] == (UP, DOWN)
    assert await store.votes() == {}


async def test_a_vote_that_cannot_be_stored_is_declined_and_can_be_given_again(
    scripted_chat: Chat, store: SQLiteStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def full(*_: object, **__: object) -> None:
        raise StoreUnavailableError("database or disk is full")

    answer = await scripted_chat.ask("a dog running")
    with monkeypatch.context() as patch:
        patch.setattr(store, "change_vote", full)
        declined = await scripted_chat.person.press(answer, UP, TIMEOUT)
        assert (declined.text, declined.alert) == (EN("store-unavailable"), True)
    assert "Traceback" not in caplog.text
    assert (await scripted_chat.person.press(answer, UP, TIMEOUT)).text == EN("thanks-up")
    assert await store.votes() == {"find": (1, 0)}


async def test_simultaneous_votes_count_as_one(scripted_chat: Chat, store: SQLiteStore) -> None:
    answer = await scripted_chat.ask("a dog running")
    await asyncio.gather(
        *(scripted_chat.person.press(answer, thumb, TIMEOUT) for thumb in (UP, DOWN, UP, DOWN))
    )
    assert sum(map(sum, (await store.votes()).values())) == 1


async def test_a_photo_picked_by_number_shows_similar_images(
    scripted_chat: Chat, scripted: ScriptedEngine, store: SQLiteStore
) -> None:
    first = await scripted_chat.ask("a dog running")
    *_, answer = await scripted_chat.press(first, NEXT, MATCHES + 1)
    await scripted_chat.person.press(answer, LIKE, TIMEOUT)
    opened = await scripted_chat.with_button(answer, BACK)
    assert opened.buttons == (
        (NEXT, BACK),
        ("11", "12", "13", "14", "15"),
        ("16", "17", "18", "19", "20"),
    )
    *album, kin = await scripted_chat.press(answer, "13", 1 + MATCHES)
    assert kin.text.startswith(EN("similar-images").removeprefix("<b>").removesuffix("</b>"))
    assert kin.reply_to == answer.id
    assert kin.buttons == ((NEXT, LIKE), (UP, DOWN))
    assert album[0].album
    assert scripted.calls[-1] == ("similar_images", Match("12.jpg", 0).key)
    assert (await scripted_chat.with_button(answer, LIKE)).buttons == ((NEXT, LIKE),)
    assert len(await scripted_chat.press(kin, NEXT, MATCHES + 1)) == MATCHES + 1
    await scripted_chat.person.press(kin, UP, TIMEOUT)
    assert await store.votes() == {"kindred": (1, 0)}


async def test_why_explains_the_caption_that_is_shown(
    scripted_chat: Chat, scripted: ScriptedEngine, photo: bytes
) -> None:
    answer = await scripted_chat.show(photo)
    await scripted_chat.person.press(answer, CAPTION, TIMEOUT)
    answer = await scripted_chat.changed(answer, CAPTION)
    (picture,) = await scripted_chat.press(answer, WHY, 1)
    assert picture.text.startswith("A dog 1.")
    assert scripted.calls[-1] == ("explain", "a dog 1")
    answer = await scripted_chat.until(answer, WHY)
    await scripted_chat.person.press(answer, CAPTION, TIMEOUT)
    assert WHY in (await scripted_chat.changed(answer, CAPTION)).data  # another caption, another answer


async def test_where_the_caption_is_a_guess_things_are_named_and_the_guess_comes_on_request(
    scripted_chat: Chat, scripted: ScriptedEngine, photo: bytes
) -> None:
    scripted.canned_captions = (Caption("a dog in a kitchen", 0.5, 0.1),)
    answer = await scripted_chat.show(photo)
    assert answer.text == "I can't tell. I see dog, grass."
    assert answer.buttons == ((MORE, CAPTION), (TAGS,), (UP, DOWN))
    await scripted_chat.person.press(answer, CAPTION, TIMEOUT)
    guess = await scripted_chat.with_button(answer, WHY)
    assert guess.text == "It could be this:\nA dog in a kitchen."


async def test_a_photo_of_the_gallery_is_recognised(
    scripted_chat: Chat, scripted: ScriptedEngine, photo: bytes
) -> None:
    scripted.known = Match("60.jpg", 1.0, "https://example.org/60")
    answer = await scripted_chat.show(photo)
    assert answer.text == "A dog 0.\nI know this one: its page"
    assert "https://example.org/60" in str(answer.wire)


async def test_picking_can_be_cancelled(scripted_chat: Chat) -> None:
    answer = await scripted_chat.ask("a dog running")
    for button, other in ((LIKE, BACK), (BACK, LIKE), (LIKE, BACK)):
        await scripted_chat.person.press(answer, button, TIMEOUT)
        await scripted_chat.with_button(answer, other)
    await scripted_chat.press(answer, NEXT, MATCHES + 1)
    assert (await scripted_chat.with_button(answer, LIKE)).buttons == ((LIKE,), (UP, DOWN))


@pytest.mark.parametrize(
    ("button", "messages"), [(MORE, MATCHES + 1), (CAPTION, 0), (WHY, 1), (TAGS, 1), (UP, 0)]
)
async def test_simultaneous_presses_on_an_answer_are_debounced(
    scripted_chat: Chat, photo: bytes, button: str, messages: int
) -> None:
    answer = await scripted_chat.show(photo)
    before = scripted_chat.from_bot()
    await asyncio.gather(*(scripted_chat.person.press(answer, button, TIMEOUT) for _ in range(3)))
    await scripted_chat.changed(answer, button)
    await scripted_chat.person.say("/help")
    await scripted_chat.person.replies(1, TIMEOUT)
    assert scripted_chat.from_bot() == before + messages + 1
    if button == CAPTION:
        assert scripted_chat.now(answer).text.startswith("A dog 1.")


@pytest.mark.parametrize("button", [NEXT, "3"])
async def test_simultaneous_presses_on_a_search_result_are_debounced(
    scripted_chat: Chat, button: str
) -> None:
    answer = await scripted_chat.ask("a dog running")
    await scripted_chat.person.press(answer, LIKE, TIMEOUT)
    answer = await scripted_chat.with_button(answer, BACK)
    before = scripted_chat.from_bot()
    await asyncio.gather(*(scripted_chat.person.press(answer, button, TIMEOUT) for _ in range(3)))
    await scripted_chat.with_button(answer, LIKE)
    await scripted_chat.person.say("/help")
    await scripted_chat.person.replies(1, TIMEOUT)
    assert scripted_chat.from_bot() == before + MATCHES + 1 + 1


@pytest.mark.parametrize("button", [MORE, CAPTION, WHY, TAGS, UP])
async def test_a_press_is_acknowledged_before_a_slow_answer(
    scripted_chat: Chat,
    scripted: ScriptedEngine,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    button: str,
) -> None:
    over = asyncio.Event()
    answer = await scripted_chat.show(photo)
    for verb in ("describe", "captions", "explain", "tags"):
        monkeypatch.setattr(scripted, verb, delayed(getattr(scripted, verb), over))
    await scripted_chat.person.press(answer, button, timeout=1)
    over.set()
    await scripted_chat.changed(answer, button)


async def test_a_press_that_failed_can_be_repeated(
    scripted_chat: Chat, scripted: ScriptedEngine, photo: bytes
) -> None:
    answer = await scripted_chat.show(photo)
    scripted.error = RuntimeError("for once")
    (sorry,) = await scripted_chat.press(answer, TAGS, 1)
    assert sorry.text == EN("internal-error")
    scripted.error = None
    assert "dog · grass" in (await scripted_chat.press(answer, TAGS, 1))[0].text


async def test_buttons_work_after_a_restart(
    settings: Settings, playground: Playground, store: SQLiteStore, chat: Chat, photo: bytes
) -> None:
    async with running_bot(build_bot(settings, playground, ScriptedEngine(), store), grace=5):
        described = await chat.show(photo, "the dog")
        found = await chat.ask("a dog & a cat")
        await chat.person.press(found, LIKE, TIMEOUT)
        await chat.with_button(found, BACK)
        *_, kin = await chat.press(found, "1", MATCHES + 1)
    scripted = ScriptedEngine()
    async with running_bot(build_bot(settings, playground, scripted, store), grace=5):
        for answer, button in ((described, MORE), (found, NEXT), (kin, NEXT)):
            await chat.press(answer, button, MATCHES + 1)
        (tags,) = await chat.press(described, TAGS, 1)
        assert tags.reply_to == described.id
    asked = [question for question in scripted.calls if question[0] != "similar_images"]
    assert asked == [("search_focused", "the dog"), ("find", "a dog & a cat"), ("tags",)]


async def test_the_next_page_repeats_the_query_to_the_letter(
    scripted_chat: Chat, scripted: ScriptedEngine
) -> None:
    words = 'a <b>dog</b> & "a 🐕" at example.com, ' + "very " * 40 + "big"
    answer = await scripted_chat.ask(f"/find {words}")
    *_, page = await scripted_chat.press(answer, NEXT, MATCHES + 1)
    await scripted_chat.press(page, NEXT, MATCHES + 1)
    first, second, _ = scripted.calls
    assert first == second == ("find", words)


@pytest.mark.usefixtures("scripted_bot")
async def test_the_next_page_repeats_the_translated_query(
    new_person: NewPerson, scripted: ScriptedEngine
) -> None:
    person = new_person("Gerd", "de")
    await person.say("ein Hund am Strand")
    *_, answer = await person.replies(1 + MATCHES, TIMEOUT)
    await person.press(answer, answer.buttons[0][0], TIMEOUT)
    await person.replies(MATCHES + 1, TIMEOUT)
    first, second = scripted.calls
    assert first == second
    assert "dog" in first[1]


@pytest.mark.parametrize(
    "data",
    [
        "1:more:find:9:10",
        "0:more:find:1:10",
        "nonsense",
        ButtonAction(Action.LIKE, Match("gone.jpg", 0).key, 1).data,
        ButtonAction(Action.MORE, Match("gone.jpg", 0).key, 1, 10).data,
        ButtonAction(Action.MORE, SubjectKind.FIND, 1, 10).data,
        ButtonAction(Action.WHY, SubjectKind.DESCRIBE).data,
        ButtonAction(Action.CAPTION, SubjectKind.FOCUS, 1).data,
    ],
)
async def test_a_button_without_its_subject_has_expired(
    scripted_bot: KindredApplication, scripted_chat: Chat, data: str
) -> None:
    await scripted_chat.ask("a dog running")
    thumbs = InlineKeyboardButton(UP, callback_data=ButtonAction(Action.UP, SubjectKind.FIND).data)
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Press", callback_data=data), thumbs]])
    sent = await scripted_bot.bot.send_message(scripted_chat.person.id, "A dog.", reply_markup=keyboard)
    answer = next(seen for seen in scripted_chat.person.messages if seen.id == sent.message_id)
    told = await scripted_chat.person.press(answer, "Press", TIMEOUT)
    assert (told.text, told.alert) == (EN("expired"), True)


async def test_a_press_too_late_to_acknowledge_still_counts(
    scripted_bot: KindredApplication,
    scripted_chat: Chat,
    store: SQLiteStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = await scripted_chat.ask("a dog running")
    injector = UpdateInjector(scripted_bot, scripted_chat.person)
    press = {"id": "1", "chat_instance": "1", "data": answer.data[UP], "message": answer.wire}
    await injector.deliver("callback_query", **press)
    await injector.deliver("callback_query", **press | {"data": "nonsense"})
    late = [call for call in scripted_chat.playground.call_log if call.method == "answerCallbackQuery"]
    assert [call.ok for call in late] == [False, False]
    assert await store.votes() == {"find": (1, 0)}
    assert not caplog.records


async def test_a_stale_copy_of_a_keyboard_is_only_acknowledged(
    scripted_bot: KindredApplication, scripted_chat: Chat, scripted: ScriptedEngine
) -> None:
    answer = await scripted_chat.ask("a dog running")
    await scripted_chat.press(answer, NEXT, MATCHES + 1)
    fresh = await scripted_chat.until(answer, NEXT)
    asked = len(scripted.calls)
    injector = UpdateInjector(scripted_bot, scripted_chat.person)
    for shown in (answer, fresh):  # as two presses at once have it, and as a slow app sends it
        press = {"id": "1", "chat_instance": "1", "data": answer.data[NEXT], "message": shown.wire}
        await injector.deliver("callback_query", **press)
    assert len(scripted.calls) == asked


async def test_the_real_engine_answers_the_buttons_of_a_photo(
    bot: KindredApplication, chat: Chat, engine: EngineAPI, photo: bytes
) -> None:
    size = min(MATCHES, engine.gallery.size - 1)  # it has this photo
    question = await chat.person.send_photo(photo)
    *_, answer = await chat.person.replies(size + 1, TIMEOUT)
    texts = {answer.text}
    for _ in range(CAPTIONS - 1):
        await chat.person.press(answer, CAPTION, TIMEOUT)
        shown = await chat.person.wait_for(
            lambda seen: seen.id == answer.id and seen.text not in texts, TIMEOUT
        )
        texts.add(shown.text)
    assert len(texts) == CAPTIONS
    (picture,) = await chat.press(answer, WHY, 1)
    assert picture.photo
    (tags,) = await chat.press(answer, TAGS, 1)
    seen = await engine.tags(chat.playground.file(question.photo))
    assert all(tag.word in tags.text for tag in seen)


async def test_the_real_engine_finds_similar_images_other_than_the_picked_one(
    bot: KindredApplication, chat: Chat, engine: EngineAPI
) -> None:
    size = min(MATCHES, engine.gallery.size)
    await chat.person.say("a cat")
    *found, answer = await chat.person.replies(1 + size, TIMEOUT)
    await chat.person.press(answer, LIKE, TIMEOUT)
    await chat.with_button(answer, BACK)
    *kin, _ = await chat.press(answer, "1", 1 + min(MATCHES, engine.gallery.size - 1))
    assert found[0].photo not in {seen.photo for seen in kin}
