"""The playground implements the Bot API methods that are needed, and no others."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import telegram
from telegram.ext import Updater

from bot.playground.methods.registry import METHODS

ROOT = Path(__file__).resolve().parents[3]
PLAYGROUND = ROOT / "bot" / "playground"
# Methods that the bot itself does not call, and who needs them.
FURTHER_METHODS = {
    "getmycommands": "tests/bot/conversation reads the menus back that the bot has set",
}
# Methods that are called by name, as `bot.do_api_request(POLL)` of bot/updates/receiver.py.
CALLED_BY_NAME = {"getupdates"}
# Methods of the class Bot that are none of the Bot API; and `close`, which files and databases have, too.
NO_METHODS = {"initialize", "shutdown", "do_api_request", "close"}


def bot_methods() -> set[str]:
    """Return the Bot's coroutine methods in snake case, which are the Bot API's methods."""
    members = inspect.getmembers(telegram.Bot, inspect.isfunction)
    coroutines = {name for name, member in members if inspect.iscoroutinefunction(inspect.unwrap(member))}
    return {name for name in coroutines if not name.startswith("_")} - NO_METHODS


def shortcuts() -> dict[str, set[str]]:
    """Return what each shortcut calls: `Message.reply_text` calls `send_message`."""
    found: dict[str, set[str]] = {}
    for cls in (telegram.Message, telegram.CallbackQuery, telegram.InlineQuery, telegram.PhotoSize):
        for name, method in inspect.getmembers(cls, inspect.iscoroutinefunction):
            called = re.findall(r"get_bot\(\)\.(\w+)\(", inspect.getsource(method))
            found.setdefault(name, set()).update(called)
    found["delete"].remove("delete_business_messages")  # the bot serves no business account
    return found


def attributes_in_code() -> Iterator[ast.Attribute]:
    """Yield every attribute access in the bot's code."""
    for folder in ("bot", "handlers", "data"):
        for path in (ROOT / folder).rglob("*.py"):
            if not path.is_relative_to(PLAYGROUND):
                tree = ast.parse(path.read_text("utf-8"))
                yield from (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))


@cache
def used_methods() -> set[str]:
    """Return the methods that the bot calls, and those that python-telegram-bot calls on its own."""
    methods, calls = bot_methods(), shortcuts()
    used = set(re.findall(r"\.bot\.(\w+)\(", inspect.getsource(Updater))) | {"get_me"}  # Bot.initialize
    for node in attributes_in_code():
        used |= {node.attr} | calls.get(node.attr, set())
    return {name.replace("_", "") for name in used & methods} | CALLED_BY_NAME


def test_the_methods_that_the_bot_uses_are_found_in_its_code() -> None:
    assert {
        "sendmessage",
        "sendmediagroup",
        "answercallbackquery",
        "answerinlinequery",
        "getfile",
    } <= used_methods()
    assert "sendpoll" not in used_methods()


def test_every_method_is_implemented_for_a_reason() -> None:
    assert not FURTHER_METHODS.keys() & used_methods(), "the bot uses it now: take it out of the table"
    assert METHODS.keys() == used_methods() | FURTHER_METHODS.keys()
