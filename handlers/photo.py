"""Messages with a photo or another picture, alone or in a media group."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from telegram import Message, Update
from telegram.constants import ChatAction
from telegram.error import TelegramError

from engine.errors import BadInputError, BusyError, EmptyQueryError
from engine.results import Intent, IntentKind, Match
from handlers.answers import answer_photo, read_photo
from handlers.context import Context, new_message
from handlers.intents import PHOTO_PROBLEMS, intent_notes
from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.callback_data import SubjectKind
from handlers.messages.attachments import attached_picture, download
from handlers.messages.chat_action import chat_action
from handlers.messages.media_groups import MediaGroup
from handlers.middleware.groups import text_without_mention
from handlers.replies import general, photos
from handlers.sending import Answer, reply_text, send_answer

logger = logging.getLogger(__name__)


async def describe(update: Update, context: Context) -> None:
    """Reply with the caption of a photo and its nearest images; the message's caption steers the search."""
    message = new_message(update)
    intent, notes = await _read_caption(message, context)
    try:
        await answer_photo(message, context, intent.query, notes=notes, unsure=intent.out_of_reach)
    except EmptyQueryError as error:
        if not intent.query:
            raise
        await answer_photo(message, context, notes=[general.error(context.texts, error)])


async def _read_caption(message: Message, context: Context) -> tuple[Intent, list[str]]:
    """Return what the caption of a photo asks for, and notes on how it was read or why it was not.

    Only the user's own caption counts, not one that was forwarded or sent through a bot.
    """
    caption = "" if message.forward_origin or message.via_bot else text_without_mention(message)
    intent = Intent(IntentKind.CAPTION)
    try:
        if caption:
            intent = await context.engine.understand(caption, context.language, with_photo=True)
    except EmptyQueryError:  # no visible character
        return intent, []
    except BadInputError as error:
        return intent, [general.error(context.texts, error)]
    if intent.problem:
        return intent, [context.texts(PHOTO_PROBLEMS[intent.problem])]
    return intent, intent_notes(context.texts, intent) if intent.kind is IntentKind.DESCRIPTION else []


async def describe_media_group(update: Update, context: Context) -> None:
    """Answer the pictures of a media group together, when the last of them has arrived."""
    async with context.media_groups.collect(new_message(update)) as group:
        if group:
            await _answer_media_group(group, context)


async def _answer_media_group(group: MediaGroup, context: Context) -> None:
    texts, gallery, numbers = context.texts, context.engine.gallery, context.preferences.numbers
    async with chat_action(group.first, ChatAction.TYPING):
        messages = await group.messages()
        if not any(map(attached_picture, messages)):
            await reply_text(messages[0], context, texts("unsupported-message"))
            return
        described = [await _describe_one(message, context, len(messages)) for message in messages]
    best = _distinct_best([matches for _, matches in described])
    lines = [line for line, _ in described]

    def caption(sent: Sequence[Match]) -> str:
        shown = [one for one in best if one[1] in sent]
        return photos.best_matches_caption(texts, shown, gallery, numbers=numbers)

    choosable = _choosable(messages)
    text = photos.media_group_answer(texts, lines, choosable=bool(choosable))
    keyboard = AnswerKeyboard(SubjectKind.ALBUM, photos=choosable).to_markup(texts)
    answer = Answer([match for _, match in best], caption, text, lambda _: keyboard)
    await send_answer(messages[0], context, answer)


def _choosable(messages: Sequence[Message]) -> tuple[int, ...]:
    """Return the numbers of the pictures that buttons can choose: those whose place tells their id."""
    return tuple(
        number
        for number, message in enumerate(messages, 1)
        if attached_picture(message) and message.message_id == messages[0].message_id + number - 1
    )


async def _describe_one(message: Message, context: Context, count: int) -> tuple[str, tuple[Match, ...]]:
    """Return the caption line of one picture and `count` matches, or a line that says why there are none."""
    if attached_picture(message) is None:
        return context.texts("not-a-picture"), ()
    try:
        photo = await download(message)
        description = await context.engine.describe(photo, count, captions=1)
        reading = await read_photo(context.engine, photo, description)
    except (BadInputError, BusyError) as error:
        return general.error(context.texts, error), ()
    except TelegramError as error:
        logger.warning("A photo of an album did not arrive: %s: %s", type(error).__name__, error)
        return context.texts("download-failed"), ()
    return photos.photo_line(context.texts, reading), description.matches


def _distinct_best(matches_by_photo: Sequence[Sequence[Match]]) -> list[tuple[int, Match]]:
    """Choose for each photo, by number, the best match that no earlier photo has, nor a near-duplicate."""
    chosen: list[tuple[int, Match]] = []
    shown: set[str] = set()
    for number, matches in enumerate(matches_by_photo, 1):
        for match in matches:
            alike = {match.image, *match.near_duplicates}
            if shown.isdisjoint(alike):
                chosen.append((number, match))
                shown |= alike
                break
    return chosen
