"""Photos and whatever else shows a picture: alone, with words under it, or several as an album."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from telegram import Message, Update
from telegram.constants import ChatAction
from telegram.error import TelegramError

from engine.errors import BadInputError, BusyError, EmptyQueryError
from engine.results import Match
from handlers.answers import answer_photo
from handlers.context import Context, question
from handlers.groups import spoken
from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.callback_data import SubjectKind
from handlers.messages.attachments import download, picture_in
from handlers.messages.chat_action import chat_action
from handlers.messages.media_groups import MediaGroup
from handlers.queries.parsing import clean
from handlers.queries.translation import read_words
from handlers.replies import general, photos
from handlers.sending import say, send_album

logger = logging.getLogger(__name__)


async def describe(update: Update, context: Context) -> None:
    """Say what a photo shows, then show the images most like it; words under it say what matters in it."""
    message = question(update)
    words = await read_words(_words_under(message), context)
    try:
        await answer_photo(message, context, words.text, notes=words.notes(context.texts))
    except EmptyQueryError:
        if not words.text:
            raise
        await answer_photo(message, context, notes=[context.texts("words-unknown")])


async def describe_album(update: Update, context: Context) -> None:
    """Answer the pictures of an album all at once, when the last of them has arrived."""
    async with context.collector.collecting(question(update)) as album:
        if album:
            await _answer_album(album, context)


def _words_under(message: Message) -> str:
    """Words of the person: not those of a photo passed on or found inline, nor a text too long."""
    if message.forward_origin or message.via_bot or not (words := spoken(message)):
        return ""
    try:
        return clean(words)
    except BadInputError:
        return ""


async def _answer_album(album: MediaGroup, context: Context) -> None:
    texts, gallery = context.texts, context.engine.gallery
    async with chat_action(album.first, ChatAction.TYPING):
        pieces = await album.whole()
        if not any(map(picture_in, pieces)):
            await say(pieces[0], context, texts("cannot-take"))
            return
        seen = [await _look(piece, context, len(pieces)) for piece in pieces]
    best = _one_each([matches for _, matches in seen])
    text = photos.listed(texts, [line for line, _ in seen], gallery, matched=bool(best))
    await say(pieces[0], context, text, AnswerKeyboard(SubjectKind.ALBUM).markup(texts))
    if best:
        matches = [match for _, match in best]
        await send_album(pieces[0], context, matches, photos.best_matches(texts, best))


async def _look(piece: Message, context: Context, count: int) -> tuple[str, tuple[Match, ...]]:
    """Say in a line what a piece of an album shows, and find so many matches, if it can be looked at."""
    if picture_in(piece) is None:
        return context.texts("not-a-picture"), ()
    try:
        seen = await context.engine.describe(await download(piece), count, captions=1)
    except (BadInputError, BusyError) as error:
        return general.error(context.texts, error), ()
    except TelegramError as error:
        logger.warning("A photo of an album did not arrive: %s: %s", type(error).__name__, error)
        return context.texts("not-fetched"), ()
    return photos.line(context.texts, seen.captions[0] if seen.captions else None), seen.matches


def _one_each(found: Sequence[Sequence[Match]]) -> list[tuple[int, Match]]:
    """Choose for each photo, by number, the best match that no photo before it has taken."""
    chosen: dict[str, tuple[int, Match]] = {}
    for number, matches in enumerate(found, 1):
        if best := next((match for match in matches if match.image not in chosen), None):
            chosen[best.image] = (number, best)
    return list(chosen.values())
