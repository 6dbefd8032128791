"""Presses of the inline buttons under answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from telegram import CallbackQuery, Message, ReplyParameters, Update
from telegram.constants import ChatAction
from telegram.error import BadRequest

from engine.errors import UnknownImageError
from handlers.answers import answer_images, answer_page, answer_photo, answer_random, photo_notes
from handlers.context import Context
from handlers.keyboards import callback_data
from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.callback_data import Action, SubjectKind
from handlers.keyboards.debounce import DEBOUNCE_INTERVAL
from handlers.messages.attachments import attached_picture
from handlers.messages.callbacks import acknowledge, callback_query, pressed_message
from handlers.messages.chat_action import DELAY, chat_action
from handlers.press import Press
from handlers.queries.subject import Subject, SubjectExpiredError, matches_page, subject_of
from handlers.replies import photos
from handlers.sending import reply_text
from handlers.store import StoreUnavailableError

GROUP_SUFFIX = " (groups)"  # of the kind of an answer whose votes are counted apart in /stats
VOTES = frozenset({Action.UP, Action.DOWN})
WITH_NEW_ALBUM = frozenset({Action.MORE, Action.LIKE, Action.PHOTO})  # the keyboard may stay as it is


async def press(update: Update, context: Context) -> None:
    """Dispatch a press of a button; of several simultaneous presses only the first counts."""
    query = callback_query(update)
    message, button = pressed_message(query), callback_data.decode(query.data)
    if message is None or button is None:
        await acknowledge(query, context.texts("expired"), alert=True)
        return
    # Other presses change the keyboard, which then tells a second press apart.
    interval = DEBOUNCE_INTERVAL if button.action in WITH_NEW_ALBUM else 0.0
    message_key = message.chat_id, message.message_id
    with context.debouncer.debounce(message_key, query.data or "", interval) as is_new:
        shown = AnswerKeyboard.from_markup(message.reply_markup)
        if is_new and shown:
            await _dispatch(Press(button, message, shown), query, context)
        else:
            await acknowledge(query)


async def _dispatch(press: Press, query: CallbackQuery, context: Context) -> None:
    """Perform the action of a button, unless the button or its subject is gone."""
    button = press.button
    if not press.keyboard(context).has_button(button):
        await acknowledge(query)
    elif button.action in VOTES:
        await _vote(press, query, context)
    else:
        try:
            subject = await _subject(press, context)
        except (SubjectExpiredError, UnknownImageError):
            await acknowledge(query, context.texts("expired"), alert=True)
            return
        await acknowledge(query)
        await ACTIONS[button.action](press, context, subject)


async def _subject(press: Press, context: Context) -> Subject:
    """Return the subject of a button.

    Raises:
        SubjectExpiredError: the photo or the words are missing.
        UnknownImageError: the gallery no longer holds the image.
    """
    button = press.button
    if button.action is Action.PHOTO:
        return Subject(await _photo_of_album(press, context))
    if button.subject == SubjectKind.RANDOM:
        return Subject()
    if button.action is Action.LIKE:
        subject = Subject(image=button.subject)
    else:
        subject = subject_of(press.message, button.subject)
    if subject.image:
        await context.engine.similar_images(subject.image, 1)
    return subject


async def _photo_of_album(press: Press, context: Context) -> Message:
    """Return the message of one photo of an album, whose first message the answer quotes.

    The Bot API reads no message by its id, but what it sends in reply to one carries it: a notice is sent
    and deleted. The messages of an album have consecutive ids.

    Raises:
        SubjectExpiredError: the photo is not there any more.
    """
    first = press.message.reply_to_message
    if first is None:
        raise SubjectExpiredError
    notice = await press.message.reply_text(
        context.texts("looking"),
        reply_parameters=ReplyParameters(
            first.message_id + press.button.number - 1, allow_sending_without_reply=True
        ),
        disable_notification=True,
    )
    with suppress(BadRequest):  # it was deleted already
        await notice.delete()
    original = notice.reply_to_message
    if original is None or original.media_group_id != first.media_group_id or not attached_picture(original):
        raise SubjectExpiredError
    return original


async def _vote(press: Press, query: CallbackQuery, context: Context) -> None:
    """Count a vote; a press of the vote that was given takes it back, one of the other changes it.

    In a group the first vote stays: nobody can tell whose it was.
    """
    async with context.debouncer.voting:  # a second vote may be on its way, and takes back what is counted
        action, keyboard = press.button.action, press.keyboard(context)
        if not keyboard.has_button(press.button):  # another vote was counted meanwhile, and is the last one
            await acknowledge(query)
            return
        chat = press.message.chat
        is_private = chat.type == chat.PRIVATE
        before, now = keyboard.vote, None if keyboard.vote is action else action
        voted_before, keyboard = keyboard, replace(keyboard, vote=now, votes=is_private)
        context.debouncer.store_keyboard(press.message_key, keyboard)
        is_image = callback_data.is_image_key(keyboard.subject)
        kind = str(SubjectKind.GALLERY_IMAGE if is_image else keyboard.subject)
        counted = kind if is_private else f"{kind}{GROUP_SUFFIX}"
        try:
            await context.store.change_vote(counted, _is_up(before), _is_up(now))
        except StoreUnavailableError:
            context.debouncer.store_keyboard(press.message_key, voted_before)
            raise
        if now:
            context.usage.voted(kind, now is Action.UP)
    await acknowledge(query, context.texts(f"thanks-{now}" if now else "thanks-back"))
    await press.edit(context, keyboard)


def _is_up(vote: Action | None) -> bool | None:
    return None if vote is None else vote is Action.UP


async def _more(press: Press, context: Context, subject: Subject) -> None:
    """Answer with the next page, which has buttons of its own; this answer keeps the rest of its buttons."""
    button, original = press.button, press.message.reply_to_message
    if button.subject == SubjectKind.RANDOM:
        await answer_random(press.message, context)
        return
    await answer_page(original or press.message, context, subject, button.number, button.page_size)
    await press.edit(context, replace(press.keyboard(context), more=False, picks=()))


async def _caption(press: Press, context: Context, subject: Subject) -> None:
    async with chat_action(press.message, ChatAction.TYPING, delay=DELAY):
        captions = await context.engine.captions(await subject.photo_bytes())
    if not captions or subject.photo is None:
        return
    index = press.button.number % len(captions)
    notes = photo_notes(subject.photo, context)
    text = photos.other_caption(context.texts, subject, captions[index], notes=notes)
    keyboard = replace(press.keyboard(context), caption=(index + 1) % len(captions), why=index)
    await press.edit(context, keyboard, text)


async def _why(press: Press, context: Context, subject: Subject) -> None:
    """Explain the caption that is shown."""
    async with chat_action(press.message, ChatAction.UPLOAD_PHOTO):
        photo, index = await subject.photo_bytes(), press.button.number
        captions = await context.engine.captions(photo) if index else ()
        shown = captions[index].text if index < len(captions) else ""
        explanation = await context.engine.explain(photo, shown)
        await press.message.reply_photo(
            explanation.picture,
            caption=photos.explanation_caption(context.texts, explanation),
            do_quote=True,
            disable_notification=context.preferences.quiet,
        )
    await press.edit(context, replace(press.keyboard(context), why=None))


async def _photo(press: Press, context: Context, subject: Subject) -> None:
    """Answer one photo of the person's album as if it had been sent alone."""
    if subject.photo:
        await answer_photo(subject.photo, context)


