"""Answering, however it was asked: with a photo, as a command, as plain text or with a button."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import Message
from telegram.constants import ChatAction

from engine.api import EngineAPI
from engine.results import Caption, Match
from handlers.context import Context
from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.callback_data import SubjectKind
from handlers.messages.attachments import moving_in
from handlers.messages.chat_action import PATIENCE, chat_action
from handlers.queries.parsing import Alike, Analogy, Find, Query, Similar
from handlers.queries.subject import Subject, page_of
from handlers.queries.translation import read
from handlers.replies import photos
from handlers.replies import words as told
from handlers.sending import say, send_album


async def answer(message: Message, context: Context, query: Query, *, hint: bool = False) -> None:
    """Ask the engine and reply.

    `hint`: the query was plain text. A line tells what else can be asked, and a word without a vector is
    taken for a description.
    """
    reading = await read(query, context)
    asked, notes = reading.query, reading.notes(context.texts)
    if hint and isinstance(asked, Similar) and not await context.engine.knows(asked.word):
        asked = Find(asked.word)
    match asked:
        case Similar(word):
            await _answer_similar(message, context, word, notes, hint)
        case Analogy() as riddle:
            await _answer_analogy(message, context, riddle, notes, hint)
        case Alike() as pair:
            await _answer_alike(message, context, pair, notes)
        case Find(text):
            await answer_images(message, context, Subject(words=text), notes=notes, hint=hint)


async def answer_photo(
    message: Message, context: Context, words: str = "", *, notes: Sequence[str] = ()
) -> None:
    """Say what the photo in a message shows, then show the images most like it, as words would have it."""
    subject, size = Subject(message, words), context.preferences.album
    context.kind = str(subject.kind)
    async with chat_action(message, ChatAction.TYPING):
        captions, matches, more = await _look(context.engine, subject, size)
    text = photos.described(
        context.texts,
        subject,
        captions[0] if captions else None,
        context.engine.gallery,
        notes=[*notes, *about_photo(message, context)],
        matched=bool(matches),
    )
    another = 1 if captions else None
    panel = AnswerKeyboard(subject.about, size=size, more=more, caption=another, why=True, tags=True)
    await say(message, context, text, panel.markup(context.texts))
    await show(message, context, subject, matches)


async def answer_images(
    message: Message, context: Context, subject: Subject, *, notes: Sequence[str] = (), hint: bool = False
) -> None:
    """Show the images that words describe, or that are most like one of the gallery."""
    size, context.kind = context.preferences.album, str(subject.kind)
    async with chat_action(message, ChatAction.TYPING, after=PATIENCE):
        matches, more = await page_of(context.engine, subject, 0, size)
    text = photos.found(
        context.texts, subject, context.engine.gallery, notes=notes, matched=bool(matches), hint=hint
    )
    panel = AnswerKeyboard(subject.about, size=size, more=more, pick=True)
    await say(message, context, text, panel.markup(context.texts) if matches else None)
    await show(message, context, subject, matches)


async def show(
    message: Message, context: Context, subject: Subject, matches: Sequence[Match], first: int = 0
) -> None:
    """Send a page of images; `first` counts those on the pages before it."""
    if matches:
        caption = photos.album(context.texts, subject, matches, first)
        await send_album(message, context, matches, caption, quote=first > 0)


def about_photo(message: Message, context: Context) -> list[str]:
    """Say what people should know about the picture in their message."""
    return [context.texts("only-still")] if moving_in(message) else []


async def _look(
    engine: EngineAPI, subject: Subject, size: int
) -> tuple[tuple[Caption, ...], tuple[Match, ...], bool]:
    """Captions of a photo, the first page of its matches, and whether there are more."""
    photo = await subject.content()
    if subject.kind is SubjectKind.DESCRIBE:
        seen = await engine.describe(photo, size + 1, captions=1)
        return seen.captions, seen.matches[:size], len(seen.matches) > size
    matches, more = await page_of(engine, subject, 0, size)
    return await engine.captions(photo, 1), matches, more


async def _answer_similar(
    message: Message, context: Context, word: str, notes: Sequence[str], hint: bool
) -> None:
    context.kind = "similar"
    async with chat_action(message, ChatAction.TYPING, after=PATIENCE):
        words = await context.engine.similar(word)
    await say(
        message, context, photos.noted(notes, told.similar_words(context.texts, word, words, hint=hint))
    )


async def _answer_analogy(
    message: Message, context: Context, asked: Analogy, notes: Sequence[str], hint: bool
) -> None:
    context.kind = "analogy"
    async with chat_action(message, ChatAction.TYPING, after=PATIENCE):
        words = await context.engine.analogy(asked.a, asked.b, asked.c)
    said = told.analogy(context.texts, asked.a, asked.b, asked.c, words, hint=hint)
    await say(message, context, photos.noted(notes, said))


async def _answer_alike(message: Message, context: Context, asked: Alike, notes: Sequence[str]) -> None:
    context.kind = "alike"
    likeness = await context.engine.word_similarity(asked.a, asked.b)
    await say(message, context, photos.noted(notes, told.word_similarity(context.texts, likeness)))
