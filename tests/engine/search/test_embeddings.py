"""Image embeddings: storage, freshness and incremental updates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from data.gallery import folder_gallery
from engine.errors import GalleryError
from engine.model.checkpoint import Checkpoint
from engine.photos import decoding, preprocess
from engine.search import embeddings
from engine.search.embeddings import UpdateReport
from engine.settings import EngineSettings
from tests.processors import by_precision

MakeImage = Callable[..., Path]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EngineSettings:
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)
    return EngineSettings(home=tmp_path / "home", artifact=tmp_path / "artifact")


def test_embeddings_are_loaded_with_their_images(tmp_path: Path) -> None:
    matrix = np.eye(3, 5, dtype=np.float32)
    embeddings.save(
        embeddings.ImageEmbeddings(("a.jpg", "b.jpg", "c.jpg"), matrix), tmp_path / "v.safetensors", "f"
    )
    loaded = embeddings.load(tmp_path / "v.safetensors", "f")
    assert loaded is not None
    assert loaded.images == ("a.jpg", "b.jpg", "c.jpg")
    np.testing.assert_allclose(loaded.matrix, matrix)


def test_embeddings_of_another_network_are_not_used(tmp_path: Path) -> None:
    file = tmp_path / "v.safetensors"
    embeddings.save(embeddings.ImageEmbeddings(("a.jpg",), np.ones((1, 4), dtype=np.float32)), file, "this")
    assert embeddings.load(file, "that") is None


def test_damaged_embeddings_are_not_used(tmp_path: Path) -> None:
    (tmp_path / "v.safetensors").write_bytes(b"half a file")
    assert embeddings.load(tmp_path / "v.safetensors", "f") is None


@pytest.mark.parametrize("damage", ["cut", "fewer rows", "no number"])
def test_truncated_or_mismatched_embeddings_are_computed_again(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage, tmp_path: Path, damage: str
) -> None:
    for number in range(3):
        make_image(f"mine/{number}.png", (80 * number, 10, 10))
    gallery = folder_gallery(tmp_path / "mine", "mine")
    before = embeddings.open_embeddings(gallery, loaded, settings)
    file = embeddings.embeddings_file(gallery, loaded, settings)
    torn = {"fewer rows": before.matrix[:2], "no number": before.matrix * np.nan}
    if damage in torn:
        embeddings.save(replace(before, matrix=torn[damage]), file, loaded.fingerprint)
    else:
        file.write_bytes(file.read_bytes()[:-100])
    after = embeddings.open_embeddings(gallery, loaded, settings)
    np.testing.assert_allclose(after.matrix, before.matrix, atol=1e-3)
    assert embeddings.load(file, loaded.fingerprint) is not None


def test_an_image_that_cannot_be_read_is_left_out(
    loaded: Checkpoint, make_image: MakeImage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_image("mine/good.png")
    (tmp_path / "mine" / "bad.jpg").write_text("no image")
    found = embeddings.embed_gallery(folder_gallery(tmp_path / "mine", "mine"), loaded)
    assert found.images == ("good.png",)
    assert "bad.jpg" in caplog.text


def test_embeddings_of_missing_files_are_dropped(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    make_image("mine/here.png")
    make_image("mine/gone.png")
    gallery = folder_gallery(tmp_path / "mine", "mine")
    file = embeddings.embeddings_file(gallery, loaded, settings)
    embeddings.save(embeddings.embed_gallery(gallery, loaded), file, loaded.fingerprint)
    left = replace(gallery, images=("here.png", "new.png"))
    assert embeddings.open_embeddings(left, loaded, settings).images == ("here.png",)


@by_precision
@pytest.mark.usefixtures("processor")
def test_two_folders_of_one_name_do_not_share_embeddings(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    one = folder_gallery(make_image("here/photos/a.png", colour=(255, 0, 0)).parent, "photos")
    other = folder_gallery(make_image("there/photos/a.png", colour=(0, 0, 255)).parent, "photos")
    file = embeddings.embeddings_file(one, loaded, settings)
    embeddings.save(embeddings.embed_gallery(one, loaded), file, loaded.fingerprint)
    matrices = [embeddings.open_embeddings(gallery, loaded, settings).matrix for gallery in (one, other)]
    assert not np.allclose(*matrices, atol=1e-3)


def test_a_small_gallery_is_embedded_when_opened_and_a_large_one_is_not(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    photo = make_image("mine/one.png")
    gallery = folder_gallery(tmp_path / "mine", "mine")
    assert embeddings.open_embeddings(gallery, loaded, settings).images == ("one.png",)
    for number in range(embeddings.MAX_IMMEDIATE + 1):
        (tmp_path / "large" / f"{number}.png").parent.mkdir(exist_ok=True)
        (tmp_path / "large" / f"{number}.png").symlink_to(photo)
    with pytest.raises(GalleryError, match="python -m engine index"):
        embeddings.open_embeddings(folder_gallery(tmp_path / "large", "large"), loaded, settings)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The photos that were encoded, in order."""
    decoded: list[bytes] = []

    def decode_to_tensor(photo: bytes, side: int) -> torch.Tensor:
        decoded.append(photo)
        return preprocess.to_tensor(decoding.decode(photo, side), side)

    monkeypatch.setattr(preprocess, "decode_to_tensor", decode_to_tensor)
    return decoded


