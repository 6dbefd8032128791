"""The state of the playground: people, chats, messages, files. No HTTP.

Messages are stored as Bot API objects and replaced, never mutated. Every change is published as an
event; what the bot may know of it is also queued as an update.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Iterator, Sequence

from bot.playground.fault_injection import Faults
from bot.playground.rates import Rates
from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.callback_queries import CallbackQueries
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.events import Events
from bot.playground.telegram.files import FileStore
from bot.playground.telegram.inline import InlineQueries
from bot.playground.telegram.parameters import Json
from bot.playground.telegram.privacy_mode import is_delivered
from bot.playground.telegram.profile import Profile
from bot.playground.telegram.updates import UpdateQueue
from bot.playground.telegram.webhook import Webhook, WebhookConfig

Clock = Callable[[], float]
Notice = Callable[[str], str]  # from a language code; empty if there is nothing to say

BOT_ID = 7_000_000_001
FIRST_PERSON_ID = 5_000_000_001  # beyond 32 bits, as new accounts are: it exposes truncated ids
FIRST_GROUP_ID = -4_000_000_001
FIRST_SUPERGROUP_ID = -1_002_000_000_001


class State:
    """Everything the playground stores, in memory."""

    def __init__(self, clock: Clock = time.time) -> None:
        self.clock = clock
        self.events = Events()
        self.files = FileStore()
        self.updates = UpdateQueue()
        self.webhook: Webhook | None = None
        self.faults = Faults()
        self.rates = Rates(clock)
        self.callback_queries = CallbackQueries(clock, self.updates, self.events)
        self.inline = InlineQueries(clock, self.updates)
        self.profile = Profile(BOT_ID)
        self.chats: dict[int, Chat] = {}
        self.notice: Notice = lambda _: ""
        self._message_ids = itertools.count(1)  # private chats and basic groups share one sequence

    def private_chat(self, name: str, language: str | None = None) -> Chat:
        """Return the private chat of the person of this name; a new name creates a person.

        `language` is a language code, or "" for an app that reports none; None leaves it unchanged.
        """
        private = [chat for chat in self.chats.values() if chat.is_private]
        chat = next((chat for chat in private if chat.owner["first_name"] == name), None)
        if chat is None:
            user_id = FIRST_PERSON_ID + len(private)
            user: Json = {"id": user_id, "is_bot": False, "first_name": name, "language_code": "en"}
            wire = {"id": user_id, "type": "private", "first_name": name}
            chat = self.chats[user_id] = Chat(wire, self._message_ids, {user_id: user})
        if language is not None:
            user = _with_language(chat.owner, language)
            for other in self.chats.values():
                if user["id"] in other.people:
                    other.people[user["id"]] = user
        return chat

    def new_group(self, title: str, people: Sequence[Json], basic: bool, forum: bool) -> Chat:
        """Create a group owned by the first of these people; the bot is not a member yet."""
        count = sum(not chat.is_private for chat in self.chats.values())
        chat_id = (FIRST_GROUP_ID if basic else FIRST_SUPERGROUP_ID) - count
        wire = {"id": chat_id, "type": "group" if basic else "supergroup", "title": title}
        message_ids: Iterator[int] = self._message_ids if basic else itertools.count(1)
        members = {user["id"]: user for user in people}
        chat = self.chats[chat_id] = Chat(wire | ({"is_forum": True} if forum else {}), message_ids, members)
        return chat

    def chat(self, chat_id: int) -> Chat:
        """Return a chat that the bot may look up.

        Raises:
            ApiError: the bot does not know this chat, or is not a member.
        """
        chat = self.chats.get(chat_id)
        if chat is None:
            raise bad_request("chat not found")
        chat.check_visible()
        return chat

    def new_media_group_id(self) -> str:
        """Return the id of a new album."""
        return str(secrets.randbelow(10**16) + 10**16)

    def post_from_bot(self, chat: Chat, content: Json) -> Json:
        """Post a message of the bot and return it."""
        return self.post_album(chat, [content])[0]

    def post_album(self, chat: Chat, contents: Sequence[Json]) -> list[Json]:
        """Post messages of the bot and return them.

        Raises:
            ApiError: rate limits are enforced and exceeded; no message is posted.
        """
        self.rates.take(chat.id, len(contents), contents[0].get("media_group_id", ""))
        return [self.post(chat, self.profile.user, content) for content in contents]

    def post_from_person(self, chat: Chat, user: Json, content: Json) -> Json:
        """Post a message of a person, queue it for the bot where that may receive it, and return it."""
        if chat.is_private and chat.bot_status == "left":
            chat.bot_status = "member"
        message = self.post(chat, user, content)
        self._queue_update("message", chat, message)
        return message

    def post(self, chat: Chat, sender: Json, content: Json) -> Json:
        """Post a message without an update for the bot, and return it."""
        message_id: int = content.get("message_id") or next(chat.message_ids)
        header = {"message_id": message_id, "from": sender, "chat": chat.wire, "date": int(self.clock())}
        message = header | content
        chat.messages[message_id] = message
        self.events.publish(chat.id, {"type": "message", "message": message})
        return message

    def replace(self, chat: Chat, message: Json) -> Json:
        """Replace a message by its edited version and return that."""
        chat.messages[message["message_id"]] = message
        self.events.publish(chat.id, {"type": "edit", "message": message})
        if not message["from"]["is_bot"]:
            self._queue_update("edited_message", chat, message)
        return message

    def delete(self, chat: Chat, message_id: int) -> None:
        """Delete a message."""
        chat.messages.pop(message_id)
        self.events.publish(chat.id, {"type": "delete", "message_ids": [message_id]})

    def mark_known(self, user: Json) -> None:
        """Let the bot look up the private chat of this person from now on."""
        if user["id"] in self.chats:
            self.chats[user["id"]].known = True

    async def set_webhook(self, config: WebhookConfig | None) -> None:
        """Post updates to a webhook from now on, or to none."""
        if self.webhook is not None:
            await self.webhook.close()
        self.webhook = None if config is None else Webhook(config, self.updates)
        self.updates.set_webhook(active=config is not None)

    @property
    def has_bot(self) -> bool:
        """Return whether a bot is receiving updates."""
        return not self.webhook.failing if self.webhook else self.updates.is_polled

    async def close(self) -> None:
        """End polls, the webhook and event streams."""
        await self.set_webhook(None)
        self.updates.close()
        self.events.publish_everywhere(None)

    def _queue_update(self, kind: str, chat: Chat, message: Json) -> None:
        if is_delivered(chat, message, self.profile.user):
            chat.known = True
            self.mark_known(message["from"])
            self.updates.put(kind, message)


def _with_language(user: Json, language: str) -> Json:
    rest = {name: value for name, value in user.items() if name != "language_code"}
    return rest | ({"language_code": language} if language else {})
