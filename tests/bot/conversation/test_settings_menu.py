"""Preferences are stored, obeyed, shown and deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.playground import Person, Playground, Seen
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from engine.errors import UnknownWordError
from handlers import settings_menu
from handlers.i18n import texts
from handlers.i18n.texts import texts_in
from handlers.store import Preferences
from tests.bot.harness import TIMEOUT, NewPerson, ScriptedEngine

EN = texts_in("en")
GERMAN = {
    "language-name": "Deutsch",
    "help": "Schick mir ein Foto.",
    "settings": "Einstellungen",
    "unknown-word": "Ich kenne das Wort „{ $word }“ nicht.",
    "expired": "Dieser Knopf ist abgelaufen.",
    "read-as": "Ich lese das als: { $text }",
}

pytestmark = pytest.mark.usefixtures("scripted_bot", "schema_checked")


@pytest.fixture(autouse=True)
def two_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Some German sentences beside the English ones, whatever languages there are."""
    (tmp_path / "en.ftl").write_bytes((texts.LOCALES / "en.ftl").read_bytes())
    lines = "\n".join(f"{name} = {sentence}" for name, sentence in GERMAN.items())
    (tmp_path / "de.ftl").write_text(lines, encoding="utf-8")
    monkeypatch.setattr(texts, "LOCALES", tmp_path)
    monkeypatch.setattr(texts, "LANGUAGES", ("de", "en"))
    monkeypatch.setattr(settings_menu, "LANGUAGES", ("de", "en"))
    for cached in (texts.texts_in, texts._bundle):
        cached.cache_clear()
    yield
    for cached in (texts.texts_in, texts._bundle):
        cached.cache_clear()


async def ask(person: Person, text: str, count: int = 1) -> tuple[Seen, ...]:
    await person.say(text)
    return await person.replies(count, timeout=TIMEOUT)


async def on_disk(folder: Path) -> bytes:
    """Read the files of the database."""
    files = await asyncio.to_thread(lambda: [file.read_bytes() for file in folder.glob("bot.sqlite3*")])
    return b"".join(files)


async def changed(person: Person, panel: Seen, button: str) -> Seen:
    """Press a button of the settings menu and wait until it is ticked."""
    await person.press(panel, button, timeout=TIMEOUT)
    return await person.wait_for(
        lambda seen: any(f"✓ {button}" in row for row in seen.buttons) and seen.id == panel.id, TIMEOUT
    )


async def test_the_settings_menu_marks_choices_and_is_edited_in_place(
    ada: Person, store: SQLiteStore
) -> None:
    (panel,) = await ask(ada, "/settings")
    assert panel.buttons == (
        ("1", "3", "5", "✓ 10"),
        ("✓ With sound", "Quiet"),
        ("✓ Very close", "0.87"),
        ("✓ As in my app", "Deutsch", "English"),
    )
    for button in ("3", "Quiet", "0.87", "English"):
        panel = await changed(ada, panel, button)
    assert panel.edited
    assert await store.preferences(ada.id) == Preferences("en", 3, quiet=True, numbers=True)
    assert len([seen for seen in ada.messages if seen.from_bot]) == 1


async def test_preferences_are_obeyed(
    ada: Person, store: SQLiteStore, playground: Playground, scripted_bot: KindredApplication
) -> None:
    await store.keep_preferences(ada.id, Preferences(album=3, quiet=True))
    *album, _ = await ask(ada, "a dog running", 4)
    assert len(album) == 3
    await ask(ada, "/help")
    await scripted_bot.bot.get_me()  # by now every call before is in the record of traffic
    sent = [call for call in playground.call_log if call.method in {"sendMessage", "sendMediaGroup"}]
    assert len(sent) == 3
    assert all(call.parameters["disable_notification"] == "true" for call in sent)


async def test_closeness_is_shown_in_numbers_to_those_who_chose_them(ada: Person, store: SQLiteStore) -> None:
    await store.keep_preferences(ada.id, Preferences(album=3, numbers=True))
    album, *_ = await ask(ada, "a dog running", 4)
    assert album.text.startswith("0.90 0.jpg · 0.90 1.jpg · 0.90 2.jpg\n")
    assert "girl 0.90" in (await ask(ada, "/similar boy"))[0].text
    assert "In numbers: 0.80." in (await ask(ada, "/alike boy girl"))[0].text


async def test_a_chosen_language_applies_at_once_to_that_person_alone(
    ada: Person, new_person: NewPerson
) -> None:
    (panel,) = await ask(ada, "/settings")
    panel = await changed(ada, panel, "Deutsch")
    assert panel.text == "Einstellungen"
    assert (await ask(ada, "/help"))[0].text == "Schick mir ein Foto."
    assert (await ask(new_person("Grace"), "/help"))[0].text != "Schick mir ein Foto."


async def test_the_apps_language_applies_until_one_is_chosen(
    new_person: NewPerson, store: SQLiteStore
) -> None:
    hans = new_person("Hans", "de-AT")
    assert (await ask(hans, "/help"))[0].text == "Schick mir ein Foto."
    await store.keep_preferences(hans.id, Preferences(language="en"))
    assert "Send me any photo" in (await ask(hans, "/help"))[0].text


async def test_errors_are_in_the_persons_language(
    new_person: NewPerson, scripted: ScriptedEngine, scripted_bot: KindredApplication
) -> None:
    hans = new_person("Hans", "de")
    scripted.error = UnknownWordError("xqzzyk")
    assert (await ask(hans, "/similar xqzzyk"))[0].text == "Ich kenne das Wort „xqzzyk“ nicht."


