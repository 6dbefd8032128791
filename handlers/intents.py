"""Answers to what a message asks for, as the engine understands it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from telegram import Message

from engine.results import Intent, IntentKind, Problem
from handlers.answers import answer_images, answer_photo, answer_words
from handlers.context import Context
from handlers.i18n.texts import Texts
from handlers.messages.html import MAX_QUERY_UNITS, MAX_WORD_UNITS, escape_html
from handlers.queries.scripts import is_foreign
from handlers.queries.subject import Subject
from handlers.replies.suggestions import HELP, after_error, suggestions

# Sentences of the kinds that ask for no search, with suggestions under them.
TALK: Final[Mapping[IntentKind, tuple[str, Sequence[Sequence[str]]]]] = {
    IntentKind.GREETING: ("greeting", (("scene", "word"), ("random",))),
    IntentKind.THANKS: ("thanks", (("random",),)),
    IntentKind.GOODBYE: ("goodbye", ()),
    IntentKind.CAPTION: ("photo-for-caption", ()),
}
PROBLEMS: Final = {
    Problem.ADDRESS: "problem-address",
    Problem.INCOMPLETE_ANALOGY: "problem-incomplete-analogy",
    Problem.ONLY_NEGATIVE: "problem-only-negative",
    Problem.NO_DESCRIPTION: "problem-no-description",
    Problem.UNKNOWN_WORDS: "unknown-words",
}
# The same under a photo, which is answered without its words.
PHOTO_PROBLEMS: Final = {
    Problem.ADDRESS: "photo-problem-address",
    Problem.INCOMPLETE_ANALOGY: "photo-problem-incomplete-analogy",
    Problem.ONLY_NEGATIVE: "photo-problem-no-description",
    Problem.NO_DESCRIPTION: "photo-problem-no-description",
    Problem.UNKNOWN_WORDS: "photo-unknown-words",
}


async def answer_text(message: Message, context: Context, text: str, original: Message | None = None) -> None:
    """Answer a text, which may be a command of words such as "/find boy"; see `answer_intent`."""
    intent = await context.engine.understand(text, context.language, with_photo=original is not None)
    await answer_intent(message, context, intent, original)


async def answer_intent(
    message: Message, context: Context, intent: Intent, original: Message | None = None
) -> None:
    """Answer a message by what it asks for.

    Args:
        message: the message to reply to.
        context: the context of the update.
        intent: what the message asks for.
        original: the message with a picture that it replies to, if there is one.
    """
    texts, notes = context.texts, intent_notes(context.texts, intent)
    if original and intent.kind is IntentKind.DESCRIPTION:
        await answer_photo(original, context, intent.query, notes=notes, unsure=intent.out_of_reach)
    elif original and intent.kind is IntentKind.CAPTION:
        await answer_photo(original, context)
    elif intent.kind is IntentKind.DESCRIPTION:
        subject = Subject(words=intent.query)
        await answer_images(message, context, subject, notes=notes, unsure=intent.out_of_reach)
    elif intent.words:
        await answer_words(message, context, intent, notes)
    elif intent.kind is IntentKind.HELP:
        await answer_help(message, context)
    elif intent.problem:
        key = PROBLEMS[intent.problem]
        if intent.problem is Problem.UNKNOWN_WORDS and is_foreign(message.text or ""):
            key = "unknown-script"
        await context.reply(message, texts(key), after_error(texts, key))
    else:
        key, rows = TALK[intent.kind]
        await context.reply(message, texts(key), suggestions(texts, rows) if rows else None)


async def answer_help(message: Message, context: Context) -> None:
    """Explain what the bot can do."""
    texts, bot = context.texts, context.bot.username
    if message.chat.type == message.chat.PRIVATE:
        await context.reply(message, texts("help", bot=bot), suggestions(texts, HELP))
    else:
        await context.reply(message, texts("help-group", bot=bot))


def _read_as(intent: Intent) -> str:
    """Return the English of a message, as one would type it."""
    if intent.kind is IntentKind.ANALOGY:
        first, second, third = intent.words
        return f"{first} : {second} :: {third} : ?"
    return intent.query or ", ".join(intent.words)


def intent_notes(texts: Texts, intent: Intent) -> list[str]:
    """Return notes on how a message was read: in which English, and with which corrections."""
    notes = []
    if intent.translated:
        notes.append(texts("read-as", text=escape_html(_read_as(intent), MAX_QUERY_UNITS)))
    for correction in intent.corrections:
        written, read = (escape_html(word, MAX_WORD_UNITS) for word in (correction.written, correction.read))
        notes.append(texts("corrected", written=written, read=read))
    return notes
