"""A local Telegram: Bot API server, chat page, and people for tests."""

from bot.playground.fault_injection import Faults
from bot.playground.people.group import Group
from bot.playground.people.person import Member, Person
from bot.playground.people.received import Answer, Seen
from bot.playground.rates import Rates
from bot.playground.server import Playground
from bot.playground.telegram.call_log import Exchange
from bot.playground.telegram.inline import Result, Shown

__all__ = [
    "Answer", "Exchange", "Faults", "Group", "Member", "Person", "Playground", "Rates", "Result",
    "Seen", "Shown",
]  # fmt: skip
