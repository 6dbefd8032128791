"""Answers to queries, shared by the handlers of photos, commands, plain text and buttons."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from telegram import InlineKeyboardMarkup, Message
from telegram.constants import ChatAction

from engine.api import EngineAPI
from engine.errors import PhotosAwayError
from engine.language.entries import english_nouns
from engine.results import Description, Match
from handlers.context import Context
from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.callback_data import SubjectKind
from handlers.messages.attachments import attached_video
from handlers.messages.chat_action import DELAY, chat_action
from handlers.queries.parsing import Alike, Analogy, Find, Query, Similar
from handlers.queries.subject import Subject, matches_page
from handlers.queries.translation import translate_query
from handlers.replies import general, photos, words
from handlers.replies.photos import PhotoReading
from handlers.replies.suggestions import query_keyboard
from handlers.sending import AlbumCaption, Answer, reply_text, send_answer


async def answer_query(message: Message, context: Context, query: Query, *, plain: bool = False) -> None:
    """Answer a query with words or images.

    Args:
        message: the message to reply to.
        context: the context of the update.
        query: in the user's language.
        plain: whether the query was plain text: a word without a vector is then taken for a description.
    """
    asked, translated = query, await translate_query(query, context.language)
    query, notes = translated.query, translated.notes(context.texts)
    if plain and isinstance(query, Similar) and not await context.engine.knows(query.word):
        query = Find(query.word)
    word = asked.word if isinstance(asked, Similar) else ""
    await answer_english_query(message, context, query, notes=notes, word=word)


async def answer_english_query(
    message: Message,
    context: Context,
    query: Query,
    *,
    notes: Sequence[str] = (),
    word: str = "",
    unsure: bool = False,
) -> None:
    """Answer a query that is in English.

    Args:
        message: the message to reply to.
        context: the context of the update.
        query: in English.
        notes: lines that precede the answer.
        word: the word of a `Similar` as the user wrote it; empty: as it is in the query.
        unsure: whether the images are known to be only the closest ones.
    """
    match query:
        case Similar():
            await _answer_similar(message, context, query, word or query.word, notes)
        case Analogy():
            await _answer_analogy(message, context, query, notes)
        case Alike():
            await _answer_alike(message, context, query, notes)
        case Find(text):
            await answer_images(message, context, Subject(words=text), notes=notes, unsure=unsure)


async def answer_photo(
    message: Message,
    context: Context,
    description: str = "",
    *,
    notes: Sequence[str] = (),
    unsure: bool = False,
) -> None:
    """Reply with the nearest images of a message's photo and, under them, its caption.

    Args:
        message: carries the photo.
        context: the context of the update.
        description: English words that the search focuses on, or adds and subtracts.
        notes: lines that precede the caption.
        unsure: whether the images are known to be only the closest ones.
    """
    subject, page_size = Subject(message, description), context.preferences.album
    context.kind = str(subject.kind)
    async with chat_action(message, ChatAction.TYPING):
        reading, matches, more = await _read_and_search(context.engine, subject, page_size)
    text = photos.photo_answer(
        context.texts,
        subject,
        reading,
        notes=[*notes, *photo_notes(message, context)],
        matched=bool(matches),
    )
    # Where the first caption is a guess it was not shown: it comes next, and there is none to explain.
    following, why = (0, None) if reading.is_guess else (1, 0)
    keyboard = AnswerKeyboard(
        subject.code,
        page_size=page_size,
        more=more,
        caption=following if reading.caption else None,
        why=why,
        tags=True,
    )
    markup = keyboard.to_markup(context.texts)
    caption = _album_caption(context, subject, matches, unsure=unsure)
    await send_answer(message, context, Answer(matches, caption, text, lambda _: markup))


async def answer_images(
    message: Message,
    context: Context,
    subject: Subject,
    *,
    notes: Sequence[str] = (),
    unsure: bool = False,
) -> None:
    """Reply with the images nearest to a description, a photo or a gallery image."""
    context.kind = str(subject.kind)
    page_size = context.preferences.album
    await answer_page(message, context, subject, 0, page_size, notes=notes, unsure=unsure)


async def answer_page(
    message: Message,
    context: Context,
    subject: Subject,
    page: int,
    page_size: int,
    *,
    notes: Sequence[str] = (),
    unsure: bool = False,
) -> None:
    """Reply with a page of the images nearest to a subject, and under them what they were searched by.

    `unsure` says that the images are known to be only the closest ones.
    """
    async with chat_action(message, ChatAction.TYPING, delay=DELAY):
        matches, more = await matches_page(context.engine, subject, page, page_size)
    offset = page * page_size
    last = offset + len(matches)
    range_ = photos.page_numbers(context.texts, offset + 1, last) if offset and matches else ""
    text = photos.search_answer(context.texts, subject, notes=notes, matched=bool(matches), page=range_)
    keyboard = AnswerKeyboard(subject.code, page, page_size, more, pick=True, votes=not offset)
    markup = keyboard.to_markup(context.texts) if matches else None
    caption = _album_caption(context, subject, matches, offset, unsure=unsure)
    await send_answer(message, context, Answer(matches, caption, text, lambda _: markup))


async def answer_random(message: Message, context: Context) -> None:
    """Reply with random images of the gallery, and buttons for more of them and for images like each."""
    matches = await context.engine.sample(context.preferences.album)
    texts, gallery = context.texts, context.engine.gallery
    page_size = context.preferences.album

    def keyboard(shown: Sequence[Match]) -> InlineKeyboardMarkup | None:
        picks = tuple(match.key for match in shown)
        buttons = AnswerKeyboard(SubjectKind.RANDOM, page_size=page_size, more=True, picks=picks, votes=False)
        return buttons.to_markup(texts)

    text = general.random_photos(texts, gallery)
    answer = Answer(matches, lambda sent: photos.random_caption(texts, gallery, sent), text, keyboard)
    await send_answer(message, context, answer)


def photo_notes(message: Message, context: Context) -> list[str]:
    """Return the notes on a message's photo: of a video, only the thumbnail is used."""
    return [context.texts("only-still")] if attached_video(message) else []


