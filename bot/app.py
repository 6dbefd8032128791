"""Application factory: which update goes to which handler, in order of precedence."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    Defaults,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)
from telegram.request import HTTPXRequest

from bot.sending.rate_limiter import RateLimiter
from bot.sending.retrying_request import RetryingRequest, shared_ssl_context
from bot.sending.shared_limits import SharedLimits
from bot.sending.sliding_window import SendLimits
from bot.settings import Settings
from bot.types import KindredApplication
from engine.api import EngineAPI
from handlers import (
    buttons,
    caption_commands,
    commands,
    inline,
    maps,
    photo,
    settings_menu,
    stats,
    suggestions,
    text,
)
from handlers.context import OperatorSettings, bind_context
from handlers.i18n.texts import LANGUAGES, SOURCE_LANGUAGE, texts_in
from handlers.messages.attachments import HasPicture, InMediaGroup
from handlers.middleware import errors, groups, preferences
from handlers.middleware.access import Access
from handlers.middleware.instrument import Handler, instrument
from handlers.replies import general
from handlers.replies.suggestions import PREFIX
from handlers.store import Store
from handlers.usage.metrics import NullRecorder, UsageRecorder

if TYPE_CHECKING:
    from bot.storage.postgres.send_log import SendLog

logger = logging.getLogger(__name__)

# Handler groups: access is checked first, then the sender's preferences are loaded.
ACCESS_GROUP, PREFERENCES_GROUP = -2, -1
CONNECT_TIMEOUT = 10.0  # seconds
READ_TIMEOUT = 30.0  # seconds: Telegram stores ten photos before it replies
MEDIA_WRITE_TIMEOUT = 60.0  # seconds: ten photos over a slow connection
POOL_TIMEOUT = 10.0  # seconds
CONNECTIONS_PER_CHAT = 3  # a download or upload, a chat action, one to spare

# Edited messages and channel posts reach no handler, even if a server delivers them.
NEW = filters.UpdateType.MESSAGE
PRIVATE = NEW & filters.ChatType.PRIVATE
# In a group, only messages that address the bot.
ADDRESSED = PRIVATE | (NEW & filters.ChatType.GROUPS & groups.AddressedToBot())


def build_application(
    settings: Settings,
    engine: EngineAPI,
    store: Store,
    *,
    token: str | None = None,
    usage: UsageRecorder | None = None,
    limits: SendLimits | None = None,
    send_log: SendLog | None = None,
) -> KindredApplication:
    """Build the application from settings, engine and store; it is ready to run.

    `send_log` is the log of what all processes of the bot send, if there are several.
    """
    limits = limits or SendLimits(settings.burst)
    shared = SharedLimits(limits, send_log) if send_log else None
    operator = OperatorSettings(
        settings.admins, settings.storage_chat, settings.allow, settings.deny, settings.quota
    )
    application: KindredApplication = (
        ApplicationBuilder()
        .token(token or settings.read_token())
        .base_url(settings.base_url)
        .base_file_url(settings.base_file_url)
        .context_types(ContextTypes(context=bind_context(engine, store, usage or NullRecorder(), operator)))
        .rate_limiter(RateLimiter(limits, shared=shared))
        .updater(None)
        .defaults(
            Defaults(
                parse_mode=ParseMode.HTML,
                allow_sending_without_reply=True,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        )
        .request(_request(settings.concurrency))
        .get_updates_request(HTTPXRequest(1, httpx_kwargs={"verify": shared_ssl_context()}))
        .job_queue(None)
        .post_init(set_menu)
        .build()
    )
    application.add_handler(TypeHandler(Update, Access(operator).admit), ACCESS_GROUP)
    application.add_handler(TypeHandler(Update, preferences.load_preferences), PREFERENCES_GROUP)
    application.add_handlers(_handlers(settings))
    application.add_error_handler(errors.report)
    return application


async def set_menu(application: KindredApplication) -> None:
    """Set the command menus for each scope and language; without them the bot still answers."""
    admins: frozenset[int] = application.context_types.context.operator.admins
    for scope, names in _menus(admins):
        try:
            for language in LANGUAGES:
                menu = [
                    BotCommand(name, description)
                    for name, description in general.menu(texts_in(language), names)
                ]
                code = None if language == SOURCE_LANGUAGE else language
                await application.bot.set_my_commands(menu, scope, language_code=code)
        except TelegramError as error:  # an admin who has not written to the bot yet, for example
            logger.warning("A command menu could not be set (%s): %s", scope.type, error)


def _menus(admins: frozenset[int]) -> Iterator[tuple[BotCommandScope, Sequence[str]]]:
    yield BotCommandScopeAllPrivateChats(), general.PRIVATE
    yield BotCommandScopeAllGroupChats(), general.GROUP
    for admin in sorted(admins):
        yield BotCommandScopeChat(admin), general.ADMIN


def _request(concurrency: int) -> RetryingRequest:
    return RetryingRequest(
        connection_pool_size=CONNECTIONS_PER_CHAT * concurrency,
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        media_write_timeout=MEDIA_WRITE_TIMEOUT,
        pool_timeout=POOL_TIMEOUT,
        httpx_kwargs={"verify": shared_ssl_context()},
    )


def _handlers(settings: Settings) -> list[Handler]:
    button = CallbackQueryHandler
    return [
        # Commands: in private chats and in groups.
        instrument("command", CommandHandler("start", commands.start, NEW)),
        instrument("command", CommandHandler("help", commands.show_help, NEW)),
        instrument("command", CommandHandler("privacy", commands.privacy, NEW)),
        instrument("describe", CommandHandler("caption", commands.caption, NEW)),
        instrument("tags", CommandHandler("tags", commands.tags, NEW)),
        instrument("similar", CommandHandler("similar", commands.similar, NEW)),
        instrument("analogy", CommandHandler("analogy", commands.analogy, NEW)),
        instrument("alike", CommandHandler("alike", commands.alike, NEW)),
        instrument("find", CommandHandler("find", commands.find, NEW)),
        instrument("gallery", CommandHandler("random", commands.random, NEW)),
        instrument("maps", CommandHandler("map", maps.draw_map, NEW)),
        instrument("settings", CommandHandler("settings", commands.settings, NEW)),
        instrument("settings", CommandHandler("delete_me", commands.delete_me, NEW)),
        instrument(
            "command", CommandHandler("stats", stats.show_stats, PRIVATE & stats.FromAdmin(settings.admins))
        ),
        # An unknown command: in a group it is probably another bot's.
        instrument("command", MessageHandler(PRIVATE & filters.COMMAND, commands.unknown)),
        # Buttons.
        instrument("settings", button(settings_menu.choose, f"^{settings_menu.SETTINGS_PREFIX}")),
        instrument("settings", button(settings_menu.delete_data, f"^{settings_menu.DELETE_PREFIX}")),
        instrument("suggestion", button(suggestions.press, f"^{PREFIX}")),
        instrument("button", button(buttons.press)),
        # Inline mode.
        instrument("inline", InlineQueryHandler(inline.answer_inline_query)),
        # Being added to a group; being blocked.
        instrument("other", ChatMemberHandler(groups.on_membership_change, ChatMemberHandler.MY_CHAT_MEMBER)),
        # Pictures whose caption is a command.
        instrument(
            "command",
            MessageHandler(
                NEW & HasPicture() & ~InMediaGroup() & caption_commands.CommandAsCaption(),
                caption_commands.run,
            ),
        ),
        # Albums, then photos and other messages with a picture, then texts.
        instrument("album", MessageHandler(ADDRESSED & InMediaGroup(), photo.describe_media_group)),
        instrument("describe", MessageHandler(ADDRESSED & HasPicture(), photo.describe)),
        instrument("text", MessageHandler(ADDRESSED & filters.TEXT, text.answer_text)),
        # All other messages: voice messages, files, locations, polls, ...
        instrument("other", MessageHandler(ADDRESSED & ~filters.StatusUpdate.ALL, text.reject_unsupported)),
    ]
