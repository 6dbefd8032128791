"""Every command: over HTTP, to the real bot with a scripted engine."""

from __future__ import annotations

import pytest
from telegram import (
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)

from bot.playground import Person, Playground, Seen
from bot.playground.telegram.profile import USERNAME
from bot.types import KindredApplication
from engine.results import Match
from handlers.i18n.texts import texts_in
from handlers.queries import deep_links
from handlers.replies import general
from tests.bot.harness import TIMEOUT, ScriptedEngine, UpdateInjector, wait_until_idle

EN = texts_in("en")

pytestmark = pytest.mark.usefixtures("scripted_bot", "schema_checked")


async def ask(person: Person, text: str, count: int = 1, about: Seen | None = None) -> tuple[Seen, ...]:
    await person.say(text, about)
    return await person.replies(count, timeout=TIMEOUT)


async def photo_of(person: Person, photo: bytes) -> Seen:
    sent = await person.send_photo(photo)
    await person.replies(11, timeout=TIMEOUT)
    return sent


@pytest.mark.parametrize(
    ("payload", "asked"),
    [
        ("find-a-dog-running", ("find", "a dog running")),
        ("similar-boy", ("similar", "boy")),
        ("analogy-man-men-woman", ("analogy", "man", "men", "woman")),
        ("alike-boy-girl", ("word_similarity", "boy", "girl")),
        (deep_links.encode("/find cat + sofa"), ("find", "cat + sofa")),
    ],
)
async def test_a_deep_link_runs_its_query(
    ada: Person, scripted: ScriptedEngine, payload: str, asked: tuple[str, ...]
) -> None:
    await ada.start(payload)
    assert (await ada.replies(timeout=TIMEOUT))[0].text
    assert scripted.calls == [asked]


@pytest.mark.parametrize("payload", ["find_%", "find-", "nonsense", "drop-table", "find_AAAA"])
async def test_a_deep_link_without_a_query_is_greeted(ada: Person, payload: str) -> None:
    assert (await ask(ada, f"/start {payload}"))[0].text.startswith("Hello, I'm Kindred")


async def test_caption_and_tags_are_about_the_photo_replied_to(
    ada: Person, scripted: ScriptedEngine, photo: bytes
) -> None:
    about = await photo_of(ada, photo)
    *album, said = await ask(ada, "/caption", 11, about)
    assert said.text.startswith("A dog 0.")
    assert said.reply_to == about.id  # where its buttons find the photo
    assert all(item.photo for item in album)
    (listed,) = await ask(ada, "/tags", 1, about)
    assert listed.text.endswith("dog · grass")


@pytest.mark.parametrize("command", ["caption", "tags"])
async def test_a_photo_command_without_a_photo_explains_its_use(ada: Person, command: str) -> None:
    assert (await ask(ada, f"/{command}"))[0].text == EN(f"{command}-of-what")
    words = await ada.say("no photo")
    await ada.replies(11, timeout=TIMEOUT)
    assert (await ask(ada, f"/{command}", 1, words))[0].text == EN(f"{command}-of-what")


async def test_similar_is_about_a_word_or_about_the_photo_replied_to(
    ada: Person, scripted: ScriptedEngine, photo: bytes
) -> None:
    about = await photo_of(ada, photo)
    scripted.calls.clear()
    *album, said = await ask(ada, "/similar", 11, about)
    assert said.text.startswith("Most like your photo")
    assert len(album) == 10
    assert (await ask(ada, "/similar boy", 1, about))[0].text.startswith("Words close to boy")
    assert scripted.calls == [("describe",), ("similar", "boy")]


async def test_find_takes_words_signs_and_a_replied_photo(
    ada: Person, scripted: ScriptedEngine, photo: bytes
) -> None:
    about = await photo_of(ada, photo)
    scripted.calls.clear()
    await ask(ada, "/find cat + sofa", 11)
    *_, said = await ask(ada, "/find - grass", 11, about)
    assert said.text.startswith("Like your photo, but - grass")
    assert scripted.calls == [("find", "cat + sofa"), ("find", "- grass", "photo")]


