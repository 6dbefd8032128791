"""The short form of `make chaos`, and that it can fail."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground import Playground
from tests.stress import chaos as module
from tests.stress.chaos import (
    CHAT,
    DISORDERED,
    GROUP,
    LOST,
    OVERALL,
    UNEXPLAINED,
    Plan,
    Report,
    chaos,
    excess,
    table,
)
from tests.stress.delivery_checker import Ledger
from tests.stress.fork_server import GALLERY


async def test_a_bot_that_is_killed_again_and_again_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GROUPS", 0)  # a group takes a minute for its twenty messages
    monkeypatch.setattr(module, "LIFE", 3.0)
    both = (False, True)
    plans = [Plan(3, webhook=webhook, faulty=faulty, chats=5) for faulty in both for webhook in both]
    reports = await chaos(plans)
    assert not any(report.wrong for report in reports), "\n".join(table(reports))
    assert all(report.figures["answered"] > 6 for report in reports)


async def test_what_the_bot_did_wrong_is_told_from_what_a_kill_did() -> None:
    async with Playground() as playground:
        ada = playground.person("Ada")
        ledger = Ledger(playground)
        talk = ledger.talk(ada)

        def bot_says(about: int = 0, **content: Any) -> None:
            reply = {"reply_to_message": {"message_id": about}} if about else {}
            cloud, chat = playground._cloud, ada._chat
            cloud.post_from_bot(chat, content | reply)

        def shows(count: int, name: str) -> None:
            for _ in range(count):
                bot_says(photo=[{"file_id": "1"}], media_group_id=name)

        first, second = [talk.ask("find", (await ada.say("a dog")).id) for _ in range(2)]
        third = talk.ask("words", (await ada.say("boy")).id)
        bot_says(first.message, text="a dog")
        ledger.read()
        ledger.mark()
        bot_says(first.message, text="a dog")  # it was killed before it noted that
        shows(3, "torn")
        shows(GALLERY, "whole")
        ledger.read()
        assert (first.answered, first.most, talk.unexplained(), talk.torn) == (True, 2, [], 1)
        bot_says(third.message, text="girl")
        bot_says(third.message, text="girl")  # and nobody killed it
        bot_says(second.message, text="a dog")  # later than its turn was
        bot_says(text="Sorry.")
        ledger.read()
        assert (len(talk.unexplained()), talk.disordered, talk.other["Sorry."]) == (1, 1, 1)
        assert talk.open == [second]


def test_a_figure_that_is_higher_than_it_may_be_is_named_and_no_other_is() -> None:
    most = {LOST: 0, UNEXPLAINED: 0, DISORDERED: 0, CHAT: 1, GROUP: 20, OVERALL: 30}
    assert excess(most) == []
    for name, value in most.items():
        assert excess(most | {name: value + 1}) == [f"{name}: {value + 1}"]
    report = Report(Plan(1), {LOST: 1}, excess(most | {LOST: 1}))
    assert table([report])[-1] == "polling: lost: 1"
