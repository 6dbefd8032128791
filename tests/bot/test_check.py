"""`python -m bot check` finds what is wrong with an installation, and never ends in a traceback."""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from telegram import User, WebhookInfo

from bot import __main__ as command_line
from bot import logs
from bot.check import (
    check_clock,
    check_damaged_files,
    check_home,
    check_inline_mode,
    check_privacy_mode,
    check_starter,
    check_threads,
)
from bot.check.delivery import describe_webhook
from bot.finding import Mark
from bot.playground import Playground
from bot.playground.telegram.photo_sizes import ImageFile
from engine.model import checkpoint
from engine.search.live_gallery import LiveGallery
from engine.settings import ARTIFACT_DIR, EngineSettings

ON_THE_PLAYGROUND_LOOP = pytest.mark.asyncio(loop_scope="session")
TOKEN = "123456:" + "A" * 35
load_once = functools.cache(checkpoint.load)
Report = Callable[[], Awaitable[tuple[int, dict[str, str]]]]


@pytest.fixture(autouse=True)
def valid_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, playground: Playground) -> None:
    """An installation without mistakes."""
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
    monkeypatch.setattr(checkpoint, "load", load_once)


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Report:
    """Return a function that runs the command; it returns the status, and the lines by subject."""

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
    return {subject for subject, line in lines.items() if line.startswith(Mark.WRONG)}


@ON_THE_PLAYGROUND_LOOP
async def test_a_valid_installation_has_nothing_wrong(report: Report, playground: Playground) -> None:
    status, lines = await report()
    assert (status, wrong(lines)) == (0, set())
    assert "3 photos in " in lines["gallery"]
    assert "0 photos can be found, and 3 are new or have changed: they are indexed while" in lines["index"]
    assert lines["token"].startswith(Mark.RIGHT)
    assert {"settings", "clock", "threads", "home", "groups", "inline mode", "weights", "room"} < lines.keys()


@ON_THE_PLAYGROUND_LOOP
async def test_a_token_unknown_to_telegram_is_wrong(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", TOKEN)
    status, lines = await report()
    assert (status, wrong(lines)) == (1, {"token"})
    assert "BotFather" in lines["token"]


@ON_THE_PLAYGROUND_LOOP
async def test_a_malformed_token_is_wrong(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", "what my friend gave me")
    assert wrong((await report())[1]) == {"token"}


@ON_THE_PLAYGROUND_LOOP
@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"KINDRED_WEB_PORT": "8090"}, "KINDRED_WEB_KEY: not set"),
        ({"KINDRED_WEB_KEY": "x"}, "KINDRED_WEB_KEY: a key of fewer than 16"),
        ({"KINDRED_WEBHOOK_SECRET": "ü"}, "KINDRED_WEBHOOK_SECRET: Telegram takes"),
        ({"KINDRED_ALLOW": ","}, "KINDRED_ALLOW: This names nobody"),
        ({"KINDRED_ALLOW": "7", "KINDRED_DENY": "7"}, "KINDRED_DENY: 7 is also in KINDRED_ALLOW"),
    ],
)
async def test_what_stops_the_bot_from_starting_is_wrong(
    report: Report, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], line: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    status, lines = await report()
    assert (status, wrong(lines)) == (1, {"settings"})
    assert line in lines["settings"]


