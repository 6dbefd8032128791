"""What the playground says when it will not do a thing: Telegram's own codes and words."""

from __future__ import annotations

from typing import Final


class Refused(Exception):
    """A call the Bot API turns down, with the error code and description it answers."""

    def __init__(self, description: str, code: int = 400) -> None:
        super().__init__(description)
        self.description = description
        self.code = code


def bad_request(words: str) -> Refused:
    """Refuse with code 400, worded as the Bot API words it."""
    return Refused(f"Bad Request: {words}")


UNAUTHORIZED: Final = ("Unauthorized", 401)
UNKNOWN_METHOD: Final = ("Not Found", 404)
CONFLICT: Final = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    409,
)
REQUEST_TOO_LARGE: Final = ("Request Entity Too Large", 413)

NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
QUERY_TOO_OLD: Final = "query is too old and response timeout expired or query ID is invalid"
WRONG_FILE: Final = "wrong file identifier/HTTP URL specified"
NO_FETCH: Final = "failed to get HTTP URL content"  # the playground fetches nothing from anywhere
