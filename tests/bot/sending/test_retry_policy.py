"""Which failed calls are repeated, how often, and after how long."""

from __future__ import annotations

import random
from typing import Any, cast

import httpx
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.sending.retry_policy import Call, Retry, RetryPolicy
from bot.storage.outbox import Outbox

GIVEN_UP = None
ALBUM_FLOOD = BadRequest("Bad Request: failed to send message #2: Too Many Requests: retry after 7")


@pytest.fixture
def policy() -> RetryPolicy:
    return RetryPolicy()


@pytest.fixture
def longest_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each pause be as long as it may be."""
    monkeypatch.setattr(random, "uniform", lambda low, high: high)


async def send(_: Any) -> bool:
    return True


def call(*, message: bool = True, answers: bool = False, **data: Any) -> Call:
    """A call that sends a message, or not; with `answers`, one that answers an update."""
    outbox = cast(Outbox, object()) if answers else None
    return Call(send, {"chat_id": 5, **data}, leaves_message=message, outbox=outbox)


def caused_by(cause: Exception, error: TelegramError) -> TelegramError:
    error.__cause__ = cause
    return error


def cut() -> TelegramError:
    return caused_by(httpx.ReadError("cut"), NetworkError("cut"))


def unreachable() -> TelegramError:
    return caused_by(httpx.ConnectError("down"), NetworkError("down"))


def repeats(policy: RetryPolicy, error: TelegramError, failing: Call, limit: int = 50) -> int:
    """Return how often a call is repeated that fails each time."""
    for attempt in range(limit):
        if policy.after(error, failing) is GIVEN_UP:
            return attempt
    return limit


def test_flood_control_blocks_the_chat_of_a_message_and_delays_any_other_call(policy: RetryPolicy) -> None:
    assert policy.after(RetryAfter(7), call()) == Retry(delay=0.0, block_chat=7.1)
    assert policy.after(RetryAfter(7), call(message=False)) == Retry(delay=7.1, block_chat=7.1)
    no_chat = Call(send, {}, leaves_message=True, outbox=None)
    assert policy.after(RetryAfter(7), no_chat) == Retry(delay=7.1, block_chat=0.0)


def test_a_call_that_is_to_wait_longer_than_five_minutes_fails(policy: RetryPolicy) -> None:
    assert policy.after(RetryAfter(300), call()) == Retry(block_chat=300.1)
    assert policy.after(RetryAfter(301), call()) is GIVEN_UP


def test_a_call_waits_for_flood_control_eight_times(policy: RetryPolicy) -> None:
    assert repeats(policy, RetryAfter(1), call()) == 8


def test_an_album_that_flood_control_interrupts_is_sent_again_three_times(policy: RetryPolicy) -> None:
    assert policy.after(ALBUM_FLOOD, call()) == Retry(block_chat=7.1)
    assert repeats(policy, ALBUM_FLOOD, call()) == 3


def test_a_message_for_a_deleted_topic_goes_to_the_chat_itself_once(policy: RetryPolicy) -> None:
    error, lost = BadRequest("Bad Request: message thread not found"), call(message_thread_id=9)
    assert policy.after(error, lost) == Retry(delay=0.0, block_chat=0.0)
    assert "message_thread_id" not in lost.data
    assert policy.after(error, lost) is GIVEN_UP


@pytest.mark.parametrize("error", [BadRequest("chat not found"), Forbidden("blocked by the user")])
def test_what_telegram_refuses_is_not_repeated(policy: RetryPolicy, error: TelegramError) -> None:
    assert policy.after(error, call(answers=True)) is GIVEN_UP


def test_a_message_to_a_topic_that_is_refused_for_another_reason_is_not_repeated(policy: RetryPolicy) -> None:
    message = call(message_thread_id=9)
    assert policy.after(BadRequest("chat not found"), message) is GIVEN_UP
    assert message.data["message_thread_id"] == 9


@pytest.mark.parametrize("cause", [TypeError("bytes"), UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "lone")])
def test_what_cannot_be_encoded_is_not_repeated(policy: RetryPolicy, cause: Exception) -> None:
    assert policy.after(caused_by(cause, NetworkError("no request")), call(answers=True)) is GIVEN_UP


def test_a_message_that_may_have_arrived_is_repeated_three_times(policy: RetryPolicy) -> None:
    assert repeats(policy, cut(), call()) == 3
    assert repeats(policy, cut(), call(answers=True)) == 3


def test_a_call_that_leaves_no_message_is_repeated_seven_times(policy: RetryPolicy) -> None:
    assert repeats(policy, cut(), call(message=False)) == 7
    assert repeats(policy, TimedOut(), call(message=False)) == 7


def test_a_message_that_timed_out_is_not_repeated(policy: RetryPolicy) -> None:
    assert policy.after(TimedOut(), call(answers=True)) is GIVEN_UP


def test_only_an_answer_waits_until_telegram_is_reached_again(policy: RetryPolicy) -> None:
    assert policy.after(unreachable(), call()) is GIVEN_UP
    assert policy.after(unreachable(), call(message=False)) is GIVEN_UP
    assert repeats(policy, unreachable(), call(answers=True)) == 50


def test_an_answer_outlasts_errors_until_it_is_the_only_call_that_fails(policy: RetryPolicy) -> None:
    error, answer = NetworkError("Bad Gateway"), call(answers=True)
    assert repeats(policy, error, answer) == 50
    for _ in range(6):
        policy.successes += 1
        assert policy.after(error, answer) is not GIVEN_UP
        assert policy.after(error, answer) is not GIVEN_UP  # no other call has succeeded meanwhile
    policy.successes += 1
    assert policy.after(error, answer) is GIVEN_UP


@pytest.mark.parametrize("earlier", [0, 1, 7])
def test_an_answer_is_given_up_after_eight_failures_while_others_succeed(earlier: int) -> None:
    policy, answer = RetryPolicy(successes=earlier), call(answers=True)
    decisions = []
    for _ in range(8):
        decisions.append(policy.after(NetworkError("Bad Gateway"), answer))
        policy.successes += 1
    assert [decision is GIVEN_UP for decision in decisions] == [False] * 7 + [True]


@pytest.mark.usefixtures("longest_backoff")
def test_pauses_double_up_to_half_a_minute(policy: RetryPolicy) -> None:
    answer = call(answers=True)
    pauses = [policy.after(unreachable(), answer) for _ in range(7)]
    assert pauses == [Retry(seconds) for seconds in (1, 2, 4, 8, 16, 30, 30)]


def test_pauses_are_drawn_from_zero_on(policy: RetryPolicy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: low)
    assert policy.after(unreachable(), call(answers=True)) == Retry(0.0)


def test_a_group_that_became_a_supergroup_is_followed_once(policy: RetryPolicy) -> None:
    moved = ChatMigrated(-100)
    assert policy.after(moved, call()) == Retry()
    assert policy.after(moved, call()) is GIVEN_UP  # it is known already
    assert policy.migrated_chats == {5: -100}
    assert policy.after(moved, Call(send, {}, leaves_message=True, outbox=None)) is GIVEN_UP


def test_a_message_is_not_looked_for_in_the_supergroup_by_its_old_id(policy: RetryPolicy) -> None:
    edit = call(message=False, message_id=3)
    assert policy.after(ChatMigrated(-100), edit) is GIVEN_UP
    assert policy.migrated_chats == {}
    policy.after(ChatMigrated(-100), call())
    policy.redirect(edit)
    assert edit.chat == 5
    action = call(message=False)
    policy.redirect(action)
    assert action.chat == -100


@pytest.mark.parametrize(
    ("data", "messages"),
    [({}, 1), ({"media": [1, 2, 3]}, 3), ({"message_ids": [4, 5]}, 2), ({"media": []}, 1)],
)
def test_the_parts_of_an_album_count_each(data: dict[str, Any], messages: int) -> None:
    assert call(**data).messages == messages
