"""/stats, for the host of the bot alone."""

from __future__ import annotations

import time

from telegram import Message, Update
from telegram.ext.filters import MessageFilter

from handlers.context import Context, question
from handlers.replies import stats
from handlers.usage.metrics import UsageReport


class FromAdmin(MessageFilter):
    """Lets messages of these people through; for all others, what they ask does not exist."""

    def __init__(self, admins: frozenset[int]) -> None:
        super().__init__()
        self._admins = admins

    def filter(self, message: Message) -> bool:
        """Tell whether an admin wrote it."""
        return message.from_user is not None and message.from_user.id in self._admins


async def show_stats(update: Update, context: Context) -> None:
    """Tell what was asked of the bot since it began, and how it did."""
    counted = context.counter if isinstance(context.counter, UsageReport) else None
    report = stats.Report(
        seconds=time.monotonic() - context.host.since,
        people=len(context.crowd),
        gallery=context.engine.gallery,
        requests=counted.requests() if counted else {},
        files=counted.files() if counted else (0, 0),
        votes=await context.store.votes(),
    )
    await context.reply(question(update), stats.stats(context.texts, report))
