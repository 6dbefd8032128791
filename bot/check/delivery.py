"""Checks of how updates and files reach the bot."""

from __future__ import annotations

from telegram import Bot, WebhookInfo
from telegram.error import TelegramError
from yarl import URL

from bot.finding import Finding, Mark
from engine.errors import BadInputError
from handlers.messages.downloads import content_of


async def check_webhook(bot: Bot, wanted: str | None) -> Finding:
    """Ask where updates go, and whether they arrive there.

    Args:
        bot: The bot.
        wanted: The webhook in the settings; None for long polling.
    """
    try:
        return describe_webhook(await bot.get_webhook_info(), wanted)
    except TelegramError:  # another Bot API server may not know the method
        return Finding(Mark.ADVICE, "updates", "this Bot API server does not tell whether they arrive.")


def describe_webhook(info: WebhookInfo, wanted: str | None) -> Finding:
    """Say where updates go, and whether they arrive there; an address may hold a secret, its host none."""
    host = URL(info.url).host
    if info.url and info.last_error_message and info.pending_update_count:
        message = f"{info.pending_update_count} wait, as {host} fails: {info.last_error_message}."
        return Finding(Mark.WRONG, "updates", message)
    if info.url and info.url != wanted:
        message = f"they are posted to another address, at {host}. The bot takes them over when it starts."
        return Finding(Mark.ADVICE, "updates", message)
    if wanted and not info.url:
        message = "they are not posted to KINDRED_WEBHOOK_URL yet. The bot sets that when it starts."
        return Finding(Mark.ADVICE, "updates", message)
    return Finding(
        Mark.RIGHT, "updates", f"they are posted to {host}." if info.url else "the bot fetches them."
    )


async def check_file(bot: Bot) -> Finding:
    """Fetch the bot's own picture, as the bot fetches people's photos."""
    try:
        pictures = await bot.get_user_profile_photos(bot.id, limit=1)
    except TelegramError:
        return Finding(Mark.ADVICE, "files", "this Bot API server names none to try with.")
    if not pictures.photos:
        message = "the bot has no picture to fetch for a try. Send /setuserpic to @BotFather, and a picture."
        return Finding(Mark.ADVICE, "files", message)
    try:
        content = await content_of(await pictures.photos[0][-1].get_file())
    except (TelegramError, BadInputError) as error:
        return Finding(
            Mark.WRONG,
            "files",
            f"the bot's own picture cannot be fetched ({type(error).__name__}), and so no photo can. Is "
            "KINDRED_BASE_FILE_URL right? Does a Bot API server with --local share its folder with the bot?",
        )
    return Finding(Mark.RIGHT, "files", f"they can be fetched: the bot's picture has {len(content):,} bytes.")
