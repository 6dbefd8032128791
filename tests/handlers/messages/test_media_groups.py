"""Collecting the pieces of albums."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from telegram import Chat, Message

from handlers.messages import media_groups
from handlers.messages.media_groups import MediaGroupCollector


def piece(number: int) -> Message:
    return Message(number, datetime.now(UTC), Chat(1, "private"), media_group_id="7")


async def test_a_late_piece_may_be_answered_before_those_it_belongs_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(media_groups, "PAUSE", 0.01)
    albums = MediaGroupCollector()
    async with albums.collecting(piece(1)) as first:
        assert first
        assert len(await first.whole()) == 1
        async with albums.collecting(piece(2)) as late:
            assert late
    async with albums.collecting(piece(3)) as third:
        assert third
