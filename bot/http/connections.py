"""Limits on connections: how many a server holds, and how long each may take to send a header.

No middleware sees a connection before its first request is complete, so the limits are set where the
connection is accepted.
"""

from __future__ import annotations

import asyncio
import math
from typing import Final

from aiohttp import web

from bot.http.guard import Handler

MAX_CONNECTIONS: Final = 512  # of one server; beyond it the longest idle one makes room
# Seconds in which a header has to arrive, after the connection or the last response. A proxy keeps its own
# connections for a minute at most (nginx: 60 s), so that none is closed while the proxy writes to it.
HEADER_TIMEOUT: Final = 75.0
MAX_LINE_SIZE: Final = 8190  # bytes of a request line or header; aiohttp's default
# When each connection was accepted or last answered, on the loop's clock; infinite while one is answered.
IDLE_SINCE: Final = web.AppKey("idle_since", dict[web.RequestHandler, float])


class LimitedSite(web.BaseSite):
    """A TCP site with a limited number of connections."""

    def __init__(self, runner: web.AppRunner, host: str, port: int) -> None:
        """Take a runner of `limited_runner` that is set up; port 0 takes any free one."""
        super().__init__(runner)
        self._host, self._port = host, port
        self._idle_since = runner.app[IDLE_SINCE]

    @property
    def name(self) -> str:
        """Return the URL that the site is bound to."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: The address cannot be used.
        """
        await super().start()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, self._host, self._port)

    def _accept(self) -> asyncio.BaseProtocol:
        """Return the protocol of a new connection, for which the longest idle one makes room if need be."""
        server = self._runner.server
        if server is None:
            raise TypeError("the site was started before its runner was set up")
        now, idle_since = asyncio.get_running_loop().time(), self._idle_since
        alive = [one for one in server.connections if one.transport is not None]
        for gone in idle_since.keys() - set(server.connections):
            del idle_since[gone]
        if len(alive) >= MAX_CONNECTIONS:
            idlest = min(alive, key=lambda one: idle_since.get(one, now))
            if math.isinf(idle_since.get(idlest, now)):
                return _Refusal()
            idlest.force_close()
        protocol = server()
        idle_since[protocol] = now
        return protocol


class _Refusal(asyncio.Protocol):
    """Closes its connection at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close the connection."""
        transport.close()


def limited_runner(
    app: web.Application,
    *,
    lingering_time: float,
    shutdown_timeout: float,
    handler_cancellation: bool = False,
    max_line_size: int = MAX_LINE_SIZE,
) -> web.AppRunner:
    """Return a runner whose connections have to send a header in time; its sites are `LimitedSite`.

    Args:
        app: The application; no middleware may be added to it afterwards.
        lingering_time: Seconds in which a refused client may still send, and read why.
        shutdown_timeout: Seconds in which requests may still be answered at the end.
        handler_cancellation: Whether a handler ends when its client leaves.
        max_line_size: Bytes of a request line or a header.
    """
    app[IDLE_SINCE] = {}
    app.middlewares.insert(0, _mark_busy)
    return web.AppRunner(
        app,
        access_log=None,
        handler_cancellation=handler_cancellation,
        keepalive_timeout=HEADER_TIMEOUT,
        lingering_time=lingering_time,
        shutdown_timeout=shutdown_timeout / 2,  # it passes twice: findings/shutdown-timeout-passes-twice.sh
        max_line_size=max_line_size,
    )


@web.middleware
async def _mark_busy(request: web.Request, handler: Handler) -> web.StreamResponse:
    idle_since, connection = request.app[IDLE_SINCE], request.protocol
    idle_since[connection] = math.inf
    try:
        return await handler(request)
    finally:
        idle_since[connection] = asyncio.get_running_loop().time()
