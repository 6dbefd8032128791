"""The session of a page request: the person named in its address, in their private chat with the bot."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from bot.http.guard import Handler
from bot.playground.people.client import Session
from bot.playground.state import State
from bot.playground.telegram.api_errors import ApiError, ImpossibleActionError
from bot.playground.telegram.parameters import Json

DEFAULT_NAME: Final = "Friend"  # of the page's user, unless its address says ?name=


def session_of(state: State, request: web.Request) -> Session:
    """Return the session of a request; a new name creates a person."""
    chat = state.private_chat(request.query.get("name", "").strip() or DEFAULT_NAME)
    return Session(state, chat, chat.id)


def person(session: Session) -> Json:
    """Return the person as the page shows them."""
    user = session.user
    return {"id": user["id"], "name": user["first_name"], "language": user.get("language_code", "")}


def profile(session: Session) -> Json:
    """Return the event that describes the bot, with its commands in the person's language."""
    bot = session.state.profile
    return {
        "type": "profile",
        "name": bot.user["first_name"],
        "username": bot.user["username"],
        "commands": bot.private_menu(session.chat.id, session.user.get("language_code", "")),
    }


def history(session: Session) -> Json:
    """Return the event that holds the whole chat."""
    messages = list(session.chat.messages.values())
    return {"type": "history", "person": person(session), "messages": messages, "profile": profile(session)}


def with_json_errors(handler: Handler) -> Handler:
    """Wrap a handler so that impossible actions are answered with `{"error": "a sentence"}`."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except (ImpossibleActionError, ApiError) as error:
            return web.json_response({"error": str(error)}, status=400)
        except web.HTTPRequestEntityTooLarge:
            return web.json_response({"error": "this is too large to send"}, status=413)

    return handle
