"""What answers an update is sent once, however often the update is processed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.storage.inbox import Inbox, Reply
from bot.storage.outbox import Outbox, current_outbox, leaves_message, use_outbox
from handlers.context import is_retry

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def inbox(tmp_path: Path) -> AsyncIterator[Inbox]:
    async with Inbox.open(tmp_path / "inbox.sqlite3") as inbox:
        await inbox.add([{"update_id": 1}, {"update_id": 2}])
        yield inbox


class Chat:
    """Numbers the messages that are sent to it."""

    def __init__(self) -> None:
        self.messages = 0

    async def send(self) -> Reply:
        self.messages += 1
        return {"message_id": self.messages}


def outbox() -> Outbox:
    current = current_outbox.get()
    assert current is not None
    return current


async def test_a_repeated_update_gets_the_replies_of_each_method_in_order_and_sends_the_rest(
    inbox: Inbox,
) -> None:
    chat = Chat()
    async with use_outbox(inbox, 1, retried=False):
        for method in ("sendPhoto", "sendMessage", "sendMessage"):
            await outbox().send_once(method, chat.send)
    async with use_outbox(inbox, 1, retried=True):
        replies = [await outbox().send_once("sendMessage", chat.send) for _ in range(3)]
    assert replies == [{"message_id": number} for number in (2, 3, 4)]
    assert chat.messages == 4
    async with use_outbox(inbox, 2, retried=True):  # the replies of another update are not its own
        assert await outbox().send_once("sendMessage", chat.send) == {"message_id": 5}


async def test_a_suspect_is_cleared_by_the_first_message_that_it_sends_anew(inbox: Inbox) -> None:
    chat = Chat()
    for _ in range(2):
        await inbox.start_attempt(1)
    async with use_outbox(inbox, 1, retried=True):
        await outbox().send_once("sendMessage", chat.send)
        assert await inbox.crash_suspects() == frozenset()
        await inbox.start_attempt(1)
        await outbox().send_once("sendMessage", chat.send)
        assert await inbox.crash_suspects() == {1}  # cleared once an attempt
    async with use_outbox(inbox, 1, retried=True):
        await outbox().send_once("sendMessage", chat.send)
        assert await inbox.crash_suspects() == {1}  # it only got as far as before


async def test_an_update_is_answered_through_its_own_outbox(inbox: Inbox) -> None:
    async def answer(update_id: int, *, retried: bool) -> tuple[bool, Outbox]:
        async with use_outbox(inbox, update_id, retried=retried):
            await asyncio.sleep(0)
            return is_retry.get(), outbox()

    (first_is_retry, first), (second_is_retry, second) = await asyncio.gather(
        answer(1, retried=False), answer(2, retried=True)
    )
    assert (first_is_retry, second_is_retry) == (False, True)
    assert first is not second
    async with use_outbox(inbox, 1, retried=True):
        pass
    assert current_outbox.get() is None
    assert not is_retry.get()


async def test_what_is_about_to_be_sent_is_recorded_for_the_limits_after_a_restart(inbox: Inbox) -> None:
    async with use_outbox(inbox, 1, retried=False):
        await outbox().record_sending(-5, 10)
    assert [(chat, messages) for chat, messages, _ in await inbox.recent_sends()] == [(-5, 10)]


@pytest.mark.parametrize(
    ("method", "leaves"),
    [
        *(("sendMessage", True), ("copyMessages", True), ("forwardMessage", True), ("SendPhoto", True)),
        *(("sendChatAction", False), ("editMessageText", False), ("getMe", False)),
    ],
)
async def test_a_method_leaves_a_message_or_not(method: str, leaves: bool) -> None:
    assert leaves_message(method) is leaves


async def test_what_was_sent_is_known_even_if_the_attempt_could_not_be_counted(inbox: Inbox) -> None:
    chat = Chat()
    async with use_outbox(inbox, 1, retried=False):
        await outbox().send_once("sendMessage", chat.send)
    await inbox._database.execute("PRAGMA query_only = ON")  # a start on a full disk
    attempts = await inbox.start_attempt(1)
    async with use_outbox(inbox, 1, retried=attempts > 0):
        assert await outbox().send_once("sendMessage", chat.send) == {"message_id": 1}
        assert is_retry.get()
    assert chat.messages == 1
