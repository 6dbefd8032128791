"""Types and constants that several packages of the bot share."""

from __future__ import annotations

from typing import Any

from telegram import Update
from telegram.ext import Application, ExtBot

from handlers.context import Context

KindredApplication = Application[ExtBot[None], Context, dict[Any, Any], dict[Any, Any], dict[Any, Any], None]

ALLOWED_UPDATES = (Update.MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY, Update.MY_CHAT_MEMBER)
