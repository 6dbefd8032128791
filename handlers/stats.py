"""/stats: usage statistics, for admins only."""

from __future__ import annotations

import time

from telegram import Message, Update
from telegram.ext.filters import MessageFilter

from handlers.context import Context, new_message
from handlers.replies import stats
from handlers.usage.metrics import UsageReport


class FromAdmin(MessageFilter):
    """Passes messages of admins; for other users the command does not exist."""

    def __init__(self, admins: frozenset[int]) -> None:
        super().__init__()
        self._admins = admins

    def filter(self, message: Message) -> bool:
        """Return whether an admin sent the message."""
        return message.from_user is not None and message.from_user.id in self._admins


async def show_stats(update: Update, context: Context) -> None:
    """Send the usage statistics since the start."""
    usage = context.usage if isinstance(context.usage, UsageReport) else None
    report = stats.StatsReport(
        uptime=time.monotonic() - context.operator.started_at,
        users=len(context.unique_users),
        gallery=context.engine.gallery,
        requests=usage.requests() if usage else {},
        files=usage.files() if usage else (0, 0),
        votes=await context.store.votes(),
    )
    await context.reply(new_message(update), stats.stats(context.texts, report))
