"""The HTTP API, from a request to the real engine's answer, and one kind sentence where there is none."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import jsonschema
import pytest
from openapi_spec_validator import validate

from bot.metrics import Metrics
from bot.web import Web
from bot.web.openapi import document
from bot.web.operations import OPERATIONS, Operation
from engine.api import EngineAPI
from engine.errors import BusyError
from tests.bot.harness import ScriptedEngine

pytestmark = pytest.mark.asyncio(loop_scope="session")

GIVEN = {"image": "cat.jpg", "side": 64}  # what the document has no example of: each gallery has its own
JSON = {"Content-Type": "application/json"}


def example(operation: Operation) -> dict[str, Any]:
    """The question that the document shows, as the page's form has it."""
    properties = operation.asks.model_json_schema().get("properties", {})
    shown = {name: schema["examples"][0] for name, schema in properties.items() if "examples" in schema}
    return (
        shown
        if operation.takes_photo
        else shown | {name: GIVEN[name] for name in properties if name in GIVEN}
    )


async def ask(client: httpx.AsyncClient, operation: Operation, photo: bytes) -> httpx.Response:
    fields = example(operation)
    path = operation.path.format(**fields)
    if operation.method == "GET":
        return await client.get(path, params={"side": fields["side"]} if "side" in fields else None)
    if operation.takes_photo:
        return await client.post(path, data=fields, files={"photo": ("cat.jpg", photo, "image/jpeg")})
    return await client.post(path, json=fields)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
async def test_every_operation_answers_as_the_document_says(
    client: httpx.AsyncClient, photo: bytes, operation: Operation
) -> None:
    described = (await client.get("/openapi.json")).json()
    told = described["paths"][operation.path][operation.method.lower()]["responses"]["200"]["content"]
    response = await ask(client, operation, photo)
    assert response.status_code == 200, response.text
    ((media, content),) = told.items()
    assert response.headers["content-type"].partition(";")[0] == media
    if media == "application/json":
        schema = content["schema"] | {"components": described["components"]}
        jsonschema.validate(response.json(), schema)
        assert response.json()
    else:
        assert response.content[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0")


@pytest.mark.parametrize("with_key", [False, True])
async def test_the_document_is_valid_openapi(with_key: bool) -> None:
    described = document(with_key=with_key)
    validate(described)
    named = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]
    assert named == [operation.name for operation in OPERATIONS]
    assert described["security"] == ([{"key": []}] if with_key else [{}])


async def test_a_photo_may_come_in_a_form_as_it_is_or_by_name(
    client: httpx.AsyncClient, engine: EngineAPI, photo: bytes
) -> None:
    cat = await engine.picture("cat.jpg")
    ways = [
        client.post("/v1/describe", files={"photo": cat}, data={"count": "2"}),
        client.post("/v1/describe?count=2", content=cat, headers={"Content-Type": "image/jpeg"}),
        client.post("/v1/describe?count=2", content=cat),  # no type at all
        client.post("/v1/describe", json={"image": "cat.jpg", "count": 2}),
        client.post("/v1/describe?image=cat.jpg&count=2"),
    ]
    one, *others = [response.json() for response in await asyncio.gather(*ways)]
    assert one["matches"][0]["image"] == "cat.jpg"
    assert len(one["matches"]) == 2
    assert [[match["image"] for match in other["matches"]] for other in others] == [
        [match["image"] for match in one["matches"]]
    ] * 4


async def test_a_search_takes_words_a_photo_or_both(client: httpx.AsyncClient, engine: EngineAPI) -> None:
    cat = {"photo": await engine.picture("cat.jpg")}
    words = (await client.post("/v1/search", json={"text": "a person riding a motorcycle"})).json()
    alone = (await client.post("/v1/search", files=cat)).json()
    both = (
        await client.post("/v1/search", files=cat, data={"text": "+ a person riding a motorcycle"})
    ).json()
    assert words["matches"][0]["image"] == "motorcycle.jpg"
    assert alone["matches"][0]["image"] == "cat.jpg"
    scores = [{match["image"]: match["score"] for match in found["matches"]} for found in (alone, both)]
    assert scores[1]["motorcycle.jpg"] > scores[0]["motorcycle.jpg"]


async def test_labels_are_read_from_a_form_as_often_as_they_are_said(
    client: httpx.AsyncClient, photo: bytes
) -> None:
    response = await client.post("/v1/labels", files={"photo": photo}, data={"labels": ["a cat", "a boat"]})
    assert {label["text"] for label in response.json()["labels"]} == {"a cat", "a boat"}


