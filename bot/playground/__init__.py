"""A local Telegram: Bot API server, chat page, and people for tests."""

from bot.playground.fault_injection import Faults
from bot.playground.people.group import Group
from bot.playground.people.person import Member, Person
from bot.playground.people.received import CallbackAnswer, Seen
from bot.playground.rates import Rates
from bot.playground.server import Playground
from bot.playground.telegram.call_log import Exchange
from bot.playground.telegram.inline import InlineAnswer, InlineResult

__all__ = [
    "CallbackAnswer", "Exchange", "Faults", "Group", "InlineAnswer", "InlineResult", "Member", "Person",
    "Playground", "Rates", "Seen",
]  # fmt: skip
