"""The HTTP API with the real engine: responses match the OpenAPI document, errors are one sentence."""

from __future__ import annotations

import asyncio
import base64
import math
import quopri
from collections.abc import Callable
from typing import Any

import httpx
import jsonschema
import pytest
from openapi_spec_validator import validate

from bot.http.connections import IDLE_SINCE
from bot.metrics import Metrics
from bot.web import WebServer
from bot.web.openapi import openapi_document
from bot.web.operations import OPERATIONS, Operation
from engine.api import EngineAPI
from engine.errors import BusyError
from tests.bot.harness import TIMEOUT, ScriptedEngine

pytestmark = pytest.mark.asyncio(loop_scope="session")

GALLERY_FIELDS = {"image": "cat.jpg", "side": 64}  # the document has no example: galleries differ
JSON = {"Content-Type": "application/json"}
JPEG = {"Content-Type": "image/jpeg"}
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
GZIP, ODD = {"Content-Encoding": "gzip"}, {"Content-Encoding": "rot13"}


def example(operation: Operation) -> dict[str, Any]:
    """Return the example fields of the document, as the API page fills them in."""
    properties = operation.request_model.model_json_schema().get("properties", {})
    shown = {name: schema["examples"][0] for name, schema in properties.items() if "examples" in schema}
    return (
        shown
        if operation.takes_photo
        else shown | {name: GALLERY_FIELDS[name] for name in properties if name in GALLERY_FIELDS}
    )


async def send(client: httpx.AsyncClient, operation: Operation, photo: bytes) -> httpx.Response:
    fields = example(operation)
    path = operation.path.format(**fields)
    if operation.method == "GET":
        return await client.get(path, params={"side": fields["side"]} if "side" in fields else None)
    if operation.takes_photo:
        return await client.post(path, data=fields, files={"photo": ("cat.jpg", photo, "image/jpeg")})
    return await client.post(path, json=fields)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
