"""Whose app the page is, in which chat, and what both look like to it."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from bot.http.guard import Handler
from bot.playground.people.client import Impossible, Seat
from bot.playground.state import Cloud
from bot.playground.telegram.api_errors import Refused
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.parameters import Json

PERSON: Final = "Friend"  # who the page's user is, unless its address says ?name=


class Seats:
    """Finds people and chats for the page."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def of(self, request: web.Request) -> Seat:
        """Find the person, chat and topic a request is about."""
        own = self.person(request.query.get("name", ""))
        try:
            number, topic = int(request.query.get("chat") or own.id), int(request.query.get("topic") or 0)
        except ValueError as error:
            raise Impossible("a chat and a topic are numbers") from error
        chat = self._cloud.chats.get(number)
        if chat is None or own.id not in chat.people:
            raise Impossible("you are not in this chat")
        if topic and topic not in chat.topics:
            raise Impossible("there is no such topic")
        return Seat(self._cloud, chat, own.id, topic)

    def person(self, name: str, language: str | None = None) -> Chat:
        """Find a person's own chat by their first name; a new name is a new person."""
        return self._cloud.chat_with(name.strip() or PERSON, language)

    def chats(self, person_id: int) -> list[Json]:
        """List the chats a person is in."""
        chats = [chat for chat in self._cloud.chats.values() if not chat.moved_to]
        return [_shown(chat) for chat in chats if person_id in chat.people]

    def history(self, seat: Seat) -> Json:
        """Tell everything there is in a chat."""
        chat = seat.chat
        reactions = [{"message_id": number, "reactions": set_} for number, set_ in chat.reactions.items()]
        said = {"messages": list(chat.messages.values()), "reactions": reactions}
        return {"type": "history", "chat": _shown(chat)} | said | {"profile": self.profile(seat)}

    def profile(self, seat: Seat) -> Json:
        """Tell what the bot says of itself, in the person's language."""
        profile, language = self._cloud.profile, seat.user.get("language_code", "")
        return {
            "type": "profile",
            "name": profile.words("name", language),
            "username": profile.user["username"],
            "description": profile.words("description", language),
            "commands": profile.menu(seat.chat.id, language, private=seat.chat.is_private),
        }


def explained(handler: Handler) -> Handler:
    """Tell the page why something cannot be done."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except (Impossible, Refused) as error:
            return web.json_response({"error": str(error)}, status=400)
        except web.HTTPRequestEntityTooLarge:
            return web.json_response({"error": "this is too large to send"}, status=413)

    return handle


def _shown(chat: Chat) -> Json:
    return {
        "id": chat.id,
        "type": chat.type,
        "title": chat.wire.get("title") or chat.wire["first_name"],
        "bot": chat.standing,
        "people": [user["first_name"] for user in chat.people.values()],
        "forum": chat.is_forum,
        "topics": [{"id": number, "name": name} for number, name in chat.topics.items()],
    }
