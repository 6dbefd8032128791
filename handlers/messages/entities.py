"""Parts of a message's words that Telegram has marked: mentions, code, ..."""

from __future__ import annotations

from telegram import Message


def marked(message: Message, kind: str) -> tuple[str, ...]:
    """Give the parts of this kind; none where there are no words, or they hold or mark half a character."""
    if not (message.text or message.caption):
        return ()
    kinds: list[str | None] = [kind]
    try:
        found = message.parse_entities(kinds) if message.text else message.parse_caption_entities(kinds)
    except UnicodeError:
        return ()
    return tuple(found.values())
