"""Requests over real HTTP: what Telegram refuses for good is not sent again."""

from __future__ import annotations

import pytest
from telegram.error import BadRequest

from bot.playground import Person, Playground
from bot.playground.telegram import parameters
from bot.types import KindredApplication


async def test_a_body_that_is_too_large_is_sent_once(
    scripted_bot: KindredApplication, playground: Playground, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada.start()
    await ada.replies()
    monkeypatch.setattr(parameters, "REQUEST_BYTES", 10_000)
    with pytest.raises(BadRequest, match="Entity Too Large"):
        await scripted_bot.bot.send_document(ada.id, bytes(10_001))
    refused = [call for call in playground.call_log if call.method == "sendDocument"]
    assert [call.reply["error_code"] for call in refused] == [413]
