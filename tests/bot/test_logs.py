"""No secret reaches the log, whether in messages, arguments, tracebacks or threads."""

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import logs

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.RedactingFormatter("%(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("tests.redaction")
    logger.propagate = False
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)


def test_a_token_in_the_message_is_redacted(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.warning(f"POST https://api.telegram.org/bot{TOKEN}/getMe")
    assert stream.getvalue() == "WARNING tests.redaction: POST https://api.telegram.org/bot[token]/getMe\n"


def test_a_token_in_the_arguments_is_redacted(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.warning("%s and %r", TOKEN, {"url": TOKEN.replace(":", "%3A")})
    assert "AAbb" not in stream.getvalue()


def test_a_token_in_a_traceback_is_redacted(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    try:
        raise RuntimeError(f"no answer from /bot{TOKEN}/getMe")
    except RuntimeError:
        logger.exception("failed", stack_info=True)
    assert "RuntimeError: no answer from /bot[token]/getMe" in stream.getvalue()
    assert "AAbb" not in stream.getvalue()


def test_times_and_addresses_are_left_alone() -> None:
    text = "2026-11-21 01:38:25 http://127.0.0.1:8080/ 12345:short"
    assert logs.redact(text) == text


def test_every_secret_that_was_read_is_replaced_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_replacements", {})
    logs.conceal("open/sesame", "KINDRED_WEB_KEY")
    logs.conceal("open/sesame and more", "KINDRED_WEBHOOK_SECRET")
    logs.conceal("on", "KINDRED_TOKEN")
    text = "open/sesame, open%2Fsesame on time: open/sesame and more"
    assert logs.redact(text) == ("[KINDRED_WEB_KEY], [KINDRED_WEB_KEY] on time: [KINDRED_WEBHOOK_SECRET]")


SCRIPT = f"""
import asyncio, logging, threading, warnings
from bot import logs
logs.set_up("DEBUG")
for name in ("httpx", "httpcore.http11", "aiohttp.access", "telegram.Bot"):
    logging.getLogger(name).debug("chatter {TOKEN}")
    logging.getLogger(name).warning("trouble {TOKEN}")
logging.getLogger("bot").debug("detail")
for name in ("aiosqlite", "PIL.TiffImagePlugin"):
    logging.getLogger(name).debug("chatter")
warnings.warn("careful {TOKEN}")

def fail():
    raise RuntimeError("a thread at {TOKEN}")

class Failing:
    def __del__(self):
        raise RuntimeError("unheard of {TOKEN}")

threading.Thread(target=fail).start()
Failing()
raise RuntimeError("the end of {TOKEN}")
"""


def test_a_whole_process_logs_no_token_and_no_chatter() -> None:
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, timeout=60, cwd=ROOT
    )
    assert process.returncode == 1
    assert "chatter" not in process.stderr
    assert process.stderr.count("trouble [token]") == 4
    assert "bot: detail" in process.stderr
    assert "careful [token]" in process.stderr
    for sentence in ("a thread at [token]", "unheard of [token]", "the end of [token]"):
        assert f"RuntimeError: {sentence}" in process.stderr
    assert "AAbb" not in process.stderr + process.stdout
