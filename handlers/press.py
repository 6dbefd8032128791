"""A press of a button under an answer: what was pressed, and the keyboard that the answer has now."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from telegram import Message
from telegram.error import BadRequest

from handlers.context import Context
from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.callback_data import ButtonAction
from handlers.keyboards.debounce import MessageKey


@dataclass(frozen=True, slots=True)
class Press:
    """A press of a button under an answer.

    Attributes:
        button: the pressed button.
        message: the answer.
        shown: the keyboard that the answer showed.
    """

    button: ButtonAction
    message: Message
    shown: AnswerKeyboard

    @property
    def message_key(self) -> MessageKey:
        """The chat id and message id of the answer."""
        return self.message.chat_id, self.message.message_id

    def keyboard(self, context: Context) -> AnswerKeyboard:
        """Return the keyboard that the answer has now; another press may have changed it."""
        return context.debouncer.latest_keyboard(self.message_key, self.shown)

    async def edit(self, context: Context, keyboard: AnswerKeyboard, text: str | None = None) -> None:
        """Replace the keyboard of the answer, and its text if there is a new one."""
        context.debouncer.store_keyboard(self.message_key, keyboard)
        markup = keyboard.to_markup(context.texts)
        with suppress(BadRequest):  # the message was deleted, or is not modified
            if text is None:
                await self.message.edit_reply_markup(markup)
            else:
                await self.message.edit_text(text, reply_markup=markup)
