"""A gallery as disks hold it: photos over Telegram's limits, phones' formats, damaged and vanished files."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from bot.playground import Person, Playground
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from engine.model.checkpoint import Checkpoint
from engine.results import Match
from tests.bot.conversation.test_own_gallery import ask, serving
from tests.bot.harness import TIMEOUT, ScriptedEngine, jpeg
from tests.paint import beach, meadow, night, ocean, sunset

pytestmark = pytest.mark.usefixtures("schema_checked")


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def odd_files(folder: Path) -> None:
    """Photos that Telegram refuses as they lie, in formats that phones and cameras write."""
    sea = ocean()
    (folder / "@eaDir").mkdir(parents=True)
    (folder / "@eaDir" / "thumb.jpg").write_bytes(jpeg(sea))
    (folder / "panorama.jpg").write_bytes(jpeg(sea.resize((9000, 1500))))
    (folder / "strip.jpg").write_bytes(jpeg(beach().resize((2400, 100))))
    (folder / "large.png").write_bytes(encoded(Image.effect_noise((2200, 2000), 90).convert("RGB"), "PNG"))
    (folder / "phone.avif").write_bytes(encoded(sunset(), "AVIF"))
    (folder / "scan.tif").write_bytes(encoded(night(), "TIFF"))
    (folder / "half.jpg").write_bytes(jpeg(meadow()))
    Path(os.fsdecode(os.fsencode(folder) + b"/f\xeate.jpg")).write_bytes(jpeg(meadow()))


async def test_an_album_arrives_whatever_its_files_are(
    settings: Settings,
    shipped: Checkpoint,
    playground: Playground,
    store: SQLiteStore,
    ada: Person,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "mine"
    odd_files(folder)
    async with serving(settings, shipped, playground, store, folder):
        content = (folder / "half.jpg").read_bytes()
        (folder / "half.jpg").write_bytes(content[: len(content) // 2])  # a copy that broke off
        said, *album = await ask(ada, "/find the sea", 7)
        assert "mine, 7 photos" in said.text
        assert len({photo.album for photo in album}) == 1
        assert "f%EAte.jpg" in album[0].text
        assert "half.jpg" not in album[0].text
        again, *_ = await ask(ada, "/find the sea", 7)
        assert again.text == said.text
    uploads = [exchange for exchange in playground.call_log if exchange.method == "sendMediaGroup"]
    assert [len(exchange.uploads) for exchange in uploads] == [6, 0]  # Telegram has them the second time


async def test_a_photo_that_vanished_costs_only_itself(
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
    _, *album = await ada.replies(3, TIMEOUT)
    assert "0.jpg · 0.70 2.jpg" in album[0].text


async def test_photos_that_all_vanished_are_said_to_be_gone(
    scripted_bot: object, scripted: ScriptedEngine, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def missing(image: str) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", image)

    monkeypatch.setattr(scripted, "picture", missing)
    await ada.say("/find a dog")
    *_, last = await ada.replies(2, TIMEOUT)
    assert "do not have this photo" in last.text
