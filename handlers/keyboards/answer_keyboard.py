"""The inline keyboard of an answer, as a value that is written to and read from reply markup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.i18n.texts import Texts
from handlers.keyboards.callback_data import (
    MAX_PAGES,
    Action,
    ButtonAction,
    SubjectKind,
    decode,
    is_image_key,
)

NUMBERS_PER_ROW = 5  # wide enough for a thumb on a narrow phone
VOTE_LABELS = {Action.UP: "👍", Action.DOWN: "👎"}
CHECK_MARK = "✓"


@dataclass(frozen=True, slots=True)
class AnswerKeyboard:
    """The state of an answer's keyboard.

    Attributes:
        subject: the answer's subject, as in `ButtonAction.subject`.
        page: the page shown last, from 0.
        page_size: photos per page.
        more: whether another page follows.
        pick: whether the photos of the page can be picked.
        picks: keys of the photos, while one is being picked.
        photos: numbers of the person's photos that can be chosen.
        caption: index of the next caption, if there is another one.
        why: index of the caption that is shown, if it can be explained.
        tags: whether the tags can be listed.
        votes: whether the answer can be voted on.
        vote: the vote that was given, up or down.
    """

    subject: str
    page: int = 0
    page_size: int = 0
    more: bool = False
    pick: bool = False
    picks: tuple[str, ...] = ()
    photos: tuple[int, ...] = ()
    caption: int | None = None
    why: int | None = None
    tags: bool = False
    votes: bool = True
    vote: Action | None = None

    @classmethod
    def from_markup(cls, markup: InlineKeyboardMarkup | None) -> Self | None:
        """Read a keyboard from reply markup; return None where no button has valid callback data."""
        rows = markup.inline_keyboard if markup else ()
        decoded = (decode(str(button.callback_data or "")) for row in rows for button in row)
        buttons = [button for button in decoded if button]
        by_action = {button.action: button for button in buttons if button.action is not Action.LIKE}
        if not by_action:
            return None
        paging = by_action.get(Action.PICK) or by_action.get(Action.CLOSE)
        more = by_action.get(Action.MORE)
        votes = [by_action[action] for action in VOTE_LABELS if action in by_action]
        return cls(
            subject=next(iter(by_action.values())).subject,
            page=paging.number if paging else more.number - 1 if more else 0,
            page_size=paging.page_size if paging else more.page_size if more else 0,
            more=more is not None,
            pick=paging is not None,
            picks=tuple(button.subject for button in buttons if button.action is Action.LIKE),
            photos=tuple(button.number for button in buttons if button.action is Action.PHOTO),
            caption=by_action[Action.CAPTION].number if Action.CAPTION in by_action else None,
            why=by_action[Action.WHY].number if Action.WHY in by_action else None,
            tags=Action.TAGS in by_action,
            votes=bool(votes),
            vote=next((button.action for button in votes if button.number), None),
        )

    def has_button(self, button: ButtonAction) -> bool:
        """Return whether the keyboard holds this button."""
        return any(button in row for row in self._rows())

    def to_markup(self, texts: Texts) -> InlineKeyboardMarkup | None:
        """Write the keyboard as reply markup; None without buttons, as Telegram rejects an empty one."""
        rows = [
            [InlineKeyboardButton(_label(texts, button), callback_data=button.data) for button in row]
            for row in self._rows()
        ]
        return InlineKeyboardMarkup(rows) if rows else None

    def _rows(self) -> Iterator[list[ButtonAction]]:
        rows = [
            [*self._paging_buttons(), *self._pick_buttons(), *self._caption_buttons()],
            *self._number_rows(),
            [*self._why_buttons(), *self._tags_buttons()],
            [
                ButtonAction(action, self.subject, int(action is self.vote))
                for action in VOTE_LABELS
                if self.votes
            ],
        ]
        return (row for row in rows if row)

    def _paging_buttons(self) -> Iterator[ButtonAction]:
        if self.more and self.page + 1 < MAX_PAGES:
            yield ButtonAction(Action.MORE, self.subject, self.page + 1, self.page_size)

    def _pick_buttons(self) -> Iterator[ButtonAction]:
        if self.pick:
            action = Action.CLOSE if self.picks else Action.PICK
            yield ButtonAction(action, self.subject, self.page, self.page_size)

    def _caption_buttons(self) -> Iterator[ButtonAction]:
        if self.caption is not None:
            yield ButtonAction(Action.CAPTION, self.subject, self.caption)

    def _why_buttons(self) -> Iterator[ButtonAction]:
        if self.why is not None:
            yield ButtonAction(Action.WHY, self.subject, self.why)

    def _tags_buttons(self) -> Iterator[ButtonAction]:
        if self.tags:
            yield ButtonAction(Action.TAGS, self.subject)

    def _number_rows(self) -> Iterator[list[ButtonAction]]:
        first = self.page * self.page_size + 1
        buttons = [ButtonAction(Action.LIKE, key, number) for number, key in enumerate(self.picks, first)]
        buttons += [ButtonAction(Action.PHOTO, self.subject, number) for number in self.photos]
        for start in range(0, len(buttons), NUMBERS_PER_ROW):
            yield buttons[start : start + NUMBERS_PER_ROW]


def _label(texts: Texts, button: ButtonAction) -> str:
    match button.action:
        case Action.UP | Action.DOWN:
            mark = f"{CHECK_MARK} " if button.number else ""
            return f"{mark}{VOTE_LABELS[button.action]}"
        case Action.LIKE | Action.PHOTO:
            return str(button.number)
        case Action.MORE if button.subject == SubjectKind.RANDOM:
            return texts("button-random")
        case Action.MORE if is_image_key(button.subject) or button.subject == SubjectKind.FIND:
            return texts("button-next")
        case _:
            return texts(f"button-{button.action}")
