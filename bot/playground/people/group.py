"""Groups for tests: several people and, usually, the bot."""

from __future__ import annotations

from collections.abc import Sequence

from bot.playground.membership import migrate, open_topic, set_bot_status
from bot.playground.people.client import Session
from bot.playground.people.person import Member, Person
from bot.playground.people.received import Seen
from bot.playground.state import State
from bot.playground.telegram.chats import Chat, MemberStatus


class Group:
    """A group; its first member owns it."""

    def __init__(self, state: State, chat: Chat) -> None:
        self._state = state
        self._chat = chat
        self._members: dict[tuple[int, int], Member] = {}

    @property
    def id(self) -> int:
        """Return the chat's id, which is negative."""
        return self._chat.id

    @property
    def bot_status(self) -> MemberStatus:
        """Return the bot's member status."""
        return self._chat.bot_status

    @property
    def messages(self) -> tuple[Seen, ...]:
        """Return the messages of all topics, oldest first."""
        return tuple(Seen(message) for message in self._chat.messages.values())

    def member(self, person: Person, topic: int = 0) -> Member:
        """Return a person as a member of this group, perhaps in a topic.

        Raises:
            ImpossibleActionError: the person is not in this group.
        """
        session = Session(self._state, self._chat, person.id, topic)
        session.check_writable()
        return self._members.setdefault((person.id, topic), Member(session))

    async def topic(self, name: str) -> int:
        """Open a topic and return its id."""
        return open_topic(self._state, self._chat, self._chat.owner, name)

    async def add_bot(self) -> None:
        """Add the bot."""
        set_bot_status(self._state, self._chat, self._chat.owner, "member")

    async def remove_bot(self) -> None:
        """Remove the bot."""
        set_bot_status(self._state, self._chat, self._chat.owner, "kicked")

    async def promote_bot(self) -> None:
        """Make the bot an administrator: from now on it receives every message."""
        set_bot_status(self._state, self._chat, self._chat.owner, "administrator")

    async def migrate(self) -> Group:
        """Turn it into a supergroup and return that."""
        return Group(self._state, migrate(self._state, self._chat))


def make_group(
    state: State, title: str, people: Sequence[Person], *, topics: bool, basic: bool, with_bot: bool
) -> Group:
    """Create a group and, unless `with_bot` is false, add the bot to it."""
    if not people:
        raise ValueError("a group needs at least its owner")
    users = [state.chats[person.id].owner for person in people]
    chat = state.new_group(title, users, basic=basic, forum=topics)
    if with_bot:
        set_bot_status(state, chat, chat.owner, "member")
    return Group(state, chat)
