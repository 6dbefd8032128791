"""Who writes: looked up before anything is answered."""

from __future__ import annotations

import logging

from telegram import Update

from handlers.context import Context, language_of
from handlers.store import StoreUnavailableError

logger = logging.getLogger(__name__)


async def load_preferences(update: Update, context: Context) -> None:
    """Look up what the person chose, and so the language to answer in."""
    user = update.effective_user
    if user is None or user.is_bot:
        return
    context.crowd.load_preferences(user.id)
    try:
        context.preferences = await context.store.preferences(user.id)
    except StoreUnavailableError as error:  # an answer in everybody's taste is better than none
        logger.warning("Preferences could not be looked up: %s", error)
    context.speak(context.preferences.language or language_of(update))
