"""Loading the user's preferences, before any other handler runs."""

from __future__ import annotations

import logging

from telegram import Update

from handlers.context import Context, language_of
from handlers.store import StoreUnavailableError

logger = logging.getLogger(__name__)


async def load_preferences(update: Update, context: Context) -> None:
    """Load the user's preferences, and set the language of the context."""
    user = update.effective_user
    if user is None or user.is_bot:
        return
    context.unique_users.add(user.id)
    try:
        context.preferences = await context.store.preferences(user.id)
    except StoreUnavailableError as error:  # an answer with default preferences is better than none
        logger.warning("Preferences could not be looked up: %s", error)
    context.set_language(context.preferences.language or language_of(update))
