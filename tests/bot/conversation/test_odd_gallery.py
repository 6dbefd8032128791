"""A gallery as disks hold it: photos over Telegram's limits, phones' formats, odd names, files that vanish.

One bot and one web front serve it for the whole module.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from PIL import ImageOps

from bot.metrics import Metrics
from bot.playground import Person, Playground
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from bot.web import WebServer
from engine.model.checkpoint import Checkpoint
from engine.results import Match
from handlers.i18n.texts import texts_in
from tests.bot.conversation.test_own_gallery import ask
from tests.bot.harness import (
    TIMEOUT,
    ScriptedEngine,
    build_bot,
    http_client,
    open_shipped_engine,
    running_bot,
    wait_until_idle,
)
from tests.bot.playground import schema
from tests.odd_files import NAMES, encoded, write_odd_files, write_odd_names
from tests.paint import meadow, ocean

EN = texts_in("en")
AWAY = "The photos of my gallery are out of reach just now."
SIZE = 5 + 1 + len(NAMES)  # images of the gallery


@dataclass(frozen=True)
class OddGallery:
    """A folder, a bot and a web front that serve it, and a person at the bot."""

    folder: Path
    playground: Playground
    web: httpx.AsyncClient
    person: Person
    bot: KindredApplication

    @contextmanager
    def away(self) -> Iterator[None]:
        """Unmount the folder while the block runs: an empty one is in its place."""
        elsewhere = self.folder.rename(self.folder.with_name("elsewhere"))
        self.folder.mkdir()
        try:
            yield
        finally:
            self.folder.rmdir()
            elsewhere.rename(self.folder)


@pytest_asyncio.fixture(scope="module")
async def odd(
    settings: Settings, shipped: Checkpoint, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[OddGallery]:
    """Odd files and names, and a photo of which only a half is left."""
    work = tmp_path_factory.mktemp("odd")
    folder = work / "mine"
    write_odd_files(folder)
    write_odd_names(folder)
    (folder / "half.jpg").write_bytes(encoded(ImageOps.flip(meadow())))
    settings = settings.model_copy(update={"gallery": folder, "two_stages": False})
    engine = await open_shipped_engine(settings, shipped)
    half = (folder / "half.jpg").read_bytes()
    (folder / "half.jpg").write_bytes(half[: len(half) // 2])
    async with (
        Playground() as playground,
        SQLiteStore.open(work / "bot.sqlite3") as store,
        WebServer(engine, Metrics()) as web,
        http_client(base_url=web.address, timeout=TIMEOUT) as client,
    ):
        ada = playground.person("Ada")
        storage = playground.group("Storage", ada)
        bot = build_bot(settings, playground, engine, store, storage_chat=storage.id)
        async with running_bot(bot):
            yield OddGallery(folder, playground, client, ada, bot)
        if schema.at_hand():
            assert not schema.load().faults(playground.call_log)
    await engine.close()


async def test_an_album_arrives_whatever_its_files_are(odd: OddGallery) -> None:
    odd.playground.call_log.clear()
    *album, said = await ask(odd.person, "/find the sea", 10)
    assert said.text == "Photos of the sea"
    assert "Photos: mine." in album[0].text
    assert len({photo.album for photo in album}) == 1
    assert "half.jpg" not in album[0].text
    *same, again = await ask(odd.person, "/find the sea", 1 + len(album))
    assert (again.text, same[0].text) == (said.text, album[0].text)
    await wait_until_idle(odd.bot)
    uploads = [exchange for exchange in odd.playground.call_log if exchange.method == "sendMediaGroup"]
    # Telegram has them the second time.
    assert [len(exchange.uploads) for exchange in uploads] == [len(album), 0]


async def test_names_of_all_kinds_are_shown_in_captions(odd: OddGallery) -> None:
    first, *_ = await ask(odd.person, "/find a green meadow under the sky", 10)
    *lines, _ = first.text.splitlines()
    assert len(lines) <= 4  # perhaps a doubt, and names by closeness: none of them has broken its line
    shown = [part for line in lines for part in line.split(", ")]
    for name in ("f%EAte.jpg", "f%25EAte.jpg", 'a%0A"b"\'s.jpg', "<b>&.jpg", "…ddddd/🐕🐕 100%.jpg"):
        assert any(part.endswith(f" {name}") for part in shown), (name, shown)


async def test_images_of_all_names_can_be_chosen_by_a_button(odd: OddGallery) -> None:
    *_, answer = await ask(odd.person, "/find a green meadow under the sky", 10)
    await odd.person.press(answer, EN("button-pick"), TIMEOUT)
    opened = await odd.person.wait_for(lambda seen: seen.id == answer.id and "1" in seen.data, TIMEOUT)
    assert all(len(data.encode()) <= 64 for data in opened.data.values())
    await odd.person.press(answer, "1", TIMEOUT)
    *album, alike = await odd.person.replies(10, TIMEOUT)
    assert alike.text == "More like the photo you chose"
    assert len(album) >= 9


async def test_images_of_all_names_are_inline_results(odd: OddGallery) -> None:
    await odd.person.inline("a green meadow", timeout=TIMEOUT)  # uploads them
    shown = await odd.person.inline("green meadow", timeout=TIMEOUT)
    assert len(shown.results) >= len(NAMES)


async def test_images_of_all_names_have_an_address(odd: OddGallery) -> None:
    found = await odd.web.post("/v1/search", json={"text": "a green meadow", "count": 50})
    names = {match["image"] for match in found.json()["matches"]}
    assert names >= set(NAMES.values())
    for name in NAMES.values():
        path = "/".join(quote(part, safe="") for part in name.split("/"))
        picture = await odd.web.get(f"/v1/pictures/{path}", params={"side": 64})
        assert (picture.status_code, picture.content[:2]) == (200, b"\xff\xd8"), name
        named = (await odd.web.post("/v1/describe", json={"image": name, "count": 50})).json()
        assert name in {match["image"] for match in (named["known"], *named["matches"])}


async def test_an_image_with_the_longest_name_of_all_is_only_unknown(odd: OddGallery) -> None:
    longest = "/".join(["%EA" * 255] * 16)
    assert (await odd.web.get(f"/v1/pictures/{quote(longest)}")).status_code == 404
    assert (await odd.web.post("/v1/captions", json={"image": longest})).status_code == 404


async def test_the_bot_says_when_photos_are_out_of_reach_and_goes_on(odd: OddGallery) -> None:
    ada = odd.person
    *_, answer = await ask(ada, "/find the sea", 10)
    with odd.away():
        for text in (
            "/find the sea",
            "/random",
            "/map photos",
            "the sky above a meadow",
            "/start find-the-sea",
        ):
            assert (await ask(ada, text, 1))[-1].text.startswith(AWAY), text
        for button in (EN("button-next"), EN("button-pick")):
            await ada.press(answer, button, TIMEOUT)
            assert (await ada.replies(1, TIMEOUT))[0].text.startswith(AWAY)
        for caption in ("", "the water"):
            await ada.send_photo(encoded(ocean()), caption=caption)
            (described,) = await ada.replies(1, TIMEOUT)
            assert any(entity["type"] == "bold" for entity in described.entities)  # the caption
            assert AWAY in described.text
        inline = await ada.inline("the blue sea", timeout=TIMEOUT)
        assert (inline.results, inline.button is not None) == ((), True)
        assert (await ask(ada, "/similar boy", 1))[0].text.startswith("Words close to boy")
    assert len(await ask(ada, "/find the sea", 10)) >= 10
    await ada.press(answer, EN("button-next"), TIMEOUT)
    album, *_ = await ada.replies(2, TIMEOUT)
    assert album.photo
    assert (await ask(ada, "/random", 9))[0].photo
    await ada.say("/map photos")
    await ada.wait_for(lambda seen: seen.text.startswith("My photos."), TIMEOUT)
    assert (await ada.inline("a blue sea", timeout=TIMEOUT)).results


async def test_the_api_says_when_photos_are_out_of_reach_and_goes_on(odd: OddGallery) -> None:
    web, photo = odd.web, {"photo": encoded(ocean())}
    asked = (
        ("POST", "/v1/search", {"json": {"text": "the sea"}}),
        ("POST", "/v1/search", {"files": photo}),
        ("GET", "/v1/maps/images", {}),
        ("GET", "/v1/maps/images.png", {}),
    )
    picture = ("GET", "/v1/pictures/phone.avif", {})
    with odd.away():
        for method, path, sent in asked:
            response = await web.request(method, path, **sent)
            assert (response.status_code, response.json()["error"][: len(AWAY)]) == (503, AWAY), path
            assert response.headers["retry-after"]
        response = await web.request(*picture[:2])
        assert (response.status_code, "out of reach" in response.json()["error"]) == (404, True)
        assert response.headers["cache-control"] == "no-store"
        described = (await web.post("/v1/describe", files=photo)).json()
        assert described["captions"] and not described["matches"]
        assert (await web.get("/healthz")).status_code == 200
    for method, path, sent in (*asked, picture):
        assert (await web.request(method, path, **sent)).status_code == 200, path


async def test_what_is_gone_costs_only_itself(odd: OddGallery) -> None:
    gone = [odd.folder / name for name in ("panorama.jpg", "strip.jpg", "large.png", "scan.tif")]
    contents = [file.read_bytes() for file in gone]
    for file in gone:
        file.unlink()
    try:
        found = (await odd.web.post("/v1/search", json={"text": "the sea", "count": SIZE - 4})).json()
        assert len(found["matches"]) == SIZE - 4
        points = (await odd.web.get("/v1/maps/images")).json()["points"]
        assert len(points) == SIZE - 4
        assert (await odd.web.get("/v1/maps/images.png")).status_code == 200  # with a blank for half.jpg
        assert len(await ask(odd.person, "/random", SIZE - 5)) >= SIZE - 5
    finally:
        for file, content in zip(gone, contents, strict=True):
            file.write_bytes(content)


async def test_a_photo_that_vanishes_while_an_album_is_made_costs_only_itself(
    scripted_bot: object, scripted: ScriptedEngine, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = scripted.picture

    async def missing(image: str) -> bytes:
        if image == "1.jpg":
            raise FileNotFoundError(2, "No such file or directory", image)
        return await picture(image)

    monkeypatch.setattr(scripted, "picture", missing)
    scripted.matches = tuple(Match(f"{n}.jpg", 0.9 - n / 10) for n in range(3))
    await ada.say("/find a dog")
    *album, _ = await ada.replies(3, TIMEOUT)
    assert "Close: 1 0.jpg, 3 2.jpg" in album[0].text  # as the buttons number them


async def test_photos_that_all_vanish_while_an_album_is_made_are_out_of_reach(
    scripted_bot: object, scripted: ScriptedEngine, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def missing(image: str) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", image)

    monkeypatch.setattr(scripted, "picture", missing)
    await ada.say("/find a dog")
    *_, last = await ada.replies(2, TIMEOUT)
    assert last.text.startswith(AWAY)
