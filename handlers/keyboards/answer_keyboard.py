"""The buttons under an answer: a state that can be drawn as a keyboard and read back from one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.i18n.texts import Texts
from handlers.keyboards.callback_data import PAGES, Action, ButtonAction, SubjectKind, is_key, read

NUMBERS_IN_A_ROW = 5  # wide enough for a thumb on a narrow phone
THUMBS = {Action.UP: "👍", Action.DOWN: "👎"}


@dataclass(frozen=True, slots=True)
class AnswerKeyboard:
    """The buttons that are there now.

    Attributes:
        about: what the answer is about, see `ButtonAction.about`.
        page: the page shown last, from 0.
        size: photos a page.
        more: whether there is a page after it.
        pick: whether one of its photos can be chosen.
        numbers: keys of the photos, while one is being chosen.
        caption: the caption that comes next, where there is another one.
        why, tags, thumbs: whether these buttons are there.
    """

    about: str
    page: int = 0
    size: int = 0
    more: bool = False
    pick: bool = False
    numbers: tuple[str, ...] = ()
    caption: int | None = None
    why: bool = False
    tags: bool = False
    thumbs: bool = True

    @classmethod
    def shown_in(cls, markup: InlineKeyboardMarkup | None) -> Self | None:
        """Read a keyboard; None where it holds no wish."""
        rows = markup.inline_keyboard if markup else ()
        wishes = [wish for row in rows for button in row if (wish := read(str(button.callback_data or "")))]
        asked = {wish.verb: wish for wish in wishes if wish.verb is not Action.LIKE}
        if not asked:
            return None
        pages = [asked[verb] for verb in (Action.PICK, Action.CLOSE) if verb in asked]
        more = asked.get(Action.MORE)
        return cls(
            about=next(iter(asked.values())).about,
            page=pages[0].number if pages else more.number - 1 if more else 0,
            size=pages[0].size if pages else more.size if more else 0,
            more=more is not None,
            pick=bool(pages),
            numbers=tuple(wish.about for wish in wishes if wish.verb is Action.LIKE),
            caption=asked[Action.CAPTION].number if Action.CAPTION in asked else None,
            why=Action.WHY in asked,
            tags=Action.TAGS in asked,
            thumbs=Action.UP in asked,
        )

    def offers(self, wish: ButtonAction) -> bool:
        """Tell whether one of the buttons says this."""
        return any(wish in row for row in self._rows())

    def markup(self, texts: Texts) -> InlineKeyboardMarkup | None:
        """Draw the keyboard; None where no button is left: Telegram takes no empty one."""
        rows = [
            [InlineKeyboardButton(_label(texts, wish), callback_data=wish.data) for wish in row]
            for row in self._rows()
        ]
        return InlineKeyboardMarkup(rows) if rows else None

    def _rows(self) -> Iterator[list[ButtonAction]]:
        rows = [
            [*self._paging(), *self._choosing(), *self._captions()],
            *self._numbers(),
            [
                ButtonAction(verb, self.about)
                for verb, there in ((Action.WHY, self.why), (Action.TAGS, self.tags))
                if there
            ],
            [ButtonAction(verb, self.about) for verb in THUMBS if self.thumbs],
        ]
        return (row for row in rows if row)

    def _paging(self) -> Iterator[ButtonAction]:
        if self.more and self.page + 1 < PAGES:
            yield ButtonAction(Action.MORE, self.about, self.page + 1, self.size)

    def _choosing(self) -> Iterator[ButtonAction]:
        if self.pick:
            yield ButtonAction(
                Action.CLOSE if self.numbers else Action.PICK, self.about, self.page, self.size
            )

    def _captions(self) -> Iterator[ButtonAction]:
        if self.caption is not None:
            yield ButtonAction(Action.CAPTION, self.about, self.caption)

    def _numbers(self) -> Iterator[list[ButtonAction]]:
        first = self.page * self.size + 1
        wishes = [ButtonAction(Action.LIKE, key, first + place) for place, key in enumerate(self.numbers)]
        for start in range(0, len(wishes), NUMBERS_IN_A_ROW):
            yield wishes[start : start + NUMBERS_IN_A_ROW]


def _label(texts: Texts, wish: ButtonAction) -> str:
    match wish.verb:
        case Action.UP | Action.DOWN:
            return THUMBS[wish.verb]
        case Action.LIKE:
            return str(wish.number)
        case Action.MORE if is_key(wish.about) or wish.about == SubjectKind.FIND:
            return texts("button-next")
        case _:
            return texts(f"button-{wish.verb}")
