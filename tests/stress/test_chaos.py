"""The short form of `make chaos`, and tests of its checks."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Playground
from engine.model.checkpoint import Checkpoint
from engine.service import Engine
from engine.settings import EngineSettings
from tests.bot.harness import jpeg
from tests.odd_files import write_small_gallery
from tests.paint import PAINTINGS
from tests.small_disk import NO_DISK, can_mount
from tests.stress.chaos.bots import ROOT
from tests.stress.chaos.delivery_checker import DeliveryChecker
from tests.stress.chaos.fork_server import GALLERY_SIZE
from tests.stress.chaos.plan import (
    LATE_REPEATS,
    LOST,
    OUT_OF_ORDER,
    PEAK_CHAT,
    PEAK_GROUP,
    PEAK_OVERALL,
    STORMS,
    UNEXPLAINED,
    Plan,
    Report,
    excess,
    table,
)
from tests.stress.chaos.runs import chaos
from tests.stress.chaos.slow_disk import IN_EVENT_LOOP, SLOWED
from tests.stress.chaos.storms import AT_ONCE, REFUSED, SLOWED_BOTS, TAKEN_OVER, TIMES_FULL

KILLS = 3
SHORT: dict[str, Any] = {
    "chats": 5,
    "lifetime": 2.0,
    "idle_timeout": 30.0,
    "rate_factor": 20,  # a group's minute takes three seconds
}
BRIEF = SHORT | {"chats": 3, "lifetime": 1.0}
KILLED = [
    Plan(KILLS, webhook=webhook, faulty=faulty, **SHORT)
    for faulty in (False, True)
    for webhook in (False, True)
]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """The reports of all runs by name; that of a full disk is missing where none can be mounted."""
    may_mount = can_mount(tmp_path_factory.getbasetemp())
    storms = [storm for storm in STORMS if may_mount or storm != "full disk"]
    plans = [*KILLED, *(Plan(KILLS + 1, storm=storm, **BRIEF) for storm in storms)]
    return {report.plan.name: report for report in asyncio.run(chaos(plans))}


def test_every_photo_of_the_gallery_is_in_every_album(shipped: Checkpoint, tmp_path: Path) -> None:
    write_small_gallery(tmp_path / "gallery")
    engine = Engine(EngineSettings(gallery=tmp_path / "gallery", home=tmp_path / "home"), shipped)
    for paint in PAINTINGS.values():
        assert len(engine.describe(jpeg(paint()), captions=0).matches) == GALLERY_SIZE


def test_a_bot_that_is_killed_again_and_again_loses_nothing(reports: dict[str, Report]) -> None:
    for plan in KILLED:
        report = reports[plan.name]
        assert not report.failures, "\n".join(table([report]))
        assert report.figures["answered"] > 6


def test_a_disk_that_is_full_again_and_again_loses_nothing(reports: dict[str, Report]) -> None:
    if "full disk" not in reports:
        pytest.skip(NO_DISK)
    report = reports["full disk"]
    assert not report.failures, "\n".join(table([report]))
    assert report.figures["answered"] > 3
    assert report.figures[TIMES_FULL] > 0


def test_a_slow_disk_loses_nothing_and_is_not_waited_for_by_the_event_loop(
    reports: dict[str, Report],
) -> None:
    report = reports["slow disk"]  # a write in the event loop would be an error in its log: `IN_EVENT_LOOP`
    assert not report.failures, "\n".join(table([report]))
    assert report.figures["answered"] > 3
    assert report.figures[SLOWED_BOTS] > KILLS


def test_a_second_process_is_refused_while_the_first_lives_and_takes_over_after_it(
    reports: dict[str, Report],
) -> None:
    report = reports["two processes"]
    assert not report.failures, "\n".join(table([report]))
    assert report.figures["answered"] > 3
    assert (report.figures[TAKEN_OVER], report.figures[AT_ONCE]) == (1, 1)
    assert report.figures[REFUSED] >= 2  # once alone, and once of those that start at once


async def test_the_checker_tells_duplicates_of_the_bot_from_those_of_a_kill() -> None:
    async with Playground() as playground:
        ada = playground.person("Ada")
        checker = DeliveryChecker(playground)
        chat = checker.add_chat(ada)

        def bot_sends(reply_to: int = 0, **content: Any) -> None:
            reply = {"reply_to_message": {"message_id": reply_to}} if reply_to else {}
            playground._state.post_from_bot(ada._chat, content | reply)

        def bot_sends_album(size: int, name: str) -> None:
            for _ in range(size):
                bot_sends(photo=[{"file_id": "1"}], media_group_id=name)

        first, second = [chat.add_request("search", (await ada.say("a dog")).id) for _ in range(2)]
        third = chat.add_request("word", (await ada.say("boy")).id)
        bot_sends_album(GALLERY_SIZE, "whole")
        checker.read()
        assert (chat.is_mid_answer, first.answered) == (True, False)
        checker.mark_restart()
        bot_sends_album(3, "partial")
        bot_sends_album(GALLERY_SIZE, "again")  # the kill came before the bot stored that it had sent it
        bot_sends(first.message, text="a dog")
        checker.read()
        assert (chat.is_mid_answer, first.answered, first.max_copies) == (False, True, 2)
        assert (chat.unexplained_duplicates(), chat.partial_albums) == ([], 1)
        bot_sends(third.message, text="girl")
        bot_sends(third.message, text="girl")  # without a kill
        bot_sends(second.message, text="a dog")  # out of order
        bot_sends(text="Sorry.")
        checker.read()
        assert (len(chat.unexplained_duplicates()), chat.out_of_order, chat.unmatched["Sorry."]) == (1, 1, 1)
        assert chat.pending == [second]
        checker.mark_restart()
        bot_sends(first.message, text="a dog")  # again, after newer answers
        checker.read()
        assert (chat.out_of_order, chat.late_repeats) == (2, 1)


def test_a_write_in_the_main_thread_is_an_error_on_a_slow_disk(tmp_path: Path) -> None:
    assert IN_EVENT_LOOP in _written(tmp_path / "main.sqlite3", "write()")
    output = _written(
        tmp_path / "other.sqlite3", "thread = Thread(target=write); thread.start(); thread.join()"
    )
    assert SLOWED in output
    assert IN_EVENT_LOOP not in output


def _written(file: Path, how: str) -> str:
    """Write a database in a process of its own on a slow disk; return its log."""
    code = f"""
import sqlite3
from threading import Thread
from tests.stress.chaos.slow_disk import slow_down

def write():
    sqlite3.connect({str(file)!r}).execute("CREATE TABLE one (number)")

slow_down()
{how}
"""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stderr


def test_only_figures_above_their_maximum_are_failures() -> None:
    maxima = {LOST: 0, UNEXPLAINED: 0, OUT_OF_ORDER: 0, LATE_REPEATS: 0}
    maxima |= {PEAK_CHAT: 1, PEAK_GROUP: 20, PEAK_OVERALL: 30}
    assert excess(maxima) == []
    for name, value in maxima.items():
        assert excess(maxima | {name: value + 1}) == [f"{name}: {value + 1}"]
    report = Report(Plan(1), {LOST: 1}, excess(maxima | {LOST: 1}))
    assert table([report])[-1] == "polling: lost: 1"
