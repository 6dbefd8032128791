"""Answering a query, however it was asked: as a command, as plain text or with a button."""

from __future__ import annotations

from telegram import Message
from telegram.constants import ChatAction

from handlers.album import send_matches
from handlers.context import Context
from handlers.progress import PATIENCE, sign_of_life
from handlers.queries import Analogy, Find, Query, Similar
from handlers.replies import photos
from handlers.replies import words as told


async def answer(message: Message, context: Context, query: Query, *, hint: bool = False) -> None:
    """Ask the engine and reply; `hint` adds a line on what else can be asked."""
    match query:
        case Similar(word):
            await _answer_similar(message, context, word, hint)
        case Analogy():
            await _answer_analogy(message, context, query, hint)
        case Find(text):
            await _answer_find(message, context, text, hint)


async def _answer_similar(message: Message, context: Context, word: str, hint: bool) -> None:
    async with sign_of_life(message, ChatAction.TYPING, after=PATIENCE):
        words = await context.engine.similar(word)
    await message.reply_text(told.similar_words(context.texts, word, words, hint=hint))


async def _answer_analogy(message: Message, context: Context, asked: Analogy, hint: bool) -> None:
    async with sign_of_life(message, ChatAction.TYPING, after=PATIENCE):
        words = await context.engine.analogy(asked.a, asked.b, asked.c)
    await message.reply_text(told.analogy(context.texts, asked.a, asked.b, asked.c, words, hint=hint))


async def _answer_find(message: Message, context: Context, text: str, hint: bool) -> None:
    async with sign_of_life(message, ChatAction.TYPING, after=PATIENCE):
        matches = await context.engine.find(text)
    caption = photos.found(context.texts, text, matches, context.engine.gallery, hint=hint)
    await send_matches(message, context, matches, caption)