async def _tags(press: Press, context: Context, subject: Subject) -> None:
    async with chat_action(press.message, ChatAction.TYPING, delay=DELAY):
        tags = await context.engine.tags(await subject.photo_bytes())
    await reply_text(
        press.message, context, photos.tag_list(context.texts, tags, numbers=context.preferences.numbers)
    )
    await press.edit(context, replace(press.keyboard(context), tags=False))


async def _pick(press: Press, context: Context, subject: Subject) -> None:
    page, page_size = press.button.number, press.button.page_size
    async with chat_action(press.message, ChatAction.TYPING, delay=DELAY):
        matches, _ = await matches_page(context.engine, subject, page, page_size)
    picks = tuple(match.key for match in matches)
    await press.edit(context, replace(press.keyboard(context), picks=picks))


async def _close(press: Press, context: Context, _: Subject) -> None:
    await press.edit(context, replace(press.keyboard(context), picks=()))


async def _like(press: Press, context: Context, subject: Subject) -> None:
    await answer_images(press.message, context, subject)
    if press.keyboard(context).pick:  # the numbers were opened, and can be again
        await _close(press, context, subject)


ACTIONS: dict[Action, Callable[[Press, Context, Subject], Awaitable[None]]] = {
    Action.MORE: _more,
    Action.CAPTION: _caption,
    Action.WHY: _why,
    Action.TAGS: _tags,
    Action.PICK: _pick,
    Action.CLOSE: _close,
    Action.LIKE: _like,
    Action.PHOTO: _photo,
}
