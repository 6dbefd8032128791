"""The bot's account: its User object and its commands per scope and language."""

from __future__ import annotations

import json

from bot.playground.telegram.parameters import Json

FIRST_NAME = "Kindred"
USERNAME = "kindred_playground_bot"


class Profile:
    """The bot's own account.

    Attributes:
        user: its User object
        photo: the sizes of its picture; there may be none
    """

    def __init__(self, user_id: int) -> None:
        self.user: Json = {"id": user_id, "is_bot": True, "first_name": FIRST_NAME, "username": USERNAME}
        self.photo: list[Json] = []
        self._commands: dict[tuple[str, str], list[Json]] = {}

    def commands(self, scope: Json, language: str) -> list[Json]:
        """Return the commands of exactly this scope and language."""
        return self._commands.get((_key(scope), language), [])

    def set_commands(self, scope: Json, language: str, commands: list[Json]) -> None:
        """Set the commands of a scope and language; an empty list removes them."""
        self._commands[_key(scope), language] = commands

    def private_menu(self, chat_id: int, language: str) -> list[Json]:
        """Return the commands shown in a private chat: those of the narrowest scope that has any."""
        for scope in ({"type": "chat", "chat_id": chat_id}, {"type": "all_private_chats"}, {}):
            for code in (language, ""):
                if commands := self.commands(scope, code):
                    return commands
        return []


def _key(scope: Json) -> str:
    return json.dumps(scope or {"type": "default"}, sort_keys=True)
