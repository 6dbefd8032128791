"""What stands in the data of buttons: short, whole again when read, and nothing else is taken for it."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from engine.api import CAPTIONS
from engine.results import Match, key_of
from handlers.i18n.texts import texts_in
from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.callback_data import MAX_BYTES, PAGES, Action, ButtonAction, SubjectKind, read
from handlers.store import MAX_ALBUM

EN = texts_in("en")
KEYS = [key_of(name) for name in ("1.jpg", "Größe/🐕.png", "")]
PHOTOS = (SubjectKind.DESCRIBE, SubjectKind.FOCUS)
SEARCHED = (*PHOTOS, SubjectKind.FIND, *KEYS)


def wishes() -> Iterator[ButtonAction]:
    """Every wish that can be, but for most of the keys."""
    for verb in (Action.MORE, Action.PICK, Action.CLOSE):
        for about, number, size in product(SEARCHED, range(PAGES), range(1, MAX_ALBUM + 1)):
            yield ButtonAction(verb, about, number, size)
    for key, number in product(KEYS, range(1, PAGES * MAX_ALBUM + 1)):
        yield ButtonAction(Action.LIKE, key, number)
    for about, number in product(PHOTOS, range(CAPTIONS)):
        yield ButtonAction(Action.CAPTION, about, number)
    yield from (ButtonAction(verb, about) for verb, about in product((Action.WHY, Action.TAGS), PHOTOS))
    yield from (
        ButtonAction(verb, about)
        for verb, about in product((Action.UP, Action.DOWN), (*SEARCHED, SubjectKind.ALBUM))
    )


def panels() -> Iterator[AnswerKeyboard]:
    for about, more, caption, why, tags, thumbs in product(
        PHOTOS, (False, True), (None, 0, 2), *3 * [(False, True)]
    ):
        page = {"page": 2, "size": 7} if more else {}
        yield AnswerKeyboard(about, more=more, caption=caption, why=why, tags=tags, thumbs=thumbs, **page)
    for about, more, numbers, thumbs in product(
        (SubjectKind.FIND, KEYS[0]), (False, True), ((), tuple(KEYS)), (False, True)
    ):
        yield AnswerKeyboard(about, page=3, size=9, more=more, pick=True, numbers=numbers, thumbs=thumbs)
    yield AnswerKeyboard(SubjectKind.ALBUM)


def test_a_wish_is_read_as_it_was_written_and_fits_a_button() -> None:
    written = {wish.data: wish for wish in wishes()}
    assert len(written) == len(list(wishes()))
    assert all(read(data) == wish for data, wish in written.items())
    assert max(len(data.encode()) for data in written) <= MAX_BYTES


def test_garbled_data_is_no_wish_or_a_proper_one() -> None:
    chance, real = random.Random(5), [wish.data for wish in wishes()]
    letters = string.printable + "äß٣𝟗🐕\u200b"
    for _ in range(20_000):
        data = list(chance.choice(real))
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(data))
            data[place : place + chance.randint(0, 2)] = chance.choices(letters, k=chance.randint(0, 2))
            data = data or ["1"]
        wish = read("".join(data))
        assert wish is None or wish.data == "".join(data)


@pytest.mark.parametrize(
    "data",
    [
        None, "", "1", "1:more", "try:word", "0:up:find:0:0", "2:up:find:0:0", "1:up:find:0:0 ",
        "1:up:find:00:0", "1:up:find:1:0", "1:up:nothing:0:0", "1:up:kindred:0:0", "1:more:find:5:10",
        "1:more:find:1:0", "1:more:find:1:11", "1:more:find:-1:10", "1:more:album:1:10",
        "1:caption:find:0:0", "1:caption:focus:3:0", "1:why:find:0:0", "1:like:find:1:0",
        "1:like:AAAAAAAAAAA:0:0", "1:like:AAAAAAAAAAA:51:0", "1:like:AAAAAAAAAAAA:1:0", "1:drop:find:0:0",
        "1:up:find:0:0\n", "1:up:find:٠:0",
    ],
)  # fmt: skip
def test_data_of_another_version_or_out_of_range_is_no_wish(data: str | None) -> None:
    assert read(data) is None


def rows(panel: AnswerKeyboard) -> Sequence[Sequence[InlineKeyboardButton]]:
    drawn = panel.markup(EN)
    return drawn.inline_keyboard if drawn else ()


def test_a_keyboard_is_read_as_it_was_drawn() -> None:
    for panel in panels():
        if any(panel.offers(wish) for wish in wishes()):
            assert AnswerKeyboard.shown_in(panel.markup(EN)) == panel
    assert AnswerKeyboard.shown_in(None) is None
    assert AnswerKeyboard.shown_in(InlineKeyboardMarkup([])) is None


def test_what_a_keyboard_offers_is_what_stands_on_it() -> None:
    for panel in panels():
        drawn = {button.callback_data for row in rows(panel) for button in row}
        assert {wish.data for wish in wishes() if panel.offers(wish)} == drawn


def test_the_last_page_has_no_next() -> None:
    assert AnswerKeyboard(SubjectKind.FIND, page=PAGES - 2, size=10, more=True).offers(
        ButtonAction(Action.MORE, SubjectKind.FIND, PAGES - 1, 10)
    )
    # A keyboard without a button is none: Telegram takes no empty one.
    assert (
        AnswerKeyboard(SubjectKind.FIND, page=PAGES - 1, size=10, more=True, thumbs=False).markup(EN) is None
    )


def test_numbers_are_those_of_the_photos_shown_five_in_a_row() -> None:
    keys = tuple(Match(f"{n}.jpg", 1.0).key for n in range(7))
    panel = AnswerKeyboard(SubjectKind.FIND, page=1, size=7, pick=True, numbers=keys)
    labels = [[button.text for button in row] for row in rows(panel)]
    assert labels == [["Back"], ["8", "9", "10", "11", "12"], ["13", "14"], ["👍", "👎"]]
