"""The figures of a run of the chaos test: what was delivered, how fast, and which faults were injected."""

from __future__ import annotations

from collections import Counter
from typing import Final

from bot.playground import Playground
from bot.playground.fault_injection import Fault, Faults
from tests.stress.chaos.delivery_checker import BUTTON_KINDS, DeliveryChecker
from tests.stress.chaos.plan import (
    LATE_REPEATS,
    LOST,
    OUT_OF_ORDER,
    PEAK_CHAT,
    PEAK_GROUP,
    PEAK_OVERALL,
    UNEXPLAINED,
)

MAX_LISTED: Final = 5  # failures of each kind


class CountingFaults(Faults):
    """Counts the faults that it injects."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def draw(self, method: str, *, albums: bool = False) -> Fault | None:
        """See `Faults.draw`."""
        if fault := super().draw(method, albums=albums):
            self.counts[fault.kind] += 1
        return fault


def delivery_figures(checker: DeliveryChecker) -> dict[str, int]:
    """Return how many requests there were, and what became of them."""
    requests, chats = checker.requests, checker.chats
    kinds = Counter(request.kind for request in requests)
    answered = sum(request.answered for request in requests)
    return {
        "requests": len(requests),
        "  photos": kinds["photo"],
        "  texts": kinds["word"] + kinds["search"],
        "  button presses": sum(kinds[kind] for kind in BUTTON_KINDS),
        "answered": answered,
        LOST: len(requests) - answered,
        "answered twice": sum(request.max_copies > 1 for request in requests),
        "  most copies of one answer": max(request.max_copies for request in requests),
        UNEXPLAINED: sum(len(chat.unexplained_duplicates()) for chat in chats),
        OUT_OF_ORDER: sum(chat.out_of_order - chat.late_repeats for chat in chats),
        LATE_REPEATS: sum(chat.late_repeats for chat in chats),
        "partial albums": sum(chat.partial_albums for chat in chats),
    }


def peak_rates(playground: Playground, checker: DeliveryChecker, rate_factor: int) -> dict[str, int]:
    """Return the numbers of messages in the busiest moments that the playground remembers.

    Args:
        playground: the Bot API server.
        checker: knows the chats.
        rate_factor: how many times shorter Telegram's second and minute are.
    """
    rates, second, minute = playground.rates, 1 / rate_factor, 60 / rate_factor
    chats = [chat.member.chat_id for chat in checker.chats]
    return {
        PEAK_OVERALL: rates.most(second),
        PEAK_CHAT: max(rates.most(second, chat, whole_albums=True) for chat in chats),
        PEAK_GROUP: max((rates.most(minute, chat) for chat in chats if chat < 0), default=0),
    }


def missing_and_unmatched(checker: DeliveryChecker) -> list[str]:
    """Return lines about requests without an answer, and about messages that answer nothing."""
    lost = [request for request in checker.requests if not request.answered]
    unmatched = sum((chat.unmatched for chat in checker.chats), Counter[str]())
    return [
        *(f"lost: {request}" for request in lost[:MAX_LISTED]),
        *(f"unmatched, {count} times: {text}" for text, count in unmatched.items()),
    ]
