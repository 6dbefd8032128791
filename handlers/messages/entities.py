"""Message entities: mentions, code, ..."""

from __future__ import annotations

from telegram import Message


def entity_texts(message: Message, entity_type: str) -> tuple[str, ...]:
    """Return the texts of a message's entities of one type.

    There are none without a text or caption, nor where an entity or the text splits a surrogate pair.
    """
    if not (message.text or message.caption):
        return ()
    types: list[str | None] = [entity_type]
    try:
        entities = message.parse_entities(types) if message.text else message.parse_caption_entities(types)
    except UnicodeError:
        return ()
    return tuple(entities.values())
