"""Fixtures of the third-party Bot API servers, which `make test-third-party` installs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.conftest import engine, photo, settings
from tests.bot.conftest import own_store as store
from tests.conftest import ROOT

__all__ = ["engine", "photo", "settings", "store"]

ENVIRONMENT = ROOT / "build" / "third_party"


@pytest.fixture(scope="session")
def third_party() -> Path:
    """Return the environment in which the servers are installed."""
    if not (ENVIRONMENT / ".ready").exists():
        pytest.skip("no third-party servers: third-party Bot API servers are not installed")
    return ENVIRONMENT


@pytest.fixture(scope="session")
def telemelya(third_party: Path) -> Iterator[str]:
    """Run telemelya in a process of its own, and yield its address."""
    server = [third_party / "bin" / "python", ROOT / "tests" / "third_party" / "telemelya_server.py"]
    log = third_party / "telemelya.log"
    with log.open("w") as stderr, subprocess.Popen(
        server, cwd=third_party, stdout=subprocess.PIPE, stderr=stderr, text=True
    ) as process:  # fmt: skip
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address, log.read_text()
        yield address
        process.terminate()
