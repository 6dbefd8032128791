"""What a press of a button does: of the samples under the greeting, and of those under answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatAction
from telegram.error import BadRequest

from engine.errors import UnknownImageError
from handlers.answers import about_photo, answer, answer_images, show
from handlers.context import Context
from handlers.i18n.texts import Texts
from handlers.keyboards import callback_data
from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.callback_data import Action, ButtonAction, SubjectKind
from handlers.keyboards.debounce import PAUSE, Place
from handlers.messages.chat_action import PATIENCE, chat_action
from handlers.queries import parsing
from handlers.queries.subject import Subject, SubjectExpiredError, page_of, subject_of
from handlers.replies import photos
from handlers.sending import say

IN_GROUPS = " (groups)"  # behind a kind of answer whose thumbs are counted; the host reads it in /stats
PREFIX = "try:"
SAMPLES = {f"{PREFIX}{name}": f"sample-{name}" for name in ("word", "riddle", "scene")}  # their sentences


@dataclass(frozen=True, slots=True)
class Press:
    """A wish, the message under which it was pressed, and the buttons that stood there."""

    wish: ButtonAction
    message: Message
    shown: AnswerKeyboard

    @property
    def place(self) -> Place:
        """Where it was pressed."""
        return self.message.chat_id, self.message.message_id


def sample_keyboard(texts: Texts) -> InlineKeyboardMarkup:
    """Offer questions to press, in words of the language they are offered in."""
    return InlineKeyboardMarkup([
        [InlineKeyboardButton(texts(name), callback_data=data)] for data, name in SAMPLES.items()
    ])  # fmt: skip


async def press(update: Update, context: Context) -> None:
    """Do what a button says; the same press twice at once is done once."""
    pressed = update.callback_query
    if pressed is None:
        raise TypeError("the handler of presses was given another kind of update")
    message, data = pressed.message, pressed.data or ""
    sample = SAMPLES.get(data)
    wish = callback_data.read(data)
    if not isinstance(message, Message) or not message.is_accessible or not (sample or wish):
        await _acknowledge(pressed, context.texts("expired"), alert=True)
        return
    pause = PAUSE if sample else 0.0  # the keyboard under an answer changes, and tells by itself
    with context.presses.answering((message.chat_id, message.message_id), data, pause) as is_new:
        panel = AnswerKeyboard.shown_in(message.reply_markup)
        if is_new and sample:
            await _acknowledge(pressed)
            await answer(message, context, parsing.parse(context.texts(sample)))
        elif is_new and wish and panel:
            await _grant(Press(wish, message, panel), pressed, context)
        else:
            await _acknowledge(pressed)


async def _grant(press: Press, pressed: CallbackQuery, context: Context) -> None:
    """Do what a wish says, unless its button is gone already, or what it is about."""
    wish = press.wish
    if not _panel(press, context).offers(wish):
        await _acknowledge(pressed)
    elif wish.verb in {Action.UP, Action.DOWN}:
        await _vote(press, pressed, context)
    else:
        try:
            subject = await _subject(press, context)
        except (SubjectExpiredError, UnknownImageError):
            await _acknowledge(pressed, context.texts("expired"), alert=True)
            return
        await _acknowledge(pressed)
        await GRANTED[wish.verb](press, context, subject)


async def _subject(press: Press, context: Context) -> Subject:
    """Tell what a wish is about.

    Raises:
        Gone: the message does not tell any more.
        UnknownImage: the gallery does not hold the image any more.
    """
    if press.wish.verb is Action.LIKE:
        subject = Subject(image=press.wish.about)
    else:
        subject = subject_of(press.message, press.wish.about)
    if subject.image:
        await context.engine.similar_images(subject.image, 1)
    return subject


async def _vote(press: Press, pressed: CallbackQuery, context: Context) -> None:
    up = press.wish.verb is Action.UP
    panel = replace(_panel(press, context), thumbs=False)
    context.presses.keep(press.place, panel)  # at once: the other thumb may be on its way
    kind = SubjectKind.KINDRED if callback_data.is_key(panel.about) else panel.about
    chat = press.message.chat
    await context.store.vote(str(kind) if chat.type == chat.PRIVATE else f"{kind}{IN_GROUPS}", up=up)
    context.counter.voted(str(kind), up)
    await _acknowledge(pressed, context.texts("thanks-up" if up else "thanks-down"))
    await _change(press, context, panel)


async def _more(press: Press, context: Context, subject: Subject) -> None:
    page, size = press.wish.number, press.wish.size
    async with chat_action(press.message, ChatAction.TYPING, after=PATIENCE):
        matches, more = await page_of(context.engine, subject, page, size)
    await show(press.message, context, subject, matches, page * size)
    await _change(press, context, replace(_panel(press, context), page=page, more=more, numbers=()))


async def _caption(press: Press, context: Context, subject: Subject) -> None:
    async with chat_action(press.message, ChatAction.TYPING, after=PATIENCE):
        captions = await context.engine.captions(await subject.content())
    if not captions or subject.photo is None:
        return
    number = press.wish.number % len(captions)
    notes = about_photo(subject.photo, context)
    text = photos.described(context.texts, subject, captions[number], context.engine.gallery, notes=notes)
    panel = replace(_panel(press, context), caption=(number + 1) % len(captions))
    await _change(press, context, panel, text)


async def _why(press: Press, context: Context, subject: Subject) -> None:
    async with chat_action(press.message, ChatAction.UPLOAD_PHOTO):
        reason = await context.engine.explain(await subject.content())
        await press.message.reply_photo(
            reason.picture,
            caption=photos.explain(context.texts, reason),
            do_quote=True,
            disable_notification=context.preferences.quiet,
        )
    await _change(press, context, replace(_panel(press, context), why=False))


async def _tags(press: Press, context: Context, subject: Subject) -> None:
    async with chat_action(press.message, ChatAction.TYPING, after=PATIENCE):
        tags = await context.engine.tags(await subject.content())
    await say(press.message, context, photos.tags(context.texts, tags))
    await _change(press, context, replace(_panel(press, context), tags=False))


async def _pick(press: Press, context: Context, subject: Subject) -> None:
    page, size = press.wish.number, press.wish.size
    async with chat_action(press.message, ChatAction.TYPING, after=PATIENCE):
        matches, _ = await page_of(context.engine, subject, page, size)
    numbers = tuple(match.key for match in matches)
    await _change(press, context, replace(_panel(press, context), numbers=numbers))


async def _close(press: Press, context: Context, _: Subject) -> None:
    await _change(press, context, replace(_panel(press, context), numbers=()))


async def _like(press: Press, context: Context, subject: Subject) -> None:
    await answer_images(press.message, context, subject)
    await _close(press, context, subject)


GRANTED: dict[Action, Callable[[Press, Context, Subject], Awaitable[None]]] = {
    Action.MORE: _more,
    Action.CAPTION: _caption,
    Action.WHY: _why,
    Action.TAGS: _tags,
    Action.PICK: _pick,
    Action.CLOSE: _close,
    Action.LIKE: _like,
}


def _panel(press: Press, context: Context) -> AnswerKeyboard:
    return context.presses.panel(press.place, press.shown)


async def _change(press: Press, context: Context, panel: AnswerKeyboard, text: str | None = None) -> None:
    """Let the buttons stand like this from now on, and the text, if there is a new one."""
    context.presses.keep(press.place, panel)
    keyboard = panel.markup(context.texts)
    with suppress(BadRequest):  # the message was deleted meanwhile, or stands like this already
        if text is None:
            await press.message.edit_reply_markup(keyboard)
        else:
            await press.message.edit_text(text, reply_markup=keyboard)


async def _acknowledge(pressed: CallbackQuery, told: str | None = None, *, alert: bool = False) -> None:
    with suppress(BadRequest):  # "query is too old": the press still counts
        await pressed.answer(told, show_alert=alert)