async def test_every_operation_responds_as_documented(
    client: httpx.AsyncClient, photo: bytes, operation: Operation
) -> None:
    document = (await client.get("/openapi.json")).json()
    documented = document["paths"][operation.path][operation.method.lower()]["responses"]["200"]["content"]
    response = await send(client, operation, photo)
    assert response.status_code == 200, response.text
    ((media, content),) = documented.items()
    assert response.headers["content-type"].partition(";")[0] == media
    if media == "application/json":
        schema = content["schema"] | {"components": document["components"]}
        jsonschema.validate(response.json(), schema)
        assert response.json()
    else:
        assert response.content[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0")


@pytest.mark.parametrize("with_key", [False, True])
async def test_the_document_is_valid_openapi(with_key: bool) -> None:
    document = openapi_document(with_key=with_key)
    validate(document)
    named = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert named == [operation.name for operation in OPERATIONS]
    assert document["security"] == ([{"key": []}] if with_key else [{}])


async def test_a_photo_may_be_uploaded_in_a_form_or_as_the_body_or_named(
    client: httpx.AsyncClient, engine: EngineAPI, photo: bytes
) -> None:
    cat = await engine.picture("cat.jpg")
    requests = [
        client.post("/v1/describe", files={"photo": cat}, data={"count": "2"}),
        client.post("/v1/describe?count=2", content=cat, headers={"Content-Type": "image/jpeg"}),
        client.post("/v1/describe?count=2", content=cat),  # no type at all
        client.post("/v1/describe", json={"image": "cat.jpg", "count": 2}),
        client.post("/v1/describe?image=cat.jpg&count=2"),
    ]
    one, *others = [response.json() for response in await asyncio.gather(*requests)]
    assert one["known"]["image"] == "cat.jpg"
    assert len(one["matches"]) == 2
    assert "cat.jpg" not in {match["image"] for match in one["matches"]}
    assert all(other["known"]["image"] == "cat.jpg" for other in others)
    assert [[match["image"] for match in other["matches"]] for other in others] == [
        [match["image"] for match in one["matches"]]
    ] * 4


async def test_a_search_takes_text_a_photo_or_both(client: httpx.AsyncClient, engine: EngineAPI) -> None:
    cat = {"photo": await engine.picture("cat.jpg")}
    words = (await client.post("/v1/search", json={"text": "a person riding a motorcycle"})).json()
    alone = (await client.post("/v1/search", files=cat)).json()
    both = (
        await client.post("/v1/search", files=cat, data={"text": "+ a person riding a motorcycle"})
    ).json()
    assert words["matches"][0]["image"] == "motorcycle.jpg"
    assert alone["matches"][0]["image"] == "cat.jpg"
    scores = [{match["image"]: match["score"] for match in response["matches"]} for response in (alone, both)]
    assert scores[1]["motorcycle.jpg"] > scores[0]["motorcycle.jpg"]


@pytest.mark.parametrize(
    ("text", "language", "kind", "sentence"),
    [
        ("please show me a photo of a cat, thanks", "en", "description", ""),
        ("boy", "en", "similar", "I don't think I have that"),
        ("man is to men as woman is to?", "en", "analogy", "man is to men as woman is to women"),
        ("dog vs cat", "en", "alike", "dog and cat"),
        ("hallo", "de-DE", "greeting", "Foto"),
        ("what can you do?", "en", "help", "Send me a photo"),
        ("eine Katze", "de", "description", "cat"),
    ],
)
async def test_a_message_is_read_and_answered_as_by_the_bot(
    client: httpx.AsyncClient, text: str, language: str, kind: str, sentence: str
) -> None:
    answer = (await client.post("/v1/ask", json={"text": text, "language": language})).json()
    assert answer["kind"] == kind
    assert sentence in answer["message"] if sentence else answer["message"] == ""
    assert "<" not in answer["message"]
    assert bool(answer["matches"]) == (kind in {"description", "similar"})
    assert bool(answer["words"]) == (kind in {"similar", "analogy"})


async def test_a_form_may_repeat_the_labels_field(client: httpx.AsyncClient, photo: bytes) -> None:
    response = await client.post("/v1/labels", files={"photo": photo}, data={"labels": ["a cat", "a boat"]})
    assert {label["text"] for label in response.json()["labels"]} == {"a cat", "a boat"}


@pytest.mark.parametrize("labels", ["a cat, a boat", ["a cat,a boat"], "a cat,,a boat,"])
async def test_labels_may_be_one_text_with_commas(
    client: httpx.AsyncClient, photo: bytes, labels: str | list[str]
) -> None:
    form = await client.post("/v1/labels", files={"photo": photo}, data={"labels": labels})
    query = await client.post("/v1/labels", params={"labels": labels}, content=photo, headers=JPEG)
    named = await client.post("/v1/labels", json={"labels": labels, "image": "cat.jpg"})
    for response in (form, query, named):
        assert {label["text"] for label in response.json()["labels"]} == {"a cat", "a boat"}


@pytest.mark.parametrize("kind", ["image/jpg", "image/pjpeg", "image/jpeg"])
async def test_every_name_of_a_jpeg_is_taken_and_documented(
    client: httpx.AsyncClient, photo: bytes, kind: str
) -> None:
    response = await client.post("/v1/tags", content=photo, headers={"Content-Type": kind})
    assert response.status_code == 200
    document = (await client.get("/openapi.json")).json()
    assert kind in document["paths"]["/v1/tags"]["post"]["requestBody"]["content"]


PART = 'Content-Disposition: form-data; name="photo"'


def form(headers: str, content: bytes) -> dict[str, Any]:
    """Return a request with a form of one part."""
    body = f"--x\r\n{headers}\r\n\r\n".encode() + content + b"\r\n--x--\r\n"
    return {"content": body, "headers": {"Content-Type": "multipart/form-data; boundary=x"}}


@pytest.mark.parametrize("encode", [base64.b64encode, base64.encodebytes, quopri.encodestring])
async def test_a_part_in_a_transfer_encoding_is_decoded(
    client: httpx.AsyncClient, photo: bytes, encode: Callable[[bytes], bytes]
) -> None:
    name = "quoted-printable" if encode is quopri.encodestring else "BASE64"
    sent = form(f"{PART}\r\nContent-Transfer-Encoding: {name}", encode(photo))
    assert (await client.post("/v1/tags", **sent)).json() == (
        await client.post("/v1/tags", files={"photo": photo})
    ).json()


async def test_a_picture_that_the_client_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    path = "/v1/pictures/cat.jpg?side=64"
    first = await client.get(path)
    for known in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = await client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["cache-control"] == first.headers["cache-control"]
    other = await client.get("/v1/pictures/cat.jpg?side=32", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200
    assert other.headers["etag"] != first.headers["etag"]


async def test_pictures_are_resized_stripped_of_metadata_and_cacheable(client: httpx.AsyncClient) -> None:
    small = await client.get("/v1/pictures/cat.jpg", params={"side": 64})
    large = await client.get("/v1/pictures/cat.jpg")
    assert len(small.content) < len(large.content)
    assert b"Exif" not in large.content
    assert small.headers["cache-control"] == "private, max-age=600"


@pytest.mark.parametrize(
    ("path", "sent", "status", "sentence"),
    [
        ("words/similar", {"json": {"word": "qwxz"}}, 400, "I don't know the word “qwxz”"),
        ("words/similar", {"json": {}}, 400, "Please say “word”, too"),
        ("words/similar", {"json": {"word": "boy", "cuont": 3}}, 400, "no field “cuont”"),
        ("words/similar", {"json": {"word": "boy", "count": 0}}, 400, "look at “count” again: input"),
        ("words/similar", {"json": {"word": "x" * 65}}, 400, "look at “word” again"),
        ("words/similar", {"json": ["boy"]}, 400, "one JSON object"),
        ("words/similar", {"content": b"{", "headers": JSON}, 400, "not JSON"),
        ("words/similar", {"content": b"[" * 99_999, "headers": JSON}, 400, "JSON"),
        ("words/similar", {"content": b"boy", "headers": {"Content-Type": "text/plain"}}, 415, "as JSON"),
        ("words/similar", {"files": {"photo": b"?"}}, 415, "as JSON"),
        ("ask", {"json": {"text": "www.example.org/dog"}}, 400, "can't open links"),
        ("ask", {"json": {"text": "no people"}}, 400, "What would you like to see?"),
        ("ask", {"json": {"text": " "}}, 400, "no words"),
        ("search", {"json": {"text": " "}}, 400, "For example: a dog running"),
        ("captions", {}, 400, "Please send a photo"),
        ("captions", {"files": {"photo": b"no photo"}}, 400, "can't open that as a picture"),
        ("captions", {"files": {"photo": b"?"}, "data": {"image": "cat.jpg"}}, 400, "not both"),
        ("captions", {"json": {"image": "nobody.jpg"}}, 404, "no image of this name"),
        ("captions", {"json": {"image": "../alive"}}, 404, "no image of this name"),
        ("captions", {"json": {"image": "http://127.0.0.1/cat.jpg"}}, 404, "no image of this name"),
        ("labels", {"json": {"image": "cat.jpg", "labels": ["a cat"]}}, 400, "at least two labels"),
        (
            "captions",
            {"content": b"no form", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
            400,
            "form cannot be read",
        ),
        (
            "captions",
            {"content": b"no form", "headers": {"Content-Type": "multipart/form-data"}},
            400,
            "form cannot be read",
        ),
        ("captions", {"files": {"file": ("a.jpg", b"\xff\xd8")}}, 400, "no field “file” for a file"),
        ("captions", {"files": {"image": ("a.jpg", b"\xff\xd8")}}, 400, "send the photo as “photo”"),
        ("captions", form(PART.replace("photo", "count"), b"\xff"), 400, "look at “count” again"),
        ("captions", form("nonsense", b"?"), 400, "form cannot be read"),
        ("captions", form(PART + "\r\nX: " + "a" * 100_000, b"?"), 400, "form cannot be read"),
        ("captions", form(PART + "\r\nX: a" * 500, b"?"), 400, "form cannot be read"),
        ("captions", form(PART + "\r\nContent-Transfer-Encoding: base64", b"a"), 400, "form cannot be read"),
        ("captions", form(PART + "\r\nContent-Transfer-Encoding: rot13", b"?"), 415, "encoded as “rot13”"),
        ("captions", form(PART + "\r\nContent-Encoding: gzip", b"?"), 415, "encoded as “gzip”"),
        ("words/similar", {"content": b"{}", "headers": JSON | GZIP}, 400, "cannot be unpacked"),
        ("captions", {"content": b"\xff\xd8", "headers": JPEG | GZIP}, 400, "cannot be unpacked"),
        ("captions", {**form(PART, b"?"), "headers": FORM | GZIP}, 400, "cannot be unpacked"),
        ("words/similar", {"content": b"{}", "headers": JSON | ODD}, 415, "compressed as “rot13”"),
        ("nothing", {}, 404, "nothing here"),
        ("gallery", {}, 405, "ask here with GET"),
    ],
)  # fmt: skip
async def test_an_error_is_one_sentence(
    client: httpx.AsyncClient, path: str, sent: dict[str, Any], status: int, sentence: str
) -> None:
    response = await client.post(f"/v1/{path}", **sent)
    assert response.status_code == status, response.text
    assert list(response.json()) == ["error"]
    assert sentence in response.json()["error"]


@pytest.mark.parametrize("method", ["PROPFIND", "TRACE", "OPTIONS", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/v1/gallery", "/v1/captions", "/", "/page/explorer.js", "/healthz"])
async def test_an_odd_method_is_one_sentence(client: httpx.AsyncClient, method: str, path: str) -> None:
    response = await client.request(method, path)
    assert response.status_code == 405
    assert "ask here with" in response.json()["error"]


async def test_a_folder_of_the_pages_is_not_listed(client: httpx.AsyncClient) -> None:
    response = await client.get("/page/")
    assert (response.status_code, list(response.json())) == (404, ["error"])


async def test_a_busy_engine_has_a_retry_after_header(
    scripted: ScriptedEngine, metrics: Metrics, client: httpx.AsyncClient
) -> None:
    scripted.error = BusyError()
    async with WebServer(scripted, metrics) as web:
        response = await client.post(f"{web.address}v1/words/similar", json={"word": "boy"})
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert "I'm busy" in response.json()["error"]
    assert b'kindred_requests_total{kind="api_similar",outcome="failed"} 1.0' in metrics.exposition()


async def test_requests_are_counted_by_kind(
    client: httpx.AsyncClient, metrics: Metrics, photo: bytes
) -> None:
    await client.post("/v1/captions", files={"photo": photo})
    await client.post("/v1/words/similar", json={"word": "secret"})
    exposition = (await client.get("/metrics")).text
    assert 'kindred_requests_total{kind="api_captions",outcome="answered"} 1.0' in exposition
    assert 'kindred_answer_seconds_count{kind="api_captions"} 1.0' in exposition
    assert "secret" not in exposition


async def test_the_health_check_says_whether_the_engine_answers(
    client: httpx.AsyncClient, scripted: ScriptedEngine, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = await client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    never = asyncio.Event()

    async def hang(text: str, count: int) -> None:
        await never.wait()

    monkeypatch.setattr("bot.web.health.ANSWER_TIMEOUT", 0.05)
    monkeypatch.setattr(scripted, "find", hang)
    async with WebServer(scripted, metrics) as web:
        response = await client.get(f"{web.address}healthz")
        assert (response.status_code, response.json()["status"]) == (503, "stuck")
        scripted.stalled_for = 1_000.0
        assert (await client.get(f"{web.address}healthz")).status_code == 503
        scripted.stalled_for = 30.0
        assert (await client.get(f"{web.address}healthz")).status_code == 200  # it may be drawing a map


async def test_health_checks_side_by_side_wait_for_one_probe(
    client: httpx.AsyncClient, scripted: ScriptedEngine, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes, asked, go = 0, asyncio.Event(), asyncio.Event()

    async def hang(text: str, count: int) -> None:
        nonlocal probes
        probes += 1
        asked.set()
        await go.wait()
        raise RuntimeError("no thread")

    monkeypatch.setattr(scripted, "find", hang)
    async with WebServer(scripted, metrics) as web:
        checks = [asyncio.create_task(client.get(f"{web.address}healthz")) for _ in range(8)]
        await asked.wait()
        checks.pop().cancel()
        async with asyncio.timeout(TIMEOUT):
            while [*web._runner.app[IDLE_SINCE].values()].count(math.inf) < len(checks):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        go.set()
        assert {response.status_code for response in await asyncio.gather(*checks)} == {503}
    assert probes == 1


async def test_a_hanging_engine_is_unhealthy_even_if_it_says_busy(
    scripted: ScriptedEngine, metrics: Metrics, client: httpx.AsyncClient
) -> None:
    for error in (BusyError(), RuntimeError("can't start new thread")):
        scripted.error, scripted.stalled_for = error, 1_000.0
        async with WebServer(scripted, metrics) as web:
            assert (await client.get(f"{web.address}healthz")).status_code == 503


async def test_a_busy_engine_is_healthy(
    scripted: ScriptedEngine, metrics: Metrics, client: httpx.AsyncClient
) -> None:
    scripted.error = BusyError()
    async with WebServer(scripted, metrics) as web:
        assert (await client.get(f"{web.address}healthz")).status_code == 200
