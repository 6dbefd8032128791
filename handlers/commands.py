"""The commands, each also as /command@bot. Those about a photo are sent in reply to it."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatAction

from engine.errors import BadInputError
from handlers import settings_menu
from handlers.answers import answer, answer_images, answer_photo
from handlers.buttons import sample_keyboard
from handlers.context import Context, question
from handlers.messages.attachments import download, pictured
from handlers.messages.chat_action import chat_action
from handlers.queries import deep_links, parsing
from handlers.queries.subject import Subject
from handlers.queries.translation import read_words
from handlers.replies import general, photos
from handlers.sending import say, send_album


async def start(update: Update, context: Context) -> None:
    """Greet, and offer samples to press; or answer what a deep link asks."""
    message, payload = question(update), _arguments(context)
    if message.chat.type != message.chat.PRIVATE:
        await context.reply(message, context.texts("start-group", bot=context.bot.username))
    elif payload == deep_links.SETTINGS:
        await settings(update, context)
    elif payload == deep_links.DELETE:
        await delete_me(update, context)
    elif query := deep_links.read(payload):
        await answer(message, context, query)
    else:
        await context.reply(message, context.texts("start"), sample_keyboard(context.texts))


async def show_help(update: Update, context: Context) -> None:
    """Tell what the bot can do."""
    message = question(update)
    name = "help" if message.chat.type == message.chat.PRIVATE else "help-group"
    await context.reply(message, context.texts(name, bot=context.bot.username))


async def privacy(update: Update, context: Context) -> None:
    """Tell what happens to people's photos and words."""
    await context.reply(question(update), context.texts("privacy"))


async def caption(update: Update, context: Context) -> None:
    """Say what a photo shows, as if it had been sent."""
    await answer_photo(_original(question(update), "caption-of-what"), context)


async def tags(update: Update, context: Context) -> None:
    """List single words for a photo."""
    message = question(update)
    original = _original(message, "tags-of-what")
    async with chat_action(message, ChatAction.TYPING):
        found = await context.engine.tags(await download(original))
    await say(message, context, photos.tags(context.texts, found))


async def similar(update: Update, context: Context) -> None:
    """List the words near a word, or show the images like a photo."""
    message, word = question(update), _arguments(context)
    if (original := pictured(message)) and not word:
        await answer_images(original, context, Subject(original))
    else:
        await answer(message, context, parsing.parse_similar(word))


async def analogy(update: Update, context: Context) -> None:
    """Fill in the last word of a riddle."""
    await answer(question(update), context, parsing.parse_analogy(_arguments(context)))


async def alike(update: Update, context: Context) -> None:
    """Tell how alike two words are."""
    await answer(question(update), context, parsing.parse_alike(_arguments(context)))


async def find(update: Update, context: Context) -> None:
    """Find the images a description fits; in reply to a photo, those like it as the words would have it."""
    message, query = question(update), parsing.parse_find(_arguments(context))
    if original := pictured(message):
        words = await read_words(query.text, context)
        subject = Subject(original, words.text)
        await answer_images(original, context, subject, notes=words.notes(context.texts))
    else:
        await answer(message, context, query)


async def random(update: Update, context: Context) -> None:
    """Show some images of the gallery."""
    message = question(update)
    matches = await context.engine.sample(context.preferences.album)
    await send_album(message, context, matches, general.some_photos(context.texts, context.engine.gallery))


async def settings(update: Update, context: Context) -> None:
    """Show what a person can choose; in a group, where that is."""
    message = question(update)
    if message.chat.type == message.chat.PRIVATE:
        await context.reply(message, *settings_menu.panel(context))
    else:
        await _lead_home(message, context, deep_links.SETTINGS)


async def delete_me(update: Update, context: Context) -> None:
    """Ask whether to forget a person; in a group, lead to where that is done."""
    message = question(update)
    if message.chat.type == message.chat.PRIVATE:
        await context.reply(message, context.texts("delete-me"), settings_menu.deletion(context.texts))
    else:
        await _lead_home(message, context, deep_links.DELETE)


async def unknown(update: Update, context: Context) -> None:
    """Name the command that was probably meant; a command to another bot is not ours to answer."""
    message = question(update)
    command, *_ = (message.text or "").split() or [""]
    name, _, addressee = command.removeprefix("/").partition("@")
    if addressee.lower() in ("", context.bot.username.lower()):
        await context.reply(message, general.unknown_command(context.texts, name))


async def _lead_home(message: Message, context: Context, payload: str) -> None:
    where = deep_links.link(context.bot.username, payload)
    button = InlineKeyboardButton(context.texts("open-private-chat"), url=where)
    await context.reply(message, context.texts("only-in-private"), InlineKeyboardMarkup([[button]]))


def _original(message: Message, otherwise: str) -> Message:
    """Give the message with a picture that this one replies to.

    Raises:
        BadInput: there is none; `otherwise` names the sentence that tells how it is done.
    """
    if original := pictured(message):
        return original
    raise BadInputError(key=otherwise)


def _arguments(context: Context) -> str:
    return " ".join(context.args or ())
