"""What phones send is read as the photo it is: sent as a photo, as a file, or over the HTTP API."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Any

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from bot.metrics import Metrics
from bot.playground import Person
from bot.web import WebServer
from engine.api import EngineAPI
from engine.photos import decoding
from handlers.i18n.texts import texts_in
from tests.bot.harness import TIMEOUT, http_client
from tests.odd_files import SAME, encoded, moving_sticker, patch, white_disc
from tests.paint import beach

pytestmark = pytest.mark.usefixtures("schema_checked", "bot")

KNOWN = texts_in("en")("known-photo", page="cat.jpg")
# As apps name them, and some do not.
MEDIA_TYPES = {"phone.avif": "image/avif", "phone.heic": "application/octet-stream", "photo.jfif": ""}
# Sent as photos, of which the playground's app converts these; the others it sends as files, as apps do.
CONVERTED = {"turned.jpg", "photo.jfif"}
# Two files that look alike: one as people send it, one that every decoder reads.
ALIKE: dict[str, tuple[Callable[[], bytes], Callable[[], bytes]]] = {
    "moving.webp": (moving_sticker, lambda: encoded(patch(), "WEBP", lossless=True)),
    "white.png": (
        lambda: encoded(white_disc((255, 255, 255, 0)), "PNG"),
        lambda: encoded(white_disc(decoding.DARK_GROUND), "PNG"),
    ),
}


@pytest.fixture(scope="module")
def odd_file(photo: bytes) -> Callable[[str], bytes]:
    """Make an odd file of the cat that the starter gallery has."""

    @cache
    def make(name: str) -> bytes:
        return SAME[name](Image.open(io.BytesIO(photo)).convert("RGB"))

    return make


@pytest_asyncio.fixture(scope="module")
async def web(engine: EngineAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        WebServer(engine, Metrics()) as server,
        http_client(base_url=server.address, timeout=TIMEOUT) as client,
    ):
        yield client


async def answer_to_known(ada: Person, engine: EngineAPI) -> str:
    """Return the text under the album that answers a photo of the gallery: all the other images."""
    *_, answer = await ada.replies(engine.gallery.size, TIMEOUT)
    return answer.text


@pytest.mark.parametrize("name", SAME)
async def test_a_file_of_any_kind_is_described(
    ada: Person, engine: EngineAPI, odd_file: Callable[[str], bytes], name: str
) -> None:
    """The preview shows something else: the file itself is read."""
    media_type = MEDIA_TYPES.get(name, "image/jpeg")
    await ada.send_document(odd_file(name), name, media_type, preview=encoded(beach()))
    assert KNOWN in await answer_to_known(ada, engine)


@pytest.mark.parametrize("name", ["turned.jpg", "photo.jfif", "no_end.jpg", "comment.png"])
async def test_a_photo_of_any_kind_is_described(
    ada: Person, engine: EngineAPI, odd_file: Callable[[str], bytes], name: str
) -> None:
    sent = await ada.send_photo(odd_file(name))
    assert bool(sent.photo) is (name in CONVERTED)
    assert KNOWN in await answer_to_known(ada, engine)


@pytest.mark.parametrize("media_type", ["image/x-adobe-dng", "image/jxl", "image/svg+xml"])
async def test_the_preview_of_a_format_that_is_not_read_is_described(
    ada: Person, engine: EngineAPI, photo: bytes, media_type: str
) -> None:
    await ada.send_document(b"not read", "file", media_type, preview=photo)
    assert KNOWN in await answer_to_known(ada, engine)


@pytest.mark.parametrize("name", SAME)
async def test_an_upload_of_any_kind_is_described(
    web: httpx.AsyncClient, odd_file: Callable[[str], bytes], name: str
) -> None:
    media_type = MEDIA_TYPES.get(name, "image/jpeg") or "image/jpg"
    as_body = {"content": odd_file(name), "headers": {"Content-Type": media_type}}
    in_form = {"files": {"photo": (name, odd_file(name), media_type)}, "data": {"count": 1}}
    for sent in (as_body, in_form):
        found = await web.post("/v1/describe", **sent)
        assert found.status_code == 200, found.text
        assert found.json()["known"]["image"] == "cat.jpg"


@pytest.mark.parametrize("name", ALIKE)
async def test_drawings_on_nothing_are_described_as_people_see_them(
    ada: Person, web: httpx.AsyncClient, engine: EngineAPI, name: str
) -> None:
    answers: list[Any] = []
    for make in ALIKE[name]:
        answers += [(await web.post("/v1/describe", content=make())).json()]
        await ada.send_document(make(), name, f"image/{name.partition('.')[2]}")
        album, *_, said = await ada.replies(engine.gallery.size + 1, TIMEOUT)
        answers += [(album.text, said.text)]
    assert answers[:2] == answers[2:]
