"""The wiring: which update goes to which handler, in reading order."""

from __future__ import annotations

import logging
from typing import Any

from telegram import BotCommand, LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    BaseHandler,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    Defaults,
    ExtBot,
    MessageHandler,
    filters,
)

from bot.patience import PatientRequest
from bot.settings import Settings
from engine.verbs import Verbs
from handlers import buttons, commands, errors, photo, text
from handlers.context import Context, bound_to
from handlers.pictures import HasPicture, InAlbum
from handlers.replies import talk
from handlers.store import Store
from handlers.texts import LANGUAGES, SOURCE, texts_in

logger = logging.getLogger(__name__)

KindredApplication = Application[ExtBot[None], Context, dict[Any, Any], dict[Any, Any], dict[Any, Any], None]

ALLOWED_UPDATES = (Update.MESSAGE, Update.CALLBACK_QUERY)
CONNECT_TIMEOUT = 10.0  # seconds
READ_TIMEOUT = 30.0  # seconds: Telegram stores ten photos before it answers
MEDIA_WRITE_TIMEOUT = 60.0  # seconds: ten photos over a slow line
POOL_TIMEOUT = 10.0  # seconds
CONNECTIONS_EACH = 3  # an update's download or upload, its sign of life, one to spare

# Edited messages and channel posts reach no handler, even if a server delivers them unasked.
NEW = filters.UpdateType.MESSAGE
PRIVATE = NEW & filters.ChatType.PRIVATE


def build_application(
    settings: Settings, engine: Verbs, store: Store, *, token: str | None = None
) -> KindredApplication:
    """Wire a bot: settings, engine, memory and handlers in, an application ready to run out."""
    application: KindredApplication = (
        ApplicationBuilder()
        .token(token or settings.read_token())
        .base_url(settings.base_url)
        .base_file_url(settings.base_file_url)
        .context_types(ContextTypes(context=bound_to(engine, store)))
        .concurrent_updates(settings.concurrency)
        .defaults(
            Defaults(
                parse_mode=ParseMode.HTML,
                allow_sending_without_reply=True,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        )
        .request(_request(settings.concurrency))
        .job_queue(None)
        .post_init(set_menu)
        .build()
    )
    application.add_handlers(_handlers())
    application.add_error_handler(errors.report)
    return application


async def set_menu(application: KindredApplication) -> None:
    """Fill the command menu; a bot without its menu still answers."""
    try:
        for language in LANGUAGES:
            menu = [BotCommand(name, does) for name, does in talk.menu(texts_in(language))]
            await application.bot.set_my_commands(
                menu, language_code=None if language == SOURCE else language
            )
    except TelegramError as error:
        logger.warning("The command menu could not be set: %s", error)


async def finish_albums(application: KindredApplication) -> None:
    """Answer the albums that are still being collected, as they are."""
    await application.context_types.context.collector.close()


def _request(concurrency: int) -> PatientRequest:
    return PatientRequest(
        connection_pool_size=CONNECTIONS_EACH * concurrency,
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        media_write_timeout=MEDIA_WRITE_TIMEOUT,
        pool_timeout=POOL_TIMEOUT,
    )


def _handlers() -> list[BaseHandler[Update, Context, object]]:
    return [
        # Commands: in private chats and in groups.
        CommandHandler("start", commands.start, NEW),
        CommandHandler("help", commands.show_help, NEW),
        CommandHandler("privacy", commands.privacy, NEW),
        CommandHandler("similar", commands.similar, NEW),
        CommandHandler("analogy", commands.analogy, NEW),
        CommandHandler("find", commands.find, NEW),
        # A command nobody knows: in a group it is probably another bot's.
        MessageHandler(PRIVATE & filters.COMMAND, commands.unknown),
        # Buttons.
        CallbackQueryHandler(buttons.press),
        # Albums, then photos and whatever else shows a picture, then words.
        MessageHandler(PRIVATE & InAlbum(), photo.describe_album),
        MessageHandler(PRIVATE & HasPicture(), photo.describe),
        MessageHandler(PRIVATE & filters.TEXT, text.read_text),
        # Everything else a person can send: voices, files, places, polls, ...
        MessageHandler(PRIVATE & ~filters.StatusUpdate.ALL, text.decline),
    ]
