"""Answering a query, however it was asked: as a command, as plain text or with a button."""

from __future__ import annotations

from telegram import Message
from telegram.constants import ChatAction

from handlers.album import send_matches
from handlers.context import Context
from handlers.progress import PATIENCE, sign_of_life
from handlers.queries import Alike, Analogy, Find, Query, Similar
from handlers.reading import Reading, read
from handlers.replies import photos
from handlers.replies import words as told


async def answer(message: Message, context: Context, query: Query, *, hint: bool = False) -> None:
    """Ask the engine and reply.

    `hint`: the query was plain text. A line tells what else can be asked, and a word without a vector is
    taken for a description.
    """
    reading = await read(query, context)
    asked = reading.query
    if hint and isinstance(asked, Similar) and not await context.engine.knows(asked.word):
        asked = Find(asked.word)
    match asked:
        case Similar(word):
            await _answer_similar(message, context, word, reading, hint)
        case Analogy() as riddle:
            await _answer_analogy(message, context, riddle, reading, hint)
        case Alike() as pair:
            await _answer_alike(message, context, pair, reading)
        case Find(text):
            await _answer_find(message, context, text, reading, hint)


async def _answer_similar(
    message: Message, context: Context, word: str, reading: Reading, hint: bool
) -> None:
    context.kind = "similar"
    async with sign_of_life(message, ChatAction.TYPING, after=PATIENCE):
        words = await context.engine.similar(word)
    said = told.similar_words(context.texts, word, words, hint=hint)
    await context.reply(message, reading.noted(context.texts, said))


async def _answer_analogy(
    message: Message, context: Context, asked: Analogy, reading: Reading, hint: bool
) -> None:
    context.kind = "analogy"
    async with sign_of_life(message, ChatAction.TYPING, after=PATIENCE):
        words = await context.engine.analogy(asked.a, asked.b, asked.c)
    said = told.analogy(context.texts, asked.a, asked.b, asked.c, words, hint=hint)
    await context.reply(message, reading.noted(context.texts, said))


async def _answer_alike(message: Message, context: Context, asked: Alike, reading: Reading) -> None:
    context.kind = "alike"
    likeness = await context.engine.alike(asked.a, asked.b)
    await context.reply(message, reading.noted(context.texts, told.alike(context.texts, likeness)))


async def _answer_find(message: Message, context: Context, text: str, reading: Reading, hint: bool) -> None:
    context.kind = "find"
    async with sign_of_life(message, ChatAction.TYPING, after=PATIENCE):
        matches = await context.engine.find(text, context.preferences.album)
    caption = photos.found(context.texts, text, matches, context.engine.gallery, hint=hint)
    await send_matches(message, context, matches, reading.noted(context.texts, caption))
