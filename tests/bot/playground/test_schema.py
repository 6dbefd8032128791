"""Requests of a real bot and replies of the playground fit the Bot API's schema."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.playground import Exchange, Playground
from tests.bot.playground.conftest import picture
from tests.bot.playground.little_bot import running
from tests.bot.playground.schema import Schema, load

USER = {"id": 1, "is_bot": True, "first_name": "Kindred"}


@pytest.fixture
def schema() -> Schema:
    return load()


async def test_a_whole_conversation_fits(playground: Playground, schema: Schema) -> None:
    ada = playground.person("Ada")
    async with running(playground):
        await ada.say("/start")
        await ada.replies()
        await ada.send_photo(picture(1600, 1200), caption="look")
        answer = (await ada.replies(11))[0]
        await ada.press(answer, "👎")
        await ada.press(answer, "More like this")
        await ada.wait_for(lambda seen: seen.edited)
        await ada.send_photo(picture(kind="PNG"), as_file=True, file_name="photo.png", mime_type="image/png")
        await ada.replies()
        await ada.send_album([picture(hue=10), picture(hue=90)], caption="two")
        await ada.replies(11)
    assert {exchange.method for exchange in playground.call_log} >= {
        "sendMediaGroup",
        "getFile",
    }
    assert not schema.faults(playground.call_log)


def exchange(**changes: Any) -> Exchange:
    return replace(Exchange("getMe", {}, {"ok": True, "result": USER}), **changes)


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (exchange(method="getYou"), "no such method"),
        (exchange(parameters={"chat_id": "1"}), "unknown parameter chat_id"),
        (exchange(method="getFile", reply={"ok": True, "result": {}}), "file_id is required"),
        (
            exchange(method="sendPhoto", parameters={"chat_id": "1", "photo": "attach://x"}),
            "was not uploaded",
        ),
        (
            exchange(method="deleteMessage", parameters={"chat_id": "1", "message_id": "one"}),
            "'one' is no Integer",
        ),
        (exchange(reply={"ok": True, "result": {"id": 1, "first_name": "K"}}), "User needs is_bot"),
        (exchange(reply={"ok": True, "result": USER | {"colour": "red"}}), "User has no field colour"),
        (exchange(reply={"ok": True, "result": USER | {"id": "1"}}), "'1' is no Integer"),
        (exchange(reply={"ok": True, "result": [USER]}), "is no User"),
        (exchange(reply={"ok": True, "result": USER, "more": 1}), "odd envelope"),
        (exchange(reply={"ok": False, "error_code": 400}), "odd refusal"),
        (
            exchange(method="setMessageReaction", parameters={"reaction": '[{"type":"smell"}]'}),
            "could be none",
        ),
    ],
)
def test_violations_are_found(schema: Schema, broken: Exchange, fault: str) -> None:
    assert fault in "\n".join(schema.faults([broken]))
