"""What a run of the chaos test is, and its report."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from bot.playground.telegram.limits import CHAT_PER_SECOND, GROUP_PER_MINUTE, OVERALL_PER_SECOND

Storm = Literal["full disk", "slow disk", "two processes"]
STORMS: Final[tuple[Storm, ...]] = ("full disk", "slow disk", "two processes")
CHATS: Final = 20
IDLE_TIMEOUT: Final = 300.0  # seconds without a new message after which no more answers are expected
LIFETIME: Final = 4.0  # seconds until a kill, at most
LOST, UNEXPLAINED, OUT_OF_ORDER, FAULT = "lost", "  unexplained", "out of order", "fault: "
LATE_REPEATS: Final = "  repeats"
PEAK_OVERALL, PEAK_CHAT, PEAK_GROUP = "peak a second, all chats", "  one chat", "peak a minute, a group"
MAXIMA: Final = {
    LOST: 0, UNEXPLAINED: 0, OUT_OF_ORDER: 0, LATE_REPEATS: 0, PEAK_CHAT: CHAT_PER_SECOND,
    PEAK_GROUP: GROUP_PER_MINUTE, PEAK_OVERALL: OVERALL_PER_SECOND,
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """The settings of one run.

    Attributes:
        rounds: number of kills.
        real: number of these with the real bot, as far as its network; the others are forked bots.
        faulty: whether the playground injects faults.
        storm: what else goes wrong, if anything.
        lifetime: seconds until a forked bot is killed, at most.
        idle_timeout: seconds without a new message after which what is pending counts as lost.
        rate_factor: how many times shorter Telegram's second and minute are, for the bot and for the check;
            the real bot knows only 1.
    """

    rounds: int
    real: int = 0
    seed: int = 1
    webhook: bool = False
    faulty: bool = False
    storm: Storm | None = None
    chats: int = CHATS
    lifetime: float = LIFETIME
    idle_timeout: float = IDLE_TIMEOUT
    rate_factor: int = 1

    @property
    def name(self) -> str:
        """The name in the table."""
        return self.storm or ("webhook" if self.webhook else "polling") + (", faults" if self.faulty else "")

    def is_real(self, number: int) -> bool:
        """Return whether the bot of this round is the real one."""
        return number * self.real // self.rounds < (number + 1) * self.real // self.rounds


@dataclass
class Report:
    """The figures of a run, and its failures."""

    plan: Plan
    figures: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def excess(figures: Mapping[str, int], maxima: Mapping[str, int] = MAXIMA) -> list[str]:
    """Return a line for each figure above its maximum."""
    return [f"{name}: {figures[name]}" for name, most in maxima.items() if figures[name] > most]


def table(reports: Sequence[Report]) -> list[str]:
    """Return the lines of a table with a column for each run, and the failures below."""
    rows = ["".join([f"{'':<28}", *(f"{report.plan.name:>17}" for report in reports)])]
    for name in dict.fromkeys(itertools.chain.from_iterable(report.figures for report in reports)):
        figures = [report.figures.get(name) for report in reports]
        cells = ["" if figure is None else f"{figure:,}" for figure in figures]
        rows += ["".join([f"{name:<28}", *(f"{cell:>17}" for cell in cells)])]
    return [*rows, *(f"{report.plan.name}: {line}" for report in reports for line in report.failures)]
