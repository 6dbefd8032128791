"""A local Telegram: Bot API server, chat page, and people for tests."""

from bot.playground.groups import Group
from bot.playground.inline import Result, Shown
from bot.playground.people import Member, Person
from bot.playground.seen import Answer, Seen
from bot.playground.server import Playground
from bot.playground.traffic import Exchange

__all__ = ["Answer", "Exchange", "Group", "Member", "Person", "Playground", "Result", "Seen", "Shown"]
