"""Answers to queries, shared by the handlers of photos, commands, plain text and buttons."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import Message
from telegram.constants import ChatAction

from engine.api import EngineAPI
from engine.errors import PhotosAwayError
from engine.results import Caption, Match
from handlers.context import Context
from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.callback_data import SubjectKind
from handlers.messages.attachments import attached_video
from handlers.messages.chat_action import DELAY, chat_action
from handlers.queries.parsing import Alike, Analogy, Find, Query, Similar
from handlers.queries.subject import Subject, matches_page
from handlers.queries.translation import translate_query
from handlers.replies import photos, words
from handlers.sending import reply_text, send_album


async def answer_query(message: Message, context: Context, query: Query, *, hint: bool = False) -> None:
    """Answer a query with words or images.

    Args:
        message: the message to reply to.
        context: the context of the update.
        query: in the user's language.
        hint: whether the query was plain text: the answer then ends with a hint at other queries, and a
            word without a vector is taken for a description.
    """
    translated = await translate_query(query, context.language)
    query, notes = translated.query, translated.notes(context.texts)
    if hint and isinstance(query, Similar) and not await context.engine.knows(query.word):
        query = Find(query.word)
    match query:
        case Similar():
            await _answer_similar(message, context, query, notes, hint)
        case Analogy():
            await _answer_analogy(message, context, query, notes, hint)
        case Alike():
            await _answer_alike(message, context, query, notes)
        case Find(text):
            await answer_images(message, context, Subject(words=text), notes=notes, hint=hint)


async def answer_photo(
    message: Message, context: Context, description: str = "", *, notes: Sequence[str] = ()
) -> None:
    """Reply with the caption of a message's photo and its nearest images.

    Args:
        message: carries the photo.
        context: the context of the update.
        description: English words that the search focuses on, or adds and subtracts.
        notes: lines that precede the caption.
    """
    subject, page_size = Subject(message, description), context.preferences.album
    context.kind = str(subject.kind)
    async with chat_action(message, ChatAction.TYPING):
        captions, matches, more = await _caption_and_search(context.engine, subject, page_size)
    text = photos.photo_answer(
        context.texts,
        subject,
        captions[0] if captions else None,
        context.engine.gallery,
        notes=[*notes, *photo_notes(message, context)],
        matched=bool(matches),
    )
    next_caption = 1 if captions else None
    keyboard = AnswerKeyboard(
        subject.code, page_size=page_size, more=more, caption=next_caption, why=True, tags=True
    )
    await reply_text(message, context, text, keyboard.to_markup(context.texts))
    await send_matches(message, context, subject, matches)


async def answer_images(
    message: Message, context: Context, subject: Subject, *, notes: Sequence[str] = (), hint: bool = False
) -> None:
    """Reply with the images nearest to a description, a photo or a gallery image."""
    page_size, context.kind = context.preferences.album, str(subject.kind)
    async with chat_action(message, ChatAction.TYPING, delay=DELAY):
        matches, more = await matches_page(context.engine, subject, 0, page_size)
    text = photos.search_answer(
        context.texts, subject, context.engine.gallery, notes=notes, matched=bool(matches), hint=hint
    )
    keyboard = AnswerKeyboard(subject.code, page_size=page_size, more=more, pick=True)
    await reply_text(message, context, text, keyboard.to_markup(context.texts) if matches else None)
    await send_matches(message, context, subject, matches)


async def send_matches(
    message: Message, context: Context, subject: Subject, matches: Sequence[Match], offset: int = 0
) -> None:
    """Send a page of matches; `offset` counts those on the pages before it."""
    if matches:

        def caption(sent: Sequence[Match]) -> str:
            return photos.album_caption(context.texts, subject, sent, offset)

        await send_album(message, context, matches, caption, quote=offset > 0)


def photo_notes(message: Message, context: Context) -> list[str]:
    """Return the notes on a message's photo: of a video, only the thumbnail is used."""
    return [context.texts("only-still")] if attached_video(message) else []


async def _caption_and_search(
    engine: EngineAPI, subject: Subject, page_size: int
) -> tuple[tuple[Caption, ...], tuple[Match, ...], bool]:
    """Return the captions of a photo, the first page of its matches, and whether more follow."""
    photo = await subject.photo_bytes()
    if subject.kind is SubjectKind.DESCRIBE:
        description = await engine.describe(photo, page_size + 1, captions=1)
        matches = description.matches
        return description.captions, matches[:page_size], len(matches) > page_size
    try:
        matches, more = await matches_page(engine, subject, 0, page_size)
    except PhotosAwayError:  # a caption needs no gallery
        matches, more = (), False
    return await engine.captions(photo, 1), matches, more


async def _answer_similar(
    message: Message, context: Context, query: Similar, notes: Sequence[str], hint: bool
) -> None:
    context.kind = "similar"
    async with chat_action(message, ChatAction.TYPING, delay=DELAY):
        matches = await context.engine.similar(query.word)
    text = words.similar_words(context.texts, query.word, matches, hint=hint)
    await reply_text(message, context, photos.with_notes(notes, text))


async def _answer_analogy(
    message: Message, context: Context, query: Analogy, notes: Sequence[str], hint: bool
) -> None:
    context.kind = "analogy"
    async with chat_action(message, ChatAction.TYPING, delay=DELAY):
        matches = await context.engine.analogy(query.a, query.b, query.c)
    text = words.analogy(context.texts, query.a, query.b, query.c, matches, hint=hint)
    await reply_text(message, context, photos.with_notes(notes, text))


async def _answer_alike(message: Message, context: Context, query: Alike, notes: Sequence[str]) -> None:
    context.kind = "alike"
    similarity = await context.engine.word_similarity(query.a, query.b)
    text = words.word_similarity(context.texts, similarity)
    await reply_text(message, context, photos.with_notes(notes, text))
