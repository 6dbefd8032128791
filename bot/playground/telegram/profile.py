"""What a bot says about itself: name, descriptions, commands, each per language."""

from __future__ import annotations

import json
from typing import Literal

from bot.playground.telegram.parameters import Json

Words = Literal["name", "description", "short_description"]

FIRST_NAME = "Kindred"
USERNAME = "kindred_playground_bot"


class Profile:
    """The bot's own account."""

    def __init__(self, number: int) -> None:
        self.user: Json = {"id": number, "is_bot": True, "first_name": FIRST_NAME, "username": USERNAME}
        self._words: dict[tuple[Words, str], str] = {}
        self._commands: dict[tuple[str, str], list[Json]] = {}

    def words(self, kind: Words, language: str) -> str:
        """Read a text; a language without one of its own has the common one."""
        common = FIRST_NAME if kind == "name" else ""
        return self._words.get((kind, language)) or self._words.get((kind, "")) or common

    def set_words(self, kind: Words, language: str, text: str) -> None:
        """Write a text; an empty one takes it away."""
        self._words[kind, language] = text

    def commands(self, scope: Json, language: str) -> list[Json]:
        """Read the commands of exactly this scope and language."""
        return self._commands.get((_key(scope), language), [])

    def set_commands(self, scope: Json, language: str, commands: list[Json]) -> None:
        """Write the commands of a scope and language; an empty list takes them away."""
        self._commands[_key(scope), language] = commands

    def menu(self, chat_id: int, language: str, *, private: bool) -> list[Json]:
        """Find the commands a person sees in a chat: the narrowest scope that has any."""
        kind = "all_private_chats" if private else "all_group_chats"
        for scope in ({"type": "chat", "chat_id": chat_id}, {"type": kind}, {}):
            for tongue in (language, ""):
                if commands := self.commands(scope, tongue):
                    return commands
        return []


def _key(scope: Json) -> str:
    return json.dumps(scope or {"type": "default"}, sort_keys=True)
