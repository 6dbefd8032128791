"""The short form of `make chaos`, and tests of its checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.playground import Playground
from engine.model.checkpoint import Checkpoint
from engine.service import Engine
from engine.settings import EngineSettings
from tests.bot.harness import jpeg
from tests.odd_files import write_small_gallery
from tests.paint import PAINTINGS
from tests.stress.chaos import (
    LOST,
    OUT_OF_ORDER,
    PEAK_CHAT,
    PEAK_GROUP,
    PEAK_OVERALL,
    UNEXPLAINED,
    Plan,
    Report,
    chaos,
    excess,
    table,
)
from tests.stress.delivery_checker import DeliveryChecker
from tests.stress.fork_server import GALLERY_SIZE

KILLS = 3
SHORT: dict[str, Any] = {
    "chats": 5,
    "lifetime": 2.0,
    "idle_timeout": 30.0,
    "rate_factor": 20,  # a group's minute takes three seconds
}


def test_every_photo_of_the_gallery_is_in_every_album(shipped: Checkpoint, tmp_path: Path) -> None:
    write_small_gallery(tmp_path / "gallery")
    engine = Engine(EngineSettings(gallery=tmp_path / "gallery", home=tmp_path / "home"), shipped)
    for paint in PAINTINGS.values():
        assert len(engine.describe(jpeg(paint()), captions=0).matches) == GALLERY_SIZE


async def test_a_bot_that_is_killed_again_and_again_loses_nothing() -> None:
    plans = [
        Plan(KILLS, webhook=webhook, faulty=faulty, **SHORT)
        for faulty in (False, True)
        for webhook in (False, True)
    ]
    reports = await chaos(plans)
    assert not any(report.failures for report in reports), "\n".join(table(reports))
    assert all(report.figures["answered"] > 6 for report in reports)


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


def test_only_figures_above_their_maximum_are_failures() -> None:
    maxima = {LOST: 0, UNEXPLAINED: 0, OUT_OF_ORDER: 0, PEAK_CHAT: 1, PEAK_GROUP: 20, PEAK_OVERALL: 30}
    assert excess(maxima) == []
    for name, value in maxima.items():
        assert excess(maxima | {name: value + 1}) == [f"{name}: {value + 1}"]
    report = Report(Plan(1), {LOST: 1}, excess(maxima | {LOST: 1}))
    assert table([report])[-1] == "polling: lost: 1"
