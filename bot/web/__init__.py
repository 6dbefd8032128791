"""Web front: the HTTP API of the engine, the explorer and API pages, health check and metrics."""

from bot.web.server import WebServer

__all__ = ["WebServer"]
