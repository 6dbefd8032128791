"""What all tests share: where Flickr8K may lie, and a last word on the tests that were left out."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# A skip's reason begins with one of these; behind it, the one command that brings such tests in.
REMEDIES = {
    "no browser": "make browser && make test",
    "no Flickr8K": "FLICKR8K_DIR=/where/it/is make test  (data/README.md tells how to fetch it)",
    "no schema": "BOT_API_SCHEMA=/path/to/api.json make test  (PaulSonOfLars/telegram-bot-api-spec)",
    "no scorer": "make env && make test",
    "no other servers": "make test-others && make test",
}


def pytest_configure(config: pytest.Config) -> None:
    """Register our markers."""
    config.addinivalue_line("markers", "browser: needs Chromium (`make browser`)")
    config.addinivalue_line("markers", "own_bot: needs a bot of its own, not the session's")


@pytest.fixture(scope="session")
def flickr8k_dir() -> Path:
    """Folder of real Flickr8K: FLICKR8K_DIR, or `../shared/flickr8k` beside the repository."""
    named = os.environ.get("FLICKR8K_DIR")
    folder = Path(named) if named else ROOT.parent / "shared" / "flickr8k"
    if not (folder / "Flicker8k_Dataset").is_dir():
        where = f"FLICKR8K_DIR={named} holds no Flicker8k_Dataset" if named else "FLICKR8K_DIR is not set"
        pytest.skip(f"no Flickr8K: {where}")
    return folder


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say last which tests were left out, and how to bring them in."""
    left_out = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", ()))
    if not left_out:
        return
    terminalreporter.write_sep("-", "left out")
    for reason, count in left_out.most_common():
        terminalreporter.write_line(f"{count} test{'s' * (count > 1)}: {reason}")
        for beginning, remedy in REMEDIES.items():
            if reason.startswith(beginning):
                terminalreporter.write_line(f"    to bring them in: {remedy}")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a test was skipped; pytest keeps (file, line, "Skipped: why")."""
    told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return told.removeprefix("Skipped: ")
