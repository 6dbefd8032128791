"""The wiring: which update goes to which handler, in reading order."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

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

from bot.sending.rate_limiter import Limiter
from bot.sending.retrying_request import FetchingRequest
from bot.sending.sliding_window import Limits
from bot.settings import Settings
from bot.types import KindredApplication
from engine.api import Verbs
from handlers import (
    buttons,
    commands,
    errors,
    groups,
    inline,
    maps,
    photo,
    preferences,
    settings_menu,
    stats,
    text,
)
from handlers.access import Access
from handlers.context import Host, bound_to
from handlers.i18n.texts import LANGUAGES, SOURCE, texts_in
from handlers.instrument import Handler, counted
from handlers.messages.attachments import HasPicture, InAlbum
from handlers.replies import general
from handlers.store import Store
from handlers.usage.metrics import Counter, Silent

logger = logging.getLogger(__name__)

# Groups of handlers: whether somebody is answered is decided first; then who writes is looked up.
ACCESS, PEOPLE = -2, -1
CONNECT_TIMEOUT = 10.0  # seconds
READ_TIMEOUT = 30.0  # seconds: Telegram stores ten photos before it answers
MEDIA_WRITE_TIMEOUT = 60.0  # seconds: ten photos over a slow line
POOL_TIMEOUT = 10.0  # seconds
CONNECTIONS_EACH = 3  # an update's download or upload, its sign of life, one to spare

# Edited messages and channel posts reach no handler, even if a server delivers them unasked.
NEW = filters.UpdateType.MESSAGE
PRIVATE = NEW & filters.ChatType.PRIVATE
# In a group, only what is said to the bot.
ASKED = PRIVATE | (NEW & filters.ChatType.GROUPS & groups.Addressed())


def build_application(
    settings: Settings,
    engine: Verbs,
    store: Store,
    *,
    token: str | None = None,
    counter: Counter | None = None,
    limits: Limits | None = None,
) -> KindredApplication:
    """Wire a bot: settings, engine, memory and handlers in, an application ready to run out."""
    decided = Host(settings.admins, settings.storage_chat, settings.allow, settings.deny, settings.quota)
    application: KindredApplication = (
        ApplicationBuilder()
        .token(token or settings.read_token())
        .base_url(settings.base_url)
        .base_file_url(settings.base_file_url)
        .context_types(ContextTypes(context=bound_to(engine, store, counter or Silent(), decided)))
        .rate_limiter(Limiter(limits or Limits(settings.burst)))
        .updater(None)
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
    application.add_handler(TypeHandler(Update, Access(decided).admit), ACCESS)
    application.add_handler(TypeHandler(Update, preferences.meet), PEOPLE)
    application.add_handlers(_handlers(settings))
    application.add_error_handler(errors.report)
    return application


async def set_menu(application: KindredApplication) -> None:
    """Fill the command menus, for each kind of chat and language; a bot without its menu still answers."""
    admins: frozenset[int] = application.context_types.context.host.admins
    for scope, names in _menus(admins):
        try:
            for language in LANGUAGES:
                menu = [BotCommand(name, does) for name, does in general.menu(texts_in(language), names)]
                code = None if language == SOURCE else language
                await application.bot.set_my_commands(menu, scope, language_code=code)
        except TelegramError as error:  # an admin who has not written yet, for one
            logger.warning("A command menu could not be set (%s): %s", scope.type, error)


def _menus(admins: frozenset[int]) -> Iterator[tuple[BotCommandScope, Sequence[str]]]:
    yield BotCommandScopeAllPrivateChats(), general.PRIVATE
    yield BotCommandScopeAllGroupChats(), general.GROUP
    for admin in sorted(admins):
        yield BotCommandScopeChat(admin), general.ADMIN


def _request(concurrency: int) -> FetchingRequest:
    return FetchingRequest(
        connection_pool_size=CONNECTIONS_EACH * concurrency,
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        media_write_timeout=MEDIA_WRITE_TIMEOUT,
        pool_timeout=POOL_TIMEOUT,
    )


def _handlers(settings: Settings) -> list[Handler]:
    pressed = CallbackQueryHandler
    return [
        # Commands: in private chats and in groups.
        counted("command", CommandHandler("start", commands.start, NEW)),
        counted("command", CommandHandler("help", commands.show_help, NEW)),
        counted("command", CommandHandler("privacy", commands.privacy, NEW)),
        counted("describe", CommandHandler("caption", commands.caption, NEW)),
        counted("tags", CommandHandler("tags", commands.tags, NEW)),
        counted("similar", CommandHandler("similar", commands.similar, NEW)),
        counted("analogy", CommandHandler("analogy", commands.analogy, NEW)),
        counted("alike", CommandHandler("alike", commands.alike, NEW)),
        counted("find", CommandHandler("find", commands.find, NEW)),
        counted("gallery", CommandHandler("random", commands.random, NEW)),
        counted("maps", CommandHandler("map", maps.draw_map, NEW)),
        counted("settings", CommandHandler("settings", commands.settings, NEW)),
        counted("settings", CommandHandler("delete_me", commands.delete_me, NEW)),
        counted(
            "command", CommandHandler("stats", stats.show_stats, PRIVATE & stats.FromAdmin(settings.admins))
        ),
        # A command nobody knows: in a group it is probably another bot's.
        counted("command", MessageHandler(PRIVATE & filters.COMMAND, commands.unknown)),
        # Buttons.
        counted("settings", pressed(settings_menu.choose, f"^{settings_menu.SETTINGS}")),
        counted("settings", pressed(settings_menu.decide, f"^{settings_menu.DELETION}")),
        counted("button", pressed(buttons.press)),
        # Photos for any chat.
        counted("inline", InlineQueryHandler(inline.offer)),
        # Coming into a group; being blocked.
        counted("other", ChatMemberHandler(groups.moved, ChatMemberHandler.MY_CHAT_MEMBER)),
        # Albums, then photos and whatever else shows a picture, then words.
        counted("album", MessageHandler(ASKED & InAlbum(), photo.describe_album)),
        counted("describe", MessageHandler(ASKED & HasPicture(), photo.describe)),
        counted("text", MessageHandler(ASKED & filters.TEXT, text.read_text)),
        # Everything else a person can send: voices, files, places, polls, ...
        counted("other", MessageHandler(ASKED & ~filters.StatusUpdate.ALL, text.decline)),
    ]