@pytest.mark.parametrize(
    ("question", "asked", "read"),
    [
        ("ein Hund", ("find", "a dog"), "a dog"),
        ("/find Katze + Hund", ("find", "cat + dog"), "cat + dog"),
        ("/similar Junge", ("similar", "boy"), "boy"),
        ("/analogy Mann Männer Frau", ("analogy", "man", "men", "woman"), "man : men :: woman : ?"),
        ("/alike Junge Mädchen", ("word_similarity", "boy", "girl"), "boy, girl"),
    ],
)
async def test_a_query_is_translated_and_the_answer_says_so(
    new_person: NewPerson, scripted: ScriptedEngine, question: str, asked: tuple[str, ...], read: str
) -> None:
    hans = new_person("Hans", "de")
    *_, answer = await ask(hans, question, 11 if asked[0] == "find" else 1)
    assert scripted.calls == [asked]
    assert answer.text.startswith(f"Ich lese das als: {read}\n")


async def test_words_about_a_photo_are_translated(
    new_person: NewPerson, scripted: ScriptedEngine, photo: bytes
) -> None:
    hans = new_person("Hans", "de")
    about = await hans.send_photo(photo, caption="der Hund")
    *_, said = await hans.replies(11, timeout=TIMEOUT)
    assert "Ich lese das als: the dog" in said.text
    await hans.say("/find - Gras", about)
    assert "Ich lese das als: - grass" in (await hans.replies(11, timeout=TIMEOUT))[-1].text
    assert [question for question in scripted.calls if question[0] != "captions"] == [
        ("search_focused", "the dog"),
        ("find", "- grass", "photo"),
    ]


async def test_an_english_query_has_no_translation_line(new_person: NewPerson) -> None:
    hans = new_person("Hans", "de")
    *_, answer = await ask(hans, "a dog running", 11)
    assert "Ich lese" not in answer.text


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    "data", ["s1:album:0", "s1:album:11", "s1:language:xx", "s1:quiet:2", "s1:numbers:yes", "s1:", "d1:all"]
)
async def test_forged_callback_data_has_expired(
    ada: Person, scripted_bot: KindredApplication, data: str, store: SQLiteStore
) -> None:
    await ask(ada, "/help")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Press", callback_data=data)]])
    await scripted_bot.bot.send_message(ada.id, "Old", reply_markup=keyboard)
    answer = await ada.press(ada.messages[-1], "Press", timeout=TIMEOUT)
    assert (answer.text, answer.alert) == (EN("expired"), True)
    assert await store.preferences(ada.id) == Preferences()


async def test_the_same_choice_twice_does_no_harm(ada: Person, store: SQLiteStore) -> None:
    (panel,) = await ask(ada, "/settings")
    await asyncio.gather(*(ada.press(panel, "5", timeout=TIMEOUT) for _ in range(3)))
    await ada.wait_for(lambda seen: ("1", "3", "✓ 5", "10") in seen.buttons, timeout=TIMEOUT)
    assert (await store.preferences(ada.id)).album == 5


@pytest.mark.own_bot
async def test_deletion_is_confirmed_and_removes_the_data_from_the_file(
    ada: Person, store: SQLiteStore, tmp_path: Path
) -> None:
    await store.keep_preferences(ada.id, Preferences("xx-secret", 3))
    await store.keep_preferences(77, Preferences("en"))
    (asked,) = await ask(ada, "/delete_me")
    assert b"xx-secret" in await on_disk(tmp_path)  # nothing is deleted by asking
    await ada.press(asked, asked.buttons[0][0], timeout=TIMEOUT)
    done = await ada.wait_for(lambda seen: seen.text == EN("delete-me-done"), timeout=TIMEOUT)
    assert (done.id, done.buttons) == (asked.id, ())
    assert b"xx-secret" not in await on_disk(tmp_path)
    assert await store.preferences(77) == Preferences("en")


async def test_the_deletion_of_a_language_is_confirmed_in_it(ada: Person, store: SQLiteStore) -> None:
    await store.keep_preferences(ada.id, Preferences("de"))
    (asked,) = await ask(ada, "/delete_me")
    await ada.press(asked, asked.buttons[0][0], timeout=TIMEOUT)
    await ada.wait_for(lambda seen: seen.text == texts_in("de")("delete-me-done"), timeout=TIMEOUT)
    assert (await ask(ada, "/delete_me"))[0].text.startswith("Delete your settings?")


async def test_deletion_can_be_cancelled(ada: Person, store: SQLiteStore) -> None:
    await store.keep_preferences(ada.id, Preferences(album=3))
    (asked,) = await ask(ada, "/delete_me")
    await ada.press(asked, EN("delete-me-no"), timeout=TIMEOUT)
    await ada.wait_for(lambda seen: seen.text == EN("delete-me-kept"), timeout=TIMEOUT)
    assert (await store.preferences(ada.id)).album == 3


async def test_deletion_without_data_says_so(ada: Person) -> None:
    (asked,) = await ask(ada, "/delete_me")
    await ada.press(asked, EN("delete-me-yes"), timeout=TIMEOUT)
    assert await ada.wait_for(lambda seen: seen.text == EN("delete-me-nothing"), timeout=TIMEOUT)


async def test_blocking_the_bot_deletes_the_preferences(
    ada: Person, playground: Playground, store: SQLiteStore
) -> None:
    await ask(ada, "/help")
    await store.keep_preferences(ada.id, Preferences(album=3))
    await ada.block()
    async with asyncio.timeout(TIMEOUT):
        while await store.preferences(ada.id) != Preferences():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await ada.unblock()
    assert len(await ask(ada, "/random", 11)) == 11
