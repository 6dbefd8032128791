"""The web front: the engine's verbs over HTTP, pages to wander and to try them, health and figures."""

from bot.web.server import Web

__all__ = ["Web"]