async def test_pictures_are_small_without_metadata_and_may_be_kept(client: httpx.AsyncClient) -> None:
    small = await client.get("/v1/pictures/cat.jpg", params={"side": 64})
    large = await client.get("/v1/pictures/cat.jpg")
    assert len(small.content) < len(large.content)
    assert b"Exif" not in large.content
    assert small.headers["cache-control"] == "private, max-age=86400"


@pytest.mark.parametrize(
    ("path", "sent", "status", "sentence"),
    [
        ("words/similar", {"json": {"word": "qwxz"}}, 400, "I do not know the word “qwxz”"),
        ("words/similar", {"json": {}}, 400, "Please say “word”, too"),
        ("words/similar", {"json": {"word": "boy", "cuont": 3}}, 400, "no field “cuont”"),
        ("words/similar", {"json": {"word": "boy", "count": 0}}, 400, "look at “count” again: input"),
        ("words/similar", {"json": {"word": "x" * 65}}, 400, "look at “word” again"),
        ("words/similar", {"json": ["boy"]}, 400, "one JSON object"),
        ("words/similar", {"content": b"{", "headers": JSON}, 400, "not JSON"),
        ("words/similar", {"content": b"[" * 99_999, "headers": JSON}, 400, "JSON"),
        ("words/similar", {"content": b"boy", "headers": {"Content-Type": "text/plain"}}, 415, "as JSON"),
        ("words/similar", {"files": {"photo": b"?"}}, 415, "as JSON"),
        ("search", {"json": {"text": " "}}, 400, "such as: a dog running"),
        ("captions", {}, 400, "Please send a photo"),
        ("captions", {"files": {"photo": b"no photo"}}, 400, "could not read that as a picture"),
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
        ("nothing", {}, 404, "nothing here"),
        ("gallery", {}, 405, "ask here with GET"),
    ],
)  # fmt: skip
async def test_what_cannot_be_answered_is_one_kind_sentence(
    client: httpx.AsyncClient, path: str, sent: dict[str, Any], status: int, sentence: str
) -> None:
    response = await client.post(f"/v1/{path}", **sent)
    assert response.status_code == status, response.text
    assert list(response.json()) == ["error"]
    assert sentence in response.json()["error"]


async def test_a_busy_engine_says_when_to_come_back(
    scripted: ScriptedEngine, metrics: Metrics, client: httpx.AsyncClient
) -> None:
    scripted.error = BusyError()
    async with Web(scripted, metrics) as web:
        response = await client.post(f"{web.address}v1/words/similar", json={"word": "boy"})
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert "hands full" in response.json()["error"]
    assert b'kindred_requests_total{kind="api_similar",outcome="failed"} 1.0' in metrics.text()


async def test_answers_are_counted_by_kind(client: httpx.AsyncClient, metrics: Metrics, photo: bytes) -> None:
    await client.post("/v1/captions", files={"photo": photo})
    await client.post("/v1/words/similar", json={"word": "secret"})
    figures = (await client.get("/metrics")).text
    assert 'kindred_requests_total{kind="api_captions",outcome="answered"} 1.0' in figures
    assert 'kindred_answer_seconds_count{kind="api_captions"} 1.0' in figures
    assert "secret" not in figures


async def test_health_tells_whether_the_engine_answers(
    client: httpx.AsyncClient, scripted: ScriptedEngine, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = await client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    stuck = asyncio.Event()

    async def never(text: str, count: int) -> None:
        await stuck.wait()

    monkeypatch.setattr("bot.web.health.SECONDS", 0.05)
    monkeypatch.setattr(scripted, "find", never)
    async with Web(scripted, metrics) as web:
        response = await client.get(f"{web.address}healthz")
        assert (response.status_code, response.json()["status"]) == (503, "stuck")
        scripted.stalled_for = 1_000.0
        assert (await client.get(f"{web.address}healthz")).status_code == 503
        scripted.stalled_for = 30.0
        assert (await client.get(f"{web.address}healthz")).status_code == 200  # it draws a map


async def test_an_engine_that_hangs_is_not_well_even_if_it_is_busy(
    scripted: ScriptedEngine, metrics: Metrics, client: httpx.AsyncClient
) -> None:
    for error in (BusyError(), RuntimeError("can't start new thread")):
        scripted.error, scripted.stalled_for = error, 1_000.0
        async with Web(scripted, metrics) as web:
            assert (await client.get(f"{web.address}healthz")).status_code == 503


async def test_a_busy_engine_is_well(
    scripted: ScriptedEngine, metrics: Metrics, client: httpx.AsyncClient
) -> None:
    scripted.error = BusyError()
    async with Web(scripted, metrics) as web:
        assert (await client.get(f"{web.address}healthz")).status_code == 200
