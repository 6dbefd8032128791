"""The commands, also as /command@bot. Those about a photo are sent in reply to it."""

from __future__ import annotations

from contextlib import suppress

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatAction

from engine.errors import BadInputError, BusyError
from handlers import settings_menu
from handlers.answers import answer_images, answer_photo, answer_random
from handlers.context import Context, new_message
from handlers.intents import answer_help, answer_intent, answer_text, intent_notes
from handlers.messages.attachments import attached_picture, download, replied_picture_message
from handlers.messages.chat_action import chat_action
from handlers.queries import deep_links
from handlers.queries.subject import Subject
from handlers.replies import general, photos
from handlers.replies.suggestions import GREETING, command_keyboard, suggestions
from handlers.sending import reply_text


async def start(update: Update, context: Context) -> None:
    """Answer the query of a deep link, or else greet the user and offer sample queries."""
    message, payload = new_message(update), _arguments(context)
    if message.chat.type != message.chat.PRIVATE:
        await context.reply(message, context.texts("start-group", bot=context.bot.username))
    elif payload == deep_links.SETTINGS:
        await settings(update, context)
    elif payload == deep_links.DELETE:
        await delete_me(update, context)
    elif command := deep_links.decode(payload):
        await answer_text(message, context, command)
    else:
        await context.reply(message, context.texts("start"), suggestions(context.texts, GREETING))


async def show_help(update: Update, context: Context) -> None:
    """Explain what the bot can do."""
    await answer_help(new_message(update), context)


async def privacy(update: Update, context: Context) -> None:
    """Explain what happens to the user's data."""
    await context.reply(new_message(update), context.texts("privacy"))


async def caption(update: Update, context: Context) -> None:
    """Caption a photo as if it had been sent without a command."""
    await answer_photo(_picture_or_explain(new_message(update), "caption-of-what"), context)


async def tags(update: Update, context: Context) -> None:
    """List the tags of a photo."""
    message = new_message(update)
    original = _picture_or_explain(message, "tags-of-what")
    async with chat_action(message, ChatAction.TYPING):
        found = await context.engine.tags(await download(original))
    await reply_text(
        message, context, photos.tag_list(context.texts, found, numbers=context.preferences.numbers)
    )


async def similar(update: Update, context: Context) -> None:
    """List the words similar to a word, or send the images similar to a photo."""
    message, arguments = new_message(update), _arguments(context)
    if (original := _picture_message(message)) and not arguments:
        await answer_images(original, context, Subject(original))
    else:
        await answer_text(message, context, f"/similar {arguments}")


async def analogy(update: Update, context: Context) -> None:
    """Complete an analogy."""
    await answer_text(new_message(update), context, f"/analogy {_arguments(context)}")


async def alike(update: Update, context: Context) -> None:
    """Measure the similarity of two words."""
    await answer_text(new_message(update), context, f"/alike {_arguments(context)}")


async def find(update: Update, context: Context) -> None:
    """Find images for a description, which steers the search if there is a photo."""
    message = new_message(update)
    original = _picture_message(message)
    intent = await context.engine.understand(
        f"/find {_arguments(context)}", context.language, with_photo=original is not None
    )
    if original and intent.query:
        subject, notes = Subject(original, intent.query), intent_notes(context.texts, intent)
        await answer_images(original, context, subject, notes=notes, unsure=intent.out_of_reach)
    else:
        await answer_intent(message, context, intent)


async def random(update: Update, context: Context) -> None:
    """Send random images of the gallery."""
    await answer_random(new_message(update), context)


async def settings(update: Update, context: Context) -> None:
    """Show the settings menu; in a group, link to the private chat."""
    message = new_message(update)
    if message.chat.type == message.chat.PRIVATE:
        await context.reply(message, *settings_menu.settings_menu(context))
    else:
        await _link_private_chat(message, context, deep_links.SETTINGS)


async def delete_me(update: Update, context: Context) -> None:
    """Ask to confirm the deletion of the user's data; in a group, link to the private chat."""
    message = new_message(update)
    if message.chat.type == message.chat.PRIVATE:
        keyboard = settings_menu.confirm_keyboard(context.texts)
        await context.reply(message, context.texts("delete-me"), keyboard)
    else:
        await _link_private_chat(message, context, deep_links.DELETE)


async def unknown(update: Update, context: Context) -> None:
    """Suggest a command for an unknown one, unless it addresses another bot; a button runs it."""
    message = new_message(update)
    command, arguments = (*(message.text or message.caption or "").split(maxsplit=1), "", "")[:2]
    name, _, username = command.removeprefix("/").partition("@")
    if username.lower() in ("", context.bot.username.lower()):
        near = f"/{general.nearest_command(name)} {arguments}".strip()
        keyboard = command_keyboard([(near, near)]) if await _is_command_of_words(near, context) else None
        await context.reply(message, general.unknown_command(context.texts, name), keyboard)


async def _is_command_of_words(text: str, context: Context) -> bool:
    """Return whether a text is a command of words that lacks none."""
    if text.removeprefix("/").partition(" ")[0] not in deep_links.COMMANDS:
        return False
    with suppress(BadInputError, BusyError):
        return not (await context.engine.understand(text, context.language)).problem
    return False


async def _link_private_chat(message: Message, context: Context, payload: str) -> None:
    url = deep_links.deep_link(context.bot.username, payload)
    button = InlineKeyboardButton(context.texts("open-private-chat"), url=url)
    await context.reply(message, context.texts("only-in-private"), InlineKeyboardMarkup([[button]]))


def _picture_message(message: Message) -> Message | None:
    """Return the message with the picture that a command is about: its own, or the one it replies to."""
    return message if attached_picture(message) else replied_picture_message(message)


def _picture_or_explain(message: Message, error_key: str) -> Message:
    """Return the message with the picture that a command is about.

    Raises:
        BadInputError: there is none; `error_key` names the sentence that explains the command.
    """
    if original := _picture_message(message):
        return original
    raise BadInputError(key=error_key)


def _arguments(context: Context) -> str:
    return " ".join(context.args or ())
