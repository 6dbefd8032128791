"""Collecting the messages of media groups."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from telegram import Chat, Message

from handlers.messages import media_groups
from handlers.messages.media_groups import MAX_MESSAGES, MediaGroup, MediaGroupCollector


def message(number: int) -> Message:
    return Message(number, datetime.now(UTC), Chat(1, "private"), media_group_id="7")


async def test_a_late_message_opens_a_new_group_while_the_first_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(media_groups, "QUIET_PERIOD", 0.01)
    collector = MediaGroupCollector()
    async with collector.collect(message(1)) as first:
        assert first
        assert len(await first.messages()) == 1
        async with collector.collect(message(2)) as late:
            assert late
    async with collector.collect(message(3)) as third:
        assert third


async def test_what_comes_after_as_many_messages_as_an_album_has_opens_a_new_group() -> None:
    group = MediaGroup(message(1))
    added = [group.add(message(number)) for number in range(2, MAX_MESSAGES + 2)]
    assert added == [True] * (MAX_MESSAGES - 1) + [False]
    assert len(await group.messages()) == MAX_MESSAGES
