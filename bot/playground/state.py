"""The state of the playground: who is there, what was said, which files exist. No HTTP.

Messages are kept as they stand on the wire and are replaced, never altered: what was handed
out stays as it was. Every change is told to the feed; what concerns the bot is also queued
as an update.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Iterator, Sequence

from bot.playground.fault_injection import Faults
from bot.playground.rates import Rates
from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.callback_queries import Presses
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.events import Feed
from bot.playground.telegram.files import Shelf
from bot.playground.telegram.inline import InlineDesk
from bot.playground.telegram.parameters import Json
from bot.playground.telegram.privacy_mode import is_given
from bot.playground.telegram.profile import Profile
from bot.playground.telegram.updates import UpdateQueue
from bot.playground.telegram.webhook import Hook, Webhook

Clock = Callable[[], float]

BOT_ID = 7_000_000_001
FIRST_PERSON_ID = 5_000_000_001  # beyond 32 bits, as new accounts are: it shows who cut ids short
FIRST_GROUP_ID = -4_000_000_001
FIRST_SUPERGROUP_ID = -1_002_000_000_001


class Cloud:
    """Everything the playground knows, in memory."""

    def __init__(self, clock: Clock = time.time) -> None:
        self.clock = clock
        self.feed = Feed()
        self.shelf = Shelf()
        self.updates = UpdateQueue()
        self.webhook: Webhook | None = None
        self.faults = Faults()
        self.rates = Rates(clock)
        self.presses = Presses(clock, self.updates, self.feed)
        self.inline = InlineDesk(clock, self.updates)
        self.profile = Profile(BOT_ID)
        self.chats: dict[int, Chat] = {}
        self._numbers = itertools.count(1)  # private chats and small groups share one row of numbers

    def chat_with(self, name: str, language: str | None = None) -> Chat:
        """Find the private chat of the person of this name; a new name is a new person.

        `language` is a language code, or empty for an app that tells none; None leaves it be.
        """
        own = [chat for chat in self.chats.values() if chat.is_private]
        chat = next((chat for chat in own if chat.owner["first_name"] == name), None)
        if chat is None:
            number = FIRST_PERSON_ID + len(own)
            user: Json = {"id": number, "is_bot": False, "first_name": name, "language_code": "en"}
            wire = {"id": number, "type": "private", "first_name": name}
            chat = self.chats[number] = Chat(wire, self._numbers, {number: user})
        if language is not None:
            user = speaking(chat.owner, language)
            for other in self.chats.values():
                if user["id"] in other.people:
                    other.people[user["id"]] = user
        return chat

    def new_group(self, title: str, people: Sequence[Json], basic: bool, forum: bool) -> Chat:
        """Make a group; the first of the people owns it. The bot is not in it yet."""
        count = sum(not chat.is_private for chat in self.chats.values())
        number = (FIRST_GROUP_ID if basic else FIRST_SUPERGROUP_ID) - count
        wire = {"id": number, "type": "group" if basic else "supergroup", "title": title}
        numbers: Iterator[int] = self._numbers if basic else itertools.count(1)
        chat = Chat(wire | ({"is_forum": True} if forum else {}), numbers, {one["id"]: one for one in people})
        self.chats[number] = chat
        self.feed.tell_all({"type": "chats"})
        return chat

    def chat(self, chat_id: int) -> Chat:
        """Find a chat as a bot may: only those it was told of are there."""
        chat = self.chats.get(chat_id)
        if chat is None:
            raise bad_request("chat not found")
        chat.check_visible()
        return chat

    def new_group_id(self) -> str:
        """Name a new album."""
        return str(secrets.randbelow(10**16) + 10**16)

    def post_from_bot(self, chat: Chat, content: Json) -> Json:
        """Put a message of the bot into a chat."""
        return self.post_album(chat, [content])[0]

    def post_album(self, chat: Chat, contents: Sequence[Json]) -> list[Json]:
        """Put messages of the bot into a chat, all of them or, if that is too fast, none."""
        self.rates.take(chat.id, len(contents), contents[0].get("media_group_id", ""))
        chat.last_bot = self.profile.user["id"]
        return [self.post(chat, self.profile.user, content) for content in contents]

    def post_from_person(self, chat: Chat, user: Json, content: Json) -> Json:
        """Put a message of a person into a chat, and queue it for the bot if that may know it."""
        if chat.is_private and chat.standing == "left":
            chat.standing = "member"
            self.feed.tell_all({"type": "chats"})
        message = self.post(chat, user, content)
        self._tell_bot("message", chat, message)
        return message

    def post(self, chat: Chat, sender: Json, content: Json) -> Json:
        """Put a message into a chat; the bot hears nothing of it."""
        number: int = content.get("message_id") or next(chat.numbers)
        head = {"message_id": number, "from": sender, "chat": chat.wire}
        message = head | {"date": int(self.clock())} | content
        chat.messages[number] = message
        self.feed.tell(chat.id, {"type": "message", "message": message})
        return message

    def replace(self, chat: Chat, message: Json) -> Json:
        """Put an edited message in the place of its earlier self."""
        chat.messages[message["message_id"]] = message
        self.feed.tell(chat.id, {"type": "edit", "message": message})
        if not message["from"]["is_bot"] and "via_bot" not in message:
            self._tell_bot("edited_message", chat, message)
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

    def act(self, chat: Chat, action: str, topic: int = 0) -> None:
        """Show what the bot is doing."""
        self.feed.tell(chat.id, {"type": "action", "action": action, "topic": topic})

    def meet(self, user: Json) -> None:
        """Remember that the bot knows this person from now on."""
        if user["id"] in self.chats:
            self.chats[user["id"]].known = True

    async def hook_up(self, hook: Hook | None) -> None:
        """Post updates to a webhook from now on, or to none."""
        if self.webhook is not None:
            await self.webhook.close()
        self.webhook = None if hook is None else Webhook(hook, self.updates)
        self.updates.hook(self.webhook is not None)

    @property
    def attended(self) -> bool:
        """Whether there is a bot that takes updates."""
        return not self.webhook.failing if self.webhook else self.updates.polled

    async def close(self) -> None:
        """Send everyone home: pollers, the webhook, pages."""
        await self.hook_up(None)
        self.updates.close()
        self.feed.tell_all(None)

    def _tell_bot(self, kind: str, chat: Chat, message: Json) -> None:
        if is_given(chat, message, self.profile.user):
            chat.known = True
            self.meet(message["from"])
            self.updates.put(kind, message)


def speaking(user: Json, language: str) -> Json:
    """Give a person a language, or none."""
    rest = {name: value for name, value in user.items() if name != "language_code"}
    return rest | ({"language_code": language} if language else {})
