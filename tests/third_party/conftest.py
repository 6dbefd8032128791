"""Bot API servers that others wrote: `make test-others` brings them in."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.conftest import engine, photo, settings, store
from tests.conftest import ROOT

__all__ = ["engine", "photo", "settings", "store"]

HOME = ROOT / "build" / "third_party"


@pytest.fixture(scope="session")
def home() -> Path:
    """Where these servers are installed."""
    if not (HOME / ".ready").exists():
        pytest.skip("no other servers: Bot API servers that others wrote are not installed")
    return HOME


@pytest.fixture(scope="session")
def telemelya(home: Path) -> Iterator[str]:
    """Address of telemelya, in a process of its own."""
    server = [home / "bin" / "python", ROOT / "tests" / "third_party" / "telemelya_server.py"]
    log = home / "telemelya.log"
    with log.open("w") as said, subprocess.Popen(
        server, cwd=home, stdout=subprocess.PIPE, stderr=said, text=True
    ) as process:  # fmt: skip
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address, log.read_text()
        yield address
        process.terminate()
