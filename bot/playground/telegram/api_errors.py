"""What the playground says when it will not do a thing: Telegram's own codes and words."""

from __future__ import annotations

from typing import Any, Final


class Refused(Exception):
    """A call the Bot API turns down, with the error code and description it answers."""

    def __init__(self, description: str, code: int = 400, **parameters: int) -> None:
        super().__init__(description)
        self.description = description
        self.code = code
        self.parameters = parameters  # what a bot can do about it, see ResponseParameters

    @property
    def envelope(self) -> dict[str, Any]:
        """The whole reply."""
        told = {"ok": False, "error_code": self.code, "description": self.description}
        return told | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(words: str) -> Refused:
    """Refuse with code 400, worded as the Bot API words it."""
    return Refused(f"Bad Request: {words}")


def forbidden(words: str) -> Refused:
    """Refuse with code 403: the bot may not."""
    return Refused(f"Forbidden: {words}", 403)


def too_many(seconds: int) -> Refused:
    """Refuse with code 429: the bot is too fast."""
    return Refused(f"Too Many Requests: retry after {seconds}", 429, retry_after=seconds)


def migrated(supergroup: int) -> Refused:
    """Refuse with code 400: the group is a supergroup now, and has another id."""
    words = "group chat was upgraded to a supergroup chat"
    return Refused(f"Bad Request: {words}", migrate_to_chat_id=supergroup)


UNAUTHORIZED: Final = ("Unauthorized", 401)
UNKNOWN_METHOD: Final = ("Not Found", 404)
CONFLICT: Final = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    409,
)
HOOKED: Final = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook "
    "first",
    409,
)
ENDED_BY_HOOK: Final = ("Conflict: terminated by setWebhook request", 409)
INTERNAL_ERROR: Final = ("Internal Server Error", 500)
REQUEST_TOO_LARGE: Final = ("Request Entity Too Large", 413)

NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
QUERY_TOO_OLD: Final = "query is too old and response timeout expired or query ID is invalid"
WRONG_FILE: Final = "wrong file identifier/HTTP URL specified"
NO_FETCH: Final = "failed to get HTTP URL content"  # the playground fetches nothing from anywhere
