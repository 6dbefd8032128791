"""The operation `ask`: read a text as the bot reads a message, and answer it in the reader's language."""

from __future__ import annotations

import html
import re
from typing import Final

from pydantic import BaseModel, Field

from bot.web.errors import RequestRefusedError
from engine.api import EngineAPI
from engine.errors import BadInputError
from engine.results import Intent, IntentKind, Match, WordMatch, WordSimilarity
from handlers.i18n.texts import Texts, texts_in
from handlers.intents import PROBLEMS, TALK, intent_notes
from handlers.replies import words as word_replies

TAG: Final = re.compile(r"<[^>]+>")  # the bot's sentences are Telegram's HTML


class Answer(BaseModel):
    """How a text was read, and what answers it."""

    kind: str = Field(description="One of " + ", ".join(IntentKind) + ".")
    query: str = Field(description="The description or the words that were looked for, in English.")
    message: str = Field(default="", description="Sentences for the reader; empty if the results say it all.")
    words: tuple[WordMatch, ...] = ()
    matches: tuple[Match, ...] = ()
    similarity: WordSimilarity | None = None


async def ask(engine: EngineAPI, text: str, language: str, count: int) -> Answer:
    """Understand a text and answer it.

    Args:
        engine: The engine that understands and answers.
        text: What a person wrote.
        language: The code of their language, such as "de"; empty if it is not known.
        count: The maximum number of words, and of images.

    Raises:
        RequestRefusedError: The text asks for nothing that can be answered.
        EngineError: The text is empty, too long or not known.
    """
    intent, texts = await engine.understand(text, language or None), texts_in(language)
    if intent.problem:
        raise RequestRefusedError(400, _plain(texts(PROBLEMS[intent.problem])))
    answer = Answer(kind=intent.kind, query=intent.query or ", ".join(intent.words))
    match intent.kind, intent.words:
        case IntentKind.DESCRIPTION, _:
            answer.matches = await engine.find(intent.query, count)
        case IntentKind.SIMILAR, (word,):
            answer.words = await engine.similar(word, count)
            answer.matches = await _images_of(engine, word, count)
        case IntentKind.ANALOGY, (a, b, c):
            answer.words = await engine.analogy(a, b, c, count)
        case IntentKind.ALIKE, (a, b):
            answer.similarity = await engine.word_similarity(a, b)
    answer.message = "\n".join(map(_plain, _sentences(texts, intent, answer)))
    return answer


async def _images_of(engine: EngineAPI, word: str, count: int) -> tuple[Match, ...]:
    """Return images of a word; a word that names nothing visible has none."""
    try:
        return await engine.find(word, count)
    except BadInputError:
        return ()


def _sentences(texts: Texts, intent: Intent, answer: Answer) -> list[str]:
    sentences = intent_notes(texts, intent)
    if answer.matches and (intent.out_of_reach or answer.matches[0].is_weak):
        sentences.append(texts("not-sure"))
    if answer.similarity is not None:
        sentences.append(word_replies.word_similarity(texts, answer.similarity))
    if answer.words and intent.kind is IntentKind.ANALOGY:
        a, b, c = intent.words
        sentences.append(texts("analogy", a=a, b=b, c=c, best=answer.words[0].word))
    kind = IntentKind.GREETING if intent.kind is IntentKind.HELP else intent.kind  # it says what to try
    if kind in TALK:
        sentences.append(texts(TALK[kind][0]))
    return sentences


def _plain(sentence: str) -> str:
    return html.unescape(TAG.sub("", sentence))
