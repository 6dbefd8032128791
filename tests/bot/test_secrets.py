"""A noisy whole, with everything going wrong at once, and not one secret in all that it writes and says."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest

from bot.playground import Person, Playground
from bot.updates.webhook import HEADER
from tests.bot.harness import TIMEOUT

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEY = "open/sesame+2026"
SECRET = "only-Telegram_knows"
WRONG_TOKEN = "987654321:" + "Zz9_-" * 7
# Frames, warnings and slow callbacks are written, too.
NOISY = {"KINDRED_LOG_LEVEL": "DEBUG", "PYTHONASYNCIODEBUG": "1", "PYTHONWARNINGS": "always"}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Written:
    """All that anybody can read of a run."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, text: bytes | str) -> None:
        self.text += text.decode(errors="replace") if isinstance(text, bytes) else text

    def leaks(self, *secrets: str) -> list[str]:
        """Lines that hold a secret, as it is or as it stands in an address; of a token, its second half."""
        parts = {part for secret in secrets for part in (secret, secret.partition(":")[2]) if part}
        forms = {form for part in parts for form in (part, quote(part), quote(part, safe=""))}
        return [line for line in self.text.splitlines() if any(form in line for form in forms)]


async def start(command: str, told: Mapping[str, str]) -> asyncio.subprocess.Process:
    """Start `python -m bot`, knowing nothing of this machine's own settings."""
    clean = {name: said for name, said in os.environ.items() if not name.startswith(("KINDRED_", "FLICKR8K"))}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", command),
        env=clean | NOISY | told,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=Path(__file__).parents[2],
    )


@asynccontextmanager
async def running(written: Written, told: Mapping[str, str]) -> AsyncIterator[None]:
    """Run the bot while the block does; then stop it, and keep what it wrote."""
    started = await start("run", told)
    reading = asyncio.create_task(started.communicate())
    try:
        yield
    finally:
        started.terminate()
        async with asyncio.timeout(TIMEOUT):
            written.add((await reading)[0])


