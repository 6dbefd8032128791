"""Told to wait, the bot waits and sends again; told nothing, it sends once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from telegram.request import HTTPXRequest

from bot.patience import ATTEMPTS, LONGEST_PAUSE, PatientRequest

DONE = (200, b'{"ok": true, "result": true}')


def wait(seconds: float) -> tuple[int, bytes]:
    return 429, json.dumps({"ok": False, "error_code": 429, "parameters": {"retry_after": seconds}}).encode()


class Telegram:
    """Answers by the script, and notes the pauses between."""

    def __init__(self, *script: tuple[int, bytes]) -> None:
        self.script = list(script)
        self.pauses: list[float] = []

    async def answer(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        return self.script.pop(0)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Telegram:
    telegram = Telegram()
    monkeypatch.setattr(HTTPXRequest, "do_request", telegram.answer)
    monkeypatch.setattr(asyncio, "sleep", telegram.sleep)
    return telegram


async def sent(telegram: Telegram, *script: tuple[int, bytes]) -> int:
    telegram.script = list(script)
    code, _ = await PatientRequest().do_request("https://example.org", "POST")
    return code


async def test_it_waits_as_long_as_asked_and_sends_again(telegram: Telegram) -> None:
    assert await sent(telegram, wait(3), wait(1), DONE) == 200
    assert telegram.pauses == [3, 1]


async def test_it_gives_up_after_a_few_attempts(telegram: Telegram) -> None:
    assert await sent(telegram, *[wait(1)] * (ATTEMPTS + 1)) == 429
    assert len(telegram.script) == 1


async def test_it_does_not_wait_longer_than_people_do(telegram: Telegram) -> None:
    assert await sent(telegram, wait(LONGEST_PAUSE + 1), DONE) == 429
    assert telegram.pauses == []


@pytest.mark.parametrize("answer", [DONE, (400, wait(1)[1]), (502, b""), (429, b"<html>"), (429, b"[]")])
async def test_nothing_else_is_sent_twice(telegram: Telegram, answer: tuple[int, bytes]) -> None:
    assert await sent(telegram, answer, DONE) == answer[0]
    assert telegram.pauses == []