async def test_alike_says_what_its_score_means(ada: Person) -> None:
    (answer,) = await ask(ada, "/alike boy girl")
    assert answer.text == "boy and girl: very much alike, closer than 99 of 100 random pairs."
    assert (await ask(ada, "/alike"))[0].text == EN("alike-what")
    assert (await ask(ada, "/alike boy"))[0].text == EN("two-words-only")


async def test_random_shows_photos_more_of_them_and_more_like_one(
    ada: Person, scripted: ScriptedEngine, scripted_bot: KindredApplication
) -> None:
    *album, said = await ask(ada, "/random", 11)
    assert len({item.album for item in album}) == 1
    assert album[0].text.startswith("Photos: the test gallery.")
    assert said.text == "Some of the 60 photos I know. Tap a number for more like it."
    assert said.buttons == ((EN("button-random"),), ("1", "2", "3", "4", "5"), ("6", "7", "8", "9", "10"))
    await ada.press(said, "3", TIMEOUT)
    *_, similar = await ada.replies(11, TIMEOUT)
    assert similar.text == "More like the photo you chose"
    assert scripted.calls[-1] == ("similar_images", Match("2.jpg", 0).key)
    await wait_until_idle(scripted_bot)
    assert (await ada.wait_for(lambda seen: seen.id == said.id, TIMEOUT)).buttons == said.buttons
    await ada.press(said, EN("button-random"), TIMEOUT)
    *_, more = await ada.replies(11, TIMEOUT)
    assert more.buttons == said.buttons
    assert [call for call in scripted.calls if call[0] == "sample"] == [("sample", "10")] * 2


@pytest.mark.parametrize(
    ("caption", "count", "starts", "asked"),
    [
        ("/caption", 11, "A dog 0.", ("describe",)),
        ("/similar", 11, "Most like your photo", ("describe",)),
        ("/tags", 1, "Words for your photo", ("tags",)),
        ("/find - grass", 11, "Like your photo, but - grass", ("find", "- grass", "photo")),
        (f"/TAGS@{USERNAME}", 1, "Words for your photo", ("tags",)),
    ],
)
async def test_a_command_as_a_photos_caption_does_what_it_does_in_a_reply(
    ada: Person, scripted: ScriptedEngine, photo: bytes, caption: str, count: int, starts: str,
    asked: tuple[str, ...],
) -> None:  # fmt: skip
    question = await ada.send_photo(photo, caption=caption)
    *_, said = await ada.replies(count, TIMEOUT)
    assert said.text.startswith(starts)
    assert said.reply_to == question.id
    assert scripted.calls == [asked]


async def test_a_command_without_a_photo_may_be_its_caption_too(ada: Person, photo: bytes) -> None:
    await ada.send_photo(photo, caption="/help")
    assert (await ada.replies(1, TIMEOUT))[0].text.startswith("Send me any photo.")
    await ada.send_photo(photo, caption="/simlar")
    assert "Did you mean /similar?" in (await ada.replies(1, TIMEOUT))[0].text


async def test_suggestions_ask_their_queries(ada: Person, scripted: ScriptedEngine) -> None:
    (answer,) = await ask(ada, "/help")
    for label, count in (
        ("a dog running", 11),
        ("cat + sofa", 11),
        ("Random photos", 11),
    ):
        await ada.press(answer, label, TIMEOUT)
        await ada.replies(count, TIMEOUT)
    await ada.press(answer, "Map of words", TIMEOUT)
    await ada.wait_for(lambda seen: seen.text == EN("map-of-words"), TIMEOUT)
    assert scripted.calls == [
        ("find", "a dog running"),
        ("find", "cat + sofa"),
        ("sample", "10"),
        ("word_map",),
    ]
    (similar,) = await ask(ada, "/similar boy")
    await ada.press(similar, "Photos of “boy”", TIMEOUT)
    await ada.replies(11, TIMEOUT)
    assert scripted.calls[-1] == ("find", "boy")


@pytest.mark.parametrize("data", ["try:", "try:nothing", "try:find_%", "try:settings-boy"])
async def test_a_forged_suggestion_has_expired(
    ada: Person, scripted_bot: KindredApplication, data: str
) -> None:
    await ask(ada, "/help")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Press", callback_data=data)]])
    await scripted_bot.bot.send_message(ada.id, "Old", reply_markup=keyboard)
    told = await ada.press(ada.messages[-1], "Press", TIMEOUT)
    assert (told.text, told.alert) == (EN("expired"), True)


