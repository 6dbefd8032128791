"""A local Telegram: Bot API server, chat page, and people for tests."""

from bot.playground.people import Answer, Person, Seen
from bot.playground.server import Playground
from bot.playground.traffic import Exchange

__all__ = ["Answer", "Exchange", "Person", "Playground", "Seen"]