async def read_photo(engine: EngineAPI, photo: bytes, description: Description) -> PhotoReading:
    """Return what a photo shows; the engine names things in it where the caption would be a guess."""
    caption = description.captions[0] if description.captions else None
    reading = PhotoReading(caption, known=description.known, recognised=description.recognised)
    if not reading.is_guess:
        return reading
    tags, nouns = await engine.tags(photo), await asyncio.to_thread(english_nouns)
    # Words that no caption contains are names of things; of the others, "I see sits" would be no sentence.
    return replace(reading, tags=tuple(tag for tag in tags if not tag.spoken or tag.word in nouns))


def _album_caption(
    context: Context, subject: Subject, matches: Sequence[Match], offset: int = 0, *, unsure: bool = False
) -> AlbumCaption:
    """Return the caption of a page of matches, `offset` of which are on the pages before.

    Matches keep the numbers that buttons have for them, whichever are sent.
    """

    def caption(sent: Sequence[Match]) -> str:
        gallery, numbers = context.engine.gallery, context.preferences.numbers
        numbered = [pair for pair in enumerate(matches, offset + 1) if pair[1] in sent]
        return photos.album_caption(
            context.texts,
            subject,
            numbered,
            gallery,
            is_first_page=not offset,
            numbers=numbers,
            unsure=unsure,
        )

    return caption


async def _read_and_search(
    engine: EngineAPI, subject: Subject, page_size: int
) -> tuple[PhotoReading, tuple[Match, ...], bool]:
    """Return what a photo shows, the first page of its matches, and whether more follow."""
    photo = await subject.photo_bytes()
    if subject.kind is SubjectKind.DESCRIBE:
        description = await engine.describe(photo, page_size + 1, captions=1)
        matches = description.matches
        reading = await read_photo(engine, photo, description)
        return reading, matches[:page_size], len(matches) > page_size
    try:
        matches, more = await matches_page(engine, subject, 0, page_size)
    except PhotosAwayError:  # a caption needs no gallery
        matches, more = (), False
    return await read_photo(engine, photo, Description(await engine.captions(photo, 1), ())), matches, more


async def _answer_similar(
    message: Message, context: Context, query: Similar, word: str, notes: Sequence[str]
) -> None:
    """List words, with a button for photos of what was asked, in the user's own word."""
    context.kind = "similar"
    async with chat_action(message, ChatAction.TYPING, delay=DELAY):
        matches = await context.engine.similar(query.word)
    texts, numbers = context.texts, context.preferences.numbers
    text = words.similar_words(texts, query.word, matches, numbers=numbers)
    keyboard = query_keyboard([(texts("button-photos-of", word=word), Find(word))])
    await reply_text(message, context, photos.with_notes(notes, text), keyboard)


async def _answer_analogy(message: Message, context: Context, query: Analogy, notes: Sequence[str]) -> None:
    context.kind = "analogy"
    async with chat_action(message, ChatAction.TYPING, delay=DELAY):
        matches = await context.engine.analogy(query.a, query.b, query.c)
    numbers = context.preferences.numbers
    text = words.analogy(context.texts, query.a, query.b, query.c, matches, numbers=numbers)
    await reply_text(message, context, photos.with_notes(notes, text))


async def _answer_alike(message: Message, context: Context, query: Alike, notes: Sequence[str]) -> None:
    context.kind = "alike"
    similarity = await context.engine.word_similarity(query.a, query.b)
    text = words.word_similarity(context.texts, similarity, numbers=context.preferences.numbers)
    await reply_text(message, context, photos.with_notes(notes, text))
