"""A local Telegram: Bot API server, chat page, and people for tests."""

from bot.playground.faults import Faults
from bot.playground.groups import Group
from bot.playground.inline import Result, Shown
from bot.playground.people import Member, Person
from bot.playground.rates import Rates
from bot.playground.seen import Answer, Seen
from bot.playground.server import Playground
from bot.playground.traffic import Exchange

__all__ = [
    "Answer", "Exchange", "Faults", "Group", "Member", "Person", "Playground", "Rates", "Result",
    "Seen", "Shown",
]  # fmt: skip
