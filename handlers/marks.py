"""Parts of a message's words that Telegram has marked: mentions, code, ..."""

from __future__ import annotations

from telegram import Message


def marked(message: Message, kind: str) -> tuple[str, ...]:
    """Give the parts of this kind; none in words that hold half a character, where they cannot be counted."""
    kinds: list[str | None] = [kind]
    try:
        found = message.parse_entities(kinds) if message.text else message.parse_caption_entities(kinds)
    except UnicodeEncodeError:
        return ()
    return tuple(found.values())
