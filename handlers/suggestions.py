"""Presses of suggestions: sample queries, maps, random photos, and queries that an answer suggests."""

from __future__ import annotations

from telegram import Message, Update

from handlers import maps
from handlers.answers import answer_random
from handlers.context import Context
from handlers.i18n.samples import SAMPLES
from handlers.intents import answer_text
from handlers.keyboards.debounce import DEBOUNCE_INTERVAL
from handlers.messages.callbacks import acknowledge, callback_query, pressed_message
from handlers.queries import deep_links
from handlers.replies.suggestions import PLACES, PREFIX, SAMPLE_COMMANDS


async def press(update: Update, context: Context) -> None:
    """Answer what a suggestion suggests; of several simultaneous presses only the first counts."""
    query = callback_query(update)
    message, data = pressed_message(query), query.data or ""
    name = data.removeprefix(PREFIX)
    suggested = _text(context, name)
    if message is None or not (suggested or name in PLACES):
        await acknowledge(query, context.texts("expired"), alert=True)
        return
    with context.debouncer.debounce((message.chat_id, message.message_id), data, DEBOUNCE_INTERVAL) as is_new:
        await acknowledge(query)
        if is_new and suggested:
            await answer_text(message, context, suggested)
        elif is_new:
            await _open(name, message, context)


def _text(context: Context, name: str) -> str | None:
    """Return the text of a suggestion; a sample is in the user's language of today."""
    if name not in SAMPLES:
        return deep_links.decode(name)
    text = context.texts(SAMPLES[name])
    return f"{SAMPLE_COMMANDS[name]} {text}" if name in SAMPLE_COMMANDS else text


async def _open(name: str, message: Message, context: Context) -> None:
    if name == "random":
        await answer_random(message, context)
    else:
        await maps.show_map(message, context, "words" if name == "words-map" else "images")
