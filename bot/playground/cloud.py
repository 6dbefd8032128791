"""The state of the playground: who is there, what was said, which files exist. No HTTP.

Messages are kept as they stand on the wire and are replaced, never altered: what was handed
out stays as it was. Every change is told to the feed; what concerns the bot is also queued
as an update.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.playground.feed import Feed
from bot.playground.limits import QUERY_SECONDS
from bot.playground.profile import Profile
from bot.playground.refusals import QUERY_TOO_OLD, bad_request
from bot.playground.shelf import Shelf
from bot.playground.updates import UpdateQueue
from bot.playground.wire import Json

Clock = Callable[[], float]

BOT_ID = 7_000_000_001
FIRST_PERSON_ID = 5_000_000_001  # beyond 32 bits, as new accounts are: it shows who cut ids short


@dataclass
class Chat:
    """A private chat of one person with the bot."""

    person: Json
    started: bool = False  # a bot cannot write to a person who never wrote to it
    messages: dict[int, Json] = field(default_factory=dict)
    reactions: dict[int, list[Json]] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The chat's id; in a private chat it is the person's."""
        number: int = self.person["id"]
        return number

    @property
    def wire(self) -> Json:
        """The chat as it stands in messages."""
        return {"id": self.id, "type": "private", "first_name": self.person["first_name"]}


@dataclass(frozen=True)
class Query:
    """A pressed button that waits for its answer."""

    chat: Chat
    pressed_at: float


class Cloud:
    """Everything the playground knows, in memory."""

    def __init__(self, clock: Clock = time.time) -> None:
        self.clock = clock
        self.feed = Feed()
        self.shelf = Shelf()
        self.updates = UpdateQueue()
        self.profile = Profile(BOT_ID)
        self._chats: dict[int, Chat] = {}
        self._queries: dict[str, Query] = {}
        self._last_message = 0

    def chat_with(self, name: str) -> Chat:
        """Find the chat with a person of this name; a new name is a new person."""
        for chat in self._chats.values():
            if chat.person["first_name"] == name:
                return chat
        number = FIRST_PERSON_ID + len(self._chats)
        person = {"id": number, "is_bot": False, "first_name": name, "language_code": "en"}
        self._chats[number] = Chat(person)
        return self._chats[number]

    def chat(self, chat_id: int) -> Chat:
        """Find a chat as a bot may: only those who wrote to it are there."""
        chat = self._chats.get(chat_id)
        if chat is None or not chat.started:
            raise bad_request("chat not found")
        return chat

    def new_group_id(self) -> str:
        """Name a new album."""
        return str(secrets.randbelow(10**16) + 10**16)

    def post_from_bot(self, chat: Chat, content: Json) -> Json:
        """Put a message of the bot into a chat."""
        return self._post(chat, self.profile.user, content)

    def post_from_person(self, chat: Chat, content: Json) -> Json:
        """Put a message of the person into their chat, and queue it for the bot."""
        chat.started = True
        message = self._post(chat, chat.person, content)
        self.updates.put("message", message)
        return message

    def replace(self, chat: Chat, message: Json) -> Json:
        """Put an edited message in the place of its earlier self."""
        chat.messages[message["message_id"]] = message
        self.feed.tell(chat.id, {"type": "edit", "message": message})
        if not message["from"]["is_bot"]:
            self.updates.put("edited_message", message)
        return message

    def delete(self, chat: Chat, numbers: Sequence[int]) -> None:
        """Take messages out of a chat."""
        for number in numbers:
            chat.messages.pop(number, None)
            chat.reactions.pop(number, None)
        self.feed.tell(chat.id, {"type": "delete", "message_ids": list(numbers)})

    def react(self, chat: Chat, number: int, reactions: list[Json]) -> None:
        """Set the bot's reactions to a message."""
        chat.reactions[number] = reactions
        self.feed.tell(chat.id, {"type": "reaction", "message_id": number, "reactions": reactions})

    def act(self, chat: Chat, action: str) -> None:
        """Show what the bot is doing."""
        self.feed.tell(chat.id, {"type": "action", "action": action})

    def press(self, chat: Chat, message: Json, data: str) -> str:
        """Press a button of a message; the result names the query that waits for an answer."""
        number = str(secrets.randbelow(10**18) + 10**18)
        self._queries[number] = Query(chat, self.clock())
        query = {"id": number, "from": chat.person, "message": message, "data": data}
        self.updates.put("callback_query", query | {"chat_instance": str(-chat.id)})
        return number

    def answer(self, number: str, answer: Json) -> None:
        """Answer a pressed button once, in time."""
        query = self._queries.pop(number, None)
        if query is None or self.clock() - query.pressed_at > QUERY_SECONDS:
            raise bad_request(QUERY_TOO_OLD)
        self.feed.tell(query.chat.id, {"type": "answer", "query": number, **answer})

    def close(self) -> None:
        """Send everyone home: pollers and pages."""
        self.updates.close()
        self.feed.tell_all(None)

    def _post(self, chat: Chat, sender: Json, content: Json) -> Json:
        self._last_message += 1
        head = {"message_id": self._last_message, "from": sender, "chat": chat.wire}
        message = head | {"date": int(self.clock())} | content
        chat.messages[self._last_message] = message
        self.feed.tell(chat.id, {"type": "message", "message": message})
        return message
