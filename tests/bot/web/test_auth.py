"""Access to the HTTP API: key, other sites, rate limit, and limits of size and time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_network

import httpx
import pytest
import pytest_asyncio
from yarl import URL

from bot.lifecycle import opened_web
from bot.metrics import Metrics
from bot.settings import Settings
from bot.web import WebServer
from bot.web.parsing import MAX_PHOTO_BYTES
from engine.api import EngineAPI
from handlers.usage.token_bucket import MAX_CLIENTS, TokenBucket
from tests.bot.harness import ScriptedEngine, http_client
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEY = "open sesame, ünicode"


@pytest_asyncio.fixture(loop_scope="session")
async def locked(scripted: ScriptedEngine, metrics: Metrics) -> AsyncIterator[httpx.AsyncClient]:
    """A web front with a key."""
    async with (
        WebServer(scripted, metrics, key=KEY) as web,
        http_client(base_url=web.address) as client,
    ):
        yield client


async def send_raw(web: WebServer, request: str, *, body: bytes = b"") -> str:
    """Send a request byte for byte, unlike any client, and return the response's head and body."""
    address = URL(web.address)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        writer.write(request.replace("\n", "\r\n").encode() + body)
        return (await asyncio.wait_for(reader.read(), 20)).decode()
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    "name",
    [
        "../alive",
        "..%2falive",
        "%2e%2e/%2e%2e/etc/passwd",
        "cat.jpg/../../alive",
        "/etc/passwd",
        "//etc/passwd",
        "cat.jpg%00",
        "..\\alive",
    ],
)
async def test_path_traversal_in_image_names_finds_nothing(web: WebServer, name: str) -> None:
    request = f"GET /v1/pictures/{name}?side=64 HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n"
    answer = await send_raw(web, request)
    assert answer.startswith("HTTP/1.1 4")
    assert "root:" not in answer


