"""The report on an installation: true, complete, and never a traceback."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PIL import Image
from telegram import User

from bot import __main__ as command_line
from bot import logs
from bot.check import Mark, clock, folder, inline_mode, privacy_mode, set_aside, threads
from bot.playground import Playground
from engine.settings import ARTIFACT_DIR

ON_THE_PLAYGROUNDS_LOOP = pytest.mark.asyncio(loop_scope="session")
TOKEN = "123456:" + "A" * 35
Report = Callable[[], Awaitable[tuple[int, dict[str, str]]]]


@pytest.fixture(autouse=True)
def sound(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, playground: Playground) -> None:
    """An installation that lacks nothing."""
    for name in [*os.environ]:
        if name.startswith("KINDRED_") or name == "FLICKR8K_DIR":
            monkeypatch.delenv(name)
    (tmp_path / "photos").mkdir()
    for number in range(3):
        Image.new("RGB", (40, 30), (80 * number, 90, 30)).save(tmp_path / "photos" / f"{number}.png")
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KINDRED_GALLERY", str(tmp_path / "photos"))
    monkeypatch.setenv("KINDRED_THREADS", "1")
    monkeypatch.setenv("KINDRED_TOKEN", playground.token)
    monkeypatch.setenv("KINDRED_BASE_URL", playground.base_url)
    monkeypatch.setattr(logs, "set_up", lambda level: None)


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Report:
    """Run the command; its status, and what each line is about with the whole line."""

    async def run() -> tuple[int, dict[str, str]]:
        status = await asyncio.to_thread(command_line.main, ["check"])
        printed = capsys.readouterr()
        assert not printed.err
        lines = printed.out.splitlines()
        assert all(line[:2] in {f"{mark} " for mark in Mark} for line in lines)
        assert os.environ["KINDRED_TOKEN"] not in printed.out
        return status, {line[2:].partition(":")[0]: line for line in lines}

    return run


def wrong(lines: dict[str, str]) -> set[str]:
    return {about for about, line in lines.items() if line.startswith(Mark.WRONG)}


@ON_THE_PLAYGROUNDS_LOOP
async def test_a_sound_installation_has_nothing_wrong(report: Report, playground: Playground) -> None:
    status, lines = await report()
    assert (status, wrong(lines)) == (0, set())
    assert "3 photos in " in lines["gallery"]
    assert "0 photos can be found, 3 more when the bot starts" in lines["index"]
    assert lines["token"].startswith(Mark.RIGHT)
    assert {"settings", "clock", "threads", "home", "groups", "inline mode", "weights", "room"} < lines.keys()


@ON_THE_PLAYGROUNDS_LOOP
async def test_a_token_that_telegram_does_not_know_is_wrong(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", TOKEN)
    status, lines = await report()
    assert (status, wrong(lines)) == (1, {"token"})
    assert "BotFather" in lines["token"]


@ON_THE_PLAYGROUNDS_LOOP
async def test_what_is_no_token_is_wrong(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", "what my friend gave me")
    assert wrong((await report())[1]) == {"token"}


@ON_THE_PLAYGROUNDS_LOOP
async def test_a_telegram_out_of_reach_is_wrong(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}/bot"
    monkeypatch.setenv("KINDRED_BASE_URL", address)
    status, lines = await report()
    assert (status, wrong(lines)) == (1, {"Telegram"})
    assert f"{address} cannot be reached" in lines["Telegram"]


@ON_THE_PLAYGROUNDS_LOOP
async def test_a_proxy_that_cannot_be_used_is_wrong(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "walrus://127.0.0.1:1")
    assert "proxy" in (await report())[1]["Telegram"]


@ON_THE_PLAYGROUNDS_LOOP
async def test_weights_that_are_damaged_are_wrong(
    report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(ARTIFACT_DIR, tmp_path / "artifact")
    (tmp_path / "artifact" / "network.safetensors").write_bytes(b"half a file")
    monkeypatch.setenv("KINDRED_ARTIFACT", str(tmp_path / "artifact"))
    status, lines = await report()
    assert (status, wrong(lines)) == (1, {"weights"})
    assert "network.safetensors" in lines["weights"]
    assert lines["gallery"].startswith(Mark.RIGHT)


@ON_THE_PLAYGROUNDS_LOOP
async def test_a_gallery_that_is_missing_is_wrong(
    report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KINDRED_GALLERY", str(tmp_path / "nowhere"))
    status, lines = await report()
    assert (status, wrong(lines)) == (1, {"gallery"})


@ON_THE_PLAYGROUNDS_LOOP
async def test_a_large_gallery_without_an_index_is_wrong(report: Report, tmp_path: Path) -> None:
    for number in range(70):
        (tmp_path / "photos" / f"more{number}.png").symlink_to(tmp_path / "photos" / "0.png")
    status, lines = await report()
    assert (status, wrong(lines)) == (1, {"index"})
    assert "python -m engine index" in lines["index"]


@ON_THE_PLAYGROUNDS_LOOP
async def test_a_home_that_cannot_be_written_is_wrong(
    report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path / "file"))
    status, lines = await report()
    assert status == 1
    assert "home" in wrong(lines)
    monkeypatch.delenv("KINDRED_GALLERY")  # the starter photos would be put there
    assert "gallery" in wrong((await report())[1])


@ON_THE_PLAYGROUNDS_LOOP
async def test_a_disk_without_room_is_wrong(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: shutil._ntuple_diskusage(10**9, 10**9, 1_000))
    _, lines = await report()
    assert wrong(lines) == {"home", "room"}
    assert "KINDRED_TWO_STAGES=false" in lines["room"]


@ON_THE_PLAYGROUNDS_LOOP
async def test_mistakes_in_the_settings_are_wrong_and_misspelt_ones_are_pointed_out(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_GALERY", "photos")
    assert (await report())[0] == 0
    monkeypatch.setenv("KINDRED_THREADS", "two")
    status, lines = await report()
    assert status == 1
    assert "KINDRED_THREADS" in lines["settings"]


def test_misspelt_settings_name_the_right_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDRED_GALERY", "photos")
    monkeypatch.setenv("KINDRED_THREADS", "two")
    assert command_line.main(["check"]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("! settings: KINDRED_GALERY")
    assert first.endswith("Did you mean KINDRED_GALLERY?")
    assert second.startswith("✗ settings: KINDRED_THREADS")


def account(**abilities: bool) -> User:
    return User(1, "Kindred", is_bot=True, username="kindred_bot", **abilities)


def test_advice_on_how_botfather_switches_things() -> None:
    assert privacy_mode(account(can_read_all_group_messages=False)).mark is Mark.RIGHT
    assert "/setprivacy" in privacy_mode(account(can_read_all_group_messages=True)).says
    on, off = account(supports_inline_queries=True), account(supports_inline_queries=False)
    assert inline_mode(on, wanted=True).mark is inline_mode(off, wanted=False).mark is Mark.RIGHT
    for one, wanted in ((on, False), (off, True)):
        finding = inline_mode(one, wanted=wanted)
        assert finding.mark is Mark.ADVICE
        assert "/setinline" in finding.says


def test_a_clock_that_stands_before_the_installation_is_wrong() -> None:
    assert clock(0).mark is Mark.WRONG
    assert "1970" in clock(0).says
    assert clock(4_000_000_000).mark is Mark.RIGHT


def test_more_threads_than_cores_are_advised_against() -> None:
    assert threads(2, 2).mark is Mark.RIGHT
    assert "KINDRED_THREADS=2" in threads(3, 2).says


def test_looking_at_the_home_leaves_nothing_in_it(tmp_path: Path) -> None:
    assert folder(tmp_path / "new" / "home").mark is Mark.RIGHT
    assert not list((tmp_path / "new" / "home").iterdir())


def test_a_file_that_was_damaged_is_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "bot-1.sqlite3.damaged-2026-11-25-101112").touch()
    (tmp_path / "bot-1.sqlite3").touch()
    (found,) = set_aside(tmp_path)
    assert found.mark is Mark.ADVICE
    assert "bot-1.sqlite3.damaged-2026-11-25-101112 was damaged" in found.says
