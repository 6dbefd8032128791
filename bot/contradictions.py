"""Settings that are valid one by one and contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings


def contradictions(settings: Settings) -> Iterator[str]:
    """Yield one line for each pair of settings that cannot both be meant."""
    if both := settings.allow & settings.deny:
        yield f"KINDRED_DENY: {_ids(both)} also in KINDRED_ALLOW. Remove it from one of the two."
    if both := settings.admins & settings.deny:
        yield f"KINDRED_DENY: {_ids(both)} also in KINDRED_ADMINS, who are always answered. Remove it there."
    if settings.webhook_url and settings.web_port == settings.webhook_port:
        yield (
            f"KINDRED_WEB_PORT: {settings.web_port} is also KINDRED_WEBHOOK_PORT. Give each a port of its "
            "own."
        )
    if (
        settings.names_database
        and settings.webhook_url
        and not (settings.webhook_secret or settings.webhook_secret_file)
    ):
        yield (
            "KINDRED_WEBHOOK_SECRET: not set. The processes that share a database share a webhook, too: give "
            "all of them the same secret."
        )
    if settings.index == "postgresql" and not settings.names_database:
        yield "KINDRED_INDEX: postgresql needs a database. Name it with KINDRED_DATABASE_URL."
    if settings.max_replicas is not None and settings.max_replicas < settings.replicas:
        most, least = settings.max_replicas, settings.replicas
        yield f"KINDRED_MAX_REPLICAS: {most} is less than KINDRED_REPLICAS, {least}. Raise it, or unset it."


def tight_limits(settings: Settings) -> Iterator[str]:
    """Yield one line for each limit that another one makes too low; the bot still works."""
    if settings.waiting < settings.concurrency:
        yield (
            f"KINDRED_WAITING: only {settings.waiting} requests may wait, and KINDRED_CONCURRENCY lets "
            f"{settings.concurrency} chats ask at once: some are told that I am busy."
        )


def _ids(ids: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(ids))) + (" is" if len(ids) == 1 else " are")
