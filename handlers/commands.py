"""The commands."""

from __future__ import annotations

from telegram import Update

from handlers import queries
from handlers.answers import answer
from handlers.buttons import SAMPLE_KEYBOARD
from handlers.context import Context, question
from handlers.replies import talk


async def start(update: Update, context: Context) -> None:
    """Greet, and offer samples to press."""
    await question(update).reply_text(context.texts("start"), reply_markup=SAMPLE_KEYBOARD)


async def show_help(update: Update, context: Context) -> None:
    """Tell what the bot can do."""
    await question(update).reply_text(context.texts("help"))


async def privacy(update: Update, context: Context) -> None:
    """Tell what happens to people's photos and words."""
    await question(update).reply_text(context.texts("privacy"))


async def similar(update: Update, context: Context) -> None:
    """List the words near a word."""
    await answer(question(update), context, queries.parse_similar(_arguments(context)))


async def analogy(update: Update, context: Context) -> None:
    """Fill in the last word of a riddle."""
    await answer(question(update), context, queries.parse_analogy(_arguments(context)))


async def find(update: Update, context: Context) -> None:
    """Find the images a description fits."""
    await answer(question(update), context, queries.parse_find(_arguments(context)))


async def unknown(update: Update, context: Context) -> None:
    """Name the command that was probably meant."""
    message = question(update)
    name = (message.text or "").removeprefix("/").split()[0].partition("@")[0]
    await message.reply_text(talk.unknown_command(context.texts, name))


def _arguments(context: Context) -> str:
    return " ".join(context.args or ())
