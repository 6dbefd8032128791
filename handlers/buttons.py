"""Presses of inline buttons: the sample queries under the greeting, and the buttons of answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatAction
from telegram.error import BadRequest

from engine.errors import UnknownImageError
from handlers.answers import answer_images, answer_query, photo_notes, send_matches
from handlers.context import Context
from handlers.i18n.texts import Texts
from handlers.keyboards import callback_data
from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.callback_data import Action, ButtonAction, SubjectKind
from handlers.keyboards.debounce import DEBOUNCE_INTERVAL, MessageKey
from handlers.messages.chat_action import DELAY, chat_action
from handlers.queries import parsing
from handlers.queries.subject import Subject, SubjectExpiredError, matches_page, subject_of
from handlers.replies import photos
from handlers.sending import reply_text

GROUP_SUFFIX = " (groups)"  # of the kind of an answer whose votes are counted apart in /stats
# Callback data of the sample queries, which buttons sent earlier hold too, and the keys of their labels.
SAMPLES = {
    "try:word": "sample-word",
    "try:riddle": "sample-analogy",
    "try:scene": "sample-description",
}


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


def sample_keyboard(texts: Texts) -> InlineKeyboardMarkup:
    """Return a keyboard of sample queries."""
    return InlineKeyboardMarkup([
        [InlineKeyboardButton(texts(key), callback_data=data)] for data, key in SAMPLES.items()
    ])  # fmt: skip


async def press(update: Update, context: Context) -> None:
    """Dispatch a press of a button; of several simultaneous presses only the first counts."""
    query = update.callback_query
    if query is None:
        raise TypeError("the handler of callback queries received another kind of update")
    message, data = query.message, query.data or ""
    sample = SAMPLES.get(data)
    button = callback_data.decode(data)
    if not isinstance(message, Message) or not message.is_accessible or not (sample or button):
        await _answer_callback(query, context.texts("expired"), alert=True)
        return
    interval = DEBOUNCE_INTERVAL if sample else 0.0  # the keyboard of an answer changes after a press
    message_key = message.chat_id, message.message_id
    with context.debouncer.debounce(message_key, data, interval) as is_new:
        shown = AnswerKeyboard.from_markup(message.reply_markup)
        if is_new and sample:
            await _answer_callback(query)
            await answer_query(message, context, parsing.parse(context.texts(sample)))
        elif is_new and button and shown:
            await _dispatch(Press(button, message, shown), query, context)
        else:
            await _answer_callback(query)


async def _dispatch(press: Press, query: CallbackQuery, context: Context) -> None:
    """Perform the action of a button, unless the button or its subject is gone."""
    button = press.button
    if not _keyboard(press, context).has_button(button):
        await _answer_callback(query)
    elif button.action in {Action.UP, Action.DOWN}:
        await _vote(press, query, context)
    else:
        try:
            subject = await _subject(press, context)
        except (SubjectExpiredError, UnknownImageError):
            await _answer_callback(query, context.texts("expired"), alert=True)
            return
        await _answer_callback(query)
        await ACTIONS[button.action](press, context, subject)


async def _subject(press: Press, context: Context) -> Subject:
    """Return the subject of a button.

    Raises:
        SubjectExpiredError: the photo or the words are missing.
        UnknownImageError: the gallery no longer holds the image.
    """
    if press.button.action is Action.LIKE:
        subject = Subject(image=press.button.subject)
    else:
        subject = subject_of(press.message, press.button.subject)
    if subject.image:
        await context.engine.similar_images(subject.image, 1)
    return subject


async def _vote(press: Press, query: CallbackQuery, context: Context) -> None:
    up = press.button.action is Action.UP
    keyboard = replace(_keyboard(press, context), votes=False)
    context.debouncer.store_keyboard(press.message_key, keyboard)  # at once: a second vote may be on its way
    is_image = callback_data.is_image_key(keyboard.subject)
    kind = str(SubjectKind.GALLERY_IMAGE if is_image else keyboard.subject)
    chat = press.message.chat
    await context.store.vote(kind if chat.type == chat.PRIVATE else f"{kind}{GROUP_SUFFIX}", up=up)
    context.usage.voted(kind, up)
    await _answer_callback(query, context.texts("thanks-up" if up else "thanks-down"))
    await _edit(press, context, keyboard)


async def _more(press: Press, context: Context, subject: Subject) -> None:
    page, page_size = press.button.number, press.button.page_size
    async with chat_action(press.message, ChatAction.TYPING, delay=DELAY):
        matches, more = await matches_page(context.engine, subject, page, page_size)
    await send_matches(press.message, context, subject, matches, page * page_size)
    await _edit(press, context, replace(_keyboard(press, context), page=page, more=more, picks=()))


async def _caption(press: Press, context: Context, subject: Subject) -> None:
    async with chat_action(press.message, ChatAction.TYPING, delay=DELAY):
        captions = await context.engine.captions(await subject.photo_bytes())
    if not captions or subject.photo is None:
        return
    index = press.button.number % len(captions)
    notes = photo_notes(subject.photo, context)
    text = photos.photo_answer(context.texts, subject, captions[index], context.engine.gallery, notes=notes)
    keyboard = replace(_keyboard(press, context), caption=(index + 1) % len(captions))
    await _edit(press, context, keyboard, text)


async def _why(press: Press, context: Context, subject: Subject) -> None:
    async with chat_action(press.message, ChatAction.UPLOAD_PHOTO):
        explanation = await context.engine.explain(await subject.photo_bytes())
        await press.message.reply_photo(
            explanation.picture,
            caption=photos.explanation_caption(context.texts, explanation),
            do_quote=True,
            disable_notification=context.preferences.quiet,
        )
    await _edit(press, context, replace(_keyboard(press, context), why=False))


async def _tags(press: Press, context: Context, subject: Subject) -> None:
    async with chat_action(press.message, ChatAction.TYPING, delay=DELAY):
        tags = await context.engine.tags(await subject.photo_bytes())
    await reply_text(press.message, context, photos.tag_list(context.texts, tags))
    await _edit(press, context, replace(_keyboard(press, context), tags=False))


async def _pick(press: Press, context: Context, subject: Subject) -> None:
    page, page_size = press.button.number, press.button.page_size
    async with chat_action(press.message, ChatAction.TYPING, delay=DELAY):
        matches, _ = await matches_page(context.engine, subject, page, page_size)
    picks = tuple(match.key for match in matches)
    await _edit(press, context, replace(_keyboard(press, context), picks=picks))


async def _close(press: Press, context: Context, _: Subject) -> None:
    await _edit(press, context, replace(_keyboard(press, context), picks=()))


async def _like(press: Press, context: Context, subject: Subject) -> None:
    await answer_images(press.message, context, subject)
    await _close(press, context, subject)


ACTIONS: dict[Action, Callable[[Press, Context, Subject], Awaitable[None]]] = {
    Action.MORE: _more,
    Action.CAPTION: _caption,
    Action.WHY: _why,
    Action.TAGS: _tags,
    Action.PICK: _pick,
    Action.CLOSE: _close,
    Action.LIKE: _like,
}


def _keyboard(press: Press, context: Context) -> AnswerKeyboard:
    return context.debouncer.latest_keyboard(press.message_key, press.shown)


async def _edit(press: Press, context: Context, keyboard: AnswerKeyboard, text: str | None = None) -> None:
    """Replace the keyboard of an answer, and its text if there is a new one."""
    context.debouncer.store_keyboard(press.message_key, keyboard)
    markup = keyboard.to_markup(context.texts)
    with suppress(BadRequest):  # the message was deleted, or is not modified
        if text is None:
            await press.message.edit_reply_markup(markup)
        else:
            await press.message.edit_text(text, reply_markup=markup)


async def _answer_callback(query: CallbackQuery, text: str | None = None, *, alert: bool = False) -> None:
    with suppress(BadRequest):  # "query is too old": the press still counts
        await query.answer(text, show_alert=alert)