@pytest.mark.parametrize("path", ["/page/../server.py", "/page/..%2fserver.py", "/page/%2e%2e/auth.py"])
async def test_path_traversal_in_page_files_finds_nothing(web: WebServer, path: str) -> None:
    answer = await send_raw(web, f"GET {path} HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n")
    assert answer.startswith("HTTP/1.1 404")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_requests_from_other_sites_are_refused(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    for path in ("/v1/gallery", "/openapi.json", "/metrics", "/healthz", "/page/explorer.js"):
        response = await client.get(path, headers=headers)
        assert response.status_code == 403
        assert "not for other sites" in response.json()["error"]


async def test_a_link_from_another_site_to_a_page_works(client: httpx.AsyncClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert (await client.get("/", headers=headers)).status_code == 200
    assert (await client.get("/v1/gallery", headers=headers)).status_code == 403


@pytest.mark.parametrize("path", ["/", "/api", "/v1/gallery", "/v1/nothing", "/page/explorer.js"])
async def test_every_response_has_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer wrong", f"Basic {KEY}", f"Bearer {KEY}x", KEY, "Bearer \xff"]
)
async def test_requests_without_the_key_are_refused(locked: httpx.AsyncClient, header: str | None) -> None:
    headers = (
        {} if header is None else {"Authorization": header.encode("utf-8" if KEY in header else "latin-1")}
    )
    for path in ("/v1/gallery", "/metrics"):
        response = await locked.get(path, headers=headers)
        assert response.status_code == 401
        assert "send the key" in response.json()["error"]
        assert KEY not in response.text
        assert response.headers["www-authenticate"] == "Bearer"


async def test_requests_with_the_key_are_answered(
    locked: httpx.AsyncClient, scripted: ScriptedEngine
) -> None:
    headers = {"Authorization": f"Bearer {KEY}".encode()}
    assert (await locked.get("/v1/gallery", headers=headers)).json()["size"] == scripted.gallery.size
    assert (await locked.get("/metrics", headers=headers)).status_code == 200
    other_name = headers | {"Host": "kindred.example"}
    assert (await locked.get("/v1/gallery", headers=other_name)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api", "/openapi.json", "/healthz"])
async def test_pages_and_health_check_need_no_key(locked: httpx.AsyncClient, path: str) -> None:
    assert (await locked.get(path)).status_code == 200


AUTHORIZED = {"Authorization": f"Bearer {KEY}".encode()}


async def test_requests_beyond_the_rate_limit_get_a_retry_after(
    scripted: ScriptedEngine, metrics: Metrics
) -> None:
    now = 100.0
    token_bucket = TokenBucket(burst=3, rate=0.5, clock=lambda: now)
    async with (
        WebServer(scripted, metrics, key=KEY, token_bucket=token_bucket) as web,
        http_client(base_url=web.address) as client,
    ):
        answered = [(await client.get("/v1/gallery", headers=AUTHORIZED)).status_code for _ in range(3)]
        assert answered == [200] * 3
        limited = await client.get("/v1/gallery", headers=AUTHORIZED)
        assert limited.status_code == 429
        assert limited.headers["retry-after"] == "2"
        assert "try again in 2 s" in limited.json()["error"]
        assert (await client.get("/healthz")).status_code == 200
        now += 2
        assert (await client.get("/v1/gallery", headers=AUTHORIZED)).status_code == 200


async def test_wrong_keys_are_limited_and_do_not_lock_out_the_right_one(
    scripted: ScriptedEngine, metrics: Metrics
) -> None:
    buckets = {name: TokenBucket(3, 0.5, lambda: 100.0) for name in ("token_bucket", "guess_bucket")}
    async with (
        WebServer(scripted, metrics, key=KEY, **buckets) as web,
        http_client(base_url=web.address) as client,
    ):
        guesses = [(await client.get("/v1/gallery")).status_code for _ in range(4)]
        assert guesses == [401, 401, 401, 429]
        assert (await client.get("/v1/gallery", headers=AUTHORIZED)).status_code == 200


async def limited_by_address(
    scripted: ScriptedEngine, metrics: Metrics, proxies: list[str], hops: list[str]
) -> list[int]:
    """Return the status for each X-Forwarded-For, where a client may send a single request."""
    once = TokenBucket(1, 0.001, lambda: 100.0)
    networks = [ip_network(proxy) for proxy in proxies]
    async with (
        WebServer(scripted, metrics, key=KEY, proxies=networks, token_bucket=once) as web,
        http_client(base_url=web.address) as client,
    ):
        return [
            (await client.get("/v1/gallery", headers=AUTHORIZED | {"X-Forwarded-For": hop})).status_code
            for hop in hops
        ]


@pytest.mark.parametrize(
    ("proxies", "hops", "statuses"),
    [
        ([], ["192.0.2.1", "192.0.2.2"], [200, 429]),  # nobody is trusted: both are 127.0.0.1
        (["10.0.0.0/8"], ["192.0.2.1", "192.0.2.2"], [200, 429]),  # another proxy is
        (["127.0.0.0/8"], ["192.0.2.1", "192.0.2.2", "192.0.2.1"], [200, 200, 429]),
        (["127.0.0.1"], ["192.0.2.1, 198.51.100.7", "192.0.2.2, 198.51.100.7"], [200, 429]),  # a forged start
        (["127.0.0.1", "10.0.0.0/8"], ["192.0.2.1, 10.0.0.7", "192.0.2.2,10.0.0.7"], [200, 200]),
        (["127.0.0.1"], ["unknown", "192.0.2.1, nonsense"], [200, 429]),
        (["127.0.0.1"], ["2001:db8::1", "[2001:db8::1]"], [200, 429]),
    ],
)
async def test_clients_behind_a_trusted_proxy_and_no_other_have_limits_of_their_own(
    scripted: ScriptedEngine, metrics: Metrics, proxies: list[str], hops: list[str], statuses: list[int]
) -> None:
    assert await limited_by_address(scripted, metrics, proxies, hops) == statuses


async def test_each_client_has_its_own_limit_and_only_so_many_are_remembered() -> None:
    token_bucket = TokenBucket(burst=2, rate=1, clock=lambda: 0.0)
    assert [token_bucket.take("ada", 1) for _ in range(3)] == [0, 0, 1]
    assert token_bucket.take("bob", 2) == 0
    for number in range(MAX_CLIENTS):
        token_bucket.take(str(number), 1)
    assert token_bucket.take("ada", 1) == 0  # forgotten meanwhile
    assert len(token_bucket._full_at) == MAX_CLIENTS


async def test_an_oversized_photo_is_refused_before_it_is_read(web: WebServer) -> None:
    head = (
        "POST /v1/captions HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n"
        f"Content-Type: image/jpeg\nContent-Length: {30 << 20}\n\n"
    )
    answer = await send_raw(web, head)  # no byte of the photo has been sent
    assert answer.startswith("HTTP/1.1 413")
    assert "over 20 MB" in answer


@pytest.mark.parametrize("form", [True, False])
async def test_a_photo_of_unknown_size_is_read_up_to_the_limit(client: httpx.AsyncClient, form: bool) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        if form:
            yield b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
        while sent < 3 * MAX_PHOTO_BYTES:
            sent += 1 << 16
            yield bytes(1 << 16)

    kind = "multipart/form-data; boundary=x" if form else "image/jpeg"
    response = await client.post("/v1/captions", content=endless(), headers={"Content-Type": kind})
    assert response.status_code == 413
    assert "over 20 MB" in response.json()["error"]


async def test_a_photo_of_the_maximum_size_is_accepted(client: httpx.AsyncClient, engine: EngineAPI) -> None:
    cat = await engine.picture("cat.jpg")
    padded = cat + bytes(MAX_PHOTO_BYTES - len(cat))
    response = await client.post("/v1/captions", content=padded, headers={"Content-Type": "image/jpeg"})
    assert response.status_code == 200
    assert (await client.post("/v1/captions", files={"photo": padded})).status_code == 200


async def test_an_upload_that_takes_too_long_is_refused(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.parsing.UPLOAD_TIMEOUT", 0.05)
    head = (
        "POST /v1/captions HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n"
        "Content-Type: image/jpeg\nContent-Length: 9999\n\n"
    )
    assert (await send_raw(web, head, body=b"\xff\xd8")).startswith("HTTP/1.1 408")


async def test_the_web_front_runs_only_if_a_port_is_set(
    settings: Settings, scripted: ScriptedEngine, metrics: Metrics
) -> None:
    port = free_port()
    wanted = settings.model_copy(update={"web_port": port})
    async with http_client(base_url=f"http://127.0.0.1:{port}") as client:
        async with opened_web(wanted, scripted, metrics, KEY):
            assert (await client.get("/v1/gallery")).status_code == 401
        async with opened_web(settings, scripted, metrics, KEY):
            with pytest.raises(httpx.ConnectError):
                await client.get("/v1/gallery")


async def test_waiting_updates_are_a_metric(
    web: WebServer, metrics: Metrics, client: httpx.AsyncClient
) -> None:
    metrics.observe_waiting(lambda: 3)
    assert "kindred_updates_waiting 3.0" in (await client.get("/metrics")).text
