"""Groups, for tests: several people and, most of the time, the bot."""

from __future__ import annotations

from collections.abc import Sequence

from bot.playground.membership import migrate, move, open_topic
from bot.playground.people.client import Seat
from bot.playground.people.person import Member, Person
from bot.playground.people.received import Seen, see
from bot.playground.state import Cloud
from bot.playground.telegram.chats import Chat, Standing
from bot.playground.telegram.entities import with_found

OTHER_BOT_ID = 7_000_000_002
OTHER_BOT = {"id": OTHER_BOT_ID, "is_bot": True, "first_name": "Other", "username": "other_bot"}


class Group:
    """A group; its first member owns it."""

    def __init__(self, cloud: Cloud, chat: Chat) -> None:
        self._cloud = cloud
        self._chat = chat
        self._members: dict[tuple[int, int], Member] = {}

    @property
    def id(self) -> int:
        """The chat's id, below zero."""
        return self._chat.id

    @property
    def standing(self) -> Standing:
        """How the bot stands here."""
        return self._chat.standing

    @property
    def messages(self) -> tuple[Seen, ...]:
        """All that was said, topics together, oldest first."""
        return tuple(see(self._chat, message) for message in self._chat.messages.values())

    def member(self, person: Person, topic: int = 0) -> Member:
        """Let a member say, send, reply and press here, perhaps in a topic."""
        seat = Seat(self._cloud, self._chat, person.id, topic)
        seat.check()
        return self._members.setdefault((person.id, topic), Member(seat))

    async def topic(self, name: str) -> int:
        """Open a topic; its number says which."""
        return open_topic(self._cloud, self._chat, self._chat.owner, name)

    async def add_bot(self) -> None:
        """Add the bot."""
        move(self._cloud, self._chat, self._chat.owner, "member")

    async def remove_bot(self) -> None:
        """Remove the bot."""
        move(self._cloud, self._chat, self._chat.owner, "kicked")

    async def promote_bot(self) -> None:
        """Make the bot an administrator: from now on it is given everything that is said."""
        move(self._cloud, self._chat, self._chat.owner, "administrator")

    async def migrate(self) -> Group:
        """Make a supergroup of it, as Telegram does when its owner wants what only those have."""
        return Group(self._cloud, migrate(self._cloud, self._chat))

    async def other_bot_says(self, text: str) -> Seen:
        """Let another bot write, as its commands come to it and no longer to ours."""
        self._chat.last_bot = OTHER_BOT_ID
        said = {"text": text} | ({"entities": found} if (found := with_found(text, [])) else {})
        return Seen(self._cloud.post(self._chat, OTHER_BOT, said))


def make_group(
    cloud: Cloud, title: str, people: Sequence[Person], *, topics: bool, basic: bool, with_bot: bool
) -> Group:
    """Make a group and, unless told otherwise, add the bot to it."""
    if not people:
        raise ValueError("a group needs at least its owner")
    users = [cloud.chats[person.id].owner for person in people]
    chat = cloud.new_group(title, users, basic=basic, forum=topics)
    if with_bot:
        move(cloud, chat, chat.owner, "member")
    return Group(cloud, chat)
