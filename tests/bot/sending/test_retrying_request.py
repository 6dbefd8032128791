"""Requests over real HTTP: what Telegram refuses for good is not sent again."""

from __future__ import annotations

import json
import random
import ssl
import sys
from typing import Any
from unittest.mock import Mock

import pytest
from telegram.error import BadRequest, NetworkError
from telegram.request import HTTPXRequest

from bot.playground import Person, Playground
from bot.playground.telegram import parameters
from bot.sending.retrying_request import RetryingRequest, shared_ssl_context
from bot.settings import Settings
from bot.types import KindredApplication
from tests.bot.harness import ScriptedEngine, build_bot


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


async def test_authorities_of_certificates_are_read_once_for_all_connections(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Mock(wraps=ssl.create_default_context)
    monkeypatch.setattr(ssl, "create_default_context", read)
    shared_ssl_context.cache_clear()
    for _ in range(2):
        build_bot(Settings.model_construct(), playground, ScriptedEngine(), Mock())
    assert read.call_count == 1


async def test_no_request_looks_for_a_package_that_is_not_there(
    scripted_bot: KindredApplication, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder = Mock(**{"find_spec.return_value": None})
    await scripted_bot.bot.get_me()
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    await scripted_bot.bot.get_me()
    assert not finder.find_spec.called


class Wire:
    """Takes the place of HTTP: gives one reply after the other, and the last one for ever.

    Attributes:
        attempts: How many requests were sent.
        pauses: Seconds between them.
    """

    def __init__(self, *replies: tuple[int, bytes] | Exception) -> None:
        self._replies, self.attempts, self.pauses = [*replies], 0, list[float]()

    async def send(self, *_: Any) -> tuple[int, bytes]:
        self.attempts += 1
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def request(self, monkeypatch: pytest.MonkeyPatch, method: str = "GET") -> tuple[int, bytes]:
        monkeypatch.setattr(HTTPXRequest, "do_request", self.send)
        monkeypatch.setattr(RetryingRequest, "_sleep", staticmethod(self.sleep))
        return await RetryingRequest().do_request("http://x", method)


@pytest.fixture
def longest_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: high)


def flood(retry_after: object) -> tuple[int, bytes]:
    return 429, json.dumps({"ok": False, "parameters": {"retry_after": retry_after}}).encode()


@pytest.mark.usefixtures("longest_pause")
@pytest.mark.parametrize("problem", [(500, b""), (429, b"")])
async def test_a_download_is_tried_eight_times_with_pauses_that_double(
    monkeypatch: pytest.MonkeyPatch, problem: tuple[int, bytes]
) -> None:
    wire = Wire(problem)
    assert await wire.request(monkeypatch) == problem
    assert wire.attempts == 8
    assert wire.pauses == [0.5, 1, 2, 4, 8, 8, 8]


@pytest.mark.usefixtures("longest_pause")
async def test_a_download_whose_connection_is_lost_each_time_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(flood(7), NetworkError("cut"))
    with pytest.raises(NetworkError, match="cut"):
        await wire.request(monkeypatch)
    assert wire.attempts == 8
    assert wire.pauses == [0.5 + 7, 1, 2, 4, 8, 8, 8]


async def test_a_pause_is_shortened_by_half_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: low)
    wire = Wire((502, b""), (200, b"photo"))
    assert await wire.request(monkeypatch) == (200, b"photo")
    assert wire.pauses == [0.25]


@pytest.mark.usefixtures("longest_pause")
async def test_a_download_waits_as_long_as_it_is_told_but_a_minute_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unreadable = [(429, b"<html>"), (429, b"[]"), (429, b"{}"), flood("soon")]
    wire = Wire(flood(7), flood(100), *unreadable, (200, b"photo"))
    assert await wire.request(monkeypatch) == (200, b"photo")
    assert wire.pauses == [0.5 + 7, 1 + 60, 2, 4, 8, 8]


@pytest.mark.parametrize("status", [200, 404, 499])
async def test_any_other_answer_to_a_download_is_final(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    wire = Wire((status, b"answer"))
    assert await wire.request(monkeypatch) == (status, b"answer")
    assert wire.attempts == 1


@pytest.mark.parametrize(("status", "final"), [(500, 500), (429, 429), (413, 400), (200, 200)])
async def test_a_method_is_called_once(monkeypatch: pytest.MonkeyPatch, status: int, final: int) -> None:
    wire = Wire((status, b"answer"))
    assert await wire.request(monkeypatch, "POST") == (final, b"answer")
    assert (wire.attempts, wire.pauses) == (1, [])
