"""The command line: commands, exit statuses, and one line on stderr for each failure."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest

from bot import __main__ as command_line
from bot import home_lock, lifecycle, logs
from bot.check import Mark, check_lock
from engine.api import EngineAPI
from engine.errors import CheckpointError
from engine.settings import EngineSettings
from tests.bot.fork_server import ForkServer
from tests.bot.harness import TIMEOUT, ScriptedEngine
from tests.bot.scripted_demo import NOTICE

HEARTBEAT = "alive"  # what the Dockerfile's health check looks for
TOKEN = "123456:" + "A" * 35


@pytest.fixture(autouse=True)
def bare_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings in the environment, a scripted engine, and the tests' own logging."""
    for name in [*os.environ]:
        if name.startswith("KINDRED_") or name == "FLICKR8K_DIR":
            monkeypatch.delenv(name)
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path))
    monkeypatch.setenv("KINDRED_GALLERY", "at hand")  # so that nothing is downloaded

    def end_at_once(status: int) -> None:
        raise AssertionError(f"the process would have ended at once, with status {status}")

    monkeypatch.setattr(lifecycle, "os", SimpleNamespace(_exit=end_at_once))

    async def open_engine(settings: EngineSettings) -> EngineAPI:
        engine = ScriptedEngine()
        engine.gallery = replace(engine.gallery, notice=NOTICE)
        return engine

    monkeypatch.setattr(lifecycle, "open_engine", open_engine)
    monkeypatch.setattr(logs, "set_up", lambda level: None)


@pytest.fixture
def refusing_telegram() -> Iterator[str]:
    """The address of a Telegram that refuses every token."""

    class Refuse(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps({"ok": False, "error_code": 401, "description": "Unauthorized"}).encode()
            self.send_response(401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refuse) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/bot"
        server.shutdown()
        thread.join()


def only_line(capsys: pytest.CaptureFixture[str]) -> str:
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert TOKEN not in line
    return line


def test_run_without_a_token_says_how_to_get_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["run"]) == 2
    line = only_line(capsys)
    assert "BotFather" in line
    assert "python -m bot demo" in line


def test_an_invalid_setting_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_PLAYGROUND_PORT", "eighty")
    assert command_line.main(["demo"]) == 2
    assert only_line(capsys).startswith("kindred: KINDRED_PLAYGROUND_PORT: ")


def test_an_unknown_setting_is_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_TOKNE", TOKEN)
    assert command_line.main(["run"]) == 2
    assert "KINDRED_TOKNE: there is no such setting" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "demo"])
def test_an_unwritable_home_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("KINDRED_TOKEN", TOKEN)
    assert command_line.main([command]) == 1
    assert only_line(capsys).startswith("kindred: KINDRED_HOME: ")


def test_a_broken_installation_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(settings: EngineSettings) -> EngineAPI:
        raise CheckpointError("The weights are missing.")

    monkeypatch.setattr(lifecycle, "open_engine", broken)
    assert command_line.main(["demo"]) == 1
    assert only_line(capsys) == "kindred: The weights are missing."


def test_a_token_unknown_to_telegram_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, refusing_telegram: str
) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", TOKEN)
    monkeypatch.setenv("KINDRED_BASE_URL", refusing_telegram)
    assert command_line.main(["run"]) == 1
    assert "does not know this token" in only_line(capsys)


def test_an_unreachable_telegram_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/bot"
    monkeypatch.setenv("KINDRED_TOKEN", TOKEN)
    monkeypatch.setenv("KINDRED_BASE_URL", address)
    assert command_line.main(["run"]) == 1
    assert f"cannot be reached at {address}" in only_line(capsys)


def test_a_web_port_in_use_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", TOKEN)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("KINDRED_WEB_PORT", str(taken.getsockname()[1]))
        monkeypatch.setenv("KINDRED_WEB_KEY", "open sesame, please")
        assert command_line.main(["run"]) == 2
    assert only_line(capsys).startswith("kindred: KINDRED_WEB_PORT: 127.0.0.1, port ")


def test_a_web_front_without_a_key_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", TOKEN)
    monkeypatch.setenv("KINDRED_WEB_PORT", "8090")
    assert command_line.main(["run"]) == 2
    assert "KINDRED_WEB_KEY: not set" in only_line(capsys)


def test_a_playground_open_to_others_without_the_option_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_PLAYGROUND_HOST", "0.0.0.0")
    assert command_line.main(["demo"]) == 2
    assert only_line(capsys).endswith("python -m bot demo --open-to-others")
    monkeypatch.setenv("KINDRED_PLAYGROUND_HOST", "192.0.2.1")  # no machine's own
    assert command_line.main(["demo", "--open-to-others"]) == 2
    assert "192.0.2.1 cannot be used" in only_line(capsys)


@pytest.fixture
def used_home(tmp_path: Path) -> Iterator[IO[bytes]]:
    """A home that another process holds, and the file of its lock."""
    fcntl = pytest.importorskip("fcntl", reason="files cannot be locked on this system")
    with (tmp_path / home_lock.LOCK_FILE).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


@pytest.mark.usefixtures("used_home")
def test_a_second_process_on_one_home_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(home_lock, "LOCK_TIMEOUT", 0.1)
    monkeypatch.setenv("KINDRED_TOKEN", TOKEN)
    assert command_line.main(["run"]) == command_line.FAILURE
    line = only_line(capsys)
    assert line.startswith(f"kindred: KINDRED_HOME: {tmp_path} is used by another bot process.")


async def test_a_rolling_restart_waits_until_the_former_process_has_ended(
    used_home: IO[bytes], tmp_path: Path
) -> None:
    asyncio.get_running_loop().call_later(0.1, used_home.close)  # as when that process ends
    async with home_lock.locked_home(tmp_path):
        assert home_lock.is_in_use(tmp_path)
    assert not home_lock.is_in_use(tmp_path)


@pytest.mark.usefixtures("used_home")
def test_check_names_a_process_that_uses_the_home(tmp_path: Path) -> None:
    (finding,) = check_lock(tmp_path)
    assert finding.mark is Mark.ADVICE
    assert "used by another bot process" in finding.message
    assert not [*check_lock(tmp_path / "another")]


@pytest.mark.parametrize("arguments", [[], ["dance"]])
def test_an_unknown_command_lists_the_known_ones(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        command_line.main(arguments)
    assert exited.value.code == 2
    assert "{demo,run,check,move,settings,api}" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_demo_prints_its_address_even_if_its_port_is_in_use_and_stops_in_order(
    fork_server: ForkServer, number: signal.Signals, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = {"KINDRED_HOME": str(tmp_path), "KINDRED_PLAYGROUND_PORT": str(port)}
        output_file = tmp_path / "output.log"
        demo = fork_server.start("tests.bot.scripted_demo", environment=environment, output_file=output_file)
        async with asyncio.timeout(TIMEOUT):
            while not output_file.exists() or "to wander through" not in demo.output:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        os.kill(demo.id, number)
        assert await demo.wait(TIMEOUT) == 0
    notice, ready = demo.output.split("Kindred is ready", 1)
    assert NOTICE in notice
    assert ready.count("http://127.0.0.1:") == 2  # the chat and the maps
    assert str(port) not in ready
    assert (tmp_path / HEARTBEAT).exists()