async def test_a_map_is_drawn_once_with_a_notice_meanwhile(
    ada: Person, scripted: ScriptedEngine, playground: Playground
) -> None:
    await ada.say("/map words")
    drawn = await ada.wait_for(lambda seen: bool(seen.photo), timeout=TIMEOUT)
    assert drawn.text == EN("map-of-words")
    assert not any(seen.text == EN("map-rendering") for seen in ada.messages)  # it is gone again
    notes = [call.parameters["text"] for call in playground.call_log if call.method == "sendMessage"]
    assert notes == [EN("map-rendering")]
    (again,) = await ask(ada, "/map words")
    assert again.photo == drawn.photo
    assert scripted.calls == [("word_map",)]


async def test_a_map_that_telegram_lost_is_drawn_again(ada: Person, playground: Playground) -> None:
    await ada.say("/map images")
    await ada.wait_for(lambda seen: bool(seen.photo), timeout=TIMEOUT)
    playground.forget_files()
    question = await ada.say("/map photos")
    again = await ada.wait_for(lambda seen: bool(seen.photo) and seen.id > question.id, timeout=TIMEOUT)
    assert again.text == EN("map-of-images")


async def test_map_without_a_name_lists_the_maps(ada: Person) -> None:
    assert (await ask(ada, "/map"))[0].text == EN("map-of-what")
    assert (await ask(ada, "/map of France"))[0].text == EN("map-of-what")


async def test_privacy_says_what_is_stored_and_how_to_delete_it(ada: Person) -> None:
    (answer,) = await ask(ada, "/privacy")
    for told in ("in memory only", "/settings", "/delete_me", "thumb", "pictures of my own gallery"):
        assert told in answer.text


async def test_every_menu_command_answers_to_its_full_name(
    ada: Person, scripted_bot: KindredApplication
) -> None:
    for name in general.PRIVATE:
        answer, *_ = await ask(ada, f"/{name}@{scripted_bot.bot.username.upper()}")
        assert answer.text
        assert "I don't know" not in answer.text


async def test_commands_to_other_bots_are_ignored(ada: Person, scripted_bot: KindredApplication) -> None:
    await ada.say("/help@other_bot")
    await ada.say("/similar@other_bot boy")
    (answer,) = await ask(ada, "/privacy")
    await wait_until_idle(scripted_bot)
    assert [seen for seen in ada.messages if seen.from_bot] == [answer]


@pytest.mark.parametrize(
    ("typed", "meant"), [("/capton", "caption"), ("/Simlar boy", "similar"), ("/tag", "tags")]
)
async def test_a_misspelt_command_is_met_with_the_right_one(ada: Person, typed: str, meant: str) -> None:
    (answer,) = await ask(ada, typed)
    assert f"Did you mean /{meant}?" in answer.text
    assert answer.buttons == ((("/similar boy",),) if "boy" in typed else ())


@pytest.mark.parametrize("typed", ["/", "", "/\ud83d", "/@"])
async def test_a_malformed_command_is_answered(
    ada: Person, scripted_bot: KindredApplication, playground: Playground, typed: str
) -> None:
    await ask(ada, "/help")
    entity = {"type": "bot_command", "offset": 0, "length": 1}
    await UpdateInjector(scripted_bot, ada).deliver(text=typed, entities=[entity])
    said = [call for call in playground.call_log if call.method == "sendMessage"][-1]
    assert said.parameters["text"] == EN("unknown-command", name="?" if "\ud83d" in typed else "")


async def test_private_chats_and_groups_have_different_menus(scripted_bot: KindredApplication) -> None:
    private = await scripted_bot.bot.get_my_commands(BotCommandScopeAllPrivateChats())
    groups = await scripted_bot.bot.get_my_commands(BotCommandScopeAllGroupChats())
    assert [(one.command, one.description) for one in private] == list(general.menu(EN))
    assert [(one.command, one.description) for one in groups] == list(general.menu(EN, general.GROUP))
