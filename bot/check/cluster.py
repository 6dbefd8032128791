"""Checks of the replicas on Ray."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.finding import Finding, Mark
from bot.settings import Settings
from engine.errors import ClusterError

if TYPE_CHECKING:
    from engine.cluster.deployment import ReplicaStatus


def check_replicas(settings: Settings) -> Iterator[Finding]:
    """Check that Ray can be used, and count the replicas that answer, if the settings want any."""
    if settings.engine == "local":
        return
    from engine.cluster import connection, deployment

    try:
        if settings.ray_address is None:
            connection.import_ray(settings)
            message = f"{settings.replicas} start with the bot, on this machine."
            yield Finding(Mark.RIGHT, "replicas", message)
            return
        with connection.connected(settings):
            status = deployment.replica_status()
    except ClusterError as error:
        yield Finding(Mark.WRONG, "replicas", str(error))
    else:
        yield _finding(status, settings.ray_address)


def _finding(status: ReplicaStatus | None, address: str) -> Finding:
    if status is None:
        return Finding(Mark.ADVICE, "replicas", f"none at {address} yet. The bot starts them when it starts.")
    message = f"{status.running} of {status.wanted} at {address} answer."
    if status.running < status.wanted:
        return Finding(Mark.WRONG, "replicas", f"{message} {status.message}".rstrip())
    return Finding(Mark.RIGHT, "replicas", message)