@pytest.fixture
def update(loaded: Checkpoint, tmp_path: Path) -> Callable[[], UpdateReport]:
    return lambda: embeddings.update(
        folder_gallery(tmp_path / "mine", "mine"), loaded, tmp_path / "vectors.safetensors"
    )


@by_precision
@pytest.mark.usefixtures("processor")
def test_only_what_is_new_or_changed_is_encoded(
    update: Callable[[], UpdateReport], make_image: MakeImage, encoded: list[bytes]
) -> None:
    kept, changed = make_image("mine/kept.png"), make_image("mine/below/changed.png")
    gone = make_image("mine/gone.png")
    first = update()
    assert first.encoded == 3
    encoded.clear()
    new = make_image("mine/a new one.png", (10, 200, 10))
    make_image("mine/below/changed.png", (10, 10, 200), size=(50, 50))
    gone.unlink()
    second = update()
    assert encoded == [new.read_bytes(), changed.read_bytes()]
    assert (second.encoded, second.removed) == (2, 1)
    assert second.embeddings.images == ("kept.png", "a new one.png", "below/changed.png")
    row = first.embeddings.images.index(kept.name)
    np.testing.assert_allclose(second.embeddings.matrix[0], first.embeddings.matrix[row], atol=1e-3)


def test_an_unchanged_gallery_is_left_alone(
    update: Callable[[], UpdateReport], make_image: MakeImage, tmp_path: Path
) -> None:
    make_image("mine/one.png")
    (tmp_path / "mine" / "bad.jpg").write_text("no image")
    first, written = update(), (tmp_path / "vectors.safetensors").stat().st_ino
    second = update()
    assert (second.encoded, second.removed) == (0, 0)
    assert (tmp_path / "vectors.safetensors").stat().st_ino == written
    np.testing.assert_array_equal(first.embeddings.matrix, second.embeddings.matrix)


def test_a_removed_photo_is_dropped_even_if_none_is_new(
    update: Callable[[], UpdateReport], make_image: MakeImage
) -> None:
    make_image("mine/one.png")
    gone = make_image("mine/gone.png")
    update()
    gone.unlink()
    assert update().embeddings.images == ("one.png",)


def test_an_interrupted_update_resumes(
    update: Callable[[], UpdateReport],
    make_image: MakeImage,
    encoded: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(5):
        make_image(f"mine/{number}.png", (number, 0, 0))
    monkeypatch.setattr(embeddings, "SAVE_INTERVAL", 2)
    decode = decoding.decode

    def stop(photo: bytes, side: int) -> Image.Image:
        if len(encoded) > 3:
            raise KeyboardInterrupt
        return decode(photo, side)

    monkeypatch.setattr(decoding, "decode", stop)
    with pytest.raises(KeyboardInterrupt):
        update()
    encoded.clear()
    monkeypatch.setattr(decoding, "decode", decode)
    assert len(update().embeddings.images) == 5
    assert len(encoded) == 3


@pytest.mark.parametrize("content", [b"no image", b"x" * (decoding.MAX_BYTES + 1)])
def test_a_file_that_is_not_a_photo_is_logged_once_and_not_retried(
    update: Callable[[], UpdateReport],
    make_image: MakeImage,
    caplog: pytest.LogCaptureFixture,
    settings: EngineSettings,
    loaded: Checkpoint,
    tmp_path: Path,
    content: bytes,
) -> None:
    make_image("mine/good.png")
    (tmp_path / "mine" / "bad.jpg").write_bytes(content)
    assert update().embeddings.images == ("good.png",)
    (line,) = caplog.messages
    assert line.startswith("bad.jpg is left out: ")
    caplog.clear()
    gallery = folder_gallery(tmp_path / "mine", "mine")
    embeddings.open_embeddings(gallery, loaded, settings)
    caplog.clear()
    found = embeddings.open_embeddings(gallery, loaded, settings)
    assert not caplog.messages
    (notice,) = embeddings.notices(gallery, found)
    assert notice.startswith("1 files cannot be read")


def test_a_gallery_of_unreadable_files_is_an_error(
    update: Callable[[], UpdateReport], tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "bad.jpg").write_text("no image")
    for _ in range(2):
        with pytest.raises(GalleryError, match="No image in"):
            update()


def test_a_changed_photo_is_encoded_again(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    make_image("mine/one.png", (250, 0, 0))
    gallery = folder_gallery(tmp_path / "mine", "mine")
    before = embeddings.open_embeddings(gallery, loaded, settings)
    make_image("mine/one.png", (0, 0, 250), size=(50, 50))
    after = embeddings.open_embeddings(gallery, loaded, settings)
    assert after.images == before.images
    assert not np.allclose(after.matrix, before.matrix, atol=1e-3)


def test_many_new_photos_wait_for_the_index_command(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    photo = make_image("mine/a.png")
    embeddings.open_embeddings(folder_gallery(tmp_path / "mine", "mine"), loaded, settings)
    for number in range(embeddings.MAX_IMMEDIATE + 1):
        (tmp_path / "mine" / f"{number}.png").symlink_to(photo)
    gallery = folder_gallery(tmp_path / "mine", "mine")
    found = embeddings.open_embeddings(gallery, loaded, settings)
    assert found.images == ("a.png",)
    (notice,) = embeddings.notices(gallery, found)
    assert notice.startswith(f"{embeddings.MAX_IMMEDIATE + 1} photos have no vectors yet")
