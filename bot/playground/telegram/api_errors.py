"""Errors of the Bot API, with Telegram's own codes and descriptions."""

from __future__ import annotations

from typing import Any, Final


class ApiError(Exception):
    """A Bot API call that is refused.

    Attributes:
        description: what the reply says, worded as the Bot API words it
        code: the HTTP status and `error_code` of the reply
        parameters: fields of ResponseParameters, such as `retry_after` in seconds
    """

    def __init__(self, description: str, code: int = 400, **parameters: int) -> None:
        super().__init__(description)
        self.description = description
        self.code = code
        self.parameters = parameters

    @property
    def body(self) -> dict[str, Any]:
        """Return the JSON body of the reply."""
        body = {"ok": False, "error_code": self.code, "description": self.description}
        return body | ({"parameters": self.parameters} if self.parameters else {})


class ImpossibleActionError(Exception):
    """An action that no Telegram app offers to a person, such as writing to a bot they blocked."""


def bad_request(description: str) -> ApiError:
    """Return an error 400."""
    return ApiError(f"Bad Request: {description}")


def forbidden(description: str) -> ApiError:
    """Return an error 403: the bot lacks the right."""
    return ApiError(f"Forbidden: {description}", 403)


def too_many_requests(seconds: int) -> ApiError:
    """Return an error 429: the bot may call again after this many seconds."""
    return ApiError(f"Too Many Requests: retry after {seconds}", 429, retry_after=seconds)


def group_migrated(supergroup_id: int) -> ApiError:
    """Return the error 400 of a group that became a supergroup with another id."""
    description = "Bad Request: group chat was upgraded to a supergroup chat"
    return ApiError(description, migrate_to_chat_id=supergroup_id)


UNAUTHORIZED: Final = ("Unauthorized", 401)
UNKNOWN_METHOD: Final = ("Not Found", 404)
POLL_CONFLICT: Final = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    409,
)
WEBHOOK_ACTIVE: Final = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook "
    "first",
    409,
)
POLL_ENDED_BY_WEBHOOK: Final = ("Conflict: terminated by setWebhook request", 409)
INTERNAL_ERROR: Final = ("Internal Server Error", 500)
REQUEST_TOO_LARGE: Final = ("Request Entity Too Large", 413)

NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
QUERY_TOO_OLD: Final = "query is too old and response timeout expired or query ID is invalid"
WRONG_FILE_ID: Final = "wrong file identifier/HTTP URL specified"
URL_NOT_FETCHED: Final = "failed to get HTTP URL content"  # the playground never fetches a URL