async def say_much(person: Person, photo: bytes) -> None:
    """Whatever people send: fine things and rubbish."""
    for text in ("boy", "/similar xqzzyk", "a dog running", "/map", "/nonsense", "x" * 3000, "/settings"):
        await person.say(text)
    for content in (photo, photo[: len(photo) // 2], b"rubbish"):
        await person.send_photo(content, as_file=True)
    await person.send_photo(photo, caption="- grass + beach")


async def knock_at_the_web(written: Written, address: str) -> None:
    """Whatever others ask of the HTTP API, with the key in all the wrong places."""
    questions = [
        ("GET", "/metrics", {"Authorization": f"Bearer {KEY}"}, b""),
        ("GET", "/v1/gallery", {"Authorization": f"Bearer {KEY}x"}, b""),
        ("GET", "/v1/gallery", {"Authorization": f"Basic {KEY}"}, b""),
        ("GET", f"/v1/words?key={quote(KEY, safe='')}", {"Authorization": f"Bearer {KEY}"}, b""),
        ("GET", "/v1/pictures/nothing.jpg?side=9", {"Authorization": f"Bearer {KEY}"}, b""),
        (
            "POST",
            "/v1/captions",
            {"Authorization": f"Bearer {KEY}", "Content-Type": "image/jpeg"},
            b"rubbish",
        ),
        ("POST", "/v1/captions", {"Authorization": f"Bearer {KEY}", "Content-Type": "a/b"}, b"rubbish"),
        ("POST", "/v1/words", {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}, b"[["),
        ("GET", "/metrics", {"Authorization": f"Bearer {KEY}"}, b""),
    ]
    async with aiohttp.ClientSession() as client:
        for method, path, headers, body in questions:
            async with client.request(method, address + path, headers=headers, data=body) as answer:
                written.add(f"{answer.status} {answer.headers}\n{await answer.text()}\n")


async def knock_at_the_webhook(written: Written, address: str) -> None:
    """Whatever a stranger posts, and rubbish that seems to come from Telegram."""
    async with aiohttp.ClientSession() as client:
        for headers in ({HEADER: SECRET[:-1]}, {HEADER: SECRET}, {HEADER: SECRET, "Content-Type": "a/b"}):
            for body in (b"{", b'{"update_id": 5, "message": {"text": 1}}'):
                sent = {"Content-Type": "application/json"} | headers
                async with client.post(address, data=body, headers=sent) as answer:
                    written.add(f"{answer.status} {answer.headers}\n{await answer.text()}\n")


async def mumble(port: int, line: str) -> None:
    """Speak no HTTP. The answer repeats what was said, to the one who said it: it is not looked at."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{line}\r\n\r\n".encode())
    assert (await asyncio.wait_for(reader.read(), TIMEOUT)).startswith(b"HTTP/1.0 400")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("webhook", [False, True])
async def test_a_noisy_whole_tells_no_secret(
    tmp_path: Path, playground: Playground, ada: Person, photo: bytes, webhook: bool
) -> None:
    written, web, hook = Written(), free_port(), free_port()
    told = {
        "KINDRED_HOME": str(tmp_path),
        "KINDRED_TOKEN": playground.token,
        "KINDRED_BASE_URL": playground.base_url,
        "KINDRED_BASE_FILE_URL": playground.base_file_url,
        "KINDRED_WEB_PORT": str(web),
        "KINDRED_WEB_KEY": KEY,
    }
    if webhook:
        told["KINDRED_WEBHOOK_URL"] = f"http://127.0.0.1:{hook}/hook"
        told |= {"KINDRED_WEBHOOK_PORT": str(hook), "KINDRED_WEBHOOK_SECRET": SECRET}
    async with running(written, told):
        await ada.say("/help")
        await ada.replies(timeout=TIMEOUT)
        playground.faults.at_random(7, error=0.1, cut_before=0.1, cut_after=0.1, slow=0.1, flood=0.05)
        for method in ("getUpdates", "getFile", "download", "sendChatAction"):
            playground.faults.next("cut_before", method)
            playground.faults.next("error", method)
        await say_much(ada, photo)
        await knock_at_the_web(written, f"http://127.0.0.1:{web}")
        await mumble(web, f"GET /bot{playground.token}/getMe?key={KEY} HTTP/9.9")
        if webhook:
            await knock_at_the_webhook(written, told["KINDRED_WEBHOOK_URL"])
            await mumble(hook, f"{SECRET} {KEY}")
        await ada.replies(10, timeout=TIMEOUT)
        playground.faults.clear()
    for file in await asyncio.to_thread(lambda: [*tmp_path.rglob("*")]):
        if file.is_file():
            written.add(await asyncio.to_thread(file.read_bytes))
    assert written.text.count("DEBUG") > 5
    assert "kindred_requests_total" in written.text
    assert written.leaks(playground.token, KEY, SECRET) == []


@pytest.mark.parametrize("command", ["run", "check"])
async def test_a_wrong_token_is_not_repeated(tmp_path: Path, playground: Playground, command: str) -> None:
    written = Written()
    told = {
        "KINDRED_HOME": str(tmp_path),
        "KINDRED_TOKEN": WRONG_TOKEN,
        "KINDRED_BASE_URL": playground.base_url,
    }
    async with asyncio.timeout(TIMEOUT):
        written.add((await (await start(command, told)).communicate())[0])
    assert "Telegram does not know" in written.text
    assert written.leaks(WRONG_TOKEN) == []


async def test_what_the_playground_refuses_names_no_token(playground: Playground) -> None:
    written = Written()
    async with aiohttp.ClientSession() as client:
        for path in (
            f"bot{WRONG_TOKEN}/getMe",
            f"bot{playground.token}/dance",
            f"bot{playground.token}/sendMessage",
        ):
            async with client.post(playground.address + path, data={"chat_id": "x"}) as answer:
                written.add(f"{answer.status} {answer.headers}\n{await answer.text()}\n")
        for path in ("api/media/nothing?name=Ada", "api/language?name=Ada", ""):
            async with client.get(playground.address + path) as answer:
                written.add(f"{answer.status} {answer.headers}\n{await answer.text()}\n")
    assert written.leaks(playground.token, WRONG_TOKEN) == []