@ON_THE_PLAYGROUND_LOOP
async def test_limits_that_leave_no_room_are_advised_against(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_WAITING", "10")
    status, lines = await report()
    assert status == 0
    assert lines["limits"].startswith(f"{Mark.ADVICE} limits: KINDRED_WAITING: only 10 requests")


@ON_THE_PLAYGROUND_LOOP
async def test_an_unreachable_telegram_is_wrong(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/bot"
    monkeypatch.setenv("KINDRED_BASE_URL", address)
    status, lines = await report()
    assert (status, wrong(lines)) == (1, {"Telegram"})
    assert f"{address} cannot be reached" in lines["Telegram"]


@pytest.mark.parametrize(
    ("info", "wanted", "mark", "message"),
    [
        ({}, None, Mark.RIGHT, "fetches them"),
        ({}, "https://a.example/x", Mark.ADVICE, "not posted to KINDRED_WEBHOOK_URL yet"),
        ({"url": "https://a.example/x"}, "https://a.example/x", Mark.RIGHT, "posted to a.example"),
        ({"url": "https://a.example/x"}, None, Mark.ADVICE, "another address, at a.example"),
        (
            {"url": "https://a.example/x", "last_error_message": "404 Not Found", "pending_update_count": 3},
            "https://a.example/x",
            Mark.WRONG,
            "3 wait, as a.example fails: 404 Not Found",
        ),
    ],
)
def test_where_updates_go_is_reported(
    info: dict[str, Any], wanted: str | None, mark: Mark, message: str
) -> None:
    raw = {"url": "", "has_custom_certificate": False, "pending_update_count": 0, **info}
    finding = describe_webhook(WebhookInfo.de_json(raw, None), wanted)
    assert finding.mark == mark
    assert message in finding.message
    assert "/x" not in finding.message


@ON_THE_PLAYGROUND_LOOP
async def test_a_picture_that_cannot_be_fetched_is_wrong(
    report: Report, playground: Playground, photo: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    state = playground._state
    monkeypatch.setattr(state.profile, "photo", state.files.add_photo([ImageFile(451, 300, photo)]))
    _, lines = await report()
    assert lines["files"].startswith(Mark.RIGHT)
    assert f"{len(photo):,} bytes" in lines["files"]
    assert lines["updates"].startswith(Mark.RIGHT)
    monkeypatch.setenv("KINDRED_BASE_FILE_URL", f"{playground.base_url}/elsewhere")
    status, lines = await report()
    assert (status, wrong(lines)) == (1, {"files"})
    assert "KINDRED_BASE_FILE_URL" in lines["files"]


@ON_THE_PLAYGROUND_LOOP
async def test_a_proxy_that_cannot_be_used_is_wrong(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "walrus://127.0.0.1:1")
    assert "proxy" in (await report())[1]["Telegram"]


@ON_THE_PLAYGROUND_LOOP
async def test_damaged_weights_are_wrong(
    report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(ARTIFACT_DIR, tmp_path / "artifact")
    (tmp_path / "artifact" / "network.safetensors").write_bytes(b"half a file")
    monkeypatch.setenv("KINDRED_ARTIFACT", str(tmp_path / "artifact"))
    status, lines = await report()
    assert (status, wrong(lines)) == (1, {"weights"})
    assert "network.safetensors" in lines["weights"]
    assert f"git checkout engine/{ARTIFACT_DIR.name}." in lines["weights"]
    assert lines["gallery"].startswith(Mark.RIGHT)


@ON_THE_PLAYGROUND_LOOP
async def test_a_missing_gallery_is_wrong(
    report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KINDRED_GALLERY", str(tmp_path / "nowhere"))
    status, lines = await report()
    assert (status, wrong(lines)) == (1, {"gallery"})


@ON_THE_PLAYGROUND_LOOP
async def test_a_bucket_that_cannot_be_read_is_wrong(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)  # as where it is not installed
    monkeypatch.setenv("KINDRED_GALLERY", "s3://photos/2024")
    status, lines = await report()
    assert (status, wrong(lines)) == (1, {"gallery"})
    assert "s3://photos/2024 cannot be read (KINDRED_GALLERY): a package is missing" in lines["gallery"]
    monkeypatch.setenv("KINDRED_GALLERY", "ftp://photos/2024")
    status, lines = await report()
    assert (status, wrong(lines)) == (1, {"settings"})
    assert "KINDRED_GALLERY: This address is of no kind that is read. Name a folder," in lines["settings"]


@ON_THE_PLAYGROUND_LOOP
async def test_the_progress_of_indexing_is_reported(report: Report, tmp_path: Path) -> None:
    for number in range(70):
        (tmp_path / "photos" / f"more{number}.png").symlink_to(tmp_path / "photos" / "0.png")
    settings = EngineSettings(home=Path(os.environ["KINDRED_HOME"]), gallery=tmp_path / "photos")
    LiveGallery(load_once(ARTIFACT_DIR), settings, live=True)  # a bot that has just begun
    status, lines = await report()
    assert (status, wrong(lines)) == (0, set())
    assert "12 photos can be found, and 61 are new or have changed: they are indexed" in lines["index"]


def test_the_progress_of_the_download_is_reported() -> None:
    assert "the bot goes on" not in check_starter(fetch=True, fetched=0).message
    assert "500 MB of 1.1 GB are fetched" in check_starter(fetch=True, fetched=500 * 2**20).message
    assert "Flickr8K:" not in check_starter(fetch=False, fetched=500).message


@ON_THE_PLAYGROUND_LOOP
async def test_an_unwritable_home_is_wrong(
    report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path / "file"))
    status, lines = await report()
    assert status == 1
    assert "home" in wrong(lines)
    monkeypatch.delenv("KINDRED_GALLERY")  # the starter photos would be put there
    assert "gallery" in wrong((await report())[1])


@ON_THE_PLAYGROUND_LOOP
async def test_a_full_disk_is_wrong(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 1_000))
    _, lines = await report()
    assert wrong(lines) == {"home", "room"}
    assert "KINDRED_TWO_STAGES=false" in lines["room"]


@ON_THE_PLAYGROUND_LOOP
async def test_invalid_settings_are_wrong_and_unknown_ones_are_reported(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_GALERY", "photos")
    assert (await report())[0] == 0
    monkeypatch.setenv("KINDRED_THREADS", "two")
    status, lines = await report()
    assert status == 1
    assert "KINDRED_THREADS" in lines["settings"]


def test_a_misspelt_setting_names_the_closest_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDRED_GALERY", "photos")
    monkeypatch.setenv("KINDRED_THREADS", "two")
    assert command_line.main(["check"]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("! settings: KINDRED_GALERY")
    assert first.endswith("Did you mean KINDRED_GALLERY?")
    assert second.startswith("✗ settings: KINDRED_THREADS")


def bot_account(**abilities: bool) -> User:
    return User(1, "Kindred", is_bot=True, username="kindred_bot", **abilities)


def test_advice_on_the_switches_of_botfather() -> None:
    assert check_privacy_mode(bot_account(can_read_all_group_messages=False)).mark is Mark.RIGHT
    assert "/setprivacy" in check_privacy_mode(bot_account(can_read_all_group_messages=True)).message
    on, off = bot_account(supports_inline_queries=True), bot_account(supports_inline_queries=False)
    assert check_inline_mode(on, wanted=True).mark is check_inline_mode(off, wanted=False).mark is Mark.RIGHT
    for account, wanted in ((on, False), (off, True)):
        finding = check_inline_mode(account, wanted=wanted)
        assert finding.mark is Mark.ADVICE
        assert "/setinline" in finding.message


def test_a_clock_before_the_installation_is_wrong() -> None:
    assert check_clock(0).mark is Mark.WRONG
    assert "1970" in check_clock(0).message
    assert check_clock(4_000_000_000).mark is Mark.RIGHT


def test_more_threads_than_cores_get_advice() -> None:
    assert check_threads(2, 2).mark is Mark.RIGHT
    assert "KINDRED_THREADS=2" in check_threads(3, 2).message


def test_checking_the_home_leaves_no_file_in_it(tmp_path: Path) -> None:
    assert check_home(tmp_path / "new" / "home").mark is Mark.RIGHT
    assert not list((tmp_path / "new" / "home").iterdir())


def test_a_damaged_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "bot-1.sqlite3.damaged-2026-11-25-101112").touch()
    (tmp_path / "bot-1.sqlite3").touch()
    (finding,) = check_damaged_files(tmp_path)
    assert finding.mark is Mark.ADVICE
    assert "bot-1.sqlite3.damaged-2026-11-25-101112 was damaged" in finding.message
