"""The callback data of buttons, and the keyboard of answers."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from engine.api import CAPTIONS
from engine.results import Match, image_key
from handlers.i18n.texts import texts_in
from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.callback_data import (
    MAX_BYTES,
    MAX_PAGE_SIZE,
    MAX_PAGES,
    Action,
    ButtonAction,
    SubjectKind,
    decode,
)

EN = texts_in("en")
KEYS = [image_key(name) for name in ("1.jpg", "Größe/🐕.png", "")]
PHOTOS = (SubjectKind.DESCRIBE, SubjectKind.FOCUS)
SEARCHED = (*PHOTOS, SubjectKind.FIND, *KEYS)


def all_actions() -> Iterator[ButtonAction]:
    """Every possible button action, with a few image keys."""
    for action in (Action.MORE, Action.PICK, Action.CLOSE):
        for subject, number, page_size in product(SEARCHED, range(MAX_PAGES), range(1, MAX_PAGE_SIZE + 1)):
            yield ButtonAction(action, subject, number, page_size)
    for key, number in product(KEYS, range(1, MAX_PAGES * MAX_PAGE_SIZE + 1)):
        yield ButtonAction(Action.LIKE, key, number)
    for number, page_size in product(range(MAX_PAGES), range(1, MAX_PAGE_SIZE + 1)):
        yield ButtonAction(Action.MORE, SubjectKind.RANDOM, number, page_size)
    for action, subject, number in product((Action.CAPTION, Action.WHY), PHOTOS, range(CAPTIONS)):
        yield ButtonAction(action, subject, number)
    for number in range(1, MAX_PAGE_SIZE + 1):
        yield ButtonAction(Action.PHOTO, SubjectKind.ALBUM, number)
    yield from (ButtonAction(Action.TAGS, subject) for subject in PHOTOS)
    for action, subject, number in product(
        (Action.UP, Action.DOWN), (*SEARCHED, SubjectKind.ALBUM, SubjectKind.RANDOM), (0, 1)
    ):
        yield ButtonAction(action, subject, number)


def all_keyboards() -> Iterator[AnswerKeyboard]:
    for subject, more, caption, why, tags, votes in product(
        PHOTOS, (False, True), (None, 0, 2), (None, 1), (False, True), (False, True)
    ):
        page = {"page": 2, "page_size": 7} if more else {}
        yield AnswerKeyboard(subject, more=more, caption=caption, why=why, tags=tags, votes=votes, **page)
    for vote in (Action.UP, Action.DOWN):
        yield AnswerKeyboard(SubjectKind.FOCUS, vote=vote)
    for subject, more, picks, votes in product(
        (SubjectKind.FIND, KEYS[0]), (False, True), ((), tuple(KEYS)), (False, True)
    ):
        yield AnswerKeyboard(subject, page=3, page_size=9, more=more, pick=True, picks=picks, votes=votes)
    yield AnswerKeyboard(SubjectKind.ALBUM)
    yield AnswerKeyboard(SubjectKind.ALBUM, photos=(1, 2, 4))
    yield AnswerKeyboard(SubjectKind.RANDOM, page_size=3, more=True, picks=tuple(KEYS), votes=False)


ACTIONS, KEYBOARDS = list(all_actions()), list(all_keyboards())


def test_callback_data_round_trips_within_64_bytes() -> None:
    encoded = {button.data: button for button in ACTIONS}
    assert len(encoded) == len(ACTIONS)
    assert all(decode(data) == button for data, button in encoded.items())
    assert max(len(data.encode()) for data in encoded) <= MAX_BYTES


def test_garbled_data_decodes_to_none_or_to_itself() -> None:
    rng, valid = random.Random(5), [button.data for button in ACTIONS]
    letters = string.printable + "äß٣𝟗🐕\u200b"
    for _ in range(20_000):
        data = list(rng.choice(valid))
        for _ in range(rng.randint(1, 3)):
            start = rng.randrange(len(data))
            data[start : start + rng.randint(0, 2)] = rng.choices(letters, k=rng.randint(0, 2))
            data = data or ["1"]
        button = decode("".join(data))
        assert button is None or button.data == "".join(data)


@pytest.mark.parametrize(
    "data",
    [
        None, "", "1", "1:more", "try:word", "0:up:find:0:0", "2:up:find:0:0", "1:up:find:0:0 ",
        "1:up:find:00:0", "1:up:find:2:0", "1:photo:album:0:0", "1:photo:album:11:0", "1:photo:find:1:0",
        "1:pick:random:0:10", "1:up:nothing:0:0", "1:up:kindred:0:0", "1:more:find:5:10",
        "1:more:find:1:0", "1:more:find:1:11", "1:more:find:-1:10", "1:more:album:1:10",
        "1:caption:find:0:0", "1:caption:focus:3:0", "1:why:find:0:0", "1:like:find:1:0",
        "1:like:AAAAAAAAAAA:0:0", "1:like:AAAAAAAAAAA:51:0", "1:like:AAAAAAAAAAAA:1:0", "1:drop:find:0:0",
        "1:up:find:0:0\n", "1:up:find:٠:0",
    ],
)  # fmt: skip
def test_data_of_another_version_or_out_of_range_decodes_to_none(data: str | None) -> None:
    assert decode(data) is None


def rows(keyboard: AnswerKeyboard) -> Sequence[Sequence[InlineKeyboardButton]]:
    markup = keyboard.to_markup(EN)
    return markup.inline_keyboard if markup else ()


def test_a_keyboard_round_trips_through_reply_markup() -> None:
    for keyboard in KEYBOARDS:
        if any(keyboard.has_button(button) for button in ACTIONS):
            assert AnswerKeyboard.from_markup(keyboard.to_markup(EN)) == keyboard
    assert AnswerKeyboard.from_markup(None) is None
    assert AnswerKeyboard.from_markup(InlineKeyboardMarkup([])) is None


def test_a_keyboard_has_exactly_the_buttons_of_its_markup() -> None:
    for keyboard in KEYBOARDS:
        drawn = {button.callback_data for row in rows(keyboard) for button in row}
        assert {button.data for button in ACTIONS if keyboard.has_button(button)} == drawn


def test_the_last_page_has_no_next_button() -> None:
    assert AnswerKeyboard(SubjectKind.FIND, page=MAX_PAGES - 2, page_size=10, more=True).has_button(
        ButtonAction(Action.MORE, SubjectKind.FIND, MAX_PAGES - 1, 10)
    )
    # Telegram rejects an empty keyboard.
    assert (
        AnswerKeyboard(SubjectKind.FIND, page=MAX_PAGES - 1, page_size=10, more=True, votes=False).to_markup(
            EN
        )
        is None
    )


def test_pick_buttons_have_the_photos_numbers_five_in_a_row() -> None:
    keys = tuple(Match(f"{n}.jpg", 1.0).key for n in range(7))
    keyboard = AnswerKeyboard(SubjectKind.FIND, page=1, page_size=7, pick=True, picks=keys)
    labels = [[button.text for button in row] for row in rows(keyboard)]
    assert labels == [["Back"], ["8", "9", "10", "11", "12"], ["13", "14"], ["👍", "👎"]]


def test_a_vote_is_marked_and_the_photos_of_an_album_have_numbers() -> None:
    keyboard = AnswerKeyboard(SubjectKind.ALBUM, photos=(1, 2, 3, 4), vote=Action.UP)
    assert [[button.text for button in row] for row in rows(keyboard)] == [
        ["1", "2", "3", "4"],
        ["✓ 👍", "👎"],
    ]
