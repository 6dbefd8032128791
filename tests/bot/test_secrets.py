"""A bot at debug level, with every fault at once, and no secret in all that it writes and sends."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest

from bot.playground import Person, Playground
from bot.updates.webhook import HEADER
from engine.model.vocabulary import Vocabulary
from engine.reference import storage
from engine.reference.network import Network
from tests.bot.fork_server import ForkServer
from tests.bot.harness import TIMEOUT
from tests.engine.conftest import TINY, WORDS
from tests.ports import free_port

KEY = "open/sesame+2026"
SECRET = "only-Telegram_knows"
WRONG_TOKEN = "987654321:" + "Zz9_-" * 7
# Frames, warnings and slow callbacks are written, too.
NOISY = {"KINDRED_LOG_LEVEL": "DEBUG", "PYTHONASYNCIODEBUG": "1", "PYTHONWARNINGS": "always"}


class Output:
    """All that can be read of a run."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, text: bytes | str) -> None:
        self.text += text.decode(errors="replace") if isinstance(text, bytes) else text

    async def add_response(self, response: aiohttp.ClientResponse) -> None:
        self.add(f"{response.status} {response.headers}\n{await response.text()}\n")

    def leaks(self, *secrets: str) -> list[str]:
        """Lines that hold a secret, as it is or as it stands in an address; of a token, its second half."""
        parts = {part for secret in secrets for part in (secret, secret.partition(":")[2]) if part}
        forms = {form for part in parts for form in (part, quote(part), quote(part, safe=""))}
        return [line for line in self.text.splitlines() if any(form in line for form in forms)]


@pytest.fixture(scope="session")
def tiny_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that is loaded in a moment."""
    folder = tmp_path_factory.mktemp("tiny") / "artifact"
    storage.save(folder, Network(TINY).eval(), Vocabulary(WORDS, output_size=TINY.output_vocab_size), {})
    return folder


async def ask_everything(person: Person, photo: bytes) -> None:
    """Send what people send: fine things and rubbish."""
    for text in ("boy", "/similar xqzzyk", "a dog running", "/map", "/nonsense", "x" * 3000, "/settings"):
        await person.say(text)
    for content in (photo, photo[: len(photo) // 2], b"rubbish"):
        await person.send_photo(content, as_file=True)
    await person.send_photo(photo, caption="- grass + beach")


async def request_from_web_api(output: Output, address: str) -> None:
    """Send requests to the HTTP API, with the key in all the wrong places."""
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
            async with client.request(method, address + path, headers=headers, data=body) as response:
                await output.add_response(response)


async def post_to_webhook(output: Output, address: str) -> None:
    """Post as a stranger, and rubbish as Telegram."""
    async with aiohttp.ClientSession() as client:
        for headers in ({HEADER: SECRET[:-1]}, {HEADER: SECRET}, {HEADER: SECRET, "Content-Type": "a/b"}):
            for body in (b"{", b'{"update_id": 5, "message": {"text": 1}}'):
                sent = {"Content-Type": "application/json"} | headers
                async with client.post(address, data=body, headers=sent) as response:
                    await output.add_response(response)


async def break_protocol(port: int, line: str) -> None:
    """Send a line that is no HTTP. The response quotes it to its sender, so it is not checked for secrets."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{line}\r\n\r\n".encode())
    assert (await asyncio.wait_for(reader.read(), TIMEOUT)).startswith(b"HTTP/1.0 400")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("webhook", [False, True])
async def test_a_bot_with_every_fault_at_once_writes_no_secret(
    fork_server: ForkServer,
    tiny_artifact: Path,
    tmp_path: Path,
    playground: Playground,
    ada: Person,
    photo: bytes,
    webhook: bool,
) -> None:
    home, web, hook, output = tmp_path / "home", free_port(), free_port(), Output()
    environment = NOISY | {
        "KINDRED_HOME": str(home),
        "KINDRED_ARTIFACT": str(tiny_artifact),
        "KINDRED_TOKEN": playground.token,
        "KINDRED_BASE_URL": playground.base_url,
        "KINDRED_BASE_FILE_URL": playground.base_file_url,
        "KINDRED_BURST": "100",
        "KINDRED_WEB_PORT": str(web),
        "KINDRED_WEB_KEY": KEY,
    }
    if webhook:
        environment["KINDRED_WEBHOOK_URL"] = f"http://127.0.0.1:{hook}/hook"
        environment |= {"KINDRED_WEBHOOK_PORT": str(hook), "KINDRED_WEBHOOK_SECRET": SECRET}
    # With a webhook it is all of the bot; without, its engine lacks some methods, which is one fault more.
    command = ("bot", "run") if webhook else ("tests.bot.broken_bot", "works")
    bot = fork_server.start(*command, environment=environment, output_file=tmp_path / "output.log")
    await ada.say("/help")
    await ada.replies(timeout=TIMEOUT)
    playground.faults.at_random(
        7, seconds=0.1, error=0.1, cut_before=0.1, cut_after=0.1, slow=0.1, flood=0.05
    )
    for method in ("getUpdates", "getFile", "download", "sendChatAction"):
        playground.faults.next("cut_before", method)
        playground.faults.next("error", method)
    await ask_everything(ada, photo)
    await request_from_web_api(output, f"http://127.0.0.1:{web}")
    await break_protocol(web, f"GET /bot{playground.token}/getMe?key={KEY} HTTP/9.9")
    if webhook:
        await post_to_webhook(output, environment["KINDRED_WEBHOOK_URL"])
        await break_protocol(hook, f"{SECRET} {KEY}")
    await ada.replies(10, timeout=TIMEOUT)
    playground.faults.clear()
    bot.terminate()
    await bot.wait(TIMEOUT)
    output.add(bot.output)
    for file in await asyncio.to_thread(lambda: [*home.rglob("*")]):
        if file.is_file():
            output.add(await asyncio.to_thread(file.read_bytes))
    assert output.text.count("DEBUG") > 5
    assert "kindred_requests_total" in output.text
    assert output.leaks(playground.token, KEY, SECRET) == []


@pytest.mark.parametrize("command", [("tests.bot.broken_bot", "works"), ("bot", "check")])
async def test_a_wrong_token_is_not_repeated(
    fork_server: ForkServer, tmp_path: Path, playground: Playground, command: tuple[str, str]
) -> None:
    output = Output()
    environment = NOISY | {
        "KINDRED_HOME": str(tmp_path / "home"),
        "KINDRED_ARTIFACT": str(tmp_path / "none"),  # or `check` would load the network
        "KINDRED_TOKEN": WRONG_TOKEN,
        "KINDRED_BASE_URL": playground.base_url,
    }
    bot = fork_server.start(*command, environment=environment, output_file=tmp_path / "output.log")
    assert await bot.wait(TIMEOUT) == 1
    output.add(bot.output)
    assert "Telegram does not know" in output.text
    assert output.leaks(WRONG_TOKEN) == []


async def test_a_refusal_of_the_playground_names_no_token(playground: Playground) -> None:
    output = Output()
    async with aiohttp.ClientSession() as client:
        for path in (
            f"bot{WRONG_TOKEN}/getMe",
            f"bot{playground.token}/dance",
            f"bot{playground.token}/sendMessage",
        ):
            async with client.post(playground.address + path, data={"chat_id": "x"}) as response:
                await output.add_response(response)
        for path in ("api/media/nothing?name=Ada", "api/language?name=Ada", ""):
            async with client.get(playground.address + path) as response:
                await output.add_response(response)
    assert output.leaks(playground.token, WRONG_TOKEN) == []
